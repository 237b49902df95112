"""Promise 2: however many press Confirm at the same instant, no hold is accepted beyond a limit; kill it or not."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import pytest

from bot.asking import MOST_OPEN
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.use import Use
from tests.cogs.ordering import open_rich_house
from tests.house import ANSWER, House, as_it_was, together

PRESSES: Final = 200
ROOM: Final = 10  # videos at $0.06
FIRST: Final = 3  # of the presses, before the kill
LIMIT: Final = "0.60/total"

OF_MEMBER: Final = {"DEFAULT_MEMBER_LIMIT": LIMIT}
OF_SERVER: Final = {"DEFAULT_SERVER_LIMIT": LIMIT}

SLOW_DISK: Final = """CREATE TRIGGER slow_disk AFTER INSERT ON ledger WHEN NEW.kind = 'hold'
    BEGIN SELECT length(hex(randomblob(10000000))); END"""
"""Each hold takes a while, so that there is a midway at which to kill."""

STORMS: Final = [
    pytest.param(1, OF_MEMBER, id="one member against their limit"),
    pytest.param(50, OF_SERVER, id="50 members against the server's limit"),
]

Cards = Sequence[tuple[Member, Message]]


@pytest.mark.parametrize(("members", "limit"), STORMS)
async def test_200_presses_at_once_against_room_for_10_hold_exactly_10(
    tmp_path: Path, members: int, limit: dict[str, str]
):
    async with _house(tmp_path, limit) as house:
        cards = await _cards(house, members)
        before = len(house.discord.requests)
        uses = await _press(cards)
        await together(*[use.answer(20) for use in uses])
        answered = [one.when for one in list(house.discord.requests)[before:] if one.operation == ANSWER]
        assert max(use.interaction.created_at for use in uses) < min(answered), "all were sent before any answer"
        assert len(_jobs(house)) == ROOM
        assert sum(_held(house)) == 600_000_000
        told = [use.messages[-1].text for use in uses]
        assert sum("is on hold for it" in says for says in told) == ROOM
        no = ("more than what is left", "This was confirmed already")
        assert sum(any(one in says for one in no) for says in told) == PRESSES - ROOM


@pytest.mark.parametrize(("members", "limit"), STORMS)
async def test_with_sigkill_midway_it_is_exactly_10_as_well(tmp_path: Path, members: int, limit: dict[str, str]):
    async with _house(tmp_path, limit) as house:
        cards = await _cards(house, members)
        others = [(member, as_it_was(card)) for member, card in cards]
        house.change(SLOW_DISK)
        await together(*[use.answer(20) for use in await _press(cards[:FIRST])])
        before = _answers(house)
        await _press(others[FIRST:])
        await house.until(lambda: _answers(house) > before, "presses that the bot has come to")
        await house.bot.kill()
        house.change("DROP TRIGGER slow_disk")
        survived = len(_jobs(house))
        assert FIRST <= survived < ROOM, "it was killed midway"
        identified = house.discord.gateway.identifies
        await house.bot.start()
        await house.discord.gateway.ready(15, identifies=identified + 1)
        house.explained.add("was not acknowledged")  # the presses that the dead process had not come to
        uses = await _press(others)
        await together(*[use.answer(20) for use in uses])
        assert len(_jobs(house)) == ROOM
        assert sum(_held(house)) == 600_000_000
        told = [use.messages[-1].text for use in uses]
        assert sum("is on hold for it" in says for says in told) == ROOM - survived


def _answers(house: House) -> int:
    """How many presses were acknowledged."""
    return sum(one.operation == ANSWER for one in house.discord.requests)


def _house(folder: Path, limit: dict[str, str]) -> AbstractAsyncContextManager[House]:
    return open_rich_house(folder, MAX_JOBS="10", QUOTES_PER_MINUTE="6000", **limit)


async def _cards(house: House, members: int) -> Cards:
    """A card for each press, in one channel: each quote fits by itself. Where nobody may have so many open, several
    presses are on one quote, as from several devices."""
    people, room = [house.member() for _ in range(members)], house.channel()
    quotes = min(PRESSES, members * MOST_OPEN)
    cards = [(people[n % members], await house.ask(people[n % members], room)) for n in range(quotes)]
    return [cards[n % quotes] for n in range(PRESSES)]


async def _press(cards: Cards) -> list[Use]:
    """Every Confirm at once; whether the cards still show it or not."""
    return await together(
        *[
            member.click(
                card, custom_id=next(b.custom_id for b in card.buttons if b.label == "Confirm"), forged=True
            )
            for member, card in cards
        ]
    )


def _jobs(house: House) -> list[str]:
    return [row["id"] for row in house.rows("SELECT id FROM jobs")]


def _held(house: House) -> list[int]:
    return [row["amount"] for row in house.rows("SELECT amount FROM ledger WHERE kind = 'hold'")]
