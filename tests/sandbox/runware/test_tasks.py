"""From submit to bill: conflicts, polls, money, scripts, the archive."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from sandbox.runware.script import Costs, Fails, Forgotten, Late, NoCost, Partial, Silent, Step, Takes
from tests.sandbox.runware.wire import Counter, fed, png, text

MINUTE = timedelta(seconds=60)


async def test_a_task_is_processed_and_then_succeeds(counter: Counter) -> None:
    """The acknowledgement is bare; the result is as the page has it, and is billed when it is ready, not before."""
    task = text()
    assert (await counter.ask(task)).data == [{"taskType": "videoInference", "taskUUID": task["taskUUID"]}]
    head = {"taskType": "videoInference", "taskUUID": task["taskUUID"]}
    assert (await counter.poll(task)).body == {"data": [{**head, "status": "processing"}]}
    assert counter.runware.bill == []
    counter.clock.advance(MINUTE)
    [item] = (await counter.poll(task)).data
    assert item.pop("videoURL").endswith(f"/{item['videoUUID']}.mp4")
    assert item.pop("seed") > 0
    [charge] = counter.runware.bill
    assert item == {**head, "status": "success", "videoUUID": charge.video_id, "cost": 0.06}
    assert (charge.task_id, charge.amount) == (task["taskUUID"], Decimal("0.06"))
    assert counter.runware.balance == Decimal("999.94")


async def test_a_result_has_a_cost_only_when_asked_and_a_flag_only_when_checked(counter: Counter) -> None:
    """`includeCost` and `safety`."""
    task = text(includeCost=None, safety={"checkContent": True})
    await counter.ask(task)
    counter.clock.advance(MINUTE)
    [item] = (await counter.poll(task)).data
    assert "cost" not in item
    assert item["NSFWContent"] is False


async def test_an_id_conflicts_for_ever_and_nothing_is_bought_twice(counter: Counter) -> None:
    """Running or long finished, in capitals or not, alone or in one batch."""
    task = text()
    assert (await counter.ask(task, task)).codes == ["conflictTaskUUID"]
    counter.clock.advance(timedelta(days=400))
    again = await counter.ask({**task, "taskUUID": task["taskUUID"].upper()})
    assert (again.status, again.codes, again.data) == (400, ["conflictTaskUUID"], [])
    assert len(counter.runware.bill) == 1
    assert [one.verdict for one in counter.runware.submissions] == [
        "accepted",
        "conflictTaskUUID",
        "conflictTaskUUID",
    ]


async def test_of_equal_ids_at_one_instant_one_is_accepted(counter: Counter) -> None:
    """With an image to read, so that the server lets go of the task between looking and accepting."""
    task = fed(inputs={"frameImages": [png()]})
    answers = await asyncio.gather(*(counter.ask(task) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 7
    counter.clock.advance(MINUTE)
    assert len(counter.runware.bill) == 1


async def test_a_refused_id_may_be_sent_again(counter: Counter) -> None:
    """Only acceptance makes an id conflict: a client that was short of money resends its stored body."""
    task = text()
    counter.runware.balance = Decimal("0.05")
    refused = await counter.ask(task)
    assert (refused.status, refused.codes) == (402, ["insufficientCredits"])
    counter.runware.balance = Decimal("0.06")
    assert (await counter.ask(task)).status == 200
    assert (await counter.ask(text())).status == 402  # what is under way counts


async def test_unknown_ids_are_met_with_silence(counter: Counter) -> None:
    """Only the known one of the batch is answered."""
    task = text()
    await counter.ask(task)
    answer = await counter.poll(text(), task, text())
    assert (answer.status, [item["taskUUID"] for item in answer.data]) == (200, [task["taskUUID"]])
    assert (await counter.poll(text())).body == {"data": []}


async def test_each_result_is_its_own(counter: Counter) -> None:
    """Four ids, four seeds, four costs; finished ones keep coming back while others are still made."""
    task = text(numberResults=4)
    counter.runware.script(Late((10, 20, 30, 40)))
    await counter.ask(task)
    counter.clock.advance(timedelta(seconds=25))
    items = (await counter.poll(task)).data
    assert [item["status"] for item in items] == ["success", "success", "processing", "processing"]
    assert len(counter.runware.bill) == 2
    counter.clock.advance(timedelta(seconds=20))
    later = (await counter.poll(task)).data
    assert later[:2] == items[:2]
    assert len({item["videoUUID"] for item in later}) == 4
    assert [charge.amount for charge in counter.runware.bill] == [Decimal("0.06")] * 4


@pytest.mark.parametrize("inside_data", [False, True])
@pytest.mark.parametrize("cost", [None, Decimal("0.02")])
async def test_a_failure_comes_in_either_shape_with_or_without_a_cost(
    counter: Counter, inside_data: bool, cost: Decimal | None
) -> None:
    """And is billed only what the script says."""
    task = text()
    counter.runware.script(Fails(code="timeoutProvider", message="Too slow.", cost=cost, inside_data=inside_data))
    await counter.ask(task)
    counter.clock.advance(MINUTE)
    answer = await counter.poll(task)
    assert answer.status == 200
    [shown], other = (answer.data, answer.errors) if inside_data else (answer.errors, answer.data)
    assert other == []
    error = shown["error"] if inside_data else shown
    assert (shown["status"], error["code"], error["message"]) == ("error", "timeoutProvider", "Too slow.")
    assert shown["taskUUID"] == task["taskUUID"]
    assert shown.get("cost") == (None if cost is None else 0.02)
    assert [(charge.video_id, charge.amount) for charge in counter.runware.bill] == ([(None, cost)] if cost else [])


async def test_some_results_may_fail_while_others_succeed(counter: Counter) -> None:
    """The failed ones move to `errors`; only the others are billed."""
    task = text(numberResults=3)
    counter.runware.script(Partial((0, 2)))
    await counter.ask(task)
    counter.clock.advance(MINUTE)
    answer = await counter.poll(task)
    assert ([item["status"] for item in answer.data], answer.codes) == (["success"], ["invalidProviderContent"] * 2)
    assert len(counter.runware.bill) == 1


async def test_upstream_refuses_after_acceptance_and_bills_nothing(counter: Counter) -> None:
    """10 s with a start frame passes the page's rules and fails at Luma."""
    task = fed(duration=10, inputs={"frameImages": [{"image": png(), "frame": "first"}]})
    assert (await counter.ask(task)).status == 200
    counter.clock.advance(MINUTE)
    answer = await counter.poll(task)
    assert answer.codes == ["providerError"]
    assert "5 seconds" in answer.errors[0]["message"]
    assert counter.runware.bill == []


