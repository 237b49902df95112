"""A member of the public at Runware's counter: plain HTTP, and tasks as the model page shows them."""

import base64
import io
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from sandbox.clock import Clock
from sandbox.runware.film import Film, render
from sandbox.runware.server import Runware

Task = dict[str, Any]


def text(**more: Any) -> Task:
    """A valid, cheap text task (0.06 dollars), with `more` put over it; None takes a parameter away."""
    task: Task = {
        "taskType": "videoInference",
        "taskUUID": str(uuid.uuid4()),
        "model": "luma:ray@3.2",
        "positivePrompt": "a lighthouse at dusk",
        "width": 640,
        "height": 360,
        "includeCost": True,
        **more,
    }
    return {name: found for name, found in task.items() if found is not None}


def fed(**more: Any) -> Task:
    """A task without a size of its own, for inputs that bring one."""
    return text(**{"width": None, "height": None, **more})


def png(width: int = 64, height: int = 36) -> str:
    """An image as a data URI."""
    held = io.BytesIO()
    Image.new("RGB", (width, height), (200, 80, 40)).save(held, "PNG")
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode()


def clip(folder: Path, *, frames: int = 24, width: int = 640, height: int = 360) -> str:
    """A video of `frames` / 24 seconds as bare base64."""
    path = folder / f"clip-{frames}.mp4"
    render(Film(prompt="source", width=width, height=height, frames=frames), path)
    return base64.b64encode(path.read_bytes()).decode()


@dataclass
class Answer:
    """An answer of the API, taken apart."""

    status: int
    body: Any

    @property
    def data(self) -> list[dict[str, Any]]:
        return self.body.get("data", [])

    @property
    def errors(self) -> list[dict[str, Any]]:
        return self.body.get("errors", [])

    @property
    def codes(self) -> list[str]:
        return [error["code"] for error in self.errors]


@dataclass
class Counter:
    """One client at one loopback Runware."""

    runware: Runware
    clock: Clock
    http: httpx.AsyncClient

    async def ask(self, *tasks: Any) -> Answer:
        """Send the tasks in one request."""
        headers = {"Authorization": "Bearer sandbox-key"}
        answer = await self.http.post(self.runware.url, json=list(tasks), headers=headers)
        return Answer(answer.status_code, answer.json())

    async def poll(self, *tasks: Task) -> Answer:
        """Ask for the results of all `tasks` in one request."""
        return await self.ask(*({"taskType": "getResponse", "taskUUID": task["taskUUID"]} for task in tasks))

    async def details(self, task: Task) -> Answer:
        """Ask the archive."""
        return await self.ask({"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]})

    async def upload(self, media: str) -> str:
        """Store `media`; its id."""
        task = {"taskType": "mediaStorage", "taskUUID": str(uuid.uuid4()), "operation": "upload", "media": media}
        return (await self.ask(task)).data[0]["mediaUUID"]
