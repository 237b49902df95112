"""What stands where on a card's picture, and the words for who does not see it."""

from dataclasses import replace

import pytest

from bot.domain.canvas import EDGE, LARGEST, TALLEST, alt, picture
from bot.domain.placement import Rectangle, rectangle
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, TextToVideo
from bot.domain.size import Size
from bot.domain.source import Frame, Image, Video

WIDE = Image(sha256="b" * 64, format="png", width=1600, height=400)
TALL = Image(sha256="c" * 64, format="png", width=300, height=900)
VIDEO = Video(sha256="a" * 64, format="mp4", width=640, height=360, microseconds=5_000_000, sound=True)
REFRAME = ReframeVideo(prompt="A fox", video=VIDEO, aspect_ratio="9:16")


def keyframes(count: int) -> ImageToVideo:
    frames = tuple(Frame(image=WIDE if n % 2 else TALL, at=n * 10) for n in range(count))
    return ImageToVideo(prompt="A fox", frames=frames, duration=10)


def test_words_alone_have_no_picture() -> None:
    assert picture(TextToVideo(prompt="A fox")) is None
    assert alt(TextToVideo(prompt="A fox")) == ""


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 10])
def test_pictures_stand_side_by_side_whole_in_order_and_in_their_proportions(count: int) -> None:
    request = keyframes(count)
    sheet = picture(request)
    assert sheet is not None
    assert sheet.width <= LARGEST
    assert [piece.source for piece in sheet.pieces] == list(request.sources)
    taken: set[tuple[int, int]] = set()
    for piece in sheet.pieces:
        assert EDGE <= piece.x <= piece.x + piece.width <= sheet.width - EDGE
        assert EDGE <= piece.y <= piece.y + piece.height <= sheet.height - EDGE
        assert max(piece.width, piece.height) <= TALLEST
        assert piece.width / piece.height == pytest.approx(piece.source.width / piece.source.height, rel=0.1)
        covered = {
            (x, y) for x in range(piece.x, piece.x + piece.width) for y in range(piece.y, piece.y + piece.height)
        }
        assert not covered & taken
        taken |= covered


def test_a_video_that_fits_stands_in_the_middle_of_its_canvas() -> None:
    drawn = picture(REFRAME)
    assert drawn is not None
    assert drawn.canvas is not None
    x, y, width, height = drawn.canvas
    [piece] = drawn.pieces
    assert width / height == pytest.approx(9 / 16, rel=0.02)
    assert (piece.x, piece.width) == (x, width)
    assert piece.y - y == pytest.approx(y + height - (piece.y + piece.height), abs=1)
    assert alt(REFRAME) == (
        "The new 9:16 canvas. Your video stands in the middle, as large as it goes in. The hatched rest is filled."
    )


def test_x_and_y_are_the_left_and_upper_edge_as_what_is_sent_means_them() -> None:
    """docs/decisions/0014: the same reading as the provider is sent."""
    placed = replace(REFRAME, placement=rectangle("bottom", Size(640, 360), REFRAME.size))
    drawn = picture(placed)
    assert drawn is not None
    assert drawn.canvas is not None
    [piece] = drawn.pieces
    assert piece.y + piece.height == pytest.approx(drawn.canvas[1] + drawn.canvas[3], abs=1)
    assert "from 68% to 100% of its height" in alt(placed)


def test_what_lies_outside_or_leaves_nothing_is_said() -> None:
    over = replace(REFRAME, placement=Rectangle(x=-0.5, y=0, width=2, height=1))
    assert alt(over).endswith("What lies outside is cut off. Nothing is left to be filled.")


def test_words_name_what_is_shown() -> None:
    ends = ImageToVideo(prompt="A fox", frames=(Frame(image=WIDE, at="first"), Frame(image=TALL, at="last")))
    assert alt(ends) == "In order: the first frame, the last frame."
    assert alt(keyframes(3)) == "In order: keyframe at 0 s, keyframe at 0.42 s, keyframe at 0.83 s."
    edit = EditVideo(prompt="A fox", video=VIDEO)
    assert alt(edit) == "The first frame of your video."
    assert alt(replace(edit, guide=TALL)) == "The first frame of your video, and the picture that guides it."
    assert all(len(alt(keyframes(count))) <= 1_024 for count in (10, 24))
