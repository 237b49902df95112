# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What bytes really are, on real media made here: sizes, lengths, refusals, and all that a hostile file may try."""

import asyncio
import random
import signal
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import pytest
from av.codec import codecs_available
from av.container import OutputContainer
from av.stream import Disposition
from PIL import Image

from bot.domain.refusal import Refusal
from bot.media import AT_ONCE, MEMORY, SENTENCES, Format, Media, UnusableMedia, as_image, as_video, inspect, probe

ROOT = Path(__file__).resolve().parents[2]
MUXERS: dict[Format, str] = {"mp4": "mp4", "mov": "mov", "webm": "webm"}
PICTURES: dict[Format, str] = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}
TICKS = 1_000_000


def picture(form: Format, size: tuple[int, int] = (64, 32), orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, PICTURES[form], exif=exif)
    return out.getvalue()


def moving(form: str) -> bytes:
    first, *more = [Image.effect_noise((32, 32), 60) for _ in range(3)]
    out = BytesIO()
    first.save(out, form, save_all=True, append_images=more, duration=100)
    return out.getvalue()


def clip(
    form: Format = "mp4",
    frames: int = 24,
    length: int | None = None,
    *,
    size: tuple[int, int] = (64, 48),
    times: list[int] | None = None,
    codec: str = "",
    sound: int = 0,
    shape: Fraction | None = None,
    **muxing: str,
) -> bytes:
    """A video of 24 fps, or with frames at `times`, that ends at `length`; in microseconds. `sound`: tracks."""
    codec = codec or ("libvpx-vp9" if form == "webm" else "libx264")
    times = times or [round(number * TICKS / 24) for number in range(frames)]
    length = length or round(len(times) * TICKS / 24)
    options = muxing if form == "webm" else {"video_track_timescale": str(TICKS), **muxing}
    with TemporaryDirectory() as folder:
        path = Path(folder, "clip")
        with av.open(path, "w", format=MUXERS[form], options=options) as container:
            stream = container.add_stream(codec, rate=24, options=ENCODING.get(codec, {}))
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = size
            stream.pix_fmt = "rgb24" if codec == "qtrle" else "yuv420p"
            stream.codec_context.time_base = Fraction(1, 24) if codec == "mpeg4" else Fraction(1, TICKS)
            if shape:
                stream.codec_context.sample_aspect_ratio = shape
            tones = [add_sound(container, form) for _ in range(sound)]
            packets = list(encoded(stream, times))
            for packet, end in zip(packets, [*times[1:], length], strict=True):
                if codec != "mpeg4":
                    assert packet.pts is not None
                    packet.duration = end - packet.pts
                container.mux(packet)
            for tone in tones:
                hum(container, tone, length)
        return path.read_bytes()


ENCODING = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:bframes=0"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
}


def encoded(stream: av.VideoStream, times: list[int]) -> "Iterator[av.Packet[av.VideoStream]]":
    for number, at in enumerate(times):
        frame = av.VideoFrame(stream.width, stream.height, stream.pix_fmt or "")
        for plane in frame.planes:
            plane.update(bytes([number * 9 % 256]) * plane.buffer_size)
        frame.pts, frame.time_base = at, Fraction(1, TICKS)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def add_sound(container: OutputContainer, form: str) -> av.AudioStream:
    stream = container.add_stream("libopus" if form == "webm" else "aac", rate=48_000, layout="mono")
    assert isinstance(stream, av.AudioStream)
    return stream


def hum(container: OutputContainer, stream: av.AudioStream, length: int) -> None:
    for number in range(length * 50 // TICKS):
        silence = av.AudioFrame("s16", "mono", 960)
        silence.planes[0].update(bytes(silence.planes[0].buffer_size))
        silence.rate, silence.pts, silence.time_base = 48_000, number * 960, Fraction(1, 48_000)
        container.mux(stream.encode(silence))
    container.mux(stream.encode(None))


def only_sound(form: str = "mp4") -> bytes:
    out = BytesIO()
    with av.open(out, "w", format=form) as container:
        hum(container, add_sound(container, form), TICKS // 2)
    return out.getvalue()


UPRIGHT = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)


def turned(video: bytes, degrees: int) -> bytes:
    """The video with another display matrix in its track header."""
    a, b = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = struct.pack(">9i", a << 16, b << 16, 0, -b << 16, a << 16, 0, 0, 0, 1 << 30)
    at = video.index(UPRIGHT, video.index(b"tkhd"))
    return video[:at] + matrix + video[at + len(matrix) :]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, *more: bytes, depth: int = 1, colour: int = 0) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"".join((b"\x89PNG\r\n\x1a\n", header, *more, chunk(b"IDAT", rows), chunk(b"IEND", b"")))


