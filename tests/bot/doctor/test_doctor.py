"""The doctor, run as operators run it: beside a bot that works, on a bare machine, and with each thing broken."""

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.doctor.platform import NEEDED, WANTED
from bot.words.speech import say
from cogs import gate
from sandbox.discord.permission import Permission
from sandbox.faults import Fault
from sandbox.sandbox import Sandbox
from tests.bot.test_health import free_port
from tests.bot.tool import Said, tool
from tests.house import House, open_house

NOBODY = "http://127.0.0.1:9"
LINE = re.compile(r"(✓ ok   |! look |✗ wrong) [\w./ ]+: \S.*")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house")) as house:
        bought = await house.buy(house.member(), house.channel())
        await house.results(bought.job_id)
        await house.quiet()
        yield house


@pytest.fixture
async def house(shared: House) -> AsyncIterator[House]:
    yield shared
    shared.discord.faults.clear()
    shared.runware.faults.clear()


def settings(sandbox: Sandbox, database: Path, **more: str) -> dict[str, str]:
    return sandbox.settings(database, **more)


async def doctor(house: House, **more: str) -> Said:
    """What it says of the house, whose bot runs. Whatever it says holds no key, and is a line each."""
    given = settings(house.sandbox, house.database, **more)
    said = await tool("bot.doctor", given, house.database.parent)
    everything = said.out + said.error
    assert "Traceback" not in everything
    for name in ("DISCORD_TOKEN", "RUNWARE_API_KEY"):
        assert given[name] not in everything
    assert said.error == ""
    assert [line for line in said.out.splitlines() if not LINE.fullmatch(line)] == []
    for line in said.out.splitlines():
        assert "→" in line or not line.startswith("✗"), line
    return said


async def test_all_is_well_beside_a_bot_that_works_and_nothing_is_changed(house: House) -> None:
    before = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (house.database,)]
    identified = house.discord.gateway.identifies
    said = await doctor(house)
    assert said.status == 0, said.out
    assert "✗" not in said.out
    for what in (
        "settings", "files", "disk", "database", "books", "DISCORD_TOKEN", "gateway", "permissions", "commands",
        "RUNWARE_API_KEY", "balance", "prices", "clock",
    ):  # fmt: skip
        assert any(line.startswith("✓ ok") for line in said.about(what)), f"{what} in {said.out}"
    assert "(1 jobs, 0 under way)" in said.out
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in (house.database,)] == before
    assert house.discord.gateway.identifies == identified
    assert house.bot.is_running


async def test_a_machine_with_nothing_on_it_hears_of_everything_at_once_in_time(tmp_path: Path) -> None:
    offline = {
        "RUNWARE_CONTENT_URL": NOBODY,
        "RUNWARE_API_URL": NOBODY,
        "DISCORD_API_URL": NOBODY,
        "MAX_JOBS": "many",
    }
    said = await tool("bot.doctor", offline, tmp_path)
    assert said.status == 1
    assert [line.split()[2] for line in said.out.splitlines() if line.startswith("✗")] == [
        "DISCORD_TOKEN:", "RUNWARE_API_KEY:", "MAX_JOBS:",
    ]  # fmt: skip
    assert said.about("database")[0].startswith("! look there is none at")
    assert said.about("Discord") == ["! look it was not asked, since DISCORD_TOKEN is missing or wrong"]
    assert os.listdir(tmp_path) == []  # noqa: PTH208


async def test_it_takes_no_words(tmp_path: Path) -> None:
    said = await tool("bot.doctor", {}, tmp_path, "--fix")
    assert (said.status, said.out) == (2, "")


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "RUNWARE_API_KEY"])
async def test_a_key_that_is_refused_hides_nothing_else(house: House, name: str) -> None:
    said = await doctor(house, **{name: "a-key-that-nobody-may-see"})
    assert said.status == 1
    assert said.about(name)[0].startswith("✗ wrong ")
    other = ({"DISCORD_TOKEN", "RUNWARE_API_KEY"} - {name}).pop()
    assert said.about(other)[0].startswith("✓ ok ")
    assert "a-key-that-nobody-may-see" not in said.out


@pytest.mark.parametrize("name", ["DISCORD_API_URL", "RUNWARE_API_URL"])
async def test_a_service_that_does_not_answer(house: House, name: str) -> None:
    said = await doctor(house, **{name: NOBODY})
    assert said.status == 1
    assert said.about("Discord" if name == "DISCORD_API_URL" else "provider")[0].startswith(
        "✗ wrong it does not answer"
    )


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("GET /users/@me", b"<html>"),
        ("GET /users/@me", b"[]"),
        ("GET /gateway/bot", b"{}"),
        ("GET /users/@me/guilds", b'[{"id": 1}]'),
        ("GET /applications/{application}/commands", b"7"),
    ],
)
async def test_an_answer_that_cannot_be_read_hides_nothing_else(house: House, operation: str, body: bytes) -> None:
    house.discord.faults.add(operation, Fault(status=200, body=body, headers={"Content-Type": "application/json"}))
    said = await doctor(house)
    assert said.about("Discord") or said.about("commands")[0].startswith(("!", "✗")), said.out
    assert said.about("RUNWARE_API_KEY")[0].startswith("✓ ok")


