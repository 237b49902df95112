"""/generate, from the options to the posted link; and everything that cannot be asked for."""

import re
from typing import Any

import pytest

from sandbox.discord.client import ClientRefuses, Value
from sandbox.discord.interaction import Callback
from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from tests.house import POST, House, id_of

NASTY = (
    "@everyone @here <@&1> **bold** __under__ ||spoiler|| `code` ```block``` > quote # big "
    "[free](https://evil.example/free) https://evil.example/a_b_c <https://evil.example> <t:0:R> <#1> </jobs:1> "
    "zero\u200bwidth\u200djoined \u202eright-to-left\u202c שלום עולם 🦊\n\n\n- list\n-# small\ttab \\ backslash"
)


async def test_a_prompt_alone_brings_a_private_card_with_price_lines_what_is_left_and_two_buttons(
    house: House, ada: Member, room: Channel
):
    use = await ada.command("generate", prompt="A fox in the snow", channel=room)
    card = await use.answer()

    assert use.interaction.callback is Callback.DEFERRED_MESSAGE
    assert card.visible_to is ada.user
    assert card.embeds[0]["title"] == "$0.30 for this video"
    assert "> A fox in the snow\n720p · 16:9 · 5 s" in card.text
    assert "720p video, 5 s: **$0.30**" in card.text
    assert "You: $4.70 of $5.00 a day, resets <t:" in card.text
    assert "This server: " in card.text
    assert "Everybody together: " in card.text
    assert "Nothing is bought yet" in card.text
    assert [button.label for button in card.buttons] == ["Confirm", "Edit", "Cancel"]


async def test_a_card_alone_holds_nothing_sends_nothing_and_shows_nobody_else_anything(
    house: House, ada: Member, room: Channel
):
    sent = len(house.runware.submissions)
    card = await house.ask(ada, room)
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []
    assert len(house.runware.submissions) == sent
    assert room.messages == []
    assert card.pings == frozenset()


async def test_confirm_brings_progress_then_the_link_and_pings_the_requester_alone(
    house: House, ada: Member, room: Channel
):
    bought = await house.buy(ada, room, prompt="A fox in the snow", resolution="720p")
    assert bought.answer is bought.card
    assert (
        bought.card.content
        == "Confirmed, and $0.30 is on hold for it. The progress message below keeps you posted."
    )
    assert bought.card.buttons == []

    [post] = await house.results(bought.job_id)
    done = await house.progress(bought.job_id, "✅ The video is ready. It cost $0.30.")
    assert room.messages == [done, post]
    assert (done.pings, post.pings) == (frozenset(), {ada.name})
    assert f"{ada.mention} asked for a video\n> A fox in the snow\n720p · 16:9 · 5 s · $0.30" in done.text
    assert post.text.startswith(f"{ada.mention} Your video is ready: 720p · 16:9 · 5 s · $0.30\nAttached. ")
    assert [file.filename for file in post.attachments] == [f"{bought.job_id}-1.mp4"]
    assert len(post.links) == 1
    assert list(post.unfurls) == [], "the attached file is the one player"
    assert post.reference is done
    assert house.books(bought.job_id) == {"hold": "0.30", "settle": "0.30"}


async def test_nothing_is_sent_before_the_progress_message_stands(house: House, ada: Member, room: Channel):
    """Also where Discord does not take it at first, and everything else would be ready."""
    house.discord.faults.add(POST, Fault(status=503))
    bought = await house.buy(ada, room)
    await house.results(bought.job_id)
    tried, stood, *_ = [request for request in house.discord.requests if _is_post(request, f"{bought.job_id}.p0")]
    task_id = house.job(bought.job_id)["task_id"]
    [sent] = [submission for submission in house.runware.submissions if submission.task_id == task_id]
    assert tried.when < stood.when < sent.at


ALL_OPTIONS: list[tuple[dict[str, Value], str, dict[str, Any]]] = [
    (
        {"resolution": "1080p", "aspect_ratio": "21:9", "duration": 10},
        "3.60",
        {"width": 2520, "height": 1080, "duration": 10},
    ),
    (
        {"resolution": "540p", "aspect_ratio": "9:16", "loop": True},
        "0.15",
        {"width": 540, "height": 960, "duration": 5, "settings": {"loop": True}},
    ),
    (
        {"resolution": "720p", "aspect_ratio": "1:1", "hdr": True},
        "0.60",
        {"width": 960, "height": 960, "duration": 5, "settings": {"hdr": True}},
    ),
    (
        {"resolution": "720p", "aspect_ratio": "4:3", "hdr": True, "exr": True, "count": 2},
        "1.80",
        {"width": 960, "height": 720, "duration": 5, "settings": {"hdr": True, "exrExport": True}},
    ),
    (
        {"resolution": "360p", "aspect_ratio": "3:4", "duration": 10, "loop": False, "count": 3},
        "0.54",
        {"width": 360, "height": 480, "duration": 10},
    ),
]


