"""The menus of a message: from what it shows, through a form, to a card; and nothing that is typed is lost."""

import copy
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from sandbox.discord.client import ClientRefuses
from sandbox.discord.component import walk
from sandbox.discord.interaction import InteractionType
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.discord.submission import Entered
from sandbox.discord.use import Use
from tests.cogs.ordering import clip, confirm, open_rich_house, parameters_of, photo
from tests.cogs.settling import settings
from tests.house import House

ANIMATE, EDIT, REFRAME = "Animate this image", "Edit this video", "Reframe this video"


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house"), QUOTES_PER_MINUTE="6000") as house:
        yield house


async def with_image(member: Member, room: Channel, words: str = "") -> Message:
    return await member.say(room, words, [member.upload("fox.png", photo())])


async def with_video(member: Member, room: Channel, words: str = "") -> Message:
    return await member.say(room, words, [member.upload("fox.mp4", clip(640, 360, 3_000_000))])


def fields(modal: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in each field as the form opens: the text, or the value that is picked."""
    found: dict[str, Any] = {}
    for each in walk(modal["components"]):
        if "options" in each:
            found[each["custom_id"]] = next(one["value"] for one in each["options"] if one.get("default"))
        elif "custom_id" in each:
            found[each["custom_id"]] = each.get("value", "")
    return found


async def sent(member: Member, opened: Use, values: Mapping[str, Entered], *, forged: bool = False) -> Message:
    """What a form that is sent is answered."""
    answer = await (await member.submit(opened, values, forged=forged)).answer(30)
    assert answer.visible_to is member.user
    return answer


async def test_an_image_is_animated_by_anybody_who_sees_it(house: House, ada: Member, linus: Member, room: Channel):
    opened = await linus.menu(ANIMATE, await with_image(ada, room, "The fox <@123456789012345678> in the snow"))
    modal = await opened.modal()
    assert fields(modal) == {
        "prompt": "The fox in the snow",
        "resolution": "720p",
        "duration": "5",
        "aspect_ratio": "source",
    }
    assert len(modal["components"]) == 4
    values = {"prompt": "It runs", "resolution": ["360p"]}
    card = await sent(linus, opened, values)
    assert "Nothing is bought yet" in card.text
    bought = await confirm(house, linus, room, card)
    task = await parameters_of(house, bought.job_id)
    assert (task["positivePrompt"], task["duration"]) == ("It runs", 5)
    assert task["inputs"] == {"frameImages": [{"image": photo(), "frame": "first"}]}


async def test_ten_seconds_begin_with_a_keyframe(house: House, ada: Member, room: Channel):
    opened = await ada.menu(ANIMATE, await with_image(ada, room))
    card = await sent(
        ada, opened, {"prompt": "x", "resolution": ["360p"], "duration": ["10"], "aspect_ratio": ["1:1"]}
    )
    sent_task = await parameters_of(house, (await confirm(house, ada, room, card)).job_id)
    assert sent_task["duration"] == 10
    [frame] = sent_task["inputs"]["frameImages"]
    assert (frame["image"], frame["frame"]) == (photo(), 0)


async def test_a_video_is_edited_and_reframed(house: House, ada: Member, room: Channel):
    message = await with_video(ada, room, "look https://a.example/page")
    opened = await ada.menu(EDIT, message)
    assert fields(await opened.modal()) == {"prompt": "look", "resolution": "720p", "strength": "automatic"}
    card = await sent(ada, opened, {"prompt": "rain", "resolution": ["360p"], "strength": ["flex_2"]})
    task = await parameters_of(house, (await confirm(house, ada, room, card)).job_id)
    assert task["inputs"]["video"] == clip(640, 360, 3_000_000)
    assert "flex_2" in str(task)
    opened = await ada.menu(REFRAME, message)
    assert fields(await opened.modal()) | {"prompt": ""} == {
        "prompt": "",
        "aspect_ratio": "9:16",
        "resolution": "720p",
        "placement": "fit",
    }
    card = await sent(ada, opened, {"prompt": "sky", "resolution": ["360p"], "placement": ["top"]})
    assert "9:16" in card.text


async def test_of_several_one_is_chosen_in_the_order_of_the_message(house: House, ada: Member, room: Channel):
    files = [ada.upload("a.txt", b"x"), *(ada.upload(f"{n}.png", photo(n)) for n in (1, 2))]
    message = await ada.say(room, f"and {house.runware.media_origin}/x/3.png.", files)
    message.embeds = [
        {
            "type": "gifv",
            "thumbnail": {"url": f"{house.runware.media_origin}/t.png"},
            "provider": {"name": "Tenor"},
        },
        {"type": "rich", "image": {"url": "https://elsewhere.example/no.png"}},
    ]
    opened = await ada.menu(ANIMATE, message)
    [source] = [each for each in walk((await opened.modal())["components"]) if each.get("custom_id") == "source"]
    assert [one["label"] for one in source["options"]] == [
        "1.png", "2.png", "t.png (127.0.0.1)", "3.png (127.0.0.1)",
    ], "LINK_HOSTS does not admit the other one"  # fmt: skip
    card = await sent(ada, opened, {"source": ["1"], "prompt": "x", "resolution": ["360p"]})
    task = await parameters_of(house, (await confirm(house, ada, room, card)).job_id)
    assert task["inputs"]["frameImages"][0]["image"] == photo(2)


async def test_the_bots_own_result_can_be_gone_on_from(house: House, ada: Member, linus: Member, room: Channel):
    """By its file or its link, whoever sees it; its words are no prompt of anybody's."""
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    await house.quiet()
    opened = await linus.menu(EDIT, post)
    assert fields(await opened.modal())["prompt"] == ""
    values: dict[str, Entered] = {"prompt": "rain", "resolution": ["360p"]}
    assert "Nothing is bought yet" in (await sent(linus, opened, values)).text


@pytest.mark.parametrize(("name", "says"), [(ANIMATE, "no picture"), (EDIT, "/edit"), (REFRAME, "/reframe")])
async def test_a_message_with_nothing_of_the_kind_is_told_kindly(
    house: House, ada: Member, room: Channel, name: str, says: str
):
    for message in (
        await ada.say(room, "hello https://www.example.com/watch?v=a.png"),
        await ada.say(room, "||<>||"),
    ):
        answer = await (await ada.menu(name, message)).answer()
        assert says in answer.text
        assert answer.visible_to is ada.user
    assert house.rows("SELECT * FROM targets WHERE member_id = ?", ada.id) == []


async def test_a_form_is_answered_after_a_restart(house: House, ada: Member, room: Channel):
    opened = await ada.menu(ANIMATE, await with_image(ada, room))
    await opened.modal()
    await house.restart()
    assert "Nothing is bought yet" in (await sent(ada, opened, {"prompt": "x", "resolution": ["360p"]})).text


async def test_what_was_typed_is_not_lost_where_it_is_refused(house: House, ada: Member, room: Channel):
    """Also not by a restart: the form opens again as it was sent."""
    opened = await ada.menu(REFRAME, await with_video(ada, room))
    values: dict[str, Entered] = {"prompt": "A long\ndescription", "aspect_ratio": ["16:9"], "resolution": ["360p"]}
    refused = await sent(ada, opened, values)
    assert "is the shape that this video has already" in refused.text
    await house.restart()
    again = await ada.click(refused, "Change it")
    assert fields(await again.modal()) == {
        "prompt": "A long\ndescription", "aspect_ratio": "16:9", "resolution": "360p", "placement": "fit",
    }  # fmt: skip
    assert "Nothing is bought yet" in (await sent(ada, again, {"aspect_ratio": ["1:1"]})).text


async def test_what_was_typed_is_not_lost_where_a_limit_leaves_nothing_that_fits(
    house: House, ada: Member, room: Channel
):
    mary = house.discord.member("Mary")
    await (await mary.command("limits member", {"member": ada.user, "limit": "0"})).answer()
    opened = await ada.menu(ANIMATE, await with_image(ada, room))
    refused = await sent(ada, opened, {"prompt": "A long description"})
    assert "nothing may be spent" in refused.text
    assert fields(await (await ada.click(refused, "Change it")).modal())["prompt"] == "A long description"


async def test_what_is_forged_is_refused_in_words(house: House, ada: Member, room: Channel):
    message = await ada.say(room, "", [ada.upload(f"{n}.png", photo(n)) for n in (1, 2)])
    opened = await ada.menu(ANIMATE, message)
    with pytest.raises(ClientRefuses, match="prompt is required"):
        await ada.submit(opened, {})
    forged: dict[str, Entered] = {"source": ["7"], "prompt": "", "resolution": ["9000p"], "aspect_ratio": []}
    answer = await sent(ada, opened, forged, forged=True)
    for part in ("source is none of those", "prompt", "resolution", "aspect_ratio"):
        assert part in answer.text
    assert house.rows("SELECT * FROM quotes WHERE member_id = ?", ada.id) == []


async def test_nobody_sends_somebody_elses_form(house: House, ada: Member, linus: Member, room: Channel):
    theirs = await (await ada.menu(ANIMATE, await with_image(ada, room))).modal()
    opened = await linus.menu(ANIMATE, await with_image(linus, room))
    use = await linus.submit(opened, {"prompt": "x"}, custom_id=theirs["custom_id"], forged=True)
    assert "Please open it again" in (await use.answer()).text
    for custom_id in ("animate:0", "edit:../../etc/passwd", "x", theirs["custom_id"].replace("animate", "jobs")):
        use = await linus.submit(opened, {"prompt": "x"}, custom_id=custom_id, forged=True)
        assert "does not work any more" in (await use.answer()).text
    assert house.rows("SELECT * FROM quotes WHERE member_id = ?", linus.id) == []


async def test_a_menu_on_nothing_is_refused_in_words(house: House, ada: Member, room: Channel):
    await house.discord.registered()
    for kind, target in ((3, "1"), (2, "1"), (3, None), (7, "1")):
        data: dict[str, Any] = {
            "id": "1",
            "name": ANIMATE,
            "type": kind,
            "target_id": target,
            "resolved": {"messages": {}},
        }
        one = await house.discord.interact(InteractionType.APPLICATION_COMMAND, ada.user, room, data)
        assert "nothing was done" in (await Use(house.discord, one).answer()).text


async def test_a_busy_database_is_said_in_time(house: House, ada: Member, room: Channel):
    message = await with_image(ada, room)
    with closing(sqlite3.connect(house.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "I am busy just now" in (await (await ada.menu(ANIMATE, message)).answer()).text
        other.execute("ROLLBACK")
    assert (await (await ada.menu(ANIMATE, message)).modal())["title"] == ANIMATE


async def test_where_nothing_could_be_posted_no_form_opens(house: House, ada: Member, room: Channel):
    """Whoever fills in a form wants more than a refusal for it."""
    message = await with_image(ada, room)
    room.deny(house.server.role(house.discord.world.bot.name), Permission.SEND_MESSAGES)
    assert "I lack Send Messages" in (await (await ada.menu(ANIMATE, message)).answer()).text


async def test_a_form_offers_what_the_server_allows_and_a_forged_one_hears_of_the_rest(
    house: House, ada: Member, room: Channel
):
    mary = house.discord.member("Mary")
    message = await with_video(ada, room)
    open_before = await ada.menu(EDIT, message)
    await open_before.modal()
    await settings(mary, "allow", resolutions="360p 540p")
    try:
        modal = await (await ada.menu(EDIT, message)).modal()
        [offered] = [each for each in walk(modal["components"]) if each.get("custom_id") == "resolution"]
        assert [one["value"] for one in offered["options"]] == ["360p", "540p"]
        assert fields(modal)["resolution"] == "540p"
        refused = await sent(ada, open_before, {"prompt": "rain"})
        assert "cannot be 720p in this server" in refused.text
        await settings(mary, "allow", kinds="image")
        assert "does not allow edits" in (await (await ada.menu(EDIT, message)).answer()).text
    finally:
        await settings(mary, "allow", resolutions="all", kinds="all")


async def test_the_client_offers_apps_on_what_the_member_sees(
    house: House, ada: Member, linus: Member, room: Channel
):
    card = await house.ask(ada, room)
    with pytest.raises(ClientRefuses, match="only one person sees"):
        await ada.menu(EDIT, card)
    with pytest.raises(ClientRefuses, match="does not see"):
        await linus.menu(EDIT, card)
    with pytest.raises(ClientRefuses, match="there is no"):
        await ada.menu("Delete this", copy.copy(card))
