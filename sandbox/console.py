"""A channel in a terminal: type what a member would type, see what a member would see."""

import asyncio
import re
import shlex
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sandbox.clip import clip, photo
from sandbox.discord.client import ClientRefuses, Value
from sandbox.discord.command_form import OptionType
from sandbox.discord.component import Type, walk
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from sandbox.discord.wire import Object, array
from sandbox.sandbox import Sandbox

HELP: Final = """\
  /generate a fox in the snow    a command; options as name:value, such as resolution:1080p duration:10 hdr:true
  /edit as a puppet film video:clip    an attachment: clip or photo for a sample, or the path of a file
  /jobs                          another one
  1                              press the button with that number
  as Linus                       be somebody else (Grace, Ada, Linus, Mary, Edsger)
  in videos                      go to another channel (general, videos, after-dark, notices, storyboards)
  bill                           what the provider has billed
  help, quit"""


class Mistyped(ValueError):
    """The line says nothing that the console knows; the message says why."""


class Console:
    """One person at a time, in one channel at a time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._member: Member = sandbox.discord.member("Ada")
        self._channel: Channel = self._member.membership.server.first_channel
        self._shown: dict[int, str] = {}
        self._buttons: list[tuple[Message, str]] = []

    async def run(self) -> None:
        """Until `quit`, or the end of the input; what comes in meanwhile is shown as it comes."""
        if reconfigure := getattr(sys.stdout, "reconfigure", None):
            reconfigure(line_buffering=True)  # also where something else than a terminal listens
        print(HELP)
        print(self._where())
        showing = asyncio.create_task(self._keep_showing())
        try:
            async for line in _lines():
                if line in ("quit", "exit", "/quit"):
                    break
                try:
                    await self._obey(line)
                except (ClientRefuses, LookupError, Mistyped) as error:
                    print(f"  {error}")
            else:
                await asyncio.sleep(self._sandbox.runware.render_seconds + 3)  # let a script see what comes of it
        finally:
            showing.cancel()

    async def _obey(self, line: str) -> None:
        match line.split(maxsplit=1):
            case []:
                return
            case [command, *rest] if command.startswith("/"):
                name = command.removeprefix("/")
                options = self._options(name, " ".join(rest))
                await self._member.command(name, options, channel=self._channel)
            case [number] if number.isdecimal():
                await self._press(int(number))
            case ["as", name]:
                self._member = self._sandbox.discord.member(name)
                print(self._where())
            case ["in", name]:
                self._channel = self._sandbox.discord.channel(name.removeprefix("#"))
                self._shown.clear()
                print(self._where())
            case ["bill"]:
                charges = self._sandbox.runware.bill
                print(*(f"  {charge.amount} for {charge.video_id}" for charge in charges), sep="\n")
                print(f"  {sum(charge.amount for charge in charges)} in all")
            case ["help"]:
                print(HELP)
            case _:
                raise Mistyped(
                    "Not a command: it begins with a /, as in /generate a fox in the snow. Or type help."
                )

    def _options(self, command: str, text: str) -> dict[str, Value]:
        """`a fox hdr:true` as options: `name:value` where there is such an option, the rest is the first one."""
        found = next((c for c in self._sandbox.discord.commands.registered() if c["name"] == command), None)
        if found is None:
            raise Mistyped(f"There is no command /{command}.")
        kinds = {option["name"]: option["type"] for option in array(found.get("options"))}
        texts = {option["name"] for option in array(found.get("options")) if _is_free_text(option)}
        given: dict[str, Value] = {}
        current = next(iter(kinds), "")
        try:
            words = shlex.split(text, posix=False)
        except ValueError:
            words = text.split()
        for word in words:
            name, colon, value = word.partition(":")
            if colon and name in kinds:
                current = name
                word = value
            if word and current in texts:
                given[current] = f"{given[current]} {word}" if current in given else word
            elif word and current:
                given[current] = self._value(kinds[current], word)
                current = next(iter(kinds))
        return given

    def _value(self, kind: int, text: str) -> Value:
        """What was typed, as the option's kind has it; a file for an attachment."""
        if kind == OptionType.ATTACHMENT:
            name, data = _file(text)
            return self._member.upload(name, data)
        if kind == OptionType.INTEGER and text.isdecimal():
            return int(text)
        if kind == OptionType.NUMBER and re.fullmatch(r"-?\d+(\.\d+)?", text):
            return float(text)
        if kind == OptionType.BOOLEAN and text.lower() in ("true", "false"):
            return text.lower() == "true"
        return text

    async def _press(self, number: int) -> None:
        if not 1 <= number <= len(self._buttons):
            raise Mistyped("There is no button with that number.")
        message, custom_id = self._buttons[number - 1]
        use = await self._member.click(message, custom_id=custom_id)
        await use.settled()
        if use.interaction.modal is not None:
            print("  That opens a form, which is on the page alone: ./run sandbox without --console")

    async def _keep_showing(self) -> None:
        while True:
            for message in self._member.sees(self._channel):
                text = "\n".join(self._lines_of(message))
                if not message.thinking and self._shown.get(message.id) != message.text:
                    self._shown[message.id] = message.text
                    print(f"\n{text}")
            await asyncio.sleep(0.2)

    def _lines_of(self, message: Message) -> Iterator[str]:
        edited = " (edited)" if message.edited else ""
        only = " — only you can see this" if message.ephemeral else ""
        yield f"{message.author.name}{edited}{only}"
        menus = [each for each in walk(message.components) if each["type"] == Type.STRING_SELECT]
        labels = {button.label for button in message.buttons} | {text for menu in menus for text in _words(menu)}
        for line in self._readable(message.text).split("\n"):
            if line and line not in labels:
                yield f"  {line}"
        if menus:
            yield f"  {'   '.join(f'▾ {_picked(menu)}' for menu in menus)}"
        numbered: list[str] = []
        for button in message.buttons:
            if button.custom_id is not None:
                pressed = (message, button.custom_id)
                if pressed not in self._buttons:
                    self._buttons.append(pressed)
                numbered.append(f"[{self._buttons.index(pressed) + 1}] {button.label}")
        for file in message.attachments:
            yield f"  📎 {file.filename}, {len(file.data):,} bytes: {self._sandbox.discord.link(file)}"
        if numbered:
            yield f"  {'   '.join(numbered)}"

    def _readable(self, text: str) -> str:
        """Without the markup that Discord's client would turn into names and times."""
        users = self._sandbox.discord.world.users
        text = re.sub(r"<@(\d+)>", lambda found: f"@{users[int(found[1])].name}", text)
        now = self._sandbox.clock.now().timestamp()
        text = re.sub(r"<t:(\d+):R>", lambda found: _relative(int(found[1]) - now), text)
        text = re.sub(
            r"<t:(\d+)(?::\w)?>", lambda found: f"{datetime.fromtimestamp(int(found[1]), UTC):%H:%M} UTC", text
        )
        return re.sub(r"\*\*|\\(?=[*_~`|>])", "", text)

    def _where(self) -> str:
        return f"You are {self._member.name} in #{self._channel.name}."


