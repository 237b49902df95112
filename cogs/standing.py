"""How a limit as it stands is put into words: on a quote card, and in a refusal. Pure."""

from typing import Final, assert_never

from bot.domain.admission import Check, JobsAtOnce, OverLimit, RequestCap
from bot.domain.limit import Layer, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.window import AllTime, Calendar, Rolling, Window

_CHEAPER: Final = "A smaller resolution, 5 s or fewer results cost less."

_WHOM: Final = {
    Layer.ACCOUNT: "whoever runs this bot",
    Layer.SERVER: "this server's staff",
    Layer.MEMBER: "this server's staff",
}
"""Who can change the limits of a layer."""


def left(standing: Standing, price: Usd) -> str:
    """What is left of it after `price`: `You: $4.70 of $5.00 a day, resets in 9 hours`."""
    whose = {Layer.MEMBER: "You", Layer.SERVER: "This server", Layer.ACCOUNT: "Everybody together"}[standing.layer]
    says = f"{whose}: {max(standing.left - price, ZERO)} of {standing.limit.amount} {per(standing.limit.window)}"
    return f"{says}, resets {reset(standing)}" if standing.resets_at is not None else says


def over_limit(refusal: OverLimit) -> str:
    """What refuses, what is left of it, when it resets, and what would fit."""
    cheaper = [_CHEAPER] if any(standing.left for standing in refusal.standings) else []
    return "\n".join([reasons(refusal), *cheaper])


def reasons(refusal: OverLimit) -> str:
    """What refuses, what is left of it, and when it resets."""
    return "\n".join([refusal.says, *(f"• {_reason(standing)}" for standing in refusal.standings)])


def whom_to_ask(refusal: OverLimit) -> str | None:
    """What to do where nothing like it fits; None where the reasons have said so already."""
    refusing = refusal.admission.refusing
    if any(isinstance(check, JobsAtOnce) or _amount(check) == ZERO for check in refusing):
        return None
    # the outermost: whoever is further in could not help
    whom = _WHOM[refusal.standings[0].layer] if refusal.standings else _WHOM[Layer.SERVER]
    wait = "ask again after it resets, or " if all(_ends(check, refusal.price) for check in refusing) else ""
    return f"Nothing smaller or shorter fits now either. Please {wait}ask {whom} for more."


def _amount(check: Check) -> Usd | None:
    match check:
        case Standing():
            return check.limit.amount
        case RequestCap():
            return check.amount
        case _:
            return None


def _ends(check: Check, price: Usd) -> bool:
    """Whether waiting is enough."""
    return isinstance(check, Standing) and check.resets_at is not None and price <= check.limit.amount


def _reason(standing: Standing) -> str:
    whose = {
        Layer.ACCOUNT: "Everybody's limit together",
        Layer.SERVER: "This server's limit",
        Layer.MEMBER: "Your limit",
    }[standing.layer]
    if standing.limit.amount == ZERO:
        return f"{whose} is {ZERO}: nothing may be spent. Please ask {_WHOM[standing.layer]}."
    says = f"{whose} is {standing.limit.amount} {per(standing.limit.window)}: {standing.left} is left"
    return f"{says}, and it resets {reset(standing)}." if standing.resets_at is not None else f"{says}."


def reset(standing: Standing) -> str:
    """As a time that Discord shows in the reader's own way."""
    assert standing.resets_at is not None
    return f"<t:{int(standing.resets_at.timestamp())}:R>"


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
