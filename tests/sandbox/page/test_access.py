"""Who uses the page without a mouse, without sight, on a phone or in the light has all of it too."""

from typing import Final

import pytest

from sandbox.page.server import Page
from tests.house import House
from tests.sandbox.page.chromium import Chromium, Window
from tests.sandbox.page.visit import go, opened, quoted, start

NAMELESS: Final = """[...document.querySelectorAll(
        `button, input, select, textarea, a[href], video, summary, dialog,
        [role=listbox], [role=log], [role=group]`)]
    .filter(one => one.getClientRects().length)
    .filter(one => !(one.innerText?.trim() || one.ariaLabel || one.labels?.length || one.title
        || document.getElementById(one.getAttribute('aria-labelledby')) || one.querySelector('img')?.alt))
    .map(one => one.outerHTML.slice(0, 200))"""

PALE: Final = """(() => {
    const parse = text => {
        const made = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
        made.fillStyle = text;
        made.fillRect(0, 0, 1, 1);
        return [...made.getImageData(0, 0, 1, 1).data].map((one, index) => index === 3 ? one / 255 : one);
    };
    const over = (top, under) => [0, 1, 2].map(n => top[n] * top[3] + under[n] * (1 - top[3]));
    const light = rgb => rgb.map(one => one / 255)
        .map(one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
        .reduce((sum, one, n) => sum + one * [.2126, .7152, .0722][n], 0);
    const behind = one => {
        if (!one) return [255, 255, 255];
        const own = parse(getComputedStyle(one).backgroundColor);
        return own[3] === 1 ? own.slice(0, 3) : over(own, behind(one.parentElement));
    };
    const pale = [];
    for (const one of document.querySelectorAll('body *')) {
        const words = [...one.childNodes].some(each => each.nodeType === 3 && each.textContent.trim());
        const box = one.getClientRects()[0];
        if (!(words || one.placeholder) || !box || box.width < 2) continue;
        if (one.disabled || one.closest('.cover, .spoiler, .unseen')) continue;
        const style = getComputedStyle(one, one.placeholder && !one.value ? '::placeholder' : null);
        const ground = behind(one), text = over(parse(style.color), ground);
        const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
        const ratio = (a + .05) / (b + .05);
        const what = `${one.tagName}.${one.className} ${one.innerText?.slice(0, 40)}`;
        if (ratio < 4.5) pale.push(`${ratio.toFixed(2)} ${what}`);
    }
    return pale;
})()"""
"""Texts whose contrast with what is behind them is less than 4.5 (WCAG 2.2, 1.4.3)."""

RING: Final = """(() => {
    const one = document.activeElement, style = getComputedStyle(one);
    return one === document.body || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
        ? '' : one.outerHTML.slice(0, 160);
})()"""

SPILLS: Final = """[...document.querySelectorAll('body *')]
    .filter(one => !one.closest('.unseen, .skip, #log video, pre') && one.getClientRects().length)
    .filter(one => getComputedStyle(one).visibility === 'visible')
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.right > innerWidth + 1 || box.left < -1))
    .map(([one]) => `${one.tagName}.${one.className} ${one.innerText?.slice(0, 40)}`)"""


@pytest.fixture(scope="module")
async def bought(house: House, page: Page, browser: Chromium) -> Window:
    """A window in which there is something of everything: a card, a result, a refusal, the panel."""
    window = await opened(browser, page, house.member())
    await go(window, house.channel())
    await quoted(window, "A long prompt: " + "snow on every branch, " * 30)
    await window.press("#log .button", "Confirm")
    await window.says("Your video is ready", "#log")
    await quoted(window, "Another one")
    await start(window, "spending")
    await window.press(".command [type=submit]")
    await window.says("Your spending here", "#log")
    await window.press("#open-panel")
    await window.says("Mend everything", "#panel")
    await window.run("document.querySelectorAll('#panel details').forEach(one => one.open = true)")
    return window


async def test_everything_has_a_name(bought: Window) -> None:
    assert await bought.run(NAMELESS) == []
    await start(bought, "edit")
    await bought.press("[data-add=video]")
    await bought.press("[data-add=strength]")
    assert await bought.run(NAMELESS) == []
    await bought.key("Escape")
    numbers = await bought.run("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(numbers) == len(set(numbers)), "an id stands twice"


@pytest.mark.parametrize("dark", [True, False])
async def test_every_text_can_be_read(bought: Window, dark: bool) -> None:
    await bought.shape(1280, 800, dark=dark)
    assert await bought.run(PALE) == []
    await start(bought, "edit", "x")
    await bought.press("[data-add=video]")
    assert await bought.run(PALE) == []
    await bought.key("Escape")
    await bought.press("#write")
    await bought.write("/")
    await bought.says("/generate", "#picker")
    assert await bought.run(PALE) == []
    await bought.run("document.querySelector('#write').value = ''")
    await bought.key("Escape")


async def test_dark_and_light_are_the_systems_until_one_switches_and_stay_so(page: Page, browser: Chromium) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    window = await opened(browser, page)
    dark = await window.run(ground)
    await window.shape(1280, 800, dark=False)
    light = await window.run(ground)
    assert light != dark
    await window.press("#theme")
    assert await window.run(ground) == dark
    await window.call("Page.navigate", url=page.address)
    await window.until("document.querySelector('#become')?.value === 'Ada'", "the page")
    assert await window.run(ground) == dark
    await window.shape(1280, 800, dark=True)
    await window.press("#theme")
    assert await window.run(ground) == light


async def test_whatever_has_the_focus_shows_it_and_all_of_it_is_reached(page: Page, browser: Chromium) -> None:
    window = await opened(browser, page, "Grace")
    await window.press("#open-panel")
    await window.says("Mend everything", "#panel")
    await window.run("document.activeElement.blur(); document.querySelector('.skip').focus()")
    seen: set[str] = set()
    for _ in range(70):
        await window.key("Tab")
        assert await window.run(RING) == "", "the focus is not seen"
        seen.add(await window.run("document.activeElement.id || document.activeElement.className"))
    assert {"become", "theme", "open-panel", "log", "write", "find", "chip"} <= seen


async def test_with_the_keys_alone_from_the_slash_to_the_video(house: House, page: Page, browser: Chromium) -> None:
    window = await opened(browser, page, house.member())
    await window.key("/")
    await window.says("/generate", "#picker")
    await window.write("gen")
    await window.key("Enter")
    await window.until("document.activeElement?.dataset.option === 'prompt'", "a required option to begin with")
    await window.write("By hand")
    await window.key("Enter")
    await window.says("> By hand".removeprefix("> "), "#log")
    await window.says("Nothing is bought yet", "#log > li:last-child")
    for _ in range(40):
        await window.key("Tab", shift=True)
        if await window.run("document.activeElement.innerText === 'Confirm'"):
            break
    await window.key("Enter")
    await window.says("Your video is ready", "#log")
    await house.quiet()


async def test_a_narrow_window_shows_everything(bought: Window) -> None:
    await bought.shape(320, 640)
    assert await bought.run(SPILLS) == []
    await bought.press("#panel [aria-label='Close this panel']")
    await start(bought, "reframe", "x")
    await bought.press("[data-add=video]")
    assert await bought.run(SPILLS) == []
    await bought.key("Escape")
    await bought.press("#open-side")
    await bought.until("document.activeElement.classList.contains('channel')", "the focus in what has opened")
    await bought.until(f"({SPILLS}).length === 0", "channels and people within the window")
    await bought.key("Escape")
    assert not await bought.run("document.body.classList.contains('side-open')")
    await bought.shape(1280, 800)
    assert bought.complaints() == []
