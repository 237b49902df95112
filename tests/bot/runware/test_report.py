"""What is read out of an answer, which may hold anything."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.job import Arrival, Reason
from bot.domain.money import ZERO, Usd
from bot.runware.report import Report, Unreadable, archived, cost, dollars, read, reports

TASK = "24cd5dff-cb81-4db5-8506-b72a9425f9d1"
OTHER = "0c9e2f6b-7c1f-4d1e-9d52-0c6a1f0f3c11"
LINK = "https://vm.runware.ai/video/a.mp4"


def report_of(*data: dict[str, Any], errors: list[dict[str, Any]] | None = None, task: str = TASK) -> Report | None:
    """What a poll's answer with these items says of the task."""
    answer = {"data": [{"taskUUID": TASK, **item} for item in data], "errors": errors or []}
    return reports(read(json.dumps(answer).encode()), [TASK, OTHER]).get(task)


def arrivals_of(*data: dict[str, Any], count: int, errors: list[dict[str, Any]] | None = None) -> list[Arrival]:
    report = report_of(*data, errors=errors)
    assert report is not None
    return list(report.arrivals(count))


def success(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"status": "success", "videoUUID": name, "videoURL": f"https://vm.runware.ai/{name}.mp4", **more}


FAILURE = {"taskUUID": TASK, "status": "error", "code": "invalidProviderContent", "message": "refused"}


def test_a_success_has_its_link_its_id_and_its_cost() -> None:
    assert arrivals_of(success(cost=0.18), count=1) == [
        Arrival("a", ("https://vm.runware.ai/a.mp4",), Usd.of("0.18"), None)
    ]


def test_a_cost_is_read_to_its_last_decimal() -> None:
    """2.1751182 is no float on its way."""
    assert arrivals_of(success(cost=2.1751182), count=1)[0].cost == Usd.of("2.1751182")


@pytest.mark.parametrize("status", ["success", "completed", None, "done", 7])
def test_a_link_is_a_success_whatever_the_status_is_called(status: object) -> None:
    """The page's own examples have no status at all."""
    assert [arrival.failure for arrival in arrivals_of(success(status=status), count=1)] == [None]


@pytest.mark.parametrize("status", ["processing", "pending", "queued", "scheduled", "waiting"])
def test_what_is_said_to_run_is_running_even_with_a_link(status: str) -> None:
    """A preview is not the video."""
    assert report_of(success(status=status)) == Report(in_the_making=1)


@pytest.mark.parametrize("item", [{}, {"status": "started"}, {"status": None}, {"progress": 40}, {"status": []}])
def test_neither_success_nor_failure_is_in_the_making(item: dict[str, Any]) -> None:
    assert report_of(item) == Report(in_the_making=1)


@pytest.mark.parametrize("status", ["success", "completed"])
@pytest.mark.parametrize(
    "link", [None, "", 7, "a.mp4", "javascript:alert(1)", "https://a/\u0000", "https://a/\ud800"]
)
def test_a_success_without_a_usable_link_is_broken_and_keeps_its_cost(status: str, link: object) -> None:
    """Somebody paid for it, and nobody can see it."""
    arrival = Arrival("a", (), Usd.of("0.3"), Reason.BROKEN)
    assert arrivals_of(success(status=status, videoURL=link, cost=0.3), count=1) == [arrival]


def test_further_links_of_a_result_come_after_its_video() -> None:
    """No page says which field holds an EXR sequence."""
    item = success(exrURL="https://vm.runware.ai/a.zip", inputURL=7, videoDataURI="data:,", seed=3)
    assert arrivals_of(item, count=1)[0].links == ("https://vm.runware.ai/a.mp4", "https://vm.runware.ai/a.zip")


@pytest.mark.parametrize("video_id", [None, "", 7, ["a"], "\ud800"])
def test_a_success_without_an_id_goes_by_its_link(video_id: object) -> None:
    assert arrivals_of(success(videoUUID=video_id), count=1)[0].video_id == "https://vm.runware.ai/a.mp4"


def test_results_are_told_apart_by_their_ids_and_counted_once() -> None:
    """Each answer names all of them again, and may name one twice."""
    items = [success("a", cost=1), success("b", cost=2), success("a", cost=1), {"status": "processing"}]
    report = report_of(*items)
    assert report is not None
    assert [arrival.video_id for arrival in report.finished] == ["a", "b"]
    assert report.in_the_making == 1


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_task_that_failed_as_a_whole_is_reported_for_each_of_its_results(count: int) -> None:
    arrivals = arrivals_of(count=count, errors=[{**FAILURE, "cost": 0.06}])
    assert [arrival.failure for arrival in arrivals] == [Reason.MODERATED] * count
    assert sum((arrival.cost or ZERO for arrival in arrivals), ZERO) == Usd.of("0.06"), "it was billed once"


