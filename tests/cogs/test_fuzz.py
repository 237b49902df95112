"""Whatever a modified client sends, every press and command is answered in words and none of it ends in a bug.

How many of each: RAYBOT_FUZZ. What Discord itself refuses before it reaches a bot is left out: names of other
characters, numbers that JSON's readers do not take, half characters.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.discord import present
from sandbox.discord.interaction import Interaction, InteractionType, State
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from tests.cogs.acting_on_quotes import MENUS
from tests.cogs.ordering import clip, open_rich_house, photo
from tests.house import House

EXAMPLES: Final = int(os.environ.get("RAYBOT_FUZZ", "20"))
PATIENCE: Final = 5  # seconds for each answer

GOING_ON: Final = ("repeat", "remix", "continue", "edit", "reframe", "bigger", "more", "delete", "erase")

WORDS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES: Final = st.one_of(
    st.sampled_from(
        ("720p", "9:16", "5/day", "https://x.example/a.mp4", "123456789012345678", "e63wkdygqd.2", "", "0")
    ),
    WORDS,
    st.booleans(),
    st.none(),
    st.integers(-(2**53), 2**53),
    st.floats(-1e300, 1e300, allow_nan=False),
    st.lists(st.integers(0, 9), max_size=2),
    st.dictionaries(st.just("value"), st.integers(0, 9), max_size=1),
)


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(
        tmp_path_factory.mktemp("house"), ALLOWED_SERVERS="*", QUOTES_PER_MINUTE="6000"
    ) as house:
        yield house


async def answered(house: House, one: Interaction) -> None:
    """It was acknowledged, told something in words, and logged no bug."""

    def found() -> bool:
        return one.state in (State.ANSWERED, State.FAILED)

    await house.until(found, f"an answer to {one.data}", PATIENCE)
    assert one.state is State.ANSWERED, one.data
    log = list(house.bot.log)
    bugs = [before for before, line in pairwise(log) if line.lstrip().startswith("Traceback")]
    assert not bugs, "\n".join([str(one.data), *log[-60:]])
    assert house.bot.is_running


async def each(strategy: st.SearchStrategy[Any], work: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    """Work on so many examples, in this loop; the smallest one that fails is shown."""
    loop = asyncio.get_running_loop()

    @settings(max_examples=EXAMPLES, deadline=None, database=None)
    @given(strategy)
    def one(example: Any) -> None:
        asyncio.run_coroutine_threadsafe(work(example), loop).result(PATIENCE * 3)

    await asyncio.to_thread(one)


def options_of(command: dict[str, Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Options of a command, sub-commands too: those that it has and others, of any value and kind."""
    told = command.get("options", [])
    inner = [option for option in told if option["type"] == 1]
    if inner:
        return st.sampled_from(inner).flatmap(
            lambda sub: options_of(sub).map(lambda given: [{"name": sub["name"], "type": 1, "options": given}])
        )
    names = st.sampled_from([option["name"] for option in told] or ["nothing"]) | st.sampled_from(
        ["other", "prompt"]
    )
    kinds = {option["name"]: option["type"] for option in told}

    def option(name: str) -> st.SearchStrategy[dict[str, Any]]:
        known = st.just(kinds.get(name, 3))
        return st.fixed_dictionaries(
            {"name": st.just(name), "type": known | st.sampled_from((3, 4, 5, 6, 8, 11)), "value": VALUES}
        )

    return st.lists(names.flatmap(option), max_size=6, unique_by=lambda given: given["name"])


async def test_commands_of_any_form(house: House, ada: Member, room: Channel) -> None:
    await house.discord.registered()
    known = house.discord.commands.registered()
    slash = [command for command in known if command["type"] == 1]
    commands = st.sampled_from(slash).flatmap(
        lambda command: st.tuples(st.just(command), options_of(command), st.booleans())
    )
    mary = house.discord.member("Mary")

    async def use(example: tuple[dict[str, Any], list[dict[str, Any]], bool]) -> None:
        command, options, by_staff = example
        data = {"id": command["id"], "name": command["name"], "type": 1, "options": options}
        user = mary.user if by_staff else ada.user
        await answered(house, await house.discord.interact(InteractionType.APPLICATION_COMMAND, user, room, data))

    await each(commands, use)


