"""What `./run bench` is asked for, and what it says where that cannot be."""

from pathlib import Path

import pytest

from bench import environments
from bench.__main__ import QUICK, asked, options
from bench.options import Options


def test_what_is_said_goes_over_the_usual_and_over_the_quick_ones() -> None:
    assert options(asked(["commands"])) == Options()
    assert options(asked(["--quick"])) == QUICK
    assert options(asked(["--quick", "--rounds", "1", "--seconds", "0.5"])).seconds == 0.5
    assert options(asked(["--entries", "1_000"])).entries == 1_000


@pytest.mark.parametrize(
    "words", [["coffee"], ["--seconds", "-1"], ["--seconds", "nan"], ["--render-seconds", "inf"], ["--rounds", "0"]]
)
def test_what_cannot_be_measured_is_said_before_anything_is(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        asked(words)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "must be" in said or "there is no 'coffee'; there are commands" in said


def test_packages_that_cannot_be_had_keep_one_side_from_being_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, say. What can be measured without them is."""
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(environments.DidNotStart, match=r"bench/peers/bare\.txt could not be installed"):
        environments.python_of("bare")
