# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Sample files are what they are said to be: measured, not believed."""

from io import BytesIO

import av
import pytest
from PIL import Image

from sandbox.clip import clip, photo


@pytest.mark.parametrize("microseconds", [1_000_000, 5_000_000, 5_000_001, 6_041_995])
@pytest.mark.parametrize("sound", [False, True])
def test_a_clip_lasts_exactly_as_long_as_was_asked_for(microseconds: int, sound: bool) -> None:
    with av.open(BytesIO(clip(96, 64, microseconds, sound=sound)), "r") as container:
        assert container.duration == microseconds
        picture = container.streams.video[0]
        assert (picture.width, picture.height) == (96, 64)
        assert bool(container.streams.audio) == sound
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == microseconds * 24 // 1_000_000


def test_a_clip_sounds_where_it_should() -> None:
    with av.open(BytesIO(clip(96, 64, 1_000_000, sound=True)), "r") as container:
        loudest = max(
            abs(sample)
            for frame in container.decode(audio=0)
            for sample in memoryview(bytes(frame.planes[0])).cast("f")[: frame.samples]
        )
    assert 0.02 < loudest < 0.5


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_photo_has_its_size_and_its_form(form: str) -> None:
    with Image.open(BytesIO(photo(320, 200, form=form))) as picture:
        picture.load()
        assert (picture.format, picture.size) == (form, (320, 200))


def test_a_photo_shows_its_text() -> None:
    assert photo(text="one") != photo(text="two")
