"""What can go wrong with the provider, and what follows from it.

    RunwareError
    ├── NotSent            no connection was made                            retry            never billed
    ├── SourceGone         a file of ours cannot be read to its end          give up          never billed
    ├── Unclear            sent, but the answer was lost or cannot be read   look, then retry perhaps billed
    ├── AlreadyAccepted    it has this task: an earlier send took effect     look             perhaps billed
    └── Refused            the provider said no, before accepting
        ├── Busy             429 and its codes                                retry            never billed
        ├── OutOfCredit      402 and its codes                                ask a person     never billed
        ├── KeyRefused       401, 403 and their codes                         ask a person     never billed
        ├── Moderated        its moderation, or its model's, refuses          give up          never billed
        ├── NotTransferred   it could not read a picture or video             other way, once  never billed
        └── Invalid          anything else that is said with a 4xx            give up          never billed

Codes and statuses: the provider's error pages and its own clients, as of 2026-11-20. Codes are being standardised
there, so a code decides only where it is known by its whole name, and the status decides the rest. Of the codes of
transfers only `failedToTransferImage` has been seen: the others are taken by how they begin, where the status does
not say more.
"""

import re
import reprlib
from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar, Final

from bot.domain.job import Reason


class Then(Enum):
    """What to do after an error."""

    RETRY = "retry"  # later, the same again
    LOOK = "look"  # ask the provider what it knows of the task, before anything else
    GIVE_UP = "give up"  # the same again would be refused again
    OTHER_WAY = "other way"  # once more, with its pictures and videos given in the other way
    ASK_A_PERSON = "ask a person"  # keep the job; somebody has to mend the account


class RunwareError(Exception):
    """Anything that is not the answer we hoped for."""

    then: ClassVar[Then]
    perhaps_billed: ClassVar[bool] = False


class NotSent(RunwareError):
    """No connection was made, so nothing reached the provider."""

    then = Then.RETRY


class SourceGone(RunwareError):
    """A picture or video of ours is no longer there, or not what it was. Nothing whole has reached the provider."""

    then = Then.GIVE_UP
    reason: ClassVar[Reason] = Reason.SOURCE_GONE


class Unclear(RunwareError):
    """It may or may not have been accepted: a time-out, a cut connection, a 408 or 5xx, an unreadable body."""

    then = Then.LOOK
    perhaps_billed = True


class AlreadyAccepted(RunwareError):
    """The task id is known there: an earlier send took effect."""

    then = Then.LOOK
    perhaps_billed = True


