"""A request that a limit refuses: which limit, what is left, and buttons for the requests near to it that fit."""

import re
from collections.abc import AsyncIterator
from typing import Final

import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from tests.cogs.ordering import ask, attached, clip, left_on_disk, photo, quotes_of, sent, task_of
from tests.house import House, as_it_was, open_house

THESE_FIT: Final = "These fit. A button opens its quote, and nothing is bought by that:"
REFUSED: Final = "This costs $1.20, and that is more than what is left."


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), DEFAULT_MEMBER_LIMIT="0.60/day") as house:
        yield house


async def test_a_refusal_offers_what_fits_each_with_what_differs_and_its_price(
    house: House, ada: Member, room: Channel
):
    refusal = await house.ask(ada, room, resolution="1080p")
    assert refusal.visible_to is ada.user
    says = refusal.content.splitlines()
    assert says[0] == REFUSED
    assert says[1].startswith("• Your limit is $0.60 a day: $0.60 is left, and it resets <t:")
    assert says[2:] == [THESE_FIT]
    assert [button.label for button in refusal.buttons] == ["720p · $0.30", "540p · $0.15", "360p · $0.06"]
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        ({"resolution": "720p", "duration": 10}, ["540p · $0.45", "5 s · $0.30", "360p · $0.18"]),
        ({"resolution": "720p", "hdr": True, "exr": True}, ["without EXR · $0.60", "without HDR · $0.30"]),
        ({"resolution": "540p", "count": 4, "duration": 10}, ["5 s · $0.60", "one video · $0.45"]),
        (
            {"resolution": "1080p", "duration": 10, "count": 4},
            ["540p, 5 s · $0.60", "540p, one video · $0.45", "360p, 5 s · $0.24", "360p, one video · $0.18"],
        ),
    ],
)
async def test_what_is_offered_is_smaller_shorter_plainer_or_fewer(
    house: House, ada: Member, room: Channel, options: dict[str, str | int | bool], labels: list[str]
):
    refusal = await house.ask(ada, room, options)
    offered = [button.label for button in refusal.buttons]
    assert offered[: len(labels)] == labels
    assert len(offered) <= 4


async def test_a_button_opens_the_quote_card_of_its_request_and_confirm_buys_that(
    house: House, ada: Member, room: Channel
):
    refusal = await house.ask(ada, room, prompt="A red kite", resolution="1080p")
    assert await house.press(ada, refusal, "540p · $0.15") is refusal
    assert refusal.content == ""
    assert refusal.embeds[0]["title"] == "$0.15 for this video"
    assert "> A red kite\n540p · 16:9 · 5 s" in refusal.text
    assert [button.label for button in refusal.buttons] == ["Confirm", "Edit", "Cancel"]
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == [], "nothing is bought by it"

    await house.press(ada, refusal, "Confirm")
    [job] = house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)
    await house.results(job["id"])
    await house.quiet()
    assert house.books(job["id"]) == {"hold": "0.15", "settle": "0.15"}


async def test_the_buttons_answer_after_a_restart(house: House, ada: Member, room: Channel):
    refusal = await house.ask(ada, room, resolution="1080p")
    await house.restart()
    await house.press(ada, refusal, "720p · $0.30")
    assert refusal.embeds[0]["title"] == "$0.30 for this video"


async def test_only_whoever_asked_may_open_what_was_offered(
    house: House, ada: Member, linus: Member, room: Channel
):
    refusal = await house.ask(ada, room, resolution="1080p")
    answer = await _press_forged(house, linus, refusal, "720p · $0.30")
    assert answer.visible_to is linus.user
    assert "This quote is somebody else's. " in answer.text
    assert refusal.content.startswith(REFUSED), "it is as it was"


async def test_an_offer_that_was_bought_on_another_device_is_not_opened_again(
    house: House, ada: Member, room: Channel
):
    refusal = await house.ask(ada, room, resolution="1080p")
    elsewhere = as_it_was(refusal)
    await house.press(ada, refusal, "360p · $0.06")
    await house.press(ada, refusal, "Confirm")
    answer = await _press_forged(house, ada, elsewhere, "360p · $0.06")
    assert "This was confirmed already, as job `" in answer.text
    assert len(house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)) == 1


async def test_an_offer_that_has_expired_says_so(house: House, ada: Member, room: Channel):
    refusal = await house.ask(ada, room, resolution="1080p")
    quote_id = _id_of(refusal, "360p · $0.06")
    house.change(
        """INSERT INTO quotes SELECT ?, server_id, channel_id, member_id, request, price_list, total,
               quoted_at - 700000000, expires_at - 700000000 FROM quotes WHERE id = ?""",
        quote_id[::-1],
        quote_id,
    )
    old = as_it_was(refusal, **{quote_id: quote_id[::-1]})
    answer = await _press_forged(house, ada, old, "360p · $0.06")
    assert answer.text == "This quote is more than 10 minutes old, so nothing was bought. Please ask again."


