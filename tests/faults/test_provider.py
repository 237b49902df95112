"""The provider's faults, each switched on by its name and met by the unmodified bot.

    row    the name of the fault in the sandbox's Runware, what is bought, and what must come of it
    audit  after each row: the provider's bill = settled + overrun, one post per result, no hold left open

Waits are real but short (`Retry-After` names 3 s); half an hour, and the hours until a lost job is given up, pass
because the test moves the clocks.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.runware.service import Submission
from sandbox.runware.switches import RETRY_AFTER, SWITCHES
from tests.cogs import ordering
from tests.cogs.limiting import HOURS_AGO, limits
from tests.faults.row import FREE, Meanwhile, Row, video, without_a_row
from tests.house import Bought, House

MODERATED: Final = "The provider's moderation refused it. Rewording the prompt usually helps."
NOTHING: Final = "Nothing was charged."
THREE: Final = video(count=3)
HALF_AN_HOUR: Final = timedelta(minutes=31)


async def an_edit(house: House, member: Member, channel: Channel) -> Bought:
    """54 cents, from a video that is uploaded first."""
    clip = ordering.attached(member, ordering.clip(64, 64, 1_000_000))
    return await ordering.buy(house, member, channel, "edit", {"video": clip})


async def two(house: House, member: Member, channel: Channel) -> Bought:
    """Two jobs at once; the first is the row's, the second must come out well whatever happens to the first."""
    first = await house.buy(member, channel)
    second = await house.buy(house.member(), channel)
    await house.state(second.job_id, "done")
    return first


async def with_staff_listening(house: House, member: Member, channel: Channel) -> Bought:
    """There is a channel for alerts."""
    await limits(house.discord.member("Mary"), "alerts", channel=house.channel())
    return await house.buy(member, channel)


async def after_a_restart(house: House, member: Member, channel: Channel) -> Bought:
    """What is asked at the start meets the fault."""
    await house.restart()
    return await house.buy(member, channel)


PAID_3: Final = {"hold": "0.18", "settle": "0.18"}
EDITED: Final = {"hold": "0.54", "settle": "0.54"}


def sent(times: int) -> Meanwhile:
    """So many requests with a task came, those that met a fault included, and one at most was taken."""

    async def check(house: House, bought: Bought) -> None:
        came = [request for request in house.runware.requests if "videoInference" in request.task_types]
        assert len(came) == times
        assert len(submissions(house, bought, "accepted")) <= 1

    return check


def submissions(house: House, bought: Bought, verdict: str) -> list[Submission]:
    """What the provider read of a job's, and answered so."""
    task_id = house.job(bought.job_id)["task_id"]
    return [one for one in house.runware.submissions if (one.task_id, one.verdict) == (task_id, verdict)]


async def a_conflict(house: House, bought: Bought) -> None:
    """The first request arrives after the second: it meets that one's task, and buys nothing."""
    await house.until(lambda: submissions(house, bought, "conflictTaskUUID"), "the late one")
    await sent(2)(house, bought)


async def known_by_the_conflict(house: House, bought: Bought) -> None:
    """Polls know nothing of it yet, so it was sent again: that it conflicts says that it was accepted."""
    await sent(2)(house, bought)
    assert len(submissions(house, bought, "conflictTaskUUID")) == 1
    await never_in_doubt(house, bought)


async def never_in_doubt(house: House, bought: Bought) -> None:
    """By the bot's own account it has run from its acceptance to its end, and was never given up meanwhile."""
    told = [line for line in house.bot.log if f"job={bought.job_id} " in line]
    assert any("sending to running" in line for line in told)
    assert not [line for line in told if "unresolved" in line]


async def nothing_said(house: House, bought: Bought) -> None:
    """What a poll did not say was not taken for an answer."""
    await sent(1)(house, bought)
    await never_in_doubt(house, bought)


async def not_before_its_time(house: House, bought: Bought) -> None:
    """What `Retry-After` named was waited for."""
    first, second, *_ = [one.at for one in house.runware.requests if "videoInference" in one.task_types]
    assert (second - first).total_seconds() >= RETRY_AFTER


async def alerted(house: House, says: str) -> None:
    """Staff have read it in their channel, once."""
    [channel_id] = house.rows("SELECT value FROM changes WHERE kind = 'alerts channel' ORDER BY id DESC LIMIT 1")
    staff = house.discord.world.channels[int(channel_id["value"])]
    await staff.wait_for(lambda message: says in message.content)
    assert sum(says in message.content for message in staff.messages) == 1


async def restarts_and_others_ask(house: House, bought: Bought) -> None:
    """Neither the restart nor another member's job is a way around what the provider asked for."""
    await house.progress(bought.job_id, "busy")
    await house.restart()
    await house.buy(house.member(), house.channel())