class Refused(RunwareError):
    """The provider answered, and the answer is no. `code` is the provider's own word for it."""

    reason: ClassVar[Reason]

    def __init__(self, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.retry_after = retry_after  # seconds, where the provider names them


class Busy(Refused):
    then = Then.RETRY
    reason = Reason.BUSY


class OutOfCredit(Refused):
    then = Then.ASK_A_PERSON
    reason = Reason.OUT_OF_CREDIT


class KeyRefused(Refused):
    then = Then.ASK_A_PERSON
    reason = Reason.KEY_REFUSED


class Moderated(Refused):
    then = Then.GIVE_UP
    reason = Reason.MODERATED


class NotTransferred(Refused):
    then = Then.OTHER_WAY
    reason = Reason.NOT_TRANSFERRED


class Invalid(Refused):
    then = Then.GIVE_UP
    reason = Reason.REFUSED


MODERATION_CODES: Final = frozenset(
    {
        "invalidProviderContent",  # begins like a validation error, and is the model's moderation
        "contentModeration",
        "contentPolicyViolation",
        "providerContentPolicyViolation",
        "sensitiveContentDetected",
        "unsafeContentDetected",
        "nsfwContentDetected",
        "promptBlocked",
        "imageBlocked",
        "moderationFailed",
    }
)
TIME_OUT_CODES: Final = frozenset({"timeoutProvider", "timeout", "providerTimeout", "providerGatewayTimeout"})
_SERVER_CODES: Final = frozenset(
    {
        "internalServerError",
        "serviceUnavailable",
        "serverUnavailable",
        "standardError",
        "unknownError",
        "undefinedError",
        "defaultError",
        "unrecognizedResponse",
    }
)
UNKNOWN_TASK_CODES: Final = frozenset(
    {"taskNotFound", "taskUUIDNotFound", "taskExpired", "taskFailedOrNotFound"}  # the last says nothing for sure
)
_CODES: Final[Mapping[str, type[Refused]]] = {
    **dict.fromkeys(MODERATION_CODES, Moderated),
    **dict.fromkeys(
        (
            "rateLimit",
            "rateLimitExceeded",
            "inferenceRateLimitExceeded",
            "inferenceRateLimitRequestTooLarge",
            "providerRateLimitExceeded",
        ),
        Busy,
    ),
    **dict.fromkeys(
        (
            "insufficientCredits",
            "providerInsufficientCredits",
            "thirdPartyInsufficientCredits",
            "quotaExceeded",
            "paymentRequired",
        ),
        OutOfCredit,
    ),
    **dict.fromkeys(
        (
            "invalidApiKey",
            "missingApiKey",
            "unauthorized",
            "forbidden",
            "permissionDenied",
            "insufficientPermissions",
            "authenticationFailed",
            "authFailed",
            "authTimeout",
            "tokenExpired",
            "tokenInvalid",
            "tokenMissing",
            "tokenRevoked",
            "accountSuspended",
            "accountDisabled",
            "organizationSuspended",
            "organizationDisabled",
            "workspaceSuspended",
            "workspaceDisabled",
        ),
        KeyRefused,
    ),
}
LONGEST_SHOWN: Final = 500  # characters

_QUERY: Final = re.compile(r"""(https?://[^\s?#"'<>]*)[?#][^\s"'<>]*|(\S)\?[^\s"'<>=]*=[^\s"'<>]*""", re.IGNORECASE)
_SHORT: Final = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = LONGEST_SHOWN
STATUSES: Final[Mapping[int, type[Refused]]] = {
    401: KeyRefused,
    402: OutOfCredit,
    403: KeyRefused,
    413: NotTransferred,  # too large as it was sent: the other way sends each picture by itself
    429: Busy,
}
"""Statuses that say enough by themselves, without a body that can be read."""


def error_of(error: Mapping[str, Any], status: int, retry_after: float | None = None) -> RunwareError:
    """The exception for one error object of an answer with this HTTP status."""
    code = shown(error.get("code") or f"HTTP {status}")
    message = shown(error.get("message") or "")
    if code == "conflictTaskUUID":
        return AlreadyAccepted(message)
    kind = _CODES.get(code) or STATUSES.get(status)
    if kind is None and (_is_theirs(code, status) or (status < 400 and not error.get("code"))):
        return Unclear(f"{code}: {message}")
    if kind is None and _is_not_transferred(code):
        kind = NotTransferred
    return (kind or Invalid)(code, message, retry_after)


def failure_of(error: Mapping[str, Any]) -> Reason:
    """Why an accepted task, or one of its results, failed."""
    code = shown(error.get("code") or "")
    if code in MODERATION_CODES:
        return Reason.MODERATED
    if _is_not_transferred(code):
        return Reason.NOT_TRANSFERRED
    return Reason.TIMED_OUT if code in TIME_OUT_CODES else Reason.BROKEN


def _is_not_transferred(code: str) -> bool:
    return code.startswith("failedToTransfer") or code == "downloadFailed"


def shown(value: object) -> str:
    """A value of the provider's as one line that is not too long: it may be anything.

    Links lose their queries, since whoever has a signature has the file.
    """
    text = value if isinstance(value, str) else _SHORT.repr(value)
    text = _QUERY.sub(r"\1\2?…", text)
    return "".join(c if c.isprintable() else " " for c in text[:LONGEST_SHOWN])


def _is_theirs(code: str, status: int) -> bool:
    """Whether this is a fault of the provider's own, after which it may have accepted or not."""
    return status == 408 or status >= 500 or code in TIME_OUT_CODES | _SERVER_CODES
