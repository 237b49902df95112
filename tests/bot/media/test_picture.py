# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A picture for a card, measured: what stands where, upright and in its proportions, and what is not drawn."""

import asyncio
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image

from bot.media.picture import LARGEST, Place, draw
from bot.media.unusable import UnusableMedia
from tests.bot.media.filmed import film
from tests.bot.media.made import picture, turned

GROUND = (0x23, 0x24, 0x29)
CANVAS = (10, 10, 100, 180)


class Drawn:
    """A JPEG's pixels."""

    def __init__(self, data: bytes) -> None:
        with av.open(BytesIO(data), "r") as container:
            frame = next(container.decode(video=0)).reformat(format="rgb24")
        self.size = frame.width, frame.height
        self._line, self._bytes = frame.planes[0].line_size, bytes(frame.planes[0])

    def at(self, x: int, y: int) -> tuple[int, int, int]:
        red, green, blue = self._bytes[y * self._line + x * 3 :][:3]
        return red, green, blue

    def is_ground(self, x: int, y: int) -> bool:
        return all(abs(shown - drawn) < 12 for shown, drawn in zip(self.at(x, y), GROUND, strict=True))

    def is_hatched(self, x: int, y: int) -> bool:
        """Both stripes are found to the right of a pixel."""
        shades = [sum(self.at(x + step, y)) // 3 for step in range(16)]
        return min(shades) < 80 < 100 < max(shades)


def photograph(orientation: int) -> bytes:
    """White, but for its upper left quarter as it is stored, which is black."""
    shown = Image.new("RGB", (64, 48), "white")
    shown.paste((0, 0, 0), (0, 0, 32, 24))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    shown.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def drawn(
    folder: Path, files: list[bytes], places: list[Place], *, canvas: tuple[int, int, int, int] | None = None
) -> Drawn:
    sources = [folder / str(number) for number in range(len(files))]
    for source, data in zip(sources, files, strict=True):
        source.write_bytes(data)
    await draw(sources, places, folder / "into", width=120, height=200, canvas=canvas)
    return Drawn((folder / "into").read_bytes())


async def test_a_first_frame_stands_in_its_place_and_the_rest_of_the_canvas_is_hatched(tmp_path: Path) -> None:
    found = await drawn(tmp_path, [film()], [Place(0, 10, 50, 100, 75)], canvas=CANVAS)
    assert found.size == (120, 200)
    assert found.is_ground(4, 100)
    assert found.is_hatched(30, 30)
    assert found.is_hatched(30, 150)
    assert sum(found.at(30, 60)) < 60, "the film's black corner"
    assert not found.is_hatched(70, 110)


@pytest.mark.parametrize(("degrees", "black"), [(0, (25, 25)), (90, (85, 25)), (180, (85, 175)), (270, (25, 175))])
async def test_a_turned_video_stands_upright(degrees: int, black: tuple[int, int], tmp_path: Path) -> None:
    found = await drawn(tmp_path, [turned(film("mp4", encoding={}), degrees)], [Place(0, 10, 10, 100, 180)])
    corners = [(25, 25), (85, 25), (25, 175), (85, 175)]
    assert [corner for corner in corners if sum(found.at(*corner)) < 60] == [black]


@pytest.mark.parametrize(("orientation", "black"), [(1, (25, 25)), (6, (85, 25)), (3, (85, 175)), (8, (25, 175))])
async def test_a_photograph_stands_upright_as_its_exif_data_says(
    orientation: int, black: tuple[int, int], tmp_path: Path
) -> None:
    found = await drawn(tmp_path, [photograph(orientation)], [Place(0, 10, 10, 100, 180)])
    corners = [(25, 25), (85, 25), (25, 175), (85, 175)]
    assert [corner for corner in corners if sum(found.at(*corner)) < 60] == [black]


async def test_what_reaches_over_the_canvas_is_cut_off(tmp_path: Path) -> None:
    found = await drawn(tmp_path, [film()], [Place(0, -190, 100, 240, 400)], canvas=CANVAS)
    assert found.is_ground(4, 150)
    assert found.is_ground(60, 195)
    assert found.is_hatched(30, 30)
    assert not found.is_hatched(20, 150)
    nothing = await drawn(tmp_path, [film()], [Place(0, 500, 500, 10, 10)], canvas=CANVAS)
    assert nothing.is_hatched(30, 150)


async def test_the_same_file_and_several_stand_side_by_side(tmp_path: Path) -> None:
    files = [picture("png"), picture("jpeg"), picture("webp")]
    places = [Place(n % 3, 5, 5 + 30 * n, 60, 30) for n in range(4)]
    assert (await drawn(tmp_path, files, places)).is_ground(100, 100)


@pytest.mark.parametrize("data", [b"", b"not a picture", picture("png")[:60], film()[:500]])
async def test_what_cannot_be_shown_is_refused_and_leaves_nothing(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnusableMedia):
        await drawn(tmp_path, [data], [Place(0, 5, 5, 60, 30)])
    assert not await asyncio.to_thread((tmp_path / "into").exists)


@pytest.mark.parametrize(("files", "width"), [(0, 100), (1, 0), (1, LARGEST + 1)])
async def test_nobody_asks_for_what_is_no_picture(files: int, width: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing that could be drawn"):
        await draw([tmp_path / "x"] * files, [], tmp_path / "into", width=width, height=100)
