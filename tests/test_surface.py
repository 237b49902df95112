"""What Discord sees of the bot: its commands, to the letter; and where it connects, whatever the gateway says.

tests/commands.json is what is registered. After a change that is meant, write it anew:
RAYBOT_WRITE_COMMANDS=1 ./run test tests/test_surface.py
"""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.domain.placement import Placement
from bot.domain.request import (
    Count,
    Duration,
    EditVideo,
    Format,
    ImageToVideo,
    PoseStrength,
    ReframeVideo,
    Request,
    Safety,
    Strength,
    TextToVideo,
)
from bot.domain.size import AspectRatio, Resolution
from tests.house import LOOPBACK, House, open_house

REGISTER = "PUT /applications/{application}/commands"
COMMANDS = Path(__file__).parent / "commands.json"
MENU = 3  # the type of a command that is used on a message
HAS_PROC = Path("/proc/self/net/tcp").exists()


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As in tests/conftest.py, for fixtures that live as long as a file."""
    return "asyncio"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
async def commands(house: House) -> list[dict[str, Any]]:
    """The commands as the bot registered them."""
    [request] = [request for request in house.discord.requests if request.operation == REGISTER]
    return sorted(request.body, key=lambda command: command["name"])


async def test_the_registered_commands_are_the_golden_ones(commands: list[dict[str, Any]]):
    written = json.dumps(commands, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    if "RAYBOT_WRITE_COMMANDS" in os.environ:
        COMMANDS.write_text(written)
    assert json.loads(COMMANDS.read_text()) == json.loads(written)


async def test_every_command_and_every_option_is_described(commands: list[dict[str, Any]]):
    for each in [*commands, *(option for command in commands for option in command.get("options", []))]:
        if each["type"] == MENU and each in commands:
            assert not each.get("description"), "Discord takes none for what stands under Apps"
        else:
            assert 10 <= len(each["description"]) <= 100, each["name"]


async def test_every_command_is_for_servers_only(commands: list[dict[str, Any]]):
    """Neither direct messages nor installs for a single user: results could not be posted there."""
    assert [(command["contexts"], command["integration_types"]) for command in commands] == [([0], [0])] * len(
        commands
    )


OPTIONS_OF: dict[str, tuple[str, ...]] = {
    "frames": ("first_frame", "last_frame", "moments", *(f"keyframe_{n}" for n in range(1, 11))),
    "video": ("video", "video_url", "result"),
    "placement": ("placement", "source_x", "source_y", "source_width", "source_height"),
}
"""The options of a field, where it is not one option of the same name."""


@pytest.mark.parametrize(
    ("name", "kinds", "required"),
    [
        ("generate", (TextToVideo, ImageToVideo), ["prompt"]),
        ("edit", (EditVideo,), ["prompt"]),
        ("reframe", (ReframeVideo,), ["prompt", "aspect_ratio"]),
    ],
)
async def test_everything_that_can_be_asked_for_is_an_option_and_nothing_else(
    commands: list[dict[str, Any]], name: str, kinds: tuple[type[Request], ...], required: list[str]
):
    [command] = [command for command in commands if command["name"] == name]
    asked = {each.name for kind in kinds for each in fields(kind)}
    assert [option["name"] for option in command["options"] if option["required"]] == required
    expected = {"preset", *(option for field in asked for option in OPTIONS_OF.get(field, (field,)))}
    assert {option["name"] for option in command["options"]} == expected


SUBCOMMAND = 1
CHOICES: dict[str, Any] = {
    "resolution": Resolution,
    "aspect_ratio": AspectRatio,
    "duration": Duration,
    "count": Count,
    "format": Format,
    "safety": Safety,
    "strength": Strength,
    "pose_strength": PoseStrength,
    "placement": Placement,
}
RANGES = {
    "quality": (20, 99),
    "depth_blur": (0, 1),
    "normals_augmentation": (0, 1),
    "trajectory_sparsity": (0, 1),
    "source_x": (-2, 2),
    "source_y": (-2, 2),
    "source_width": (0, 2),
    "source_height": (0, 2),
}


async def test_the_options_offer_the_values_that_there_are(commands: list[dict[str, Any]]):
    seen: set[str] = set()
    for option in (option for command in commands for option in command.get("options", [])):
        name = option["name"]
        if option["type"] == SUBCOMMAND:
            continue
        if name in CHOICES:
            assert [choice["value"] for choice in option["choices"]] == list(get_args(CHOICES[name])), name
        elif name in RANGES:
            assert (option["min_value"], option["max_value"]) == RANGES[name], name
        elif name == "prompt":
            assert (option["min_length"], option["max_length"]) == (1, 6000)
        else:
            continue
        seen.add(name)
    assert seen == {*CHOICES, *RANGES, "prompt"}


async def test_the_commands_are_registered_once_and_not_again_by_a_restart(house: House):
    await house.discord.registered()
    assert house.discord.command_writes == 1
    await house.restart()
    assert (await house.ask(house.member(), house.channel())).buttons
    assert house.discord.command_writes == 1


@dataclass
class Storm:
    """What was seen while the gateway did everything that Discord's may do. `served`: after which of it."""

    served: list[str] = field(default_factory=list[str])
    sockets: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    peers: int = 0  # connections to the gateway


@pytest.fixture(scope="module")
async def storm(house: House) -> Storm:
    """Op 7 and a cut connection, which resume; then op 9, after which the session begins anew."""
    gateway, seen = house.discord.gateway, Storm()
    resumed, identified, peers = gateway.resumes, gateway.identifies, len(gateway.peers)

    async def serve(after: str) -> None:
        bought = await house.buy(house.member(), house.channel())
        await house.results(bought.job_id)
        seen.served.append(after)

    async with _watch(house, seen.sockets):
        await gateway.reconnect()
        await gateway.resumed(resumes=resumed + 1)
        await serve("op 7")
        await gateway.drop()
        await gateway.resumed(resumes=resumed + 2)
        await serve("a cut")
        assert gateway.identifies == identified, "so far it is one session"
        await gateway.invalidate()
        await gateway.ready(identifies=identified + 1)
        await serve("op 9")
    seen.peers = len(gateway.peers) - peers
    return seen


async def test_it_serves_on_after_a_reconnect_a_cut_and_an_invalid_session(storm: Storm):
    assert storm.served == ["op 7", "a cut", "op 9"]
    assert storm.peers == 3


@pytest.mark.skipif(not HAS_PROC, reason="the system does not tell of a process's sockets")
async def test_every_socket_is_loopback_also_after_op_7_and_op_9(house: House, storm: Storm):
    """What the library falls back on is Discord's real gateway, so the bot sets it before it connects."""
    assert {address for _, address in storm.sockets} <= LOOPBACK, storm.sockets
    assert ("tcp", "127.0.0.1") in storm.sockets, "the watch saw what there is to see"
    assert {address for address, _ in house.discord.gateway.peers} <= LOOPBACK
    assert {request.peer for request in house.discord.requests} <= LOOPBACK


@asynccontextmanager
async def _watch(house: House, seen: set[tuple[str, str]]) -> AsyncGenerator[None]:
    """Collect the bot's sockets, many times a second."""

    async def look() -> None:
        while HAS_PROC:
            seen.update(house.bot.sockets())
            await asyncio.sleep(0.005)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
