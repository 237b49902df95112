"""What is documented is so: settings, commands, prices, permissions, the map, links, and the list of decisions.

A new setting, command, option, price or file fails here until the README has it.
"""

import importlib
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, get_args

import discord
import pytest
from discord import app_commands
from discord.ext import commands
from dotenv import dotenv_values

from bot.app import COGS
from bot.domain.price import PRICE_LISTS, EditClass, Figure, Look
from bot.domain.request import HDR_RESOLUTIONS, Duration
from bot.domain.size import Resolution
from bot.words.speech import say
from cogs import menus
from cogs.gate import NEEDED, WANTED

ROOT: Final = Path(__file__).parent.parent
README: Final = (ROOT / "README.md").read_text("utf-8")
DECISIONS: Final = ROOT / "docs" / "decisions"
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FOLDERS: Final = ("bot", "cogs", "storage")

Command = app_commands.Command[Any, ..., Any]


def section(heading: str) -> str:
    """The README's text under a heading, up to the next one of the same level."""
    level = heading.split()[0]
    return README.split(f"{heading}\n", 1)[1].split(f"\n{level} ", 1)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, without heads and backticks."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip().replace("`", "") for cell in line] for line in lines]
    heads = {i for i, line in enumerate(cells[1:]) if set("".join(line)) <= {"-"}}
    return [line for i, line in enumerate(cells) if i not in heads and i - 1 not in heads]


def registered() -> list[Command]:
    """Every slash command of every cog, those in groups included."""
    found: list[Command] = []
    for name in COGS:
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, commands.CogMeta) and value.__module__ == name:
                for each in value.__cog_app_commands__:
                    walk = each.walk_commands() if isinstance(each, app_commands.Group) else [each]
                    found += [command for command in walk if isinstance(command, app_commands.Command)]
    return found


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    example = dotenv_values(ROOT / ".env.example", interpolate=False)
    assert {name: default for name, default, _ in rows(section("## Settings"))} == example


def test_every_command_stands_in_the_readme() -> None:
    names = [f"/{command.qualified_name}" for command in registered()]
    assert len(names) >= 2
    assert re.findall(r"^\*\*`(/[a-z ]+)`\*\*", section("## Commands"), re.MULTILINE) == names


def test_every_menu_of_a_message_stands_in_the_readme() -> None:
    found = [menu.name for menu in vars(menus).values() if isinstance(menu, app_commands.ContextMenu)]
    assert len(found) >= 3
    [told] = [part for part in section("## Commands").split("\n\n") if part.startswith("**On a message**")]
    assert re.findall(r"\*\*([A-Z][a-z ]+ this [a-z]+)\*\*", told) == found


@pytest.mark.parametrize("command", registered(), ids=lambda command: command.qualified_name)
def test_every_option_stands_in_the_readme_with_its_values_and_its_default_first(command: Command) -> None:
    told = re.split(r"^\*\*`/", section("## Commands"), flags=re.MULTILINE)
    [mine] = [part for part in told if part.startswith(f"{command.qualified_name}`")]
    options = {
        name: values for names, values, *_ in rows(re.split(r"\n\n\| Price", mine)[0]) for name in _names(names)
    }
    assert options == {option.display_name: _values(option) for option in command.parameters}


def _names(cell: str) -> list[str]:
    """The options of a row: one, or a series such as `keyframe_1 to keyframe_10`."""
    series = re.fullmatch(r"(\w+_)(\d+) to \1(\d+)", cell)
    return [f"{series[1]}{n}" for n in range(int(series[2]), int(series[3]) + 1)] if series else [cell]


def _values(option: app_commands.Parameter) -> str:
    match option.type:
        case discord.AppCommandOptionType.attachment:
            return "a file"
        case discord.AppCommandOptionType.user:
            return "a member"
        case discord.AppCommandOptionType.role:
            return "a role"
        case discord.AppCommandOptionType.channel:
            return "a channel"
        case discord.AppCommandOptionType.boolean:
            choices: list[Any] = [False, True]
        case _:
            choices = [choice.value for choice in option.choices]
    if choices:
        return ", ".join(str(each) for each in sorted(choices, key=lambda each: each != option.default))
    if option.type is discord.AppCommandOptionType.string:
        return f"up to {option.max_value:,} characters"
    return f"from {option.min_value:g} to {option.max_value:g}"


COLUMNS: list[tuple[Look, Duration | EditClass]] = [
    ("SDR", 5),
    ("SDR", 10),
    ("HDR", 5),
    ("HDR", 10),
    ("HDR+EXR", 5),
    ("HDR+EXR", 10),
]


