"""/settings: what staff decide is met at the next request and at Confirm, is in the log, and is said plainly."""

from collections.abc import AsyncIterator

import pytest

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from tests.cogs.limiting import limits
from tests.cogs.ordering import attached, buy, clip, parameters_of, photo
from tests.cogs.settling import settings, undo
from tests.house import RENDER_SECONDS, House


@pytest.fixture(autouse=True)
async def as_it_was(house: House) -> AsyncIterator[None]:
    yield
    await undo(house)


async def ask(member: Member, channel: Channel, command: str = "generate", /, **options: Value):
    """With nothing chosen but what a test says."""
    use = await member.command(command, {"prompt": "A fox in the snow", **options}, channel=channel)
    return await use.answer()


async def test_a_request_that_chooses_nothing_takes_the_servers_defaults_and_a_choice_wins(
    house: House, ada: Member, mary: Member, room: Channel
):
    answer = await settings(
        mary, "defaults", resolution="360p", aspect_ratio="9:16", duration="10", format="WEBM", quality="40"
    )
    assert "The resolution where none is chosen: 720p before, 360p now." in answer.text
    assert "360p · 9:16 · 10 s · WEBM · quality 40" in (await ask(ada, room)).text
    assert (
        "540p · 1:1 · 5 s · MOV · quality 90"
        in (await ask(ada, room, resolution="540p", aspect_ratio="1:1", duration=5, format="MOV", quality=90)).text
    )
    again = await settings(mary, "defaults", format="inherit", quality="inherit")
    assert "The quality where none is chosen: 40 before, the provider's, 95 now." in again.text
    card = await ask(ada, room)
    assert "360p · 9:16 · 10 s" in card.text
    assert "WEBM" not in card.text


async def test_a_default_gives_way_to_what_exists_without_it_only(
    house: House, ada: Member, mary: Member, room: Channel
):
    await settings(mary, "defaults", resolution="360p", duration="10", aspect_ratio="1:1")
    assert "720p · 1:1 · 5 s · HDR" in (await ask(ada, room, hdr=True)).text
    assert "360p · 1:1 · 5 s · loop" in (await ask(ada, room, loop=True)).text
    picture = ada.upload("fox.png", photo())
    assert "360p · your picture's shape · 5 s" in (await ask(ada, room, first_frame=picture)).text
    video = attached(ada, clip(160, 96, 2_000_000))
    assert "edit of 2 s · 360p" in (await ask(ada, room, "edit", video=video)).text


async def test_what_is_not_allowed_is_refused_with_what_is(house: House, ada: Member, mary: Member, room: Channel):
    await settings(mary, "allow", resolutions="540p, 360p", kinds="edit text")
    assert "540p · 16:9" in (await ask(ada, room)).text, "what nobody chose is allowed in any case"
    refused = await ask(ada, room, resolution="1080p", first_frame=ada.upload("fox.png", photo()))
    assert refused.text.splitlines() == [
        "This server's staff do not allow it like that, so nothing was bought:",
        "• this server does not allow videos with pictures. It allows videos from words alone and edits.",
        "• resolution cannot be 1080p in this server. Choose 360p or 540p.",
    ]
    assert refused.visible_to is ada.user
    video = attached(ada, clip(160, 96, 2_000_000))
    assert "does not allow reframes" in (await ask(ada, room, "reframe", video=video, aspect_ratio="1:1")).text
    assert house.rows("SELECT id FROM quotes WHERE member_id = ? AND request LIKE '%1080p%'", ada.id) == []


async def test_what_fits_instead_is_never_what_is_not_allowed(
    house: House, ada: Member, mary: Member, room: Channel
):
    await settings(mary, "allow", resolutions="1080p, 360p")
    await limits(mary, "member", member=ada.user, limit="0.20")
    refused = await ask(ada, room, resolution="1080p")
    labels = [button.label or "" for button in refused.buttons]
    assert [label.partition(" ")[0] for label in labels] == ["360p"]


async def test_settings_are_read_again_at_confirm(house: House, ada: Member, mary: Member, room: Channel):
    cards = [await house.ask(ada, room, prompt="A zombie fox", resolution="720p") for _ in range(4)]
    changes = [
        ("allow", {"kinds": "edit"}, "does not allow videos from words alone"),
        ("allow", {"resolutions": "360p"}, "resolution cannot be 720p"),
        ("safety", {"mode": "fast"}, "safety cannot be none in this server. Choose fast or full"),
        ("words", {"block": "zombie"}, "prompt has “zombie”"),
    ]
    for card, (what, options, says) in zip(cards, changes, strict=True):
        await settings(mary, what, options)
        assert says in (await house.press(ada, card, "Confirm")).text
        await undo(house)
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []
    await house.press(ada, cards[0], "Confirm")
    assert len(house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)) == 1


async def test_videos_are_made_in_the_channels_that_staff_name_and_in_their_threads(
    house: House, ada: Member, mary: Member, room: Channel
):
    other, card = house.channel(), await house.ask(ada, room)
    thread, lost = (house.discord.world.add_thread(each, "a thread") for each in (other, room))
    await settings(mary, "channels", add=other)
    says = f"This server's staff want videos made elsewhere, so nothing was bought. Please use <#{other.id}>."
    assert (await ask(ada, room)).text == says
    assert (await ask(ada, lost)).text == says
    assert (await house.press(ada, card, "Confirm")).text == says
    assert (await house.buy(ada, other)).job_id
    assert (await house.buy(ada, thread)).job_id
    await settings(mary, "channels", add=room)
    assert (await house.buy(ada, room)).job_id
    assert f"<#{room.id}> now." in (await settings(mary, "channels", remove=other)).text
    assert (await settings(mary, "channels", remove=other)).text.startswith(f"<#{other.id}> is not in the list")
    assert "everywhere now." in (await settings(mary, "channels", everywhere=True)).text


