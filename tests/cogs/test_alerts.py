"""Alerts as staff read them: in the channel that they chose, once, and nowhere else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.alert import Alert, BooksDiffer, LimitReached, LowBalance, PriceDrift, QueueWaits
from bot.domain.job import Reason
from bot.domain.limit import Layer, parse_limits
from bot.domain.money import Usd
from cogs.alerts import says
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel, Server
from sandbox.discord.ratelimit import too_many
from sandbox.faults import Fault
from tests.cogs.limiting import limits
from tests.house import POST, House, open_house

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """One that reaches half of its server's limit with the first video."""
    async with open_house(tmp_path, DEFAULT_SERVER_LIMIT="0.12/day") as house:
        yield house


def choose(house: House, channel: Channel | None, server: Server | None = None) -> None:
    """Staff name a channel for alerts, or take that back."""
    house.change(
        """INSERT INTO changes (server_id, kind, subject, before, value, actor_id, reason, changed_at)
           VALUES (?, 'alerts channel', '',
               (SELECT value FROM changes WHERE kind = 'alerts channel' ORDER BY id DESC LIMIT 1), ?, 1, '', 0)""",
        (server or house.server).id,
        None if channel is None else str(channel.id),
    )


def alerts(house: House, channel: Channel | None = None) -> list[Message]:
    """The alerts in a channel, or anywhere."""
    found = [each for each in house.discord.world.messages.values() if "-# Alert a." in each.content]
    return [each for each in found if channel is None or each.channel is channel]


async def done(house: House, state: str = "posted") -> None:
    """Wait until the only alert is in this state."""
    await house.until(lambda: states(house) == [state], f"an alert that is {state}", 20)


def states(house: House) -> list[str]:
    return [row["state"] for row in house.rows("SELECT state FROM alerts")]


async def test_staff_are_told_in_their_channel_and_nobody_else_anywhere(house: House) -> None:
    staff, room = house.channel(), house.channel()
    choose(house, staff)
    bought = await house.buy(house.member(), room)
    await done(house)
    await house.results(bought.job_id)
    [alert] = alerts(house)
    assert alert.channel is staff
    assert alert.content.startswith("**50% of this server's limit is used.** Of $0.12 a day, ")
    assert alert.pings == frozenset()


async def test_without_a_channel_nobody_is_told(house: House) -> None:
    bought = await house.buy(house.member(), house.channel())
    await house.results(bought.job_id)
    await house.quiet()
    assert alerts(house) == states(house) == []


def waits(house: House, server: Server | None = None) -> None:
    """An alert that was written, and that nobody has tried to post."""
    house.change(
        """INSERT INTO alerts (server_id, subject, level, facts, written_at)
           VALUES (?, 'it', 0, '{"kind": "books", "days": 7, "booked": 3000000000, "billed": 4000000000}', 0)""",
        (server or house.server).id,
    )


@pytest.mark.parametrize("answer_lost", [False, True], ids=["before it is there", "after"])
async def test_a_bot_that_is_killed_while_it_posts_has_posted_once_in_the_end(
    house: House, answer_lost: bool
) -> None:
    """It starts again so late that Discord has forgotten the nonce."""
    staff = house.channel()
    choose(house, staff)
    await house.bot.stop()
    waits(house)
    house.discord.faults.add(POST, Fault(takes_effect=answer_lost, delay=0.0 if answer_lost else 30.0), times=20)
    await house.bot.start()
    await house.until(lambda: house.rows("SELECT 1 FROM alerts WHERE attempted_at IS NOT NULL"), "an attempt", 20)
    if answer_lost:
        await staff.wait_for(lambda message: "The books differ" in message.content)
    await house.bot.kill()
    assert states(house) == ["waiting"]
    assert len(alerts(house)) == int(answer_lost)
    house.discord.faults.clear()
    house.sandbox.clock.advance(timedelta(minutes=6))
    await house.bot.start()
    await done(house)
    assert len(alerts(house)) == len(alerts(house, staff)) == 1


async def test_an_alert_whose_answer_was_lost_is_found_in_the_channel_that_it_was_sent_to(house: House) -> None:
    """Although staff have named another one since."""
    before, after = house.channel(), house.channel()
    choose(house, before)
    await house.bot.stop()
    waits(house)
    house.discord.faults.add(POST, Fault(takes_effect=True), times=20)
    await house.bot.start()
    await before.wait_for(lambda message: "The books differ" in message.content)
    await house.bot.kill()
    house.discord.faults.clear()
    choose(house, after)
    house.sandbox.clock.advance(timedelta(minutes=6))
    await house.bot.start()
    await done(house)
    assert [alert.channel for alert in alerts(house)] == [before]


async def test_an_alert_is_not_tried_again_before_discord_wants_to_hear_of_it(house: House) -> None:
    choose(house, house.channel())
    await house.bot.stop()
    waits(house)
    house.discord.faults.add(POST, too_many(45.0))
    await house.bot.start()
    await house.until(lambda: house.rows("SELECT 1 FROM alerts WHERE next_try_at IS NOT NULL"), "a refusal", 20)
    [row] = house.rows("SELECT (next_try_at - attempted_at) / 1e6 AS rests FROM alerts")
    assert row["rests"] >= 45
    house.change("UPDATE alerts SET next_try_at = 0")  # the time has passed
    await house.bot.stop()
    await house.bot.start()
    await done(house)


