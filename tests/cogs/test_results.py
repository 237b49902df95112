"""The buttons under a finished video: each opens a quote in private, and its job says what it goes on from."""

import copy
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from sandbox.discord.submission import Entered
from tests.cogs.ordering import attached, buy, clip, open_rich_house, photo
from tests.cogs.settling import settings, undo
from tests.house import Bought, House, together

UNDER_IT = ["Again", "Remix", "Continue", "Details", "More…"]


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house"), QUOTES_PER_MINUTE="600") as house:
        yield house


@pytest.fixture
async def bought(house: House, ada: Member, room: Channel) -> Bought:
    return await house.buy(ada, room, prompt="A fox in the snow", resolution="540p")


@pytest.fixture
async def post(house: House, bought: Bought) -> Message:
    """A finished video of Ada's."""
    [found] = await house.results(bought.job_id)
    await house.quiet()
    return found


async def test_two_short_rows_stand_under_a_video(post: Message):
    rows = [[button["label"] for button in row["components"]] for row in post.components]
    assert rows == [UNDER_IT[:3], UNDER_IT[3:]]


async def test_again_is_a_quote_for_the_same_in_private_and_nothing_is_bought(
    house: House, linus: Member, bought: Bought, post: Message
):
    card = await house.press(linus, post, "Again")
    assert card.visible_to is linus.user
    assert "> A fox in the snow\n540p · 16:9 · 5 s" in card.text
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", linus.id) == []
    assert _lineage(house, linus) == [(bought.job_id, 1, "again")]


async def test_whoever_presses_pays_and_the_new_one_links_to_its_parent(
    house: House, linus: Member, bought: Bought, post: Message
):
    job_id = await _confirm(house, linus, await house.press(linus, post, "Again"))
    [row] = house.rows("SELECT member_id FROM jobs WHERE id = ?", job_id)
    assert row["member_id"] == linus.id
    where = f"https://discord.com/channels/{house.server.id}/{post.channel.id}/{post.id}"
    await house.progress(job_id, f"Another take of [this video]({where})")
    [child] = await house.results(job_id)
    details = await house.press(linus, child, "Details")
    assert f"Another take of [this video]({where})" in details.text
    assert "resolution 540p · count 1 · format MP4 · quality not set · safety none" in details.text


async def test_remix_opens_the_prompt_filled_in(house: House, linus: Member, bought: Bought, post: Message):
    opened = await linus.click(post, "Remix")
    form = await opened.modal()
    assert form["components"][0]["component"]["value"] == "A fox in the snow"
    card = await (await linus.submit(opened, {"first": "A hare in the snow"})).answer()
    assert card.visible_to is linus.user
    assert "> A hare in the snow\n540p · 16:9 · 5 s" in card.text
    assert _lineage(house, linus) == [(bought.job_id, 1, "remix")]


async def test_a_form_that_was_open_while_the_bot_was_restarted_is_answered(
    house: House, linus: Member, bought: Bought, post: Message
):
    opened = await linus.click(post, "Remix")
    await opened.modal()
    await house.restart()
    card = await (await linus.submit(opened, {"first": "A hare in the snow"})).answer()
    assert "> A hare in the snow" in card.text
    assert "> A fox in the snow" in (await house.press(linus, post, "Again")).text, "and so are the buttons"


async def test_an_empty_prompt_is_refused_in_words(house: House, linus: Member, post: Message):
    opened = await linus.click(post, "Remix")
    answer = await (await linus.submit(opened, {"first": ""})).answer()
    assert "prompt" in answer.text
    assert house.rows("SELECT id FROM quotes WHERE member_id = ?", linus.id) == []


@pytest.mark.parametrize("action", ["Remix", "Edit", "Reframe"])
async def test_what_was_written_is_handed_back_where_it_is_refused(
    house: House, linus: Member, post: Message, action: str
):
    mary = house.discord.member("Mary")
    rest = post if action == "Remix" else await house.press(linus, post, "More…")
    opened = await linus.click(rest, action)
    written = "A hare " * 600  # more than one field
    fields: dict[str, Entered] = {"first": written[:4000], "second": written[4000:]}
    fields |= {"aspect_ratio": ["1:1"]} if action == "Reframe" else {}
    await settings(mary, "words", block="hare")
    refused = await (await linus.submit(opened, fields)).answer()
    await settings(mary, "words", allow="all")
    assert "prompt has “hare”, which this server does not allow" in refused.text
    await (await mary.command("limits member", {"member": linus.user, "limit": "0"})).answer()
    over = await (await linus.submit(opened, fields)).answer()
    assert "nothing may be spent" in over.text
    for answer in (refused, over):
        assert "What you wrote is in your-prompt.txt, so that it is not lost." in answer.text
        [file] = answer.attachments
        assert file.data.decode().split() == written.split()