def test_the_prices_in_the_readme_are_those_in_force() -> None:
    """Those that can be asked for: an HDR edit at 360p has a price, and cannot be made."""
    prices = PRICE_LISTS[-1]
    shown = {(name, *cells) for name, *cells in rows(section("## Commands")) if name in get_args(Resolution)}
    expected: set[tuple[str, ...]] = set()
    for resolution in get_args(Resolution):
        hdr = resolution in HDR_RESOLUTIONS
        edited: list[Any] = [(look, resolution, seconds) for look, seconds in COLUMNS]
        made = [each for each in edited if each[2] == 5 or each[0] == "SDR"]
        expected.add((resolution, *(_amount(prices.generation.get(each)) for each in made)))
        expected.add(
            (resolution, *(_amount(prices.edit[each]) if hdr or each[0] == "SDR" else "" for each in edited))
        )
        expected.add((resolution, _amount(prices.reframe[resolution])))
    assert shown == expected
    assert f"As published on {prices.checked}." in README


def _amount(figure: Figure | None) -> str:
    return str(figure.amount) if figure else ""


def test_every_command_of_run_stands_in_the_readme_and_no_other_in_any_page() -> None:
    script = (ROOT / "run").read_text("utf-8")
    there_are = set(re.findall(r"^([a-z]+)\)$", script, re.MULTILINE))
    assert there_are == set(re.findall(r"\./run ([a-z]+)", README))
    for page in PAGES:
        assert set(re.findall(r"`\./run ([a-z]+)", page.read_text("utf-8"))) <= there_are, page


def test_the_invite_link_asks_for_exactly_the_permissions_that_are_needed() -> None:
    [link] = re.findall(r"<(https://discord\.com/oauth2/authorize\?.*?)>", README)
    needed = discord.Permissions(**dict.fromkeys([*NEEDED, *WANTED], True)).value
    assert link == (
        "https://discord.com/oauth2/authorize?client_id=YOUR_APPLICATION_ID"
        f"&scope=bot+applications.commands&permissions={needed}"
    )
    around = section("## Run it for real")
    assert [key for key in (*NEEDED.values(), *WANTED.values()) if say(key) not in around] == []


def mapped() -> Iterator[str]:
    """The paths in the README's map: a name's indentation says in which folder it lies."""
    folders: list[str] = []
    for line in section("## The house").split("```")[1].strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        yield "".join([*folders[:depth], name])
        folders[depth:] = [name]


def test_every_path_in_the_map_exists_and_is_a_folder_where_it_says_so() -> None:
    paths = list(mapped())
    assert len(paths) == len(set(paths))
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [path for path in paths if (ROOT / path).is_dir() != path.endswith("/")] == []


def test_every_file_of_the_program_stands_in_the_map() -> None:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.suffix in (".py", ".sql")]
    modules = {str(file.relative_to(ROOT)) for file in files if file.name != "__init__.py"}
    assert modules - set(mapped()) == set()
    assert [file for file in files if file.name == "__init__.py" and file.stat().st_size] == []


def test_every_path_and_every_test_that_a_page_names_exists() -> None:
    named = rf"`((?:{'|'.join(FOLDERS)}|sandbox|tests|docs|\.ci)/[\w./-]*)(?:::(\w+))?`"
    wrong: list[str] = []
    for page in PAGES:
        for path, test in re.findall(named, page.read_text("utf-8")):
            file = ROOT / path
            if not file.exists() or (test and f"def {test}(" not in file.read_text("utf-8")):
                wrong.append(f"{page.name}: {path} {test}")
    assert wrong == []


def test_links_between_the_pages_lead_somewhere() -> None:
    wrong: list[str] = []
    links = 0
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            links += 1
            if "://" not in target and not (page.parent / target).exists():
                wrong.append(f"{page.name}: {target}")
    assert links > len(list(DECISIONS.glob("0*.md")))
    assert wrong == []


def test_decisions_are_numbered_without_gaps_and_listed_by_their_titles() -> None:
    listed = (DECISIONS / "README.md").read_text("utf-8")
    files = sorted(DECISIONS.glob("[0-9]*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    entries = [f"{file.read_text('utf-8').splitlines()[0].removeprefix('# ')}" for file in files]
    lines = [
        f"{number}. [{title.removeprefix(f'{number}. ')}]({file.name})"
        for number, (title, file) in enumerate(zip(entries, files, strict=True), start=1)
    ]
    assert [line for line in listed.splitlines() if re.match(r"\d", line)] == lines
    assert all(re.fullmatch(rf"{number}\. .+", title) for number, title in enumerate(entries, start=1))


def test_every_decision_has_its_context_its_decision_and_its_consequences_in_this_order() -> None:
    for file in DECISIONS.glob("[0-9]*.md"):
        text = file.read_text("utf-8")
        places = [text.find(f"\n**{word}.** ") for word in ("Context", "Decision", "Consequences")]
        assert all(0 < one < other for one, other in pairwise(places)), file.name