def test_a_failure_beside_what_succeeded_or_still_runs_is_one_failure() -> None:
    assert len(arrivals_of(success(), count=4, errors=[FAILURE])) == 2
    assert len(arrivals_of({"status": "processing"}, count=4, errors=[FAILURE])) == 1


def test_a_failure_that_is_told_twice_is_one_failure() -> None:
    """Both error shapes at once: the other result still runs, and its hold must not return."""
    inside = {"status": "error", "videoUUID": "a", "error": {"code": "providerError"}}
    arrivals = arrivals_of(inside, {"status": "processing"}, count=2, errors=[FAILURE])
    assert [arrival.video_id for arrival in arrivals] == ["a"]
    assert len(arrivals_of(inside, success("b"), count=2, errors=[FAILURE])) == 2


@pytest.mark.parametrize("status", ["error", "failed"])
@pytest.mark.parametrize("told", [{"error": {"code": "timeoutProvider"}}, {"code": "timeoutProvider"}])
def test_a_failure_inside_data(status: str, told: dict[str, Any]) -> None:
    """With its id, its cost and its reason, nested or not."""
    failed = arrivals_of({"status": status, "videoUUID": "a", "cost": 0.3, **told}, count=1)
    assert failed == [Arrival("a", (), Usd.of("0.3"), Reason.TIMED_OUT)]


def test_a_failure_with_a_link_is_a_failure() -> None:
    assert arrivals_of(success(status="failed"), count=1)[0].failure is Reason.BROKEN


@pytest.mark.parametrize("code", ["taskNotFound", "taskUUIDNotFound", "taskExpired", "taskFailedOrNotFound"])
def test_a_task_that_is_not_known_has_not_failed(code: str) -> None:
    assert report_of(errors=[{"taskUUID": TASK, "code": code}]) is None


def test_nothing_is_taken_from_other_tasks() -> None:
    assert report_of(success(), task=OTHER) is None
    assert report_of({**success(), "taskUUID": "somebody's"}) is None
    assert report_of(errors=[{**FAILURE, "taskUUID": None}, {"code": "providerError"}]) is None


@pytest.mark.parametrize(
    "body",
    [
        '{"data": [{"taskUUID": "a"}], "errors": [{"code": "b"}]}',
        '{"data": {"taskUUID": "a"}, "errors": {"code": "b"}}',
        '{"data": {"taskUUID": "a"}, "error": {"code": "b"}}',
        '{"data": [{"taskUUID": "a"}, 7, null, [], {}], "error": [{"code": "b"}, "c"], "errors": null, "d": 1}',
    ],
)
def test_data_and_errors_come_as_lists_or_as_single_objects(body: str) -> None:
    answer = read(body.encode())
    assert (answer.data, answer.errors) == (({"taskUUID": "a"},), ({"code": "b"},))


@pytest.mark.parametrize("body", [{"data": []}, {"data": [], "errors": []}, {"data": [], "error": None}])
def test_an_empty_answer_is_readable(body: dict[str, Any]) -> None:
    """It says that the task is not known."""
    answer = read(json.dumps(body).encode())
    assert (answer.data, answer.errors) == ((), ())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502</html>",
        b"[]",
        b"7",
        b"null",
        b'"data"',
        b"{}",
        b'{"status": "ok"}',
        b'{"data": [{"taskUUID": "24cd5d',
        b'{"data": null}',
        b'{"data": "soon"}',
        b'{"data": [7]}',
        b'{"data": {}}',
        b'{"data": [], "errors": ["no"]}',
        b'{"data": [], "error": "Unauthorized"}',
        b"\xff\xfe\xfa",
        b"[" * 100_000,
        b'{"data": [], "n": ' + b"9" * 5_000 + b"}",
        b'{"data": [], "n": 1e9999999999999999999999}',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_is_no_answer_is_unreadable(body: bytes) -> None:
    """Also a "nothing" in a form that we do not know: it must not be taken for "no such task"."""
    with pytest.raises(Unreadable):
        read(body)