async def test_bigger_is_one_resolution_up_and_honestly_a_new_take(
    house: House, linus: Member, bought: Bought, post: Message
):
    card = await house.press(linus, await house.press(linus, post, "More…"), "Bigger: 720p")
    assert "720p · 16:9 · 5 s" in card.text
    assert "A new take at 720p: the model cannot make the same video twice" in card.text
    assert _lineage(house, linus) == [(bought.job_id, 1, "bigger")]


async def test_the_buttons_follow_what_staff_have_changed_since(house: House, linus: Member, post: Message):
    """The check is raised to the server's, and what is not allowed any more is not offered."""
    mary = house.discord.member("Mary")
    rest = await house.press(linus, post, "More…")
    try:
        await settings(mary, "safety", mode="full")
        for card in (
            await house.press(linus, post, "Again"),
            await house.press(linus, post, "Continue"),
            await house.press(linus, rest, "Bigger: 720p"),
            await _submitted(linus, post, "Remix"),
            await _submitted(linus, rest, "Edit"),
        ):
            assert "safety full" in card.text
        await settings(mary, "allow", resolutions="360p")
        card = await _submitted(linus, rest, "Edit")
        assert "edit of 5 s · 360p · automatic" in card.text
        allowed = await house.press(linus, post, "More…")
        assert [button.label for button in allowed.buttons] == ["Edit", "Reframe"]
        await settings(mary, "allow", kinds="text, image")
        assert (await house.press(linus, post, "More…")).text.startswith("This server's staff allow nothing more")
    finally:
        await undo(house)


async def test_at_1080p_there_is_nothing_bigger(house: House, ada: Member, room: Channel):
    bought = await house.buy(ada, room, resolution="1080p")
    [post] = await house.results(bought.job_id)
    rest = await house.press(ada, post, "More…")
    assert [button.label for button in rest.buttons] == ["Edit", "Reframe", "Delete…"]
    forged = await house.press(ada, rest, custom_id=f"bigger:{bought.job_id}.1")
    assert "does not work any more" in forged.text


async def test_an_hdr_video_is_not_continued(house: House, ada: Member, room: Channel):
    bought = await house.buy(ada, room, resolution="720p", hdr=True)
    [post] = await house.results(bought.job_id)
    assert [button.label for button in post.buttons] == ["Again", "Remix", "Details", "More…"]


async def test_edit_is_an_edit_of_this_very_video(house: House, linus: Member, bought: Bought, post: Message):
    rest = await house.press(linus, post, "More…")
    opened = await linus.click(rest, "Edit")
    card = await (await linus.submit(opened, {"first": "The same fox, in rain"})).answer()
    assert "edit of 5 s · 540p · automatic" in card.text
    job_id = await _confirm(house, linus, card)
    await house.progress(job_id, "An edit of [this video]")
    await house.results(job_id, timeout=30)
    assert _lineage(house, linus) == [(bought.job_id, 1, "edit")]


async def test_reframe_asks_for_the_shape_and_offers_only_others(
    house: House, linus: Member, bought: Bought, post: Message
):
    opened = await linus.click(await house.press(linus, post, "More…"), "Reframe")
    select = (await opened.modal())["components"][2]["component"]
    assert [option["value"] for option in select["options"]] == ["9:16", "3:4", "1:1", "4:3", "21:9"]
    card = await (await linus.submit(opened, {"first": "More snow", "aspect_ratio": ["9:16"]})).answer()
    assert "reframe of 5 s · 540p · 9:16" in card.text
    assert _lineage(house, linus) == [(bought.job_id, 1, "reframe")]


