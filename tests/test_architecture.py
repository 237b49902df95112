"""Imports point one way, as README and DESIGN draw them. The files are read, not run."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PACKAGES: Final = ("bot", "cogs", "storage", "sandbox", "bench")


@dataclass(frozen=True)
class Rule:
    """The modules that `of` covers import the standard library, what `allows` names, and nothing else.

    A name covers itself and what lies below it. `of`: the most telling rule counts, the one with the longest name.
    """

    of: str
    allows: tuple[str, ...]


RULES: Final = (
    Rule("bot.words", ("bot.words",)),
    Rule("bot.domain", ("bot.domain", "bot.words")),
    Rule("bot.runware", ("bot.domain", "bot.runware", "httpx", "anyio")),
    Rule("bot.media", ("bot.domain", "bot.media", "bot.words", "bot.uninterrupted", "av")),
    Rule("bot.hosts", ()),
    Rule("bot.fetch", ("bot.domain", "bot.words", "bot.hosts", "bot.newfile", "httpx")),
    Rule("bot.chart", ("bot.domain", "bot.words", "matplotlib")),
    Rule("bot.settings", ("bot.domain", "bot.hosts", "dotenv")),
    Rule("bot.doctor", ("bot", "storage", "httpx", "aiohttp")),
    Rule("bot.health", ("bot", "storage", "aiohttp")),
    Rule("bot.unreadable", ("bot.app", "bot.words", "discord")),
    Rule("bot.app", ("bot", "storage", "discord", "aiohttp", "yarl")),
    Rule("bot", ("bot", "storage")),
    Rule("storage", ("bot.domain", "bot.words", "storage", "aiosqlite", "filelock")),
    Rule("cogs", ("cogs", "bot", "storage", "discord", "aiohttp")),
    Rule("bench", ("bench", "bot", "storage", "sandbox")),
    Rule("bench.peers", ("discord", "yarl", "runware")),
    Rule("sandbox", ("sandbox", "aiohttp", "PIL", "av", "jsonschema_rs")),
)


def covers(name: str, module: str) -> bool:
    return module == name or module.startswith(f"{name}.")


def rule_of(module: str) -> Rule:
    return max((rule for rule in RULES if covers(rule.of, module)), key=lambda rule: len(rule.of))


def imports(source: str, module: str, *, is_package: bool = False) -> Iterator[str]:
    """The full name of everything that the source imports: at the top, in functions, for types, or by a string."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(origin, names, level):
                if level:
                    above = module.split(".")[: -level + is_package or None]
                    origin = ".".join([*above, *([origin] if origin else [])])
                yield from (f"{origin}.{alias.name}" for alias in names)
            case ast.Call(ast.Name("__import__" | "import_module") | ast.Attribute(_, "import_module"), [name, *_]):
                yield str(name.value) if isinstance(name, ast.Constant) else "a name that is only known at run time"
            case _:
                continue


def broken(sources: Mapping[str, str]) -> list[str]:
    """Each import that points the wrong way. `sources`: by module; the name of a package ends in a dot."""
    return [
        f"{module.rstrip('.')} imports {name}"
        for module, source in sources.items()
        for name in imports(source, module.rstrip("."), is_package=module.endswith("."))
        if not is_allowed(name, rule_of(module.rstrip(".")))
    ]


def is_allowed(name: str, rule: Rule) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names or any(
        covers(allowed, name) for allowed in rule.allows
    )


def the_house() -> dict[str, str]:
    """Every file of ours, by its module's name."""
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).replace("__init__", ""): file.read_text("utf-8")
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
    }


def test_imports_point_one_way() -> None:
    assert broken(the_house()) == []


def test_every_floor_of_the_house_was_read() -> None:
    """A folder that is missing here would pass unread."""
    read = the_house()
    for module in (
        "bot.",
        "bot.domain.job",
        "bot.runware.client",
        "storage.jobs",
        "cogs.generate",
        "sandbox.discord.rest",
    ):
        assert module in read
    assert {module.partition(".")[0] for module in read} == set(PACKAGES)
    assert all(read[module] == "" for module in ("bot.", "bot.domain.", "storage.", "cogs.", "sandbox."))


def test_only_cogs_and_the_composition_root_know_discord() -> None:
    """Said again, apart from the rules: whoever edits those has to come past here."""
    knowing = {
        module
        for module, source in the_house().items()
        if any(
            covers("discord", name) for name in imports(source, module.rstrip("."), is_package=module.endswith("."))
        )
    }
    assert "cogs.delivery" in knowing
    elsewhere = {module for module in knowing if not covers("cogs", module) and not covers("bench.peers", module)}
    assert elsewhere == {"bot.app", "bot.unreadable"}


