"""What a window is told and may do: what its member sees, and what Discord's own client would let them send."""

import asyncio
import json
from datetime import timedelta

import aiohttp
import pytest

from sandbox.discord.permission import Permission
from sandbox.page.server import Page
from tests.house import House
from tests.sandbox.page.seat import PATIENCE, Frame, Seat, custom_id, seated

CHEAP = {"prompt": "A fox in the snow", "resolution": "360p"}


async def test_what_only_one_sees_is_told_to_their_windows_alone(house: House, page: Page) -> None:
    async with seated(page) as ada, seated(page) as also_ada, seated(page, "Linus") as linus:
        general = ada.channel("general")["id"]
        await ada.act("command", name="generate", options=CHEAP, channel=general)
        card = await ada.message("Nothing is bought yet")
        await also_ada.message("Nothing is bought yet")
        await linus.act("say", channel=general, content="I see nothing")
        await linus.message("I see nothing")
        assert not any("Nothing is bought yet" in json.dumps(told) for told in linus.told)
        assert card["flags"] & 64


async def test_a_video_comes_to_everybody_and_the_books_agree_with_the_bill(house: House, page: Page) -> None:
    async with seated(page) as ada, seated(page, "Linus") as linus:
        videos = ada.channel("videos")["id"]
        assert (await ada.act("panel", on=True))["done"]
        await ada.act("command", name="generate", options=CHEAP, channel=videos)
        card = await ada.hear(
            lambda told: told.get("channel") == videos and "Nothing is bought yet" in json.dumps(told["message"])
        )
        confirm = custom_id(card["message"], "Confirm")
        pressed = await ada.act("click", message=card["message"]["id"], custom_id=confirm)
        assert pressed["state"] in ("deferred", "answered")
        result = await linus.message("Your video is ready")
        assert result["attachments"][0]["filename"].endswith(".mp4")
        assert result["pings"] == ["Ada"]
        panel = await ada.hear(
            lambda told: told["type"] == "panel" and any(job["state"] == "done" for job in told["panel"]["jobs"])
        )
        assert panel["panel"]["ledger"]["billed"] == panel["panel"]["billed"] == "0.06"
        assert panel["panel"]["ledger"]["held"] == "0.00"


async def test_another_members_button_pressed_by_a_modified_client_buys_nothing(house: House, page: Page) -> None:
    async with seated(page) as ada, seated(page, "Linus") as linus:
        storyboards = ada.channel("storyboards")["id"]
        await ada.act("command", name="generate", options=CHEAP, channel=storyboards)
        told = await ada.hear(lambda told: told.get("channel") == storyboards and bool(told["message"]["embeds"]))
        card = told["message"]
        confirm = custom_id(card, "Confirm")
        before = len(house.rows("SELECT id FROM jobs"))
        refused = await linus.act("click", message=card["id"], custom_id=confirm)
        assert refused["error"] == "Linus does not see this message"
        await linus.act("click", message=card["id"], custom_id=confirm, forged=True)
        await house.quiet()
        assert len(house.rows("SELECT id FROM jobs")) == before


async def test_commands_are_offered_to_those_who_may_use_them(page: Page) -> None:
    async with seated(page) as ada, seated(page, "Mary") as mary:
        ids = {command["name"]: command["id"] for command in ada.world["commands"]}
        assert ids["limits"] not in ada.channel("general")["offers"]
        assert ids["limits"] in mary.channel("general")["offers"]
        assert not ada.channel("notices")["bot_writes"]
        assert ada.channel("after-dark")["nsfw"]
        said = await ada.act("command", name="limits show", options={}, channel=ada.channel("general")["id"])
        assert said["error"] == "/limits is not offered to this member"
        await mary.act("command", name="limits show", options={}, channel=mary.channel("general")["id"])
        answer = await mary.message("Limits in this server")
        assert answer["interaction_metadata"]["name"] == "limits show", "what stands above it in Discord's client"


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "[]",
        "{",
        '{"re": 1}',
        '{"do": "fly", "re": 1}',
        '{"do": "say", "re": 1, "channel": "x", "content": "x"}',
        '{"do": "say", "re": 1, "channel": {"a": 1}, "content": "x"}',
        '{"do": "command", "re": 1}',
        '{"do": "become", "re": 1}',
        '{"do": "click", "re": 1, "message": 5, "custom_id": null}',
        '{"do": "select", "re": 1, "message": "9", "values": 3}',
        '{"do": "submit", "re": 1, "opened": "7", "values": []}',
        '{"do": "become", "re": 1, "name": "Nobody"}',
        '{"do": "jump", "re": 1, "seconds": -5}',
        '{"do": "jump", "re": 1, "seconds": true}',
        '{"do": "pace", "re": 1, "seconds": "fast"}',
        '{"do": "balance", "re": 1, "dollars": "NaN"}',
        '{"do": "balance", "re": 1, "dollars": "1e999"}',
        '{"do": "fault", "re": 1, "name": "x", "on": true}',
        '{"do": "fault", "re": 1, "name": "kicked", "on": true}',
        '{"do": "happen", "re": 1}',
        '{"do": "happen", "re": 1, "name": "post 500"}',
        "[" * 5000,
    ],
)
async def test_a_frame_that_says_nothing_is_answered_and_changes_nothing(page: Page, frame: str) -> None:
    async with seated(page) as ada:
        await ada.send(frame)
        answer = await ada.hear(lambda told: told["type"] == "answer")
        assert answer["error"]
        assert (await ada.act("panel", on=False))["done"]