async def test_an_offer_on_a_public_message_opens_nothing(house: House, ada: Member, room: Channel):
    refusal = await house.ask(ada, room, resolution="1080p")
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    custom_id = post.buttons[0].custom_id
    assert custom_id is not None
    shown = f"show:{_id_of(refusal, '360p · $0.06')}"
    answer = await house.press(ada, as_it_was(post, **{custom_id: shown}), custom_id=shown)
    assert "This button does not work any more, and nothing has changed." in answer.text


async def test_where_nothing_fits_it_says_so_and_whom_to_ask(house: House, ada: Member, room: Channel):
    for _ in range(2):
        await house.buy(ada, room, resolution="720p")
    refusal = await house.ask(ada, room, resolution="720p")
    assert refusal.buttons == []
    assert re.fullmatch(
        r"Nothing smaller or shorter fits now either\. "
        r"Please ask again <t:\d+:R>, or ask this server's staff for more\.",
        refusal.content.splitlines()[-1],
    )
    assert quotes_of(house, ada)[0]["total"] == 300_000_000
    assert len(quotes_of(house, ada)) == 2, "no quote was made"


async def test_an_edits_offers_keep_its_file_and_buy_from_it(house: House, ada: Member, room: Channel):
    source = clip(640, 360, 5_000_000)
    before = await left_on_disk(house)
    refusal = await ask(house, ada, room, "edit", {"resolution": "720p", "video": attached(ada, source)})
    assert [button.label for button in refusal.buttons] == ["360p · $0.54"]
    assert len(set(await left_on_disk(house)) - set(before)) == 1
    await house.press(ada, refusal, "360p · $0.54")
    await house.press(ada, refusal, "Confirm")
    [job] = house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)
    task = await task_of(house, job["id"])
    assert await sent(house, task["inputs"]["video"]) == source
    await house.results(job["id"])


async def test_pictures_stay_for_what_is_offered(house: House, ada: Member, room: Channel):
    picture = ada.upload("first.png", photo(7))
    refusal = await house.ask(ada, room, resolution="1080p", first_frame=picture)
    await house.press(ada, refusal, "360p · $0.06")
    await house.press(ada, refusal, "Confirm")
    [job] = house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)
    task = await task_of(house, job["id"])
    assert await sent(house, task["inputs"]["frameImages"][0]["image"]) == photo(7)
    await house.results(job["id"])


async def test_a_refused_request_that_nothing_was_offered_for_leaves_no_file(
    house: House, ada: Member, room: Channel
):
    for _ in range(2):
        await house.buy(ada, room, resolution="720p")
    before = await left_on_disk(house)
    video = attached(ada, clip(320, 320, 4_000_000))
    refusal = await ask(house, ada, room, "edit", {"video": video})
    assert refusal.buttons == []
    assert await left_on_disk(house) == before


async def test_a_long_edit_is_offered_trimmed_where_that_fits_and_trim_opens_that_quote(
    house: House, ada: Member, room: Channel
):
    refusal = await _long_edit(house, ada, room, "360p")
    assert refusal.content.splitlines()[2:] == [
        "Trimmed to its first 5.000 s it costs $0.54, which fits: press Trim for that quote."
    ]
    assert [button.label for button in refusal.buttons] == ["Trim to 5.000 s: $0.54"]
    use = await ada.click(refusal, "Trim to 5.000 s: $0.54")
    await use.answer(30)
    await house.until(lambda: refusal.embeds or None, "a card", 30)
    assert refusal.embeds[0]["title"] == "$0.54 for this video"
    assert "edit of 5 s · 360p" in refusal.text
    await house.press(ada, refusal, "Confirm")
    [job] = house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)
    await house.results(job["id"])
    await house.quiet()
    assert house.books(job["id"]) == {"hold": "0.54", "settle": "0.54"}


async def test_the_refused_edit_itself_is_not_bought_by_a_forged_confirm(house: House, ada: Member, room: Channel):
    refusal = await _long_edit(house, ada, room, "360p")
    forged = as_it_was(refusal, trim="confirm")
    answer = await _press_forged(house, ada, forged, "Trim to 5.000 s: $0.54")
    assert answer.content.startswith("This costs $1.08, and that is more than what is left.")
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []


async def test_a_trim_that_would_not_fit_either_is_not_offered(house: House, ada: Member, room: Channel):
    refusal = await _long_edit(house, ada, room, "720p")
    assert "Trim" not in refusal.text
    assert refusal.buttons == []
    assert "Nothing smaller or shorter fits now either. " in refusal.content
    assert quotes_of(house, ada) == []


async def _long_edit(house: House, member: Member, channel: Channel, resolution: str) -> Message:
    video = attached(member, clip(640, 360, 7_040_000))
    return await ask(house, member, channel, "edit", {"resolution": resolution, "video": video})


