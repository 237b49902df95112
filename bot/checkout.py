"""From a request to a job: quote, limits, hold, queue.

Nothing is held before Confirm; Confirm checks everything again and does the rest in one transaction.
"""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.balance import Balance
from bot.domain.admission import Admission, Situation, admit
from bot.domain.job import CANCEL, CHARGE, WAIVE, Job, Outcome, Reason, Stale, State
from bot.domain.job import resolve as books_of
from bot.domain.limit import Layer, Limits
from bot.domain.lineage import Origin
from bot.domain.money import ZERO, Usd
from bot.domain.nearest import Nearest, nearest
from bot.domain.price import Observed, Quote, if_trimmed, price_list, quote
from bot.domain.request import Request
from bot.domain.rules import Kind
from bot.offer import Offer, Requester, Terms
from bot.refusals import (
    AlreadyConfirmed,
    NoSuchJob,
    NoSuchQuote,
    NotUnresolved,
    NotYours,
    PriceChanged,
    QuoteCancelled,
    QuoteElsewhere,
    QuoteExpired,
    TooLateToCancel,
    WrongAmount,
)
from bot.runware.task import Storage, body
from storage import alerts, jobs, limits, observed_prices, quotes, sources, standing
from storage.database import Database, Tx
from storage.quotes import StoredQuote

QUOTE_LIFE: Final = timedelta(minutes=10)
"""Inside the 15 minutes for which Discord lets us edit the card."""

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # 32, and no letters that look like others


