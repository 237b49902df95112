"""What is tried with somebody's job: its messages, its results, and where it is listed."""

from collections.abc import Callable, Mapping

from sandbox.discord.client import Value
from sandbox.discord.message import Message
from tests.cogs.acting import Happened, Scene
from tests.cogs.limiting import queued
from tests.house import as_it_was


async def cancel(scene: Scene) -> bool:
    bought = await queued(scene.house, scene.owner, scene.room)
    await scene.press(await scene.house.progress(bought.job_id, "busy"), "Cancel")
    return bool(scene.house.job(bought.job_id)["state"] == "cancelled")


async def details(scene: Scene) -> bool:
    bought = await scene.house.buy(scene.owner, scene.room)
    [post] = await scene.house.results(bought.job_id)
    return bought.job_id in (await scene.press(post, "Details")).text


async def again(scene: Scene) -> bool:
    bought = await scene.house.buy(scene.owner, scene.room)
    await scene.house.results(bought.job_id)
    await scene.house.quiet()
    listed = await (await scene.owner.command("jobs", channel=scene.room)).answer()
    await scene.press(listed, "Post")
    return bool(scene.house.posts(bought.job_id, "a"))


def going_on(action: str) -> Happened:
    """A quote that goes on from the owner's video, opened through More or not, and by a form or not."""

    async def happened(scene: Scene) -> bool:
        post = await _finished(scene)
        await _use(scene, post, action)
        found = scene.house.rows(
            "SELECT way FROM lineage JOIN quotes ON quotes.id = quote_id WHERE member_id = ?", scene.actor.id
        )
        return [row["way"] for row in found] == [{"repeat": "again"}.get(action, action)]

    return happened


def spending(options: Callable[[Scene], Mapping[str, Value]]) -> Happened:
    """Whether the owner's job is in what is shown, or their prompt in the file."""

    async def happened(scene: Scene) -> bool:
        bought = await scene.house.buy(scene.owner, scene.room)
        await scene.house.results(bought.job_id)
        await scene.house.quiet()
        shown = await scene.command("spending", options(scene))
        files = b"".join(file.data for file in shown.attachments if file.filename.startswith("entries"))
        if "of" in options(scene) and scene.lobby is scene.room:
            return "This server's spending" in shown.text
        return bought.job_id in shown.text or bought.job_id.encode() in files

    return happened


async def rest(scene: Scene) -> bool:
    post = await _finished(scene)
    return "Edit" in [button.label for button in (await scene.press(post, "More")).buttons]


async def delete(scene: Scene) -> bool:
    """Both presses, the second one on what the owner was asked."""
    post = await _finished(scene)
    job_id = str(post.nonce).partition(".")[0]
    scene.house.explained.add(f"{job_id}.r1 is posted and stands 0 times")
    scene.house.explained.add(f"job {job_id} (done): result 1 was posted 0 times")
    await _use(scene, post, "delete")
    await _use(scene, post, "erase")
    return not scene.house.posts(job_id, "r")


async def _finished(scene: Scene) -> Message:
    bought = await scene.house.buy(scene.owner, scene.room)
    [post] = await scene.house.results(bought.job_id)
    await scene.house.quiet()
    return post


async def _use(scene: Scene, post: Message, action: str) -> None:
    """On a message that has the button, as a modified client sends it; a form is sent as it was opened."""
    smuggled = as_it_was(post, repeat=action)
    smuggled.channel = scene.lobby
    custom_id = next(each.custom_id for each in smuggled.buttons if str(each.custom_id).startswith(f"{action}:"))
    use = await scene.actor.click(smuggled, custom_id=custom_id, forged=True)
    await scene.house.until(lambda: use.interaction.callback, "an answer")
    if use.interaction.modal is not None:
        use = await scene.actor.submit(use, {"aspect_ratio": ["9:16"]} if action == "reframe" else {})
    await use.answer()


async def own_jobs(scene: Scene) -> bool:
    bought = await scene.house.buy(scene.owner, scene.room)
    return bought.job_id in (await scene.command("jobs")).text


async def everybodys_jobs(scene: Scene) -> bool:
    bought = await queued(scene.house, scene.owner, scene.room)
    return bought.job_id in (await scene.command("jobs", {"everybody": True})).text