async def test_a_message_without_words_is_not_written(house: House, page: Page) -> None:
    async with seated(page) as ada:
        where = house.discord.channel("general")
        before = list(where.messages)
        for frame in ({}, {"content": None}, {"content": " "}, {"content": "x" * 2_001}):
            answer = await ada.act("say", channel=str(where.id), **frame)
            assert answer["error"]
        assert list(where.messages) == before


async def test_options_are_checked_by_discords_own_client(page: Page) -> None:
    async with seated(page) as ada:
        general = ada.channel("general")["id"]
        for options, says in (
            ({}, "prompt is required"),
            ({"prompt": "x", "count": 9}, "count must be one of"),
            ({"prompt": "x", "fly": True}, "no option 'fly'"),
            ({"prompt": ["x"]}, "An option is a text, a number, true or false."),
            ({"prompt": "x", "first_frame": {"file": "1"}}, "This file is not here any more."),
        ):
            answer = await ada.act("command", name="generate", options=options, channel=general)
            assert says in answer["error"]


async def test_a_jump_in_time_is_one_for_all_three(house: House, page: Page) -> None:
    async with seated(page) as ada:
        before = house.sandbox.clock.now()
        assert (await ada.act("jump", seconds=901))["done"]
        told = await ada.hear(lambda told: told["type"] == "world" and told["world"]["shift"] >= 901)
        assert told["world"]["me"] == ada.world["me"]
        assert (house.sandbox.clock.now() - before).total_seconds() >= 901
        general = ada.channel("general")["id"]
        await ada.act("command", name="generate", options={"prompt": "Late", "resolution": "360p"}, channel=general)
        await ada.message("> Late")
        [quote] = house.rows("SELECT expires_at FROM quotes ORDER BY rowid DESC LIMIT 1")
        lives = quote["expires_at"] / 1_000_000 - house.sandbox.clock.now().timestamp()
        assert 570 < lives <= 600, "the bot's quote lives its ten minutes from the sandbox's present on"


async def test_a_fault_stays_until_it_is_switched_off(house: House, page: Page) -> None:
    house.explained.add("was not acknowledged within 3 s")  # which is what this fault is
    async with seated(page) as ada, seated(page, "Linus") as linus:
        where = ada.channel("after-dark")["id"]
        assert (await ada.act("panel", on=True))["done"]
        await ada.act("fault", name="answer 10062", on=True)
        await ada.act("fault", name="post 500", on=True)
        await linus.hear(lambda told: told["type"] == "world" and told["world"]["faults"] == 2)
        told = await ada.hear(lambda told: told["type"] == "panel" and len(told["panel"]["on"]) == 2)
        assert told["panel"]["on"] == ["post 500", "answer 10062"], "the latest first"
        for _ in range(2):
            late = await ada.act("command", name="jobs", options={}, channel=where)
            assert late["state"] == "failed"
        await ada.act("fault", name="post 500", on=False)
        assert (await ada.act("command", name="jobs", options={}, channel=where))["state"] == "failed"
        await ada.act("mend")
        assert (await ada.act("command", name="jobs", options={}, channel=where))["state"] != "failed"


async def test_what_happens_at_once_can_be_mended(house: House, page: Page) -> None:
    """The bot loses a channel in which it has posted, and has it again."""
    async with seated(page, "Edsger") as edsger:
        where = edsger.channel("videos")["id"]
        await edsger.act(
            "command", name="generate", options={"prompt": "Hail", "resolution": "360p"}, channel=where
        )
        card = await edsger.message("> Hail")
        confirm = custom_id(card, "Confirm")
        await edsger.act("click", message=card["id"], custom_id=confirm)
        await edsger.message("Your video is ready")
        for name in ("permission send", "kicked"):
            assert (await edsger.act("happen", name=name))["done"]
            await house.until(lambda: not bot_may_post(house), name)
            assert (await edsger.act("mend"))["done"]
            assert bot_may_post(house)


