"""Who may do what: every command and button, used by everybody, each through a modified client that sends anything.

What Discord's own client offers is a matter of its own, at the end.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final
from zoneinfo import available_timezones

import pytest

from cogs import again as _again
from cogs import menus, post_buttons, quote_buttons, quote_changes, results
from cogs.button import Button
from sandbox.discord.client import ClientRefuses, Value
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel, Role
from sandbox.discord.use import Use
from tests.cogs.limiting import limits, queued, unresolved
from tests.cogs.ordering import ask, attached, clip, open_rich_house, photo
from tests.cogs.settling import presets, settings, undo
from tests.house import House, as_it_was, id_of

OWNER, OTHER, MANAGER, STAFF, REMOVED, FORMER, ABROAD = ACTORS = (
    "the owner",
    "another member",
    "staff by Manage Server",
    "staff by their role",
    "somebody whose staff role was taken away",
    "somebody with a role that is no longer the staff's",
    "another server's manager",
)
HERE: Final = frozenset(ACTORS) - {ABROAD}
BY_PERMISSION: Final = frozenset({MANAGER})
BY_BOTH: Final = frozenset({MANAGER, STAFF})

TRIMMABLE: Final = 5_040_000  # microseconds

_number = count(1)
_zones = iter(sorted(available_timezones()))


@dataclass(frozen=True)
class Scene:
    """A house with a staff role, somebody to do something, and whose thing it is about."""

    house: House
    room: Channel
    owner: Member
    actor: Member
    manager: Member
    reason: str

    @property
    def lobby(self) -> Channel:
        """The actor's own server's channel, from where a message is smuggled out of another one."""
        abroad = self.actor.membership.server is not self.house.server
        return self.actor.membership.server.first_channel if abroad else self.room

    def changed(self) -> bool:
        """Whether the first server's log has what was done."""
        sql = "SELECT id FROM changes WHERE server_id = ? AND reason = ?"
        return bool(self.house.rows(sql, self.house.server.id, self.reason))

    async def press(self, message: Message, label: str) -> Message:
        smuggled = as_it_was(message)
        smuggled.channel = self.lobby
        custom_id = next(button.custom_id for button in message.buttons if (button.label or "").startswith(label))
        return await self.house.press(self.actor, smuggled, custom_id=custom_id)

    async def command(self, name: str, options: Mapping[str, Value] | None = None) -> Message:
        return await (await self.actor.command(name, options or {}, channel=self.lobby, forged=True)).answer()


Happened = Callable[[Scene], Awaitable[bool]]
"""Does it, and says whether it has happened in the first server; undoes what would stand in others' way."""


async def generate(scene: Scene) -> bool:
    card = await scene.command("generate", {"prompt": "A fox", "resolution": "360p"})
    return any(button.label == "Confirm" for button in card.buttons)


def quote_button(label: str) -> Happened:
    async def happened(scene: Scene) -> bool:
        house, video = scene.house, attached(scene.owner, clip(160, 96, TRIMMABLE))
        options: dict[str, Value] = {"video": video} if label == "Trim" else {}
        command = "edit" if label == "Trim" else "generate"
        card = await ask(house, scene.owner, scene.room, command, options)
        [quote] = house.rows("SELECT id FROM quotes WHERE member_id = ?", scene.owner.id)
        answer = await scene.press(card, label)
        await house.until(lambda: "Trimming your video" not in answer.text, "the end of a trim", 30)
        if label == "Confirm":
            return bool(house.rows("SELECT id FROM jobs WHERE quote_id = ?", quote["id"]))
        return bool(house.rows("SELECT * FROM cancelled_quotes WHERE quote_id = ?", quote["id"]))

    return happened


async def pick(scene: Scene) -> bool:
    """A pick from a menu of the card."""
    card, smuggled = await _card(scene)
    quote = id_of(card, "Confirm")
    picked = f"resolution:{quote}"
    await (await scene.actor.select(smuggled, ["540p"], custom_id=picked, forged=True)).answer()
    return _is_withdrawn(scene, quote)


async def form(scene: Scene) -> bool:
    """A submit of the prompt's form, which its owner has opened; a modified client sends it from anywhere."""
    card, smuggled = await _card(scene)
    quote = id_of(card, "Confirm")
    opened = await scene.owner.click(card, "Edit")
    await opened.modal()
    opened.interaction.message, opened.interaction.channel = smuggled, scene.lobby
    await (await scene.actor.submit(opened, {"first": "An owl"})).answer()
    return _is_withdrawn(scene, quote)