class Checkout:
    """Quotes, holds, cancels and resolutions. `now` gives the time, aware, in UTC; `balance`: the provider's."""

    def __init__(
        self,
        database: Database,
        defaults: Mapping[Layer, Limits],
        *,
        storage: Storage,
        now: Callable[[], datetime],
        balance: Balance | None = None,
    ) -> None:
        self._database = database
        self._defaults = defaults
        self._storage = storage
        self._now = now
        self._balance = balance or Balance()

    async def offer(self, request: Request, requester: Requester, origin: Origin | None = None) -> Offer:
        """Price the request and store the quote. `origin`: the finished video that it goes on from.

        Raises the Refusal of the server's policy, and FrozenServer or OverLimit where no hold would be admitted
        now.
        """
        return await self._offer(request, requester, origin, instead_of=None)

    async def replace(self, quote_id: str, request: Request, requester: Requester) -> Offer:
        """Offer `request` in the place of an open quote, which buys nothing from then on. Its origin stays.

        Raises the Refusal of a quote that is no longer open, that of the server's policy, FrozenServer and
        OverLimit; nothing has changed then.
        """
        return await self._offer(request, requester, None, instead_of=quote_id)

    async def put_aside(self, request: Request, requester: Requester, origin: Origin | None = None) -> StoredQuote:
        """Store the quote of a request that was refused, for its Trim button. Confirm asks every layer again."""
        now = self._now()
        async with self._database.transaction() as tx:
            price = quote(request, on=now.date(), observed=await _observed(tx, now.date(), now))
            stored = _quoted(request, requester, price, now, origin)
            await self._add(tx, stored)
        return stored

    async def if_trimmed(self, request: Request) -> Usd | None:
        """What an edit would cost trimmed, by today's prices; None where that is no less, and for other kinds."""
        now = self._now()
        return if_trimmed(request, on=now.date(), observed=await _observed(self._database.read, now.date(), now))

    async def prompt_of(self, quote_id: str, requester: Requester) -> str:
        """That of a quote of the requester's own, open or not. Raises the Refusal of one that is not theirs."""
        return (await self._quote_of(self._database.read, quote_id, requester)).request.prompt

    async def reopen(self, quote_id: str, requester: Requester) -> Offer:
        """The offer of a quote that may still be confirmed. Raises the Refusal of one that may not."""
        async with self._database.snapshot() as tx:
            stored = await self._open_quote(tx, quote_id, requester)
            observed = await _observed(tx, stored.price_list, stored.quoted_at)
            terms, situation = await self._terms(tx, requester, self._now())
        shown = replace(terms, on=stored.price_list, observed=observed)
        price = shown.quote(stored.request)
        return Offer(stored, price, situation.ask(price.total), shown.if_trimmed(stored.request), terms)

    async def _offer(
        self, request: Request, requester: Requester, origin: Origin | None, *, instead_of: str | None
    ) -> Offer:
        now = self._now()
        async with self._database.transaction() as tx:
            if instead_of is not None:
                origin = (await self._open_quote(tx, instead_of, requester)).origin
                await quotes.cancel(tx, instead_of, now)
            terms, situation = await self._terms(tx, requester, now)
            price, admission = _admitted(request, requester, terms, situation)
            stored = _quoted(request, requester, price, now, origin)
            await self._add(tx, stored)
        return Offer(stored, price, admission, terms.if_trimmed(request), terms)

    async def _add(self, tx: Tx, stored: StoredQuote) -> None:
        await quotes.add(tx, stored)
        films = [stored.origin.film] if stored.origin and stored.origin.film else []
        await sources.add(tx, stored.id, [*films, *(source.sha256 for source in stored.request.sources)])

    async def confirm(self, quote_id: str, requester: Requester) -> Job:
        """Hold the price and queue the job. Raises a Refusal, with nothing changed, where that cannot be."""
        async with self._database.transaction() as tx:
            stored = await self._open_quote(tx, quote_id, requester)
            now = self._now()
            request = replace(stored.request)  # today's rules may be stricter
            terms, situation = await self._terms(tx, requester, now)
            price = terms.quote(request)
            if (price.price_list, price.total) == (stored.price_list, stored.total):
                _, admission = _admitted(request, requester, terms, situation)
                return await self._hold(tx, stored, admission, now)
        raise PriceChanged(await self.replace(quote_id, request, requester))

    async def cancel_quote(self, quote_id: str, requester: Requester) -> None:
        """Withdraw a quote, from whichever device. Raises a Refusal where it has bought already."""
        async with self._database.transaction() as tx:
            stored = await self._quote_of(tx, quote_id, requester)
            if stored.job_id is not None:
                raise AlreadyConfirmed(stored.job_id)
            await quotes.cancel(tx, quote_id, self._now())

    async def why(self, price: Usd, requester: Requester) -> Admission:
        """What every layer would say now to a request of this price."""
        async with self._database.snapshot() as tx:
            _, situation = await self._terms(tx, requester, self._now())
        return situation.ask(price)

    async def nearest(self, request: Request, requester: Requester) -> list[Nearest]:
        """Which requests near to this one every layer would admit now: four at most, the nearest first."""
        now = self._now()
        async with self._database.snapshot() as tx:
            terms, situation = await self._terms(tx, requester, now)
        return nearest(
            request,
            lambda price: not situation.ask(price).refusing,
            on=terms.on,
            observed=terms.observed,
            allows=terms.policy.allows,
        )

    async def cancel_job(self, job_id: str, requester: Requester, *, by_staff: bool = False) -> Job:
        """Take a job back that was not yet sent; its hold is released. Staff may do so for everybody."""
        async with self._database.transaction() as tx:
            job = await jobs.get(tx, job_id)
            if job is None or job.server_id != requester.server_id:
                raise NoSuchJob
            if job.member_id != requester.member_id and not by_staff:
                raise NotYours("job")
            try:
                await jobs.take(tx, job_id, CANCEL, at=self._now())
            except Stale:
                raise TooLateToCancel(job) from None
            return await jobs.existing(tx, job_id)

    async def unresolved(self, job_id: str, actor: Requester) -> Job:
        """The job that staff are about to decide. Raises NoSuchJob or NotUnresolved."""
        return await _unresolved(self._database.read, job_id, actor)

    async def resolve(
        self, job_id: str, outcome: Outcome, actor: Requester, *, reason: str, amount: Usd | None = None
    ) -> Job:
        """End an unresolved job as staff decide: settle `amount` of its hold (None: all of it), or release it.

        That is for good and written into the log; ask the provider once more before. Raises NoSuchJob,
        NotUnresolved or WrongAmount.
        """
        async with self._database.transaction() as tx:
            job = await _unresolved(tx, job_id, actor)
            settle = _settle(job, outcome, amount)
            step, now = CHARGE if settle else WAIVE, self._now()
            await jobs.take(tx, job_id, step, at=now, reason=Reason.LOST, books=books_of(job.results, settle))
            await alerts.limits_reached(tx, self._defaults, server_id=job.server_id, now=now)
            await limits.note(
                tx,
                job.server_id,
                Kind.RESOLVE,
                job_id,
                before=f"held {job.hold}",
                value=f"settled {settle}" if settle else "released",
                actor_id=actor.member_id,
                reason=reason,
                at=now,
            )
            return await jobs.existing(tx, job_id)

    async def _hold(self, tx: Tx, stored: StoredQuote, admission: Admission, now: datetime) -> Job:
        job_id, task_id = _new_id(), str(uuid.uuid4())
        content = body(stored.request, task_id=task_id, storage=self._storage)
        await jobs.hold(tx, stored, job_id=job_id, task_id=task_id, body=content, at=now, draws=admission.draws)
        await alerts.limits_reached(tx, self._defaults, server_id=stored.server_id, now=now)
        return await jobs.existing(tx, job_id)

    async def _open_quote(self, tx: Tx, quote_id: str, requester: Requester) -> StoredQuote:
        stored = await self._quote_of(tx, quote_id, requester)
        if stored.job_id is not None:
            raise AlreadyConfirmed(stored.job_id)
        if stored.is_cancelled:
            raise QuoteCancelled
        if self._now() >= stored.expires_at:
            raise QuoteExpired
        return stored

    async def _quote_of(self, tx: Tx, quote_id: str, requester: Requester) -> StoredQuote:
        stored = await quotes.get(tx, quote_id)
        if stored is None:
            raise NoSuchQuote
        if (requester.server_id, requester.member_id) != (stored.server_id, stored.member_id):
            raise NotYours("quote")
        if requester.channel_id != stored.channel_id:
            raise QuoteElsewhere
        return stored

    async def _terms(self, tx: Tx, requester: Requester, now: datetime) -> tuple[Terms, Situation]:
        """What the server allows, as staff have set it by now, and what things cost; and how the member stands."""
        server_id, member_id = requester.server_id, requester.member_id
        rules = await limits.in_force(tx, server_id, member_id, requester.roles)
        situation = await standing.situation(
            tx,
            self._defaults,
            server_id=server_id,
            member_id=member_id,
            rules=rules,
            now=now,
            balance=self._balance.at(now),
        )
        return Terms(rules.policy, now.date(), await _observed(tx, now.date(), now)), situation


