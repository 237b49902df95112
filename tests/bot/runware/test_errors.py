"""Each error of the provider's, and what follows from it."""

import pytest

from bot.domain.job import Reason
from bot.runware.errors import (
    AlreadyAccepted,
    Busy,
    Invalid,
    KeyRefused,
    Moderated,
    NotSent,
    NotTransferred,
    OutOfCredit,
    Refused,
    RunwareError,
    SourceGone,
    Then,
    Unclear,
    error_of,
    failure_of,
    shown,
)

LOOK, RETRY, GIVE_UP, ASK = Then.LOOK, Then.RETRY, Then.GIVE_UP, Then.ASK_A_PERSON

FOLLOWS: dict[type[RunwareError], tuple[Then, bool]] = {
    NotSent: (RETRY, False),
    SourceGone: (GIVE_UP, False),
    Unclear: (LOOK, True),
    AlreadyAccepted: (LOOK, True),
    Busy: (RETRY, False),
    OutOfCredit: (ASK, False),
    KeyRefused: (ASK, False),
    Moderated: (GIVE_UP, False),
    NotTransferred: (Then.OTHER_WAY, False),
    Invalid: (GIVE_UP, False),
}
"""What to do after each error, and whether it may have been billed."""

CODES: dict[type[RunwareError], str] = {
    KeyRefused: """
        invalidApiKey missingApiKey unauthorized forbidden permissionDenied insufficientPermissions
        authenticationFailed authFailed authTimeout tokenExpired tokenInvalid tokenMissing tokenRevoked
        accountSuspended accountDisabled organizationSuspended organizationDisabled workspaceSuspended
        workspaceDisabled""",
    OutOfCredit: """
        insufficientCredits providerInsufficientCredits thirdPartyInsufficientCredits quotaExceeded
        paymentRequired""",
    Busy: """
        rateLimit rateLimitExceeded inferenceRateLimitExceeded providerRateLimitExceeded
        inferenceRateLimitRequestTooLarge""",
    Moderated: """
        contentPolicyViolation providerContentPolicyViolation sensitiveContentDetected unsafeContentDetected
        nsfwContentDetected promptBlocked imageBlocked moderationFailed invalidProviderContent contentModeration""",
    Unclear: """
        timeout providerTimeout providerGatewayTimeout timeoutProvider internalServerError serviceUnavailable
        serverUnavailable standardError unknownError undefinedError defaultError unrecognizedResponse""",
    AlreadyAccepted: "conflictTaskUUID",
}
"""The codes of runware.md 4.3 that decide by themselves."""

DECIDED_BY_STATUS = """
    inferenceError processingFailed taskFailed uploadFailed noAvailableServer modelUnavailable
    modelDisabled modelNotReady mediaStorageFileCouldNotBeMoved providerError providerUnavailable
    providerBadGateway providerInternalError providerUnknownError providerAuthenticationFailed webhookTimeout
    taskNotFound taskExpired taskCancelled taskFailedOrNotFound mediaNotFound mediaExpired modelNotFound
    providerNotFound unknownModel errorRetrievingAccountManagement unsupportedParameter unsupportedTaskType
    unsupportedDuration valueTooLarge arrayTooSmall unknownParameter incompatibleParameters modelAlreadyExists
    validationFailed transferFailed aCodeOfTomorrow conflictSomething invalidContent"""
"""The rest of that list, and codes that nobody has seen."""

STATUSES: dict[int, type[RunwareError]] = {
    400: Invalid,
    401: KeyRefused,
    402: OutOfCredit,
    403: KeyRefused,
    404: Invalid,
    408: Unclear,
    413: NotTransferred,
    422: Invalid,
    429: Busy,
    500: Unclear,
    502: Unclear,
    503: Unclear,
    504: Unclear,
    529: Unclear,
}


@pytest.mark.parametrize("status", [200, 400, 404, 500])
@pytest.mark.parametrize(
    ("code", "kind"), [(code, kind) for kind, codes in CODES.items() for code in codes.split()]
)
def test_a_known_code_decides(code: str, kind: type[RunwareError], status: int) -> None:
    """Also against a status that says something else: codes name what happened, statuses a class of it."""
    assert type(error_of({"code": code, "message": "why"}, status)) is kind


