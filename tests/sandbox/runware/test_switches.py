"""The switches that change a true answer, when another fault has made that answer: it stays as it is."""

import uuid

import pytest

from sandbox.runware.switches import SWITCHES
from tests.sandbox.runware.wire import Counter

CHANGING = [
    name
    for name in SWITCHES
    if name.startswith("runware: cost ")
    or name in ("runware: poll twice", "runware: poll backwards", "runware: poll of strangers")
]


@pytest.mark.parametrize("name", CHANGING)
async def test_a_refusal_is_told_as_it_is(counter: Counter, name: str) -> None:
    """A key that is no longer taken, and the answer that says so has no data."""
    SWITCHES["runware: key refused"].turn_on(counter.runware, 1)
    SWITCHES[name].turn_on(counter.runware, 1)
    answer = await counter.ask({"taskType": "getResponse", "taskUUID": str(uuid.uuid4())})
    assert answer.status == 401
    assert answer.codes == ["invalidApiKey"]
