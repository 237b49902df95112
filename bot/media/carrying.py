# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Carrying sound from one video to another: copied where the other can hold it, stored anew where it cannot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Final, cast

from av import AudioFrame, AudioStream, Packet
from av.container import InputContainer, OutputContainer
from av.error import BlockingIOError as Nothing
from av.error import EOFError as End
from av.filter import Graph

from bot.media.muxing import AnyPacket
from bot.media.opening import SOUND_DECODERS, decoder
from bot.media.probe import Format
from bot.media.unusable import UnusableMedia

_COPIED: Final[Mapping[Format, frozenset[str]]] = MappingProxyType(
    {
        "mp4": frozenset({"aac", "mp3", "opus"}),
        "mov": frozenset({"aac", "mp3"}),
        "webm": frozenset({"opus", "vorbis"}),
    }
)
"""What each can hold and browsers play in it, Discord's too: in MP4 no AC-3, and no ALAC."""

_ENCODERS: Final[Mapping[Format, tuple[str, int]]] = MappingProxyType(
    {"mp4": ("aac", 192_000), "mov": ("aac", 192_000), "webm": ("libopus", 160_000)}
)
"""And bits a second, with which two channels sound as they were."""

_RATE: Final = 48_000  # samples a second


@dataclass(frozen=True)
class Place:
    """Where sound belongs, in seconds: what its source plays at `origin` comes at `start`; all ends at `end`."""

    origin: Fraction
    start: Fraction
    end: Fraction


def carry(
    source: InputContainer, sound: AudioStream, sink: OutputContainer, form: Format, place: Place
) -> Iterator[AnyPacket]:
    """The packets to write to `sink`, a container of kind `form`, to which a stream is added for them.

    Raises UnusableMedia.
    """
    if not decoder(sound):
        raise UnusableMedia("sound")
    if sound.codec_context.codec.canonical_name in _COPIED[form]:
        track = sink.add_stream_from_template(sound)
        hidden = _hidden(sound.codec_context.extradata) if form == "webm" else None
        return _copied(source, sound, track, place, hidden)
    if decoder(sound) not in SOUND_DECODERS:
        raise UnusableMedia("sound")
    encoder, bits = _ENCODERS[form]
    track = cast(AudioStream, sink.add_stream(encoder, rate=_RATE, layout="stereo", bit_rate=bits))
    if form == "webm":
        track.codec_context.open()  # it says only then how much it hides
        place = replace(place, end=place.end - _hidden(track.codec_context.extradata))
    return _stored_anew(source, sound, track, place)


def _hidden(header: bytes | None) -> Fraction:
    """How much sound, in seconds, a WebM can hold before its beginning, for a decoder to begin with.

    Opus alone has a number for that. What comes earlier yet would move the picture, and it counts as length.
    """
    if not header or not header.startswith(b"OpusHead"):
        return Fraction(0)
    return Fraction(int.from_bytes(header[10:12], "little") + _RATE // 1_000, _RATE)  # in whole milliseconds


def _copied(
    source: InputContainer, sound: AudioStream, track: AudioStream, place: Place, hidden: Fraction | None
) -> Iterator[AnyPacket]:
    """`hidden`: None where the container has an edit list, and can hide any."""
    first = place.start - hidden if hidden is not None else None
    last = place.end - (hidden or 0)
    for packet in source.demux(sound):
        if packet.is_corrupt:
            raise UnusableMedia("truncated")
        if packet.pts is None:
            continue
        clock = packet.time_base
        at = round((packet.pts * clock - place.origin + place.start) / clock)
        begin, end = at * clock, (at + (packet.duration or 0)) * clock
        if end < place.start or (first is not None and begin < first):
            continue
        if end > last:
            return
        packet.pts = packet.dts = at
        packet.stream = track
        yield packet


def _stored_anew(
    source: InputContainer, sound: AudioStream, track: AudioStream, place: Place
) -> Iterator[AnyPacket]:
    for frame in _heard(source, sound, place):
        yield from _until(place.end, track.encode(frame))
    yield from _until(place.end, track.encode(None))


def _until(end: Fraction, packets: "list[Packet[AudioStream]]") -> Iterator[AnyPacket]:
    for packet in packets:
        if packet.pts is not None and (packet.pts + (packet.duration or 0)) * packet.time_base <= end:
            yield packet


def _heard(source: InputContainer, sound: AudioStream, place: Place) -> Iterator[AudioFrame]:
    """The sound from `place.start` on, without a gap: silence stands where there is none."""
    graph: Graph | None = None
    for frame in _placed(source, sound, place):
        graph = graph or _evened(frame, place)
        graph.push(frame)
        yield from _pulled(graph)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)


def _placed(source: InputContainer, sound: AudioStream, place: Place) -> Iterator[AudioFrame]:
    for packet in source.demux(sound):
        for frame in packet.decode():
            if frame.is_corrupt or frame.pts is None or frame.time_base is None:
                continue
            clock = Fraction(1, frame.sample_rate)
            frame.pts = round((frame.pts * frame.time_base - place.origin + place.start) / clock)
            frame.time_base = clock
            if frame.pts * clock >= place.end:
                return
            yield frame


def _evened(first: AudioFrame, place: Place) -> Graph:
    """What makes stereo of anything and fills its gaps, from the beginning on."""
    graph = Graph()
    graph.link_nodes(
        graph.add_abuffer(
            sample_rate=first.sample_rate, format=first.format, layout=first.layout, time_base=first.time_base
        ),
        graph.add("aresample", f"{_RATE}:async=1:first_pts={round(place.start * _RATE)}"),
        graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
        graph.add("abuffersink"),
    ).configure()
    return graph


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            yield cast(AudioFrame, graph.pull())
        except (Nothing, End):
            return
