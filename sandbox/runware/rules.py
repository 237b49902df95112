"""The rules of the model page: `violations(task)` says everything that Runware refuses about a task at
submit.

Add a sentence of "Compatibility & Validation" as one `Rule`; a parameter's own type and range go to
`fields.py`. What only Luma refuses, after acceptance, is in `upstream.py`. Where the page leaves a question
open, the stricter reading is taken: two parameters "cannot be used" together when both are present,
whatever their values; "is `true`" is literal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sandbox.runware.fields import REQUEST, check
from sandbox.runware.request import Json, canvas, given, value
from sandbox.runware.sizes import SIZES, tier_of
from sandbox.runware.violation import Violation


@dataclass(frozen=True)
class Rule:
    """One sentence of the page, and what breaks it."""

    says: str
    parameter: str | tuple[str, ...]
    broken: Callable[[Json], bool]
    code: str = "incompatibleParameters"


def _is_true(task: Json, path: str) -> bool:
    return value(task, path) is True


def _sized(task: Json) -> bool:
    return given(task, "width") or given(task, "height")


def _fed(task: Json) -> bool:
    return given(task, "inputs.frameImages") or given(task, "inputs.video")


def _longer(task: Json) -> bool:
    return given(task, "duration") and task["duration"] != 5


def _unlisted(task: Json) -> bool:
    size = canvas(task)
    return size is not None and all(type(side) is int for side in size) and tier_of(size) is None


def _small(task: Json) -> bool:
    size = canvas(task)
    return size is not None and all(type(side) is int for side in size) and tier_of(size) in ("360p", "540p")


PAGE: Final = (
    Rule(
        "When `inputs.video` is provided, `duration` cannot be used.",
        ("inputs.video", "duration"),
        lambda task: given(task, "inputs.video") and given(task, "duration"),
    ),
    Rule(
        "`resolution` cannot be used with `width/height`.",
        ("resolution", "width", "height"),
        lambda task: given(task, "resolution") and _sized(task),
    ),
    Rule(
        "When `resolution` is provided, `inputs.frameImages` or `inputs.video` is required.",
        "resolution",
        lambda task: given(task, "resolution") and not _fed(task),
    ),
    Rule(
        "Inside `settings`, `loop` cannot be used with `hdr`.",
        ("settings.loop", "settings.hdr"),
        lambda task: given(task, "settings.loop") and given(task, "settings.hdr"),
    ),
    Rule(
        "Inside `settings.edit`, `autoControls` cannot be used with `strength` or `controls`.",
        ("settings.edit.autoControls", "settings.edit.strength", "settings.edit.controls"),
        lambda task: (
            given(task, "settings.edit.autoControls")
            and (given(task, "settings.edit.strength") or given(task, "settings.edit.controls"))
        ),
    ),
    Rule(
        "When `settings.edit` is provided, `width/height` cannot be used.",
        ("settings.edit", "width", "height"),
        lambda task: given(task, "settings.edit") and _sized(task),
    ),
    Rule(
        "When `settings.edit` is provided, `inputs.video` is required.",
        "inputs.video",
        lambda task: given(task, "settings.edit") and not given(task, "inputs.video"),
    ),
    Rule(
        "When `settings.exrExport` is `true`, `settings.hdr` must be `true`.",
        ("settings.exrExport", "settings.hdr"),
        lambda task: _is_true(task, "settings.exrExport") and not _is_true(task, "settings.hdr"),
    ),
    Rule(
        "When `settings.hdr` is `true`, the dimensions of the 360p and 540p tiers cannot be used.",
        ("settings.hdr", "width", "height"),
        lambda task: _is_true(task, "settings.hdr") and _small(task),
    ),
    Rule(
        "When `settings.hdr` is `true`, `resolution` is limited to `720p`, `1080p`.",
        ("settings.hdr", "resolution"),
        lambda task: _is_true(task, "settings.hdr") and value(task, "resolution") in ("360p", "540p"),
    ),
    Rule(
        "When `settings.hdr` is `true`, `duration` is limited to `5`.",
        ("settings.hdr", "duration"),
        lambda task: _is_true(task, "settings.hdr") and _longer(task),
    ),
    Rule(
        "When `settings.loop` is `true`, `inputs.video` cannot be used.",
        ("settings.loop", "inputs.video"),
        lambda task: _is_true(task, "settings.loop") and given(task, "inputs.video"),
    ),
    Rule(
        "When `settings.loop` is `true`, `duration` is limited to `5`.",
        ("settings.loop", "duration"),
        lambda task: _is_true(task, "settings.loop") and _longer(task),
    ),
    Rule(
        "When `settings.sourcePosition` is provided, `inputs.video`, `width`, and `height` is required.",
        ("settings.sourcePosition", "inputs.video", "width", "height"),
        lambda task: (
            given(task, "settings.sourcePosition")
            and not (given(task, "inputs.video") and given(task, "width") and given(task, "height"))
        ),
    ),
    Rule(
        "`width` and `height` must be used together.",
        ("width", "height"),
        lambda task: given(task, "width") != given(task, "height"),
    ),
    Rule(
        # Both are "required" on the page, yet its own edit example has neither: an input stands in for them.
        "`width` and `height` are required without `resolution` or an input.",
        ("width", "height"),
        lambda task: not (_sized(task) or given(task, "resolution") or _fed(task)),
        code="missingDimensions",
    ),
    Rule(
        "Only these dimensions are supported: " + ", ".join(f"{w}x{h}" for w, h in SIZES.values()) + ".",
        ("width", "height"),
        _unlisted,
        code="unsupportedDimensions",
    ),
)


def violations(task: Json) -> list[Violation]:
    """Everything that the model page forbids about `task`: parameters first, then the rules between them.

    Whether the service names the first or all is UNKNOWN; here each becomes an error object of its own.
    """
    broken = [
        Violation(code=rule.code, message=rule.says, parameter=rule.parameter) for rule in PAGE if rule.broken(task)
    ]
    return [*check(REQUEST, task), *broken]
