"""The still picture of a sandbox video: what it is, and the prompt."""

from typing import Final

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_PAPER: Final = (24, 34, 58)
_HEADING: Final = (255, 202, 96)
_INK: Final = (226, 232, 245)
_FACES: Final = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial.ttf")


def card(size: tuple[int, int], heading: list[str], prompt: str) -> Image.Image:
    """A picture of `size` with the heading's lines and as much of `prompt` as fits at a legible size.

    Signs that the machine's fonts lack show as boxes; no text makes this fail.
    """
    width, height = size
    picture = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(picture)
    margin = min(size) // 16
    large = _font(max(14, min(size) // 16))
    y = margin
    for line in heading:
        y = _write(draw, (margin, y), line, large, _HEADING)
    room = (width - 2 * margin, height - y - margin - height // 20)
    font, lines = _fitted(_printable(prompt), room, largest=max(12, min(size) // 20))
    y += margin // 2
    for line in lines:
        y = _write(draw, (margin, y), line, font, _INK)
    return picture


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], line: str, font: Font, ink: tuple[int, int, int]) -> int:
    draw.text(at, line, font=font, fill=ink)
    return at[1] + _line_height(font)


def _fitted(text: str, room: tuple[int, int], *, largest: int) -> tuple[Font, list[str]]:
    """The largest font in which `text` fits `room`, with its lines; cut where even the smallest is too large."""
    size, smallest = largest, 9
    while True:
        font = _font(size)
        lines = _wrapped(text, font, room[0])
        fit = max(1, room[1] // _line_height(font))
        if len(lines) <= fit:
            return font, lines
        if size <= smallest:
            return font, [*lines[: fit - 1], "…"]
        size = max(smallest, size * 3 // 4)


def _wrapped(text: str, font: Font, width: int) -> list[str]:
    """`text` in lines of at most `width` pixels; words that are longer are broken."""
    most = max(1, int(width / max(1.0, font.getlength("n"))))
    lines = [""]
    for word in text.split():
        for start in range(0, len(word), most):
            part = word[start : start + most]
            longer = f"{lines[-1]} {part}" if lines[-1] else part
            if not lines[-1] or font.getlength(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(part)
    return lines


def _printable(text: str) -> str:
    """`text` without what no font can draw: lone surrogates and control characters."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else " " for sign in sound)


def _line_height(font: Font) -> int:
    return int(font.getbbox("Äg")[3] * 1.25) + 1


def _font(size: int) -> Font:
    for face in _FACES:
        try:
            return ImageFont.truetype(face, size, layout_engine=ImageFont.Layout.BASIC)
        except OSError:
            continue
    return ImageFont.load_default(size)