async def tops_up(house: House, bought: Bought) -> None:
    """It waits and says why, staff are told; then there is credit, and nobody presses anything."""
    await alerted(house, "Videos wait: the provider's account is out of credit.")
    progress = await house.progress(bought.job_id, "⏸️ Waiting: the shared account is out of credit.")
    assert "It goes on by itself once that is topped up…" in progress.text
    assert house.books(bought.job_id) == {"hold": "0.06"}
    house.runware.balance = Decimal(1000)


async def new_key(house: House, bought: Bought) -> None:
    """It waits, and staff are told; then the key is taken again."""
    await alerted(house, "Videos wait: the provider does not accept the bot's key.")
    await house.progress(bought.job_id, "⏸️ Waiting")
    assert house.books(bought.job_id) == {"hold": "0.06"}
    house.runware.mend()


async def the_clock_is_set_back(house: House, bought: Bought) -> None:
    """By a day: what was put off by seconds is then a day ahead, and waits for none of it."""
    waits = "SELECT * FROM jobs WHERE id = ? AND next_try_at IS NOT NULL"
    await house.until(lambda: house.rows(waits, bought.job_id), "a job that waits")
    identified = house.discord.gateway.identifies
    assert await house.bot.stop() == 0
    day = int(timedelta(days=1) / timedelta(microseconds=1))
    house.change("UPDATE jobs SET next_try_at = next_try_at + ? WHERE id = ?", day, bought.job_id)
    await house.bot.start()
    await house.discord.gateway.ready(15, identifies=identified + 1)


async def half_an_hour(house: House, bought: Bought) -> None:
    """Half an hour passes on both sides."""
    await house.state(bought.job_id, "running")
    await asyncio.sleep(0.3)
    assert house.job(bought.job_id)["state"] == "running"
    micros = int(HALF_AN_HOUR / timedelta(microseconds=1))
    house.change("UPDATE jobs SET accepted_at = accepted_at - ? WHERE id = ?", micros, bought.job_id)
    house.sandbox.clock.advance(HALF_AN_HOUR)


async def hours(house: House, bought: Bought) -> None:
    """Two hours pass for the bot."""
    await house.state(bought.job_id, "running")
    house.change("UPDATE jobs SET accepted_at = accepted_at - ? WHERE id = ?", HOURS_AGO, bought.job_id)


async def hours_after_it_was_made(house: House, bought: Bought) -> None:
    """Two hours pass for the bot once the provider has billed it."""
    task_id = house.job(bought.job_id)["task_id"]
    await house.until(lambda: task_id in house.bill, "a bill")
    await hours(house, bought)


async def staff_release(house: House, bought: Bought) -> None:
    """Nobody ever knows anything of it, and staff let the hold go."""
    await hours(house, bought)
    await house.state(bought.job_id, "unresolved")
    assert house.books(bought.job_id) == {"hold": "0.06"}
    mary = house.discord.member("Mary")
    await limits(mary, "resolve", job=bought.job_id, outcome="release", reason="It never came.")


async def never_ends(house: House, bought: Bought) -> None:
    """Eight hours pass; how long it was silent is counted anew after a restart, so there is one."""
    await house.state(bought.job_id, "running")
    house.change("UPDATE jobs SET accepted_at = accepted_at - ? WHERE id = ?", 4 * HOURS_AGO, bought.job_id)
    await house.restart()
    await staff_release(house, bought)


def one(name: str, times: int = 1, **row: Any) -> Row:
    """A row for one fault."""
    return Row(faults={f"runware: {name}": times}, **row)


ALWAYS: Final = 1000
"""Until the row ends: a fault of what comes again and again."""

