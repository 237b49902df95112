"""From a request to a job: quote, limits, hold, queue.

Nothing is held before Confirm; Confirm checks everything again and does the rest in one transaction.
"""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.job import CANCEL, Job, Stale
from bot.domain.limit import Layer, Limit, Standing, admit
from bot.domain.money import Usd
from bot.domain.price import Quote, price_list, quote, trimmed
from bot.domain.refusal import Refusal
from bot.domain.request import Request
from bot.runware.task import Storage, body
from storage import jobs, ledger, quotes, sources
from storage.database import Database, Tx
from storage.quotes import StoredQuote

QUOTE_LIFE: Final = timedelta(minutes=10)
"""Inside the 15 minutes for which Discord lets us edit the card."""

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # no letters that look like others


@dataclass(frozen=True)
class Requester:
    """Who asks, and where: ids of Discord's, from the interaction's payload."""

    server_id: int
    channel_id: int
    member_id: int


@dataclass(frozen=True)
class Offer:
    """A quote as a card shows it. `standings`: every limit that applies, before anything is held.

    `trimmed`: what it would cost if its video were trimmed, where that is less.
    """

    stored: StoredQuote
    quote: Quote
    standings: tuple[Standing, ...]
    trimmed: Usd | None


class NoSuchQuote(Refusal):
    """A button with an id that we never gave out."""

    def __init__(self) -> None:
        super().__init__("I do not know this quote. Please ask again with /generate.")


class NotYours(Refusal):
    """Somebody else's quote or job."""

    def __init__(self, what: str) -> None:
        super().__init__(f"This {what} is somebody else's. Make one of your own with /generate.")


class QuoteElsewhere(Refusal):
    def __init__(self) -> None:
        super().__init__("This quote was made in another channel. Please press Confirm there, or ask again here.")


class QuoteExpired(Refusal):
    def __init__(self) -> None:
        super().__init__("This quote is more than 10 minutes old, so nothing was bought. Please ask again.")


class QuoteCancelled(Refusal):
    def __init__(self) -> None:
        super().__init__("This quote was cancelled, so nothing was bought. Please ask again.")


class AlreadyConfirmed(Refusal):
    """One quote buys at most once."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(f"This was confirmed already, as job `{job_id}`, and it is bought once. See /jobs.")


class PriceChanged(Refusal):
    """The price list is another one now. `offer` is what the same request costs by it."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        super().__init__("The price has changed meanwhile, so nothing was bought. This is the price now:")


class NoSuchJob(Refusal):
    def __init__(self) -> None:
        super().__init__("I do not know this job. /jobs lists yours.")


class TooLateToCancel(Refusal):
    def __init__(self, job: Job) -> None:
        says = "It is over already." if job.is_over else "It was sent already, and the provider takes no job back."
        super().__init__(f"{says} Job `{job.id}` stays as it is; /jobs shows how it goes.")


class Checkout:
    """Quotes, holds and cancels. `now` gives the time, aware, in UTC."""

    def __init__(
        self,
        database: Database,
        limits: Mapping[Layer, tuple[Limit, ...]],
        *,
        storage: Storage,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._limits = limits
        self._storage = storage
        self._now = now

    async def offer(self, request: Request, requester: Requester) -> Offer:
        """Price the request and store the quote. Raises OverLimit where it would not be admitted now."""
        now = self._now()
        price = quote(request, on=now.date())
        stored = StoredQuote(
            id=_new_id(),
            server_id=requester.server_id,
            channel_id=requester.channel_id,
            member_id=requester.member_id,
            request=request,
            price_list=price.price_list,
            total=price.total,
            quoted_at=now,
            expires_at=now + QUOTE_LIFE,
        )
        async with self._database.transaction() as tx:
            standings = await self._standings(tx, requester, now)
            admit(price.total, standings)
            await quotes.add(tx, stored)
            await sources.add(tx, stored.id, [source.sha256 for source in request.sources])
        shorter = trimmed(request)
        return Offer(stored, price, standings, quote(shorter, on=now.date()).total if shorter else None)

    async def replace(self, quote_id: str, request: Request, requester: Requester) -> Offer:
        """Offer `request` in the place of a quote, which buys nothing from then on."""
        offer = await self.offer(request, requester)
        await self.cancel_quote(quote_id, requester)
        return offer

    async def open_quote(self, quote_id: str, requester: Requester) -> StoredQuote:
        """A quote that may still be confirmed. Raises the Refusal of one that may not."""
        return await self._open_quote(self._database.read, quote_id, requester)

    async def confirm(self, quote_id: str, requester: Requester) -> Job:
        """Hold the price and queue the job. Raises a Refusal, with nothing changed, where that cannot be."""
        async with self._database.transaction() as tx:
            stored = await self._open_quote(tx, quote_id, requester)
            now = self._now()
            request = replace(stored.request)  # today's rules may be stricter
            if price_list(now.date()).effective == stored.price_list:
                return await self._hold(tx, stored, requester, now)
        raise PriceChanged(await self.offer(request, requester))

    async def cancel_quote(self, quote_id: str, requester: Requester) -> None:
        """Withdraw a quote, from whichever device. Raises a Refusal where it has bought already."""
        async with self._database.transaction() as tx:
            stored = await self._quote_of(tx, quote_id, requester)
            if stored.job_id is not None:
                raise AlreadyConfirmed(stored.job_id)
            await quotes.cancel(tx, quote_id, self._now())

    async def cancel_job(self, job_id: str, requester: Requester) -> Job:
        """Take a job back that was not yet sent; its hold is released."""
        async with self._database.transaction() as tx:
            job = await jobs.get(tx, job_id)
            if job is None or job.server_id != requester.server_id:
                raise NoSuchJob
            if job.member_id != requester.member_id:
                raise NotYours("job")
            try:
                await jobs.take(tx, job_id, CANCEL, at=self._now())
            except Stale:
                raise TooLateToCancel(job) from None
            return await jobs.existing(tx, job_id)

    async def _hold(self, tx: Tx, stored: StoredQuote, requester: Requester, now: datetime) -> Job:
        admit(stored.total, await self._standings(tx, requester, now))
        job_id, task_id = _new_id(), str(uuid.uuid4())
        content = body(stored.request, task_id=task_id, storage=self._storage)
        await jobs.hold(tx, stored, job_id=job_id, task_id=task_id, body=content, at=now)
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

    async def _standings(self, tx: Tx, requester: Requester, now: datetime) -> tuple[Standing, ...]:
        return tuple(
            await ledger.standings(
                tx,
                self._limits,
                server_id=requester.server_id,
                member_id=requester.member_id,
                now=now,
            )
        )


def _new_id() -> str:
    """Ten characters, 50 bits: short enough for a post's nonce and to be read out, too many to guess."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))
