"""The account at the provider: what is refused, told and compared by what it says."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from bot.balance import Balance
from bot.checkout import Checkout
from bot.domain.admission import Credit, OverLimit
from bot.domain.alert import Alert, BooksDiffer, LowBalance, QueueWaits
from bot.domain.job import Reason, State
from bot.domain.limit import Layer, parse_limits
from bot.domain.money import Usd
from bot.domain.request import TextToVideo
from bot.domain.rules import Kind
from bot.offer import Requester
from bot.runware.client import Account, Runware, open_http
from bot.runware.task import Storage
from bot.watch import Watch
from sandbox.faults import Fault
from sandbox.runware.account import Charge
from storage import alerts, limits
from tests.bot.room import Room, is_in, open_room

FOX = TextToVideo(prompt="a fox", resolution="360p")
WHO = Requester(server_id=1, channel_id=2, member_id=3)
SERVERS = (1, 5)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)


class Office:
    """A watch over the loopback provider's account, and a checkout that knows the balance."""

    def __init__(self, room: Room, http: httpx.AsyncClient) -> None:
        self.room = room
        self.http = http
        self.begin()

    def begin(self, account: str = "20/month", *, serves_several: bool = False) -> None:
        """As after a start: nothing is remembered but what is stored."""
        balance = Balance()
        defaults = {Layer.ACCOUNT: parse_limits(account)}
        runware = Runware(self.http, url=self.room.provider.url, key=self.room.provider.key)
        self.watch = Watch(
            self.room.database,
            runware,
            balance,
            limits=defaults,
            serves_several=serves_several,
            now=self.room.clock.now,
        )
        self.checkout = Checkout(
            self.room.database, {}, storage=Storage(), now=self.room.clock.now, balance=balance
        )

    def has(self, balance: str) -> None:
        self.room.provider.balance = Decimal(balance)

    async def looks(self, balance: str | None = None) -> None:
        """Ten minutes later."""
        if balance is not None:
            self.has(balance)
        self.room.clock.advance(TEN_MINUTES)
        await self.turn()

    async def turn(self) -> float | None:
        return await self.watch.work(None)  # pyright: ignore[reportArgumentType] # it starts nothing

    async def told(self, of: type[Alert], server: int = SERVERS[0]) -> list[Alert]:
        found = await alerts.waiting(self.room.database.read)
        return [each.alert for each in found if each.server_id == server and isinstance(each.alert, of)]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_room(tmp_path) as room, open_http() as http:
        for server in SERVERS:
            async with room.database.transaction() as tx:
                await limits.change(
                    tx, server, Kind.ALERTS_CHANNEL, None, "77", actor_id=9, reason="", at=room.clock.now()
                )
        yield Office(room, http)


# The balance


async def test_what_the_account_has_too_little_for_is_refused_and_nothing_is_stored(office: Office) -> None:
    await office.looks("0.059")
    with pytest.raises(OverLimit, match="too little credit"):
        await office.checkout.offer(FOX, WHO)
    await office.looks("0.06")
    assert (await office.checkout.offer(FOX, WHO)).stored.total == Usd.of("0.06")


async def test_what_is_held_is_not_there_twice(office: Office) -> None:
    """Two quotes against credit for one: the second Confirm buys nothing."""
    await office.looks("0.11")
    first, second = [await office.checkout.offer(FOX, WHO) for _ in range(2)]
    await office.checkout.confirm(first.stored.id, WHO)
    with pytest.raises(OverLimit):
        await office.checkout.confirm(second.stored.id, WHO)


async def test_what_fits_the_credit_is_offered_instead_and_why_names_it(office: Office) -> None:
    await office.looks("0.20")
    dear = TextToVideo(prompt="a fox", resolution="1080p")
    with pytest.raises(OverLimit) as refusal:
        await office.checkout.offer(dear, WHO)
    assert refusal.value.admission.refusing == (Credit(Usd.of("0.20"), Usd(0)),)
    assert "0.20" not in refusal.value.says, "the balance is not for members"
    assert [str(near.price) for near in await office.checkout.nearest(dear, WHO)] == ["$0.15", "$0.06"]
    job = await office.checkout.confirm((await office.checkout.offer(FOX, WHO)).stored.id, WHO)
    asked = await office.checkout.why(Usd.of("0.15"), WHO)
    assert asked.refusing == (Credit(Usd.of("0.20"), job.hold),)
    assert not (await office.checkout.why(Usd.of("0.14"), WHO)).refusing


