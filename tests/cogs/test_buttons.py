"""The buttons: whoever presses what, how often, from how many devices, nothing is bought that was not confirmed."""

from pathlib import Path

import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from sandbox.runware.script import Takes
from tests.house import ANSWER, House, as_it_was, id_of, open_house, together

NO_SUCH_BUTTON = "This button does not work any more, and nothing has changed."


@pytest.mark.parametrize("presses", [2, 20])
async def test_however_often_confirm_is_pressed_at_once_it_buys_once(
    house: House, ada: Member, room: Channel, presses: int
):
    card = await house.ask(ada, room)
    before = len(house.discord.requests)
    uses = await together(*[ada.click(card, "Confirm") for _ in range(presses)])
    await together(*[use.answer() for use in uses])
    answered = [request.when for request in list(house.discord.requests)[before:] if request.operation == ANSWER]
    assert max(use.interaction.created_at for use in uses) < min(answered), "all were pressed before any answer"

    [job] = house.rows("SELECT id, task_id FROM jobs WHERE member_id = ?", ada.id)
    told = [use.messages[-1].text for use in uses if use.messages[-1] is not card]
    assert told == [f"This was confirmed already, as job `{job['id']}`, and it is bought once. See /jobs."] * (
        presses - 1
    )
    assert all(use.messages[-1].visible_to is ada.user for use in uses)
    await house.results(job["id"])
    await house.quiet()
    assert len(house.posts(job["id"], "r")) == 1
    assert len(house.posts(job["id"], "p0")) == 1
    assert [one.task_id for one in house.runware.submissions].count(job["task_id"]) == 1
    assert house.bill[job["task_id"]] == "0.06"


@pytest.mark.parametrize("label", ["Confirm", "Cancel"])
async def test_nobody_can_press_on_somebody_elses_card(
    house: House, ada: Member, linus: Member, room: Channel, label: str
):
    card = await house.ask(ada, room)
    before = card.text
    answer = await house.press(linus, card, custom_id=_custom_id(card, label))
    assert answer.text == "This quote is somebody else's. Make one of your own with /generate."
    assert answer.visible_to is linus.user
    assert card.text == before
    assert house.rows("SELECT id FROM jobs WHERE member_id IN (?, ?)", ada.id, linus.id) == []
    assert house.rows("SELECT * FROM cancelled_quotes WHERE quote_id = ?", id_of(card, label)) == []


async def test_a_quote_is_confirmed_only_in_the_channel_that_it_was_made_for(
    house: House, ada: Member, room: Channel
):
    """A modified client could otherwise let the bot post where it was not asked, unseen by its checks."""
    card = await house.ask(ada, room)
    elsewhere = as_it_was(card)
    elsewhere.channel = house.channel()
    answer = await _press_forged(house, ada, elsewhere)
    assert answer.text.startswith("This quote was made in another channel.")
    assert answer.visible_to is ada.user
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []


@pytest.mark.parametrize(
    "custom_id",
    ["confirm:0000000000", "confirm:", "confirm:'; DROP TABLE quotes; --", "decline:zzzzzzzzzz", "x" * 100],
)
async def test_a_forged_button_on_ones_own_card_does_nothing(
    house: House, ada: Member, room: Channel, custom_id: str
):
    card = await house.ask(ada, room)
    answer = await house.press(ada, card, custom_id=custom_id)
    assert answer.text.startswith(NO_SUCH_BUTTON)
    assert answer.visible_to is ada.user
    assert [button.label for button in card.buttons] == ["Confirm", "Edit", "Cancel"]
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []


@pytest.mark.parametrize("action", ["confirm", "decline", "cancel", "details", "again"])
async def test_a_forged_button_on_a_public_message_leaves_it_as_it_is(
    house: House, ada: Member, linus: Member, room: Channel, action: str
):
    bought = await house.buy(ada, room)
    await house.results(bought.job_id)
    await house.quiet()
    card = await house.ask(linus, room)
    for message in list(room.messages):
        before = (message.text, message.edits, message.buttons)
        answer = await house.press(linus, message, custom_id=f"{action}:{id_of(card, 'Confirm')}")
        assert answer.text.startswith(NO_SUCH_BUTTON)
        assert answer.visible_to is linus.user
        assert (message.text, message.edits, message.buttons) == before
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", linus.id) == []