def bot_may_post(house: House) -> bool:
    """Whether the bot may post in #videos."""
    world, channel = house.discord.world, house.discord.channel("videos")
    return bool(world.permissions(world.bot, channel) & Permission.SEND_MESSAGES)


async def test_an_old_button_works_after_the_bot_was_restarted(house: House, page: Page) -> None:
    async with seated(page) as ada:
        videos = ada.channel("videos")["id"]
        await ada.act("command", name="generate", options={"prompt": "Rain", "resolution": "360p"}, channel=videos)
        card = await ada.message("> Rain")
        cancel = custom_id(card, "Cancel")
        both = await asyncio.gather(ada.act("restart", kill=True), ada.act("restart"))
        assert both[0]["done"]
        assert both[1]["error"] == "Raybot is being restarted already."
        assert (await ada.act("click", message=card["id"], custom_id=cancel))["state"] != "failed"
        await ada.message("Nothing was bought")


async def test_a_restart_goes_on_when_its_window_is_closed(house: House, page: Page) -> None:
    gateway = house.discord.gateway
    identified = gateway.identifies
    async with seated(page) as ada:
        await ada.send('{"do": "restart", "re": "first"}')
        assert (await ada.act("restart"))["error"] == "Raybot is being restarted already."
    await gateway.ready(20, identifies=identified + 1)
    assert house.bot.is_running


async def test_who_takes_another_seat_is_told_everything_anew_and_nothing_of_the_others(page: Page) -> None:
    async with seated(page) as seat:
        place = seat.channel("storyboards")["id"]
        await seat.act("say", channel=place, content="Old news")
        await seat.act("command", name="spending", options={}, channel=place)
        await seat.message("Your spending here")
        seat.told.clear()
        assert (await seat.act("become", name="Linus"))["done"]
        await seat.message("Old news")
        world = await seat.hear(lambda told: told["type"] == "world")
        assert world["fresh"]
        assert world["world"]["users"][world["world"]["me"]] == "Linus"
        assert not any("Your spending here" in json.dumps(told) for told in seat.told)


async def test_an_edit_and_a_deletion_are_told(house: House, page: Page) -> None:
    async with seated(page) as ada:
        where = house.discord.channel("storyboards")
        message = await house.discord.member("Mary").say(where, "First")
        assert (await ada.message("First"))["edited_timestamp"] is None
        message.content = "Second"
        house.discord.world.changes.announce()
        await ada.message("Second")
        await house.discord.remove(message)
        await ada.hear(lambda told: told["type"] == "gone" and told["id"] == str(message.id))
        assert await told_of_news(house, ada) == ["News 1", "News 2"], "what has not changed is not told again"


async def told_of_news(house: House, seat: Seat) -> list[str]:
    """What a window is told while two messages are written, one after the other: a message by its words.

    When the second comes, all that goes with the first has been told.
    """
    since = len(seat.told)
    for news in ("News 1", "News 2"):
        await house.discord.member("Mary").say(house.discord.channel("storyboards"), news)
        async with asyncio.timeout(PATIENCE):
            while news not in (heard := written(seat.told[since:])):
                await asyncio.sleep(0.01)
    return heard


def written(told: list[Frame]) -> list[str]:
    """The words of the messages among what was told."""
    return [each["message"]["content"] for each in told if each["type"] == "message"]


async def test_links_of_files_are_told_anew_before_they_end(house: House, page: Page) -> None:
    async with seated(page) as ada, aiohttp.ClientSession() as http:
        where, file = (
            house.discord.channel("storyboards"),
            house.discord.member("Mary").upload("notes.txt", b"Notes"),
        )
        await house.discord.member("Mary").say(where, "With notes", [file])
        old = (await ada.message("With notes"))["attachments"][0]["url"]
        house.sandbox.clock.advance(timedelta(seconds=2))
        assert await told_of_news(house, ada) == ["News 1", "News 2"], "another signature is no news"
        ada.told.clear()
        await ada.act("jump", seconds=86_400)
        new = (await ada.message("With notes"))["attachments"][0]["url"]
        async with http.get(old) as gone, http.get(new) as there:
            assert (gone.status, there.status, await there.read()) == (404, 200, b"Notes")