def _admitted(
    request: Request, requester: Requester, terms: Terms, situation: Situation
) -> tuple[Quote, Admission]:
    """What it costs, and how every layer stands. Raises the Refusal of whatever does not admit it."""
    terms.policy.admit(request, requester.channel_id, requester.parent_id)
    price = terms.quote(request)
    admission = situation.ask(price.total)
    admit(admission)
    return price, admission


async def _observed(tx: Tx, on: date, at: datetime) -> Observed:
    """What was observed until `at` of prices, since the list of the day `on` is in force."""
    return await observed_prices.in_force(tx, price_list(on).effective, at=at)


def _quoted(
    request: Request, requester: Requester, price: Quote, now: datetime, origin: Origin | None
) -> StoredQuote:
    """The quote, not stored yet."""
    return StoredQuote(
        id=_new_id(),
        server_id=requester.server_id,
        channel_id=requester.channel_id,
        member_id=requester.member_id,
        request=request,
        price_list=price.price_list,
        total=price.total,
        quoted_at=now,
        expires_at=now + QUOTE_LIFE,
        origin=origin,
    )


async def _unresolved(tx: Tx, job_id: str, actor: Requester) -> Job:
    job = await jobs.get(tx, job_id)
    if job is None or job.server_id != actor.server_id:
        raise NoSuchJob
    if job.state is not State.UNRESOLVED:
        raise NotUnresolved(job)
    return job


def _settle(job: Job, outcome: Outcome, amount: Usd | None) -> Usd:
    """How much of the hold is settled: zero for a release. Raises WrongAmount."""
    if outcome is Outcome.RELEASE:
        if amount is not None:
            raise WrongAmount(job.hold)
        return ZERO
    settle = job.hold if amount is None else amount
    if not ZERO < settle <= job.hold:
        raise WrongAmount(job.hold)
    return settle


def _new_id() -> str:
    """Ten characters, 50 bits: short enough for a post's nonce and to be read out, too many to guess."""
    number = secrets.randbits(50)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(0, 50, 5))
