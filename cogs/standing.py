"""How a limit as it stands is put into words: on a quote card, and in a refusal. Pure."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from bot.domain.admission import Admission, Check, Credit, FrozenServer, JobsAtOnce, OverLimit, RequestCap
from bot.domain.limit import Layer, Limit, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.window import AllTime, Calendar, Rolling, Window
from bot.words.speech import phrase, say
from cogs.prompt import shortened

_OF: Final = {
    Layer.ACCOUNT: phrase("standing.of_account"),
    Layer.SERVER: phrase("standing.of_server"),
    Layer.MEMBER: phrase("standing.of_member"),
}
_WHOSE: Final = {
    Layer.ACCOUNT: phrase("standing.accounts"),
    Layer.SERVER: phrase("standing.servers"),
    Layer.MEMBER: phrase("standing.members"),
}
_UNITS: Final = {
    "day": phrase("standing.a_day"),
    "week": phrase("standing.a_week"),
    "month": phrase("standing.a_month"),
}


def left(standing: Standing, price: Usd) -> str:
    """What is left of it after `price`: `You: $4.70 of $5.00 a day, resets in 9 hours`, or what comes back next."""
    amount, window = standing.limit.amount, per(standing.limit.window)
    says = say(_OF[standing.layer], left=max(standing.left - price, ZERO), amount=amount, per=window)
    return anew(says, standing)


def anew(says: str, standing: Standing) -> str:
    """`says` with when there is more again: `…, resets in 9 hours`, `…, $0.30 comes back in 2 hours`."""
    if standing.resets_at is not None:
        return say("standing.with_reset", standing=says, when=moment(standing.resets_at))
    if standing.returns:
        back = standing.returns[0]
        return say("standing.with_return", standing=says, amount=back.amount, when=moment(back.at))
    return says


def over_limit(refusal: OverLimit) -> str:
    """What refuses, what is left of it, when it resets, and what would fit."""
    cheaper = [say("standing.cheaper")] if any(standing.left for standing in refusal.standings) else []
    return "\n".join([reasons(refusal), *cheaper])


def reasons(refusal: OverLimit) -> str:
    """What refuses, what is left of it, and when there is enough again."""
    told = [f"• {_reason(standing, refusal.admission)}" for standing in refusal.standings]
    return "\n".join([refusal.says, *told])


def frozen(refusal: FrozenServer) -> str:
    """What a member reads whose request meets a freeze, with staff's reason made inert."""
    freeze = refusal.freeze
    return FrozenServer(replace(freeze, reason=shortened(freeze.reason))).says


def whom_to_ask(refusal: OverLimit) -> str | None:
    """What to do where nothing like it fits; None where the reasons have said so already."""
    refusing = refusal.admission.refusing
    if any(isinstance(check, JobsAtOnce) or _amount(check) == ZERO for check in refusing):
        return None
    if any(isinstance(check, Credit) for check in refusing):
        return say("standing.nothing_fits")
    # the outermost: whoever is further in could not help
    by_operator = bool(refusal.standings) and refusal.standings[0].layer is Layer.ACCOUNT
    ends = [refusal.admission.fits_at(check) if isinstance(check, Standing) else None for check in refusing]
    known = [end for end in ends if end is not None]
    when = moment(max(known)) if len(known) == len(ends) else None
    return f"{say('standing.nothing_fits')} {_ask_for_more(when, by_operator=by_operator)}"


def _ask_for_more(when: str | None, *, by_operator: bool) -> str:
    """`when`: it helps to wait until then, too."""
    if when is None:
        return say("standing.ask_operator_for_more") if by_operator else say("standing.ask_staff_for_more")
    if by_operator:
        return say("standing.wait_or_ask_operator", when=when)
    return say("standing.wait_or_ask_staff", when=when)


def _amount(check: Check) -> Usd | None:
    match check:
        case Standing():
            return check.limit.amount
        case RequestCap():
            return check.amount
        case _:
            return None


def _reason(standing: Standing, admission: Admission) -> str:
    whose, amount = say(_WHOSE[standing.layer]), standing.limit.amount
    if amount == ZERO:
        ask = say("standing.ask_operator") if standing.layer is Layer.ACCOUNT else say("standing.ask_staff")
        return f"{say('standing.zero', whose=whose, amount=amount)} {ask}"
    window, available = per(standing.limit.window), standing.left
    if standing.resets_at is not None:
        when = moment(standing.resets_at)
        return say("standing.left_and_resets", whose=whose, amount=amount, per=window, left=available, when=when)
    enough_at = admission.fits_at(standing)
    if enough_at is not None:
        when = moment(enough_at)
        return say("standing.left_and_enough", whose=whose, amount=amount, per=window, left=available, when=when)
    if standing.returns:
        back, when = standing.returns[0].amount, moment(standing.returns[0].at)
        return say(
            "standing.left_and_returns",
            whose=whose, amount=amount, per=window, left=available, returns=back, when=when,
        )  # fmt: skip
    return say("standing.left", whose=whose, amount=amount, per=window, left=available)


def moment(at: datetime, style: str = "R") -> str:
    """A time that Discord shows in the reader's own way; the next whole second, at which it is so."""
    return f"<t:{math.ceil(at.timestamp())}:{style}>"


def amount_per(limit: Limit) -> str:
    """`$5.00 a day`."""
    return say("standing.amount_per", amount=limit.amount, per=per(limit.window))


def per(window: Window) -> str:
    """`a day`, `in any 24 hours`, `in all`."""
    match window:
        case Calendar(unit):
            return say(_UNITS[unit])
        case Rolling(hours):
            return say("standing.in_any_hours", n=hours)
        case AllTime():
            return say("standing.in_all")
        case _:
            assert_never(window)
