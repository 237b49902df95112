"""The Trim button on the card of an edit: another quote for less, made from a video of exactly 5 s."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any, Final

import av
import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from tests.bot.media.filmed import streams
from tests.cogs.ordering import (
    ask,
    attached,
    clip,
    confirm,
    left_on_disk,
    open_rich_house,
    parameters_of,
    quotes_of,
)
from tests.house import House, as_it_was, id_of, together

TRIM: Final = "Trim to 5.000 s: $1.08"
LENGTH: Final = 7_040_000  # microseconds


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house")) as house:
        yield house


async def test_the_card_of_a_long_video_names_both_prices(house: House, ada: Member, room: Channel):
    card = await _card(house, ada, room)
    assert card.embeds[0]["title"] == "$2.16 for this video"
    assert "Your video lasts 7.04 s. " in card.text
    assert "it costs **$1.08** instead of **$2.16**." in card.text
    assert [button.label for button in card.buttons] == ["Confirm", "Edit", "Cancel", TRIM]


async def test_trim_puts_another_quote_in_the_place_of_the_first_and_confirm_buys_that(
    house: House, ada: Member, room: Channel
):
    card = await _card(house, ada, room)
    old = as_it_was(card)
    assert await _press(house, ada, card, TRIM) is card
    assert card.text.startswith("Trimmed. Nothing is bought yet; this is the price now:\n$1.08 for this video\n")
    assert "edit of 5 s · 720p · automatic" in card.text
    assert [button.label for button in card.buttons] == ["Confirm", "Edit", "Cancel"]
    assert id_of(card, "Confirm") != id_of(old, "Confirm")

    answer = await _press_forged(house, ada, old, "Confirm")
    assert answer.content == "This quote was cancelled, so nothing was bought. Please ask again."
    assert _jobs(house, ada) == []


async def test_what_is_bought_after_trim_is_the_trimmed_video_at_the_lower_price(
    house: House, ada: Member, room: Channel
):
    card = await _card(house, ada, room, sound=True)
    await _press(house, ada, card, TRIM)
    bought = await confirm(house, ada, room, card)
    sent = (await parameters_of(house, bought.job_id))["inputs"]["video"]
    with av.open(BytesIO(sent), "r") as video:
        assert video.duration is not None
        assert 5_000_000 - 1_000_000 / 24 < video.duration <= 5_000_000, "in microseconds"
    assert sorted(kind for kind, _ in streams(sent)) == ["audio", "video"]
    await house.results(bought.job_id)
    await house.quiet()
    assert house.bill[house.job(bought.job_id)["task_id"]] == "1.08"
    assert house.books(bought.job_id) == {"hold": "1.08", "settle": "1.08"}


async def test_a_quote_that_was_trimmed_buys_nothing_any_more_on_another_device(
    house: House, ada: Member, room: Channel
):
    card = await _card(house, ada, room)
    elsewhere = [as_it_was(card), as_it_was(card)]
    await _press(house, ada, card, TRIM)
    for device, label in zip(elsewhere, ("Confirm", TRIM), strict=True):
        answer = await _press_forged(house, ada, device, label)
        assert answer.content == "This quote was cancelled, so nothing was bought. Please ask again."
    assert len(quotes_of(house, ada)) == 2
    assert _jobs(house, ada) == []


async def test_trim_pressed_twice_at_once_leaves_one_quote_that_can_be_confirmed(
    house: House, ada: Member, room: Channel
):
    card = await _card(house, ada, room)
    await together(ada.click(card, TRIM), ada.click(as_it_was(card), TRIM, forged=True))
    await _until_still(house, ada, quotes=2)
    first, second = sorted(quotes_of(house, ada), key=_in_turn)
    assert (first["total"], second["total"]) == (2_160_000_000, 1_080_000_000)
    assert house.rows("SELECT quote_id FROM cancelled_quotes WHERE quote_id = ?", first["id"])
    assert not house.rows("SELECT quote_id FROM cancelled_quotes WHERE quote_id = ?", second["id"])


async def test_somebody_else_cannot_trim(house: House, ada: Member, linus: Member, room: Channel):
    card = await _card(house, ada, room)
    answer = await _press_forged(house, linus, card, TRIM)
    assert answer.visible_to is linus.user
    assert "This quote is somebody else's. " in answer.text
    assert len(quotes_of(house, ada)) == 1
    assert quotes_of(house, linus) == []
    assert card.embeds[0]["title"] == "$2.16 for this video", "the card is as it was"


async def test_after_confirm_there_is_nothing_to_trim(house: House, ada: Member, room: Channel):
    card = await _card(house, ada, room)
    old = as_it_was(card)
    bought = await confirm(house, ada, room, card)
    answer = await _press_forged(house, ada, old, TRIM)
    assert f"This was confirmed already, as job `{bought.job_id}`" in answer.text
    assert len(quotes_of(house, ada)) == 1
    await house.results(bought.job_id)


async def test_a_quote_that_has_expired_is_not_trimmed(house: House, ada: Member, room: Channel):
    card = await _card(house, ada, room)
    quote_id, old_id = id_of(card, "Confirm"), id_of(card, "Confirm")[::-1]
    house.change(
        """INSERT INTO quotes SELECT ?, server_id, channel_id, member_id, request, price_list, total,
               quoted_at - 700000000, expires_at - 700000000 FROM quotes WHERE id = ?""",
        old_id,
        quote_id,
    )
    answer = await _press_forged(house, ada, as_it_was(card, **{quote_id: old_id}), TRIM)
    assert answer.text == "This quote is more than 10 minutes old, so nothing was bought. Please ask again."
    assert len(quotes_of(house, ada)) == 2


@pytest.mark.parametrize("command", ["generate", "reframe", "short edit"])
async def test_a_quote_without_a_video_to_trim_is_left_alone(
    house: House, ada: Member, room: Channel, command: str
):
    video = {} if command == "generate" else {"video": attached(ada, clip(640, 360, 5_000_000))}
    card = await ask(house, ada, room, command.split(" ")[-1], video)
    quote_id = id_of(card, "Confirm")
    answer = await house.press(ada, as_it_was(card, decline="trim"), custom_id=f"trim:{quote_id}")
    assert "This quote has no video that could be trimmed, so nothing was changed." in answer.text
    assert card.buttons, "the card still stands"
    bought = await confirm(house, ada, room, card)
    await house.results(bought.job_id)


async def test_an_unknown_quote_cannot_be_trimmed(house: House, ada: Member, room: Channel):
    card = await _card(house, ada, room)
    forged = as_it_was(card, **{id_of(card, "Confirm"): "0000000000"})
    answer = await _press_forged(house, ada, forged, TRIM)
    assert "I do not know this quote." in answer.text


async def test_a_video_that_is_gone_cannot_be_trimmed_and_the_card_stays(house: House, ada: Member, room: Channel):
    card = await _card(house, ada, room, length=6_500_000)
    media = house.database.parent / "media" / "inputs"
    for name in await left_on_disk(house):
        (media / name).unlink(missing_ok=True)
    answer = await _told(house, ada, card)
    assert "I no longer have this file. Please send it again." in answer.text
    assert "Trimming your video" not in card.text
    assert [button.label for button in card.buttons] == ["Confirm", "Edit", "Cancel", TRIM]
    assert len(quotes_of(house, ada)) == 1


async def test_trim_works_only_in_the_channel_of_the_quote(house: House, ada: Member, room: Channel):
    card = await _card(house, ada, room)
    elsewhere = as_it_was(card)
    elsewhere.channel = house.channel()
    answer = await _press_forged(house, ada, elsewhere, TRIM)
    assert "This quote was made in another channel." in answer.text
    assert len(quotes_of(house, ada)) == 1


async def test_a_video_that_cannot_be_trimmed_is_refused_in_words_and_the_card_stays(
    house: House, ada: Member, room: Channel
):
    """It was damaged on the disk meanwhile: the most that can happen to it there."""
    card = await _card(house, ada, room, length=6_250_000)
    media = house.database.parent / "media" / "inputs"
    for name in await left_on_disk(house):
        path = media / name
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:2000])
    answer = await _told(house, ada, card)
    assert answer.visible_to is ada.user
    assert "That file" in answer.text
    assert "send" in answer.text
    assert [button.label for button in card.buttons] == ["Confirm", "Edit", "Cancel", TRIM]
    assert card.content == ""
    for name in await left_on_disk(house):
        (media / name).unlink()


async def test_confirm_that_is_faster_than_trim_buys_the_whole_video_once(house: House, ada: Member, room: Channel):
    card = await _card(house, ada, room)
    device = as_it_was(card)
    use = await ada.click(card, TRIM)
    await house.until(lambda: card.content.startswith("Trimming your video"), "that it is being trimmed")
    answer = await house.press(ada, device, custom_id=f"confirm:{id_of(device, 'Confirm')}")
    [job] = house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)
    await house.results(job["id"])
    await asyncio.sleep(1)
    assert house.books(job["id"]) == {"hold": "2.16", "settle": "2.16"}
    assert len(quotes_of(house, ada)) == 1
    assert "is on hold for it" in answer.text
    beside = [message for message in use.messages if message is not card]
    assert all("This was confirmed already" in message.text for message in beside)


async def _card(
    house: House, member: Member, channel: Channel, *, length: int = LENGTH, sound: bool = False
) -> Message:
    video = attached(member, clip(640, 360, length, sound=sound))
    return await ask(house, member, channel, "edit", {"video": video, "resolution": "720p"})


async def _press(house: House, member: Member, card: Message, label: str) -> Message:
    """Press, and wait until the card has changed for good."""
    use = await member.click(card, label)
    await house.until(lambda: "…" not in card.content and (card.content or use.messages), "another card", 30)
    return card


async def _told(house: House, member: Member, card: Message) -> Message:
    """Press Trim; what is said beside the card."""
    use = await member.click(card, TRIM)
    return await house.until(
        lambda: next((message for message in use.messages if message is not card), None), "a refusal", 30
    )


async def _press_forged(house: House, member: Member, message: Message, label: str) -> Message:
    custom_id = next(button.custom_id for button in message.buttons if button.label == label)
    return await house.press(member, message, custom_id=custom_id)


async def _until_still(house: House, member: Member, *, quotes: int) -> None:
    """Until that many quotes were made and nothing says that it is under way."""
    async with asyncio.timeout(30):
        while len(quotes_of(house, member)) < quotes:
            await asyncio.sleep(0.05)
        await asyncio.sleep(1)


def _jobs(house: House, member: Member) -> list[object]:
    return [row["id"] for row in house.rows("SELECT id FROM jobs WHERE member_id = ?", member.id)]


def _in_turn(quote: dict[str, Any]) -> int:
    return int(quote["quoted_at"])
