"""The page in a real browser: what a newcomer does first, with the mouse and the keys.

Skipped, with a loud reason, where there is no Chromium.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.page.server import Page
from tests.house import House
from tests.sandbox.page.chromium import Chromium, Window, binary, chromium

pytestmark = pytest.mark.skipif(
    binary() is None, reason="NO CHROMIUM: the page was not seen. On Debian and Ubuntu: apt install chromium"
)

PLAYS = """(async () => {
    const player = [...document.querySelectorAll('video')].at(-1);
    if (!player) return false;
    player.muted = true;
    await player.play();
    await new Promise(done => setTimeout(done, 200));
    return player.currentTime > 0 && player.videoWidth;
})()"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Chromium]:
    async with chromium() as browser:
        yield browser


async def opened(browser: Chromium, page: Page, name: str = "", width: int = 1280, height: int = 800) -> Window:
    """A window of the page, at which `name` sits."""
    window = await browser.window(f"{page.address}{name and f'#{name}'}", width=width, height=height)
    await window.until(f"document.querySelector('#become')?.value === {name or 'Ada'!r}", "the page")
    return window


def is_near(address: str) -> bool:
    return urlsplit(address).hostname == "127.0.0.1" or urlsplit(address).scheme in ("data", "blob")


async def generate(window: Window, prompt: str) -> None:
    """/generate at 360p, typed."""
    await window.press("#write")
    await window.write("/gen")
    await window.says("/generate", "#picker")
    await window.key("Enter")
    await window.until("document.activeElement?.dataset.option === 'prompt'", "a required option to begin with")
    await window.write(prompt)
    await window.press("[data-add=resolution]")
    await window.choose("[data-option=resolution]", "360p")
    await window.press(".command [type=submit]")
    await window.says("Nothing is bought yet", "#log")


async def test_from_the_first_slash_to_a_playing_video_before_two_people(
    house: House, page: Page, browser: Chromium, tmp_path: Path
) -> None:
    ada, linus = await opened(browser, page), await opened(browser, page, "Linus", width=390, height=844)
    await generate(ada, "A fox **in** the snow")
    assert "A fox **in** the snow" in await ada.text("#log"), "the prompt is shown as it was typed"
    assert "Only you can see this" in await ada.text("#log")
    assert "Nothing is bought yet" not in await linus.text("#log")
    await ada.press("#log .button", "Confirm")
    for window in (ada, linus):
        await window.says("Your video is ready", "#log")
        assert await window.until(PLAYS, "a playing video") == 640
    await ada.press("#open-panel")
    await ada.says("✓ They agree.", "#panel")
    assert "$0.06" in await ada.text(".books")
    for window in (ada, linus):
        assert window.complaints() == []
        assert [address for address in window.asked() if not is_near(address)] == []
        assert not await window.run("document.documentElement.scrollWidth > innerWidth"), "it scrolls sideways"
    await house.quiet()


async def test_a_file_from_the_disk_is_sent(house: House, page: Page, browser: Chromium, tmp_path: Path) -> None:
    from sandbox.clip import clip

    mine = tmp_path / "mine.mp4"
    mine.write_bytes(clip(640, 360, 3_000_000))
    ada = await opened(browser, page, "Edsger")
    await ada.press("[data-channel]", "videos")
    await ada.press("#write")
    await ada.write("/edit in the rain")
    await ada.press("[data-add=video]")
    await ada.attach("input[type=file][data-option=video]", mine)
    await ada.says("mine.mp4", ".chosen")
    await ada.until("/\\d (KB|MB)/.test(document.querySelector('.chosen').innerText)", "a file that is there")
    await ada.press(".command [type=submit]")
    await ada.says("in the rain", "#log")
    await ada.press("#log .button", "Cancel")
    await ada.says("Nothing was bought", "#log")


async def test_a_picture_in_a_message_is_animated_by_the_keys_alone(
    house: House, page: Page, browser: Chromium
) -> None:
    linus = await opened(browser, page, "Linus", width=390, height=844)
    await linus.press("[aria-label='Attach files']")
    await linus.press(".samples button", "photo")
    await linus.until("/\\d (KB|MB)/.test(document.querySelector('.chosen').innerText)", "a file that is there")
    await linus.press("#write")
    await linus.write("A fox in the snow")
    await linus.key("Enter")
    last = "document.querySelector('#log li:last-child')"
    await linus.until(f"{last}?.innerText.includes('A fox in the snow') && Boolean({last}.querySelector('img'))")
    await linus.run(f"{last}.querySelector('.apps').focus()")
    await linus.key("Enter")
    await linus.until("document.activeElement.innerText === 'Animate this image'", "the first entry")
    for key, name in (("ArrowDown", "Edit this video"), ("Escape", "Apps")):
        await linus.key(key)
        await linus.until(f"document.activeElement.innerText === {name!r}", name)
    await linus.key("Enter")
    await linus.until("document.activeElement.innerText === 'Animate this image'", "the list once more")
    await linus.key("Enter")
    await linus.until("document.querySelector('dialog.modal')?.open", "a form")
    assert await linus.run("document.querySelector('[data-field=prompt]').value") == "A fox in the snow"
    assert not await linus.run("document.documentElement.scrollWidth > innerWidth"), "it scrolls sideways"
    await linus.press("dialog [type=submit]")
    await linus.says("Nothing is bought yet", "#log")
    assert "this video" in await linus.text("#log")
    assert linus.complaints() == []


async def test_who_is_too_slow_reads_discords_words(house: House, page: Page, browser: Chromium) -> None:
    house.explained.add("was not acknowledged within 3 s")
    mary = await opened(browser, page, "Mary")
    await mary.press("[data-channel]", "after-dark")
    await generate(mary, "Rain")
    await mary.press("#open-panel")
    await mary.press(".switch", "Answers come too late")
    await mary.until("document.querySelector('[data-key=discord-answer-late]').checked")
    await mary.press("#log .button", "Cancel")
    await mary.says("This interaction failed", "#log")
    await mary.press("#write")
    await mary.write("/jobs ")
    await mary.until("document.activeElement.type === 'submit'", "nothing to fill in")
    await mary.key("Enter")
    await mary.says("The application did not respond", "#log")
    await mary.press(".switch", "Answers come too late")


async def test_everything_can_be_reached_and_has_a_name(page: Page, browser: Chromium) -> None:
    grace = await opened(browser, page, "Grace")
    await grace.press("#open-panel")
    await grace.says("Bill and books".upper(), "#panel")
    nameless = await grace.run(
        """[...document.querySelectorAll('button, input, select, textarea, a[href], video, [role=listbox]')]
            .filter(one => one.getClientRects().length)
            .filter(one => !(one.innerText || one.ariaLabel || one.labels?.length || one.title))
            .map(one => one.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
    await grace.run("document.activeElement.blur(); document.querySelector('.skip').focus()")
    seen: set[str] = set()
    for _ in range(60):
        await grace.key("Tab")
        seen.add(await grace.run("document.activeElement.id || document.activeElement.className"))
    assert {"become", "theme", "open-panel", "log", "write"} <= seen
