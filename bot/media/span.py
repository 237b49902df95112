# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""From when to when a video's picture is shown, by its packets alone."""

from fractions import Fraction

from bot.media.opening import moving_picture, opened
from bot.media.probe import Format
from bot.media.unusable import UnusableMedia


def span(data: bytes, form: Format) -> tuple[Fraction, Fraction]:
    """When the first picture is shown, and when the last one ends, in seconds. Raises UnusableMedia."""
    with opened(data, form) as container:
        stream = moving_picture(container)
        begin, end = Fraction(2**62), Fraction(-(2**62))
        for packet in container.demux(stream):
            if packet.is_corrupt:
                raise UnusableMedia("truncated")
            if packet.pts is None or packet.is_discard:
                continue
            begin = min(begin, packet.pts * packet.time_base)
            end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
    if begin >= end:
        raise UnusableMedia("damaged")
    return begin, end