async def test_at_confirm_a_refusal_takes_the_cards_place_with_what_fits_and_confirm_again(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room, resolution="720p")
    _limit(house, ada, "$0.16/day")
    assert await house.press(ada, card, "Confirm") is card, "the card is replaced"
    says = card.content.splitlines()
    assert says[0] == "This costs $0.30, and that is more than what is left."
    assert says[1].startswith("• Your limit is $0.16 a day: $0.16 is left, and it resets <t:")
    assert says[2] == THESE_FIT
    assert re.fullmatch(
        r"Nothing was bought. Your quote is valid until <t:\d+:t>: Confirm again works once there is room.", says[3]
    )
    assert card.embeds == []
    assert [button.label for button in card.buttons] == ["540p · $0.15", "360p · $0.06", "Confirm again · $0.30"]
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []

    _limit(house, ada, "$0.30/day", before="$0.16/day")
    await house.press(ada, card, "Confirm again · $0.30")
    assert card.content.startswith("Confirmed, and $0.30 is on hold for it.")
    [job] = house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)
    await house.results(job["id"])
    await house.quiet()
    assert house.books(job["id"]) == {"hold": "0.30", "settle": "0.30"}


async def test_at_confirm_what_fits_instead_opens_its_own_quote(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room, resolution="720p")
    _limit(house, ada, "$0.16/day")
    await house.press(ada, card, "Confirm")
    await house.press(ada, card, "540p · $0.15")
    assert (card.content, card.embeds[0]["title"]) == ("", "$0.15 for this video")
    await house.press(ada, card, "Confirm")
    [job] = house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)
    await house.results(job["id"])
    await house.quiet()
    assert house.books(job["id"]) == {"hold": "0.15", "settle": "0.15"}


async def test_at_confirm_somebody_who_was_faster_leaves_nothing_that_fits(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room, resolution="720p", count=2)
    await house.buy(ada, room, resolution="720p", count=2)
    await house.press(ada, card, "Confirm")
    assert "Nothing smaller or shorter fits now either. Please ask again <t:" in card.content
    assert [button.label for button in card.buttons] == ["Confirm again · $0.60"]


async def test_at_confirm_an_edit_that_does_not_fit_any_more_may_still_be_trimmed(
    house: House, ada: Member, room: Channel
):
    _limit(house, ada, "$2/day")
    card = await _long_edit(house, ada, room, "360p")
    _limit(house, ada, "$0.60/day", before="$2/day")
    await house.press(ada, card, "Confirm")
    assert "Trimmed to its first 5.000 s it costs $0.54, which fits" in card.content
    assert [button.label for button in card.buttons] == ["Trim to 5.000 s: $0.54", "Confirm again · $1.08"]
    use = await ada.click(card, "Trim to 5.000 s: $0.54")
    await use.answer(30)
    await house.until(lambda: card.embeds or None, "a card", 30)
    assert card.embeds[0]["title"] == "$0.54 for this video"


async def test_rolling_hours_say_when_enough_is_back(house: House, ada: Member, room: Channel):
    _limit(house, ada, "$0.40/3h")
    for _ in range(2):
        await house.buy(ada, room)
    held = [row["held_at"] for row in house.rows("SELECT held_at FROM jobs WHERE member_id = ?", ada.id)]
    first, second = (each // 1_000_000 + 3 * 3600 + 1 for each in sorted(held))
    card = await house.ask(ada, room)
    assert f"You: $0.22 of $0.40 in any 3 hours, $0.06 comes back <t:{first}:R>" in card.text
    needs_one: dict[str, str | int | bool] = {"resolution": "720p"}
    needs_both: dict[str, str | int | bool] = {"duration": 10, "count": 2}
    for options, then in ((needs_one, first), (needs_both, second)):
        refusal = await house.ask(ada, room, options)
        assert f"$0.28 is left, and enough for this comes back <t:{then}:R>." in refusal.content
    spending = await (await ada.command("spending", channel=room)).answer()
    assert f"left **$0.28**, $0.06 comes back <t:{first}:R>" in spending.text


def _limit(house: House, member: Member, limit: str, *, before: str | None = None) -> None:
    house.change(
        """INSERT INTO changes (server_id, kind, subject, before, value, actor_id, reason, changed_at)
           VALUES (?, 'member limit', ?, ?, ?, 1, '', unixepoch() * 1000000)""",
        house.server.id,
        str(member.id),
        before,
        limit,
    )


async def _press_forged(house: House, member: Member, message: Message, label: str) -> Message:
    custom_id = next(button.custom_id for button in message.buttons if button.label == label)
    return await house.press(member, message, custom_id=custom_id)


def _id_of(message: Message, label: str) -> str:
    custom_id = next(button.custom_id for button in message.buttons if button.label == label)
    assert custom_id is not None
    return custom_id.partition(":")[2]
