"""A request as the JSON that Runware reads: the one place where our names become theirs."""

import json
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.request import Request, TextToVideo

MODEL: Final = "luma:ray@3.2"


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


def _parameters(request: Request) -> dict[str, Any]:
    match request:
        case TextToVideo():
            # `resolution` needs an image or a video there, so a text request names its size in pixels
            parameters: dict[str, Any] = {
                "width": request.size.width,
                "height": request.size.height,
                "duration": request.duration,
            }
            if settings := _settings(request):
                parameters["settings"] = settings
            return parameters


def _settings(request: TextToVideo) -> dict[str, bool]:
    """Only what is on: some of these exclude each other by being there at all."""
    settings = {"loop": request.loop, "hdr": request.hdr, "exrExport": request.exr}
    return {name: True for name, on in settings.items() if on}