async def opened_form(scene: Scene) -> bool:
    """The form itself, which shows the prompt."""
    card, smuggled = await _card(scene)
    quote = id_of(card, "Confirm")
    use = await scene.actor.click(smuggled, custom_id=f"edit:{quote}", forged=True)
    await use.settled()
    return use.interaction.modal is not None


MENUS: Final = {"Animate this image": "fox.png", "Edit this video": "fox.mp4", "Reframe this video": "fox.mp4"}


async def opened(scene: Scene, member: Member, menu: str, channel: Channel) -> Use:
    """A form, opened by the member on a message of their own."""
    data = photo() if menu.endswith("image") else clip(640, 360, 1_000_000)
    message = await member.say(channel, "A fox", [member.upload(MENUS[menu], data)])
    use = await member.menu(menu, message)
    await use.modal()
    return use


def menu(name: str) -> Happened:
    async def happened(scene: Scene) -> bool:
        use = await scene.actor.submit(
            await opened(scene, scene.actor, name, scene.lobby), {"resolution": ["360p"]}
        )
        return any(button.label == "Confirm" for button in (await use.answer(30)).buttons)

    return happened


async def send_a_form(scene: Scene) -> bool:
    """The owner's, under its custom id."""
    owners = await (await opened(scene, scene.owner, "Animate this image", scene.room)).modal()
    mine = await opened(scene, scene.actor, "Animate this image", scene.lobby)
    use = await scene.actor.submit(mine, {}, custom_id=owners["custom_id"], forged=True)
    return any(button.label == "Confirm" for button in (await use.answer(30)).buttons)


async def change_a_form(scene: Scene) -> bool:
    """The owner's, that was refused."""
    form = await opened(scene, scene.owner, "Reframe this video", scene.room)
    refused = await (await scene.owner.submit(form, {"aspect_ratio": ["16:9"]})).answer(30)
    smuggled = as_it_was(refused)
    smuggled.channel = scene.lobby
    use = await scene.actor.click(smuggled, "Change it", forged=True)
    await use.settled()
    return use.interaction.modal is not None


async def _card(scene: Scene) -> tuple[Message, Message]:
    """The owner's card, and as it is smuggled to where the actor is."""
    card = await scene.house.ask(scene.owner, scene.room)
    smuggled = as_it_was(card)
    smuggled.channel = scene.lobby
    return card, smuggled


def _is_withdrawn(scene: Scene, quote: str) -> bool:
    return bool(scene.house.rows("SELECT * FROM cancelled_quotes WHERE quote_id = ?", quote))


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


async def show_what_fits(scene: Scene) -> bool:
    """Whether the card opens of a quote that was offered instead of what a limit refused."""
    await limits(scene.manager, "member", member=scene.owner.user, limit="0.10")
    refused = await ask(scene.house, scene.owner, scene.room, "generate", {"resolution": "720p"})
    answer = await scene.press(refused, "360p")
    return any((button.label or "").startswith("Confirm") for button in answer.buttons)


async def confirm_again(scene: Scene) -> bool:
    """The button that a Confirm leaves which a limit has refused."""
    card = await ask(scene.house, scene.owner, scene.room, "generate", {})
    await limits(scene.manager, "member", member=scene.owner.user, limit="0.05")
    refused = await scene.house.press(scene.owner, card, "Confirm")
    await limits(scene.manager, "member", member=scene.owner.user, limit="inherit")
    await scene.press(refused, "Confirm again")
    return bool(scene.house.rows("SELECT id FROM jobs WHERE member_id = ?", scene.owner.id))


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
    blocked = f"word{next(_number)}"
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


def _a_role(scene: Scene) -> Role:
    return scene.house.discord.world.add_role(scene.house.server, f"Role {next(_number)}")