def zeros(size: int) -> bytes:
    """So many zero bytes, compressed, without ever being all in memory."""
    packer = zlib.compressobj(1)
    return (
        b"".join(packer.compress(bytes(min(1 << 20, size - at))) for at in range(0, size, 1 << 20)) + packer.flush()
    )


def refused(data: bytes) -> UnusableMedia:
    with pytest.raises(UnusableMedia) as caught:
        inspect(data)
    return caught.value


async def probed(data: bytes, folder: Path, name: str = "input") -> Media:
    path = folder / name
    path.write_bytes(data)
    return await probe(path)


# What a file is ---------------------------------------------------------------------------------------------


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
    with pytest.raises(UnusableMedia, match="and 30 s is the most"):
        as_video(Media(kind="video", format="mp4", width=64, height=48, microseconds=30_000_001))


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
    "mp3": ("audio only", b"ID3\x04" + bytes(500)),
    "m4a": ("audio only", only_sound()),
    "webm of sound": ("audio only", only_sound("webm")),
    "mkv": ("container", b"\x1aE\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska" + bytes(99)),
    "avi": ("container", b"RIFF\0\0\0\0AVI LIST" + bytes(99)),
    "m3u8": ("playlist", b"#EXTM3U\n#EXTINF:1,\nother.ts\n"),
    "ffconcat": ("playlist", b"ffconcat version 1.0\nfile other.mp4\n"),
    "codec": ("codec", clip("mov", codec="qtrle")),
    "endless": ("endless", clip("webm", live="1")),
    "tracks": ("tracks", clip(sound=17)),
    "truncated": ("truncated", clip()[:-1]),
    "header alone": ("damaged", png(64, 64, b"")),
    "wide": ("large image", png(60_000, 2, zeros(15_002))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_says_what_is_wrong_with(name: str) -> None:
    reason, data = REFUSED[name]
    assert refused(data).reason == reason


@pytest.mark.parametrize("reason", ["gif", "svg", "playlist", "audio only", "truncated", "empty", "large image"])
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
    assert refused(out.getvalue()).reason == "audio only"


async def test_a_file_larger_than_a_probes_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "input"
    with path.open("wb") as file:
        file.truncate(2 << 30)  # it takes no room
    with pytest.raises(UnusableMedia, match="too much memory"):
        await probe(path)


def test_sizes_are_refused_before_they_are_decoded() -> None:
    refusal = refused(clip(frames=1, size=(4_128, 4_128)))
    assert (refusal.reason, refusal.facts) == ("large video", {"width": 4_128, "height": 4_128})
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


# What a hostile file may try -------------------------------------------------------------------------------------

MEASURED = """
import asyncio, pathlib, resource, sys
from bot.media import UnusableMedia, probe
try:
    said = asyncio.run(probe(pathlib.Path(sys.argv[1]))).kind
except UnusableMedia as unusable:
    said = unusable.reason
own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
assert not [name for name in sys.modules if name.split(".")[0] == "av"], "the bot itself has loaded PyAV"
print(said, own, child, sep="|")
"""


def measured(data: bytes, folder: Path) -> tuple[str, int, int]:
    """What a probe says, and the most memory, in megabytes, that the bot and the probe's process ever had."""
    path = folder / "bomb"
    path.write_bytes(data)
    command = [sys.executable, "-c", MEASURED, str(path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30).stdout
    reason, own, child = said.strip().split("|")
    return reason, int(own) // 1024, int(child) // 1024


def test_an_image_of_absurd_size_is_never_unpacked(tmp_path: Path) -> None:
    reason, own, child = measured(png(30_000, 30_000, zeros(3_751 * 30_000)), tmp_path)
    assert reason == "large image"
    assert child < 80
    assert own < 80


def test_a_picture_larger_than_its_file_says_is_never_unpacked(tmp_path: Path) -> None:
    """A WebP's canvas says 64×64, and the picture in it 16384×16384."""
    canvas = b"VP8X" + struct.pack("<IB3x", 10, 0) + (63).to_bytes(3, "little") * 2
    inner = b"\x2f" + (16_383 | 16_383 << 14).to_bytes(4, "little") + bytes(59)
    body = b"WEBP" + canvas + b"VP8L" + struct.pack("<I", len(inner)) + inner
    reason, _, child = measured(b"RIFF" + struct.pack("<I", len(body)) + body, tmp_path)
    assert reason == "damaged"
    assert child < 80


def test_a_video_larger_than_its_file_says_is_never_unpacked(tmp_path: Path) -> None:
    """The container says 64×64, and the frame in it 8000×8000: 96 MB, at the least."""
    data = clip(frames=1, size=(8_000, 8_000)).replace(struct.pack(">HH", 8_000, 8_000), struct.pack(">HH", 64, 64))
    reason, _, child = measured(data, tmp_path)
    assert reason in {"damaged", "large video"}
    assert child < 80


def test_a_jpeg_with_two_sizes_is_refused() -> None:
    data = picture("jpeg")
    at = data.index(b"\xff\xc0")
    large = data[at : at + 5] + b"\xff\xff\xff\xff" + data[at + 9 : at + 19]
    assert refused(data[:at] + large + data[at:]).reason == "damaged"


def test_text_that_unpacks_without_end_is_never_unpacked(tmp_path: Path) -> None:
    """Neither much in one chunk nor a little in many; an ordinary colour profile does no harm."""
    rows = zeros(9 * 64)
    assert inspect(png(64, 64, rows, chunk(b"iCCP", b"sRGB\0\0" + zeros(500_000)))).kind == "image"
    many = [chunk(b"zTXt", b"Comment%d\0\0" % number + zeros(1 << 20)) for number in range(9)]
    assert refused(png(64, 64, rows, *many)).reason == "heavy"
    for kind in (b"zTXt", b"iCCP"):
        reason, own, child = measured(png(64, 64, rows, chunk(kind, b"x\0\0" + zeros(300 << 20))), tmp_path)
        assert reason == "heavy"
        assert max(own, child) < 80


def test_the_largest_image_that_is_taken_fits(tmp_path: Path) -> None:
    reason, _, child = measured(png(8_192, 8_192, zeros(1_025 * 8_192)), tmp_path)
    assert reason == "image"
    assert child < MEMORY >> 20


@pytest.mark.parametrize("target", ["file", "address"])
@pytest.mark.parametrize("kind", ["concat", "hls"])
@pytest.mark.parametrize("layer", ["bytes", "options"])
async def test_a_list_of_other_files_is_not_followed(
    target: str, kind: str, layer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither as it is, nor where its bytes were not recognized and FFmpeg were told to follow it."""
    (tmp_path / "other.mp4").write_bytes(clip())
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        other = "other.mp4" if target == "file" else f"http://127.0.0.1:{server.getsockname()[1]}/other.mp4"
        text = f"ffconcat version 1.0\nfile {other}\n"
        if kind == "hls":
            text = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n"
        if layer == "bytes":
            with pytest.raises(UnusableMedia, match="playlist"):
                await probed(text.encode(), tmp_path, "film.mp4")
        else:
            if (kind, target) == ("concat", "file"):
                (tmp_path / "film.mp4").write_text(text)
                with av.open("film.mp4") as followed:
                    assert next(followed.decode(video=0)).width == 64, "FFmpeg itself no longer follows it"
            monkeypatch.setattr("bot.media._STARTS", ())
            assert refused(text.encode()).reason == "unknown"
            monkeypatch.setattr("bot.media._format", lambda data: "mp4")  # pyright: ignore[reportUnknownLambdaType]
            monkeypatch.setattr("bot.media._CHECKS", {"mp4": lambda data: (0, 0)})  # pyright: ignore[reportUnknownLambdaType]
            assert refused(text.encode()).reason == "damaged"
            monkeypatch.setattr("bot.media._DEMUXERS", {"mp4": kind})
            assert refused(text.encode()).reason == "damaged"
        with pytest.raises(BlockingIOError):
            server.accept()


CONFINED = """
import socket, sys
from bot import media
media.SECONDS = 1
scratch = open(sys.argv[2], "wb", buffering=0)
media.confine()
def tried(attempt):
    try: attempt()
    except OSError as error: return error.errno
    except MemoryError: return "memory"
print(tried(lambda: open("/etc/passwd")), tried(socket.socket), tried(lambda: bytearray(1 << 30)), end=" ")
print(tried(lambda: scratch.write(b"x")), flush=True)
while sys.argv[1] == "busy": pass
while sys.argv[1] == "asleep": __import__("time").sleep(1)
"""


def test_a_probe_can_open_nothing_and_ends_by_itself(tmp_path: Path) -> None:
    started = time.monotonic()
    ways = [
        subprocess.Popen(
            [sys.executable, "-c", CONFINED, how, str(tmp_path / how)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for how in ("busy", "asleep")
    ]
    for way, ended in zip(ways, (signal.SIGXCPU, signal.SIGALRM), strict=True):
        said, _ = way.communicate(timeout=20)
        assert said.split() == ["24", "24", "memory", "27"]  # EMFILE twice, EFBIG
        assert way.returncode in (-ended, -signal.SIGKILL)
    assert time.monotonic() - started < 10


# What the bot does with a probe that misbehaves ------------------------------------------------------------------


@pytest.fixture
def impostor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program to run in the probe's place, and a folder for it to write in."""
    (tmp_path / "bot").mkdir()
    monkeypatch.setattr("bot.media._ROOT", tmp_path)
    (tmp_path / "input").write_bytes(picture("png"))
    return tmp_path


HANG = "import os, pathlib, time; pathlib.Path(f'{os.getpid()}.pid').touch(); time.sleep(60)"


def program(folder: Path, text: str) -> None:
    (folder / "bot" / "media.py").write_text(text)


def started(folder: Path) -> int:
    return len(list(folder.glob("*.pid")))


def alive(folder: Path) -> list[str]:
    return [path.stem for path in folder.glob("*.pid") if Path("/proc", path.stem).exists()]


async def test_a_probe_that_hangs_is_ended(impostor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.SECONDS", 0.5)
    program(impostor, HANG)
    with pytest.raises(UnusableMedia, match="took too long"):
        await probe(impostor / "input")
    assert started(impostor) == 1
    assert not alive(impostor)


async def test_a_probe_that_is_cancelled_is_ended(impostor: Path) -> None:
    program(impostor, HANG)
    asking = asyncio.create_task(probe(impostor / "input"))
    while not alive(impostor):
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not alive(impostor)


async def test_only_a_few_run_at_once(impostor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.SECONDS", 0.6)
    program(impostor, HANG)
    asking = [asyncio.create_task(probe(impostor / "input")) for _ in range(AT_ONCE + 2)]
    most = 0
    while not all(task.done() for task in asking):
        most = max(most, len(alive(impostor)))
        await asyncio.sleep(0.02)
    await asyncio.gather(*asking, return_exceptions=True)
    assert most == AT_ONCE
    assert started(impostor) == AT_ONCE + 2


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.kill(os.getpid(), 11)",
        "raise RuntimeError('a bug')",
        "print('nonsense')",
        "print('[1, 2]')",
        """print('{"reason": "no such reason", "facts": {}}')""",
        """print('{"reason": "lying", "facts": {"stated": "@everyone", "found": 1}}')""",
        """print('{"kind": "image"}')""",
        "",
    ],
)
async def test_a_probe_that_crashes_or_lies_refuses_the_file_alone(
    text: str, impostor: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program(impostor, text)
    with pytest.raises(UnusableMedia, match="damaged or unusual"):
        await probe(impostor / "input")
    assert "a probe ended with" in caplog.text


async def test_a_probe_is_told_nothing_but_the_bytes(impostor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-token-that-nobody-may-see")
    program(
        impostor,
        "import os, pathlib, sys; "
        "pathlib.Path('told').write_text(repr((dict(os.environ), sys.argv[1:], len(sys.stdin.buffer.read()))))",
    )
    with pytest.raises(UnusableMedia):
        await probe(impostor / "input")
    told = (impostor / "told").read_text()
    assert "a-token" not in told
    assert "input" not in told
    assert told.endswith(f", [], {(impostor / 'input').stat().st_size})")


async def test_the_loop_goes_on_meanwhile(tmp_path: Path) -> None:
    asking = asyncio.create_task(probed(clip(), tmp_path))
    longest, last = 0.0, time.monotonic()
    while not asking.done():
        await asyncio.sleep(0.002)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert (await asking).kind == "video"
    assert longest < 0.3
