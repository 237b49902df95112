"""The page in a real browser: what a newcomer, a member and an admin do there, with the mouse and the keys.

Skipped, with a loud reason, where there is no Chromium; `.ci/run` fails then.
"""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sandbox.clip import clip, photo
from sandbox.discord.permission import Permission
from sandbox.page.server import Page
from sandbox.page.stage import Stage
from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox
from tests.house import House, id_of
from tests.sandbox.page.chromium import Chromium, Window
from tests.sandbox.page.visit import PLAYS, choose, fill, generate, go, opened, quoted, send, start

DAY: Final = 86_400  # seconds


def is_near(address: str) -> bool:
    return urlsplit(address).hostname == "127.0.0.1" or urlsplit(address).scheme in ("data", "blob")


def jobs_of(house: House, member_id: int) -> list[str]:
    return [row["id"] for row in house.rows("SELECT id FROM jobs WHERE member_id = ?", member_id)]


async def jump(window: Window, seconds: int) -> None:
    """Let time pass, by the side panel."""
    if await window.run("document.querySelector('#panel').hidden"):
        await window.press("#open-panel")
    await window.press(f"[data-jump='{seconds}']")
    await window.says("ahead of this machine", "#panel")


async def test_from_the_first_slash_to_a_playing_video_before_two_people(
    house: House, page: Page, browser: Chromium
) -> None:
    ada, linus = await opened(browser, page), await opened(browser, page, "Linus", width=390, height=844)
    await quoted(ada, "A fox **in** the snow")
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