async def test_a_quote_button_that_stands_on_a_public_message_answers_in_private_and_leaves_the_message(
    house: House, ada: Member, linus: Member, room: Channel
):
    """Even where the message itself is forged, so that the button seems to belong there."""
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    await house.quiet()
    mine = await house.ask(linus, room)
    public = as_it_was(post, **{post.buttons[0].custom_id or "": _custom_id(mine, "Cancel")})
    public.id = post.id
    answer = await house.press(linus, public, custom_id=_custom_id(mine, "Cancel"))
    assert answer.visible_to is linus.user
    assert answer.text == "Cancelled. Nothing was bought."
    assert (post.edits, public.edits) == (0, 0)


async def test_a_quote_that_was_never_made_is_not_known(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    unknown = as_it_was(card, **{id_of(card, "Confirm"): "0000000000"})
    answer = await _press_forged(house, ada, unknown)
    assert answer.text == "I do not know this quote. Please ask again with /generate."
    assert answer.visible_to is ada.user


async def test_cancel_withdraws_the_quote_on_every_device(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    other_device = as_it_was(card)
    assert await house.press(ada, card, "Cancel") is card
    assert card.text == "Cancelled. Nothing was bought."
    assert card.buttons == []
    answer = await _press_forged(house, ada, other_device)
    assert answer.text == "This quote was cancelled, so nothing was bought. Please ask again."
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []


async def test_cancel_after_confirm_says_that_it_is_bought(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    other_device = as_it_was(card)
    await house.press(ada, card, "Confirm")
    answer = await _press_forged(house, ada, other_device, "Cancel")
    assert "This was confirmed already" in answer.text
    assert "See /jobs" in answer.text


async def test_confirm_and_cancel_at_the_same_instant_agree_with_each_other(
    house: House, ada: Member, room: Channel
):
    for labels in (("Confirm", "Cancel"), ("Cancel", "Confirm")):
        card = await house.ask(ada, room)
        uses = await together(*[ada.click(card, label) for label in labels])
        await together(*[use.answer() for use in uses])
        quote_id = _quote_of(house, ada)
        bought = house.rows("SELECT id FROM jobs WHERE quote_id = ?", quote_id)
        cancelled = house.rows("SELECT quote_id FROM cancelled_quotes WHERE quote_id = ?", quote_id)
        assert len(bought) + len(cancelled) == 1
        says = " ".join(use.messages[-1].text for use in uses)
        assert ("confirmed already" in says) == bool(bought)
        assert ("was cancelled" in says) == bool(cancelled)


async def test_an_old_quote_buys_nothing_and_says_so_on_its_card(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room)
    quote_id, old_id = id_of(card, "Confirm"), id_of(card, "Confirm")[::-1]
    house.change(
        """INSERT INTO quotes SELECT ?, server_id, channel_id, member_id, request, price_list, total,
               quoted_at - 700000000, expires_at - 700000000 FROM quotes WHERE id = ?""",
        old_id,
        quote_id,
    )
    old = as_it_was(card, **{quote_id: old_id})
    answer = await _press_forged(house, ada, old)
    assert answer is old, "the card itself says so"
    assert answer.text == "This quote is more than 10 minutes old, so nothing was bought. Please ask again."
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []


async def test_all_buttons_still_work_after_a_restart(house: House, ada: Member, linus: Member, room: Channel):
    earlier = await house.buy(ada, room)
    await house.results(earlier.job_id)
    await house.quiet()
    to_confirm, to_cancel = await house.ask(ada, room), await house.ask(linus, room)
    await house.restart()

    assert (await house.press(linus, to_cancel, "Cancel")).text == "Cancelled. Nothing was bought."
    assert "Confirmed, and $0.06 is on hold" in (await house.press(ada, to_confirm, "Confirm")).text
    for message in house.posts(earlier.job_id):
        assert f"Job {earlier.job_id}" in (await house.press(linus, message, "Details")).text
    [job] = house.rows("SELECT id FROM jobs WHERE member_id = ? AND id <> ?", ada.id, earlier.job_id)
    await house.results(job["id"])


async def test_of_two_cards_that_fit_the_limit_one_by_one_only_the_first_is_bought(
    house: House, ada: Member, room: Channel
):
    first = await house.ask(ada, room, resolution="1080p", duration=10)
    second = await house.ask(ada, room, resolution="1080p", duration=10)
    await house.press(ada, first, "Confirm")
    answer = await house.press(ada, second, "Confirm")
    assert answer.visible_to is ada.user
    assert "This costs $3.60" in answer.text
    assert "Your limit is $5.00 a day: $1.40 is left, and it resets <t:" in answer.text
    [job] = house.rows("SELECT id, task_id FROM jobs WHERE member_id = ?", ada.id)
    await house.results(job["id"])
    assert house.bill[job["task_id"]] == "3.60"
    assert [button.label for button in second.buttons][-1] == "Confirm again · $3.60"


async def test_twenty_cards_confirmed_at_once_never_hold_more_than_the_limit(house: House, ada: Member):
    """20 x $0.30 are asked for, and $5.00 a day may be spent: 16 fit."""
    rooms = [house.channel() for _ in range(20)]
    cards = [await house.ask(ada, room, resolution="720p") for room in rooms]
    uses = await together(*[ada.click(card, "Confirm") for card in cards])
    await together(*[use.answer() for use in uses])
    [held] = house.rows(
        "SELECT count(*) AS jobs, sum(amount) AS nanos FROM ledger WHERE kind = 'hold' AND member_id = ?", ada.id
    )
    assert held == {"jobs": 16, "nanos": 4_800_000_000}
    assert sum("Your limit is $5.00 a day: $0.20 is left" in use.messages[-1].text for use in uses) == 4


async def test_each_card_costs_what_it_says_also_after_another_one(house: House, ada: Member, room: Channel):
    cards = [
        await house.ask(ada, room, resolution=resolution, count=count)
        for resolution, count in (("360p", 2), ("720p", 1), ("540p", 1))
    ]
    billed: list[str] = []
    shown: list[str] = []
    for card in reversed(cards):
        quote_id = id_of(card, "Confirm")
        shown.append(card.embeds[0]["title"].partition(" ")[0])
        await house.press(ada, card, "Confirm")
        [job] = house.rows("SELECT id, task_id FROM jobs WHERE quote_id = ?", quote_id)
        await house.state(job["id"], "done")
        billed.append(house.bill[job["task_id"]])
    assert billed == ["0.15", "0.30", "0.12"]
    assert shown == ["$0.15", "$0.30", "$0.12"]


async def test_details_show_anybody_here_the_whole_of_a_job(
    house: House, ada: Member, linus: Member, room: Channel
):
    bought = await house.buy(ada, room, prompt="A fox " * 200, count=2)
    [post, _] = await house.results(bought.job_id, 2)
    await house.quiet()
    receipt = await house.press(linus, post, "Details")
    assert receipt.visible_to is linus.user
    assert ("A fox " * 200).strip() in receipt.text
    assert f"Job {bought.job_id}" in receipt.text
    assert ada.mention in receipt.text
    assert "360p · 16:9 · 5 s · 2 videos" in receipt.text
    assert "held $0.12 · settled $0.12" in receipt.text


async def test_a_job_of_another_server_is_not_known_here(tmp_path: Path):
    async with open_house(tmp_path, ALLOWED_SERVERS="*") as house:
        ada, room = house.member(), house.channel()
        bought = await house.buy(ada, room)
        [post] = await house.results(bought.job_id)
        zoe = house.discord.member("Zoe", "Elsewhere")
        there = as_it_was(post)
        there.channel = house.discord.channel("lobby", "Elsewhere")
        use = await zoe.click(there, custom_id=post.buttons[0].custom_id, forged=True)
        answer = await use.answer()
        assert answer.text == "I do not know this job. /jobs lists yours."


async def test_a_progress_message_loses_its_cancel_button_when_it_is_too_late(
    house: House, ada: Member, room: Channel
):
    house.runware.script(Takes(2))
    bought = await house.buy(ada, room)
    progress = await house.progress(bought.job_id, "Rendering")
    assert [button.label for button in progress.buttons] == ["Details"]
    assert "🎬 Rendering since " in progress.text


def _custom_id(message: Message, label: str) -> str:
    return next(button.custom_id or "" for button in message.buttons if button.label == label)


def _quote_of(house: House, member: Member) -> str:
    """The member's newest quote."""
    found = house.rows("SELECT id FROM quotes WHERE member_id = ? ORDER BY quoted_at DESC LIMIT 1", member.id)
    return str(found[0]["id"])


async def _press_forged(house: House, member: Member, message: Message, label: str = "Confirm") -> Message:
    """Press a button of a message that is no longer, or never was, as the member's client shows it."""
    return await house.press(member, message, custom_id=_custom_id(message, label))
