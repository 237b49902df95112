"""What /spending says, in every case that a limit, a grant or a job can be in; and that it fits."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.admission import Admission, Check, Credit, Frozen, JobsAtOnce, RequestCap, Unlimited
from bot.domain.grant import Grant, Left
from bot.domain.job import Job, Reason, State
from bot.domain.limit import DEFAULT, Layer, Limit, Origin, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.request import TextToVideo
from bot.domain.rules import Freeze
from bot.domain.window import AllTime, Calendar, Rolling, Window
from cogs.spending_text import of_member, of_server, receipt
from storage.receipts import OfMember

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RESETS = f"<t:{int(NOW.timestamp())}:R>"
CENT = Usd.of("0.01")


def standing(window: Window, origin: Origin = DEFAULT, granted: str = "0", layer: Layer = Layer.MEMBER) -> Standing:
    resets = NOW if isinstance(window, Calendar) else None
    return Standing(layer, Limit(Usd.of("5"), window), Usd.of("1"), Usd.of("0.30"), resets, origin, Usd.of(granted))


def a_job(**more: Any) -> Job:
    facts: dict[str, Any] = {
        "id": "k3v9tq2m7d",
        "server_id": 1,
        "channel_id": 2,
        "member_id": 3,
        "request": TextToVideo(prompt="a fox"),
        "hold": Usd.of("0.30"),
        "task_id": str(uuid.uuid4()),
        "state": State.DONE,
        "version": 4,
        "held_at": NOW,
        "sent_at": NOW,
        "accepted_at": NOW,
        "tries": 0,
        "next_try_at": None,
        "reason": None,
        "settled": Usd.of("0.30"),
        "overrun": None,
        "estimated": False,
        "results": (),
        **more,
    }
    return Job(**facts)


@pytest.mark.parametrize(
    ("mine", "says"), [(True, "No videos here yet. /generate makes the first."), (False, "No videos here yet.")]
)
def test_staff_who_look_at_somebody_without_videos_are_not_told_how_to_make_one(mine: bool, says: str) -> None:
    card = of_member(3, Admission(CENT, (RequestCap(CENT),)), [], [], {}, ZERO, days=30, mine=mine)
    assert [field.value for field in card.fields if field.name == "Latest videos"] == [says]


def test_the_providers_credit_is_named_only_when_there_is_none_and_never_by_its_amount() -> None:
    unlimited = Unlimited(Layer.MEMBER, DEFAULT)
    assert limits_of(Credit(Usd.of("7"), Usd.of("6")), unlimited) == ["**You**: unlimited"]
    out = "**The account at the provider** is out of credit for now. Whoever runs this bot can add some."
    assert limits_of(Credit(Usd.of("7"), Usd.of("7")), unlimited)[0] == out
    server = of_server(Admission(CENT, (Credit(Usd.of("7"), Usd.of("7")), unlimited)), [], {}, ZERO, days=30)
    assert [field.value for field in server.fields] == [out]


def limits_of(*checks: Check, others: tuple[Standing, ...] = ()) -> list[str]:
    card = of_member(3, Admission(CENT, checks, others), [], [], {}, ZERO, days=30, mine=True)
    return str(next(field.value for field in card.fields if field.name == "Limits")).splitlines()


@pytest.mark.parametrize(
    ("check", "says"),
    [
        (
            standing(Calendar("week")),
            f"**You**, $5.00 a week: spent $1.00, on hold $0.30, left **$3.70**, resets {RESETS}",
        ),
        (standing(Rolling(24)), "**You**, $5.00 in any 24 hours: spent $1.00, on hold $0.30, left **$3.70**"),
        (standing(AllTime()), "**You**, $5.00 in all: spent $1.00, on hold $0.30, left **$3.70**"),
        (
            standing(AllTime(), Origin("role", 9), "2"),
            "**You**, $5.00 in all by <@&9>: spent $1.00, on hold $0.30, left **$5.70**, grants included",
        ),
        (
            standing(AllTime(), layer=Layer.ACCOUNT),
            "**Everybody together**, $5.00 in all: spent $1.00, on hold $0.30, left **$3.70**",
        ),
        (Unlimited(Layer.MEMBER, Origin("personal")), "**You**, personally: unlimited"),
        (Unlimited(Layer.SERVER, DEFAULT), "**This server**: unlimited"),
        (RequestCap(Usd.of("0.60")), "**One request**: at most $0.60"),
        (JobsAtOnce(2, 1), "**At once**: 1 of 2 videos under way"),
        (Frozen(Freeze(9, "", NOW)), "**New videos are stopped** for now by this server's staff."),
    ],
)
def test_every_kind_of_limit_is_said_in_a_line(check: Check, says: str) -> None:
    assert limits_of(check) == [says]


def test_limits_of_other_roles_are_said_to_be_so() -> None:
    other = standing(AllTime(), Origin("role", 8))
    [_, says] = limits_of(standing(AllTime(), Origin("role", 9)), others=(other,))
    assert "by <@&8>" in says
    assert says.endswith("(another role's)")


@pytest.mark.parametrize(
    ("job", "from_grants", "says"),
    [
        ({}, "0", "quoted and held $0.30 · settled $0.30"),
        (
            {"settled": Usd.of("0.20"), "estimated": True},
            "0",
            "quoted and held $0.30 · settled $0.20, estimated, $0.10 returned",
        ),
        (
            {"overrun": Usd.of("0.02")},
            "0",
            "quoted and held $0.30 · settled $0.30 · $0.02 more was billed, on the server",
        ),
        ({"state": State.FAILED, "settled": None}, "0", "quoted and held $0.30 · failed, all of it returned"),
        ({"state": State.CANCELLED, "settled": None}, "0", "quoted and held $0.30 · cancelled, all of it returned"),
        ({"state": State.UNRESOLVED, "settled": None}, "0", "quoted and held $0.30 · unresolved, still on hold"),
        ({"state": State.QUEUED, "settled": None}, "0", "quoted and held $0.30 · under way, on hold"),
        (
            {"state": State.RUNNING, "settled": None},
            "0.10",
            "quoted and held $0.30 · under way, on hold\nPaid by: limit $0.20 and grants $0.10",
        ),
        ({}, "0.30", "quoted and held $0.30 · settled $0.30\nPaid by: grants $0.30"),
    ],
)
def test_a_receipt_says_what_was_quoted_what_became_of_it_and_who_paid(
    job: dict[str, Any], from_grants: str, says: str
) -> None:
    lines = receipt(a_job(**job), Usd.of(from_grants)).split("\n", 2)
    assert lines[0] == "> a fox"
    assert lines[1] == f"720p · 16:9 · 5 s · {RESETS}"
    assert lines[2] == says


def test_members_beyond_the_first_ten_are_added_up() -> None:
    members = [OfMember(n, Usd.of("0.30"), 2) for n in range(13)] + [OfMember(None, Usd.of("0.05"), 1)]
    admission = Admission(CENT, (Unlimited(Layer.SERVER, DEFAULT),))
    card = of_server(admission, members, {"edit_video": Usd.of("3.95")}, Usd.of("0.06"), days=30)
    fields = {field.name: str(field.value) for field in card.fields}
    lines = str(fields["By member"]).splitlines()
    assert lines[0] == "<@0>: **$0.30** in 2 jobs"
    assert lines[-1] == "3 others: **$0.90** in 6 jobs"
    assert len(lines) == 11
    assert fields["By kind"] == "edits: **$3.95**"
    assert str(card.description).splitlines() == [
        "Spent in the last 30 days: **$3.95**.",
        "Of that, $0.05 was billed beyond the quotes and is the server's own.",
        "On hold now: **$0.06**.",
    ]


def test_the_limits_of_the_member_who_looks_are_not_the_servers() -> None:
    both = (standing(AllTime(), layer=Layer.SERVER), standing(AllTime()))
    card = of_server(Admission(CENT, both), [], {}, ZERO, days=30)
    assert str(card.fields[0].value).startswith("**This server**")
    assert "\n" not in str(card.fields[0].value)


def test_the_fullest_card_fits_a_message() -> None:
    grants = [
        Left(Grant(n, 1, 3, Usd.of("1000000"), NOW + timedelta(days=n), 9, "*_~" * 100, NOW), Usd.of("1000000"))
        for n in range(50)
    ]
    standings = tuple(standing(Rolling(n + 1), Origin("role", 10**18 + n), "1") for n in range(100))
    jobs = [
        a_job(id=f"k3v9tq2m{n}d", request=TextToVideo(prompt="*_~" * 2000), overrun=CENT, reason=Reason.LOST)
        for n in range(5)
    ]
    card = of_member(
        10**18,
        Admission(CENT, standings, standings),
        grants,
        jobs,
        {job.id: CENT for job in jobs},
        Usd.of("1"),
        days=30,
        mine=False,
    )
    assert len(card) <= 6_000
    assert all(len(str(field.value)) <= 1_024 for field in card.fields)
    assert [field.name for field in card.fields][2:] == [f"Job {job.id}" for job in jobs]