async def test_a_channel_that_is_closed_to_the_bot_gets_nothing_and_no_other_does(house: House) -> None:
    staff = house.channel()
    staff.deny(house.server.role(house.discord.world.bot.name), Permission.SEND_MESSAGES)
    choose(house, staff)
    bought = await house.buy(house.member(), house.channel())
    await done(house, "undelivered")
    await house.results(bought.job_id)
    assert alerts(house) == []


async def test_a_channel_that_was_taken_back_before_the_post_gets_nothing(house: House) -> None:
    choose(house, house.channel())
    await house.bot.stop()
    waits(house)
    choose(house, None)
    await house.bot.start()
    await done(house, "undelivered")
    assert alerts(house) == []


async def test_a_server_that_the_bot_no_longer_works_in_is_told_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path, allowed=["Foxglove"]) as house:
        elsewhere = house.discord.world.server("Elsewhere")
        channel = next(iter(elsewhere.channels.values()))
        choose(house, channel, elsewhere)
        await house.bot.stop()
        waits(house, elsewhere)
        await house.bot.start()
        await done(house, "undelivered")
        assert alerts(house) == []


async def test_what_staff_of_several_servers_read_of_the_account_has_none_of_its_figures(tmp_path: Path) -> None:
    """Also not by an alert from the time when one server had the bot alone."""
    async with open_house(tmp_path, allowed=["Foxglove", "Elsewhere"]) as house:
        choose(house, house.channel())
        await house.bot.stop()
        waits(house)
        house.runware.balance = Decimal("0.2345")
        await house.bot.start()
        await done(house, "undelivered")
        mary, ada = house.discord.member("Mary"), house.discord.member("Ada")
        await house.until(lambda: any("balance" in line for line in house.bot.log), "the balance in the log")
        for price, says in (
            ("0.23", "✅ Credit at the provider: enough"),
            ("0.24", "⛔ Credit at the provider: not enough"),
        ):
            told = await limits(mary, "why", member=ada.user, price=price)
            assert f"{says} as last read" in told.text.splitlines()
        assert "0.2345" not in told.text
        assert alerts(house) == []


@pytest.mark.parametrize(
    ("alert", "text"),
    [
        (
            LimitReached(Layer.ACCOUNT, parse_limits("5/month")[0], Usd.of("3.90"), Usd.of("0.20"), NOW, 80),
            "**80% of everybody's limit together is used.** Of $5.00 a month, $3.90 is spent and $0.20 is held for "
            f"videos under way. It resets <t:{int(NOW.timestamp())}:R>.",
        ),
        (
            LimitReached(Layer.SERVER, parse_limits("5 total")[0], Usd.of("5.50"), Usd.of(0), None, 100),
            "**All of this server's limit is used:** new requests are refused. Of $5.00 in all, $5.50 is spent and "
            "$0.00 is held for videos under way.",
        ),
        (
            LowBalance(Usd.of("1.25"), Usd.of("2.40"), Usd.of(5)),
            "**The provider's account is running low:** $1.25 is left, less than the $2.40 held for videos under "
            "way. Whoever runs this bot can add credit at Runware; until then requests may be refused, and "
            "confirmed ones wait.",
        ),
        (
            LowBalance(Usd.of("4.25"), Usd.of("2.40"), Usd.of(5)),
            "**The provider's account is running low:** $4.25 is left, less than $5.00. Whoever runs this bot can "
            "add credit at Runware; until then requests may be refused, and confirmed ones wait.",
        ),
        (
            PriceDrift("720p video, 5 s", "result", Usd.of("0.30"), Usd.of("0.35"), Usd.of("0.35"), "k3v9tq2m7d"),
            "**A price has changed:** for 720p video, 5 s the provider billed $0.35 a result instead of $0.30 (job "
            "`k3v9tq2m7d`). New quotes for that use $0.35; please tell whoever runs this bot.",
        ),
        (
            PriceDrift("720p video, 5 s", "result", Usd.of("0.30"), Usd.of("0.15"), Usd.of("0.30"), None),
            "**A price has changed:** for 720p video, 5 s the provider billed $0.15 a result instead of $0.30. New "
            "quotes for that stay at $0.30; please tell whoever runs this bot.",
        ),
        (
            BooksDiffer(1, Usd.of("3.00"), Usd.of("4.50")),
            "**The books differ:** the provider says that it billed $4.50 today (UTC), and $3.00 is booked here: "
            "that is $1.50 more. Whoever runs this bot should look whether something else uses the same account.",
        ),
        (
            QueueWaits(Reason.OUT_OF_CREDIT),
            "**Videos wait: the provider's account is out of credit.** Whoever runs this bot can add credit at "
            "Runware; what was confirmed is kept, and goes on by itself a few minutes later.",
        ),
        (
            QueueWaits(Reason.KEY_REFUSED),
            "**Videos wait: the provider does not accept the bot's key.** Whoever runs this bot has to look at it "
            "at Runware; what was confirmed is kept, and goes on by itself once a key is accepted.",
        ),
    ],
    ids=["80%", "all", "below the holds", "below the floor", "price", "a lower price", "books", "credit", "key"],
)
def test_an_alert_says_what_happened_and_what_to_do(alert: Alert, text: str) -> None:
    assert says(alert) == text
