"""Going on from a video: its last frame is the one that is shown last, and a joined film is both, untouched."""

from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from bot.media.inspection import inspect
from bot.media.join import join, last_frame
from bot.media.joining import joined
from bot.media.last_frame import still
from bot.media.probe import Format
from bot.media.unusable import UnusableMedia
from tests.bot.media.filmed import Tone, beeps, brightness, ends, film, picture_packets, seen, streams
from tests.bot.media.made import TICKS, picture, turned

FORMS: list[Format] = ["mp4", "mov", "webm"]
FIVE_SECONDS = [round(number * TICKS / 24) for number in range(120)]
PLAIN = {"preset": "ultrafast"}
WITH_B_FRAMES = {"preset": "veryfast", "bf": "3", "g": "48"}
"""Their frames are not stored in the order in which they are shown."""


def pixels(png: bytes) -> Image.Image:
    shown = Image.open(BytesIO(png))
    assert (shown.format, shown.mode) == ("PNG", "RGB")
    return shown


def grey(shown: Image.Image, x: int, y: int) -> int:
    found = shown.getpixel((x, y))
    assert isinstance(found, tuple)
    assert max(found) - min(found) <= 4
    return round(sum(found) / 3)


@pytest.mark.parametrize("encoding", [PLAIN, WITH_B_FRAMES], ids=["plain", "with B frames"])
@pytest.mark.parametrize("form", FORMS)
def test_the_last_frame_is_the_one_that_is_shown_last(form: Format, encoding: dict[str, str]) -> None:
    video = film(form, FIVE_SECONDS, encoding=None if form == "webm" else encoding)
    shown = pixels(still(video))
    assert shown.size == (64, 48)
    last = seen(video)[-1]
    assert last.at == pytest.approx(119 / 24, abs=0.002)
    corners = [(2, 2), (61, 2), (2, 45), (61, 45)]
    assert [grey(shown, *corner) for corner in corners] == pytest.approx(last.corners, abs=3)
    assert grey(shown, 61, 45) == pytest.approx(brightness(119), abs=4)


@pytest.mark.parametrize(("degrees", "dark"), [(90, (44, 3)), (180, (61, 45)), (270, (3, 60))])
def test_the_last_frame_stands_as_it_is_shown(degrees: int, dark: tuple[int, int]) -> None:
    shown = pixels(still(turned(film(), degrees)))
    assert shown.size == ((48, 64) if degrees % 180 else (64, 48))
    assert grey(shown, *dark) < 10
    bright = (shown.width - 1 - dark[0], shown.height - 1 - dark[1])
    assert grey(shown, *bright) > 30


def test_odd_sides_lose_no_pixel() -> None:
    video = film(size=(65, 49), codec="libx264", pix_fmt="yuv444p")
    assert pixels(still(video)).size == (65, 49)


@pytest.mark.parametrize("encoding", [PLAIN, WITH_B_FRAMES], ids=["plain", "with B frames"])
@pytest.mark.parametrize("form", FORMS)
def test_a_film_is_both_videos_packet_by_packet_and_as_long_as_both(form: Format, encoding: dict[str, str]) -> None:
    given = None if form == "webm" else encoding
    first, second = film(form, encoding=given), film(form, FIVE_SECONDS, encoding=given)
    whole = bytes(joined(first, second))
    packets = [packet[0] for packet in (*picture_packets(first), *picture_packets(second))]
    assert [packet[0] for packet in picture_packets(whole)] == packets
    assert streams(whole) == streams(first)
    made, a, b = inspect(whole), inspect(first), inspect(second)
    assert (made.format, made.width, made.height) == (a.format, a.width, a.height)
    assert made.microseconds == pytest.approx(a.microseconds + b.microseconds, abs=TICKS // 24)
    frames = seen(whole)
    assert len(frames) == 48 + 120
    steps = [after.at - before.at for before, after in pairwise(frames)]
    assert min(steps) > Fraction(1, 30)
    assert max(steps) < Fraction(1, 20)
    assert [frame.corners[3] for frame in frames] == pytest.approx(
        [brightness(number) for number in (*range(48), *range(120))], abs=4
    )


def test_a_film_grows_and_its_sound_stays_where_it_was() -> None:
    """What was joined is joined again; the new end is silent, as the provider makes it."""
    loud, silent = film(tones=[Tone(beep=1.0)]), film()
    whole = bytes(joined(bytes(joined(loud, silent)), silent))
    assert beeps(whole) == pytest.approx([1.0], abs=1 / 24)
    assert inspect(whole).microseconds == pytest.approx(6 * TICKS, abs=TICKS // 12)
    assert ends(whole)["audio"] <= 2


def test_other_clocks_are_kept_exact() -> None:
    first = film(video_track_timescale="12288")
    second = film(video_track_timescale="90000")
    whole = bytes(joined(first, second))
    assert len(seen(whole)) == 96
    assert inspect(whole).microseconds == pytest.approx(4 * TICKS, abs=TICKS // 24)


@pytest.mark.parametrize(
    "other",
    [
        film("mov"),
        film(size=(48, 64)),
        film(codec="libx265"),
        film(pix_fmt="yuv444p"),
        film(encoding={"preset": "ultrafast", "level": "5.1"}),
    ],
    ids=["another container", "another size", "another codec", "other colours", "another setup"],
)
def test_what_is_stored_in_another_way_cannot_be_joined(other: bytes) -> None:
    with pytest.raises(UnusableMedia) as caught:
        joined(film(), other)
    assert caught.value.reason == "unlike"


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_what_is_damaged_is_refused(cut: float) -> None:
    whole = film()
    broken = whole[: int(len(whole) * cut)]
    for refused in (lambda: still(broken), lambda: joined(whole, broken), lambda: joined(broken, whole)):
        with pytest.raises(UnusableMedia):
            refused()
    with pytest.raises(UnusableMedia):
        still(picture("png"))


async def test_both_run_in_a_process_of_their_own_and_leave_all_or_nothing(tmp_path: Path) -> None:
    video, short, png, whole = (tmp_path / name for name in ("video", "short", "png", "whole"))
    video.write_bytes(film())
    short.write_bytes(film()[:2_000])
    await last_frame(video, png)
    await join(video, video, whole)
    assert pixels(png.read_bytes()).size == (64, 48)
    assert len(seen(whole.read_bytes())) == 96
    assert png.stat().st_mode & 0o777 == whole.stat().st_mode & 0o777 == 0o600
    nothing = tmp_path / "nothing"
    for work in (last_frame(short, nothing), join(video, short, nothing)):
        with pytest.raises(UnusableMedia):
            await work
    assert names(tmp_path) == ["png", "short", "video", "whole"]


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())
