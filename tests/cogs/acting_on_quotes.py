"""What is tried with somebody's quote: its card, its menus, its forms, its buttons."""

from typing import Final

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from sandbox.discord.use import Use
from tests.cogs.acting import Happened, Scene
from tests.cogs.limiting import limits
from tests.cogs.ordering import ask, attached, clip, photo
from tests.house import as_it_was, id_of

TRIMMABLE: Final = 5_040_000  # microseconds


async def generate(scene: Scene) -> bool:
    card = await scene.command("generate", {"prompt": "A fox", "resolution": "360p"})
    return any(button.label == "Confirm" for button in card.buttons)


def quote_button(label: str) -> Happened:
    async def happened(scene: Scene) -> bool:
        house, video = scene.house, attached(scene.owner, clip(160, 96, TRIMMABLE))
        options: dict[str, Value] = {"video": video} if label == "Trim" else {}
        command = "edit" if label == "Trim" else "generate"
        card = await ask(house, scene.owner, scene.room, command, options)
        [quote] = house.rows("SELECT id FROM quotes WHERE member_id = ?", scene.owner.id)
        answer = await scene.press(card, label)
        await house.until(lambda: "Trimming your video" not in answer.text, "the end of a trim", 30)
        if label == "Confirm":
            return bool(house.rows("SELECT id FROM jobs WHERE quote_id = ?", quote["id"]))
        return bool(house.rows("SELECT * FROM cancelled_quotes WHERE quote_id = ?", quote["id"]))

    return happened


async def pick(scene: Scene) -> bool:
    """A pick from a menu of the card."""
    card, smuggled = await _card(scene)
    quote = id_of(card, "Confirm")
    picked = f"resolution:{quote}"
    await (await scene.actor.select(smuggled, ["540p"], custom_id=picked, forged=True)).answer()
    return _is_withdrawn(scene, quote)


async def form(scene: Scene) -> bool:
    """A submit of the prompt's form, which its owner has opened; a modified client sends it from anywhere."""
    card, smuggled = await _card(scene)
    quote = id_of(card, "Confirm")
    opened = await scene.owner.click(card, "Edit")
    await opened.modal()
    opened.interaction.message, opened.interaction.channel = smuggled, scene.lobby
    await (await scene.actor.submit(opened, {"first": "An owl"})).answer()
    return _is_withdrawn(scene, quote)


async def opened_form(scene: Scene) -> bool:
    """The form itself, which shows the prompt."""
    card, smuggled = await _card(scene)
    quote = id_of(card, "Confirm")
    use = await scene.actor.click(smuggled, custom_id=f"edit:{quote}", forged=True)
    await use.settled()
    return use.interaction.modal is not None


MENUS: Final = {"Animate this image": "fox.png", "Edit this video": "fox.mp4", "Reframe this video": "fox.mp4"}


async def opened(scene: Scene, member: Member, menu: str, channel: Channel) -> Use:
    """A form, opened by the member on a message of their own."""
    data = photo() if menu.endswith("image") else clip(640, 360, 1_000_000)
    message = await member.say(channel, "A fox", [member.upload(MENUS[menu], data)])
    use = await member.menu(menu, message)
    await use.modal()
    return use


def menu(name: str) -> Happened:
    async def happened(scene: Scene) -> bool:
        use = await scene.actor.submit(
            await opened(scene, scene.actor, name, scene.lobby), {"resolution": ["360p"]}
        )
        return any(button.label == "Confirm" for button in (await use.answer(30)).buttons)

    return happened


async def send_a_form(scene: Scene) -> bool:
    """The owner's, under its custom id."""
    owners = await (await opened(scene, scene.owner, "Animate this image", scene.room)).modal()
    mine = await opened(scene, scene.actor, "Animate this image", scene.lobby)
    use = await scene.actor.submit(mine, {}, custom_id=owners["custom_id"], forged=True)
    return any(button.label == "Confirm" for button in (await use.answer(30)).buttons)


async def change_a_form(scene: Scene) -> bool:
    """The owner's, that was refused."""
    form = await opened(scene, scene.owner, "Reframe this video", scene.room)
    refused = await (await scene.owner.submit(form, {"aspect_ratio": ["16:9"]})).answer(30)
    smuggled = as_it_was(refused)
    smuggled.channel = scene.lobby
    use = await scene.actor.click(smuggled, "Change it", forged=True)
    await use.settled()
    return use.interaction.modal is not None


async def _card(scene: Scene) -> tuple[Message, Message]:
    """The owner's card, and as it is smuggled to where the actor is."""
    card = await scene.house.ask(scene.owner, scene.room)
    smuggled = as_it_was(card)
    smuggled.channel = scene.lobby
    return card, smuggled


def _is_withdrawn(scene: Scene, quote: str) -> bool:
    return bool(scene.house.rows("SELECT * FROM cancelled_quotes WHERE quote_id = ?", quote))


async def show_what_fits(scene: Scene) -> bool:
    """Whether the card opens of a quote that was offered instead of what a limit refused."""
    await limits(scene.manager, "member", member=scene.owner.user, limit="0.10")
    refused = await ask(scene.house, scene.owner, scene.room, "generate", {"resolution": "720p"})
    answer = await scene.press(refused, "360p")
    return any((button.label or "").startswith("Confirm") for button in answer.buttons)


async def confirm_again(scene: Scene) -> bool:
    """The button that a Confirm leaves which a limit has refused."""
    card = await ask(scene.house, scene.owner, scene.room, "generate", {})
    await limits(scene.manager, "member", member=scene.owner.user, limit="0.05")
    refused = await scene.house.press(scene.owner, card, "Confirm")
    await limits(scene.manager, "member", member=scene.owner.user, limit="inherit")
    await scene.press(refused, "Confirm again")
    return bool(scene.house.rows("SELECT id FROM jobs WHERE member_id = ?", scene.owner.id))
