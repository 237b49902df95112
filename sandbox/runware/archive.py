"""What `getTaskDetails` remembers: for each task id the request, and the *last* answer that went out about it.

The quirk is the service's own (runware.md 2.4): after a second submit was refused as a conflict, the archive shows
the conflict, until something about the render itself comes later.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.runware.request import Json
from sandbox.runware.violation import Refused


@dataclass(frozen=True)
class Archived:
    """One task id's request, and the last answer to a submit of it."""

    request: Json
    response: dict[str, Any]
    at: datetime


class Archive:
    """The archive, by task id in lower case."""

    def __init__(self) -> None:
        self._by_id: dict[str, Archived] = {}

    def find(self, task_id: str) -> Archived | None:
        """What is kept of a task id."""
        return self._by_id.get(task_id.lower())

    def accepted(self, request: Json, acknowledgement: dict[str, Any], at: datetime) -> None:
        """Keep an acceptance."""
        self._keep(request, {"data": [acknowledgement]}, at)

    def refused(self, request: Json, refused: Refused, at: datetime) -> None:
        """Keep a refusal; a conflict keeps the first request."""
        before = self.find(str(request.get("taskUUID")))
        errors = [violation.error(request) for violation in refused.violations]
        self._keep(before.request if before else request, {"errors": errors}, at)

    def _keep(self, request: Json, response: dict[str, Any], at: datetime) -> None:
        self._by_id[str(request.get("taskUUID")).lower()] = Archived(request, response, at)
