"""The sabotages of tests/sabotage.py fit the code, so that `./run sabotage` does what it says when it is asked."""

import re

import pytest

from tests.sabotage import ROOT, SABOTAGES, Sabotage, misfits

PROMISES = range(1, 8)


def test_every_promise_is_sabotaged() -> None:
    assert sorted({one.promise for one in SABOTAGES}) == list(PROMISES)


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda one: one.what)
def test_a_sabotage_fits_the_code_and_names_tests_that_there_are(sabotage: Sabotage) -> None:
    assert misfits(sabotage) == []
    for test in sabotage.tests:
        file, _, name = test.partition("::")
        name, _, row = name.partition("[")
        text = (ROOT / file).read_text("utf-8")
        assert not name or re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"there is no {test}"
        assert f'"{row.rstrip("]")}' in text, f"there is no row {row}"
