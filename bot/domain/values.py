"""Whether a value is one that its field can have. A modified client may send anything at all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from math import nan
from types import MappingProxyType
from typing import Any, Final, Literal, cast, get_args, get_origin, get_type_hints
from unicodedata import category

from bot.domain.problem import Problem
from bot.words.speech import phrase, say

MAX_PROMPT: Final = 6_000  # characters
MIN_QUALITY: Final = 20
MAX_QUALITY: Final = 99

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Unicode's categories of spaces, controls and zero-width characters: a prompt of nothing else is blank."""

_UNFIT: Final = MappingProxyType(
    {
        "frames": ("first_frame", phrase("request.unfit_frames")),
        "video": ("video", phrase("request.unfit_video")),
        "placement": ("placement", phrase("request.unfit_placement")),
        "guide": ("guide", phrase("request.unfit_guide")),
    }
)
"""For fields that hold pictures and videos, which are nothing that a sentence could repeat."""


@cache
def types_of(of: type[Any]) -> Mapping[str, Any]:
    """The type of each field of a dataclass, in order, worked out once: a card asks about some thirty requests."""
    types = get_type_hints(of)
    return MappingProxyType({field.name: types[field.name] for field in fields(of)})


def unknown_values(request: Any) -> Iterator[Problem]:
    """A modified client may send any value at all; the fields' own types say which there are."""
    kind = cast("type[Any]", type(request))
    if fits(kind, request):
        return
    for name, of in types_of(kind).items():
        value = getattr(request, name)
        if fits(of, value):
            continue
        if name in _UNFIT:
            option, says = _UNFIT[name]
            yield Problem(option, say(says))
        elif allowed := _values(of):
            offered = [each for each in allowed if each is not None]
            yield Problem(name, f"{_cannot_be(value)} {say('request.choose', allowed=choice(offered))}")


def fits(of: Any, value: object) -> bool:
    """Whether a value is one of its field's type, to its innermost part; a whole number is also a `float`."""
    return _test_of(of)(value)


@cache
def _test_of(of: Any) -> Callable[[Any], bool]:
    """What tells whether a value is of this type: made once of the type, and asked of many values."""
    if is_dataclass(of):
        inner = [(name, _test_of(each)) for name, each in types_of(cast("type[Any]", of)).items()]
        return lambda value: type(value) is of and all(test(getattr(value, name)) for name, test in inner)
    if get_origin(of) is tuple:
        each = _test_of(get_args(of)[0])
        return lambda value: isinstance(value, tuple) and all(map(each, cast("tuple[object, ...]", value)))
    if get_origin(of) is Literal:
        listed = {kind: {one for one in get_args(of) if type(one) is kind} for kind in map(type, get_args(of))}
        return lambda value: value in listed.get(cast("type[Any]", type(value)), ())  # so that `True` is no 1
    if parts := [_test_of(part) for part in get_args(of)]:
        return lambda value: any(test(value) for test in parts)
    return lambda value: type(value) is of or (of is float and type(value) is int)


def _values(of: Any) -> tuple[object, ...]:
    """The values of a field's type; none for a type whose values cannot be listed."""
    if of is bool:
        return (True, False)
    if of is type(None):
        return (None,)
    if get_origin(of) is Literal:
        return get_args(of)
    listed = [_values(part) for part in get_args(of)] if type(None) in get_args(of) else []
    return tuple(value for values in listed for value in values) if all(listed) else ()


def prompt_problems(prompt: object) -> Iterator[Problem]:
    if not isinstance(prompt, str):
        yield Problem("prompt", say("request.prompt_no_text"))
        return
    if all(category(character) in _INVISIBLE for character in prompt):
        yield Problem("prompt", say("request.prompt_empty"))
    if len(prompt) > MAX_PROMPT:
        length, most, excess = f"{len(prompt):,}", f"{MAX_PROMPT:,}", f"{len(prompt) - MAX_PROMPT:,}"
        yield Problem("prompt", say("request.prompt_long", length=length, most=most, excess=excess))


def quality_problems(quality: object) -> Iterator[Problem]:
    if quality is not None and (type(quality) is not int or not MIN_QUALITY <= quality <= MAX_QUALITY):
        instead = say("request.choose_whole", least=MIN_QUALITY, most=MAX_QUALITY)
        yield Problem("quality", f"{_cannot_be(quality)} {instead}")


def number_problems(option: str, value: object, least: int, most: int, *, above: bool = False) -> Iterator[Problem]:
    """`above`: the least itself is not allowed."""
    if value is None:
        return
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else nan
    if not least <= number <= most or (above and number == least):
        instead = phrase("request.choose_number_above") if above else phrase("request.choose_number")
        yield Problem(option, f"{_cannot_be(value)} {say(instead, least=least, most=most)}")


def _cannot_be(value: object) -> str:
    """With somebody's value, safe in a sentence: short, and nothing that Discord would act on."""
    try:
        said = str(value)
    except ValueError:  # a whole number of more digits than Python writes
        said = ""
    text = "".join(c for c in said if c.isalnum() or c in " .:-+")[:20]
    return say("request.no_value", value=text) if text else say("request.no_value_to_show")


_LISTED: Final = MappingProxyType({"or": phrase("request.one_of"), "and": phrase("request.all_of")})


def choice(allowed: tuple[object, ...] | list[Any], last_word: Literal["or", "and"] = "or") -> str:
    """A list in words: `720p, 540p or 360p`."""
    *most, last = (str(value) for value in allowed)
    return say(_LISTED[last_word], first=", ".join(most), last=last) if most else last
