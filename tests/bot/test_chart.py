"""The picture of spending: what it shows, that everybody can read it, and that drawing it keeps nobody waiting."""

import asyncio
import io
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.chart import BACKGROUND, FAINT, INK, MOST_WORDS, STYLES, Charts, Series, Spending, described
from bot.domain.money import ZERO, Usd

ROOT = Path(__file__).parent.parent.parent
KINDS = ("from words", "from pictures", "edits", "reframes")


def spending(days: int = 30, /, **amounts: dict[int, str]) -> Spending:
    """So many days up to 21 November; `amounts`: of each kind, by the number of the day."""
    first = date(2026, 11, 21) - timedelta(days=days - 1)
    return Spending(
        tuple(first + timedelta(days=n) for n in range(days)),
        tuple(
            Series(kind, tuple(Usd.of(amounts.get(kind.replace(" ", "_"), {}).get(n, "0")) for n in range(days)))
            for kind in KINDS
        ),
    )


async def drawn(what: Spending) -> Image.Image:
    with Image.open(io.BytesIO(await Charts().draw(what))) as image:
        assert image.format == "PNG"
        return image.convert("RGBA")


def share(image: Image.Image, colour: str) -> float:
    """Which part of the picture has this colour, nearly."""
    wanted = _rgb(colour)
    pixels = list(image.convert("RGB").get_flattened_data())  # pyright: ignore
    near = sum(max(abs(a - b) for a, b in zip(pixel, wanted, strict=True)) <= 8 for pixel in pixels)  # pyright: ignore
    return near / len(pixels)


async def test_every_kind_that_was_spent_on_is_in_the_picture_and_no_other() -> None:
    image = await drawn(spending(from_words={3: "1.00"}, reframes={20: "2.00"}))
    shares = [share(image, colour) for colour, _ in STYLES]
    assert shares[0] > 0.002
    assert shares[3] > 0.002
    assert shares[1] == shares[2] == 0


async def test_twice_the_money_is_twice_the_bar() -> None:
    """Measured in the picture: the first kind has no pattern, and so counts whole."""
    image = await drawn(spending(from_words={3: "1.00", 20: "2.00"}))
    tall = _height(image, STYLES[0][0], left=False)
    short = _height(image, STYLES[0][0], left=True)
    assert tall == pytest.approx(2 * short, rel=0.05)


async def test_kinds_are_told_apart_by_pattern_and_not_by_colour_alone() -> None:
    assert len({pattern for _, pattern in STYLES}) == len(STYLES)
    whole = share(await drawn(spending(from_words={5: "1.00"})), STYLES[0][0])
    dotted = [share(await drawn(spending(**{kind: {5: "1.00"}})), STYLES[n][0]) for n, kind in _patterned()]
    assert all(0 < each < 0.95 * whole for each in dotted), "the pattern is drawn over the colour"


async def test_it_brings_its_own_background_for_light_and_dark_themes() -> None:
    image = await drawn(spending(from_words={5: "1.00"}))
    assert {image.getpixel(corner) for corner in ((0, 0), (image.width - 1, image.height - 1))} == {
        (*_rgb(BACKGROUND), 255)
    }
    assert image.getchannel("A").getextrema() == (255, 255), "no theme shines through"


def test_words_and_bars_stand_out_from_the_background() -> None:
    """The ratios that WCAG 2 asks for: 4.5 for text, 3 for what else carries meaning."""
    assert _contrast(INK, BACKGROUND) >= 4.5
    assert all(_contrast(colour, BACKGROUND) >= 3 for colour, _ in STYLES)
    assert _contrast(FAINT, BACKGROUND) >= 3


def test_the_description_says_the_numbers() -> None:
    says = described(spending(from_words={0: "0.30", 29: "0.06"}, edits={29: "1.08"}))
    assert says == (
        "Spending by day, 23 Oct to 21 Nov: $1.44 in all (from words $0.36, edits $1.08). "
        "By day: 23 Oct $0.30, 21 Nov $1.14."
    )


def test_a_description_that_is_too_long_leaves_the_oldest_days_out() -> None:
    everything = dict.fromkeys(range(90), "1234567.1234567")
    says = described(spending(90, from_words=everything, edits=everything))
    assert len(says) <= MOST_WORDS
    assert says.endswith("21 Nov $2469134.25.")
    assert "in all (from words $111111041.12, edits $111111041.12)." in says


def test_nothing_at_all_is_said_too() -> None:
    assert described(spending()) == "Spending by day, 23 Oct to 21 Nov: $0.00 in all."


@pytest.mark.parametrize("days", [1, 2, 30, 90])
async def test_any_number_of_days_and_amounts_can_be_drawn(days: int) -> None:
    for amounts in ({}, {0: "0.000000001"}, dict.fromkeys(range(days), "1000000")):
        image = await drawn(spending(days, from_words=amounts))
        assert image.width > image.height > 300


async def test_drawing_keeps_nobody_waiting() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    charts = Charts()
    await asyncio.gather(*(charts.draw(spending(from_words={5: "1.00"})) for _ in range(3)))
    ticking.cancel()
    assert ticks >= 10, "others had their turns while it was drawn"


async def test_pictures_that_are_asked_for_together_are_each_their_own() -> None:
    charts = Charts()
    asked = [spending(**{kind: {5: "1.00"}}) for kind in ("from_words", "edits", "reframes")]
    together = await asyncio.gather(*(charts.draw(each) for each in asked))
    alone = [await charts.draw(each) for each in asked]
    assert together == alone
    assert len(set(together)) == 3


def test_the_library_is_loaded_only_when_something_is_drawn() -> None:
    code = "import sys, bot.app, cogs.spending; sys.exit('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False).returncode == 0


@pytest.mark.parametrize(
    "series",
    [(Series("short", (ZERO,)),), tuple(Series(str(n), (ZERO, ZERO)) for n in range(len(STYLES) + 1))],
    ids=["a day is missing", "more kinds than styles"],
)
def test_what_cannot_be_drawn_is_refused(series: tuple[Series, ...]) -> None:
    with pytest.raises(ValueError, match="an amount for each day"):
        Spending((date(2026, 11, 20), date(2026, 11, 21)), series)


def _patterned() -> list[tuple[int, str]]:
    return [(n, KINDS[n].replace(" ", "_")) for n in range(1, len(KINDS))]


def _height(image: Image.Image, colour: str, *, left: bool) -> int:
    """How many rows of the plot's left or right half have the colour; the legend below is left aside."""
    half = image.width // 2
    box = (0, 0, half, image.height * 5 // 6) if left else (half, 0, image.width, image.height * 5 // 6)
    return sum(share(image.crop((box[0], y, box[2], y + 1)), colour) > 0.01 for y in range(box[3]))


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it, by relative luminance."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _parts(colour)]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _parts(colour: str) -> list[float]:
    return [value / 255 for value in _rgb(colour)]