async def test_menus_on_messages_of_any_form(house: House, ada: Member, room: Channel) -> None:
    """Whatever a message says, and whatever kind of command and target a modified client names."""
    await house.discord.registered()
    known = [command for command in house.discord.commands.registered() if command["type"] == 3]
    link = st.tuples(st.sampled_from(("https://", "http://[", "HTTPS://x@", "https://a.b/")), WORDS).map("".join)
    said = st.tuples(WORDS | link, link, st.sampled_from((".png", ".mp4", ".mp4)", "||", ""))).map("".join)
    kinds = st.sampled_from((3, 3, 3, 1, 2, 7, "3", None))

    async def use(example: tuple[dict[str, Any], str, str, Any, bool]) -> None:
        command, content, filename, kind, with_target = example
        message = await ada.say(room, content[:2000], [ada.upload(filename or "x", b"x")])
        message.embeds = [{"type": "image", "thumbnail": {"url": content, "width": None}}]
        shown = present.message(house.discord.world, house.discord.origin, message)
        resolved = {"messages": {str(message.id): shown}} if with_target else {}
        data = {"id": command["id"], "name": command["name"], "type": kind, "resolved": resolved}
        data["target_id"] = str(message.id)
        await answered(
            house, await house.discord.interact(InteractionType.APPLICATION_COMMAND, ada.user, room, data)
        )

    await each(st.tuples(st.sampled_from(known), said, WORDS, kinds, st.booleans()), use)


async def test_forms_of_any_form(house: House, ada: Member, room: Channel) -> None:
    """Custom ids and components as no client of Discord's sends them."""
    message = await ada.say(
        room, "", [ada.upload("fox.png", photo()), ada.upload("fox.mp4", clip(64, 36, 1_000_000))]
    )
    ids = [str((await (await ada.menu(name, message)).modal())["custom_id"]) for name in MENUS]
    names = st.sampled_from(("source", "prompt", "resolution", "duration", "aspect_ratio", "strength", "placement"))
    field = st.fixed_dictionaries({"custom_id": names | VALUES}, optional={"value": VALUES, "values": VALUES})
    label = st.fixed_dictionaries({"type": st.just(18), "id": st.just(1), "component": field | VALUES})
    row = st.fixed_dictionaries({"type": st.just(1), "id": st.just(1), "components": st.lists(field, max_size=2)})

    async def send(example: tuple[str, list[Any]]) -> None:
        custom_id, components = example
        data = {"custom_id": custom_id, "components": components}
        await answered(house, await house.discord.interact(InteractionType.MODAL_SUBMIT, ada.user, room, data))

    await each(st.tuples(st.sampled_from(ids) | WORDS, st.lists(label | row | field, max_size=6)), send)


def forged(ids: list[str]) -> st.SearchStrategy[str]:
    """Custom ids of ours with other actions, ids and ends, and of nobody's."""
    action = st.sampled_from(ACTIONS)
    about = st.sampled_from([*ids, "0123456789", "zzzzzzzzzz", "' OR 1=1--", "../../etc"]) | WORDS
    end = st.sampled_from(("", ".p0", ".r1", ".r9", ".p", ".1", ".4", ".9", "\n", ":", "x"))
    ours = st.tuples(action, about, end).map(lambda parts: f"{parts[0]}:{parts[1]}{parts[2]}")
    return (ours | WORDS).map(lambda text: text[:100]).filter(bool)


