"""The door and what stands beside it: `run`, `.ci/run` and pins.txt; and what no file may hold."""

import importlib.metadata
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parent.parent
RUN: Final = ROOT / "run"
SHELLS: Final = [name for name in ("sh", "dash", "bash") if shutil.which(name)]
NEEDS: Final = ("sh", "cat", "cksum", "dirname", "rm", "tr")
"""All that `run` uses beside Python."""

FOREIGN: Final = re.compile(
    r"/w[o]rk/|/r[o]ot/|/h[o]me/\w|/t[m]p/\w|python[h]osted|p[y]pi\.org|registry\.n[p]mjs|crates\.[i]o|proxy\.g[o]lang"
)
"""Paths of one machine and hosts of package indexes, written so that this file holds none."""


def run(*words: str, script: Path = RUN, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([script, *words], capture_output=True, text=True, timeout=60, check=False, **options)


CALLED: Final = "(IFS='|'; echo \"$*\" >>calls)"
"""Shell that writes down what a stand-in was told, its words apart."""

OLD_PYTHON: Final = (
    f"""exec "{sys.executable}" -c "import sys; sys.version_info = (3, 10, 14); exec(sys.argv[1])" "$2" """
)


def commands() -> list[str]:
    """The commands of `run`, as its own code has them."""
    return re.findall(r"^([a-z]+)\)$", RUN.read_text(), re.MULTILINE)


class Checkout:
    """A copy of what `run` needs, with a stand-in for the Python of its .venv that writes down what it is told.

    `python`: without it there is no .venv. Only what NEEDS names is on its PATH.
    """

    def __init__(self, folder: Path, *, python: bool = True) -> None:
        self.folder = folder
        self.tools = folder / "tools"
        self.tools.mkdir()
        for name in NEEDS:
            found = shutil.which(name)
            assert found is not None
            (self.tools / name).symlink_to(found)
        for name in ("run", "pyproject.toml", "pins.txt"):
            shutil.copy(ROOT / name, folder)
        if python:
            self.put(
                ".venv/bin/python",
                f"""[ "$1" != - ] || exec "{sys.executable}" "$@"
                {CALLED}
                [ "$2" != pip ] || exit "${{PIP_ENDS:-0}}" """,
            )

    def put(self, path: str, script: str) -> None:
        """Add a program of a few lines of shell."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return run(*words, script=self.folder / "run", env={"PATH": str(self.tools), **environment})

    @property
    def calls(self) -> list[str]:
        """What the stand-in was told since the last look."""
        file = self.folder / "calls"
        calls = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return calls

    @property
    def wanted(self) -> set[str]:
        """The names of the packages that were asked for."""
        return {Requirement(line).name for line in (self.folder / ".venv/wanted.txt").read_text().splitlines()}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("script", [RUN, ROOT / ".ci" / "run"], ids=["run", ".ci/run"])
def test_the_scripts_can_be_run(script: Path) -> None:
    assert script.stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("shell", SHELLS)
def test_run_is_plain_posix_shell(shell: str) -> None:
    assert RUN.read_text().startswith("#!/bin/sh\n")
    checked = subprocess.run([shell, "-n", RUN], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_run_alone_says_what_it_can_do_from_any_folder(tmp_path: Path) -> None:
    said = run(cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    told = re.findall(r"^\./run ([a-z]+) +\S", said.stdout, re.MULTILINE)
    assert sorted(told) == sorted(commands())


@pytest.mark.parametrize("word", ["help", "-h", "--help"])
def test_run_says_the_same_when_it_is_asked(word: str) -> None:
    said = run(word)
    assert (said.returncode, said.stdout) == (0, run().stdout)


def test_a_command_that_there_is_not_says_what_there_is_and_exits_with_2() -> None:
    said = run("tset")
    assert (said.returncode, said.stdout, said.stderr) == (2, "", run().stdout)


def test_packages_are_installed_once_and_again_when_their_pins_have_changed(checkout: Checkout) -> None:
    assert checkout.run("bot").returncode == 0
    install, start = checkout.calls
    assert install.startswith("-m|pip|install|")
    assert install.endswith("|-c|pins.txt|-r|.venv/wanted.txt")
    assert start == "-m|bot"
    checkout.run("bot")
    assert checkout.calls == ["-m|bot"]
    (checkout.folder / "pins.txt").write_text("idna==3.0\n")
    checkout.run("bot")
    assert checkout.calls == [install, "-m|bot"]


def test_an_installation_that_failed_starts_nothing_and_is_tried_again(checkout: Checkout) -> None:
    assert checkout.run("bot", PIP_ENDS="1").returncode == 1
    assert [call.split("|")[1] for call in checkout.calls] == ["pip"]
    checkout.run("bot")
    assert [call.split("|")[1] for call in checkout.calls] == ["pip", "bot"]


def test_each_command_installs_what_it_needs_and_no_more(checkout: Checkout) -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    base, extras = project["dependencies"], project["optional-dependencies"]
    tried = [*base, *extras["sandbox"]]
    everything = [*tried, *extras["dev"]]
    for name in ("ruff", "pyright"):
        checkout.put(f".venv/bin/{name}", "exit 0")
    needs = {
        "bot": base,
        "doctor": base,
        "backup": base,
        **dict.fromkeys(("sandbox", "bench"), tried),
        **dict.fromkeys(("tour", "test", "check", "soak", "sabotage"), everything),
    }
    assert sorted(needs) == sorted(commands())
    for command, lines in needs.items():
        (checkout.folder / "pins.txt").write_text(f"# for {command}\n")
        assert checkout.run(command).returncode == 0
        assert checkout.wanted == {Requirement(line).name for line in lines}, command


def test_further_words_are_handed_over(checkout: Checkout) -> None:
    checkout.run("test", "-k", "two words")
    assert checkout.calls[-1] == "-m|pytest|-k|two words"


def test_check_ends_with_the_first_finding(checkout: Checkout) -> None:
    for name in ("ruff", "pyright"):
        checkout.put(f".venv/bin/{name}", f'{CALLED}\n[ "${{1:-}}" != format ]')
    assert checkout.run("check").returncode == 1
    assert checkout.calls[-2:] == ["check|.", "format|--check|."]


def test_a_machine_without_a_python_that_is_new_enough_hears_of_it(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, python=False)
    checkout.put("tools/python3", OLD_PYTHON)
    said = checkout.run("bot")
    assert said.returncode == 1
    assert said.stderr.startswith("run: Python 3.11 or newer is needed")
    assert not (tmp_path / ".venv").exists()


def test_a_newer_python_is_found_by_its_name_and_what_it_could_not_make_is_taken_away(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, python=False)
    checkout.put("tools/python3", OLD_PYTHON)
    checkout.put("tools/python3.12", f'[ "$1" != -c ] || exec "{sys.executable}" "$@"\n{CALLED}\nexit 1')
    (tmp_path / ".venv").mkdir()
    said = checkout.run("bot")
    assert checkout.calls == ["-m|venv|.venv"]
    assert (said.returncode, said.stderr[:30]) == (1, "run: could not make .venv; on ")
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("description", [True, False], ids=["with Discord's description", "without"])
def test_ci_runs_check_tour_and_test_in_this_order(tmp_path: Path, description: bool) -> None:
    """The tests come last, so that their summary ends the log."""
    checkout = tmp_path / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", checkout / ".ci")
    (checkout / "run").write_text('#!/bin/sh\necho "$1 ${DISCORD_OPENAPI:-}"\n')
    (checkout / "run").chmod(0o755)
    copy = tmp_path / "shared" / "data" / "discord-openapi.json"
    if description:
        copy.parent.mkdir(parents=True)
        copy.write_text("{}")
    environment = {name: value for name, value in os.environ.items() if name != "DISCORD_OPENAPI"}
    said = run(script=checkout / ".ci" / "run", env=environment)
    assert said.returncode == 0
    at = str(copy) if description else ""
    assert said.stdout.splitlines() == [f"{command} {at}" for command in ("check", "tour", "test")]


def test_ci_ends_with_the_first_command_that_fails(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    (tmp_path / "run").write_text('#!/bin/sh\necho "$1"\n[ "$1" != tour ] || exit 3\n')
    (tmp_path / "run").chmod(0o755)
    said = run(script=tmp_path / ".ci" / "run")
    assert (said.returncode, said.stdout.split()) == (3, ["check", "tour"])


def pins() -> dict[str, Requirement]:
    """The lines of pins.txt that hold on this machine, by name."""
    lines = [line for line in (ROOT / "pins.txt").read_text().splitlines() if line and not line.startswith("#")]
    found = [Requirement(line) for line in lines]
    assert len(found) == len({pin.name for pin in found}), "a package is pinned twice"
    return {canonicalize_name(pin.name): pin for pin in found if pin.marker is None or pin.marker.evaluate()}


def asked_for() -> list[Requirement]:
    """What pyproject.toml asks for, its extras included."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(line) for lines in (project["dependencies"], *extras) for line in lines]


def test_every_pin_is_one_exact_version() -> None:
    for pin in pins().values():
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), pin
        assert pin.url is None


