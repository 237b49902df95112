"""What a menu was used on is kept for an hour, for one member in one server, and never more than five of them."""

from datetime import timedelta

from storage import targets
from storage.database import Tx
from storage.targets import KEPT_FOR, MOST_MEDIA, MOST_OF_A_MEMBER, Medium, Target
from tests.storage.story import NOW

FOX = Medium("https://a.example/fö\U0001f98a.png?x='\"", "fox.png", True, 640, 360)
HERON = Medium("https://b.example/heron.png", "heron.png", False)


async def test_it_is_read_back_as_it_was_shown_with_what_was_entered_last(tx: Tx) -> None:
    added = await targets.add(tx, 1, 2, [FOX, HERON], at=NOW)
    assert added == Target(added.id, (FOX, HERON))
    assert await targets.get(tx, added.id, 1, 2, now=NOW) == added
    for prompt in ("rain", "half a \ud83e character, and \x00"):
        await targets.enter(tx, added.id, {"prompt": prompt})
        found = await targets.get(tx, added.id, 1, 2, now=NOW)
        assert found == Target(added.id, (FOX, HERON), {"prompt": prompt})


async def test_the_longest_form_that_can_be_sent_is_kept(tx: Tx) -> None:
    long = Medium("https://" + "é" * 1_992, "\U0001f98a" * 50, False)
    added = await targets.add(tx, 1, 2, [long] * 20, at=NOW)
    assert len(added.media) == MOST_MEDIA
    entered = dict.fromkeys("abcde", "\U0001f98a" * 4_000)
    await targets.enter(tx, added.id, entered)
    assert await targets.get(tx, added.id, 1, 2, now=NOW) == Target(added.id, (long,) * MOST_MEDIA, entered)


async def test_it_is_one_members_in_one_server(tx: Tx) -> None:
    added = await targets.add(tx, 1, 2, [FOX], at=NOW)
    assert await targets.get(tx, added.id, 1, 3, now=NOW) is None
    assert await targets.get(tx, added.id, 9, 2, now=NOW) is None
    assert await targets.get(tx, "0" * 16, 1, 2, now=NOW) is None


async def test_after_an_hour_it_is_not_found_and_the_next_one_clears_it_away(tx: Tx) -> None:
    added = await targets.add(tx, 1, 2, [FOX], at=NOW)
    assert await targets.get(tx, added.id, 1, 2, now=NOW + KEPT_FOR) == added
    later = NOW + KEPT_FOR + timedelta(microseconds=1)
    assert await targets.get(tx, added.id, 1, 2, now=later) is None
    await targets.add(tx, 1, 77, [FOX], at=later)
    assert await number(tx) == 1


async def test_a_members_sixth_takes_the_place_of_their_first_and_of_nobody_elses(tx: Tx) -> None:
    theirs = await targets.add(tx, 1, 77, [FOX], at=NOW)
    mine = [await targets.add(tx, 1, 2, [FOX], at=NOW + timedelta(seconds=n)) for n in range(MOST_OF_A_MEMBER + 1)]
    found = [await targets.get(tx, each.id, 1, 2, now=NOW) is not None for each in mine]
    assert found == [False] + [True] * MOST_OF_A_MEMBER
    assert await targets.get(tx, theirs.id, 1, 77, now=NOW) == theirs
    assert await number(tx) == MOST_OF_A_MEMBER + 1


async def number(tx: Tx) -> int:
    [row] = await tx.execute_fetchall("SELECT count(*) FROM targets")
    return int(row[0])
