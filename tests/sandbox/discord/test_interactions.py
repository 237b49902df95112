"""Interactions: deadline, token, first response, follow-ups, who sees what."""

import asyncio
from datetime import timedelta

import pytest

from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.discord.server import Discord
from sandbox.discord.use import NoAnswer
from sandbox.discord.wire import Object
from tests.sandbox.discord.wirebot import WireBot

BUTTONS: list[Object] = [
    {
        "type": 1,
        "components": [
            {"type": 2, "style": 3, "label": "Confirm", "custom_id": "c:1"},
            {"type": 2, "style": 5, "label": "Docs", "url": "https://example.com/"},
            {"type": 2, "style": 2, "label": "Off", "custom_id": "off", "disabled": True},
        ],
    }
]


@pytest.fixture
async def ada(discord: Discord, bot: WireBot) -> Member:
    """A member, with the example command registered."""
    await bot.register()
    return discord.member("Ada")


@pytest.fixture
def general(discord: Discord) -> Channel:
    """A channel where the bot may post."""
    return discord.channel("general")


async def test_the_payload_has_all_that_a_bot_reads(discord: Discord, bot: WireBot, ada: Member) -> None:
    """discord.py ends with a KeyError when some of it is missing."""
    await ada.command("generate", prompt="a fox", duration=5)
    event = await bot.event("INTERACTION_CREATE")
    assert event["data"]["options"] == [
        {"name": "prompt", "type": 3, "value": "a fox"},
        {"name": "duration", "type": 4, "value": 5},
    ]
    assert event["context"] == 0
    assert event["attachment_size_limit"] == 10 * 2**20
    assert event["authorizing_integration_owners"] == {"0": str(discord.world.server().id)}
    assert event["member"]["user"]["id"] == str(ada.id)
    assert event["member"]["roles"] == []
    assert int(event["member"]["permissions"]) & 1 << 11
    assert int(event["app_permissions"]) == 274878024704 | 1 << 31
    assert {"locale", "entitlements", "channel", "guild", "version", "token"} <= event.keys()


async def test_a_forged_command_in_direct_messages_has_a_user_and_no_server(bot: WireBot, ada: Member) -> None:
    """Context 1, as Discord sends it."""
    await ada.command("generate", prompt="x", dm=True, forged=True)
    event = await bot.event("INTERACTION_CREATE")
    assert event["context"] == 1
    assert event["user"]["id"] == str(ada.id)
    assert "guild_id" not in event
    assert "member" not in event


async def test_a_deferred_ephemeral_answer_becomes_a_message_by_an_edit(
    discord: Discord, bot: WireBot, ada: Member, general: Channel
) -> None:
    """Thinking is no answer; the edit is, it keeps being ephemeral, and only Ada sees it."""
    use = await ada.command("generate", prompt="a fox")
    event = await bot.event("INTERACTION_CREATE")
    assert use.state == "pending"
    assert (await bot.respond(event, 5, {"flags": 64})).status == 200
    assert use.state == "deferred"
    assert not use.messages
    edited = await bot.webhook(event, "PATCH", "/messages/@original", {"content": "$0.90", "components": BUTTONS})
    assert edited.body["flags"] == 64
    shown = await use.answer()
    assert use.state == "answered"
    assert (shown.ephemeral, shown.visible_to, shown.edited) == (True, ada.user, False)
    assert shown.text.splitlines() == ["$0.90", "Confirm", "Docs", "Off"]
    assert general.messages == []
    assert ada.sees(general) == [shown]
    assert discord.member("Linus").sees(general) == []
    reply = await bot.request("PATCH", f"/channels/{general.id}/messages/{shown.id}", {"content": "x"})
    assert (reply.status, reply.code) == (404, 10008)


async def test_after_three_seconds_the_interaction_is_unknown(discord: Discord, bot: WireBot, ada: Member) -> None:
    """404 / 10062, and the member reads that the application did not respond."""
    use = await ada.command("generate", prompt="a fox")
    event = await bot.event("INTERACTION_CREATE")
    discord.clock.advance(timedelta(seconds=3))
    reply = await bot.respond(event, 4, {"content": "late"})
    assert (reply.status, reply.code) == (404, 10062)
    assert use.state == "failed"
    with pytest.raises(NoAnswer):
        await use.answer()


async def test_a_second_acknowledgement_is_refused(bot: WireBot, ada: Member) -> None:
    """400 / 40060."""
    await ada.command("generate", prompt="a fox")
    event = await bot.event("INTERACTION_CREATE")
    await bot.respond(event, 5)
    reply = await bot.respond(event, 4, {"content": "again"})
    assert (reply.status, reply.code) == (400, 40060)


async def test_the_token_dies_after_fifteen_minutes(discord: Discord, bot: WireBot, ada: Member) -> None:
    """401 / 50027 for everything that it allowed; the message itself can still be edited by the bot's own token."""
    use = await ada.command("generate", prompt="a fox")
    event = await bot.event("INTERACTION_CREATE")
    assert (await bot.webhook(event, "POST", "", {"content": "early"})).code == 10015
    await bot.respond(event, 4, {"content": "public"})
    shown = await use.answer()
    discord.clock.advance(timedelta(minutes=15))
    for method, path in (("PATCH", "/messages/@original"), ("GET", "/messages/@original"), ("POST", "")):
        reply = await bot.webhook(event, method, path, None if method == "GET" else {"content": "x"})
        assert (reply.status, reply.code) == (401, 50027)
    path = f"/channels/{shown.channel.id}/messages/{shown.id}"
    assert (await bot.request("PATCH", path, {"content": "still mine"})).status == 200
    assert (shown.content, shown.edited) == ("still mine", True)