async def test_again_of_what_was_made_from_a_picture_uses_that_picture(
    house: House, ada: Member, linus: Member, room: Channel
):
    given = {"resolution": "360p", "first_frame": attached(ada, photo(), "a.png")}
    bought = await buy(house, ada, room, "generate", given)
    [post] = await house.results(bought.job_id)
    job_id = await _confirm(house, linus, await house.press(linus, post, "Again"))
    await house.results(job_id)
    theirs, ours = (_images(house, each) for each in (bought.job_id, job_id))
    assert theirs == ours


async def test_when_what_it_was_made_from_is_gone_the_file_is_asked_for(
    house: House, ada: Member, linus: Member, room: Channel
):
    for command, given, says in (
        ("generate", {"first_frame": attached(ada, photo(2), "a.png")}, "attach them to /generate"),
        ("edit", {"video": attached(ada, clip(160, 96, 2_000_000))}, "send it with /edit"),
    ):
        bought = await buy(house, ada, room, command, given)
        [post] = await house.results(bought.job_id, timeout=30)
        await house.quiet()
        for path in (house.database.parent / "media" / "inputs").iterdir():
            path.unlink()
        answer = await house.press(linus, post, "Again")
        assert "not here any more. If you have" in answer.text
        assert says in answer.text


async def test_a_video_that_is_gone_is_asked_for_and_one_that_can_be_fetched_is(
    house: House, linus: Member, bought: Bought, post: Message
):
    for path in (house.database.parent / "media" / "results").glob(f"{bought.job_id}.*"):
        path.unlink()
    assert "Confirm" in [button.label for button in (await house.press(linus, post, "Continue")).buttons]
    for path in (house.database.parent / "media" / "results").glob(f"{bought.job_id}.*"):
        path.unlink()
    house.sandbox.clock.advance(timedelta(days=8))
    answer = await house.press(linus, post, "Continue")
    assert answer.text.startswith("I am sorry: this video is not here any more")
    assert answer.visible_to is linus.user


async def test_in_a_direct_message_it_says_where_to_go_on(house: House, ada: Member, bought: Bought, post: Message):
    for label in UNDER_IT:
        use = await ada.click(_as_in_private(post, ada), label, forged=True)
        answer = await use.answer()
        if label == "Details":
            assert f"Job {bought.job_id}" in answer.text
        else:
            assert answer.text.startswith("I can do this in the server only.")
            assert f"`{bought.job_id}.1`" in answer.text


async def test_pressed_at_once_by_many_each_has_a_quote_of_their_own(house: House, post: Message):
    members = [house.member() for _ in range(5)]
    cards = await together(*(house.press(member, post, "Again") for member in members))
    assert [card.visible_to for card in cards] == [member.user for member in members]
    assert all(len(_lineage(house, member)) == 1 for member in members)


async def test_a_limit_that_refuses_it_offers_what_fits_and_that_remembers_its_parent_too(
    house: House, bought: Bought, post: Message
):
    mary, linus = house.discord.member("Mary"), house.member()
    await (await mary.command("limits member", {"member": linus.user, "limit": "0.10"})).answer()
    answer = await house.press(linus, post, "Again")
    assert "These fit" in answer.text
    assert _lineage(house, linus) == [(bought.job_id, 1, "again")] * len(_lineage(house, linus)) != []


async def _submitted(member: Member, message: Message, label: str) -> Message:
    opened = await member.click(message, label)
    return await (await member.submit(opened, {"first": "The same fox, in rain"})).answer()


def _as_in_private(post: Message, member: Member) -> Message:
    found = copy.copy(post)
    found.channel = member.direct
    return found


async def _confirm(house: House, member: Member, card: Message) -> str:
    answer = await house.press(member, card, "Confirm")
    found = house.rows("SELECT id FROM jobs WHERE member_id = ? ORDER BY held_at DESC LIMIT 1", member.id)
    assert found, answer.text
    return str(found[0]["id"])


def _lineage(house: House, member: Member) -> list[tuple[str, int, str]]:
    found = house.rows(
        "SELECT lineage.* FROM lineage JOIN quotes ON quotes.id = quote_id WHERE member_id = ?", member.id
    )
    return [(row["parent_id"], row["parent_n"], row["way"]) for row in found]


def _images(house: House, job_id: str) -> list[str]:
    found = house.rows(
        "SELECT sha256 FROM sources JOIN jobs ON jobs.quote_id = sources.quote_id WHERE jobs.id = ?", job_id
    )
    return [row["sha256"] for row in found]