@pytest.mark.parametrize(("options", "price", "sent"), ALL_OPTIONS)
async def test_every_option_reaches_the_provider_and_costs_what_the_card_said(
    house: House, ada: Member, room: Channel, options: dict[str, Value], price: str, sent: dict[str, Any]
):
    bought = await house.buy(ada, room, prompt="A tide of lanterns", **options)
    count = int(str(options.get("count", 1)))
    await house.results(bought.job_id, count)
    await house.progress(bought.job_id, f"It cost ${price}.")

    job = house.job(bought.job_id)
    [submission] = [one for one in house.runware.submissions if one.task_id == job["task_id"]]
    assert submission.request == {
        "taskType": "videoInference",
        "taskUUID": job["task_id"],
        "model": "luma:ray@3.2",
        "positivePrompt": "A tide of lanterns",
        "numberResults": count,
        "outputType": "URL",
        "deliveryMethod": "async",
        "includeCost": True,
        **sent,
    }
    assert house.bill[job["task_id"]] == price
    assert house.books(bought.job_id) == {"hold": price, "settle": price}
    assert f"${price} is on hold" in bought.card.text


async def test_the_card_multiplies_and_marks_a_price_that_the_provider_does_not_state(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room, resolution="540p", duration=10, count=2)
    assert card.embeds[0]["title"] == "$0.90 for these 2 videos"
    assert "540p video, 10 s: $0.45 × 2 = **$0.90**" in card.text
    assert "The provider does not state this figure" in card.text
    assert "You never pay more than this quote." in card.text
    stated = await house.ask(ada, room, resolution="720p")
    assert "does not state" not in stated.text


async def test_four_takes_are_four_posts_each_with_its_own_link_and_price(house: House, ada: Member, room: Channel):
    bought = await house.buy(ada, room, count=4)
    posts = await house.results(bought.job_id, 4)
    await house.progress(bought.job_id, "✅ All 4 videos are ready. It cost $0.24.")
    assert len({post.links[0] for post in posts}) == 4
    assert [post.text.partition(" · ")[0] for post in posts] == [
        f"{ada.mention} Video {n} of 4 is ready: 360p" for n in (1, 2, 3, 4)
    ]
    assert all("· $0.06\n" in post.text for post in posts)
    assert all(post.pings == {ada.name} for post in posts)


async def test_a_prompt_of_6000_characters_works_whole(house: House, ada: Member, room: Channel):
    prompt = ("A very long walk. " * 400)[:5999] + "!"
    bought = await house.buy(ada, room, prompt=prompt)
    await house.results(bought.job_id)
    assert _prompt_sent(house, bought.job_id) == prompt


@pytest.mark.parametrize("prompt", [NASTY, "*" * 6000, "_[a](https://b.example)" * 250, "<@1>" * 1500])
async def test_a_prompt_full_of_markup_reaches_the_provider_unchanged_and_does_nothing_in_discord(
    house: House, ada: Member, linus: Member, room: Channel, prompt: str
):
    prompt = f"{linus.mention} {prompt}"[:6000]
    bought = await house.buy(ada, room, prompt=prompt)
    [post] = await house.results(bought.job_id)
    progress = await house.progress(bought.job_id, "✅")
    receipt = await house.press(linus, progress, "Details")
    listed = await (await ada.command("jobs", channel=room)).answer()

    assert _prompt_sent(house, bought.job_id) == prompt
    assert post.pings == {ada.name}
    assert [message for message in room.messages if message.pings - {ada.name}] == []
    assert [message for message in room.messages if message.unfurls not in ((), tuple(post.links))] == []
    for message in (progress, receipt, listed):
        assert message.embeds, message.text
        shown = message.embeds[0].get("description", "") + str(message.embeds[0].get("fields", ""))
        assert not re.search(r"https?://evil|(?<!\\)\*\*bold|(?<!\\)\|\||@everyone|@here|<#1>|</jobs", shown)
        assert linus.mention not in shown
        assert "\u202e" not in shown


async def test_the_card_shows_a_hostile_prompt_as_it_was_typed_and_keeps_its_own_words(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room, prompt=NASTY)
    assert card.embeds[0]["description"].count("\n") == 1
    assert card.embeds[0]["description"].endswith("\n360p · 16:9 · 5 s")
    assert len(card.embeds[0]["description"]) < 400
    assert "evil" in card.text
    assert not re.search(r"https?://evil", card.text)