WRONG: list[tuple[str, str, str]] = [
    # the module, what somebody writes there, and what it would import
    ("bot.words.speech", "from bot.domain.money import Usd", "bot.domain.money.Usd"),
    ("bot.domain.price", "import httpx", "httpx"),
    ("bot.domain.price", "from storage import jobs", "storage.jobs"),
    ("bot.domain.price", "from bot.runware.task import body", "bot.runware.task.body"),
    ("bot.domain.price", "from bot import checkout", "bot.checkout"),
    ("bot.domain.price", "import bot", "bot"),  # from there everything can be reached
    ("bot.domain.price", "from .. import checkout", "bot.checkout"),
    ("bot.domain.price", "from ..runware import task", "bot.runware.task"),
    ("bot.domain.", "from ..runware import task", "bot.runware.task"),
    ("bot.domain.price", "from discord import Embed", "discord.Embed"),
    ("bot.domainish", "import httpx", "httpx"),  # a name that only looks like it
    ("bot.runware.client", "import aiohttp", "aiohttp"),
    ("bot.runware.client", "from storage.database import Tx", "storage.database.Tx"),
    ("bot.runware.client", "from bot.settings import Settings", "bot.settings.Settings"),
    ("bot.runware.client", "import discord", "discord"),
    ("storage.jobs", "from bot.checkout import Checkout", "bot.checkout.Checkout"),
    ("storage.jobs", "from bot.runware.report import Report", "bot.runware.report.Report"),
    ("storage.jobs", "import httpx", "httpx"),
    ("storage.jobs", "from cogs import text", "cogs.text"),
    ("bot.runner", "from cogs.delivery import Delivery", "cogs.delivery.Delivery"),
    ("bot.runner", "import discord", "discord"),
    ("bot.runner", "import httpx", "httpx"),
    ("bot.checkout", "import aiosqlite", "aiosqlite"),
    ("bot.doctor.platform", "import discord", "discord"),
    ("bot.doctor.platform", "from cogs.gate import NEEDED", "cogs.gate.NEEDED"),
    ("bot.health", "import discord", "discord"),
    ("bot.app", "import cogs.delivery", "cogs.delivery"),
    ("bot.unreadable", "import cogs.errors", "cogs.errors"),
    ("bot.app", "from sandbox.clock import Clock", "sandbox.clock.Clock"),
    ("bot.chart", "def f():\n    import numpy", "numpy"),
    ("bot.settings", "from storage import database", "storage.database"),
    ("bot.fetch", "from bot.settings import Settings", "bot.settings.Settings"),
    ("bot.fetch", "import aiohttp", "aiohttp"),
    ("bot.hosts", "from bot.settings import Settings", "bot.settings.Settings"),
    ("cogs.generate", "from sandbox import faults", "sandbox.faults"),
    ("cogs.generate", "from tests.house import House", "tests.house.House"),
    ("cogs.generate", "import httpx", "httpx"),
    ("sandbox.runware.rules", "from bot.domain.request import SIZES", "bot.domain.request.SIZES"),
    ("sandbox.discord.rest", "import discord", "discord"),
    ("sandbox.discord.rest", "from cogs import text", "cogs.text"),
    ("sandbox.discord.rest", "import storage.database as db", "storage.database"),
    ("sandbox.discord.rest", "from ...bot import app", "bot.app"),
    ("bench.commands", "import discord", "discord"),
    ("bench.commands", "from tests.house import House", "tests.house.House"),
    ("bench.peers.bare", "from bot.app import Raybot", "bot.app.Raybot"),
    ("bot.app", "from bench.figures import Line", "bench.figures.Line"),
    # wherever it is written
    ("storage.jobs", "def f():\n    import discord", "discord"),
    ("storage.jobs", "if TYPE_CHECKING:\n    from cogs import text", "cogs.text"),
    ("storage.jobs", "try:\n    import orjson\nexcept ImportError: pass", "orjson"),
    ("storage.jobs", "import importlib\nimportlib.import_module('cogs.text')", "cogs.text"),
    ("storage.jobs", "from importlib import import_module\nimport_module('cogs.text')", "cogs.text"),
    ("storage.jobs", "__import__('discord')", "discord"),
    ("storage.jobs", "__import__(name)", "a name that is only known at run time"),
]


@pytest.mark.parametrize(("module", "source", "name"), WRONG)
def test_an_import_that_points_the_wrong_way_is_seen(module: str, source: str, name: str) -> None:
    assert broken({module: source}) == [f"{module.rstrip('.')} imports {name}"]


def test_every_rule_is_broken_above() -> None:
    assert {rule_of(module.rstrip(".")).of for module, *_ in WRONG} | {"bot.media"} == {rule.of for rule in RULES}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.domain.price", "import json, sqlite3\nfrom collections.abc import Mapping\nfrom . import money"),
        (
            "bot.domain.price",
            "from bot.domain.money import Usd\nfrom bot.domain import limit\nfrom .money import Usd",
        ),
        ("bot.domain.", "from . import money\nfrom .money import Usd"),
        ("bot.runware.client", "import httpx\nfrom bot.domain.job import Reason\nfrom bot.runware import report"),
        ("storage.jobs", "import aiosqlite\nfrom storage import posts\nfrom bot.domain.job import Job"),
        ("bot.checkout", "from storage import jobs\nfrom bot.runware.task import body"),
        ("bot.app", "import discord\nfrom discord.ext import commands\nfrom storage.database import Database"),
        (
            "cogs.text",
            "import discord\nfrom bot.app import Raybot\nfrom storage import jobs\nfrom cogs import gate",
        ),
        ("sandbox.discord.rest", "from sandbox.discord import wire\nfrom aiohttp import web\nfrom . import errors"),
    ],
)
def test_an_import_that_points_the_right_way_passes(module: str, source: str) -> None:
    assert broken({module: source}) == []


DISCORDS = ("<t:", "<@", "<#", "**", "/generate", "/jobs")
"""Markup and commands of Discord's: words for members are dressed in cogs/."""


def speaks_discord(source: str) -> list[str]:
    """The marks of Discord's in a module's strings, docstrings left aside."""
    strings = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value
    ]
    return [mark for mark in DISCORDS if any(mark in string for string in strings)]


def test_the_domain_speaks_no_discord() -> None:
    """Imports cannot show it: a sentence can carry Discord's markup into a room that knows no Discord."""
    assert speaks_discord('says = f"resets <t:{when}:R>, see /jobs"') == ["<t:", "/jobs"]
    for file in sorted((ROOT / "bot" / "domain").glob("*.py")):
        assert speaks_discord(file.read_text("utf-8")) == [], file.name