async def test_a_blocked_word_is_refused_by_name_however_it_is_written(
    house: House, ada: Member, mary: Member, room: Channel
):
    answer = await settings(mary, "words", block="Zombie, ice  CREAM, straße")
    assert "The blocked words: none before, ice cream, strasse, zombie now." in answer.text
    for prompt in ("A ZOMBIE fox", "a ｚｏｍｂｉｅ", "zom\u200bbie", "Zombie-fox"):
        assert "has “zombie”, which this server does not allow" in (await ask(ada, room, prompt=prompt)).text
    told = await ask(ada, room, prompt="ice-cream on a STRASSE")
    assert "has “ice cream” and “strasse”" in told.text
    assert "Confirm" in [button.label for button in (await ask(ada, room, prompt="zombies, icecream")).buttons]
    answer = await settings(mary, "words", allow="zombie")
    assert "ice cream, strasse now." in answer.text
    assert "“zombie” is not in the list" in (await settings(mary, "words", allow="zombie")).text


async def test_the_safety_mode_is_a_floor(house: House, ada: Member, mary: Member, room: Channel):
    await settings(mary, "safety", mode="fast")
    bought = await buy(house, ada, room, "generate", {})
    assert (await parameters_of(house, bought.job_id))["safety"] == {"checkContent": True, "mode": "fast"}
    assert "safety full" in (await ask(ada, room, resolution="360p", safety="full")).text
    refused = await ask(ada, room, resolution="360p", safety="none")
    assert "• safety cannot be none in this server. Choose fast or full, or leave it out." in refused.text


async def test_a_video_whose_channel_is_closed_goes_to_the_results_channel(
    house: House, ada: Member, mary: Member, room: Channel
):
    results = house.channel()
    answer = await settings(mary, "results", channel=results)
    assert "I have just posted there, so that works." in answer.text
    assert "are posted here from now on" in results.messages[0].text
    house.runware.render_seconds = 1.2
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    room.deny(house.server.everyone, Permission.SEND_MESSAGES)
    [post] = await house.results(bought.job_id)
    house.runware.render_seconds = RENDER_SECONDS
    assert post.channel is results
    assert f"I could not post it in <#{room.id}>, so here it is:" in post.text
    assert post.pings == {ada.name}
    assert ada.direct.messages == []


async def test_a_results_channel_in_which_the_bot_cannot_post_is_refused_at_once(house: House, mary: Member):
    closed = house.channel()
    closed.deny(house.server.everyone, Permission.SEND_MESSAGES)
    answer = await settings(mary, "results", channel=closed, reason="x")
    assert f"I cannot post in <#{closed.id}>, so nothing was changed." in answer.text
    assert "results channel" not in [
        row["kind"] for row in house.rows("SELECT kind FROM changes WHERE reason = 'x'")
    ]


@pytest.mark.parametrize(
    ("what", "options", "says"),
    [
        ("defaults", {}, "Please name what to change with /settings defaults"),
        ("defaults", {"quality": "7"}, "quality: I cannot take “7”. Please write a whole number from 20 to 99"),
        ("defaults", {"resolution": "8k"}, "resolution: I cannot take “8k”"),
        ("allow", {"kinds": "dance"}, "Please name one or several of text, image, edit or reframe, or all."),
        ("allow", {"resolutions": ","}, "Please name one or several of 360p"),
        ("safety", {}, "Please name what to change"),
        ("safety", {"flagged": "burn"}, "flagged: I cannot take “burn”"),
        ("channels", {}, "Please name what to change"),
        ("words", {}, "Please name what to change"),
        ("words", {"block": ".*"}, "Please write words of letters or digits"),
        ("words", {"block": "x" * 41}, "Please keep each to 40 characters"),
        ("words", {"block": ",".join(f"w{n}" for n in range(101))}, "keep it to 100 words; these are 101"),
    ],
)
async def test_what_cannot_be_read_changes_nothing_and_says_what_can(
    house: House, mary: Member, what: str, options: dict[str, Value], says: str
):
    before = house.rows("SELECT max(id) AS last FROM changes")
    answer = await settings(mary, what, options, forged=True)
    assert says in answer.text
    assert "othing was changed." in answer.text
    assert house.rows("SELECT max(id) AS last FROM changes") == before


async def test_every_change_is_in_the_log_of_limits_and_show_has_what_applies(
    house: House, mary: Member, room: Channel
):
    await settings(mary, "safety", mode="full", flagged="spoiler", reason="we are many")
    await settings(mary, "channels", add=room)
    log = (await limits(mary, "log")).text
    assert f"The channels in which videos are made: everywhere → <#{room.id}>" in log
    assert "Videos that the content check flags: withhold → spoiler (we are many)" in log
    shown = await settings(mary, "show")
    assert shown.visible_to is mary.user
    assert "Check, at least: full, by <@" in shown.text
    assert "Resolution: 720p" in shown.text
    assert f"Videos are made in: <#{room.id}>" in shown.text
    assert "content check" not in (await limits(mary, "show")).text
    assert "already. Nothing was changed." in (await settings(mary, "safety", mode="full")).text
