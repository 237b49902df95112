"""/reframe: where the video stands on its new canvas, what that costs, and what cannot be."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.discord.client import ClientRefuses, Value
from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from tests.cogs.ordering import ask, attached, buy, clip, open_rich_house, parameters_of, quotes_of, task_of
from tests.house import House
from tests.tour import measure

FIVE: Final = 5_000_000
WIDE: Final = clip(640, 360, FIVE)
NOT_SEEN: Final = "Where exactly the provider puts your video has not been seen"


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house")) as house:
        yield house


async def test_the_published_example_costs_exactly_what_it_did(house: House, ada: Member, room: Channel):
    """The provider billed 2.1751182 for a source whose container lasts 6.041995 s."""
    video = clip(360, 480, 6_041_995)
    options: dict[str, Value] = {"video": attached(ada, video), "aspect_ratio": "16:9", "resolution": "1080p"}
    bought = await buy(house, ada, room, "reframe", options)
    assert bought.card.embeds[0]["title"] == "$2.18 for this video"
    assert "reframe of 6.041995 s · 1080p · 16:9" in bought.card.text
    assert "1080p reframe, 6.041995 s at $0.36 a second: **$2.1751182**" in bought.card.text
    [post] = await house.results(bought.job_id, timeout=30)
    await house.quiet()
    assert "· $2.1751182\n" in post.text
    billed = [
        charge.amount for charge in house.runware.bill if charge.task_id == house.job(bought.job_id)["task_id"]
    ]
    assert billed == [Decimal("2.1751182")]
    entries = house.rows("SELECT kind, amount FROM ledger WHERE job_id = ? ORDER BY kind", bought.job_id)
    assert [(entry["kind"], entry["amount"]) for entry in entries] == [
        ("hold", 2_175_118_200),
        ("settle", 2_175_118_200),
    ]


async def test_a_reframe_from_the_attachment_to_the_posted_video(house: House, ada: Member, room: Channel):
    bought = await buy(house, ada, room, "reframe", {"video": attached(ada, WIDE)})
    assert "> More snow\nreframe of 5 s · 360p · 9:16\n" in bought.card.text
    assert NOT_SEEN not in bought.card.text
    assert (await parameters_of(house, bought.job_id))["inputs"] == {"video": WIDE}
    [post] = await house.results(bought.job_id)
    assert await measure(post.links[0]) == ((360, 640), 5, False)
    assert house.books(bought.job_id) == {"hold": "0.15", "settle": "0.15"}


PLACED: Final[list[tuple[dict[str, Value], dict[str, float] | None, str]]] = [
    ({"placement": "fit"}, None, "360p · 9:16"),
    (
        {"placement": "top"},
        {"x": 0, "y": 0, "width": 1, "height": 0.316406},
        "at 0 % across, 0 % down, 100 % × 31.6 % of the canvas",
    ),
    (
        {"placement": "bottom"},
        {"x": 0, "y": 0.683594, "width": 1, "height": 0.316406},
        "at 0 % across, 68.4 % down, 100 % × 31.6 % of the canvas",
    ),
    (
        {"placement": "left"},
        {"x": 0, "y": 0.381348, "width": 0.75, "height": 0.237304},
        "at 0 % across, 38.1 % down, 75 % × 23.7 % of the canvas",
    ),
    (
        {"placement": "right"},
        {"x": 0.25, "y": 0.381348, "width": 0.75, "height": 0.237304},
        "at 25 % across, 38.1 % down, 75 % × 23.7 % of the canvas",
    ),
    (
        {"placement": "smaller"},
        {"x": 0.2, "y": 0.405078, "width": 0.6, "height": 0.189843},
        "at 20 % across, 40.5 % down, 60 % × 19 % of the canvas",
    ),
    (
        {"source_x": 0.1, "source_y": -0.25, "source_width": 0.5, "source_height": 1.5},
        {"x": 0.1, "y": -0.25, "width": 0.5, "height": 1.5},
        "at 10 % across, -25 % down, 50 % × 150 % of the canvas",
    ),
    (
        {"source_x": -2.0, "source_y": 2.0, "source_width": 0.01, "source_height": 2.0},
        {"x": -2, "y": 2, "width": 0.01, "height": 2},
        "at -200 % across, 200 % down, 1 % × 200 % of the canvas",
    ),
]


@pytest.mark.parametrize(("options", "sent", "says"), PLACED, ids=lambda value: str(value)[:30])
async def test_each_placement_is_a_rectangle_in_the_videos_own_proportions(
    house: House, ada: Member, room: Channel, options: dict[str, Value], sent: dict[str, float] | None, says: str
):
    bought = await buy(house, ada, room, "reframe", {"video": attached(ada, WIDE), **options})
    assert (await task_of(house, bought.job_id)).get("settings", {}).get("sourcePosition") == sent
    assert says in bought.card.text
    assert (NOT_SEEN in bought.card.text) == (sent is not None)
    if sent is not None and "placement" in options:
        width, height = sent["width"] * 360, sent["height"] * 640  # pixels of the canvas
        assert width / height == pytest.approx(16 / 9, rel=1e-4)
        assert 0 <= sent["x"] <= sent["x"] + sent["width"] <= 1
        assert 0 <= sent["y"] <= sent["y"] + sent["height"] <= 1
    await house.results(bought.job_id)


REFUSED: Final[list[tuple[dict[str, Value], list[str]]]] = [
    (
        {"source_x": 0.5},
        ["• source_x needs source_y, source_width and source_height too. Give all four, or a placement."],
    ),
    (
        {"source_y": 0.0, "source_height": 0.5, "source_width": 0.5},
        ["• source_y needs source_x too."],
    ),
    (
        {"placement": "left", "source_x": 0.5},
        ["• placement cannot be combined with source_x. Leave one or the other out."],
    ),
    (
        {"placement": "fit", "source_x": 0.0, "source_y": 0.0, "source_width": 0.5, "source_height": 0.5},
        ["• placement cannot be combined with source_x, source_y, source_width and source_height."],
    ),
    ({"placement": "diagonal"}, ["• placement is none of these: fit, left, right, top, bottom, smaller."]),
    (
        {"source_x": -2.01, "source_y": 2.5, "source_width": 0.0, "source_height": 3.0},
        [
            "• source_x cannot be “-2.01”. Choose a number from -2 to 2",
            "• source_y cannot be “2.5”. Choose a number from -2 to 2",
            "• source_width cannot be “0.0”. Choose a number more than 0 and at most 2",
            "• source_height cannot be “3.0”. Choose a number more than 0 and at most 2",
        ],
    ),
    ({"aspect_ratio": "16:9"}, ["• aspect_ratio 16:9 is the shape that this video has already"]),
    ({"aspect_ratio": "5:4"}, ["• aspect_ratio cannot be “5:4”. Choose "]),
    ({"resolution": "1080p"}, ["• resolution 1080p is not available for a reframe to 9:16. Choose 720p."]),
    ({"resolution": "1080p", "aspect_ratio": "3:4"}, ["• resolution 1080p is not available for a reframe to 3:4."]),
    (
        {"resolution": "1080p", "source_x": 3.0, "quality": 5, "prompt": " "},
        ["• prompt is empty", "• quality cannot be", "• resolution 1080p", "• source_x needs source_y"],
    ),
]


@pytest.mark.parametrize(("options", "says"), REFUSED, ids=lambda value: str(value)[:40])
async def test_what_a_reframe_cannot_be_is_refused_with_all_that_is_wrong(
    house: House, ada: Member, room: Channel, options: dict[str, Value], says: list[str]
):
    answer = await ask(house, ada, room, "reframe", {"video": attached(ada, WIDE), **options}, forged=True)
    assert [sentence for sentence in says if sentence not in answer.text] == []
    assert answer.text.count("•") == len(says)
    assert answer.visible_to is ada.user
    assert answer.buttons == []
    assert quotes_of(house, ada) == []


@pytest.mark.parametrize("wrong", ["nan", "inf", 1e308, -1e308, 2.0000001], ids=str)
async def test_a_fraction_that_is_none_is_refused_in_words(house: House, ada: Member, room: Channel, wrong: Any):
    options = {"source_x": wrong, "source_y": 0.5, "source_width": 0.5, "source_height": 0.5}
    answer = await ask(house, ada, room, "reframe", {"video": attached(ada, WIDE), **options}, forged=True)
    assert answer.buttons == []
    assert "Something went wrong" not in answer.text
    assert "restart Discord" in answer.text or "• source_x" in answer.text


async def test_the_same_shape_works_where_the_video_is_placed_smaller(house: House, ada: Member, room: Channel):
    options: dict[str, Value] = {"aspect_ratio": "16:9", "placement": "smaller"}
    bought = await buy(house, ada, room, "reframe", {"video": attached(ada, WIDE), **options})
    await house.results(bought.job_id)
    await house.progress(bought.job_id, "✅")


async def test_a_reframe_of_more_than_30_seconds_is_refused(house: House, ada: Member, room: Channel):
    whole = await ask(house, ada, room, "reframe", {"video": attached(ada, clip(64, 36, 30_000_000))})
    assert whole.embeds[0]["title"] == "$0.90 for this video"
    longer = await ask(house, ada, room, "reframe", {"video": attached(ada, clip(64, 36, 30_000_001))})
    assert "• video lasts 30.001 s, and 30 s is the most here. Trim it and send it again." in longer.text
    assert longer.buttons == []


async def test_discords_own_client_offers_only_what_a_reframe_can_be(house: House, ada: Member, room: Channel):
    for options in ({"source_x": 2.5}, {"source_width": -1.0}, {"placement": "diagonal"}, {"aspect_ratio": "5:4"}):
        with pytest.raises(ClientRefuses):
            await ask(house, ada, room, "reframe", options)


async def test_what_the_operator_has_seen_work_is_no_longer_marked(
    house: House, ada: Member, room: Channel, tmp_path: Path
):
    placed: dict[str, Value] = {"placement": "top"}
    with_exr: dict[str, Value] = {"resolution": "720p", "hdr": True, "exr": True}
    unproven = [
        await ask(house, ada, room, "reframe", {"video": attached(ada, WIDE), **placed}),
        await ask(house, ada, room, "generate", with_exr),
        await ask(house, ada, room, "edit", {"video": attached(ada, WIDE), **with_exr}),
    ]
    assert ["not been seen from the live service" in card.text for card in unproven] == [True] * 3
    async with open_rich_house(tmp_path, PROVEN="exr, placement") as proven:
        grace, hall = proven.member(), proven.channel()
        cards = [
            await ask(proven, grace, hall, "reframe", {"video": attached(grace, WIDE), **placed}),
            await ask(proven, grace, hall, "generate", with_exr),
            await ask(proven, grace, hall, "edit", {"video": attached(grace, WIDE), **with_exr}),
        ]
        assert [card.text for card in cards if "not been seen" in card.text] == []
        assert all(card.buttons for card in cards)
