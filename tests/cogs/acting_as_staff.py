"""What is tried that is for staff, or about one's own presets: whether it has happened stands in the log."""

from collections.abc import Callable, Mapping

from sandbox.discord.client import Value
from tests.cogs.acting import Happened, Scene, number
from tests.cogs.limiting import limits, unresolved
from tests.cogs.settling import presets, settings, undo


def changing(what: str, options: Callable[[Scene], Mapping[str, Value]]) -> Happened:
    async def happened(scene: Scene) -> bool:
        await scene.command(f"limits {what}", {**options(scene), "reason": scene.reason})
        return scene.changed()

    return happened


def reading(what: str, options: Callable[[Scene], Mapping[str, Value]]) -> Happened:
    async def happened(scene: Scene) -> bool:
        await limits(scene.manager, "member", member=scene.owner.user, limit=scene.reason.replace("case ", ""))
        answer = await scene.command(f"limits {what}", options(scene))
        return f"${scene.reason.replace('case ', '')}.00/day" in answer.text

    return happened


def setting(what: str, options: Callable[[Scene], Mapping[str, Value]]) -> Happened:
    async def happened(scene: Scene) -> bool:
        await scene.command(f"settings {what}", {**options(scene), "reason": scene.reason})
        changed = scene.changed()
        await undo(scene.house)
        return changed

    return happened


async def settings_show(scene: Scene) -> bool:
    blocked = f"word{next(number)}"
    await settings(scene.manager, "words", block=blocked)
    shown = await scene.command("settings show")
    await undo(scene.house)
    return blocked in shown.text


async def save_preset(scene: Scene) -> bool:
    """Whether the owner has it then."""
    await scene.command("presets save", {"name": "mine", "count": 2})
    return bool(scene.house.rows("SELECT name FROM presets WHERE member_id = ?", scene.owner.id))


async def list_presets(scene: Scene) -> bool:
    await presets(scene.owner, "save", name="owned", count=2)
    return "owned" in (await scene.command("presets list")).text


async def delete_preset(scene: Scene) -> bool:
    await presets(scene.owner, "save", name="owned", count=2)
    await scene.command("presets delete", {"name": "owned"})
    return not scene.house.rows("SELECT name FROM presets WHERE member_id = ?", scene.owner.id)


async def reconcile(scene: Scene) -> bool:
    """This bot serves several servers: staff hear that the books are nobody's alone, others not even that."""
    return "Several servers share" in (await scene.command("limits reconcile", {})).text


async def freeze(scene: Scene) -> bool:
    await scene.command("limits freeze", {"reason": scene.reason})
    happened = scene.changed()
    await limits(scene.manager, "unfreeze")
    return happened


async def unfreeze(scene: Scene) -> bool:
    await limits(scene.manager, "freeze")
    await scene.command("limits unfreeze", {"reason": scene.reason})
    await limits(scene.manager, "unfreeze")
    return scene.changed()


async def resolve(scene: Scene) -> bool:
    bought = await unresolved(scene.house, scene.owner, scene.room)
    given = {"job": bought.job_id, "outcome": "release"}
    await scene.command("limits resolve", {**given, "reason": scene.reason})
    happened = scene.changed()
    await limits(scene.manager, "resolve", given)
    return happened


async def revoke(scene: Scene) -> bool:
    await limits(scene.manager, "grant", member=scene.owner.user, amount="1")
    await scene.command("limits revoke", {"member": scene.owner.user, "reason": scene.reason})
    return scene.changed()


async def forget(scene: Scene) -> bool:
    await limits(scene.manager, "member", member=scene.owner.user, limit="900")
    await scene.command("limits forget", {"id": str(scene.owner.id), "reason": scene.reason})
    return scene.changed()
