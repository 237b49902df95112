# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What bytes really are, on real media made here: sizes, lengths, and each refusal."""

import random
import struct
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import pytest
from av.codec import codecs_available
from av.stream import Disposition

from bot.domain.refusal import Refusal
from bot.media.inspection import inspect
from bot.media.probe import SENTENCES, Format, Media, UnusableMedia, as_image, as_video, probe
from tests.bot.media.made import (
    MUXERS,
    PICTURES,
    TICKS,
    add_sound,
    clip,
    hum,
    moving,
    only_sound,
    picture,
    png,
    probed,
    refused,
    turned,
    zeros,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("form", PICTURES)
async def test_an_image_is_known_by_its_bytes_whatever_its_name(form: Format, tmp_path: Path) -> None:
    media = await probed(picture(form), tmp_path, "holiday.mp4")
    assert media == Media(kind="image", format=form, width=64, height=32)
    assert as_image(media) is media


@pytest.mark.parametrize("form", MUXERS)
@pytest.mark.parametrize("sound", [0, 1])
async def test_a_video_is_known_by_its_bytes_whatever_its_name(form: Format, sound: int, tmp_path: Path) -> None:
    media = await probed(clip(form, sound=sound), tmp_path, "holiday.png")
    assert (media.kind, media.format, media.width, media.height) == ("video", form, 64, 48)
    assert (media.fps, media.sound, media.variable) == (24, bool(sound), False)
    assert abs(media.microseconds - TICKS) < 30_000  # Opus begins a little early
    assert as_video(media) is media


@pytest.mark.parametrize("codec", ["libx265", "mpeg4"])
def test_other_codecs_that_people_send_are_read(codec: str) -> None:
    if codec not in codecs_available:
        pytest.skip("PyAV was built without it")
    assert inspect(clip(codec=codec, size=(128, 128))).width == 128


@pytest.mark.parametrize("length", [5_000_000, 5_041_667, 6_041_995, 10_000_000])
@pytest.mark.parametrize("form", ["mp4", "mov"])
async def test_a_length_is_the_containers_to_the_microsecond(form: Format, length: int, tmp_path: Path) -> None:
    media = await probed(clip(form, length * 24 // TICKS, length), tmp_path)
    assert media.microseconds == length
    assert media.seconds == Decimal(length) / TICKS


@pytest.mark.parametrize(("degrees", "size"), [(0, (64, 48)), (90, (48, 64)), (180, (64, 48)), (270, (48, 64))])
def test_a_video_has_the_size_that_its_display_matrix_shows(degrees: int, size: tuple[int, int]) -> None:
    media = inspect(turned(clip(), degrees))
    assert (media.width, media.height) == size


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("form", PICTURES)
def test_an_image_has_the_size_that_its_exif_orientation_shows(form: Format, orientation: int) -> None:
    media = inspect(picture(form, (64, 32), orientation))
    assert (media.width, media.height) == ((32, 64) if 5 <= orientation <= 8 else (64, 32))


def test_frames_at_varying_times_are_noticed() -> None:
    media = inspect(clip(times=[0, 30_000, 50_000, 120_000, 400_000, 410_000, 500_000], length=600_000))
    assert media.variable is True
    assert media.fps == 12  # six gaps in half a second


def test_rounding_to_milliseconds_is_no_varying() -> None:
    assert inspect(clip("webm")).variable is False


async def test_one_frame_is_a_video_too_short_to_use(tmp_path: Path) -> None:
    media = await probed(clip(frames=1), tmp_path)
    assert (media.microseconds, media.variable) == (41_667, None)
    with pytest.raises(UnusableMedia, match=r"lasts 0\.041667 s, and 0\.5 s is the least"):
        as_video(media)


def test_absurd_pixel_shapes_change_nothing() -> None:
    media = inspect(clip(shape=Fraction(1, 255)))
    assert (media.width, media.height) == (64, 48)


# What is refused, and how ----------------------------------------------------------------------------------------


def test_each_belongs_where_it_belongs() -> None:
    image, video = inspect(picture("png")), inspect(clip())
    with pytest.raises(UnusableMedia, match="a video, and an image belongs here"):
        as_image(video)
    with pytest.raises(UnusableMedia, match="an image, and a video belongs here"):
        as_video(image)


def test_a_length_is_said_exactly_where_it_is_too_long() -> None:
    media = Media(kind="video", format="mp4", width=64, height=48, microseconds=18_000_001)
    assert as_video(media) is media
    with pytest.raises(UnusableMedia, match=r"lasts 18\.000001 s, and 18 s is the most"):
        as_video(media, longest=18_000_000)
    with pytest.raises(UnusableMedia, match="and 600 s is the most"):
        as_video(Media(kind="video", format="mp4", width=64, height=48, microseconds=600_000_001))


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
REFUSED: dict[str, tuple[str, bytes]] = {
    "empty": ("empty", b""),
    "text": ("unknown", b"hello"),
    "page": ("unknown", b"<!DOCTYPE html><html><body>404</body></html>"),
    "zip": ("unknown", b"PK\x03\x04" + bytes(500)),
    "gif": ("gif", moving("GIF")),
    "apng": ("animated", moving("PNG")),
    "moving webp": ("animated", moving("WEBP")),
    "svg": ("svg", b'<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "bare svg": ("svg", b"\xef\xbb\xbf <svg width='9'></svg>"),
    "heic": ("heif", HEIC),
    "mp3": ("audio_only", b"ID3\x04" + bytes(500)),
    "m4a": ("audio_only", only_sound()),
    "webm of sound": ("audio_only", only_sound("webm")),
    "mkv": ("container", b"\x1aE\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska" + bytes(99)),
    "avi": ("container", b"RIFF\0\0\0\0AVI LIST" + bytes(99)),
    "m3u8": ("playlist", b"#EXTM3U\n#EXTINF:1,\nother.ts\n"),
    "ffconcat": ("playlist", b"ffconcat version 1.0\nfile other.mp4\n"),
    "codec": ("codec", clip("mov", codec="qtrle")),
    "endless": ("endless", clip("webm", live="1")),
    "tracks": ("tracks", clip(sound=17)),
    "truncated": ("truncated", clip()[:-1]),
    "header alone": ("damaged", png(64, 64, b"")),
    "wide": ("large_image", png(60_000, 2, zeros(15_002))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_says_what_is_wrong_with(name: str) -> None:
    reason, data = REFUSED[name]
    assert refused(data).reason == reason


@pytest.mark.parametrize("reason", ["gif", "svg", "playlist", "audio_only", "truncated", "empty", "large_image"])
async def test_a_probe_says_the_same_as_a_refusal(reason: str, tmp_path: Path) -> None:
    data = next(data for why, data in REFUSED.values() if why == reason)
    with pytest.raises(UnusableMedia) as caught:
        await probed(data, tmp_path, "@everyone **secret**.mp4")
    assert caught.value.says == refused(data).says
    assert "secret" not in caught.value.says
    assert str(tmp_path) not in repr(caught.value)


async def test_what_is_no_file_is_refused_without_its_path(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", Path("/dev/zero")):
        with pytest.raises(UnusableMedia, match="could not open") as caught:
            await probe(path)
        assert "/" not in caught.value.says


def test_sentences_are_short_and_say_what_to_do() -> None:
    facts = {"stated": 1, "found": 2, "width": 3, "height": 4, "length": 5, "most": 6, "least": 7}
    for reason in SENTENCES:
        refusal = UnusableMedia(reason, **facts)
        assert isinstance(refusal, Refusal)
        assert len(refusal.says) <= 200, reason
        assert any(word in refusal.says for word in ("Send", "send", "Export", "export")), reason
        assert refusal.says.endswith(".")
        assert not set("{}/\\`*_<>@") & set(refusal.says), reason


def test_a_length_that_is_a_lie_is_refused() -> None:
    video = clip("webm")
    at = video.index(b"\x44\x89\x88") + 3
    refusal = refused(video[:at] + struct.pack(">d", 5_000.0) + video[at + 8 :])
    assert (refusal.reason, refusal.facts["stated"]) == ("lying", 5_000_000)
    assert abs(refusal.facts["found"] - TICKS) < 50_000


def test_a_length_is_what_the_container_says_where_that_can_be_so() -> None:
    video = clip("webm")
    at = video.index(b"\x44\x89\x88") + 3
    assert inspect(video[:at] + struct.pack(">d", 1_234.0) + video[at + 8 :]).microseconds == 1_234_000


def test_a_sample_that_is_not_all_there_is_noticed() -> None:
    """The box was made to fit what is left of it."""
    video = clip(movflags="faststart")
    at = video.index(b"mdat") - 4
    size = int.from_bytes(video[at : at + 4]) - 3
    assert refused(video[:at] + size.to_bytes(4) + video[at + 4 : at + size]).reason == "truncated"


def test_a_song_with_a_cover_is_no_video() -> None:
    out = BytesIO()
    with av.open(out, "w", format="mp4") as container:
        tone = add_sound(container, "mp4")
        cover = container.add_stream("png", rate=24)
        assert isinstance(cover, av.VideoStream)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "rgb24"
        cover.disposition = Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame(64, 48, "rgb24")))
        hum(container, tone, TICKS // 2)
    assert refused(out.getvalue()).reason == "audio_only"


async def test_a_file_larger_than_a_probes_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "input"
    with path.open("wb") as file:
        file.truncate(2 << 30)  # it takes no room
    with pytest.raises(UnusableMedia, match="too much memory"):
        await probe(path)


def test_sizes_are_refused_before_they_are_decoded() -> None:
    refusal = refused(clip(frames=1, size=(4_128, 4_128)))
    assert (refusal.reason, refusal.facts) == ("large_video", {"width": 4_128, "height": 4_128})
    assert "4128×4128" in refusal.says


@pytest.mark.parametrize("form", [*PICTURES, *MUXERS, "faststart"])
def test_a_file_cut_off_anywhere_is_refused(form: Format) -> None:
    if form in PICTURES:
        whole = picture(form)
    elif form in MUXERS:
        whole = clip(form, sound=1)
    else:
        whole = clip("mp4", sound=1, movflags="faststart")
    inspect(whole)
    some = random.Random(form)
    cuts = {*range(64), *range(len(whole) - 64, len(whole)), *(some.randrange(len(whole)) for _ in range(64))}
    for cut in cuts:
        refusal = refused(whole[:cut])
        assert refusal.reason in {"empty", "truncated", "unknown", "damaged"}, (cut, refusal.reason)
    assert refused(whole[: len(whole) * 2 // 3]).reason == "truncated"


def test_random_bytes_are_refused() -> None:
    some = random.Random(1)
    starts = [picture(form)[:16] for form in PICTURES] + [clip(form)[:48] for form in MUXERS] + [b""]
    for number in range(210):
        refused(starts[number % len(starts)] + some.randbytes(some.randrange(1, 4_000)))


def test_damage_anywhere_is_refused_or_seen_through() -> None:
    """Whatever is changed, there is a Media within bounds or an UnusableMedia, and nothing else is raised."""
    some = random.Random(2)
    wholes = [picture(form) for form in PICTURES] + [clip(form, 6, sound=1) for form in MUXERS]
    for number in range(300):
        data = bytearray(wholes[number % len(wholes)])
        for _ in range(some.randrange(1, 6)):
            data[some.randrange(len(data))] = some.randrange(256)
        try:
            media = inspect(bytes(data))
        except UnusableMedia:
            continue
        assert media.width * media.height <= 2**26
        assert media.microseconds >= 0
