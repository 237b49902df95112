"""A trim, measured: how long the result lasts, what is seen and heard in it, and what is left of one that fails."""

import asyncio
import random
import struct
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import pytest

from bot.media.probe import Format, Media, UnusableMedia, probe
from bot.media.trim import TRIM, trim
from tests.bot.media.filmed import Tone, beeps, brightness, ends, film, luma, seen, streams
from tests.bot.media.made import MUXERS, TICKS, clip, only_sound, picture, turned

SECOND = 1_000_000


async def trimmed(data: bytes, folder: Path, microseconds: int) -> tuple[Media, bytes]:
    source, into = folder / "source", folder / "into"
    source.write_bytes(data)
    await trim(source, into, microseconds=microseconds)
    return await probe(into), into.read_bytes()


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def is_alive(process: str) -> bool:
    return Path("/proc", process).exists()


def like(shown: int, number: int) -> bool:
    return abs(shown - brightness(number)) <= 5


@pytest.mark.parametrize("form", MUXERS)
@pytest.mark.parametrize("microseconds", [SECOND, 1_234_567, 1_999_999])
async def test_a_trimmed_video_lasts_no_longer_and_hardly_shorter(
    form: Format, microseconds: int, tmp_path: Path
) -> None:
    tone = Tone(codec="libopus" if form == "webm" else "aac")
    media, result = await trimmed(film(form, tones=[tone]), tmp_path, microseconds)
    assert microseconds - TICKS // 24 < media.microseconds <= microseconds
    assert (media.format, media.width, media.height, media.sound) == ("mp4", 64, 48, True)
    assert max(ends(result).values()) * TICKS <= microseconds
    assert [kind for kind, _ in streams(result)] == ["video", "audio"]
    assert (tmp_path / "into").stat().st_mode & 0o777 == 0o600
    assert left(tmp_path) == ["into", "source"]


async def test_five_seconds_are_five_seconds_exactly(tmp_path: Path) -> None:
    """One microsecond more costs twice as much."""
    times = [round(number * TICKS * 1001 / 30000) for number in range(155)]
    for form in MUXERS:
        tone = Tone(end=5.2, codec="libopus" if form == "webm" else "aac")
        media, _ = await trimmed(film(form, times, tones=[tone]), tmp_path, 5 * SECOND)
        assert media.microseconds == 5 * SECOND


@pytest.mark.parametrize("clock", ["600", "1000", "1000000"])
async def test_the_header_itself_says_no_more_than_was_asked_for(clock: str, tmp_path: Path) -> None:
    """FFmpeg reads the tracks' lengths, others the movie's: neither may be more. The sound ends between ticks."""
    media, result = await trimmed(film(tones=[Tone()], video_track_timescale=clock), tmp_path, 512_100)
    at = result.index(b"mvhd") + 16
    ticks, length = struct.unpack(">II", result[at : at + 8])
    for microseconds in (media.microseconds, Fraction(length, ticks) * TICKS):
        assert 512_100 - TICKS // 24 < microseconds <= 512_100


@pytest.mark.parametrize("form", MUXERS)
async def test_the_frames_before_the_cut_stay_and_keep_their_times(form: Format, tmp_path: Path) -> None:
    source = film(form)
    _, result = await trimmed(source, tmp_path, SECOND)
    before, after = seen(source), seen(result)
    assert [frame.at for frame in after] == [frame.at for frame in before if frame.at < 1]
    assert len(after) == 24
    for number, frame in enumerate(after):
        assert like(frame.corners[3], number), number
        assert frame.corners[0] < 15


async def test_frames_at_varying_times_keep_them(tmp_path: Path) -> None:
    times = [0, 30_000, 50_000, 120_000, 400_000, 410_000, 500_000, 777_777, 900_000]
    for form in MUXERS:
        source = film(form, times, length=1_500_000)
        media, result = await trimmed(source, tmp_path, 650_000)
        assert media.variable is True
        assert media.microseconds == 650_000
        assert [frame.at for frame in seen(result)] == [frame.at for frame in seen(source)][:7]


async def test_a_rate_that_is_no_whole_number_stays(tmp_path: Path) -> None:
    times = [round(number * TICKS * 1001 / 30000) for number in range(45)]
    media, result = await trimmed(film("mp4", times), tmp_path, SECOND)
    assert media.microseconds == SECOND
    assert [round(frame.at * TICKS) for frame in seen(result)] == times[:30]
    assert media.variable is False


async def test_a_source_that_is_shorter_is_kept_whole(tmp_path: Path) -> None:
    media, result = await trimmed(film("mp4", tones=[Tone()]), tmp_path, 5 * SECOND)
    assert len(seen(result)) == 48
    assert abs(media.microseconds - 2 * SECOND) < 30_000


async def test_a_video_that_begins_late_is_counted_from_its_first_picture(tmp_path: Path) -> None:
    times = [500_000 + round(number * TICKS / 24) for number in range(48)]
    media, result = await trimmed(film("mp4", times, tones=[Tone(end=3, beep=1)]), tmp_path, SECOND)
    assert media.microseconds == SECOND
    assert [frame.at for frame in seen(result)][:1] == [0]
    assert beeps(result) == [pytest.approx(0.5, abs=0.03)]


