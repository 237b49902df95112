"""Who is staff: asked at each use, from what the interaction itself says and what is stored; never from a cache."""

from bot.domain.refusal import Refusal
from bot.offer import Requester
from bot.words.speech import say
from cogs.gate import Interaction, acknowledge, admit
from storage import limits


class StaffOnly(Refusal):
    """Somebody without Manage Server and without the staff role."""

    def __init__(self) -> None:
        super().__init__(f"{say('refusals.staff_only')} {say('refusals.see_spending')}")


class ManagersOnly(Refusal):
    """Who is staff is not for staff by their role to say."""

    def __init__(self) -> None:
        super().__init__(f"{say('refusals.managers_only')} {say('refusals.see_spending')}")


async def begin_as_staff(interaction: Interaction) -> Requester:
    """Acknowledge a command of staff's in time, and admit whoever asks. Raises as `admit_staff` does."""
    await acknowledge(interaction, thinking=True)
    return await admit_staff(interaction)


async def admit_staff(interaction: Interaction) -> Requester:
    """Who asks and where. Raises StaffOnly, or the Refusal of a place where the bot does not work."""
    requester = await admit(interaction)
    if not await is_staff(interaction, requester):
        raise StaffOnly
    return requester


async def is_staff(interaction: Interaction, requester: Requester) -> bool:
    """Whether they have Manage Server, or now have the role that is now the staff's."""
    if manages_server(interaction):
        return True
    rules = await limits.in_force(interaction.client.database.read, requester.server_id, requester.member_id, ())
    return rules.staff_role in requester.roles


def manages_server(interaction: Interaction) -> bool:
    """Whether they have Manage Server, as the payload says; an administrator has every permission."""
    may = interaction.permissions
    return may.manage_guild or may.administrator