async def test_a_gateway_that_is_none(house: House) -> None:
    body = {
        "url": "ws://127.0.0.1:9",
        "shards": 1,
        "session_start_limit": {"remaining": 3, "reset_after": 3_600_000},
    }
    house.discord.faults.add("GET /gateway/bot", Fault(status=200, body=json.dumps(body).encode()))
    said = await doctor(house)
    assert said.status == 1
    assert said.about("gateway")[0].startswith("✗ wrong it cannot be reached")


@pytest.mark.parametrize(
    ("taken", "mark"), [(Permission.SEND_MESSAGES, "✗ wrong"), (Permission.ATTACH_FILES, "! look")]
)
async def test_a_permission_that_is_missing_is_named_with_its_server(
    house: House, taken: Permission, mark: str
) -> None:
    roles = list(house.server.roles.values())
    before = [role.permissions for role in roles]
    for role in roles:
        role.permissions &= ~(taken | Permission.ADMINISTRATOR)
    try:
        said = await doctor(house)
    finally:
        for role, permissions in zip(roles, before, strict=True):
            role.permissions = permissions
    [line] = [line for line in said.about("permissions") if "lacks" in line]
    assert line.startswith(mark)
    assert str(house.server.id) in line
    assert ("Send Messages" if mark == "✗ wrong" else "Attach Files") in line


def test_the_permissions_that_are_looked_at_are_those_that_are_asked_for() -> None:
    assert sorted(NEEDED.values()) == sorted(map(say, gate.NEEDED.values()))
    assert sorted(WANTED.values()) == sorted(map(say, gate.WANTED.values()))
    for bit, name in (NEEDED | WANTED).items():
        assert Permission[name.upper().replace(" ", "_")] == bit


async def test_a_server_of_the_settings_in_which_the_bot_is_not(house: House) -> None:
    said = await doctor(house, ALLOWED_SERVERS=f"{house.server.id}, 42")
    assert said.about("ALLOWED_SERVERS")[0].startswith("! look the bot is not in 42")


async def test_commands_that_another_program_has_replaced(house: House) -> None:
    theirs = house.discord.commands.registered()
    try:
        house.discord.commands.replace(None, [command for command in theirs if command["name"] != "jobs"])
        said = await doctor(house)
        assert said.status == 1
        assert "/jobs" in said.about("commands")[0]
        await house.restart()  # and that is what mends it
        assert (await doctor(house)).status == 0
    finally:
        house.discord.commands.replace(None, theirs)


async def test_a_balance_that_runs_low(house: House) -> None:
    before = house.runware.balance
    house.runware.balance = type(before)("1.20")
    try:
        assert (await doctor(house)).about("balance")[0].startswith("! look $1.20 are left")
    finally:
        house.runware.balance = before


@pytest.mark.parametrize(("seconds", "mark"), [(-3600, "✗ wrong"), (20, "! look")])
async def test_a_clock_that_is_wrong(house: House, seconds: int, mark: str) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(seconds=seconds), usegmt=True)
    for server, operation in ((house.discord.faults, "GET /users/@me"), (house.runware.faults, "pricing")):
        server.add(operation, Fault(status=503, headers={"Date": date}))
    said = await doctor(house)
    assert any(line.startswith(f"{mark} it is ") for line in said.about("clock")), said.out
    assert ("ahead of" if seconds > 0 else "behind") in said.out


