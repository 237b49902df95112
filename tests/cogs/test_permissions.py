"""Who may do what: every command and button, used by everybody, each through a modified client that sends anything.

What Discord's own client offers is a matter of its own, at the end.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Final
from zoneinfo import available_timezones

import pytest

from cogs import again as _again
from cogs import menus, post_buttons, quote_buttons, quote_changes, results
from cogs.button import Button
from sandbox.discord.client import ClientRefuses
from sandbox.discord.member import Member
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel, Role
from tests.cogs.acting import (
    ABROAD,
    ACTORS,
    BY_BOTH,
    BY_PERMISSION,
    FORMER,
    HERE,
    OTHER,
    OWNER,
    REMOVED,
    STAFF,
    Happened,
    Scene,
    actor,
    number,
)
from tests.cogs.acting_as_staff import (
    changing,
    delete_preset,
    forget,
    freeze,
    list_presets,
    reading,
    reconcile,
    resolve,
    revoke,
    save_preset,
    setting,
    settings_show,
    unfreeze,
)
from tests.cogs.acting_on_jobs import (
    again,
    cancel,
    delete,
    details,
    everybodys_jobs,
    going_on,
    own_jobs,
    rest,
    spending,
)
from tests.cogs.acting_on_quotes import (
    MENUS,
    change_a_form,
    confirm_again,
    form,
    generate,
    menu,
    opened_form,
    pick,
    quote_button,
    send_a_form,
    show_what_fits,
)
from tests.cogs.limiting import limits
from tests.cogs.ordering import open_rich_house
from tests.house import House

_zones = iter(sorted(available_timezones()))


def _a_role(scene: Scene) -> Role:
    return scene.house.discord.world.add_role(scene.house.server, f"Role {next(number)}")


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
    "/limits server": (BY_BOTH, changing("server", lambda it: {"limit": f"{next(number) + 900}"})),
    "/limits request": (BY_BOTH, changing("request", lambda it: {"most": f"{next(number) + 900}"})),
    "/limits jobs": (BY_BOTH, changing("jobs", lambda it: {"most": f"{next(number) + 100}"})),
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
    "/settings defaults": (BY_BOTH, setting("defaults", lambda it: {"quality": f"{next(number) % 80 + 20}"})),
    "/settings allow": (BY_BOTH, setting("allow", lambda it: {"resolutions": "360p"})),
    "/settings safety": (BY_BOTH, setting("safety", lambda it: {"flagged": "show"})),
    "/settings channels": (BY_BOTH, setting("channels", lambda it: {"add": it.room})),
    "/settings results": (BY_BOTH, setting("results", lambda it: {"channel": it.room})),
    "/settings words": (BY_BOTH, setting("words", lambda it: {"block": f"word{next(number)}"})),
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


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("what", TABLE)
async def test_who_may_do_what(house: House, helpers: Role, ada: Member, room: Channel, what: str, who: str):
    acting = actor(house, who, ada, helpers)
    if who == REMOVED:
        await limits(acting, "show", forged=True)  # what they could do a moment ago is remembered nowhere
        acting.membership.roles.remove(helpers)
    reason = f"case {next(number) + 2000}"
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
