"""Admission: layers, roles, grants, the cap and the jobs at once; what refuses, in which order and which words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.admission import (
    Admission,
    Allowance,
    Frozen,
    FrozenServer,
    JobsAtOnce,
    OverLimit,
    RequestCap,
    Situation,
    Unlimited,
    admit,
)
from bot.domain.grant import Draw, Grant, Left
from bot.domain.limit import DEFAULT, Layer, Limit, Origin, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.refusal import Refusal
from bot.domain.rules import Freeze
from bot.domain.window import AllTime, Calendar, Rolling

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY, WEEK = Calendar("day"), Calendar("week")
FREEZE = Freeze(7, "we are moving", NOW)


def allowance(layer: Layer, *left: str, origin: Origin = DEFAULT, granted: str = "0") -> Allowance:
    """Limits of which so much is left; `0` blocks, `0.00` is used up. None: unlimited."""
    windows = (DAY, WEEK, AllTime(), Rolling(6))
    standings = (
        Standing(
            layer,
            Limit(ZERO if each == "0" else Usd.of("9.00"), window),
            ZERO if each == "0" else Usd.of("9.00") - Usd.of(each),
            ZERO,
            None,
            origin,
            Usd.of(granted),
        )
        for each, window in zip(left, windows, strict=False)
    )
    return Allowance(layer, origin, tuple(standings))


def role(number: int, *left: str, granted: str = "0") -> Allowance:
    return allowance(Layer.MEMBER, *left, origin=Origin("role", number), granted=granted)


def grant(number: int, left: str, day: int = 30) -> Left:
    made = Grant(number, 1, 100, Usd.of("9"), datetime(2026, 11, day, tzinfo=UTC), 7, "thanks", NOW)
    return Left(made, Usd.of(left))


def situation(
    *allowances: Allowance,
    account: Allowance | None = None,
    server: Allowance | None = None,
    grants: tuple[Left, ...] = (),
    cap: str | None = None,
    jobs: JobsAtOnce | None = None,
    freeze: Freeze | None = None,
) -> Situation:
    """Unlimited, but for what is said."""
    return Situation(
        freeze=freeze,
        account=account or allowance(Layer.ACCOUNT),
        server=server or allowance(Layer.SERVER),
        allowances=allowances or (allowance(Layer.MEMBER),),
        grants=grants,
        request_cap=None if cap is None else Usd.of(cap),
        jobs=jobs,
    )


def refused(asked: Situation, price: str) -> OverLimit:
    with pytest.raises(OverLimit) as refusal:
        admit(asked.ask(Usd.of(price)))
    assert isinstance(refusal.value, Refusal)
    return refusal.value


def admitted(asked: Situation, price: str) -> Admission:
    admission = asked.ask(Usd.of(price))
    admit(admission)
    return admission


def test_nothing_is_refused_where_nothing_is_limited() -> None:
    admission = admitted(situation(), "1000000")
    assert admission.checks == tuple(Unlimited(layer, DEFAULT) for layer in Layer)
    assert (admission.standings, admission.draws, admission.refusing) == ((), (), ())


def test_every_layer_has_to_admit_and_all_that_refuse_are_named_in_their_order() -> None:
    asked = situation(
        allowance(Layer.MEMBER, "0.20", "5", "0.00"),
        account=allowance(Layer.ACCOUNT, "0.10"),
        server=allowance(Layer.SERVER, "3", "0"),
        cap="0.29",
        jobs=JobsAtOnce(2, 2),
    )
    refusal = refused(asked, "0.30")
    assert refusal.price == Usd.of("0.30")
    assert [(each.layer, each.left) for each in refusal.standings] == [
        (Layer.ACCOUNT, Usd.of("0.10")),
        (Layer.SERVER, ZERO),
        (Layer.MEMBER, Usd.of("0.20")),
        (Layer.MEMBER, ZERO),
    ]
    assert refusal.admission.refusing[4:] == (RequestCap(Usd.of("0.29")), JobsAtOnce(2, 2))
    assert len(refusal.admission.checks) == 8
    assert refusal.says == (
        "This costs $0.30, and that is more than what is left. "
        "One request may cost at most $0.29 here. "
        "A smaller resolution, 5 s or fewer results cost less. "
        "You have 2 videos under way, and 2 at once is the most here. Please ask again when one is done."
    )


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), max_size=4), st.integers(1, 99)
)
def test_a_price_is_admitted_exactly_when_it_fits_into_every_window(
    amounts: list[tuple[int, int, int]], price: int
) -> None:
    standings = tuple(Standing(Layer.MEMBER, Limit(Usd(a), DAY), Usd(s), Usd(h), None) for a, s, h in amounts)
    expected = tuple(each for each in standings if each.spent + each.held + Usd(price) > each.limit.amount)
    asked = situation(Allowance(Layer.MEMBER, DEFAULT, standings))
    if expected:
        with pytest.raises(OverLimit) as refusal:
            admit(asked.ask(Usd(price)))
        assert refusal.value.standings == expected
    else:
        admit(asked.ask(Usd(price)))


# The cap, the jobs at once, a freeze


def test_a_cap_admits_up_to_itself_and_zero_blocks() -> None:
    admitted(situation(cap="0.30"), "0.30")
    assert refused(situation(cap="0.30"), "0.300000001").standings == ()
    assert "ask this server's staff" in refused(situation(cap="0"), "0.01").says


def test_jobs_at_once_admit_one_less_and_zero_blocks() -> None:
    admitted(situation(jobs=JobsAtOnce(2, 1)), "0.30")
    assert "You have a video under way, and 1 at once" in refused(situation(jobs=JobsAtOnce(1, 1)), "0.30").says
    assert "ask this server's staff" in refused(situation(jobs=JobsAtOnce(0, 0)), "0.30").says


def test_a_frozen_server_admits_nothing_and_says_why() -> None:
    asked = situation(allowance(Layer.MEMBER, "0.10"), freeze=FREEZE)
    with pytest.raises(FrozenServer, match="They say: we are moving") as refusal:
        admit(asked.ask(Usd.of("0.30")))
    assert refusal.value.freeze == FREEZE
    assert asked.ask(Usd.of("0.30")).checks[0] == Frozen(FREEZE)
    with pytest.raises(FrozenServer, match=r"later\.$"):
        admit(situation(freeze=Freeze(7, "", NOW)).ask(Usd.of("0.01")))


# Roles: each an allowance of its own


def test_one_role_whose_windows_all_admit_suffices() -> None:
    """The windows of two roles do not help each other."""
    asked = situation(role(1, "9", "0.10"), role(2, "0.10", "9"), role(3, "0.30", "0.30"))
    admission = admitted(asked, "0.30")
    assert {standing.origin.role_id for standing in admission.standings} == {3}
    assert {standing.origin.role_id for standing in admission.others} == {1, 2}
    assert len(refused(asked, "0.31").standings) == 2


def test_where_no_role_admits_the_one_with_the_most_left_is_named() -> None:
    asked = situation(role(1, "0.10"), role(2, "0.20"), role(3, "0.00"))
    assert [standing.origin.role_id for standing in refused(asked, "0.30").standings] == [2]


def test_an_unlimited_role_admits_everything() -> None:
    admission = admitted(situation(role(1, "0.10"), role(2)), "1000")
    assert admission.checks[-1] == Unlimited(Layer.MEMBER, Origin("role", 2))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_role_set_to_zero_blocks_regardless_of_others_and_of_grants(place: int) -> None:
    allowances = [role(1, "9"), role(2)]
    allowances.insert(place, role(3, "5", "0", granted="5"))
    refusal = refused(situation(*allowances, grants=(grant(1, "5"),)), "0.01")
    assert {standing.origin.role_id for standing in refusal.standings} == {3}
    assert refusal.admission.draws == ()


# Grants: the limit pays first


def test_the_limit_pays_first_and_the_grant_that_expires_first_the_rest() -> None:
    grants = (grant(1, "1.00", 30), grant(2, "0.25", 25), grant(3, "0.00", 24))
    asked = situation(allowance(Layer.MEMBER, "0.10", granted="1.25"), grants=grants)
    assert admitted(asked, "0.10").draws == ()
    assert admitted(asked, "0.30").draws == (Draw(2, Usd.of("0.20")),)
    admission = admitted(asked, "0.60")
    assert admission.draws == (Draw(2, Usd.of("0.25")), Draw(1, Usd.of("0.25")))
    assert admission.from_grants == Usd.of("0.50")
    admitted(asked, "1.35")
    refused(asked, "1.350000001")


def test_a_grant_covers_the_largest_shortfall_of_several_windows() -> None:
    asked = situation(allowance(Layer.MEMBER, "0.20", "0.10", "9", granted="0.25"), grants=(grant(1, "0.25"),))
    assert admitted(asked, "0.30").draws == (Draw(1, Usd.of("0.20")),)
    assert [standing.limit.window for standing in refused(asked, "0.40").standings] == [WEEK]


def test_a_role_that_needs_no_grant_is_taken_before_one_that_does() -> None:
    grants = (grant(1, "5"),)
    asked = situation(role(1, "0.10", granted="5"), role(2, "0.40", granted="5"), grants=grants)
    assert admitted(asked, "0.30").draws == ()
    assert admitted(asked, "0.50").draws == (Draw(1, Usd.of("0.10")),)


@pytest.mark.parametrize("layer", [Layer.ACCOUNT, Layer.SERVER])
def test_a_grant_extends_the_member_layer_only(layer: Layer) -> None:
    account, server = (allowance(each, "0.10") if each is layer else None for each in (Layer.ACCOUNT, Layer.SERVER))
    member = allowance(Layer.MEMBER, "0.00", granted="5")
    asked = situation(member, account=account, server=server, grants=(grant(1, "5"),))
    assert [standing.layer for standing in refused(asked, "0.30").standings] == [layer]


AMOUNTS = st.integers(0, 50)


@given(
    st.lists(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=3), min_size=1, max_size=3),
    st.lists(st.tuples(AMOUNTS, st.integers(21, 28)), max_size=3),
    st.integers(1, 80),
)
def test_what_is_drawn_from_grants_is_what_the_limits_lack_and_never_more_than_there_is(
    roles: list[list[tuple[int, int]]], given_amounts: list[tuple[int, int]], price: int
) -> None:
    """Against the rule, said once more in whole numbers: the cheapest role that can, or nothing at all."""
    granted = sum(amount for amount, _ in given_amounts)
    grants = tuple(
        Left(Grant(n, 1, 100, Usd(50), datetime(2026, 11, day, tzinfo=UTC), 7, "", NOW), Usd(amount))
        for n, (amount, day) in enumerate(given_amounts)
    )
    allowances = tuple(
        Allowance(
            Layer.MEMBER,
            Origin("role", n),
            tuple(
                Standing(Layer.MEMBER, Limit(Usd(limit), Rolling(1)), Usd(spent), ZERO, None, granted=Usd(granted))
                for limit, spent in windows
            ),
        )
        for n, windows in enumerate(roles)
    )
    admission = situation(*allowances, grants=grants).ask(Usd(price))
    lacks = [max([0, *(price - max(limit - spent, 0) for limit, spent in windows)]) for windows in roles]
    blocked = any(limit == 0 for windows in roles for limit, _ in windows)
    if blocked or min(lacks) > granted:
        assert admission.refusing
        assert admission.draws == ()
    else:
        assert not admission.refusing
        assert admission.from_grants == Usd(min(lacks))
        for drawn in admission.draws:
            assert ZERO < drawn.amount <= grants[drawn.grant_id].left
        touched = [given_amounts[drawn.grant_id][1] for drawn in admission.draws]
        assert touched == sorted(touched)
