"""A request as the JSON that Runware reads: the one place where our names become theirs.

Pictures and videos stand in it as `source:` and their hash. What they are sent as, bytes or the id of an upload, is
put in when it is sent (`bot/transfer.py`); the body itself stays small, and the same.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, assert_never

from bot.domain.placement import Rectangle
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.source import Source

MODEL: Final = "luma:ray@3.2"

Meaning: TypeAlias = Literal["edge", "centre"]

X_AND_Y: Final[Meaning] = "edge"
"""What `sourcePosition.x` and `y` are of the source: its left and upper edge, as in Luma's own interface. An
example on the provider's page reads as if they were its centre; no live test has settled it (decision 14)."""


@dataclass(frozen=True)
class Storage:
    """Where the provider keeps what it made. `ttl`: seconds, 60 at least. None: the provider's own default."""

    ttl: int | None = None
    upload_endpoint: str | None = None


def body(request: Request, *, task_id: str, storage: Storage) -> str:
    """The task, to be stored and sent as it is, each time the same. What is not set is left out, not sent."""
    task: dict[str, Any] = {
        "taskType": "videoInference",
        "taskUUID": task_id,
        "model": MODEL,
        "positivePrompt": request.prompt,
        **_parameters(request),
        **_output(request),
        "numberResults": request.count,
        "outputType": "URL",
        "deliveryMethod": "async",
        "includeCost": True,
    }
    if storage.ttl is not None:
        task["ttl"] = storage.ttl
    if storage.upload_endpoint is not None:
        task["uploadEndpoint"] = storage.upload_endpoint
    return json.dumps(task)


def reference(source: Source) -> str:
    """What stands in a body for a picture or a video."""
    return f"source:{source.sha256}"


def _parameters(request: Request) -> dict[str, Any]:
    match request:
        case TextToVideo():
            # `resolution` needs an image or a video there, so a text request names its size in pixels
            parameters: dict[str, Any] = {**_pixels(request), "duration": request.duration}
        case ImageToVideo():
            parameters = {
                **_pixels(request),
                "duration": request.duration,
                "inputs": {"frameImages": _frames(request)},
            }
        case EditVideo():
            inputs: dict[str, Any] = {"video": reference(request.video)}
            if request.guide is not None:
                inputs["frameImages"] = [{"image": reference(request.guide), "frame": "first"}]
            parameters = {"resolution": request.resolution, "inputs": inputs}
        case ReframeVideo():
            parameters = {**_pixels(request), "inputs": {"video": reference(request.video)}}
        case _:
            assert_never(request)
    return parameters | ({"settings": settings} if (settings := _settings(request)) else {})


def _pixels(request: TextToVideo | ImageToVideo | ReframeVideo) -> dict[str, Any]:
    """The size, or the resolution alone, which takes the shape of the picture."""
    if request.size is None:
        return {"resolution": request.resolution}
    return {"width": request.size.width, "height": request.size.height}


def _frames(request: ImageToVideo) -> list[dict[str, Any]]:
    """`frame` is always said: without it the provider would take a lone last picture for the first."""
    return [{"image": reference(frame.image), "frame": frame.at} for frame in request.frames]


def _settings(request: Request) -> dict[str, Any]:
    """Only what is on: some of these exclude each other by being there at all."""
    match request:
        case TextToVideo() | ImageToVideo():
            on = {"loop": request.loop, "hdr": request.hdr, "exrExport": request.exr}
            return _on(on)
        case EditVideo():
            return {"edit": _edit(request), **_on({"hdr": request.hdr, "exrExport": request.exr})}
        case ReframeVideo():
            return {} if request.placement is None else {"sourcePosition": source_position(request.placement)}
        case _:
            assert_never(request)


def _on(settings: dict[str, bool]) -> dict[str, bool]:
    return {name: True for name, on in settings.items() if on}


def _edit(request: EditVideo) -> dict[str, Any]:
    controls = {
        "depthBlur": request.depth_blur,
        "face": request.face,
        "normalsAugmentation": request.normals_augmentation,
        "poseStrength": request.pose_strength,
        "trajectorySparsity": request.trajectory_sparsity,
    }
    edit: dict[str, Any] = {"autoControls": True} if request.automatic else {}
    if request.strength is not None:
        edit["strength"] = request.strength
    if controls := {name: value for name, value in controls.items() if value is not None}:
        edit["controls"] = controls
    # said where nothing is chosen, since what the provider does then is not known
    return edit or {"autoControls": False}


def source_position(place: Rectangle, meaning: Meaning = X_AND_Y) -> dict[str, float]:
    """The one place that knows what the provider means by x and y."""
    x, y = place.x, place.y
    if meaning == "centre":
        x, y = x + place.width / 2, y + place.height / 2
    return {"x": x, "y": y, "width": place.width, "height": place.height}


def _output(request: Request) -> dict[str, Any]:
    """How the video is to be encoded and checked, where that is not the provider's default."""
    output: dict[str, Any] = {}
    if request.format != "MP4":
        output["outputFormat"] = request.format
    if request.quality is not None:
        output["outputQuality"] = request.quality
    if request.safety != "none":
        output["safety"] = {"checkContent": True, "mode": request.safety}
    return output
