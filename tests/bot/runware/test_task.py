"""What is sent: golden JSON for each field of a request, and nothing that was not asked for."""

import json
from typing import Any

import pytest

from bot.domain.request import TextToVideo
from bot.runware.task import Storage, body

TASK_ID = "24cd5dff-cb81-4db5-8506-b72a9425f9d1"

PLAIN = {
    "taskType": "videoInference",
    "taskUUID": TASK_ID,
    "model": "luma:ray@3.2",
    "positivePrompt": "a lighthouse at dusk",
    "width": 1280,
    "height": 720,
    "duration": 5,
    "numberResults": 1,
    "outputType": "URL",
    "deliveryMethod": "async",
    "includeCost": True,
}


def sent(*, storage: Storage | None = None, prompt: str = "a lighthouse at dusk", **fields: Any) -> dict[str, Any]:
    """The task for a request with these fields, as the provider reads it."""
    request = TextToVideo(prompt=prompt, **fields)
    return json.loads(body(request, task_id=TASK_ID, storage=storage or Storage()))


def test_a_plain_request_is_sent_without_anything_that_is_not_set() -> None:
    """No `settings`, no `ttl`, no nulls: some parameters exclude each other by being there at all."""
    assert sent() == PLAIN


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({"prompt": "two herons"}, {"positivePrompt": "two herons"}),
        ({"resolution": "360p"}, {"width": 640, "height": 360}),
        ({"resolution": "1080p"}, {"width": 1920, "height": 1080}),
        ({"aspect_ratio": "9:16"}, {"width": 720, "height": 1280}),
        ({"resolution": "720p", "aspect_ratio": "21:9"}, {"width": 1680, "height": 720}),
        ({"duration": 10}, {"duration": 10}),
        ({"loop": True}, {"settings": {"loop": True}}),
        ({"hdr": True}, {"settings": {"hdr": True}}),
        ({"hdr": True, "exr": True}, {"settings": {"hdr": True, "exrExport": True}}),
        ({"count": 4}, {"numberResults": 4}),
        ({"storage": Storage(ttl=3600)}, {"ttl": 3600}),
        (
            {"storage": Storage(upload_endpoint="https://bucket.example/put?sig=a/")},
            {"uploadEndpoint": "https://bucket.example/put?sig=a/"},
        ),
    ],
)
def test_each_field_changes_its_own_part_of_the_task(fields: dict[str, Any], changes: dict[str, Any]) -> None:
    assert sent(**fields) == {**PLAIN, **changes}


def test_a_size_is_never_sent_together_with_a_resolution() -> None:
    """The page's rule: `resolution` needs an image or a video, so text names its size in pixels."""
    assert "resolution" not in sent(resolution="540p", aspect_ratio="3:4")


@pytest.mark.parametrize(
    "prompt",
    [
        "x" * 6_000,
        "🌊" * 6_000,
        '  "quoted" \\ back\\u0041slash\n\ttab, <@123> @everyone **bold** `code` \u2028 \u202e \x7f  ',
        "naïve — 日本語 ‘curly’ ﬁ e\u0301",
    ],
    ids=["long", "long, outside the first plane", "characters with a meaning elsewhere", "not normalised"],
)
def test_a_prompt_reaches_the_provider_unchanged(prompt: str) -> None:
    """Byte for byte: not trimmed, not escaped, not normalised."""
    assert sent(prompt=prompt)["positivePrompt"].encode() == prompt.encode()


def test_the_same_request_is_the_same_body() -> None:
    """What is sent a second time under the same id has to be identical."""
    request = TextToVideo(prompt="a lighthouse", hdr=True, exr=True)
    assert len({body(request, task_id=TASK_ID, storage=Storage(ttl=60)) for _ in range(3)}) == 1