async def test_a_balance_that_is_not_known_or_is_old_refuses_nothing(office: Office) -> None:
    office.has("0")
    await office.checkout.offer(FOX, WHO)
    await office.looks()
    office.room.clock.advance(TEN_MINUTES - timedelta(seconds=30))
    with pytest.raises(OverLimit):
        await office.checkout.offer(FOX, WHO)
    office.room.clock.advance(timedelta(seconds=30))
    await office.checkout.offer(FOX, WHO)


async def test_the_provider_is_asked_once_in_ten_minutes_also_when_it_does_not_answer(office: Office) -> None:
    asked: list[int] = []
    office.room.provider.faults.add("accountManagement", Fault(status=503))
    for _ in range(5):
        await office.turn()
        asked.append(len(office.room.provider.requests))
        office.room.clock.advance(timedelta(minutes=5))
    assert asked == [1, 1, 2, 2, 3]


def test_a_balance_is_known_for_ten_minutes_to_the_microsecond_and_not_before_it_was_read() -> None:
    balance, moment = Balance(Usd.of(3), NOON), timedelta(microseconds=1)
    assert balance.at(NOON) == balance.at(NOON + TEN_MINUTES) == Usd.of(3)
    assert balance.at(NOON - moment) is balance.at(NOON + TEN_MINUTES + moment) is Balance().at(NOON) is None


async def test_what_was_read_at_the_start_is_not_asked_for_again_at_once(office: Office) -> None:
    room, balance = office.room, Balance()
    runware = Runware(office.http, url=room.provider.url, key=room.provider.key)
    account = await runware.account()
    watch = Watch(
        room.database, runware, balance, limits={}, serves_several=False, now=room.clock.now, account=account
    )
    for _ in range(2):
        await watch.work(None)  # pyright: ignore[reportArgumentType] # it starts nothing
    assert (len(room.provider.requests), balance.amount) == (1, Usd.of(room.provider.balance))
    room.clock.advance(TEN_MINUTES)
    await watch.work(None)  # pyright: ignore[reportArgumentType]
    assert len(room.provider.requests) == 2


# Alerts of it


async def test_a_low_balance_is_told_once_to_every_server_until_it_was_fine_again(office: Office) -> None:
    """A tenth of $20.00 a month."""
    low = LowBalance(Usd.of("1.99"), Usd.of(0), Usd.of(2))
    await office.looks("2.00")
    assert await office.told(LowBalance) == []
    await office.looks("1.99")
    await office.looks("1.50")
    assert [await office.told(LowBalance, server) for server in SERVERS] == [[low], [low]]
    office.begin()
    await office.looks("1.40")
    assert await office.told(LowBalance) == [low]
    await office.looks("2.00")
    await office.looks("1.99")
    assert await office.told(LowBalance) == [low, low]


async def test_less_than_is_held_is_told_although_it_was_told_that_it_is_low(office: Office) -> None:
    await office.room.buy(request=FOX)
    for balance in ("1.00", "0.06", "0.05", "0.04", "0.07", "0.03"):
        await office.looks(balance)
    found = await office.told(LowBalance)
    assert [str(alert.balance) for alert in found if isinstance(alert, LowBalance)] == ["$1.00", "$0.05"]