TABLE: dict[str, tuple[frozenset[str], Happened]] = {
    "/generate": (frozenset(ACTORS), generate),
    **{name: (frozenset(ACTORS), menu(name)) for name in MENUS},
    "Sending a form": (frozenset({OWNER}), send_a_form),
    "Change it": (frozenset({OWNER}), change_a_form),
    "Confirm": (frozenset({OWNER}), quote_button("Confirm")),
    "Cancel on a quote": (frozenset({OWNER}), quote_button("Cancel")),
    "Confirm again": (frozenset({OWNER}), confirm_again),
    "show, of what fits": (frozenset({OWNER}), show_what_fits),
    "Trim": (frozenset({OWNER}), quote_button("Trim")),
    "A menu of a quote": (frozenset({OWNER}), pick),
    "Edit on a quote": (frozenset({OWNER}), opened_form),
    "The form of a prompt": (frozenset({OWNER}), form),
    "Cancel on a job": (frozenset({OWNER}) | BY_BOTH, cancel),
    "Details": (HERE, details),
    "Post again": (frozenset({OWNER}) | BY_BOTH, again),
    "Again": (HERE, going_on("repeat")),
    "Remix": (HERE, going_on("remix")),
    "Continue": (HERE, going_on("continue")),
    "Edit": (HERE, going_on("edit")),
    "Reframe": (HERE, going_on("reframe")),
    "Bigger": (HERE, going_on("bigger")),
    "More": (HERE, rest),
    "Delete": (frozenset({OWNER}) | BY_BOTH, delete),
    "/jobs shows the owner's": (frozenset({OWNER}), own_jobs),
    "/jobs everybody": (BY_BOTH, everybodys_jobs),
    "/spending": (frozenset({OWNER}), spending(lambda it: {})),
    "/spending server": (BY_BOTH, spending(lambda it: {"of": "server"})),
    "/spending member": (BY_BOTH | {OWNER}, spending(lambda it: {"member": it.owner.user})),
    "/spending export": (BY_BOTH, spending(lambda it: {"export": True})),
    "/limits member": (BY_BOTH, changing("member", lambda it: {"member": it.owner.user, "limit": "900"})),
    "/limits role": (BY_BOTH, changing("role", lambda it: {"role": _a_role(it), "limit": "900"})),
    "/limits server": (BY_BOTH, changing("server", lambda it: {"limit": f"{next(_number) + 900}"})),
    "/limits request": (BY_BOTH, changing("request", lambda it: {"most": f"{next(_number) + 900}"})),
    "/limits jobs": (BY_BOTH, changing("jobs", lambda it: {"most": f"{next(_number) + 100}"})),
    "/limits timezone": (BY_BOTH, changing("timezone", lambda it: {"zone": next(_zones)})),
    "/limits staff": (BY_PERMISSION, changing("staff", lambda it: {"role": _a_role(it)})),
    "/limits alerts": (BY_BOTH, changing("alerts", lambda it: {"channel": it.room})),
    "/limits show": (BY_BOTH, reading("show", lambda it: {})),
    "/limits why": (BY_BOTH, reading("why", lambda it: {"member": it.owner.user, "price": "1"})),
    "/limits freeze": (BY_BOTH, freeze),
    "/limits unfreeze": (BY_BOTH, unfreeze),
    "/limits grant": (BY_BOTH, changing("grant", lambda it: {"member": it.owner.user, "amount": "1"})),
    "/limits revoke": (BY_BOTH, revoke),
    "/limits forget": (BY_BOTH, forget),
    "/limits resolve": (BY_BOTH, resolve),
    "/limits log": (BY_BOTH, reading("log", lambda it: {})),
    "/settings defaults": (BY_BOTH, setting("defaults", lambda it: {"quality": f"{next(_number) % 80 + 20}"})),
    "/settings allow": (BY_BOTH, setting("allow", lambda it: {"resolutions": "360p"})),
    "/settings safety": (BY_BOTH, setting("safety", lambda it: {"flagged": "show"})),
    "/settings channels": (BY_BOTH, setting("channels", lambda it: {"add": it.room})),
    "/settings results": (BY_BOTH, setting("results", lambda it: {"channel": it.room})),
    "/settings words": (BY_BOTH, setting("words", lambda it: {"block": f"word{next(_number)}"})),
    "/settings show": (BY_BOTH, settings_show),
    "/presets save": (frozenset({OWNER}), save_preset),
    "/presets list": (frozenset({OWNER}), list_presets),
    "/presets delete": (frozenset({OWNER}), delete_preset),
    "/limits reconcile": (BY_BOTH | {ABROAD}, reconcile),
}


BUTTONS: Final[Mapping[str, tuple[str, ...]]] = {
    "QuoteButton confirm": ("Confirm", "Confirm again"),
    "QuoteButton decline": ("Cancel on a quote",),
    "QuoteButton trim": ("Trim",),
    "QuoteButton show": ("show, of what fits",),
    "QuoteButton edit": ("Edit on a quote",),
    "FormButton animate-anew": ("Change it",),
    "FormButton edit-anew": ("Change it",),
    "FormButton reframe-anew": ("Change it",),
    "PostButton cancel": ("Cancel on a job",),
    "PostButton details": ("Details",),
    "AgainButton again": ("Post again",),
    "ResultButton repeat": ("Again",),
    "ResultButton remix": ("Remix",),
    "ResultButton continue": ("Continue",),
    "ResultButton edit": ("Edit",),
    "ResultButton reframe": ("Reframe",),
    "ResultButton bigger": ("Bigger",),
    "ResultButton more": ("More",),
    "ResultButton delete": ("Delete",),
    "ResultButton erase": ("Delete",),
}
"""The rows of each action that the routing tables of cogs/ know."""


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house"), ALLOWED_SERVERS="*") as house:
        house.discord.world.add_role(house.server, "Helpers")
        house.discord.world.add_role(house.server, "Once helpers")
        yield house


