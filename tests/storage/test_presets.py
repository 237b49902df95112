"""Presets, policies and kinds as they are stored."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.choices import Choices
from bot.domain.policy import Policy
from bot.domain.preset import MOST_PRESETS, Preset, TooManyPresets
from bot.domain.rules import OF_POLICY, SETTABLE, Kind
from storage import limits, policies, presets
from storage.database import Database, rows

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HERE, ELSEWHERE, ADA, LINUS = 1, 2, 3, 4


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with Database.open(tmp_path / "raybot.db") as database:
        yield database


async def test_a_preset_is_found_by_its_name_in_any_case_by_its_member_in_its_server(database: Database) -> None:
    mine = Preset("Straße", Choices(resolution="360p", hdr=False, quality=40))
    async with database.transaction() as tx:
        assert await presets.save(tx, HERE, ADA, mine, at=NOW)
        assert not await presets.save(tx, HERE, ADA, mine, at=NOW)
    assert await presets.get(database.read, HERE, ADA, "STRASSE") == mine
    for server, member in ((HERE, LINUS), (ELSEWHERE, ADA)):
        assert await presets.get(database.read, server, member, "Straße") is None
        assert await presets.of_member(database.read, server, member) == []


async def test_the_twenty_first_is_refused_and_nothing_is_lost(database: Database) -> None:
    for n in range(MOST_PRESETS):
        async with database.transaction() as tx:
            await presets.save(tx, HERE, ADA, Preset(f"p{n}", Choices(count=2)), at=NOW)
    with pytest.raises(TooManyPresets):
        async with database.transaction() as tx:
            await presets.save(tx, HERE, ADA, Preset("more", Choices(count=2)), at=NOW)
    assert len(await presets.of_member(database.read, HERE, ADA)) == MOST_PRESETS
    async with database.transaction() as tx:
        assert await presets.delete(tx, HERE, ADA, "P7")
        assert not await presets.delete(tx, HERE, ADA, "P7")
        assert await presets.save(tx, HERE, ADA, Preset("more", Choices(count=2)), at=NOW)


async def test_the_kinds_that_are_stored_are_those_of_the_domain(database: Database) -> None:
    found = {row["kind"]: bool(row["lasts"]) for row in await rows(database.read, "SELECT * FROM kinds")}
    assert found == {str(kind): kind in SETTABLE for kind in Kind}


VALUES = {
    Kind.RESOLUTION: ("360p", "360p"),
    Kind.ASPECT_RATIO: ("9:16", "9:16"),
    Kind.DURATION: ("10", 10),
    Kind.FORMAT: ("WEBM", "WEBM"),
    Kind.QUALITY: ("40", 40),
    Kind.RESOLUTIONS: ("360p, 540p", ("360p", "540p")),
    Kind.KINDS: ("text, edit", ("text", "edit")),
    Kind.SAFETY: ("full", "full"),
    Kind.FLAGGED: ("spoiler", "spoiler"),
    Kind.CHANNELS: ("7 8", (7, 8)),
    Kind.RESULTS_CHANNEL: ("9", 9),
    Kind.BLOCKED_WORDS: ("ice cream, zombie", ("ice cream", "zombie")),
}


@pytest.mark.parametrize("kind", OF_POLICY)
async def test_each_setting_is_in_force_until_it_inherits_again(database: Database, kind: Kind) -> None:
    written, read = VALUES[kind]
    for value, expected in ((written, read), (None, getattr(Policy(), OF_POLICY[kind]))):
        async with database.transaction() as tx:
            await limits.change(tx, HERE, kind, None, value, actor_id=ADA, reason="", at=NOW)
        assert getattr(await policies.in_force(database.read, HERE), OF_POLICY[kind]) == expected
        assert await policies.in_force(database.read, ELSEWHERE) == Policy()


@pytest.mark.parametrize("kind", OF_POLICY)
async def test_what_could_not_be_read_again_is_not_stored(database: Database, kind: Kind) -> None:
    for nonsense in ("", "!", ",", "?" * 50):
        with pytest.raises(ValueError, match=r"\w"):
            async with database.transaction() as tx:
                await limits.change(tx, HERE, kind, None, nonsense, actor_id=ADA, reason="", at=NOW)
    assert await policies.in_force(database.read, HERE) == Policy()
