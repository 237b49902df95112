"""A member, acting: uses commands, presses buttons, picks from menus, fills in modals, reads what comes.

By default a member's client is Discord's own and refuses what it would not offer (`ClientRefuses`). With
`forged=True` it is a modified one, which sends anything.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sandbox.discord import present
from sandbox.discord.attachment import Attachment
from sandbox.discord.client import ClientRefuses, Value, check_place, fill
from sandbox.discord.component import SELECTS, Type, walk
from sandbox.discord.interaction import InteractionType, State
from sandbox.discord.mention import mentioned, unfurled
from sandbox.discord.message import Message
from sandbox.discord.place import Channel, Membership, Role, User
from sandbox.discord.submission import Entered, problems, submitted
from sandbox.discord.use import Use
from sandbox.discord.wire import Object, array

if TYPE_CHECKING:
    from sandbox.discord.server import Discord


class Member:
    """A member of one server."""

    def __init__(self, discord: "Discord", membership: Membership) -> None:
        self._discord = discord
        self.membership = membership

    @property
    def user(self) -> User:
        """Their account."""
        return self.membership.user

    @property
    def id(self) -> int:
        """Their user id."""
        return self.user.id

    @property
    def name(self) -> str:
        """Their name."""
        return self.user.name

    @property
    def mention(self) -> str:
        """The text that mentions them."""
        return self.user.mention

    @property
    def direct(self) -> Channel:
        """Their direct messages with the bot."""
        return self._discord.world.direct(self.user)

    def sees(self, channel: Channel) -> list[Message]:
        """What they see in `channel`, oldest first, with what only they can see."""
        return channel.seen_by(self.user)

    async def say(self, channel: Channel, content: str, files: Sequence[Attachment] = ()) -> Message:
        """Write a message themselves, with `files` attached. They belong to the message from then on."""
        world = self._discord.world
        may = world.permissions(self.user, channel)
        found = mentioned(content, channel, None, may=may, users=world.users.values())
        message = Message(
            id=world.snowflake(),
            channel=channel,
            author=self.user,
            created_at=world.clock.now(),
            content=content,
            attachments=[self._posted(each, channel) for each in files],
            mentions=found.users,
            pings=found.names,
        )
        message.unfurls = unfurled(content, message.flags, may=may)
        await self._discord.publish(message)
        return message

    def upload(
        self, filename: str, data: bytes, *, width: int | None = None, height: int | None = None
    ) -> Attachment:
        """A file for an attachment option or a modal. Its size in pixels is told only when it is given here."""
        attachment = self._discord.world.add_file(filename, data, ephemeral=True)
        attachment.width, attachment.height = width, height
        return attachment

    async def command(
        self,
        name: str,
        options: Mapping[str, Value] | None = None,
        /,
        *,
        channel: Channel | None = None,
        forged: bool = False,
        dm: bool = False,
        **more: Value,
    ) -> Use:
        """Use a slash command; a sub-command is named after its command, with spaces: "limits member".

        `options` and `more` are the options by name. `dm`: in the direct messages with the bot.
        """
        given = {**(options or {}), **more}
        where = self._where(channel, dm=dm)
        data = self._command_data(name, given, where, forged=forged)
        return await self._interact(InteractionType.APPLICATION_COMMAND, where, data)

    async def menu(self, name: str, message: Message, /, *, forged: bool = False) -> Use:
        """Use a menu command on a message, in Discord's client under "Apps". `forged`: whoever sees the message."""
        where = message.channel
        command = self._discord.commands.find(name, where.server.id if where.server else None, kind=3)
        if command is None:
            if not forged:
                raise ClientRefuses(f"there is no {name!r} under Apps")
            command = Object(id="0", name=name)
        if not forged:
            allowed = self._discord.commands.is_allowed(name, self.membership.roles)
            check_place(command, where, self._discord.world.permissions(self.user, where), allowed=allowed)
            if message.deleted or message not in self.sees(where):
                raise ClientRefuses(f"{self.name} does not see this message")
            if message.ephemeral:
                raise ClientRefuses("Apps are not offered on a message that only one person sees")
        target = str(message.id)
        shown = present.message(self._discord.world, self._discord.origin, message)
        data: Object = {"id": command["id"], "name": name, "type": 3, "target_id": target}
        data["resolved"] = {"messages": {target: shown}}
        if command.get("guild_id"):
            data["guild_id"] = command["guild_id"]
        return await self._interact(InteractionType.APPLICATION_COMMAND, where, data)

    async def autocomplete(
        self,
        name: str,
        option: str,
        typed: str,
        options: Mapping[str, Value] | None = None,
        /,
        *,
        channel: Channel | None = None,
        timeout: float = 10,
        **more: Value,
    ) -> list[Object]:
        """The choices (name, value) that the bot offers for `option` after `typed`; `options`, `more`: others."""
        where = self._where(channel, dm=False)
        data = self._command_data(name, {**(options or {}), **more, option: typed}, where, forged=True)
        for each in walk_options(data["options"]):
            if each["name"] == option and "value" in each:
                each["focused"] = True
        use = await self._interact(InteractionType.AUTOCOMPLETE, where, data)

        def found() -> State | None:
            return None if use.state is State.PENDING else use.state

        await self._discord.world.changes.until(found, timeout, "choices")
        return use.interaction.choices or []

    async def click(
        self, message: Message, label: str | None = None, /, *, custom_id: str | None = None, forged: bool = False
    ) -> Use:
        """Press a button, by its label or `custom_id`. `forged`: of any message, with any custom_id."""
        return await self._component(message, Type.BUTTON, label, custom_id, forged=forged)

    async def select(
        self,
        message: Message,
        values: Sequence[str | User | Role | Channel],
        /,
        *,
        custom_id: str | None = None,
        forged: bool = False,
    ) -> Use:
        """Pick from a select menu; without `custom_id` from the only one. Options of string selects by value."""
        return await self._component(message, None, None, custom_id, values=values, forged=forged)

    async def submit(
        self, opened: Use, values: Mapping[str, Entered], /, *, custom_id: str | None = None, forged: bool = False
    ) -> Use:
        """Send the modal that `opened` shows, its fields by custom_id; fields not given go as they were.

        `forged`: with any values, and under any `custom_id`.
        """
        modal = await opened.modal()
        wrong = [] if forged else [*problems(modal, values)]
        if wrong:
            raise ClientRefuses(f"{modal['title']}: {'; '.join(wrong)}")
        resolved: list[User | Role | Channel | Attachment] = []
        components = [submitted(each, values, resolved) for each in modal["components"]]
        data: Object = {"custom_id": custom_id or modal["custom_id"], "components": components}
        if resolved:
            data["resolved"] = self._resolve(resolved)
        source = opened.interaction
        return await self._interact(InteractionType.MODAL_SUBMIT, source.channel, data, source.message)

    def _posted(self, file: Attachment, channel: Channel) -> Attachment:
        """The file as a part of a message: under an address of its own, that does not go with its upload."""
        posted = self._discord.world.add_file(file.filename, file.data, channel_id=channel.id)
        posted.width, posted.height, posted.description = file.width, file.height, file.description
        return posted

    def _where(self, channel: Channel | None, *, dm: bool) -> Channel:
        return self.direct if dm else channel or self.membership.server.first_channel

    def _command_data(self, name: str, given: Mapping[str, Value], where: Channel, *, forged: bool) -> Object:
        root, *path = name.split(" ")
        command = self._discord.commands.find(root, where.server.id if where.server else None)
        if command is None:
            if not forged:
                raise ClientRefuses(f"there is no command /{root}")
            command = Object(id="0", name=root)
        if not forged:
            allowed = self._discord.commands.is_allowed(root, self.membership.roles)
            check_place(command, where, self._discord.world.permissions(self.user, where), allowed=allowed)
        filled = fill(command, path, given, forged=forged)
        data: Object = {"id": command["id"], "name": root, "type": 1, "options": filled.options}
        if command.get("guild_id"):
            data["guild_id"] = command["guild_id"]
        return data | ({"resolved": self._resolve(filled.resolved)} if filled.resolved else {})

    async def _component(
        self,
        message: Message,
        kind: Type | None,
        label: str | None,
        custom_id: str | None,
        *,
        values: Sequence[str | User | Role | Channel] = (),
        forged: bool,
    ) -> Use:
        found = _find(message, kind, label, custom_id)
        if not forged:
            self._check_usable(message, found, values)
        used: Object = found or {"custom_id": custom_id, "type": int(kind or Type.STRING_SELECT), "id": 1}
        data: Object = {"custom_id": used["custom_id"], "component_type": used["type"], "id": used.get("id", 1)}
        if used["type"] != Type.BUTTON:
            data["values"] = [value if isinstance(value, str) else str(value.id) for value in values]
            resolved = [value for value in values if not isinstance(value, str)]
            data |= {"resolved": self._resolve(resolved)} if resolved else {}
        return await self._interact(InteractionType.MESSAGE_COMPONENT, message.channel, data, message)

    def _check_usable(self, message: Message, found: Object | None, values: Sequence[object]) -> None:
        if message.deleted or message not in self.sees(message.channel):
            raise ClientRefuses(f"{self.name} does not see this message")
        if not self._discord.world.permissions(self.user, message.channel):
            raise ClientRefuses(f"{self.name} does not see #{message.channel.name}")
        if found is None:
            raise ClientRefuses(f"there is no such component; there are {[each.label for each in message.buttons]}")
        if found.get("disabled"):
            raise ClientRefuses("it is disabled")
        if found.get("custom_id") is None:
            raise ClientRefuses("a link opens in the browser; the bot does not hear of it")
        if found["type"] in SELECTS:
            least, most = found.get("min_values", 1), found.get("max_values", 1)
            offered = [option["value"] for option in array(found.get("options"))]
            if not least <= len(values) <= most or (offered and not set(values) <= set(offered)):
                raise ClientRefuses(f"{least} to {most} of {offered} can be picked")

    def _resolve(self, values: Sequence[User | Role | Channel | Attachment]) -> Object:
        """What the ids stand for. What is gone, or is another server's, is left out, as Discord does."""
        discord, members = self._discord, self.membership.server.members
        resolved: Object = {}
        for value in values:
            key = str(value.id)
            if isinstance(value, User):
                resolved.setdefault("users", {})[key] = present.user(value)
                if value.id in members:
                    member = present.member(members[value.id])
                    del member["user"]
                    resolved.setdefault("members", {})[key] = member | {"permissions": "0"}
            elif isinstance(value, Role):
                if value.id not in self.membership.server.roles:
                    continue
                resolved.setdefault("roles", {})[key] = present.role(value)
            elif isinstance(value, Channel):
                if value.deleted or value.server is not self.membership.server:
                    continue
                may = discord.world.permissions(self.user, value)
                channel = {**present.channel(value), "permissions": str(int(may))}
                resolved.setdefault("channels", {})[key] = channel
            else:
                file = present.attachment(discord.world, discord.origin, value)
                resolved.setdefault("attachments", {})[key] = file
        return resolved

    async def _interact(
        self, kind: InteractionType, where: Channel, data: Object, message: Message | None = None
    ) -> Use:
        interaction = await self._discord.interact(kind, self.user, where, data, message=message)
        return Use(self._discord, interaction)


def walk_options(options: Sequence[Object]) -> list[Object]:
    """All options of an interaction's data, with those of sub-commands."""
    return [inner for option in options for inner in (option, *walk_options(option.get("options") or []))]


def _find(message: Message, kind: Type | None, label: str | None, custom_id: str | None) -> Object | None:
    """The component that is meant: by type, and by custom_id or label; the only one of its type without either."""
    kinds = SELECTS if kind is None else {kind}
    candidates = [each for each in walk(message.components) if each["type"] in kinds]
    if custom_id is not None:
        return next((each for each in candidates if each.get("custom_id") == custom_id), None)
    if label is not None:
        return next((each for each in candidates if each.get("label") == label), None)
    return candidates[0] if len(candidates) == 1 else None