async def test_an_edit_with_a_file_from_the_disk(
    house: House, page: Page, browser: Chromium, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.mp4"
    mine.write_bytes(clip(640, 360, 3_000_000))
    member, room = house.member(), house.channel()
    window = await opened(browser, page, member)
    await go(window, room)
    await start(window, "edit", "in the rain")
    await window.press("[data-add=video]")
    await window.attach("input[type=file][data-option=video]", mine)
    await window.says("mine.mp4", ".chosen")
    await window.until("/\\d (KB|MB)/.test(document.querySelector('.chosen').innerText)", "a file that is there")
    await choose(window, "resolution", "360p")
    await send(window)
    await window.press("#log .button", "Confirm")
    await window.says("Your video is ready", "#log")
    assert await window.until(PLAYS, "a playing video") == 640
    await house.quiet()
    assert window.complaints() == []


async def test_a_picture_in_a_message_is_animated_by_the_keys_alone(
    house: House, page: Page, browser: Chromium
) -> None:
    member, room = house.member(), house.channel()
    linus = await opened(browser, page, member, width=390, height=844)
    await go(linus, room)
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


async def test_a_reframe_of_a_sample_clip_with_its_preview(house: House, page: Page, browser: Chromium) -> None:
    member, room = house.member(), house.channel()
    window = await opened(browser, page, member)
    await go(window, room)
    await start(window, "reframe", "more sky")
    await choose(window, "aspect_ratio", "9:16")
    await window.press("[data-add=video]")
    await window.press(".samples button", "clip (5 s)")
    await window.until("/\\d (KB|MB)/.test(document.querySelector('.chosen').innerText)", "a file that is there")
    await choose(window, "resolution", "360p")
    await send(window)
    await window.says("360p · 9:16", "#log")
    await window.until("document.querySelector('#log > li:last-child img')?.naturalWidth > 100", "the preview")
    await window.press("#log .button", "Confirm")
    await window.says("Your video is ready", "#log")
    assert await window.until(PLAYS, "a playing video") == 360
    await house.quiet()


async def test_a_refusal_and_this_fits_instead(house: House, page: Page, browser: Chromium) -> None:
    """5 dollars a day are less than 4 videos of 10 s at 1080p cost."""
    member, room = house.member(), house.channel()
    window = await opened(browser, page, member)
    await go(window, room)
    await generate(window, "Too much", resolution="1080p", duration="10", count="4")
    await window.says("These fit. A button opens its quote", "#log")
    await window.press("#log .button", "one video · $")
    await window.says("Nothing is bought yet", "#log")
    await window.press("#log .button", "Confirm")
    await window.says("Your video is ready", "#log")
    await house.quiet()
    assert len(jobs_of(house, member.id)) == 1


async def test_a_confirm_that_somebody_else_forges_buys_nothing(
    house: House, page: Page, browser: Chromium
) -> None:
    member, thief, room = house.member(), house.member(), house.channel()
    mine, theirs = await opened(browser, page, member), await opened(browser, page, thief)
    await go(mine, room)
    await quoted(mine, "Mine")
    [card] = member.sees(room)
    forged = {"message": str(card.id), "custom_id": f"confirm:{id_of(card, 'Confirm')}"}
    assert [button.custom_id for button in card.buttons if button.label == "Confirm"] == [forged["custom_id"]]
    answers = await theirs.run(
        f"""new Promise(done => {{
            const answers = [], line = new WebSocket(`ws://${{location.host}}/window`);
            const say = (re, what, frame) => line.send(JSON.stringify({{do: what, re, ...frame}}));
            line.onopen = () => {{
                say(1, 'become', {{name: {thief.name!r}}});
                say(2, 'click', {forged});
                say(3, 'click', {{...{forged}, forged: true}});
            }};
            line.onmessage = event => {{
                const told = JSON.parse(event.data);
                if (told.type !== 'answer' || told.state === 'pending') return;
                answers[told.re - 1] = told;
                if (answers.filter(Boolean).length === 3) done(answers);
            }};
        }})"""
    )
    assert answers[1]["error"] == f"{thief.name} does not see this message", (
        "Discord's own client sends no such thing"
    )
    assert answers[2]["state"] in ("answered", "deferred")
    for_all = [message for message in thief.sees(room) if message.visible_to is not thief.user]
    assert for_all == [], "what it answers is not for the channel"
    await house.quiet()
    assert (jobs_of(house, member.id), jobs_of(house, thief.id)) == ([], [])
    await mine.press("#log .button", "Confirm")
    await mine.says("Your video is ready", "#log")
    assert len(jobs_of(house, member.id)) == 1, "it is theirs to confirm still"


async def test_a_jump_past_the_tokens_life_and_then_an_old_button(
    house: House, page: Page, browser: Chromium
) -> None:
    member, room = house.member(), house.channel()
    window = await opened(browser, page, member)
    await go(window, room)
    await quoted(window, "Too late")
    await jump(window, 901)
    await window.press("#log .button", "Confirm")
    await window.says("This quote is more than 10 minutes old, so nothing was bought.", "#log")
    assert jobs_of(house, member.id) == []


async def test_an_admin_sets_a_limit_a_member_meets_it_and_a_day_later_it_begins_anew(
    house: House, page: Page, browser: Chromium
) -> None:
    member, room = house.member(), house.channel()
    mary, window = await opened(browser, page, "Mary"), await opened(browser, page, member)
    await go(mary, room)
    await start(mary, "limits member")
    await choose(mary, "member", str(member.id))
    await fill(mary, "limit", "0.06/day")
    await send(mary)
    await mary.says("$0.06/day now", "#log")
    await go(window, room)
    await quoted(window, "The first")
    await window.press("#log .button", "Confirm")
    await window.says("Your video is ready", "#log")
    await generate(window, "The second")
    await window.says("This costs $0.06, and that is more than what is left.", "#log")
    await window.says("Your limit is $0.06 a day", "#log")
    await jump(window, DAY)
    await quoted(window, "The second, a day later")
    await window.press("#log > li:last-child .button", "Confirm")
    await house.until(lambda: len(jobs_of(house, member.id)) == 2, "a job of the next day")
    await house.quiet()


async def test_a_month_later_the_video_plays_still_and_the_day_stands_beside_it(
    house: House, page: Page, browser: Chromium
) -> None:
    member, room = house.member(), house.channel()
    window = await opened(browser, page, member)
    await go(window, room)
    await member.say(room, "From last month", [member.upload("last.mp4", clip(320, 180, 1_000_000))])
    source = "document.querySelector('#log video')?.src"
    old = await window.until(source, "a player")
    assert "/" not in await window.text("#log .when"), "today has no date"
    await jump(window, 31 * DAY)
    await window.until("document.querySelector('#log .when').innerText.includes('/')", "the day")
    await window.until(f"{source} !== {old!r}", "a link that leads there still")
    assert await window.until(PLAYS, "a playing video") == 320
    assert window.complaints() == []


async def test_an_old_button_after_a_restart_of_the_bot(house: House, page: Page, browser: Chromium) -> None:
    member, room = house.member(), house.channel()
    window = await opened(browser, page, member)
    await go(window, room)
    await quoted(window, "Before the restart")
    before = house.bot.pid
    await window.press("#open-panel")
    await window.press("[data-restart=stop]")
    await window.says("Raybot has restarted.", "#panel")
    box = "document.querySelector('#panel-says').getBoundingClientRect()"
    assert await window.run(f"{box}.top >= 0 && {box}.bottom <= innerHeight"), "what came of it is seen"
    assert house.bot.pid != before
    await window.press("#log .button", "Confirm")
    await window.says("Your video is ready", "#log")
    assert await window.until(PLAYS, "a playing video") == 640
    await house.quiet()


async def test_a_page_goes_on_with_the_sandbox_that_comes_after_its_own(browser: Chromium, tmp_path: Path) -> None:
    """The second has other addresses for pictures and videos, which the first page's policy does not let load."""
    bot = BotProcess({}, folder=tmp_path)
    async with Sandbox() as first, Page(Stage(sandbox=first, bot=bot, database=tmp_path / "none")) as page:
        window = await opened(browser, page, "Linus")
        port = urlsplit(page.address).port
    await window.says("The sandbox is not there.", "#offline")
    assert port is not None
    async with (
        Sandbox() as second,
        Page(Stage(sandbox=second, bot=bot, database=tmp_path / "none"), port=port),
    ):
        linus, where = second.discord.member("Linus"), second.discord.channel("general")
        await linus.say(where, "Here again", [linus.upload("photo.png", photo())])
        await window.says("Here again", "#log")
        await window.until("document.querySelector('#log img')?.naturalWidth > 100", "the picture")
        assert await window.run("document.querySelector('#become').value") == "Linus"


async def test_a_fault_is_found_switched_on_seen_and_switched_off(
    house: House, page: Page, browser: Chromium
) -> None:
    house.explained.add("was not acknowledged within 3 s")
    member, room = house.member(), house.channel()
    window = await opened(browser, page, member)
    await go(window, room)
    await quoted(window, "Rain")
    await window.press("#open-panel")
    await window.press(".find")
    await window.write("too late")
    await window.says("1 found.", "#panel")
    await window.press(".switch", "The answer came too late")
    await window.says("One is on:", ".on-now")
    await window.says("1 fault is on", "#about")
    await window.press("#log .button", "Cancel")
    await window.says("This interaction failed", "#log")
    await start(window, "jobs")
    await window.until("document.activeElement.type === 'submit'", "nothing to fill in")
    await window.key("Enter")
    await window.says("The application did not respond", "#log")
    await window.press(".on-now button", "Turn off")
    await window.says("None is on.", ".on-now")
    await window.press("#log .button", "Cancel")
    await window.says("Nothing was bought", "#log")
    assert not await window.run("document.querySelector('#panel input[role=switch]:checked')")


async def test_files_are_dropped_and_pasted_and_lists_come_from_the_bot(
    house: House, page: Page, browser: Chromium, tmp_path: Path
) -> None:
    film = tmp_path / "dragged.mp4"
    film.write_bytes(clip(320, 180, 1_000_000))
    window = await opened(browser, page, "Mary")
    await start(window, "edit", "with snow")
    await window.press("[data-add=video]")
    await window.drop(".drop", film)
    await window.says("dragged.mp4", ".chosen")
    await window.press("[data-option=prompt]")
    await window.paste(film.read_bytes(), "pasted.png", "image/png")
    await window.until("document.querySelectorAll('.chosen li').length === 2", "a second file, in the next place")
    assert "pasted.png" in await window.text(".command")
    await window.key("Escape")
    await start(window, "jobs")
    await window.paste(film.read_bytes(), "nowhere.mp4", "video/mp4")
    await window.says("/jobs has no place left for nowhere.mp4.", ".command")
    await window.key("Escape")
    await start(window, "limits timezone")
    await window.press("[data-option=zone]")
    await window.write("berl")
    await window.says("Europe/Berlin", ".suggestions")
    await window.key("Enter")
    assert await window.run("document.querySelector('[data-option=zone]').value") == "Europe/Berlin"
    assert window.complaints() == []


async def test_what_is_not_sent_yet_stays_in_its_channel(house: House, page: Page, browser: Chromium) -> None:
    here, there = house.channel(), house.channel()
    window = await opened(browser, page, house.member())
    written = "document.querySelector('#write')?.value"
    await go(window, here)
    await window.press("#write")
    await window.write("Half a thought")
    await go(window, there)
    assert await window.run(written) == ""
    await start(window, "generate", "A fox")
    await go(window, here)
    assert await window.run(written) == "Half a thought"
    await window.press("#write")
    await window.key("Enter")
    await window.says("Half a thought", "#log")
    assert await window.run(written) == ""
    await go(window, there)
    assert await window.run("document.querySelector('.command [data-option=prompt]').value") == "A fox"
    assert "Half a thought" not in await window.text("#log")
    await window.key("Escape")
    assert window.complaints() == []


async def test_a_message_that_is_refused_is_not_lost(house: House, page: Page, browser: Chromium) -> None:
    member, room = house.member(), house.channel()
    room.deny(member.user, Permission.SEND_MESSAGES)
    window = await opened(browser, page, member)
    await go(window, room)
    await window.press("#write")
    await window.write("May I?")
    await window.key("Enter")
    await window.says("You do not have permission to send messages in this channel.", "#compose")
    assert await window.run("document.querySelector('#write').value") == "May I?"


async def test_a_card_is_changed_by_its_menus_and_its_form(house: House, page: Page, browser: Chromium) -> None:
    member, room = house.member(), house.channel()
    window = await opened(browser, page, member)
    await go(window, room)
    await quoted(window, "A fox")
    await window.says("$0.06 for this video", "#log")
    await window.choose("#log select[data-id^='resolution:']", "720p")
    await window.says("$0.30 for this video", "#log")
    await window.press("#log .button", "Edit")
    await window.until(
        "document.activeElement.tagName === 'TEXTAREA' && !!document.activeElement.closest('dialog')"
    )
    await window.write(" in the snow")
    await window.press("dialog [type=submit]")
    await window.until("!document.querySelector('dialog')", "the form is gone")
    await window.says("A fox in the snow", "#log")
    await window.press("#log .button", "Confirm")
    await window.says("Your video is ready", "#log")
    assert await window.until(PLAYS, "a playing video") == 1280
    await house.quiet()
    assert window.complaints() == []