def test_every_package_that_is_asked_for_is_pinned_within_its_range() -> None:
    for wanted in asked_for():
        [exactly] = pins()[canonicalize_name(wanted.name)].specifier
        assert wanted.specifier.contains(exactly.version), wanted


def test_every_package_that_comes_with_another_is_pinned_too() -> None:
    reached: set[str] = set()
    waiting = asked_for()
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), wanted.extras or {""}
        if name in reached and not wanted.extras:
            continue
        reached.add(name)
        for line in importlib.metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    assert reached - pins().keys() == set()


def test_what_is_installed_is_what_is_pinned() -> None:
    installed = {name: importlib.metadata.version(name) for name in pins()}
    assert {name: f"=={version}" for name, version in installed.items()} == {
        name: str(pin.specifier) for name, pin in pins().items()
    }


def ignored() -> list[str]:
    return [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]


def test_keys_and_data_are_never_committed() -> None:
    assert {".env", "data", ".venv"} <= set(ignored())


def test_no_file_names_a_path_of_one_machine_or_a_host_of_a_package_index() -> None:
    patterns = [".git", *ignored()]
    looked_at = 0
    found: list[str] = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not any(fnmatch(name, pattern) for pattern in patterns)]
        for name in files:
            if any(fnmatch(name, pattern) for pattern in patterns):
                continue
            text = (Path(folder) / name).read_bytes().decode("utf-8", "replace")
            found += [f"{Path(folder) / name}: {hit[0]}" for hit in FOREIGN.finditer(text)]
            looked_at += 1
    assert looked_at > 100
    assert found == []
