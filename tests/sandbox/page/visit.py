"""People at windows of the page, in Chromium: how they sit down, and what they do with the mouse and the keys."""

import json
from typing import Final

from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.page.server import Page
from tests.sandbox.page.chromium import Chromium, Window

PLAYS: Final = """(async () => {
    const player = [...document.querySelectorAll('#log video')].at(-1);
    if (!player) return false;
    player.muted = true;
    player.loop = true;
    await player.play();
    const before = player.currentTime;
    await new Promise(done => setTimeout(done, 250));
    return player.currentTime !== before && player.videoWidth;
})()"""
"""The width in pixels of the last video, which plays; false while there is none."""


async def opened(
    browser: Chromium,
    page: Page,
    who: Member | str = "",
    *,
    width: int = 1280,
    height: int = 800,
    dark: bool = True,
) -> Window:
    """A window of the page, at which somebody sits: Ada unless it is said who."""
    name = who.name if isinstance(who, Member) else who
    window = await browser.window(f"{page.address}{name and f'#{name}'}", width=width, height=height, dark=dark)
    await window.until(f"document.querySelector('#become')?.value === {json.dumps(name or 'Ada')}", "the page")
    return window


async def go(window: Window, channel: Channel) -> None:
    """Open a channel; in a narrow window they are behind a button."""
    if await window.run("getComputedStyle(document.querySelector('#side')).visibility === 'hidden'"):
        await window.press("#open-side")
        await window.until("document.querySelector('#side').getBoundingClientRect().left === 0", "the channels")
    await window.press(f"[data-channel='{channel.id}']")
    await window.until(f"document.querySelector('[data-channel=\"{channel.id}\"]').ariaCurrent === 'page'")


async def start(window: Window, command: str, first: str = "") -> None:
    """Type a command, and `first` into its first option."""
    await window.press("#write")
    await window.write(f"/{command} {first}")
    await window.says(f"/{command}", ".command-head")


async def choose(window: Window, option: str, value: str) -> None:
    """Add an option that has a list, and choose from it."""
    if not await window.run(f"!!document.querySelector('.command [data-option={option}]')"):
        await window.press(f"[data-add={option}]")
    await window.choose(f"[data-option={option}]", value)


async def fill(window: Window, option: str, text: str) -> None:
    """Write into an option, which is added where it is not there yet."""
    if not await window.run(f"!!document.querySelector('.command [data-option={option}]')"):
        await window.press(f"[data-add={option}]")
    await window.press(f"[data-option={option}]")
    await window.write(text)


async def send(window: Window) -> None:
    """Send the command that is filled in."""
    await window.press(".command [type=submit]")


async def generate(window: Window, prompt: str, **options: str) -> None:
    """/generate, at 360p where nothing else is said."""
    await start(window, "generate", prompt)
    for name, value in {"resolution": "360p", **options}.items():
        await choose(window, name, value)
    await send(window)


async def quoted(window: Window, prompt: str, **options: str) -> None:
    """/generate, until its card is there."""
    await generate(window, prompt, **options)
    await window.says("Nothing is bought yet", "#log > li:last-child")
