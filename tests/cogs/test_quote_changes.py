"""The card is live: a menu, or the form of its prompt, makes a new quote in the place of the old one."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.discord.component import Type, walk
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from tests.cogs.ordering import ask, attached, clip, open_rich_house, photo, task_of
from tests.house import House, as_it_was, id_of, together

LONG = f"{'A fox in the snow. ' * 210}\n\n{'It looks back, 🦊, and runs. ' * 60}".ljust(6_000, "x")[:6_000]


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    async with open_rich_house(folder, QUOTES_PER_MINUTE="60", DEFAULT_MEMBER_LIMIT="5.00/day") as house:
        yield house


def menus(card: Message) -> dict[str, dict[str, Any]]:
    """The card's menus, by the names in their custom ids."""
    found = [each for each in walk(card.components) if each["type"] == Type.STRING_SELECT]
    return {each["custom_id"].partition(":")[0]: each for each in found}


def chosen(card: Message) -> dict[str, str]:
    return {
        name: next(one["value"] for one in menu["options"] if one.get("default"))
        for name, menu in menus(card).items()
    }


def custom_id(card: Message, name: str) -> str:
    return str(menus(card)[name]["custom_id"])


async def choose(house: House, member: Member, card: Message, name: str, value: str, *, forged: bool = False):
    """Pick from a menu; the last message that answers it."""
    use = await member.select(card, [value], custom_id=custom_id(card, name), forged=forged)
    await use.answer()
    return use.messages[-1]


def open_quotes(house: House, member: Member) -> list[dict[str, Any]]:
    return house.rows(
        """SELECT * FROM quotes WHERE member_id = ? AND id NOT IN (SELECT quote_id FROM cancelled_quotes)
           AND id NOT IN (SELECT quote_id FROM jobs)""",
        member.id,
    )


async def rewrite(member: Member, card: Message, first: str, second: str = "") -> Message:
    """Press Edit, write both fields, submit; the last message that answers it."""
    opened = await member.click(card, "Edit")
    use = await member.submit(opened, {"first": first, "second": second})
    await use.answer()
    return use.messages[-1]