async def test_followups_can_be_read_edited_and_deleted(bot: WireBot, ada: Member, general: Channel) -> None:
    """A follow-up chooses anew who sees it."""
    use = await ada.command("generate", prompt="a fox")
    event = await bot.event("INTERACTION_CREATE")
    await bot.respond(event, 4, {"content": "first", "flags": 64})
    sent = await bot.webhook(event, "POST", "?wait=true", {"content": "second"})
    path = f"/messages/{sent.body['id']}"
    assert (await bot.webhook(event, "GET", path)).body["content"] == "second"
    await bot.webhook(event, "PATCH", path, {"content": "third"})
    assert [message.content for message in use.messages] == ["first", "third"]
    followup = general.messages[0]
    assert (await bot.webhook(event, "DELETE", path)).status == 204
    assert followup.deleted
    assert (await bot.webhook(event, "GET", path)).code == 10008


async def test_a_followup_after_a_deferral_fills_the_placeholder(bot: WireBot, ada: Member) -> None:
    """And stays ephemeral, whatever it says, since the first response decided that."""
    use = await ada.command("generate", prompt="a fox")
    event = await bot.event("INTERACTION_CREATE")
    await bot.respond(event, 5, {"flags": 64})
    await bot.webhook(event, "POST", "?wait=true", {"content": "here"})
    shown = await use.answer()
    assert (shown.content, shown.ephemeral, len(use.messages)) == ("here", True, 1)


async def test_a_click_can_update_the_message(bot: WireBot, ada: Member) -> None:
    """Type 7 edits the message that has the button; type 6 takes note, and an edit follows."""
    use = await ada.command("generate", prompt="a fox")
    await bot.respond(await bot.event("INTERACTION_CREATE"), 4, {"content": "?", "components": BUTTONS})
    shown = await use.answer()
    assert [button.label for button in shown.buttons] == ["Confirm", "Docs", "Off"]
    noted = await ada.click(shown, "Confirm")
    event = await bot.event("INTERACTION_CREATE")
    assert event["data"] == {"custom_id": "c:1", "component_type": 2, "id": 1} | {"id": event["data"]["id"]}
    assert event["message"]["id"] == str(shown.id)
    await bot.respond(event, 6)
    assert noted.state == "deferred"
    await bot.webhook(event, "PATCH", "/messages/@original", {"content": "noted"})
    assert (noted.state, shown.content) == ("answered", "noted")
    click = await ada.click(shown, custom_id="c:1")
    await bot.respond(await bot.event("INTERACTION_CREATE"), 7, {"content": "done", "components": []})
    assert await click.answer() is shown
    assert (shown.content, shown.buttons, shown.edited) == ("done", [], True)


async def test_a_command_has_no_message_to_update(bot: WireBot, ada: Member) -> None:
    """Types 6, 7 and 8 do not answer a command."""
    await ada.command("generate", prompt="a fox")
    event = await bot.event("INTERACTION_CREATE")
    for kind in (6, 7, 8, 99):
        assert (await bot.respond(event, kind, {"content": "x"})).code == 50035


async def test_a_modal_opens_only_from_an_undeferred_interaction(bot: WireBot, ada: Member) -> None:
    """And its submission brings an interaction of its own, which cannot open another."""
    field = {"type": 18, "label": "Prompt", "component": {"type": 4, "custom_id": "p", "style": 2}}
    modal: Object = {"title": "Change", "custom_id": "m", "components": [field]}
    await ada.command("generate", prompt="a fox")
    event = await bot.event("INTERACTION_CREATE")
    await bot.respond(event, 5)
    assert (await bot.respond(event, 9, modal)).code == 40060
    use = await ada.command("generate", prompt="a fox")
    await bot.respond(await bot.event("INTERACTION_CREATE"), 9, modal)
    submission = await ada.submit(use, {"p": "two foxes"})
    event = await bot.event("INTERACTION_CREATE")
    assert event["type"] == 5
    assert event["data"]["components"][0]["component"]["value"] == "two foxes"
    assert (await bot.respond(event, 9, modal)).code == 50035
    await bot.respond(event, 4, {"content": "changed"})
    assert (await submission.answer()).content == "changed"


async def test_autocomplete_offers_choices(bot: WireBot, ada: Member) -> None:
    """At most 25, from an interaction that takes no other answer."""
    choices = [{"name": f"fox {number}", "value": str(number)} for number in range(26)]

    async def offer() -> None:
        event = await bot.event("INTERACTION_CREATE")
        assert event["data"]["options"][-1] == {"name": "prompt", "type": 3, "value": "fo", "focused": True}
        assert (await bot.respond(event, 4, {"content": "no"})).code == 50035
        assert (await bot.respond(event, 8, {"choices": choices})).code == 50035
        assert (await bot.respond(event, 8, {"choices": choices[:25]})).status == 200

    answered = asyncio.create_task(offer())
    assert len(await ada.autocomplete("generate", "prompt", "fo")) == 25
    await answered


async def test_an_unanswered_button_has_failed(discord: Discord, bot: WireBot, ada: Member) -> None:
    """An unknown custom_id: the bot says nothing, the member sees "This interaction failed"."""
    use = await ada.command("generate", prompt="a fox")
    await bot.respond(await bot.event("INTERACTION_CREATE"), 4, {"content": "?", "components": BUTTONS})
    click = await ada.click(await use.answer(), custom_id="never was", forged=True)
    discord.clock.advance(timedelta(seconds=3))
    assert await click.settled() == "failed"
