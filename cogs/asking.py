"""How often a member may ask, and their turn to have files taken in. What decides: bot/asking.py."""

import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import assert_never

from bot.asking import NotNow
from bot.domain.refusal import Refusal
from bot.offer import Requester
from bot.taking import Taking
from bot.words.speech import say
from cogs.gate import Interaction, acknowledge, admit, check_permissions


class AskedTooOften(Refusal):
    """It says when to ask again."""

    def __init__(self, refused: NotNow) -> None:
        until = math.ceil(refused.until.timestamp())
        match refused.why:
            case "too fast":
                says = say("refusals.too_fast", most=refused.most, until=until)
            case "too many open":
                says = say("refusals.too_many_open", most=refused.most, until=until)
            case "too many bytes":
                says = say("refusals.too_many_bytes", megabytes=max(refused.most // 10**6, 1), until=until)
            case _:
                assert_never(refused.why)
        super().__init__(says)


async def begin(interaction: Interaction) -> Requester:
    """Acknowledge a command that asks for a quote in time, and admit whoever asks. Raises AskedTooOften, or the
    Refusal of a place where the bot does not work or could not post."""
    await acknowledge(interaction, thinking=True)
    requester = await admit(interaction)
    check_permissions(interaction)
    await check(interaction, requester)
    return requester


async def check_change(interaction: Interaction, requester: Requester) -> None:
    """Count a change on a card. Raises AskedTooOften, which counts as nothing."""
    refused = await interaction.client.asking.change(requester.member_id)
    if refused is not None:
        raise AskedTooOften(refused)


@asynccontextmanager
async def taking(interaction: Interaction, requester: Requester) -> AsyncGenerator[Taking]:
    """This member's turn to have files taken in, up to where their quote is stored. Raises AskedTooOften where the
    quotes of the turns before it have left no room."""
    async with interaction.client.intake.taking(requester.member_id) as taking:
        refused = await interaction.client.asking.full(requester.member_id)
        if refused is not None:
            raise AskedTooOften(refused)
        yield taking


async def check(interaction: Interaction, requester: Requester) -> None:
    """Count this request for a quote. Raises AskedTooOften, which counts as nothing."""
    refused = await interaction.client.asking.ask(requester.member_id)
    if refused is not None:
        raise AskedTooOften(refused)
