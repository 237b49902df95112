"""What Discord answers when it refuses: status, code, message, and for a bad form where each problem is.

Sources: Discord's documentation, "Opcodes and Status Codes" (the codes) and "Error Messages" (the nested shape).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.discord.wire import Object

CODES: dict[int, tuple[int, str]] = {
    0: (404, "404: Not Found"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    20012: (403, "You are not authorized to perform this action on this application"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50027: (401, "Invalid Webhook Token"),
    50033: (400, "Invalid Recipient(s)"),
    50035: (400, "Invalid Form Body"),
    50045: (400, "File uploaded exceeds the maximum size"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (400, "Cannot reply without permission to read message history"),
    160005: (403, "Thread is locked"),
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a form. `path` leads to it: names of keys and indexes of lists."""

    path: tuple[str | int, ...]
    code: str
    message: str


class DiscordError(Exception):
    """Discord refuses: answered with `status` and `body()`."""

    def __init__(self, status: int, code: int, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.problems = tuple(problems)

    def body(self) -> Object:
        """The JSON that Discord would answer."""
        body: Object = {"message": self.message, "code": self.code}
        if self.problems:
            body["errors"] = _nested(self.problems)
        return body


def refusal(code: int) -> DiscordError:
    """The refusal that Discord gives the JSON error code `code`."""
    status, message = CODES[code]
    return DiscordError(status, code, message)


def invalid_form(problems: Sequence[Problem]) -> DiscordError:
    """50035, with every problem at its place."""
    status, message = CODES[50035]
    return DiscordError(status, 50035, message, problems)


def unauthorized() -> DiscordError:
    """401 without a JSON error code, for a missing or wrong bot token."""
    return DiscordError(401, 0, "401: Unauthorized")


def _nested(problems: Sequence[Problem]) -> Object:
    errors: Object = {}
    for problem in problems:
        node = errors
        for step in problem.path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return errors