WRONG: list[tuple[dict[str, Value], list[str]]] = [
    ({"duration": 999}, ["duration", "999", "5 or 10"]),
    ({"resolution": "9000p"}, ["resolution", "9000p", "360p, 540p, 720p or 1080p"]),
    ({"aspect_ratio": "2:1"}, ["aspect_ratio", "2:1", "16:9"]),
    ({"count": 99}, ["count", "99", "1, 2, 3 or 4"]),
    ({"count": 0}, ["count", "1, 2, 3 or 4"]),
    ({"prompt": ""}, ["prompt", "is empty", "Say in a sentence"]),
    ({"prompt": " \n\t "}, ["prompt", "is empty", "Say in a sentence"]),
    ({"prompt": "\u200b\u2060\u00ad"}, ["prompt", "is empty", "Say in a sentence"]),
    ({"prompt": "x" * 6001}, ["prompt", "6,001", "6,000", "Shorten it by 1"]),
    ({"prompt": 5}, ["prompt", "Say in a sentence"]),
    ({"loop": "maybe"}, ["loop", "maybe"]),
    ({"duration": "10"}, ["duration", "5 or 10"]),
    ({"resolution": True}, ["resolution", "360p, 540p, 720p or 1080p"]),
    (
        {"duration": 999, "resolution": "9000p", "count": 99, "prompt": " "},
        ["duration", "resolution", "count", "prompt", "5 or 10", "1080p", "3 or 4"],
    ),
    ({"hdr": True}, ["hdr", "720p and 1080p, not at 360p"]),
    ({"exr": True}, ["exr", "Turn hdr on"]),
    (
        {"hdr": True, "duration": 10, "loop": True},
        ["not at 360p", "works for 5 s, not for 10 s", "loop works for 5 s", "cannot be combined with HDR"],
    ),
]


@pytest.mark.parametrize(("options", "named"), WRONG, ids=lambda value: str(value)[:40])
async def test_what_cannot_be_asked_for_is_refused_in_words_with_all_that_is_wrong_and_what_would_work(
    house: House, ada: Member, room: Channel, options: dict[str, Value], named: list[str]
):
    answer = await house.ask(ada, room, options, forged=True)
    assert answer.visible_to is ada.user
    assert [part for part in named if part not in answer.text] == []
    assert "Something went wrong" not in answer.text
    assert answer.buttons == []
    assert house.rows("SELECT id FROM quotes WHERE member_id = ?", ada.id) == []
    assert room.messages == []
    assert (await house.ask(ada, room)).buttons, "the bot goes on serving"


@pytest.mark.parametrize(
    ("command", "options"), [("generate", {}), ("generate", {"resolution": "720p"}), ("nonsense", {"prompt": "x"})]
)
async def test_a_command_as_an_outdated_client_sends_it_is_answered_with_what_to_do(
    house: House, ada: Member, room: Channel, command: str, options: dict[str, Value]
):
    use = await ada.command(command, options, channel=room, forged=True)
    answer = await use.answer()
    assert answer.visible_to is ada.user
    assert "restart Discord" in answer.text
    assert (await house.ask(ada, room)).buttons


async def test_an_option_that_there_is_not_changes_nothing(house: House, ada: Member, room: Channel):
    card = await house.ask(ada, room, {"frames": "x", "price": 0}, forged=True)
    assert card.embeds[0]["title"] == "$0.06 for this video"


async def test_discords_own_client_offers_only_what_can_be_asked_for(house: House, ada: Member, room: Channel):
    """The choices and ranges are registered, so that hardly anybody ever meets a refusal."""
    for options in (
        {"duration": 999},
        {"resolution": "9000p"},
        {"count": 99},
        {"prompt": "x" * 6001},
        {"prompt": ""},
    ):
        with pytest.raises(ClientRefuses):
            await house.ask(ada, room, options)


async def test_a_request_that_is_over_the_limit_is_refused_before_there_is_a_card(
    house: House, ada: Member, room: Channel
):
    answer = await house.ask(ada, room, resolution="1080p", duration=10, count=2)
    assert answer.visible_to is ada.user
    assert "This costs $7.20" in answer.text
    assert "Your limit is $5.00 a day: $5.00 is left, and it resets <t:" in answer.text
    assert answer.embeds == []
    assert all((button.custom_id or "").startswith("show:") for button in answer.buttons)


async def test_a_new_card_says_what_the_earlier_purchases_left(house: House, ada: Member, room: Channel):
    first = await house.buy(ada, room, resolution="720p")
    await house.results(first.job_id)
    card = await house.ask(ada, room)
    assert "You: $4.64 of $5.00 a day" in card.text
    assert id_of(card, "Confirm") == id_of(card, "Cancel")


def _prompt_sent(house: House, job_id: str) -> str:
    task_id = house.job(job_id)["task_id"]
    return next(str(one.request["positivePrompt"]) for one in house.runware.submissions if one.task_id == task_id)


def _is_post(request: Any, nonce: str) -> bool:
    return request.operation == POST and request.body.get("nonce") == nonce
