"""The page over a house: both fakes, the unmodified bot, and people at windows. One for each file of tests."""

import os
from collections.abc import AsyncIterator

import pytest

from sandbox.page.server import Page
from sandbox.page.stage import Stage
from tests.house import House, open_house
from tests.sandbox.page.chromium import MISSING, Chromium, binary, chromium


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As in tests/conftest.py, for fixtures that live as long as a file."""
    return "asyncio"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), one_clock=True) as house:
        yield house


@pytest.fixture(scope="module")
async def page(house: House) -> AsyncIterator[Page]:
    async with Page(Stage(sandbox=house.sandbox, bot=house.bot, database=house.database)) as page:
        yield page


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Chromium]:
    """A browser. Where there is none its tests are skipped, and with RAYBOT_CHROMIUM=must they fail."""
    if binary() is None:
        if os.environ.get("RAYBOT_CHROMIUM") == "must":
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING)
    async with chromium() as browser:
        yield browser