@pytest.mark.parametrize("code", [None, *DECIDED_BY_STATUS.split()])
def test_otherwise_the_status_decides(code: str | None) -> None:
    """By the whole name: `invalidContent` is no `invalidProviderContent`, and no prefix is trusted."""
    assert {status: type(error_of({"code": code}, status)) for status in STATUSES} == STATUSES


@pytest.mark.parametrize(
    "code", ["failedToTransferImage", "failedToTransferVideo", "failedToTransferMedia", "downloadFailed"]
)
def test_a_failed_transfer_is_one_where_the_status_would_only_say_no(code: str) -> None:
    """One of them was seen, with a 400; a status that says more than "no" outweighs the rest."""
    expected = {status: NotTransferred if kind is Invalid else kind for status, kind in STATUSES.items()}
    assert {status: type(error_of({"code": code}, status)) for status in STATUSES} == expected
    assert type(error_of({"code": code}, 200)) is NotTransferred
    assert NotTransferred.reason is Reason.NOT_TRANSFERRED


def test_a_refusal_without_a_code_under_a_good_status_is_unclear() -> None:
    """Nothing says that nothing was accepted, and a hold must not return on a guess."""
    assert type(error_of({"message": "hm"}, 200)) is Unclear
    assert type(error_of({"code": "aCodeOfTomorrow"}, 200)) is Invalid


@pytest.mark.parametrize(("kind", "follows"), FOLLOWS.items())
def test_what_follows_from_an_error(kind: type[RunwareError], follows: tuple[Then, bool]) -> None:
    """What may have been billed is looked for before anything else."""
    assert (kind.then, kind.perhaps_billed) == follows


def test_every_error_of_the_tree_has_its_consequence() -> None:
    def below(kind: type[RunwareError]) -> set[type[RunwareError]]:
        return {kind}.union(*(below(sub) for sub in kind.__subclasses__()))

    assert below(RunwareError) - {RunwareError, Refused} == set(FOLLOWS)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("invalidProviderContent", Reason.MODERATED),
        ("contentModeration", Reason.MODERATED),
        ("nsfwContentDetected", Reason.MODERATED),
        ("timeoutProvider", Reason.TIMED_OUT),
        ("providerGatewayTimeout", Reason.TIMED_OUT),
        ("providerError", Reason.BROKEN),
        ("rateLimitExceeded", Reason.BROKEN),
        ("", Reason.BROKEN),
    ],
)
def test_why_an_accepted_task_failed(code: str, reason: Reason) -> None:
    assert failure_of({"code": code}) is reason


ANYTHING: list[object] = [None, 7, True, ["a"], {"b": []}, "two\nlines\x1b[31m", "x" * 100_000, "\ud800"]


@pytest.mark.parametrize("said", [*ANYTHING, [ANYTHING]])
def test_anything_at_all_may_stand_for_a_code_or_a_message(said: object) -> None:
    """It becomes one line of a log, not too long, that cannot be taken for another."""
    error = error_of({"code": said, "message": said}, 400)
    assert isinstance(error, Invalid)
    assert str(error).isprintable()
    assert len(str(error)) < 1_100
    assert failure_of({"code": said}) is Reason.BROKEN


def test_a_refusal_says_the_providers_code_and_sentence() -> None:
    error = error_of({"code": "unsupportedDuration", "message": "Use 5 or 10."}, 400, 3.0)
    assert isinstance(error, Refused)
    assert (str(error), error.code, error.retry_after) == (
        "unsupportedDuration: Use 5 or 10.",
        "unsupportedDuration",
        3.0,
    )


@pytest.mark.parametrize(
    "link",
    [
        "https://a.b/c?sig=SECRET",
        "HTTPS://A.B/c?sig=SECRET",
        "see https://a.b/c?x=1&sig=SECRET now",
        "/c?sig=SECRET",
    ],
)
def test_what_is_shown_of_the_providers_words_has_no_signature(link: str) -> None:
    assert "SECRET" not in shown(f"cannot read {link}")
    assert "SECRET" not in shown({"url": link})
