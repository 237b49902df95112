"""The request parameters of the model page: which there are, of which type, in which range.

One line per parameter, in the page's order. `check` walks a task against them. Error codes are `missing…`,
`invalid…` and `unsupported…` with the parameter's name: the page gives no codes, runware.md 4.3 gives these
prefixes.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlsplit

from sandbox.runware.violation import Violation

UUID4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_uuid4(text: object) -> bool:
    """Whether `text` is a UUID of version 4 in its usual form, hyphens and all."""
    return isinstance(text, str) and UUID4.fullmatch(text) is not None


def is_uuid(text: object) -> bool:
    """Whether `text` is a UUID of any version in its usual form."""
    return isinstance(text, str) and UUID.fullmatch(text) is not None


def is_url(text: str) -> bool:
    """Whether `text` is an absolute http or https address."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


def is_base64(text: str) -> bool:
    """Whether `text` is base64, perhaps with a data URI's prefix."""
    try:
        return bool(base64.b64decode(text.rpartition(",")[2], validate=True))
    except (binascii.Error, ValueError):
        return False


@dataclass(frozen=True, kw_only=True)
class Text:
    """A string; `form` names what else it must be, for people, beside the function that tells."""

    allowed: tuple[str, ...] = ()
    least: int | None = None  # characters
    most: int | None = None
    form: tuple[str, Callable[[str], bool]] | None = None


@dataclass(frozen=True, kw_only=True)
class Number:
    """A JSON number; `whole` ones must be integers, and `true` is never one."""

    whole: bool = False
    least: float | None = None
    most: float | None = None
    allowed: tuple[float, ...] = ()
    above: float | None = None


@dataclass(frozen=True)
class Switch:
    """`true` or `false`."""


@dataclass(frozen=True)
class Group:
    """A nested object with exactly these fields."""

    fields: Mapping[str, "Field"]
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frames:
    """`frameImages`: strings, or objects of `image` and perhaps `frame`."""


Field = Text | Number | Switch | Group | Frames

_URI: Final = Text(form=("an absolute URI", is_url))
_UUID4: Final = Text(form=("a UUID v4", is_uuid4))
_IMAGE: Final = Text(
    form=(
        "a UUID, URL, Data URI or Base64 image",
        lambda text: is_uuid(text) or is_url(text) or is_base64(text),
    )
)
_VIDEO: Final = Text(form=("a UUID or URL", lambda text: is_uuid(text) or is_url(text)))
_FRACTION: Final = Number(least=0, most=1)
_STRENGTHS: Final = tuple(f"{name}_{n}" for name in ("adhere", "flex", "reimagine") for n in (1, 2, 3))

REQUEST: Final = Group(
    {
        "taskType": Text(allowed=("videoInference",)),
        "taskUUID": _UUID4,
        "outputType": Text(allowed=("URL",)),
        "outputFormat": Text(allowed=("MP4", "WEBM", "MOV")),
        "outputQuality": Number(whole=True, least=20, most=99),
        "webhookURL": _URI,
        "deliveryMethod": Text(allowed=("async",)),
        "uploadEndpoint": _URI,
        "safety": Group({"checkContent": Switch(), "mode": Text(allowed=("none", "fast", "full"))}),
        "ttl": Number(whole=True, least=60),
        "includeCost": Switch(),
        "numberResults": Number(whole=True, least=1, most=4),
        "inputs": Group({"frameImages": Frames(), "video": _VIDEO}),
        "model": Text(allowed=("luma:ray@3.2",)),
        "positivePrompt": Text(least=1, most=6000),
        "width": Number(whole=True),
        "height": Number(whole=True),
        "resolution": Text(allowed=("360p", "540p", "720p", "1080p")),
        "duration": Number(allowed=(5, 10)),
        "settings": Group(
            {
                "edit": Group(
                    {
                        "strength": Text(allowed=_STRENGTHS),
                        "autoControls": Switch(),
                        "controls": Group(
                            {
                                "depthBlur": _FRACTION,
                                "face": Switch(),
                                "normalsAugmentation": _FRACTION,
                                "poseStrength": Text(allowed=("precise", "coarse")),
                                "trajectorySparsity": _FRACTION,
                            }
                        ),
                    }
                ),
                "exrExport": Switch(),
                "hdr": Switch(),
                "loop": Switch(),
                "sourcePosition": Group(
                    {
                        # The page states no minimum; nothing of no width can be placed, so here there is one.
                        "width": Number(above=0, most=2),
                        "height": Number(above=0, most=2),
                        "x": Number(least=-2, most=2),
                        "y": Number(least=-2, most=2),
                    },
                    required=("width", "height", "x", "y"),
                ),
            }
        ),
    },
    required=("taskType", "taskUUID", "model", "positivePrompt"),
)