async def test_a_menu_makes_a_new_quote_and_the_old_one_buys_nothing(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    old = as_it_was(card)
    assert await choose(house, ada, card, "resolution", "720p") is card
    assert card.embeds[0]["title"] == "$0.30 for this video"
    assert card.embeds[0]["fields"][0]["name"] == "Resolution: 360p → 720p"
    assert card.embeds[0]["fields"][0]["value"] == "**$0.30** instead of $0.06."
    assert chosen(card) == {"resolution": "720p", "aspect_ratio": "16:9", "duration": "5", "count": "1"}
    assert id_of(card, "Confirm") != id_of(old, "Confirm")
    assert [quote["id"] for quote in open_quotes(house, ada)] == [id_of(card, "Confirm")]

    answer = await house.press(ada, old, custom_id=f"confirm:{id_of(old, 'Confirm')}")
    assert answer.text == "This quote was cancelled, so nothing was bought. Please ask again."
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []
    await house.press(ada, card, "Confirm")
    [job] = house.rows("SELECT * FROM jobs WHERE member_id = ?", ada.id)
    await house.results(job["id"])
    assert house.bill[job["task_id"]] == "0.30"
    assert (await task_of(house, job["id"]))["height"] == 720


async def test_every_menu_says_what_its_values_cost_where_that_differs(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    told = {name: [one.get("description") for one in menu["options"]] for name, menu in menus(card).items()}
    assert told["resolution"] == ["$0.06", "$0.15", "$0.30", "$1.20"]
    assert told["count"] == ["$0.06", "$0.12", "$0.18", "$0.24"]
    assert set(told["aspect_ratio"]) == {None}
    await choose(house, ada, card, "aspect_ratio", "9:16")
    assert card.embeds[0]["fields"][0]["value"] == "The price stays **$0.06**."


async def test_what_the_rules_refuse_is_not_offered_and_refused_kindly_where_it_is_forged(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room, resolution="720p", hdr=True)
    assert "duration" not in menus(card)
    before, quote = chosen(card), id_of(card, "Confirm")
    for value in ("360p", "9000p", "", "' OR 1=1"):
        answer = await choose(house, ada, card, "resolution", value, forged=True)
        assert answer is card
        assert card.text.startswith("This cannot be chosen here, so nothing was changed.")
        assert chosen(card) == before
        assert id_of(card, "Confirm") == quote
    await house.press(ada, card, "Confirm")
    assert house.rows("SELECT id FROM jobs WHERE quote_id = ?", quote)


async def test_what_is_over_a_limit_leaves_the_card_as_it_was_and_says_why(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room, resolution="1080p", duration=10)
    quote = id_of(card, "Confirm")
    assert await choose(house, ada, card, "count", "4") is card
    assert "This costs $14.40" in card.content
    assert card.content.endswith("Your quote is as it was before.")
    assert card.embeds[0]["title"] == "$3.60 for this video"
    assert chosen(card)["count"] == "1"
    assert [one["id"] for one in open_quotes(house, ada)] == [quote]


@pytest.mark.parametrize("presses", [2, 8])
async def test_from_however_many_devices_at_once_exactly_one_quote_is_open(
    house: House, ada: Member, room: Channel, presses: int
):
    card = await house.ask(ada, room)
    values = ["540p", "720p"] * (presses // 2)
    uses = await together(*[ada.select(card, [value], custom_id=custom_id(card, "resolution")) for value in values])
    await together(*[use.answer() for use in uses])
    await house.until(lambda: card.embeds and "$0.06" not in card.embeds[0]["title"], "a changed card")
    [quote] = open_quotes(house, ada)
    assert quote["id"] == id_of(card, "Confirm")
    told = [use.messages[-1] for use in uses if use.messages[-1] is not card]
    assert len(told) == presses - 1
    assert all(one.text.startswith("Your card was changed or cancelled before this came") for one in told)
    assert all(one.visible_to is ada.user for one in told)


async def test_a_change_and_confirm_at_once_agree_with_each_other(house: House, ada: Member, room: Channel):
    for _ in range(4):
        card = await house.ask(ada, room)
        quote = id_of(card, "Confirm")
        changing = ada.select(card, ["540p"], custom_id=custom_id(card, "resolution"))
        uses = await together(ada.click(card, "Confirm"), changing)
        await together(*[use.answer() for use in uses])
        bought = house.rows("SELECT id FROM jobs WHERE quote_id = ?", quote)
        assert len(bought) + len(house.rows("SELECT * FROM cancelled_quotes WHERE quote_id = ?", quote)) == 1
        for left in open_quotes(house, ada):
            assert not bought
            await house.press(ada, card, custom_id=f"decline:{left['id']}")


@pytest.mark.parametrize("way", ["menu", "form"])
async def test_nobody_changes_somebody_elses_card_nor_from_another_channel(
    house: House, ada: Member, linus: Member, room: Channel, way: str
):
    card = await house.ask(ada, room)
    before = card.text
    elsewhere = as_it_was(card)
    elsewhere.channel = house.channel()
    for member, message, says in (
        (linus, card, "This quote is somebody else's."),
        (ada, elsewhere, "This quote was made in another channel."),
    ):
        if way == "menu":
            answer = await choose(house, member, message, "resolution", "720p", forged=True)
        else:
            answer = await house.press(member, message, custom_id=f"edit:{id_of(card, 'Confirm')}")
        assert answer.text.startswith(says)
        assert answer.visible_to is member.user
    assert card.text == before
    assert len(open_quotes(house, ada)) == 1


async def test_menus_and_forms_answer_after_a_restart(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    opened = await ada.click(card, "Edit")
    await opened.modal()
    await house.restart()
    use = await ada.submit(opened, {"first": "An owl at night"})
    assert await use.answer() is card
    assert "An owl at night" in card.text
    await choose(house, ada, card, "duration", "10")
    assert "Duration: 5 seconds → 10 seconds" in card.text
    assert len(open_quotes(house, ada)) == 1


async def test_edit_opens_the_prompt_and_its_submit_is_a_new_quote(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    old = id_of(card, "Confirm")
    opened = await ada.click(card, "Edit")
    fields = [label["component"] for label in (await opened.modal())["components"]]
    assert [(field.get("value"), field["max_length"]) for field in fields] == [
        ("A fox in the snow", 4_000),
        (None, 2_000),
    ]
    assert await (await ada.submit(opened, {"first": "An owl", "second": "at night"})).answer() is card
    assert card.embeds[0]["description"].startswith("> An owl at night\n")
    assert card.embeds[0]["fields"][0] == {
        "name": "The prompt is changed",
        "value": "The price stays **$0.06**.",
        "inline": False,
    }
    assert [one["id"] for one in open_quotes(house, ada)] == [id_of(card, "Confirm")] != [old]


async def test_a_prompt_of_6000_characters_is_whole_in_a_file_and_comes_through_the_form_unchanged(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room, prompt=LONG)
    [whole] = card.attachments
    assert (whole.filename, whole.data.decode()) == ("prompt.txt", LONG)
    assert "The whole prompt is in prompt.txt." in card.text
    quote = id_of(card, "Confirm")
    opened = await ada.click(card, "Edit")
    await (await ada.submit(opened, {})).settled()
    first, second = (label["component"]["value"] for label in (await opened.modal())["components"])
    assert (len(first) <= 4_000, len(second) <= 2_000) == (True, True)
    await rewrite(ada, card, first, f"{second[:-1]}y")
    assert id_of(card, "Confirm") != quote
    await house.press(ada, card, "Confirm")
    [job] = house.rows("SELECT * FROM jobs WHERE member_id = ?", ada.id)
    assert (await task_of(house, job["id"]))["positivePrompt"] == f"{LONG[:-1]}y"
    assert card.attachments == [], "nothing of the card is left once it is confirmed"


async def test_a_submit_that_changes_nothing_makes_no_quote(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    before = id_of(card, "Confirm"), card.text
    opened = await ada.click(card, "Edit")
    await (await ada.submit(opened, {})).settled()
    assert (id_of(card, "Confirm"), card.text) == before
    assert len(house.rows("SELECT id FROM quotes WHERE member_id = ?", ada.id)) == 1


async def test_an_empty_prompt_is_refused_and_the_card_stays(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    quote = id_of(card, "Confirm")
    assert await rewrite(ada, card, "") is card
    assert "prompt is empty" in card.content
    assert card.content.endswith("Your quote is as it was before.")
    assert id_of(card, "Confirm") == quote


async def test_what_was_written_is_handed_back_where_the_quote_has_gone(house: House, ada: Member, room: Channel):
    for way in ("lapsed", "changed", "bought"):
        card = await house.ask(ada, room)
        opened = await ada.click(card, "Edit")
        await opened.modal()
        quote = id_of(card, "Confirm")
        if way == "changed":
            await choose(house, ada, card, "resolution", "540p")
        elif way == "bought":
            await house.press(ada, card, "Confirm")
        else:
            house.change("DROP TRIGGER IF EXISTS quotes_are_immutable")
            house.change("UPDATE quotes SET quoted_at = 1, expires_at = 2 WHERE id = ?", quote)
        use = await ada.submit(opened, {"first": f"An owl that was {way}"})
        await use.answer()
        [file] = use.messages[-1].attachments
        assert (file.filename, file.data.decode()) == ("your-prompt.txt", f"An owl that was {way}")
        assert use.messages[-1].visible_to is ada.user
        assert "your-prompt.txt" in use.messages[-1].text
        assert way not in str(house.rows("SELECT request FROM quotes WHERE member_id = ?", ada.id))


@pytest.mark.parametrize("form", ["prompt:0000000000", "prompt:", "prompt:zzzzzzzzzzz", "x"])
async def test_a_forged_form_does_nothing(house: House, ada: Member, room: Channel, form: str):
    card = await house.ask(ada, room)
    before = card.text
    opened = await ada.click(card, "Edit")
    (await opened.modal())["custom_id"] = form
    use = await ada.submit(opened, {"first": "An owl"})
    await use.answer()
    assert use.messages[-1].visible_to is ada.user
    assert "An owl" not in card.text
    assert card.text == before
    assert len(open_quotes(house, ada)) == 1


async def test_pictures_stand_above_the_card_with_words_for_who_does_not_see_them(
    house: House, ada: Member, room: Channel
):
    pictures = {"first_frame": attached(ada, photo(1), "a.png"), "last_frame": attached(ada, photo(2), "b.png")}
    card = await ask(house, ada, room, "generate", pictures)
    [picture] = card.attachments
    assert picture.filename == "from.jpg"
    assert picture.data.startswith(b"\xff\xd8\xff")
    assert picture.description == "In order: the first frame, the last frame."
    await choose(house, ada, card, "resolution", "540p")
    assert [one.filename for one in card.attachments] == ["from.jpg"]
    await house.press(ada, card, "Cancel")
    assert card.attachments == []


async def test_a_reframe_shows_its_canvas_and_another_shape_is_another_picture(
    house: House, ada: Member, room: Channel
):
    video = attached(ada, clip(640, 360, 2_000_000))
    card = await ask(house, ada, room, "reframe", {"video": video, "placement": "top"})
    [tall] = card.attachments
    assert (tall.description or "").startswith("The new 9:16 canvas. Your video stands from 0% to 100%")
    assert chosen(card)["placement"] == "top"
    await choose(house, ada, card, "aspect_ratio", "1:1")
    [square] = card.attachments
    assert (square.description or "").startswith("The new 1:1 canvas.")
    assert square.data != tall.data
    assert chosen(card)["placement"] == "top"


async def test_a_card_comes_without_its_picture_where_that_cannot_be_drawn(
    house: House, ada: Member, room: Channel
):
    card = await ask(house, ada, room, "generate", {"first_frame": attached(ada, photo(7), "a.png")})
    await house.restart()  # what was drawn before is forgotten
    for path in (house.database.parent / "media" / "inputs").glob("*"):
        path.write_bytes(b"no picture any more")
    await choose(house, ada, card, "resolution", "540p")
    assert card.embeds[0]["title"] == "$0.15 for this video"
    assert card.attachments == []
