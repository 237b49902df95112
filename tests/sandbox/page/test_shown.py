"""How the page shows what bots and members write: as Discord lays it out, and never as HTML of its author's."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import pytest

from sandbox.clip import clip, photo
from sandbox.discord.message import Flag
from sandbox.discord.posting import Upload, compose
from sandbox.page.server import Page
from tests.house import House
from tests.sandbox.page.chromium import Chromium, Window
from tests.sandbox.page.visit import go, opened

HOSTILE: Final = (
    "<img src=x onerror=window.hit=1><script>window.hit=2</script>",
    "[click](javascript:window.hit=3) <javascript:window.hit=4> [x](data:text/html,hi)",
    "```html\n<b onclick=window.hit=5>x</b>\n```",
    "**" * 900,
    "> " * 900,
    "||" + "*_" * 800 + "||",
    "[" * 1000 + "](https://a.b)" * 50,
    "<t:99999999999999:R> <t:8640000000001:F> <@1> <@&1> <#1> </x:1>",
    "# \n-# \n> \n- \n1. \n``` ``` `` ` <https://> https://",
)
TEXT: Final = (
    "# Big\n-# small\n> quoted\n- one\n- two\n1. first\n**bold** *slant* __under__ ~~gone~~ `code` ||hid||"
)


@pytest.fixture(scope="module")
async def window(page: Page, browser: Chromium) -> AsyncIterator[Window]:
    window = await opened(browser, page)
    yield window
    assert window.complaints() == []


async def post(house: House, payload: dict[str, Any], uploads: Mapping[int, Upload] | None = None) -> str:
    """Let the bot's account post in the first channel; where the message is in the page."""
    world, channel = house.discord.world, house.discord.channel("general")
    flags = Flag(payload.get("flags", 0))
    message = compose(world, channel, payload, uploads or {}, allowed_flags=flags)
    await house.discord.publish(message)
    return f"[data-message='{message.id}']"


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_stays_text(house: House, window: Window, text: str) -> None:
    at = await post(house, {"content": text[:2000], "embeds": [{"title": text[:256], "description": text}]})
    await window.until(f"!!document.querySelector({at!r})")
    assert await window.run("window.hit") is None
    assert not await window.run(f"document.querySelectorAll(`{at} :is(img, script, iframe, [onclick])`).length")
    assert await window.run(f"[...document.querySelectorAll(`{at} a`)].every(one => /^https?:/.test(one.href))")


async def test_a_link_that_discord_would_refuse_is_no_link_here_either(house: House, window: Window) -> None:
    """The sandbox lets no such message pass; should one ever, the page does not lead there."""
    at = await post(house, {"content": "Beneath"})
    message = next(one for one in house.discord.channel("general").messages if one.content == "Beneath")
    message.embeds = [{"title": "Title", "url": "javascript:window.hit=6", "image": {"url": "javascript:1"}}]
    button = {"type": 2, "style": 5, "label": "Out", "url": "javascript:window.hit=7"}
    message.components = [{"type": 1, "components": [button]}]
    house.discord.world.changes.announce()
    await window.says("Out", at)
    assert await window.run(f"document.querySelectorAll(`{at} a`).length") == 0


async def test_markdown_looks_as_it_should(house: House, window: Window) -> None:
    at = await post(house, {"content": TEXT})
    await window.until(f"!!document.querySelector({at!r})")
    parts = ("h3", "small", "blockquote", "ul li + li", "ol li", "strong", "em", "u", "s", "code", ".spoiler")
    missing = [part for part in parts if not await window.run(f"!!document.querySelector(`{at} .content {part}`)")]
    assert missing == []
    assert await window.run(f"getComputedStyle(document.querySelector(`{at} .spoiler > span`)).opacity") == "0"
    await window.press(f"{at} .spoiler")
    assert await window.run(f"getComputedStyle(document.querySelector(`{at} .spoiler > span`)).opacity") == "1"


async def test_components_of_the_second_version_are_laid_out(house: House, window: Window) -> None:
    picture, film = await asyncio.to_thread(photo), await asyncio.to_thread(clip, 320, 180, 1_000_000)
    uploads = {0: Upload("a.png", picture), 1: Upload("b.mp4", film), 2: Upload("c.txt", b"words")}
    inside = [
        {"type": 10, "content": "## Head"},
        {
            "type": 9,
            "components": [{"type": 10, "content": "Beside"}],
            "accessory": {"type": 11, "media": {"url": "attachment://a.png"}},
        },
        {"type": 14},
        {
            "type": 12,
            "items": [{"media": {"url": "attachment://a.png"}}, {"media": {"url": "attachment://b.mp4"}}],
        },
        {"type": 13, "file": {"url": "attachment://c.txt"}},
        {"type": 1, "components": [{"type": 3, "custom_id": "s", "options": [{"label": "A", "value": "a"}]}]},
        {"type": 1, "components": [{"type": 2, "style": 5, "label": "Out", "url": "https://example.com"}]},
    ]
    at = await post(house, {"flags": 1 << 15, "components": [{"type": 17, "components": inside}]}, uploads)
    await window.until(f"!!document.querySelector({at!r})")
    shown = f"""document.querySelector(`{at} .container .thumbnail img`)?.naturalWidth === 1280
        && document.querySelector(`{at} .gallery video`)?.videoWidth === 320"""
    await window.until(shown, "a picture and a player")
    for part in (".section", "hr", ".file a", "select", "a.button[href='https://example.com']"):
        assert await window.run(f"!!document.querySelector(`{at} {part}`)"), part


