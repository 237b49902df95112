"""Which thresholds what is spent and held has reached."""

import pytest

from bot.domain.alert import LimitReached, limit_reached
from bot.domain.limit import Layer, Limit, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.window import Calendar

MONTH = Calendar("month")


def reached(spent: str, held: str = "0", limit: str = "10") -> int | None:
    standing = Standing(Layer.SERVER, Limit(Usd.of(limit), MONTH), Usd.of(spent), Usd.of(held), None)
    found = limit_reached(standing)
    return None if found is None else found.percent


@pytest.mark.parametrize(
    ("used", "percent"),
    [
        ("0", None),
        ("4.999999999", None),
        ("5", 50),
        ("7.999999999", 50),
        ("8", 80),
        ("9.999999999", 80),
        ("10", 100),
        ("12", 100),
    ],
)
def test_a_threshold_is_reached_to_the_nano_dollar_and_the_highest_says_it_all(
    used: str, percent: int | None
) -> None:
    assert reached(used) == reached("0", used) == percent


def test_spent_and_held_count_together() -> None:
    assert reached("4", "4.50") == 80


def test_an_alert_says_how_the_limit_stood() -> None:
    standing = Standing(Layer.SERVER, Limit(Usd.of(10), MONTH), Usd.of(8), ZERO, None)
    assert limit_reached(standing) == LimitReached(
        Layer.SERVER, Limit(Usd.of(10), MONTH), Usd.of(8), ZERO, None, percent=80
    )


def test_a_limit_of_zero_only_blocks() -> None:
    assert reached("0", limit="0") is reached("5", limit="0") is None
