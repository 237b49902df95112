"""The members' side: what their client refuses, what a modified one sends, what they see."""

import pytest

from sandbox.discord.client import ClientRefuses
from sandbox.discord.server import Discord
from sandbox.discord.wire import Object
from tests.sandbox.discord.wirebot import COMMAND, WireBot


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "prompt is required"),
        ({"prompt": "x", "colour": "red"}, "no option 'colour'"),
        ({"prompt": "x" * 21}, "0 to 20 characters"),
        ({"prompt": "x", "duration": 999}, "from 5 to 10"),
        ({"prompt": "x", "duration": "long"}, "must be an integer"),
        ({"prompt": "x", "size": "9000p"}, "must be one of ['720p']"),
    ],
)
async def test_the_client_refuses_what_it_would_not_offer(
    discord: Discord, bot: WireBot, options: dict[str, str | int], said: str
) -> None:
    """Against what the bot registered; a modified client sends it all the same."""
    await bot.register()
    ada = discord.member("Ada")
    with pytest.raises(ClientRefuses) as refused:
        await ada.command("generate", options)
    assert said in str(refused.value)
    await ada.command("generate", options, forged=True)
    sent = (await bot.event("INTERACTION_CREATE"))["data"]["options"]
    assert {option["name"]: option["value"] for option in sent} == options


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"nsfw": True}, "general"),
        ({"contexts": [1]}, "general"),
        ({"default_member_permissions": "32"}, "general"),
    ],
)
async def test_commands_are_offered_only_where_they_may_be_used(
    discord: Discord, bot: WireBot, changes: Object, place: str
) -> None:
    """Age restriction, contexts, default member permissions."""
    await bot.register({**COMMAND, **changes})
    with pytest.raises(ClientRefuses):
        await discord.member("Ada").command("generate", prompt="x", channel=discord.channel(place))
    if "default_member_permissions" in changes:
        await discord.member("Mary").command("generate", prompt="x")
    if "nsfw" in changes:
        await discord.member("Ada").command("generate", prompt="x", channel=discord.channel("after-dark"))


async def test_only_buttons_that_can_be_seen_can_be_pressed(discord: Discord, bot: WireBot) -> None:
    """Not somebody else's ephemeral one, no disabled one, no deleted one; a modified client can press them."""
    await bot.register()
    ada, linus = discord.member("Ada"), discord.member("Linus")
    use = await ada.command("generate", prompt="x")
    event = await bot.event("INTERACTION_CREATE")
    buttons = [{"type": 2, "style": 1, "label": "Confirm", "custom_id": "c", "disabled": True}]
    data: Object = {"content": "?", "flags": 64, "components": [{"type": 1, "components": buttons}]}
    await bot.respond(event, 4, data)
    shown = await use.answer()
    for member, label in ((linus, "Confirm"), (ada, "Confirm"), (ada, "Nothing")):
        with pytest.raises(ClientRefuses):
            await member.click(shown, label)
    await linus.click(shown, custom_id="c", forged=True)
    clicked = await bot.event("INTERACTION_CREATE")
    assert clicked["member"]["user"]["id"] == str(linus.id)
    await bot.webhook(event, "DELETE", "/messages/@original")
    assert shown.deleted
    await ada.click(shown, custom_id="c", forged=True)
    assert (await bot.event("INTERACTION_CREATE"))["data"]["custom_id"] == "c"


async def test_subcommands_and_picked_things_are_resolved(discord: Discord, bot: WireBot) -> None:
    """Users, roles, channels and files go as ids, with what they stand for beside them."""
    options: list[Object] = [
        {"type": kind, "name": name, "description": "d"}
        for kind, name in ((6, "user"), (8, "role"), (7, "channel"), (11, "file"))
    ]
    sub: Object = {"type": 1, "name": "member", "description": "d", "options": options}
    await bot.register({"name": "limits", "description": "d", "options": [sub]})
    ada, linus, server = discord.member("Ada"), discord.member("Linus"), discord.world.server()
    file = ada.upload("frame.png", b"png", width=1, height=2)
    picked = {"user": linus.user, "role": server.role("Staff"), "channel": discord.channel("videos"), "file": file}
    with pytest.raises(ClientRefuses):
        await ada.command("limits nothing")
    await ada.command("limits member", picked)
    data = (await bot.event("INTERACTION_CREATE"))["data"]
    assert (data["options"][0]["name"], data["options"][0]["type"]) == ("member", 1)
    assert [each["value"] for each in data["options"][0]["options"]] == [str(each.id) for each in picked.values()]
    assert data["resolved"]["users"][str(linus.id)]["global_name"] == "Linus"
    assert data["resolved"]["members"][str(linus.id)]["roles"] == [str(server.role("Patrons").id)]
    attachment = data["resolved"]["attachments"][str(file.id)]
    assert (attachment["width"], attachment["ephemeral"]) == (1, True)
    async with bot.session.get(attachment["url"]) as got:
        assert await got.read() == b"png"


async def test_a_select_sends_what_was_picked(discord: Discord, bot: WireBot) -> None:
    """And refuses what it does not offer."""
    ada, general = discord.member("Ada"), discord.channel("general")
    options = [{"label": each, "value": each} for each in ("a", "b")]
    select: Object = {"type": 3, "custom_id": "s", "options": options}
    await bot.post(general.id, components=[{"type": 1, "components": [select]}])
    with pytest.raises(ClientRefuses):
        await ada.select(general.messages[0], ["c"])
    await ada.select(general.messages[0], ["b"])
    assert (await bot.event("INTERACTION_CREATE"))["data"]["values"] == ["b"]
