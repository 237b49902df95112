"""How often somebody may ask: a minute, open at once, in bytes; whoever they are, also after a restart."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.asking import MOST_OPEN, SHARE
from sandbox.discord.message import Message
from tests.cogs.limiting import limits
from tests.cogs.ordering import ask, attached, clip, open_rich_house
from tests.house import House, id_of, together

SLOW = {"QUOTES_PER_MINUTE": "3"}


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house"), **SLOW) as house:
        yield house


def until(answer: Message) -> int:
    """The moment that a refusal names, in seconds since 1970."""
    [moment] = re.findall(r"<t:(\d+):R>", answer.text)
    return int(moment)


def is_card(answer: Message) -> bool:
    return any(button.label == "Confirm" for button in answer.buttons)


async def test_the_fourth_of_three_a_minute_is_told_when_to_ask_again_and_others_are_not(house: House) -> None:
    ada, linus, room = house.member(), house.member(), house.channel()
    cards = [await house.ask(ada, room) for _ in range(3)]
    assert all(is_card(card) for card in cards)
    refused = await house.ask(ada, house.channel())  # another channel is no way around it
    assert refused.text.startswith("You may ask for 3 quotes a minute")
    assert refused.visible_to is ada.user
    assert 0 <= until(refused) - house.discord.world.clock.now().timestamp() <= 21
    assert is_card(await house.ask(linus, room))
    assert "on hold" in (await house.press(ada, cards[0], "Confirm")).text  # what was offered stands


async def test_five_changes_on_a_card_count_as_one_quote_and_what_is_written_too_fast_is_handed_back(
    house: House,
) -> None:
    ada, room = house.member(), house.channel()
    card = await house.ask(ada, room)
    for n in range(10):  # two quotes of the three are left
        value = ("540p", "720p")[n % 2]
        use = await ada.select(card, [value], custom_id=f"resolution:{id_of(card, 'Confirm')}")
        await use.answer()
        assert f"→ {value}" in card.text
    opened = await ada.click(card, "Edit")
    await (await ada.submit(opened, {"first": "An owl"})).answer()
    assert card.text.startswith("You may ask for 3 quotes a minute, where five changes on a card count as one")
    assert [(file.filename, file.data) for file in card.attachments] == [("your-prompt.txt", b"An owl")]
    assert is_card(card)


async def test_staff_are_no_exception_and_a_restart_fills_nothing(house: House) -> None:
    mary, room = house.discord.member("Mary"), house.channel()
    await limits(mary, "show")
    for _ in range(3):
        assert is_card(await house.ask(mary, room))
    await house.restart()
    assert (await house.ask(mary, room)).text.startswith("You may ask for 3 quotes a minute")


async def test_every_way_to_a_quote_is_counted_the_refused_one_too(house: House) -> None:
    """What is wrong with a request is found after its files were fetched: that is work too."""
    ada, room = house.member(), house.channel()
    wrong = await house.ask(ada, room, {"duration": 10, "loop": True})
    assert "works for 5 s" in wrong.text
    video = clip(160, 96, 5_040_000)
    card = await ask(house, ada, room, "edit", {"video": attached(ada, video)})
    assert is_card(card)
    assert is_card(await ask(house, ada, room, "reframe", {"video": attached(ada, video)}))
    refused = await house.press(ada, card, "Trim to 5.000 s: $0.54")
    assert refused.text.startswith("You may ask for 3 quotes a minute")
    assert is_card(card)  # it stands as it was
    assert len(house.rows("SELECT id FROM quotes WHERE member_id = ?", ada.id)) == 2


async def test_a_refused_request_fetches_nothing(house: House) -> None:
    ada, room = house.member(), house.channel()
    for _ in range(3):
        await house.ask(ada, room)
    before = len(list((house.database.parent / "media").glob("inputs/*")))
    answer = await ask(house, ada, room, "edit", {"video": attached(ada, clip(176, 96, 3_000_000))})
    assert answer.text.startswith("You may ask for 3 quotes a minute")
    assert len(list((house.database.parent / "media").glob("inputs/*"))) == before


async def test_no_more_than_thirty_are_open_and_a_cancelled_one_makes_room(tmp_path: Path) -> None:
    async with open_rich_house(tmp_path) as house:
        ada, room = house.member(), house.channel()
        cards = [await house.ask(ada, room) for _ in range(MOST_OPEN)]
        assert all(is_card(card) for card in cards)
        refused = await house.ask(ada, room)
        assert refused.text.startswith(f"You have {MOST_OPEN} quotes open")
        [[first]] = [
            list(row.values())
            for row in house.rows("SELECT min(expires_at) FROM quotes WHERE member_id = ?", ada.id)
        ]
        assert until(refused) == -(-first // 1_000_000)
        await house.press(ada, cards[7], "Cancel")
        assert is_card(await house.ask(ada, room))
        assert not is_card(await house.ask(ada, room))
        await house.press(ada, cards[8], "Confirm")
        assert is_card(await house.ask(ada, room))


async def test_asked_at_the_same_instant_no_more_than_thirty_are_open(tmp_path: Path) -> None:
    """None of them has a quote when the others ask."""
    async with open_rich_house(tmp_path, QUOTES_PER_MINUTE="6000") as house:
        ada, room = house.member(), house.channel()
        for _ in range(MOST_OPEN - 2):
            await house.ask(ada, room)
        answers = await together(*(house.ask(ada, room) for _ in range(10)))
        assert sum(map(is_card, answers)) == 2
        assert sum(answer.text.startswith(f"You have {MOST_OPEN} quotes open") for answer in answers) == 8
        assert len(house.rows("SELECT id FROM quotes WHERE member_id = ?", ada.id)) == MOST_OPEN


def box(size: int) -> bytes:
    """So many bytes at the end of an MP4 that mean nothing."""
    return size.to_bytes(4, "big") + b"free" + bytes(size - 8)


async def test_one_members_open_quotes_leave_room_for_others(tmp_path: Path) -> None:
    videos = [clip(160, 96, 3_000_000 + n) + box(400_000) for n in range(8)]
    most = 4 * 10**6
    assert sum(map(len, videos)) > most // SHARE, "not enough to meet the bound"
    async with open_rich_house(tmp_path, MEDIA_MAX_BYTES="4 MB") as house:
        ada, linus, room = house.member(), house.member(), house.channel()
        answers = [await ask(house, ada, room, "edit", {"video": attached(ada, video)}) for video in videos]
        taken = [is_card(answer) for answer in answers]
        assert taken[0]
        assert not taken[-1]
        assert answers[-1].text.startswith("The files of your open quotes have more than 1 MB together")
        assert until(answers[-1]) > house.discord.world.clock.now().timestamp()
        assert is_card(await ask(house, linus, room, "edit", {"video": attached(linus, videos[-1])}))
