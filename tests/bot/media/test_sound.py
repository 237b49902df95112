"""Sound put back, measured: the picture is the same to the byte, and the sound is where it was."""

from pathlib import Path

import pytest

from bot.media.probe import Format, UnusableMedia, probe
from bot.media.sound import put_sound
from tests.bot.media.filmed import Tone, beeps, ends, film, picture_packets, seen, streams
from tests.bot.media.made import MUXERS, TICKS, clip, only_sound, picture, turned

SOUNDS: dict[Format, str] = {"mp4": "aac", "mov": "aac", "webm": "libopus"}


async def dubbed(shown: bytes, source: bytes, folder: Path) -> bytes:
    names = ("shown", "source", "into")
    paths = [folder / name for name in names]
    for path, data in zip(paths, (shown, source), strict=False):
        path.write_bytes(data)
    await put_sound(*paths)
    return paths[2].read_bytes()


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("form", MUXERS)
@pytest.mark.parametrize("origin", MUXERS)
async def test_the_picture_is_untouched_and_the_sound_is_in_its_place(
    form: Format, origin: Format, tmp_path: Path
) -> None:
    shown = film(form)
    result = await dubbed(shown, film(origin, tones=[Tone(beep=0.7, codec=SOUNDS[origin])]), tmp_path)
    assert picture_packets(result) == picture_packets(shown)
    assert beeps(result) == [pytest.approx(0.7, abs=0.03)]
    media = await probe(tmp_path / "into")
    assert (media.format, media.sound) == (form, True)
    assert abs(media.microseconds - 2 * TICKS) <= 2_000
    assert max(ends(result)["audio"], 1) <= ends(shown)["video"]
    assert (tmp_path / "into").stat().st_mode & 0o777 == 0o600
    assert left(tmp_path) == ["into", "shown", "source"]


CODECS: list[tuple[Format, Format, str, str]] = [
    ("mp4", "mp4", "aac", "aac"),
    ("mp4", "mp4", "mp3", "mp3"),
    ("mp4", "webm", "libopus", "opus"),
    ("mp4", "mp4", "ac3", "aac"),
    ("mp4", "mov", "pcm_s16le", "aac"),
    ("mov", "webm", "libopus", "aac"),
    ("mov", "mp4", "aac", "aac"),
    ("webm", "webm", "libopus", "opus"),
    ("webm", "mp4", "libopus", "opus"),
    ("webm", "mp4", "aac", "opus"),
]


@pytest.mark.parametrize(("form", "origin", "codec", "becomes"), CODECS)
async def test_sound_is_stored_anew_only_where_it_has_to_be(
    form: Format, origin: Format, codec: str, becomes: str, tmp_path: Path
) -> None:
    result = await dubbed(film(form), film(origin, tones=[Tone(beep=1.2, codec=codec)]), tmp_path)
    assert [name for _, name in streams(result)][1:] == [becomes]
    assert beeps(result) == [pytest.approx(1.2, abs=0.03)]


@pytest.mark.parametrize("form", MUXERS)
@pytest.mark.parametrize("codec", ["aac", "libopus", "ac3"])
async def test_sound_is_as_far_from_the_first_picture_as_it_was(form: Format, codec: str, tmp_path: Path) -> None:
    """The source's pictures begin late, so that its sound begins before them."""
    times = [300_000 + round(number * TICKS / 24) for number in range(48)]
    shown = film(form)
    result = await dubbed(shown, film(times=times, tones=[Tone(beep=1, codec=codec)]), tmp_path)
    assert picture_packets(result) == picture_packets(shown)
    assert beeps(result) == [pytest.approx(0.7, abs=0.03)]


@pytest.mark.parametrize("form", MUXERS)
@pytest.mark.parametrize("codec", ["aac", "libopus", "ac3"])
async def test_sound_that_begins_late_stays_late(form: Format, codec: str, tmp_path: Path) -> None:
    shown = film(form)
    result = await dubbed(shown, film(tones=[Tone(begin=0.5, beep=1, codec=codec)]), tmp_path)
    assert picture_packets(result) == picture_packets(shown)
    assert beeps(result) == [pytest.approx(1, abs=0.03)]


