"""How often a member may ask for a quote, and what they read where that was too often."""

import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, assert_never

from bot.asking import NotNow
from bot.domain.refusal import Refusal
from bot.intake import Taking
from bot.offer import Requester
from cogs.gate import Interaction

TOO_FAST: Final = (
    "You may ask for {most} quotes a minute, where five changes on a card count as one, and these came faster, so "
    "nothing was done. "
    "You can ask for the next one <t:{until}:R>."
)
TOO_MANY_OPEN: Final = (
    "You have {most} quotes open, which is as many as one member may have, so nothing was done. "
    "Confirm or cancel one of them, or wait: the first lapses <t:{until}:R>."
)
TOO_MANY_BYTES: Final = (
    "The files of your open quotes have more than {megabytes} MB together, so nothing was done. "
    "Confirm or cancel one of them, or wait: the first lapses <t:{until}:R>."
)


class AskedTooOften(Refusal):
    """It says when to ask again."""

    def __init__(self, refused: NotNow) -> None:
        until = math.ceil(refused.until.timestamp())
        match refused.why:
            case "too fast":
                says = TOO_FAST
            case "too many open":
                says = TOO_MANY_OPEN
            case "too many bytes":
                says = TOO_MANY_BYTES
            case _:
                assert_never(refused.why)
        super().__init__(says.format(most=refused.most, megabytes=max(refused.most // 10**6, 1), until=until))


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


async def check_pace(interaction: Interaction, requester: Requester) -> None:
    """Count this request for a quote. Raises AskedTooOften, which counts as nothing."""
    refused = await interaction.client.asking.ask(requester.member_id)
    if refused is not None:
        raise AskedTooOften(refused)
