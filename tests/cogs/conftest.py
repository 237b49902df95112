"""One house per file of tests, with everything at its default but the pace; inspected after every test."""

from collections.abc import AsyncIterator

import pytest

from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from tests.cogs.limiting import undo
from tests.house import House, open_house


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As in tests/conftest.py, for fixtures that live as long as a file."""
    return "asyncio"


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture
async def house(shared_house: House) -> AsyncIterator[House]:
    """The file's house. What a test does to it is inspected at its end."""
    yield shared_house
    await shared_house.inspect()


@pytest.fixture
def ada(house: House) -> Member:
    """A member who has spent nothing yet."""
    return house.member()


@pytest.fixture
def linus(house: House) -> Member:
    """Another one."""
    return house.member()


@pytest.fixture
def mary(house: House) -> Member:
    """Staff, by Manage Server."""
    return house.discord.member("Mary")


@pytest.fixture
def room(house: House) -> Channel:
    """A channel with nothing in it."""
    return house.channel()


@pytest.fixture
async def limits_as_they_were(house: House) -> AsyncIterator[None]:
    """What a test sets for the whole server is undone."""
    yield
    await undo(house)