@pytest.mark.parametrize(
    "number",
    ["-0.3", "NaN", "Infinity", "-Infinity", "1e9", "-1e9999999", "1e9999999", "9" * 400, "true", '"0.3"', "[0.3]"],
)
def test_what_cannot_be_a_cost_is_none(number: str) -> None:
    """It is missing, and so settled at the quote, rather than believed."""
    answer = read(f'{{"data": [{{"taskUUID": "{TASK}", "videoURL": "{LINK}", "cost": {number}}}]}}'.encode())
    assert reports(answer, [TASK])[TASK].finished == [Arrival(LINK, (LINK,), None, None)]


@pytest.mark.parametrize(
    ("number", "nanos"),
    [("0", 0), ("0.06", 60_000_000), ("1e-9", 1), ("0.0000000005", 1), ("1e-9999999", 0), ("100", 10**11)],
)
def test_a_plausible_cost_is_rounded_to_a_nano_dollar(number: str, nanos: int) -> None:
    assert cost({"cost": Decimal(number)}) == Usd(nanos)


def test_dollars_may_be_owed() -> None:
    """A balance may be negative, where a cost may not."""
    assert dollars(-3) == Usd.of(-3)


@pytest.mark.parametrize(
    "response", [{"data": [{"taskUUID": TASK, **success()}]}, [{"data": {"taskUUID": TASK, **success()}}]]
)
def test_the_archive_knows_a_finished_task(response: object) -> None:
    answer = read(json.dumps({"data": [{"taskUUID": TASK, "request": [{}], "response": response}]}).encode())
    report = archived(answer, TASK)
    assert report is not None
    assert [arrival.video_id for arrival in report.finished] == ["a"]


def test_a_conflict_in_the_archive_says_nothing() -> None:
    """It stands where the render's answer stood: the archive keeps the last."""
    conflict = {"taskUUID": TASK, "code": "conflictTaskUUID"}
    responses: list[object] = [{"errors": [conflict]}, {"errors": conflict, "data": []}, {}, None, "", [7]]
    for kept in responses:
        answer = read(json.dumps({"data": [{"taskUUID": TASK, "response": kept}]}).encode())
        assert archived(answer, TASK) is None


NAMES = (
    "data errors error taskUUID status code message videoURL videoUUID exrURL cost response positivePrompt".split()  # noqa: SIM905
)
WORDS = ("error", "failed", "success", "processing", "taskNotFound", "conflictTaskUUID", "timeoutProvider", LINK)
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from([TASK, OTHER, *WORDS]),
)
JSON = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=6),
    ),
    max_leaves=20,
)
ITEMS = st.fixed_dictionaries(
    {"taskUUID": st.sampled_from([TASK, OTHER])},
    optional={
        "status": ATOMS,
        "code": JSON,
        "error": JSON,
        "cost": JSON,
        "videoURL": ATOMS,
        "videoUUID": ATOMS,
        "response": JSON,
    },
)
ENVELOPES = st.fixed_dictionaries(
    {}, optional={"data": st.lists(ITEMS, max_size=5) | JSON, "errors": st.lists(ITEMS, max_size=3) | JSON}
)


@settings(max_examples=400, deadline=None)
@given(value=ENVELOPES | JSON, count=st.integers(1, 4))
def test_any_json_at_all_is_read_or_unreadable(value: object, count: int) -> None:
    """Nothing else is raised; no cost is negative; no result is told twice, nor more than once too often."""
    try:
        answer = read(json.dumps(value).encode())
    except Unreadable:
        return
    told = [*reports(answer, [TASK, OTHER]).values(), archived(answer, TASK)]
    for report in told:
        if report is None:
            continue
        arrivals = report.arrivals(count)
        assert all(arrival.cost is None or arrival.cost >= ZERO for arrival in arrivals)
        assert all((arrival.failure is None) == bool(arrival.links) for arrival in arrivals)
        names = [arrival.video_id for arrival in arrivals if arrival.video_id]
        assert len(names) == len(set(names))
        if arrivals and not report.in_the_making and all(arrival.failure for arrival in arrivals):
            assert len(arrivals) >= count, "a task that failed as a whole has failed for each result"


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_at_all_are_read_or_unreadable(body: bytes) -> None:
    try:
        read(body)
    except Unreadable:
        return


def test_a_log_line_of_a_failure_stays_one_line_without_the_prompt(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever writes to the log through the provider writes no second line."""
    forged = {"code": "providerError", "message": "a\nERROR bot: all is lost", "positivePrompt": "my secret plan"}
    report_of({"status": "error", "error": {**forged, "x\ny": "z"}})
    report_of(success(videoURL=None, positivePrompt="my secret plan"))
    assert len(caplog.messages) == 2
    assert all("\n" not in message and "secret plan" not in message for message in caplog.messages)
