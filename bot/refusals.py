"""What the checkout refuses, in words for members."""

from typing import Literal

from bot.domain.job import Job
from bot.domain.money import Usd
from bot.domain.refusal import Refusal
from bot.offer import Offer
from bot.words.speech import phrase, say


class NoSuchQuote(Refusal):
    """A button with an id that we never gave out."""

    def __init__(self) -> None:
        super().__init__(say("refusals.no_such_quote"))


class NotYours(Refusal):
    """Somebody else's quote or job."""

    def __init__(self, what: Literal["quote", "job"]) -> None:
        is_quote = what == "quote"
        super().__init__(say("refusals.quote_of_another") if is_quote else say("refusals.job_of_another"))


class QuoteElsewhere(Refusal):
    def __init__(self) -> None:
        super().__init__(say("refusals.quote_elsewhere"))


class QuoteExpired(Refusal):
    def __init__(self) -> None:
        super().__init__(say("refusals.quote_expired"))


class QuoteCancelled(Refusal):
    def __init__(self) -> None:
        super().__init__(say("refusals.quote_cancelled"))


class AlreadyConfirmed(Refusal):
    """One quote buys at most once."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(say("refusals.already_confirmed", job=job_id))


class PriceChanged(Refusal):
    """The price is another one now, by a new list or by what was observed. `offer`: the same request now."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        super().__init__(say("refusals.price_changed"))


class NoSuchJob(Refusal):
    def __init__(self) -> None:
        super().__init__(say("refusals.no_such_job"))


class TooLateToCancel(Refusal):
    def __init__(self, job: Job) -> None:
        says = phrase("refusals.over_already") if job.is_over else phrase("refusals.sent_already")
        super().__init__(say(says, job=job.id))


class NotUnresolved(Refusal):
    """Only what nobody else can know is decided by staff."""

    def __init__(self, job: Job) -> None:
        over, usual = phrase("refusals.nothing_to_resolve_over"), phrase("refusals.nothing_to_resolve_usual")
        super().__init__(say(over if job.is_over else usual, job=job.id))


class WrongAmount(Refusal):
    """A resolution that does not fit the hold."""

    def __init__(self, hold: Usd) -> None:
        super().__init__(say("refusals.wrong_amount", hold=hold))
