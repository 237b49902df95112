"""Menus of a message, and the forms that they open, as Discord has them: what it refuses, and what a bot hears."""

from typing import Any

import pytest

from sandbox.discord.client import ClientRefuses
from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.discord.server import Discord
from sandbox.discord.submission import Entered
from sandbox.discord.wire import Object
from tests.sandbox.discord.wirebot import COMMAND, WireBot

MENU: Object = {"type": 3, "name": "Animate this image"}
SIZES: list[Object] = [{"label": name, "value": name} for name in ("small", "large")]


def form(*components: Object) -> Object:
    """A modal with these fields, each under a label."""
    labels = [{"type": 18, "label": f"Field {n}", "component": each} for n, each in enumerate(components)]
    return {"title": "Change", "custom_id": "m", "components": labels}


def text(**more: Any) -> Object:
    return {"type": 4, "custom_id": "text", "style": 2, **more}


def select(**more: Any) -> Object:
    return {"type": 3, "custom_id": "size", "options": SIZES, **more}


@pytest.fixture
async def ada(discord: Discord, bot: WireBot) -> Member:
    """A member, with the example command registered."""
    await bot.register()
    return discord.member("Ada")


@pytest.fixture
def general(discord: Discord) -> Channel:
    return discord.channel("general")


async def registered(bot: WireBot, *commands: Object) -> int:
    """The status of registering exactly these."""
    return (await bot.request("PUT", f"/applications/{bot.application}/commands", [*commands])).status


async def test_a_menu_has_a_name_of_any_case_and_neither_description_nor_options(bot: WireBot) -> None:
    assert await registered(bot, MENU, COMMAND) == 200
    assert await registered(bot, MENU, MENU) == 400
    assert await registered(bot, {**MENU, "description": "No."}) == 400
    assert await registered(bot, {**MENU, "options": COMMAND["options"]}) == 400
    assert await registered(bot, {**MENU, "name": "x" * 33}) == 400
    assert await registered(bot, *({**MENU, "name": f"Menu {n}"} for n in range(16))) == 400


async def test_a_bot_hears_which_menu_and_the_whole_message(
    discord: Discord, bot: WireBot, ada: Member, general: Channel
) -> None:
    """Also without the intent that messages otherwise need: the one that a menu is used on is shown."""
    await registered(bot, MENU)
    message = await discord.member("Linus").say(general, "a fox", [ada.upload("fox.png", b"x")])
    use = await ada.menu("Animate this image", message)
    event = await bot.event("INTERACTION_CREATE")
    data = event["data"]
    assert (event["type"], data["type"], data["name"]) == (2, 3, "Animate this image")
    assert data["target_id"] == str(message.id)
    shown = data["resolved"]["messages"][data["target_id"]]
    assert (shown["content"], shown["attachments"][0]["filename"]) == ("a fox", "fox.png")
    assert "/attachments/" in shown["attachments"][0]["url"], "it is the message's own, and no upload any more"
    await bot.respond(event, 4, {"content": "yes"})
    assert (await use.answer()).interaction == {
        **((await use.answer()).interaction or {}),
        "name": "Animate this image",
        "command_type": 3,
        "target_message_id": str(message.id),
    }


async def test_the_client_offers_what_is_registered_on_what_is_seen(
    discord: Discord, bot: WireBot, ada: Member, general: Channel
) -> None:
    await registered(bot, MENU)
    message = await ada.say(general, "a fox")
    with pytest.raises(ClientRefuses, match="there is no"):
        await ada.menu("generate", message)
    await discord.remove(message)
    with pytest.raises(ClientRefuses, match="does not see"):
        await ada.menu("Animate this image", message)


@pytest.mark.parametrize(
    "wrong",
    [
        text(value="too long", max_length=3),
        text(min_length=5, max_length=4),
        select(disabled=True),
        select(options=[{**each, "default": True} for each in SIZES]),
        select(options=[]),
        select(options=[*SIZES, *SIZES]),
        {"type": 2, "custom_id": "b", "style": 1, "label": "x"},
    ],
    ids=str,
)
async def test_a_form_that_discord_would_refuse_is_refused(bot: WireBot, ada: Member, wrong: Object) -> None:
    await ada.command("generate", prompt="a fox")
    event = await bot.event("INTERACTION_CREATE")
    assert (await bot.respond(event, 9, form(wrong))).code == 50035
    assert (await bot.respond(event, 9, form(text(value="ok", max_length=3), select()))).status == 200


async def test_what_is_left_as_it_was_is_sent_as_it_was_and_the_client_checks_the_rest(
    bot: WireBot, ada: Member
) -> None:
    use = await ada.command("generate", prompt="a fox")
    picked = select(options=[SIZES[0], {**SIZES[1], "default": True}])
    await bot.respond(await bot.event("INTERACTION_CREATE"), 9, form(text(value="a fox", max_length=9), picked))
    cases: list[tuple[dict[str, Entered], str]] = [
        ({"text": ""}, "text is required"),
        ({"text": "ten letters"}, "0 to 9"),
        ({"size": ["huge"]}, "size is one of"),
        ({"size": []}, "1 to 1"),
        ({"other": "x"}, "no field"),
    ]
    for wrong, says in cases:
        with pytest.raises(ClientRefuses, match=says):
            await ada.submit(use, wrong)
    await ada.submit(use, {})
    inner = [each["component"] for each in (await bot.event("INTERACTION_CREATE"))["data"]["components"]]
    assert (inner[0]["value"], inner[1]["values"]) == ("a fox", ["large"])
    await ada.submit(use, {"size": ["huge"]}, custom_id="another", forged=True)
    data = (await bot.event("INTERACTION_CREATE"))["data"]
    assert (data["custom_id"], data["components"][1]["component"]["values"]) == ("another", ["huge"])
