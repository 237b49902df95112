"""What a finished job says about prices, and what the next quotes make of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.drift import Observation, is_news, listed, observe
from bot.domain.job import Reason, Result
from bot.domain.money import Usd
from bot.domain.price import Basis, configuration, if_trimmed, quote
from bot.domain.request import EditVideo, ReframeVideo, Request, TextToVideo
from bot.domain.source import Video

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ON = NOW.date()
VIDEO = Video(sha256="a" * 64, format="mp4", width=640, height=360, microseconds=4_500_000, sound=False)
FOX = TextToVideo(prompt="a fox", resolution="360p")
TWO = replace(FOX, count=2)
EDIT = EditVideo(prompt="a fox", video=VIDEO, resolution="360p")
REFRAME = ReframeVideo(prompt="a fox", video=VIDEO, aspect_ratio="9:16", resolution="360p")


def result(cost: str | None, n: int = 1, failure: Reason | None = None) -> Result:
    return Result(
        video_id=str(n),
        links=(),
        cost=None if cost is None else Usd.of(cost),
        failure=failure,
        n=n,
        arrived_at=NOW,
    )


def seen(request: Request, *costs: str | None) -> Observation | None:
    results = [result(cost, n) for n, cost in enumerate(costs, start=1)]
    return observe(request, quote(request, on=ON).total, results)


@pytest.mark.parametrize("cost", ["0.06", "0.07", "0.05", "0.0699999", None, "0"])
def test_up_to_a_cent_is_no_drift_nor_is_a_cost_that_nobody_named(cost: str | None) -> None:
    assert seen(FOX, cost) is None


@pytest.mark.parametrize("cost", ["0.070000001", "0.049999999", "0.10"])
def test_more_than_a_cent_up_or_down_is_drift(cost: str) -> None:
    assert seen(FOX, cost) == Observation("360p video, 5 s", "result", Usd.of("0.06"), Usd.of(cost))


def test_the_dearest_success_of_a_job_counts() -> None:
    assert seen(TWO, "0.10", "0.12") == Observation("360p video, 5 s", "result", Usd.of("0.06"), Usd.of("0.12"))
    assert seen(TWO, "0.06", "0.01") is None


def test_a_failure_says_nothing_of_prices() -> None:
    assert observe(FOX, Usd.of("0.06"), [result("0.50", failure=Reason.BROKEN)]) is None


def test_a_reframe_is_observed_by_the_second() -> None:
    assert seen(REFRAME, "0.18") is None, "it may be the least that is billed"
    found = seen(replace(REFRAME, video=replace(VIDEO, microseconds=5_000_000)), "0.20")
    assert found == Observation("360p reframe", "second", Usd.of("0.03"), Usd.of("0.04"))
    assert found is not None
    longer = replace(REFRAME, video=replace(VIDEO, microseconds=6_000_000))
    again = quote(longer, on=ON, observed={found.configuration: found.billed})
    assert (str(again.total), again.lines[0].figure.basis) == ("$0.24", Basis.OBSERVED)


def test_an_edit_of_more_than_ten_seconds_has_no_price_to_drift_from() -> None:
    long = replace(EDIT, video=replace(VIDEO, microseconds=12_000_000))
    assert configuration(long) is None
    assert seen(long, "0.10") is None


def test_what_was_observed_is_quoted_and_marked_and_nothing_else_changes() -> None:
    observed = {"360p video, 5 s": Usd.of("0.10")}
    line = quote(TWO, on=ON, observed=observed).lines[0]
    assert (str(line.amount), line.figure.basis, line.text) == ("$0.20", Basis.OBSERVED, "360p video, 5 s")
    for other in (replace(FOX, resolution="540p"), replace(FOX, duration=10), EDIT, REFRAME):
        assert quote(other, on=ON, observed=observed) == quote(other, on=ON)


def test_what_is_observed_to_be_the_lists_own_price_is_the_lists() -> None:
    """It drifted away, and came back."""
    assert quote(FOX, on=ON, observed={"360p video, 5 s": Usd.of("0.06")}) == quote(FOX, on=ON)


def test_a_trimmed_edit_is_priced_as_observed_too() -> None:
    longer = replace(EDIT, video=replace(VIDEO, microseconds=7_000_000))
    assert if_trimmed(longer, on=ON, observed={"360p edit, 5 s": Usd.of("0.60")}) == Usd.of("0.60")
    assert if_trimmed(longer, on=ON, observed={"360p edit, 5 s": Usd.of("1.20")}) is None, "it is no less"


@pytest.mark.parametrize("billed", ["0.0000001", "0.05", "0.19", "100"])
def test_a_price_below_the_list_or_beyond_belief_is_not_quoted(billed: str) -> None:
    """Low holds would let limits be passed; one wild bill would close a configuration to everybody."""
    assert quote(FOX, on=ON, observed={"360p video, 5 s": Usd.of(billed)}) == quote(FOX, on=ON)


@pytest.mark.parametrize(
    ("billed", "earlier", "is_told"),
    [
        ("0.10", [], True),
        ("0.10", ["0.14"], True),
        ("0.10", ["0.14", "0.10"], False),  # it was told, and the list's own has not been billed since
        ("0.10", ["0.06", "0.10"], True),
        ("0.10", ["0.07", "0.10"], True),  # within a cent of the list
        ("0.06", ["0.10"], True),  # that it is over is news
        ("0.07", ["0.06", "0.10"], False),
    ],
)
def test_which_prices_staff_hear_of(billed: str, earlier: list[str], is_told: bool) -> None:
    assert is_news(Usd.of(billed), Usd.of("0.06"), [Usd.of(each) for each in earlier]) is is_told


def test_the_lists_own_price_is_of_the_same_unit_as_an_observation() -> None:
    """A result's, whatever the count; of a reframe a second's, whatever the length."""
    assert listed(replace(FOX, count=4), ON) == Usd.of("0.06")
    assert listed(replace(REFRAME, video=replace(VIDEO, microseconds=7_300_000)), ON) == Usd.of("0.03")
