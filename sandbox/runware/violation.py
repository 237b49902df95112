"""What is wrong with a task, and how Runware says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DOCUMENTATION = "https://runware.ai/docs/models/luma-ray3-2"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One rule that a task breaks. `more`: its `type`, `min`, `max`, `allowedValues`."""

    code: str
    message: str
    parameter: str | tuple[str, ...] | None = None
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def error(self, task: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The error object (runware.md 4.1), naming `task` by its type and id as far as it has any."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.parameter is not None:
            error["parameter"] = list(self.parameter) if isinstance(self.parameter, tuple) else self.parameter
        for name in ("taskType", "taskUUID"):
            if task is not None and isinstance(task.get(name), str):
                error[name] = task[name]
        return {**error, **self.more, "documentation": DOCUMENTATION}


class Refused(Exception):
    """A task that is not carried out, with the HTTP status that an answer holding nothing else gets."""

    def __init__(self, *violations: Violation, status: int = 400) -> None:
        super().__init__(*(violation.code for violation in violations))
        self.violations = violations
        self.status = status