def _is_free_text(option: Object) -> bool:
    return option["type"] == OptionType.STRING and not option.get("choices")


def _words(menu: Object) -> Iterator[str]:
    """Everything that a menu says."""
    yield menu.get("placeholder") or ""
    for option in menu["options"]:
        yield from (option["label"], option.get("description") or "")


def _picked(menu: Object) -> str:
    chosen = (option["label"] for option in menu["options"] if option.get("default"))
    return str(next(chosen, menu.get("placeholder") or "nothing chosen"))


def _relative(seconds: float) -> str:
    minutes = round(abs(seconds) / 60)
    length = f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
    if minutes >= 72 * 60:
        length = f"{round(minutes / 1440)} days"
    return f"in {length}" if seconds >= 0 else f"{length} ago"


def _file(text: str) -> tuple[str, bytes]:
    """A file's name and content: a sample, or what is on the disk."""
    if text == "photo":
        return "photo.png", photo()
    if text == "clip":
        return "clip.mp4", clip(1280, 720, 5_040_000, sound=True)
    path = Path(text.strip("\"'")).expanduser()
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise Mistyped(
            f"{text}: {error.strerror}. Write clip or photo for a sample, or the path of a file."
        ) from None


async def _lines() -> AsyncIterator[str]:
    """What is typed, line by line, until the input ends. A thread reads, since a terminal cannot be awaited."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.strip())
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line
