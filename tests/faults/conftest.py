"""The house in which the rows of a fault table run, one after another."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.house import RENDER_SECONDS, House, open_house

IMPATIENT = {"RUNWARE_TIMEOUT": "1.5"}
"""So that an answer which never comes is not waited for half a minute."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As in tests/conftest.py, for fixtures that live as long as a file."""
    return "asyncio"


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    limits = dict.fromkeys(("ACCOUNT_LIMIT", "DEFAULT_SERVER_LIMIT", "DEFAULT_MEMBER_LIMIT"), "unlimited")
    async with open_house(tmp_path_factory.mktemp("house"), **IMPATIENT, **limits) as house:
        yield house


@pytest.fixture
async def house(shared_house: House) -> AsyncIterator[House]:
    """The table's house. After each row everything is mended, and what the row did to it is audited."""
    shared_house.runware.requests.clear()
    yield shared_house
    shared_house.sandbox.mend()
    await shared_house.inspect()


@pytest.fixture
def slow_enough(request: pytest.FixtureRequest) -> Iterator[None]:
    """Time for something to happen between the progress message and the result."""
    if "house" not in request.fixturenames:
        yield
        return
    house: House = request.getfixturevalue("house")
    house.runware.render_seconds = 0.8
    yield
    house.runware.render_seconds = RENDER_SECONDS