FAILED: Final[dict[str, Any]] = {"state": "failed", "results": 0, "books": FREE}
ROWS: Final[Mapping[str, Row]] = {
    # nothing was accepted: it is sent again, and bought once
    **{
        f"submit {name}": one(f"submit {name}", also=sent(2))
        for name in (
            *("408", "429", "500", "502", "503", "504", "cut", "times out", "malformed", "html", "says nothing"),
        )
    },
    "submit 429 retry-after": one("submit 429 retry-after", also=not_before_its_time),
    "submit 429 retry-after, then a restart": one(
        "submit 429 retry-after", meanwhile=restarts_and_others_ask, also=not_before_its_time
    ),
    "submit 429, and the clock is set back": one("submit 429", meanwhile=the_clock_is_set_back, also=sent(2)),
    "submit 503, twice": one("submit 503", times=2, also=sent(3)),
    "submit arrives late": one("submit arrives late", also=a_conflict),
    # it was accepted: it is looked for before anything is sent again
    **{
        f"submit {name}": one(f"submit {name}", also=sent(1))
        for name in (
            *("500 accepted", "504 accepted", "cut accepted", "times out accepted", "malformed accepted"),
            *("half accepted", "html accepted", "absurd", "mixed", "contradicts itself"),
        )
    },
    "submit cut accepted, and polls know nothing of it yet": Row(
        faults={"runware: submit cut accepted": 1, "runware: poll knows nothing": 4}, also=known_by_the_conflict
    ),
    # a no
    "submit moderated": one("submit moderated", **FAILED, progress=f"❌ {MODERATED} {NOTHING}", also=sent(1)),
    "submit refused": one("submit refused", **FAILED, progress=NOTHING, also=sent(1)),
    "submit not transferred": one("submit not transferred", buys=an_edit, books=EDITED, also=sent(2)),
    "account empty": one("account empty", buys=with_staff_listening, meanwhile=tops_up),
    "key refused": one("key refused", buys=with_staff_listening, meanwhile=new_key),
    # a poll that fails says nothing of the job
    **{
        f"poll {name}": one(f"poll {name}", also=nothing_said)
        for name in (
            *("408", "429 retry-after", "401", "500", "503", "times out", "cut", "malformed", "half", "html"),
            *("absurd", "fails as a whole", "knows nothing"),
        )
    },
    "poll mixed": one("poll mixed", times=ALWAYS, also=nothing_said),
    "poll of strangers": one("poll of strangers", times=5, also=nothing_said),
    "poll twice": one("poll twice", times=ALWAYS, buys=THREE, results=3, books=PAID_3),
    "poll backwards": one("poll backwards", times=ALWAYS, buys=THREE, results=3, books=PAID_3),
    "two tasks in one poll, one of which failed": Row(
        faults={"runware: task fails": 1, "runware: poll cut": 1}, buys=two, **FAILED, also=sent(2)
    ),
    # costs that are none: settled at the quote, as an estimate
    **{
        f"cost {name}": one(f"cost {name}", times=ALWAYS, progress="It cost $0.06, estimated.")
        for name in ("huge", "huge exponent", "NaN", "infinite", "negative", "zero", "text")
    },
    "result without cost": one("result without cost", progress="It cost $0.06, estimated."),
    "result dearer": one(
        "result dearer",
        buys=video(resolution="540p"),
        books={"hold": "0.15", "settle": "0.15", "overrun": "0.05"},
    ),
    # what becomes of what was accepted
    "task fails": one("task fails", **FAILED, progress=NOTHING),
    "task fails billed": one(
        "task fails billed",
        state="failed",
        results=0,
        books={**FREE, "overrun": "0.06"},
        progress="You were not charged",
    ),
    "task moderated": one("task moderated", **FAILED, progress=f"❌ {MODERATED} {NOTHING}", also=sent(1)),
    "task times out": one("task times out", **FAILED, progress="took too long", also=sent(1)),
    "result fails": one("result fails", buys=THREE, results=2, books={"hold": "0.18", "settle": "0.12"}),
    "result fails billed": one(
        "result fails billed", buys=THREE, results=2, books={"hold": "0.18", "settle": "0.12", "overrun": "0.06"}
    ),
    "result fails inside data": one(
        "result fails inside data",
        buys=THREE,
        results=2,
        books={"hold": "0.18", "settle": "0.12"},
        progress=MODERATED,
    ),
    "results out of order": one("results out of order", buys=THREE, results=3, books=PAID_3),
    "task half an hour": one("task half an hour", meanwhile=half_an_hour, also=sent(1)),
    "task silent": one("task silent", meanwhile=never_ends, **FAILED, also=sent(1)),
    "task forgotten": one("task forgotten", meanwhile=staff_release, **FAILED, also=sent(1)),
    "task forgotten archived": one("task forgotten archived", meanwhile=hours_after_it_was_made, also=sent(1)),
    "task forgotten archived, archive 500": Row(
        faults={"runware: task forgotten archived": 1, "runware: archive 500": 2},
        meanwhile=hours_after_it_was_made,
        also=sent(1),
    ),
    # a file on its way: an upload buys nothing, and is made again
    **{
        f"upload {name}": one(f"upload {name}", buys=an_edit, books=EDITED, also=sent(1))
        for name in (*("cut", "cut kept", "429", "503", "times out", "html", "without a name", "not transferred"),)
    },
    # the balance is for the staff's information
    **{f"account {name}": one(f"account {name}", buys=after_a_restart) for name in ("500", "absurd")},
}


@pytest.mark.parametrize("name", ROWS)
async def test_a_fault(house: House, name: str) -> None:
    await ROWS[name].run(house)


def test_every_fault_of_the_provider_has_a_row() -> None:
    assert without_a_row(SWITCHES, ROWS) == set()
