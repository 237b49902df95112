"""Limits in words: what refuses, what is left, when it resets, and what would fit."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.admission import Admission, Check, Credit, JobsAtOnce, OverLimit, RequestCap, admit
from bot.domain.limit import Layer, Limit, Return, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.window import AllTime, Calendar, Rolling, Window
from cogs.standing import left, over_limit, whom_to_ask

RESETS_AT = datetime(2026, 11, 21, tzinfo=UTC)
DAY = Calendar("day")


def standing(
    amount: str,
    spent: str = "0",
    *,
    layer: Layer = Layer.MEMBER,
    window: Window = DAY,
    back: tuple[tuple[int, str], ...] = (),
) -> Standing:
    """`back`: so much comes back so many seconds after the reset of the day."""
    resets_at = RESETS_AT if isinstance(window, Calendar) else None
    returns = tuple(Return(RESETS_AT + timedelta(0, s, 1), Usd.of(amount)) for s, amount in back)
    return Standing(layer, Limit(Usd.of(amount), window), Usd.of(spent), ZERO, resets_at, returns=returns)


def refused(*standings: Standing, price: str = "0.30") -> list[str]:
    with pytest.raises(OverLimit) as refusal:
        admit(Admission(Usd.of(price), standings))
    return over_limit(refusal.value).splitlines()


def test_a_refusal_names_all_that_refuses_with_what_is_left_and_what_would_fit() -> None:
    reset = f"<t:{int(RESETS_AT.timestamp())}:R>"
    assert refused(
        standing("50.00", "49.80", layer=Layer.ACCOUNT, window=Calendar("month")),
        standing("20.00", "1.00", layer=Layer.SERVER, window=Rolling(24)),
        standing("0", layer=Layer.SERVER, window=Calendar("week")),
        standing("5.00", "4.7248818"),
        standing("9.00", "9.00", window=AllTime()),
        standing("9.00", "9.00", window=Rolling(6)),
    ) == [
        "This costs $0.30, and that is more than what is left.",
        f"• Everybody's limit together is $50.00 a month: $0.20 is left, and it resets {reset}.",
        "• This server's limit is $0.00: nothing may be spent. Please ask this server's staff.",
        f"• Your limit is $5.00 a day: $0.2751182 is left, and it resets {reset}.",
        "• Your limit is $9.00 in all: $0.00 is left.",
        "• Your limit is $9.00 in any 6 hours: $0.00 is left.",
        "A smaller resolution, 5 s or fewer results cost less.",
    ]


SIX_HOURS = Rolling(6)
RESET = int(RESETS_AT.timestamp())


@pytest.mark.parametrize(
    ("back", "says"),
    [
        # a moment is shown by the next whole second, at which it is so
        (
            [(5, "0.29"), (7, "0.01"), (9, "1.00")],
            f"$0.00 is left, and enough for this comes back <t:{RESET + 8}:R>.",
        ),
        ([(5, "0.10"), (9, "0.10")], f"$0.00 is left, and $0.10 comes back <t:{RESET + 6}:R>."),
        ([], "$0.00 is left."),
    ],
)
def test_rolling_hours_say_when_enough_is_back_and_else_what_comes_back_next(
    back: list[tuple[int, str]], says: str
) -> None:
    rolling = standing("9.00", "9.00", window=SIX_HOURS, back=tuple(back))
    assert refused(rolling)[1] == f"• Your limit is $9.00 in any 6 hours: {says}"


def test_a_card_says_what_comes_back_next_of_rolling_hours() -> None:
    rolling = standing("9.00", "1.00", window=SIX_HOURS, back=((5, "0.29"), (9, "0.71")))
    told = f"You: $7.70 of $9.00 in any 6 hours, $0.29 comes back <t:{RESET + 6}:R>"
    assert left(rolling, Usd.of("0.30")) == told


def test_too_little_credit_names_no_amount_and_whom_to_tell() -> None:
    credit = Credit(Usd.of("7.77"), Usd.of("7.50"))
    with pytest.raises(OverLimit) as refusal:
        admit(Admission(Usd.of("0.30"), (credit,)))
    says = "This costs $0.30, and the account at the provider has too little credit left for it. "
    assert over_limit(refusal.value) == f"{says}Please tell whoever runs this bot."
    assert whom_to_ask(refusal.value) == "Nothing smaller or shorter fits now either."


def test_what_is_left_never_reads_as_enough_when_it_is_not() -> None:
    """$0.2999 is left, and $0.30 is asked for: rounded up, the refusal would contradict itself."""
    assert "$0.2999 is left" in refused(standing("1.00", "0.7001"))[1]


def test_nothing_cheaper_is_offered_where_nothing_is_left() -> None:
    assert len(refused(standing("5.00", "5.00"))) == 2


def test_an_account_without_money_sends_the_member_to_whoever_runs_the_bot() -> None:
    assert "Please ask whoever runs this bot" in refused(standing("0", layer=Layer.ACCOUNT))[1]


def test_a_card_says_what_is_left_after_the_price() -> None:
    assert left(standing("5.00", "1.00"), Usd.of("0.30")).startswith("You: $3.70 of $5.00 a day, resets <t:")
    assert left(standing("5.00", window=AllTime()), Usd.of("6")) == "You: $0.00 of $5.00 in all"


NOTHING_FITS = "Nothing smaller or shorter fits now either. Please "


@pytest.mark.parametrize(
    ("checks", "what_to_do"),
    [
        ([standing("1.00", "0.99")], f"ask again <t:{RESET}:R>, or ask this server's staff for more."),
        ([standing("0.05")], "ask this server's staff for more."),  # it is never enough, however long one waits
        ([standing("1.00", "0.99", window=Rolling(6))], "ask this server's staff for more."),
        (
            [standing("1.00", "0.99"), standing("1.00", "0.99", window=Rolling(6), back=((3, "0.2"), (9, "0.7")))],
            f"ask again <t:{RESET + 10}:R>, or ask this server's staff for more.",
        ),
        (
            [standing("9.00", "8.99", layer=Layer.ACCOUNT), standing("1.00", "0.99")],
            f"ask again <t:{RESET}:R>, or ask whoever runs this bot for more.",
        ),
        ([RequestCap(Usd.of("0.01"))], "ask this server's staff for more."),
        ([standing("1.00", "0.99"), RequestCap(Usd.of("0.01"))], "ask this server's staff for more."),
    ],
)
def test_where_nothing_fits_it_says_whether_to_wait_and_whom_to_ask(checks: list[Check], what_to_do: str) -> None:
    with pytest.raises(OverLimit) as refusal:
        admit(Admission(Usd.of("0.30"), tuple(checks)))
    assert whom_to_ask(refusal.value) == NOTHING_FITS + what_to_do


@pytest.mark.parametrize("check", [standing("0"), RequestCap(ZERO), JobsAtOnce(1, 1), JobsAtOnce(0, 0)])
def test_what_says_already_whom_to_ask_is_not_said_twice(check: Check) -> None:
    with pytest.raises(OverLimit) as refusal:
        admit(Admission(Usd.of("0.30"), (check,)))
    assert whom_to_ask(refusal.value) is None
    assert "lease ask" in over_limit(refusal.value)