# As it is shown --------------------------------------------------------------------------------------------------

BLACK = {0: 0, 90: 1, 180: 3, 270: 2}
"""Which corner is black where a film is turned clockwise by so many degrees."""


@pytest.mark.parametrize("degrees", BLACK)
async def test_a_turned_video_is_shown_the_same(degrees: int, tmp_path: Path) -> None:
    media, result = await trimmed(turned(film(), degrees), tmp_path, SECOND)
    assert (media.width, media.height) == ((48, 64) if degrees % 180 else (64, 48))
    first = seen(result)[0]
    assert first.rotation == 0
    assert [corner for corner, shown in enumerate(first.corners) if shown < 15] == [BLACK[degrees]]


UPRIGHT = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
MIRRORED = {
    1: (-1, 0, 0, 1),  # left is right
    2: (1, 0, 0, -1),  # above is below
    0: (0, 1, 1, 0),  # along one diagonal
    3: (0, -1, -1, 0),  # and the other
}


@pytest.mark.parametrize("black", MIRRORED)
async def test_a_mirrored_video_is_shown_the_same(black: int, tmp_path: Path) -> None:
    video = film()
    a, b, c, d = (number << 16 for number in MIRRORED[black])
    at = video.index(UPRIGHT, video.index(b"tkhd"))
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    _, result = await trimmed(video[:at] + matrix + video[at + len(matrix) :], tmp_path, SECOND)
    corners = seen(result)[0].corners
    assert [corner for corner, shown in enumerate(corners) if shown < 15] == [black]


async def test_odd_sides_become_even(tmp_path: Path) -> None:
    source = film("webm", size=(65, 49))
    assert seen(source)[0].size == (65, 49)
    media, result = await trimmed(source, tmp_path, SECOND)
    assert (media.width, media.height) == (64, 48)
    assert like(seen(result)[5].corners[3], 5)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
async def test_ten_bits_become_eight(codec: str, tmp_path: Path) -> None:
    source = film("mp4", codec=codec, pix_fmt="yuv420p10le")
    _, result = await trimmed(source, tmp_path, SECOND)
    frames = seen(result)
    assert len(frames) == 24
    assert all(like(frame.corners[3], number) for number, frame in enumerate(frames))


async def test_colours_of_the_full_range_are_not_washed_out(tmp_path: Path) -> None:
    source = film("mp4", full_range=True)
    _, result = await trimmed(source, tmp_path, SECOND)
    for number, (before, after) in enumerate(zip(seen(source), seen(result), strict=False)):
        assert abs(before.corners[3] - luma(number)) <= 2, "the source is not of the full range"
        assert abs(after.corners[3] - luma(number)) <= 4


async def test_pixels_that_are_not_square_stay_so(tmp_path: Path) -> None:
    source = clip(shape=Fraction(4, 3))
    for degrees, shape in ((0, Fraction(4, 3)), (90, Fraction(3, 4))):
        _, result = await trimmed(turned(source, degrees), tmp_path, SECOND)
        assert shape_of(result) == shape


def shape_of(data: bytes) -> Fraction | None:
    with av.open(BytesIO(data), "r") as container:
        return container.streams.video[0].sample_aspect_ratio


# Sound -----------------------------------------------------------------------------------------------------------

CODECS: list[tuple[Format, str, str]] = [
    ("mp4", "aac", "aac"),
    ("mp4", "mp3", "mp3"),
    ("mp4", "libopus", "opus"),
    ("mp4", "ac3", "aac"),
    ("mov", "alac", "aac"),
    ("mov", "pcm_s16le", "aac"),
    ("webm", "libopus", "opus"),
]


@pytest.mark.parametrize(("form", "codec", "becomes"), CODECS)
async def test_sound_comes_along_in_its_place(form: Format, codec: str, becomes: str, tmp_path: Path) -> None:
    layout = "stereo" if codec == "alac" else "mono"
    source = film(form, tones=[Tone(beep=0.6, codec=codec, layout=layout)])
    media, result = await trimmed(source, tmp_path, SECOND)
    assert streams(result)[1] == ("audio", becomes)
    assert beeps(result) == [pytest.approx(0.6, abs=0.03)]
    assert media.microseconds == SECOND
    assert ends(result)["audio"] > 0.9


@pytest.mark.parametrize("codec", ["aac", "ac3"])
async def test_sound_that_begins_late_stays_late(codec: str, tmp_path: Path) -> None:
    _, result = await trimmed(film(tones=[Tone(begin=0.4, beep=0.7, codec=codec)]), tmp_path, SECOND)
    assert beeps(result) == [pytest.approx(0.7, abs=0.03)]