@pytest.mark.parametrize("form", MUXERS)
@pytest.mark.parametrize("codec", ["aac", "libopus", "ac3"])
async def test_sound_ends_with_the_picture(form: Format, codec: str, tmp_path: Path) -> None:
    result = await dubbed(film(form), film(tones=[Tone(end=5, beep=1.8, codec=codec)]), tmp_path)
    assert 1.9 < ends(result)["audio"] <= 2
    assert beeps(result) == [pytest.approx(1.8, abs=0.03)]
    assert (await probe(tmp_path / "into")).microseconds <= 2 * TICKS


@pytest.mark.parametrize("codec", ["aac", "ac3"])
async def test_sound_that_ends_early_does(codec: str, tmp_path: Path) -> None:
    result = await dubbed(film(), film(tones=[Tone(end=1, beep=0.2, codec=codec)]), tmp_path)
    assert 0.9 < ends(result)["audio"] < 1.1
    assert len(seen(result)) == 48


async def test_sound_that_the_result_has_already_gives_way(tmp_path: Path) -> None:
    result = await dubbed(film(tones=[Tone(beep=0.3)]), film(tones=[Tone(beep=1), Tone(beep=1.5)]), tmp_path)
    assert len(streams(result)) == 2
    assert beeps(result) == [pytest.approx(1, abs=0.03)]


@pytest.mark.parametrize("form", ["mp4", "mov"])
async def test_what_is_watched_from_the_net_begins_with_its_header(form: Format, tmp_path: Path) -> None:
    shown = film(form)
    assert shown.index(b"moov") > shown.index(b"mdat")
    result = await dubbed(shown, film(tones=[Tone()]), tmp_path)
    assert result.index(b"moov") < result.index(b"mdat")


async def test_pictures_that_refer_to_later_ones_stay_in_order(tmp_path: Path) -> None:
    shown = film(encoding={"preset": "fast", "bf": "2", "b-adapt": "0"})
    times = [(at, decoded) for _, at, decoded, _ in picture_packets(shown)]
    assert any(at != decoded for at, decoded in times)
    result = await dubbed(shown, film(tones=[Tone()]), tmp_path)
    assert picture_packets(result) == picture_packets(shown)


async def test_a_turned_picture_stays_turned(tmp_path: Path) -> None:
    shown = turned(film(), 90)
    result = await dubbed(shown, film(tones=[Tone()]), tmp_path)
    assert seen(result) == seen(shown)
    assert seen(result)[0].rotation != 0


async def test_hevc_stays_what_apple_plays(tmp_path: Path) -> None:
    shown = film(codec="libx265", size=(128, 128))
    result = await dubbed(shown, film(tones=[Tone()]), tmp_path)
    assert picture_packets(result) == picture_packets(shown)
    assert b"hvc1" in result
    assert b"hev1" not in result


# What cannot be done ---------------------------------------------------------------------------------------------

SOUNDING = film(tones=[Tone()])
BAD: dict[str, tuple[str, bytes, bytes]] = {
    "no sound": ("silent", film(), film()),
    "no source": ("empty", film(), b""),
    "no picture": ("audio_only", film(), only_sound()),
    "an image": ("not_a_video", film(), picture("png")),
    "a source cut off": ("truncated", film(), SOUNDING[:-200]),
    "a result cut off": ("truncated", film()[:-200], SOUNDING),
    "a result that is an image": ("not_a_video", picture("jpeg"), SOUNDING),
    "a playlist": ("playlist", film(), b"#EXTM3U\n#EXTINF:1,\nother.ts\n"),
    "another codec": ("codec", clip("mov", codec="qtrle"), SOUNDING),
    "too large": ("large_video", clip(frames=1, size=(4_128, 4_128)), SOUNDING),
    "sound that none can read": ("sound", film(), film("mov", tones=[Tone(codec="pcm_mulaw")])),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_cannot_be_done_is_refused_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    reason, shown, source = BAD[name]
    with pytest.raises(UnusableMedia) as caught:
        await dubbed(shown, source, tmp_path)
    assert caught.value.reason == reason
    assert left(tmp_path) == ["shown", "source"]


async def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shown").write_bytes(film())
    with pytest.raises(UnusableMedia, match="could not open"):
        await put_sound(tmp_path / "shown", tmp_path / "source", tmp_path / "into")
    assert left(tmp_path) == ["shown"]
