"""How a limit as it stands is put into words: on a quote card, and in a refusal. Pure."""

import math
from datetime import datetime
from typing import Final, assert_never

from bot.domain.admission import Admission, Check, Credit, JobsAtOnce, OverLimit, RequestCap
from bot.domain.limit import Layer, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.window import AllTime, Calendar, Rolling, Window

_CHEAPER: Final = "A smaller resolution, 5 s or fewer results cost less."

NOTHING_FITS: Final = "Nothing smaller or shorter fits now either."

_WHOM: Final = {
    Layer.ACCOUNT: "whoever runs this bot",
    Layer.SERVER: "this server's staff",
    Layer.MEMBER: "this server's staff",
}
"""Who can change the limits of a layer."""


def left(standing: Standing, price: Usd) -> str:
    """What is left of it after `price`: `You: $4.70 of $5.00 a day, resets in 9 hours`, or what comes back next."""
    whose = {Layer.MEMBER: "You", Layer.SERVER: "This server", Layer.ACCOUNT: "Everybody together"}[standing.layer]
    says = f"{whose}: {max(standing.left - price, ZERO)} of {standing.limit.amount} {per(standing.limit.window)}"
    return f"{says}{anew(standing)}"


def anew(standing: Standing) -> str:
    """When there is more again, with a comma before it: `, resets in 9 hours`, `, $0.30 comes back in 2 hours`."""
    if standing.resets_at is not None:
        return f", resets {moment(standing.resets_at)}"
    if standing.returns:
        return f", {standing.returns[0].amount} comes back {moment(standing.returns[0].at)}"
    return ""


def over_limit(refusal: OverLimit) -> str:
    """What refuses, what is left of it, when it resets, and what would fit."""
    cheaper = [_CHEAPER] if any(standing.left for standing in refusal.standings) else []
    return "\n".join([reasons(refusal), *cheaper])


def reasons(refusal: OverLimit) -> str:
    """What refuses, what is left of it, and when there is enough again."""
    told = [f"• {_reason(standing, refusal.admission)}" for standing in refusal.standings]
    return "\n".join([refusal.says, *told])


def whom_to_ask(refusal: OverLimit) -> str | None:
    """What to do where nothing like it fits; None where the reasons have said so already."""
    refusing = refusal.admission.refusing
    if any(isinstance(check, JobsAtOnce) or _amount(check) == ZERO for check in refusing):
        return None
    if any(isinstance(check, Credit) for check in refusing):
        return NOTHING_FITS
    # the outermost: whoever is further in could not help
    whom = _WHOM[refusal.standings[0].layer] if refusal.standings else _WHOM[Layer.SERVER]
    ends = [refusal.admission.fits_at(check) if isinstance(check, Standing) else None for check in refusing]
    known = [end for end in ends if end is not None]
    wait = f"ask again {moment(max(known))}, or " if len(known) == len(ends) else ""
    return f"{NOTHING_FITS} Please {wait}ask {whom} for more."


def _amount(check: Check) -> Usd | None:
    match check:
        case Standing():
            return check.limit.amount
        case RequestCap():
            return check.amount
        case _:
            return None


def _reason(standing: Standing, admission: Admission) -> str:
    whose = {
        Layer.ACCOUNT: "Everybody's limit together",
        Layer.SERVER: "This server's limit",
        Layer.MEMBER: "Your limit",
    }[standing.layer]
    if standing.limit.amount == ZERO:
        return f"{whose} is {ZERO}: nothing may be spent. Please ask {_WHOM[standing.layer]}."
    says = f"{whose} is {standing.limit.amount} {per(standing.limit.window)}: {standing.left} is left"
    if standing.resets_at is not None:
        return f"{says}, and it resets {moment(standing.resets_at)}."
    enough_at = admission.fits_at(standing)
    if enough_at is not None:
        return f"{says}, and enough for this comes back {moment(enough_at)}."
    return f"{says}{anew(standing).replace(',', ', and', 1)}."


def moment(at: datetime, style: str = "R") -> str:
    """A time that Discord shows in the reader's own way; the next whole second, at which it is so."""
    return f"<t:{math.ceil(at.timestamp())}:{style}>"


def per(window: Window) -> str:
    """`a day`, `in any 24 hours`, `in all`."""
    match window:
        case Calendar(unit):
            return f"a {unit}"
        case Rolling(hours):
            return f"in any {hours} hours"
        case AllTime():
            return "in all"
        case _:
            assert_never(window)
