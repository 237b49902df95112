"""How a limit as it stands is put into words: on a quote card, and in a refusal. Pure."""

from typing import Final, assert_never

from bot.domain.admission import OverLimit
from bot.domain.limit import Layer, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.window import AllTime, Calendar, Rolling, Window

_CHEAPER: Final = "A smaller resolution, 5 s or fewer results cost less."


def left(standing: Standing, price: Usd) -> str:
    """What is left of it after `price`: `You: $4.70 of $5.00 a day, resets in 9 hours`."""
    whose = {Layer.MEMBER: "You", Layer.SERVER: "This server", Layer.ACCOUNT: "Everybody together"}[standing.layer]
    says = f"{whose}: {max(standing.left - price, ZERO)} of {standing.limit.amount} {per(standing.limit.window)}"
    return f"{says}, resets {_reset(standing)}" if standing.resets_at is not None else says


def over_limit(refusal: OverLimit) -> str:
    """What refuses, what is left of it, when it resets, and what would fit."""
    reasons = [f"• {_reason(standing)}" for standing in refusal.standings]
    cheaper = [_CHEAPER] if any(standing.left for standing in refusal.standings) else []
    return "\n".join([refusal.says, *reasons, *cheaper])


def _reason(standing: Standing) -> str:
    whose, who = {
        Layer.ACCOUNT: ("Everybody's limit together", "whoever runs this bot"),
        Layer.SERVER: ("This server's limit", "this server's staff"),
        Layer.MEMBER: ("Your limit", "this server's staff"),
    }[standing.layer]
    if standing.limit.amount == ZERO:
        return f"{whose} is {ZERO}: nothing may be spent. Please ask {who}."
    says = f"{whose} is {standing.limit.amount} {per(standing.limit.window)}: {standing.left} is left"
    return f"{says}, and it resets {_reset(standing)}." if standing.resets_at is not None else f"{says}."


def _reset(standing: Standing) -> str:
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