async def test_the_answer_of_the_bot_itself_says_nothing_of_the_clock_that_it_shares(house: House) -> None:
    """Something at /health, and nobody else who answers."""

    async def well(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_get("/health", well)
    port = free_port()
    async with TestServer(app, port=port):
        nobody = {"RUNWARE_CONTENT_URL": NOBODY, "RUNWARE_API_URL": NOBODY, "DISCORD_API_URL": NOBODY}
        said = await doctor(house, HEALTH=f"127.0.0.1:{port}", **nobody)
    assert said.about("health") == ["✓ ok the bot runs, and says that it is well"]
    assert [line.partition(":")[0] for line in said.about("clock")] == ["! look it could not be compared"]


def priced(configuration: str, price: object) -> dict[str, object]:
    return {"configuration": configuration, "price": price, "competitorPrice": None}


PRICES: list[tuple[Any, str]] = [
    (
        [priced("Text/image to video · 720p · 5s", "$0.31")],
        "✗ wrong Text/image to video · 720p · 5s: $0.31 there, $0.30",
    ),
    ([priced("Video edit . 720p . 5s", 1.08)], "✓ ok all 1 that the provider publishes"),
    ([priced("Hologram . 720p . 5s", "$1")], "! look 1 published prices could not be read: Hologram"),
    ([priced("HDR . 720p . 5s", "ask us")], "! look 1 published prices could not be read"),
    ([7, None, []], "! look 3 published prices could not be read"),
    ("soon", "! look "),
    (None, "! look "),
]


@pytest.mark.parametrize(("examples", "says"), PRICES)
async def test_published_prices(house: House, examples: Any, says: str) -> None:
    body = json.dumps({"air": "luma:ray@3.2", "pricingExamples": examples}).encode()
    house.runware.faults.add("pricing", Fault(status=200, body=body))
    said = await doctor(house)
    assert any(line.startswith(says) for line in said.about("prices")), said.out
    assert said.status == int(says.startswith("✗"))


@pytest.mark.parametrize("fault", [Fault(), Fault(status=404), Fault(status=200, body=b"<html>")])
async def test_prices_that_cannot_be_read_are_said_not_to_have_been_compared(house: House, fault: Fault) -> None:
    house.runware.faults.add("pricing", fault)
    said = await doctor(house)
    assert said.status == 0
    assert all(line.startswith("! look") for line in said.about("prices"))
    assert "by hand" in said.out or "compare https://" in said.out


async def test_a_file_that_others_can_read(house: House) -> None:
    dotenv = house.database.parent / ".env"
    dotenv.write_text("LOG_LEVEL=INFO\n")
    dotenv.chmod(0o644)
    try:
        said = await doctor(house)
        assert said.status == 1
        assert said.about("files")[0].startswith("✗ wrong others can read .env → chmod go= .env")
    finally:
        dotenv.unlink()


async def test_a_file_of_settings_that_is_no_text(house: House) -> None:
    dotenv = house.database.parent / ".env"
    dotenv.write_bytes("LOG_LEVEL=INFO # größer".encode("latin-1"))
    dotenv.chmod(0o600)
    try:
        said = await doctor(house)
        assert said.status != 0
        [line] = said.about(".env")
        assert line.endswith("→ save .env as UTF-8 text; it was read as if it were not there")
    finally:
        dotenv.unlink()


async def test_a_database_with_nothing_in_it_yet(house: House, tmp_path: Path) -> None:
    (tmp_path / "raybot.db").touch()
    said = await doctor(house, DATABASE_URL=f"sqlite:///{tmp_path / 'raybot.db'}")
    [line] = said.about("database")
    assert line.startswith("! look there is nothing in it yet")


DAMAGE = {
    "have no hold, or two": "DELETE FROM ledger WHERE kind = 'hold'",
    "hold something else than their quote": "UPDATE ledger SET amount = amount + 1 WHERE kind = 'hold'",
    "are over without their one outcome": "UPDATE jobs SET state = 'failed', reason = 'broken'",
    "settle or release another amount": "UPDATE ledger SET amount = amount * 2 WHERE kind = 'settle'",
    "were billed another sum": "UPDATE results SET cost = cost + 1",
}


@pytest.mark.parametrize("what", DAMAGE)
async def test_books_that_are_not_in_order(house: House, tmp_path: Path, what: str) -> None:
    """Behind the schema's back, in a copy."""
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(house.database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        for [trigger] in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            target.execute(f"DROP TRIGGER {trigger}")
        target.execute(DAMAGE[what])
        target.commit()
    copy.chmod(0o600)
    said = await doctor(house, DATABASE_URL=f"sqlite:///{copy}")
    assert said.status == 1
    assert what in said.about("books")[0]
    assert house.rows("SELECT id FROM jobs")[0]["id"] in said.about("books")[0]


@pytest.mark.parametrize("content", [b"a diary", b"SQLite format 3\0" + b"\xff" * 8000])
async def test_a_database_that_is_none(house: House, tmp_path: Path, content: bytes) -> None:
    strange = tmp_path / "strange.db"
    strange.write_bytes(content)
    strange.chmod(0o600)
    said = await doctor(house, DATABASE_URL=f"sqlite:///{strange}")
    assert said.status == 1
    assert any(line.startswith("✗ wrong") for line in said.about("database"))
    assert strange.read_bytes() == content


async def test_no_folder_that_is_not_the_bots_is_to_be_closed(tmp_path: Path) -> None:
    """Its owner alone may then enter it, and that may be the whole machine's."""
    others = tmp_path / "others"
    others.mkdir(mode=0o755)
    settings = {"DATABASE_URL": f"sqlite:///{others}", "MEDIA_DIR": str(others)}
    said = await tool("bot.doctor", settings, tmp_path)
    assert "chmod" not in said.out
