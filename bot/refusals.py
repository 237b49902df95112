"""What the checkout refuses, in words for members."""

from bot.domain.job import Job
from bot.domain.money import Usd
from bot.domain.refusal import Refusal
from bot.offer import Offer


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
    """The price is another one now, by a new list or by what was observed. `offer`: the same request now."""

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


class NotUnresolved(Refusal):
    """Only what nobody else can know is decided by staff."""

    def __init__(self, job: Job) -> None:
        says = "is over already" if job.is_over else "goes its usual way"
        super().__init__(f"Job `{job.id}` {says}, so there is nothing to resolve, and nothing was changed.")


class WrongAmount(Refusal):
    """A resolution that does not fit the hold."""

    def __init__(self, hold: Usd) -> None:
        super().__init__(
            f"This job holds {hold}. Settle an amount of more than $0.00 and at most that, or release all of it. "
            "Nothing was changed."
        )
