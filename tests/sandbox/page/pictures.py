"""`python -m tests.sandbox.page.pictures`: the pictures in the README, taken anew of what is there.

They go into docs/pictures, or into the folder that is named, as small as 256 colours make them. Each is what
somebody at a window sees.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from PIL import Image

from sandbox.page.server import Page
from sandbox.page.stage import Stage
from sandbox.process import ROOT
from tests.house import House, open_house
from tests.sandbox.page.chromium import MISSING, Chromium, Window, binary, chromium
from tests.sandbox.page.visit import choose, fill, generate, go, opened, quoted, send, start

FOX: Final = "A red fox crosses a frozen lake at dawn, slow push in, breath in the cold air"
FREEZE: Final = "document.querySelectorAll('video').forEach(one => { one.pause(); one.currentTime = 1.5; })"
STILL: Final = "[...document.querySelectorAll('video')].every(one => one.readyState >= 2 && !one.seeking)"


async def main(folder: Path) -> int:
    """The exit status: 1 where there is no Chromium."""
    if binary() is None:
        print(MISSING)  # noqa: T201
        return 1
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with _house() as (house, page), chromium() as browser:
        await _desktop(house, page, browser, folder)
        await _phone(house, page, browser, folder)
        await _staff(house, page, browser, folder)
    return 0


@asynccontextmanager
async def _house() -> AsyncGenerator[tuple[House, Page]]:
    with tempfile.TemporaryDirectory() as name:
        async with (
            open_house(Path(name), one_clock=True) as house,
            Page(Stage(sandbox=house.sandbox, bot=house.bot, database=house.database)) as page,
        ):
            yield house, page


async def _desktop(house: House, page: Page, browser: Chromium, folder: Path) -> None:
    """A quote, and what comes of it, dark."""
    ada = await opened(browser, page, "Ada")
    await go(ada, house.discord.channel("videos"))
    await quoted(ada, FOX, resolution="720p")
    await ada.press("#log .button", "Confirm")
    await ada.says("Your video is ready", "#log")
    await house.quiet()
    await quoted(ada, "The same fox, at night, in falling snow")
    await _taken(ada, folder / "desktop-dark.png")


async def _phone(house: House, page: Page, browser: Chromium, folder: Path) -> None:
    """What everybody in the channel sees, on a phone, in the light."""
    linus = await opened(browser, page, "Linus", width=390, height=844, dark=False)
    await linus.press("#open-side")
    await go(linus, house.discord.channel("videos"))
    await linus.says("Your video is ready", "#log")
    await _taken(linus, folder / "phone-light.png")


async def _staff(house: House, page: Page, browser: Chromium, folder: Path) -> None:
    """A limit that is rehearsed, with the panel, in the light."""
    mary = await opened(browser, page, "Mary", dark=False)
    await start(mary, "limits member")
    await choose(mary, "member", str(house.discord.member("Edsger").id))
    await fill(mary, "limit", "0.60/day")
    await send(mary)
    await mary.says("$0.60/day now", "#log")
    edsger = await opened(browser, page, "Edsger", dark=False)
    await generate(edsger, "A lighthouse in a storm, seen from the sea", resolution="1080p")
    await edsger.says("These fit.", "#log")
    await edsger.press("#open-panel")
    await edsger.says("They agree", "#panel")
    await _taken(edsger, folder / "panel-light.png")


async def _taken(window: Window, path: Path) -> None:
    """Take a picture once everything in it stands still."""
    await window.run(FREEZE)
    await window.until(STILL, "films that stand still")
    await window.run("new Promise(done => setTimeout(done, 400))")
    await window.picture(path)
    await asyncio.to_thread(_shrink, path)


def _shrink(path: Path) -> None:
    """Write a PNG anew with a palette of its own, which for flat colours is a third of it."""
    with Image.open(path) as whole:
        whole.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Take the README's pictures of the sandbox's page.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "pictures")
    sys.exit(asyncio.run(main(parser.parse_args().folder)))