@pytest.mark.parametrize(
    ("step", "cost", "billed"),
    [(NoCost(), None, "0.06"), (Costs(Decimal("2.1751182")), 2.1751182, "2.1751182")],
)
async def test_the_cost_shown_and_the_bill_can_be_scripted(
    counter: Counter, step: Step, cost: float | None, billed: str
) -> None:
    """A success without a cost is billed all the same; seven decimals come out as they are."""
    task = text()
    counter.runware.script(step)
    await counter.ask(task)
    counter.clock.advance(MINUTE)
    assert (await counter.poll(task)).data[0].get("cost") == cost
    assert [charge.amount for charge in counter.runware.bill] == [Decimal(billed)]


async def test_a_task_can_take_long_or_for_ever_or_be_forgotten(counter: Counter) -> None:
    """Scripts wait for their tasks in order; a forgotten task still conflicts, and is never billed."""
    slow, silent, lost = text(), text(), text()
    counter.runware.script(Takes(3600))
    counter.runware.script(Silent())
    counter.runware.script(Forgotten())
    for task in (slow, silent, lost):
        await counter.ask(task)
    counter.clock.advance(timedelta(seconds=3599))
    assert [item["status"] for item in (await counter.poll(slow)).data] == ["processing"]
    counter.clock.advance(timedelta(days=30))
    states = [[item["status"] for item in (await counter.poll(task)).data] for task in (slow, silent, lost)]
    assert states == [["success"], ["processing"], []]
    assert (await counter.details(lost)).codes == ["taskNotFound"]
    assert (await counter.ask(lost)).codes == ["conflictTaskUUID"]
    assert [charge.task_id for charge in counter.runware.bill] == [slow["taskUUID"]]


async def test_the_archive_knows_what_polling_has_forgotten(counter: Counter) -> None:
    """`getTaskDetails` gives the request and the last response: the acknowledgement, later the result."""
    task = text()
    counter.runware.script(Forgotten(archived=True))
    await counter.ask(task)
    [before] = (await counter.details(task)).data
    assert before["request"] == [task]
    assert before["response"] == {"data": [{"taskType": "videoInference", "taskUUID": task["taskUUID"]}]}
    counter.clock.advance(MINUTE)
    assert (await counter.poll(task)).data == []
    [after] = (await counter.details(task)).data
    assert after["response"]["data"][0]["videoUUID"] == counter.runware.bill[0].video_id


async def test_the_archive_shows_a_conflict_in_place_of_the_render(counter: Counter) -> None:
    """The quirk that makes an archived conflict worth nothing; `getResponse` is not touched by it."""
    task = text()
    await counter.ask(task)
    counter.clock.advance(MINUTE)
    await counter.ask(task)
    [details] = (await counter.details(task)).data
    assert details["response"]["errors"][0]["code"] == "conflictTaskUUID"
    assert (await counter.poll(task)).data[0]["status"] == "success"
