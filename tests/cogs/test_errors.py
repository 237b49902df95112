"""What goes wrong, at the provider and on our side: said kindly, once, with what it cost, and booked right."""

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from sandbox.runware.script import Fails, NoCost, Partial, Step
from tests.house import ANSWER, House, open_house, together

MODERATED = "The provider's moderation refused it. Rewording the prompt usually helps."
BROKEN = "It went wrong at the provider. Asking for it again often works."
TIMED_OUT = "The provider took too long and gave up. Asking for it again often works."
NOTHING = "Nothing was charged."

FAILURES: list[tuple[Step, str]] = [
    (Fails(), f"{MODERATED} {NOTHING}"),
    (Fails(inside_data=True), f"{MODERATED} {NOTHING}"),
    (Fails(code="providerError", message="oops"), f"{BROKEN} {NOTHING}"),
    (Fails(code="timeoutProvider", message="late", inside_data=True), f"{TIMED_OUT} {NOTHING}"),
]


@pytest.mark.parametrize(("failure", "says"), FAILURES)
async def test_a_failure_is_explained_once_to_the_requester_and_costs_nothing(
    house: House, ada: Member, room: Channel, failure: Step, says: str
):
    house.runware.script(failure)
    bought = await house.buy(ada, room)
    notice = await house.notice(bought.job_id)
    progress = await house.progress(bought.job_id, f"❌ {says}")
    await house.quiet()
    assert f"{ada.mention} Your video did not work out. {says}" in notice.text
    assert bought.job_id in notice.text
    assert room.messages == [progress, notice]
    assert [message.pings for message in room.messages] == [frozenset(), {ada.name}]
    assert house.books(bought.job_id) == {"hold": "0.06", "release": "0.06"}
    assert house.job(bought.job_id)["task_id"] not in house.bill
    assert "You: $4.94 of $5.00" in (await house.ask(ada, room)).text


async def test_the_providers_own_words_stay_out_of_the_channel(house: House, ada: Member, room: Channel):
    house.runware.script(Fails(code="providerError", message="@everyone see https://evil.example"))
    bought = await house.buy(ada, room)
    await house.notice(bought.job_id)
    assert not any("evil" in message.text or "@everyone" in message.text for message in room.messages)


async def test_a_failure_that_is_billed_is_the_servers_and_never_the_members(
    house: House, ada: Member, room: Channel
):
    house.runware.script(Fails(cost=Decimal("0.05")))
    bought = await house.buy(ada, room)
    notice = await house.notice(bought.job_id)
    assert "You were not charged; the provider billed the server $0.05 for it." in notice.text
    await house.quiet()
    assert house.books(bought.job_id) == {"hold": "0.06", "release": "0.06", "overrun": "0.05"}
    assert house.bill[house.job(bought.job_id)["task_id"]] == "0.05"


async def test_of_three_videos_the_two_that_worked_are_posted_and_paid(house: House, ada: Member, room: Channel):
    house.runware.script(Partial((1,)))
    bought = await house.buy(ada, room, count=3)
    posts = await house.results(bought.job_id, 2)
    progress = await house.progress(
        bought.job_id, f"✅ 2 of 3 videos are ready. It cost $0.12. The rest did not work out. {MODERATED}"
    )
    await house.quiet()
    assert room.messages == [progress, *posts]
    assert [message.pings for message in posts] == [{ada.name}] * 2
    assert house.books(bought.job_id) == {"hold": "0.18", "settle": "0.12"}
    assert house.bill[house.job(bought.job_id)["task_id"]] == "0.12"
    assert "You: $4.82 of $5.00" in (await house.ask(ada, room)).text


async def test_two_that_worked_and_one_that_failed_at_a_cost_are_booked_apart(
    house: House, ada: Member, room: Channel
):
    house.runware.script(Partial((0,), Fails(cost=Decimal("0.06"), inside_data=True)))
    bought = await house.buy(ada, room, count=3)
    await house.results(bought.job_id, 2)
    await house.quiet()
    assert house.books(bought.job_id) == {"hold": "0.18", "settle": "0.12", "overrun": "0.06"}
    assert house.bill[house.job(bought.job_id)["task_id"]] == "0.18"


async def test_a_video_without_a_cost_is_settled_at_its_quote_and_marked_as_estimated(
    house: House, ada: Member, room: Channel
):
    house.runware.script(NoCost())
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    assert "· about $0.06\n" in post.text
    await house.progress(bought.job_id, "It cost $0.06, estimated.")
    assert house.books(bought.job_id) == {"hold": "0.06", "settle": "0.06"}


async def test_an_empty_account_makes_jobs_wait_and_a_top_up_lets_them_go_on(tmp_path: Path):
    async with open_house(tmp_path) as house:
        ada, room = house.member(), house.channel()
        house.runware.balance = Decimal(0)
        bought = await house.buy(ada, room)
        progress = await house.progress(bought.job_id, "⏸️ Waiting: the shared account is out of credit.")
        assert "It goes on by itself once that is topped up…" in progress.text
        assert [button.label for button in progress.buttons] == ["Cancel", "Details"]
        assert house.books(bought.job_id) == {"hold": "0.06"}
        house.runware.balance = Decimal(10)
        [post] = await house.results(bought.job_id)
        assert post.pings == {ada.name}
        await house.progress(bought.job_id, "✅ The video is ready. It cost $0.06.")


async def test_a_bug_is_told_with_a_reference_that_the_log_has_as_well_and_buys_nothing(tmp_path: Path):
    async with open_house(tmp_path) as house:
        ada, room = house.member(), house.channel()
        card = await house.ask(ada, room)
        with closing(sqlite3.connect(house.database)) as connection, connection:
            connection.execute("ALTER TABLE cancelled_quotes RENAME TO lost")
        answer = await house.press(ada, card, "Confirm")
        assert answer.visible_to is ada.user
        assert "Something went wrong on my side. /jobs shows whether anything was bought." in answer.text
        reference = answer.text.partition("reference `")[2].partition("`")[0]
        assert len(reference) == 8
        assert [line for line in house.bot.log if f"reference {reference}" in line]
        house.bot.log.clear()
        with closing(sqlite3.connect(house.database)) as connection, connection:
            connection.execute("ALTER TABLE lost RENAME TO cancelled_quotes")
        assert house.rows("SELECT id FROM jobs") == []
        assert "Confirmed" in (await house.press(ada, card, "Confirm")).text


@pytest.mark.parametrize("status", [502, None], ids=["bad gateway", "cut"])
async def test_an_acknowledgement_whose_answer_was_lost_still_brings_card_job_and_refusals(
    house: House, ada: Member, room: Channel, status: int | None
):
    """Discord has it, so that the second attempt is refused: the member must not be left with "thinking…"."""
    shown = await house.ask(ada, room)
    house.discord.faults.add(ANSWER, Fault(takes_effect=True, status=status), times=3)
    card, refused, bought = await together(
        house.ask(ada, room),
        house.ask(ada, room, {"prompt": " "}, forged=True),
        house.press(ada, shown, "Confirm"),
    )
    assert [button.label for button in card.buttons] == ["Confirm", "Edit", "Cancel"]
    assert "prompt is empty" in refused.text
    assert refused.visible_to is ada.user
    assert "Confirmed, and $0.06 is on hold" in bought.text