async def test_where_it_serves_several_servers_the_log_alone_has_the_figures_of_the_account(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever lets a bot of others into their server is not whoever pays."""
    office.begin(serves_several=True)
    elsewhere(office, "5.00")
    for balance in ("1.50", "1.40", "2.00", "1.30"):
        await office.looks(balance)
    assert await alerts.waiting(office.room.database.read) == []
    logged = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert [line[:38] for line in logged if "balance" in line] == [
        "the balance at the provider is $1.50: ",
        "the balance at the provider is $1.30: ",
    ]
    assert sum("$5.00 billed by the provider" in line for line in logged) == 3


@pytest.mark.parametrize(("limit", "floor"), [("unlimited", 5), ("100/month", 10), ("3/day", 5), ("0/month", 5)])
async def test_what_is_low_is_a_tenth_of_the_month_or_five_dollars(office: Office, limit: str, floor: int) -> None:
    office.begin(limit)
    await office.looks(str(floor))
    assert await office.told(LowBalance) == []
    await office.looks(f"{floor - 0.01:.2f}")
    assert len(await office.told(LowBalance)) == 1


async def test_a_queue_that_moves_in_between_tells_of_missing_credit_once_in_six_hours_or_after_a_top_up(
    office: Office,
) -> None:
    """A dear job is refused, a cheap one accepted, and so on; each refusal begins another wait."""

    async def refused() -> int:
        async with office.room.database.transaction() as tx:
            now = office.room.clock.now()
            await alerts.queue_waits(tx, QueueWaits(Reason.OUT_OF_CREDIT), since=now, at=now)
        return len(await office.told(QueueWaits, SERVERS[1]))

    await office.looks("6.00")
    assert [await refused(), await refused()] == [1, 1]
    await office.looks("5.94")
    office.room.clock.advance(timedelta(hours=5, minutes=45))
    assert await refused() == 1
    office.room.clock.advance(timedelta(minutes=10))
    assert [await refused(), await refused()] == [2, 2]
    await office.looks("7.00")
    office.begin()
    assert [await refused(), await refused()] == [3, 3]
    await office.looks("7.00")
    assert await refused() == 3


# The books


async def render(office: Office, number: int = 1) -> None:
    async with office.room.working() as runner:
        for _ in range(number):
            job = await office.room.buy(request=FOX)
            runner.wake()
            await office.room.until(job, is_in(State.DONE))


def elsewhere(office: Office, amount: str, ago: timedelta = timedelta()) -> None:
    """Something else is billed to the same account."""
    at = office.room.clock.now() - ago
    office.room.provider.bill.append(Charge(task_id="x", video_id=None, amount=Decimal(amount), at=at))


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """The levels and words of the comparison that was logged."""
    found = [(one.levelname, one.getMessage()) for one in caplog.records if "books of" in one.getMessage()]
    caplog.clear()
    return found


async def test_books_that_agree_are_logged_once_a_day(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await render(office, 2)
    await office.turn()
    says = "$0.12 booked, $0.12 billed by the provider, $0.00 more; $0.00 is held for jobs under way"
    assert lines(caplog) == [("INFO", f"books of {days} days: {says}") for days in (1, 7, 30)]
    await office.looks()
    office.begin()
    await office.looks()
    assert lines(caplog) == []
    office.room.clock.advance(timedelta(days=1))
    await office.turn()
    assert [level for level, _ in lines(caplog)] == ["INFO"] * 3
    assert await office.told(BooksDiffer) == []


async def test_more_than_a_cent_is_a_warning_and_more_than_a_dollar_is_told(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await render(office)
    elsewhere(office, "0.02", timedelta(days=5))
    await office.turn()
    assert [level for level, _ in lines(caplog)] == ["INFO", "WARNING", "WARNING"]
    assert await office.told(BooksDiffer) == []
    office.room.clock.advance(timedelta(days=1))
    elsewhere(office, "0.99", timedelta(days=3))
    await office.turn()
    expected = BooksDiffer(7, Usd.of("0.06"), Usd.of("1.07"))
    assert [await office.told(BooksDiffer, server) for server in SERVERS] == [[expected], [expected]]


async def test_what_jobs_under_way_may_explain_is_not_told(office: Office) -> None:
    """Results of theirs may be billed that are booked with the last one."""
    for _ in range(4):
        await office.room.buy(request=TextToVideo(prompt="a fox", count=4))  # $1.20 each
    elsewhere(office, "5.80")
    await office.turn()
    assert await office.told(BooksDiffer) == []
    office.room.clock.advance(timedelta(days=1))
    elsewhere(office, "5.81", timedelta(days=2))
    await office.turn()
    [told] = await office.told(BooksDiffer)
    assert isinstance(told, BooksDiffer)
    assert told.billed - told.booked > Usd.of("5.80")


async def test_a_provider_that_says_nothing_of_money_changes_nothing(office: Office) -> None:
    await office.watch.take(Account(None))
    await office.checkout.offer(FOX, WHO)
    assert await alerts.waiting(office.room.database.read) == []
