# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Writing a video in memory, in a process that can open no file."""

import io
from collections.abc import Iterator
from heapq import merge
from typing import Any, Final, TypeAlias

import av
from av import Packet
from av.container import OutputContainer

from bot.media.probe import Format

AnyPacket: TypeAlias = "Packet[Any]"
"""Of sound or of pictures."""

MICROSECONDS: Final = 1_000_000


def create(sink: io.BytesIO, form: Format, timescale: int) -> OutputContainer:
    """A container to write to `sink`. `timescale`: ticks in a second of the picture's clock, in an MP4 or MOV.

    Those begin with their header, so that they play while they are loaded, and state their length exactly.
    """
    if form == "webm":
        return av.open(sink, "w", form)

    def again(url: str, flags: int, options: dict[str, str]) -> _SecondReader:
        return _SecondReader(sink)

    options = {
        "movflags": "faststart",
        "movie_timescale": str(MICROSECONDS),  # else a length is rounded up to a millisecond, and is billed
        "video_track_timescale": str(timescale),
    }
    return av.open(sink, "w", form, options, io_open=again)


class _SecondReader:
    """What was written so far: FFmpeg reads it again, to move it behind the header."""

    def __init__(self, sink: io.BytesIO) -> None:
        self._sink = sink
        self._at = 0

    def read(self, size: int) -> bytes:
        with self._sink.getbuffer() as written:
            found = bytes(written[self._at : self._at + size])
        self._at += len(found)
        return found

    def seek(self, to: int, whence: int = io.SEEK_SET) -> int:
        with self._sink.getbuffer() as written:
            self._at = to + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(written)}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        """Nothing to do: it has nothing of its own."""


def mux(sink: OutputContainer, *packets: Iterator[AnyPacket]) -> None:
    """Write them in the order of their times."""
    for packet in merge(*packets, key=_moment):
        sink.mux(packet)


def _moment(packet: AnyPacket) -> float:
    return float((packet.dts or 0) * packet.time_base)