_FRAME: Final = Group({"image": _IMAGE}, required=("image",))


def check(field: Field, found: object, path: str = "") -> Iterator[Violation]:
    """Everything about `found`, which stands at `path`, that is not as `field` says."""
    match field:
        case Text():
            yield from _text(field, found, path)
        case Number():
            yield from _number(field, found, path)
        case Switch():
            if not isinstance(found, bool):
                yield _invalid(path, "must be a boolean", type="boolean")
        case Group():
            yield from _group(field, found, path)
        case Frames():
            yield from _frames(found, path)


def _text(field: Text, found: object, path: str) -> Iterator[Violation]:
    if not isinstance(found, str):
        yield _invalid(path, "must be a string", type="string")
    elif field.allowed and found not in field.allowed:
        yield _invalid(path, f"must be one of {', '.join(field.allowed)}", allowedValues=list(field.allowed))
    elif field.form and not field.form[1](found):
        yield _invalid(path, f"must be {field.form[0]}", type="string")
    elif (field.least is not None and len(found) < field.least) or (
        field.most is not None and len(found) > field.most
    ):
        yield _invalid(
            path,
            f"must have {field.least} to {field.most} characters",
            min=field.least,
            max=field.most,
            type="string",
        )


def _number(field: Number, found: object, path: str) -> Iterator[Violation]:
    kind = "integer" if field.whole else "float"
    if isinstance(found, bool) or not isinstance(found, int if field.whole else int | float) or found != found:
        yield _invalid(path, f"must be of type {kind}", type=kind)
    elif field.allowed and found not in field.allowed:
        yield Violation(
            code=_code("unsupported", path),
            message=f"Unsupported value for '{path}': use one of {', '.join(map(str, field.allowed))}.",
            parameter=path,
            more={"type": kind, "allowedValues": list(field.allowed)},
        )
    elif field.least is not None and found < field.least:
        yield _invalid(path, f"must be at least {field.least}", type=kind, min=field.least)
    elif field.above is not None and found <= field.above:
        yield _invalid(path, f"must be more than {field.above}", type=kind, min=field.above)
    elif field.most is not None and found > field.most:
        yield _invalid(path, f"must be at most {field.most}", type=kind, max=field.most)


def _group(field: Group, found: object, path: str) -> Iterator[Violation]:
    if not isinstance(found, Mapping):
        yield _invalid(path, "must be an object", type="object")
        return
    group = cast(Mapping[str, object], found)
    at = f"{path}." if path else ""
    for name in field.required:
        if name not in group:
            yield Violation(
                code=_code("missing", name),
                message=f"Missing required parameter '{at}{name}'.",
                parameter=f"{at}{name}",
            )
    for name, inner in group.items():
        if name in field.fields:
            yield from check(field.fields[name], inner, at + name)
        else:
            yield Violation(
                code="unsupportedParameter",
                message=f"Unsupported parameter '{at}{name}' for model 'luma:ray@3.2'.",
                parameter=at + name,
            )


def _frames(found: object, path: str) -> Iterator[Violation]:
    if not isinstance(found, list):
        yield _invalid(path, "must be an array", type="array")
        return
    images = cast(list[object], found)
    if not images:  # The page states no minimum. An empty list asks for nothing.
        yield Violation(
            code="arrayTooSmall", message=f"'{path}' must not be empty.", parameter=path, more={"min": 1}
        )
    for n, image in enumerate(images):
        at = f"{path}[{n}]"
        if isinstance(image, str):
            yield from _text(_IMAGE, image, at)
        elif isinstance(image, dict):
            rest = dict(cast(dict[str, object], image))
            frame = rest.pop("frame", "first")
            yield from _group(_FRAME, rest, at)
            if frame not in ("first", "last") and (type(frame) is not int or frame < -1):
                yield _invalid(f"{at}.frame", "must be 'first', 'last' or a frame index from 0 (-1: the last)")
        else:
            yield _invalid(at, "must be a string or an object")


def _invalid(path: str, must: str, **more: Any) -> Violation:
    return Violation(
        code=_code("invalid", path),
        message=f"Invalid value for '{path}': it {must}.",
        parameter=path,
        more=more,
    )


def _code(prefix: str, path: str) -> str:
    name = re.sub(r"\[\d+\]", "", path).rpartition(".")[2]
    return prefix + name[:1].upper() + name[1:]