async def test_a_player_goes_on_when_its_message_is_edited(house: House, window: Window) -> None:
    film = await asyncio.to_thread(clip, 320, 180, 3_000_000)
    at = await post(house, {"content": "Playing"}, {0: Upload("d.mp4", film)})
    await window.until(f"document.querySelector(`{at} video`)?.readyState >= 2", "a player")
    await window.run(f"window.player = document.querySelector(`{at} video`); player.muted = true; player.play()")
    message = next(one for one in house.discord.channel("general").messages if one.content == "Playing")
    message.content = "Still playing"
    house.discord.world.changes.announce()
    await window.says("Still playing", at)
    assert await window.run(f"document.querySelector(`{at} video`) === window.player")


async def test_a_picture_that_an_embed_shows_is_not_shown_beside_it_too(house: House, window: Window) -> None:
    picture = await asyncio.to_thread(photo)
    embed = {"title": "A chart", "image": {"url": "attachment://chart.png"}}
    uploads = {0: Upload("chart.png", picture), 1: Upload("other.png", picture)}
    at = await post(house, {"embeds": [embed]}, uploads)
    await window.until(f"document.querySelector(`{at} .embed img`)?.naturalWidth === 1280", "the chart")
    assert await window.run(f"document.querySelectorAll(`{at} img`).length") == 2


async def test_whoever_reads_the_latest_goes_on_doing_so_and_whoever_reads_the_past_is_left_there(
    house: House, window: Window
) -> None:
    foot = "(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(document.querySelector('#log'))"
    film = await asyncio.to_thread(clip, 320, 180, 1_000_000)
    for number in range(6):
        await post(house, {"content": f"Film {number}"}, {0: Upload(f"f{number}.mp4", film)})
    await window.says("Film 5", "#log > li:last-child")
    await window.until("document.querySelector('#log > li:last-child video')?.readyState >= 1", "the last film")
    await window.until(foot, "the foot of what is read")
    await window.press("#write")
    await window.write("/generate ")
    await window.says("/generate", ".command-head")
    await window.until(foot, "the foot, with less room")
    await window.key("Escape")
    await window.run("document.querySelector('#log').scrollTop = 0")
    await window.until("document.querySelector('#log').scrollTop === 0")
    await post(house, {"content": "News from below"})
    await window.says("News from below", "#log")
    assert await window.run("document.querySelector('#log').scrollTop") == 0
    await window.press("#below")
    await window.until(foot, "the foot, as the button leads there")
    assert not await window.run("document.querySelector('#below').getClientRects().length")


async def test_what_answers_oneself_is_seen_although_one_reads_the_past(house: House, window: Window) -> None:
    await window.run("document.querySelector('#log').scrollTop = 0")
    await window.until("document.querySelector('#log').scrollTop === 0")
    await window.run("document.querySelector('#log .apps').click()")
    await window.press("[role=menuitem]", "Edit this video")
    last = "document.querySelector('#log > li:last-child')"
    await window.until(f"{last}.innerText.includes('Only you can see this')", "an answer")
    await window.until(f"{last}.getBoundingClientRect().bottom <= innerHeight", "the answer within the window")


async def test_what_was_there_when_one_sat_down_is_no_news(house: House, page: Page, browser: Chromium) -> None:
    await post(house, {"content": "From before"})
    window = await opened(browser, page)
    channel = house.discord.channel("videos")
    await go(window, channel)
    await window.run(
        """(list => {
            list.value = 'Linus';
            list.dispatchEvent(new Event('change', {bubbles: true}));
        })(document.querySelector('#become'))"""
    )
    await window.until("document.title.includes('Linus')", "another member")
    await window.until(
        """import('/static/state.js').then(({state}) => [...state.messages.values()]
            .some(known => [...known.values()].some(one => one.content === 'From before')))""",
        "what was there, told to Linus",
    )
    assert await window.run("document.querySelectorAll('.channel.unread').length") == 0
    await post(house, {"content": "From now"})
    await window.until("document.querySelector('.channel.unread')?.innerText.includes('general')", "news")
    assert window.complaints() == []