@pytest.fixture
async def helpers(house: House) -> Role:
    """The staff role, named by somebody with Manage Server; another one was it before."""
    mary = house.discord.member("Mary")
    await limits(mary, "staff", role=house.server.role("Once helpers"))
    await limits(mary, "staff", role=house.server.role("Helpers"))
    return house.server.role("Helpers")


def actor(house: House, who: str, owner: Member, helpers: Role) -> Member:
    if who == OWNER:
        return owner
    world = house.discord.world
    if who == ABROAD:
        elsewhere = world.server("Elsewhere")
        managers = world.add_role(elsewhere, "Managers", Permission.MANAGE_GUILD)
        return Member(house.discord, world.add_member(elsewhere, f"Visitor {next(_number)}", [managers, helpers]))
    member = house.member()
    roles = {
        MANAGER: [house.server.role("Staff")],
        STAFF: [helpers],
        REMOVED: [helpers],
        FORMER: [house.server.role("Once helpers")],
    }
    member.membership.roles += roles.get(who, [])
    return member


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("what", TABLE)
async def test_who_may_do_what(house: House, helpers: Role, ada: Member, room: Channel, what: str, who: str):
    acting = actor(house, who, ada, helpers)
    if who == REMOVED:
        await limits(acting, "show", forged=True)  # what they could do a moment ago is remembered nowhere
        acting.membership.roles.remove(helpers)
    reason = f"case {next(_number) + 2000}"
    scene = Scene(house, room, ada, acting, house.discord.member("Mary"), reason)
    may, happened = TABLE[what]
    assert await happened(scene) == (who in may)


async def test_every_command_and_every_button_is_in_the_table(house: House):
    """Whatever is registered, and whatever a job or a quote can carry."""
    await house.discord.registered()
    named = {
        f"/{command['name']} {option['name']}" if option["type"] == 1 else f"/{command['name']}"
        for command in house.discord.commands.registered()
        for option in command.get("options", [])
    }
    covered = {
        " ".join(what.split()[:2]) if what.startswith(("/limits", "/settings", "/presets")) else what.split()[0]
        for what in TABLE
    }
    assert named - covered == {"/edit", "/reframe"}, "those two are as /generate"
    assert {_again, menus, post_buttons, quote_buttons, quote_changes, results}, "which fill the routing tables"
    routed = {f"{button.__name__} {action}" for button in Button.__subclasses__() for action in button.actions}
    assert routed == BUTTONS.keys(), "every action that a custom id can name has its rows"
    assert {what for rows in BUTTONS.values() for what in rows} <= TABLE.keys()
    assert {command["name"] for command in house.discord.commands.registered() if command["type"] == 3} == set(
        MENUS
    )


@pytest.mark.parametrize("who", [OTHER, STAFF, REMOVED, FORMER])
async def test_a_refusal_says_whom_to_ask_and_is_seen_by_nobody_else(
    house: House, helpers: Role, ada: Member, room: Channel, who: str
):
    acting = actor(house, who, ada, helpers)
    if who == REMOVED:
        acting.membership.roles.remove(helpers)
    what, says = (
        ("staff", "Only members with Manage") if who == STAFF else ("show", "This is for this server's staff")
    )
    answer = await limits(acting, what, forged=True)
    assert answer.visible_to is acting.user
    assert answer.text.startswith(says)
    assert "Nothing was changed." in answer.text


async def test_an_administrator_and_the_servers_owner_are_staff(house: House):
    administrators = house.discord.world.add_role(house.server, "Administrators", Permission.ADMINISTRATOR)
    member = house.member()
    member.membership.roles.append(administrators)
    for staff in (member, house.discord.member("Grace")):
        assert "Limits in this server" in (await limits(staff, "show")).text


async def test_discords_client_offers_limits_to_managers_and_to_the_role_that_admins_have_added(
    house: House, helpers: Role, ada: Member
):
    helper = actor(house, STAFF, ada, helpers)
    for member in (ada, helper):
        with pytest.raises(ClientRefuses, match="not offered to this member"):
            await limits(member, "show")
    house.discord.commands.allow("limits", helpers)
    assert "Limits in this server" in (await limits(helper, "show")).text
    with pytest.raises(ClientRefuses, match="not offered to this member"):
        await limits(ada, "show")