async def test_forms_of_any_content(house: House, ada: Member, linus: Member, room: Channel) -> None:
    """Submits that no form of ours would make, of anybody's video and of none."""
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    await house.quiet()
    before = house.rows("SELECT id, state FROM jobs")
    action = st.sampled_from(("remix", "edit", "reframe", "continue", ""))
    about = st.sampled_from((f"{bought.job_id}.1", f"{bought.job_id}.2", "zzzzzzzzzz.1")) | WORDS
    names = st.sampled_from(("first", "second", "aspect_ratio")) | WORDS
    value = st.fixed_dictionaries({"custom_id": names, "type": st.just(4), "value": VALUES})
    picked = st.fixed_dictionaries({"custom_id": names, "type": st.just(3), "values": VALUES})
    labelled = st.fixed_dictionaries({"type": st.just(18), "component": value | picked})

    async def submit(example: tuple[str, str, list[dict[str, Any]]]) -> None:
        data = {"custom_id": f"{example[0]}:{example[1]}"[:100], "components": example[2]}
        kind = InteractionType.MODAL_SUBMIT
        await answered(house, await house.discord.interact(kind, linus.user, room, data, message=post))

    await each(st.tuples(action, about, st.lists(labelled, max_size=4)), submit)
    assert house.rows("SELECT id, state FROM jobs") == before


ACTIONS: Final = (
    *("confirm", "decline", "trim", "show", "edit", "cancel", "details", "again", "prompt", "animate-anew", ""),
    *("resolution", "aspect_ratio", "duration", "strength", "placement", "count"),
    *GOING_ON,
)


async def test_picks_and_submits_of_any_form(house: House, ada: Member, linus: Member, room: Channel) -> None:
    """Of the menus of one's own card and of somebody else's, and of forms that nobody has opened."""
    card = await house.ask(ada, room)
    quote = str(house.rows("SELECT id FROM quotes WHERE member_id = ?", ada.id)[0]["id"])
    values = st.lists(st.sampled_from(("720p", "5", "own", "source", "fit")) | WORDS, max_size=3)
    fields = st.lists(st.fixed_dictionaries({"type": st.just(4), "custom_id": WORDS, "value": VALUES}), max_size=3)

    async def send(example: tuple[str, list[str], list[dict[str, Any]], bool]) -> None:
        custom_id, picked, entered, is_submit = example
        kind = InteractionType.MODAL_SUBMIT if is_submit else InteractionType.MESSAGE_COMPONENT
        rows = [{"type": 18, "component": field} for field in entered]
        data: dict[str, Any] = {"custom_id": custom_id}
        data |= {"components": rows} if is_submit else {"component_type": 3, "id": 1, "values": picked}
        await answered(house, await house.discord.interact(kind, linus.user, room, data, message=card))

    await each(st.tuples(forged([quote]), values, fields, st.booleans()), send)
    assert not house.rows("SELECT * FROM cancelled_quotes WHERE quote_id = ?", quote)
    assert "on hold" in (await house.press(ada, card, "Confirm")).text


async def test_custom_ids_of_any_form(house: House, ada: Member, linus: Member, room: Channel) -> None:
    """On somebody else's card and on a message for all; nothing of anybody's is bought or withdrawn."""
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    await house.quiet()
    card = await house.ask(ada, room)
    [quote] = house.rows("SELECT id FROM quotes WHERE member_id = ? ORDER BY quoted_at DESC LIMIT 1", ada.id)
    before = house.rows("SELECT id, state FROM jobs")

    async def press(example: tuple[str, Message]) -> None:
        custom_id, message = example
        data = {"custom_id": custom_id, "component_type": 2, "id": 1}
        kind = InteractionType.MESSAGE_COMPONENT
        await answered(house, await house.discord.interact(kind, linus.user, room, data, message=message))

    await each(st.tuples(forged([bought.job_id, str(quote["id"])]), st.sampled_from([card, post])), press)
    assert house.rows("SELECT id, state FROM jobs") == before
    assert not house.rows("SELECT * FROM deletions")
    assert not house.rows("SELECT * FROM cancelled_quotes WHERE quote_id = ?", quote["id"])
    assert "on hold" in (await house.press(ada, card, "Confirm")).text