@pytest.mark.parametrize("codec", ["aac", "ac3"])
async def test_sound_ends_where_it_ended(codec: str, tmp_path: Path) -> None:
    media, result = await trimmed(film(tones=[Tone(end=0.5, beep=0.2, codec=codec)]), tmp_path, SECOND)
    assert media.microseconds == SECOND
    assert 0.4 < ends(result)["audio"] < 0.6


@pytest.mark.parametrize("codec", ["aac", "ac3"])
async def test_sound_after_the_last_picture_is_cut_too(codec: str, tmp_path: Path) -> None:
    source = film(times=[round(number * TICKS / 24) for number in range(12)], tones=[Tone(end=2, codec=codec)])
    media, _ = await trimmed(source, tmp_path, SECOND)
    assert SECOND - TICKS // 24 < media.microseconds <= SECOND


async def test_the_first_of_several_sounds_is_taken(tmp_path: Path) -> None:
    source = film(tones=[Tone(beep=0.2), Tone(beep=0.8)])
    _, result = await trimmed(source, tmp_path, SECOND)
    assert len(streams(result)) == 2
    assert beeps(result) == [pytest.approx(0.2, abs=0.03)]


# What cannot be trimmed ------------------------------------------------------------------------------------------

BOMB = clip(frames=1, size=(8_000, 8_000)).replace(struct.pack(">HH", 8_000, 8_000), struct.pack(">HH", 64, 64))
BAD: dict[str, tuple[str, bytes]] = {
    "empty": ("empty", b""),
    "an image": ("not_a_video", picture("png")),
    "sound": ("audio_only", only_sound()),
    "cut off": ("truncated", clip()[:-200]),
    "text": ("unknown", b"hello"),
    "a playlist": ("playlist", b"#EXTM3U\n#EXTINF:1,\nother.ts\n"),
    "a bomb": ("large_video", BOMB),
    "too large": ("large_video", clip(frames=1, size=(4_128, 4_128))),
    "another codec": ("codec", clip("mov", codec="qtrle")),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_cannot_be_trimmed_is_refused_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    reason, data = BAD[name]
    with pytest.raises(UnusableMedia) as caught:
        await trimmed(data, tmp_path, SECOND)
    assert caught.value.reason == reason
    assert left(tmp_path) == ["source"]


async def test_damage_is_refused_or_seen_through_and_leaves_nothing_else(tmp_path: Path) -> None:
    some = random.Random(3)
    wholes = [film(form, tones=[Tone(codec="libopus" if form == "webm" else "aac")]) for form in MUXERS]
    for number in range(12):
        data = bytearray(wholes[number % len(wholes)])
        for _ in range(some.randrange(1, 40)):
            data[some.randrange(len(data))] = some.randrange(256)
        (tmp_path / "into").unlink(missing_ok=True)
        try:
            media, _ = await trimmed(bytes(data), tmp_path, SECOND)
        except UnusableMedia:
            assert left(tmp_path) == ["source"]
        else:
            assert media.microseconds <= SECOND


async def test_a_result_that_grows_too_large_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel holds the process to it, not its own good will."""
    work = replace(TRIM, module="tests.bot.media.greedy", written=1_000)
    monkeypatch.setattr("bot.media.trim.TRIM", work)
    with pytest.raises(UnusableMedia) as caught:
        await trimmed(clip(), tmp_path, SECOND)
    assert caught.value.reason == "heavy"
    assert left(tmp_path) == ["source"]


def impostor(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    """Have `text` run in the place of a trim; a folder for media."""
    (folder / "bot" / "media").mkdir(parents=True)
    (folder / "bot" / "media" / "trimming.py").write_text(text)
    monkeypatch.setattr("bot.media.process.ROOT", folder)
    media = folder / "media"
    media.mkdir()
    return media


async def test_a_trim_that_is_cancelled_ends_its_process_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "import os, pathlib, sys, time\n"
        "os.write(int(sys.argv[2]), b'half')\n"
        "pathlib.Path(f'{os.getpid()}.pid').touch()\n"
        "time.sleep(60)\n"
    )
    folder = impostor(tmp_path, monkeypatch, text)
    asking = asyncio.create_task(trimmed(clip(), folder, SECOND))
    while not (started := [name for name in left(tmp_path) if name.endswith(".pid")]):
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not is_alive(started[0].removesuffix(".pid"))
    assert left(folder) == ["source"]


async def test_half_a_result_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "import os, sys; os.write(int(sys.argv[2]), b'half'); print('{\"bytes\": 8}')"
    folder = impostor(tmp_path, monkeypatch, text)
    with pytest.raises(UnusableMedia, match="damaged"):
        await trimmed(clip(), folder, SECOND)
    assert left(folder) == ["source"]


async def test_what_was_there_before_stays_where_a_trim_fails(tmp_path: Path) -> None:
    (tmp_path / "into").write_bytes(b"before")
    with pytest.raises(UnusableMedia):
        await trimmed(b"hello", tmp_path, SECOND)
    assert (tmp_path / "into").read_bytes() == b"before"


async def test_nothing_is_trimmed_to_less_than_can_be_used(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="could not be used"):
        await trim(tmp_path / "source", tmp_path / "into", microseconds=499_999)
