"""Whatever a modified client sends: a refusal in words, never another error, and nothing that Discord acts on."""

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.placement import Rectangle
from bot.domain.problem import InvalidRequest
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.source import Frame
from tests.bot.domain.asked import WRONG, WRONG_PLACES, WRONG_POSITIONS
from tests.bot.domain.examples import ALL_KINDS, at, clip, made, picture, problems
from tests.bot.domain.test_request import EVERYTHING, combinations
from tests.bot.domain.test_upstream import RULES, TOGETHER

MARKUP = "@everyone <@1> <#2> <t:3:R> `x` **b** __u__ _i_ ~~s~~ ||p|| [l](https://x.y/z) \n# h\n> q\n- l"
ANY_VALUE: list[Any] = [
    None, True, False, 0, -1, 1.5, nan, inf, -inf, 10**5000, "", "x" * 10_000, MARKUP, "_a_", "__a__",
    "\ud800", b"x", [], [1], (), (1,), {}, {"a": 1}, object(), picture, Request,
]  # fmt: skip


def discord_acts_on(sentence: str) -> bool:
    """Mentions, links, bold and italics, spoilers, code, quotes, headings; an underscore at the edge of a word."""
    emphasis = re.search(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", sentence)
    return bool(set(sentence) & set("@<>`*|~[]#\n\\")) or "://" in sentence or emphasis is not None


def sentences(of: type[Request], **options: Any) -> list[tuple[str, str]]:
    """The problems, all of which can be shown."""
    found = problems(of, **options)
    for option, says in found:
        assert not discord_acts_on(f"{option} {says}"), says
        assert says.endswith(".")
        assert len(says) < 250
    return found


@pytest.mark.parametrize("of", ALL_KINDS)
def test_any_value_in_any_field_is_a_request_or_a_refusal(of: type[Request]) -> None:
    """Every field that there is, so also one that is added."""
    for field in fields(of):
        for value in ANY_VALUE:
            found = sentences(of, **{field.name: value})
            if not found:
                assert getattr(made(of, **{field.name: value}), field.name) is value


ALLOWED_TOO = {
    "prompt": (MARKUP, "_a_", "__a__", "\ud800"),  # the provider reads it, and it is quoted nowhere here
    "quality": (None,),
    "aspect_ratio": (None,),
    "strength": (None,),
    "guide": (None,),
    "placement": (None,),
    **dict.fromkeys(EditVideo.CONTROLS, (None,)),
}


@pytest.mark.parametrize("of", ALL_KINDS)
def test_of_all_these_values_only_a_few_are_allowed(of: type[Request]) -> None:
    """A field without a check of its own would let the others pass."""
    for field in fields(of):
        free = {"automatic": False} if of is EditVideo else {}
        free |= {"hdr": True} if field.name == "exr" else {}
        passed = [value for value in ANY_VALUE if not sentences(of, **{**free, field.name: value})]
        if field.type in (bool, "bool") or field.name == "face":
            assert [value for value in passed if value is not None] == [True, False], field.name
        elif field.name in ("depth_blur", "normals_augmentation", "trajectory_sparsity"):
            assert passed == [None, 0]
        elif field.name == "aspect_ratio" and of is not ImageToVideo:
            assert passed == []
        else:
            assert passed == list(ALLOWED_TOO.get(field.name, ())), field.name


PAIRS = st.sampled_from(ALL_KINDS).flatmap(
    lambda of: st.tuples(
        st.just(of),
        st.dictionaries(
            st.sampled_from([field.name for field in fields(of)]),
            st.sampled_from(ANY_VALUE)
            | st.text(max_size=30)
            | st.integers()
            | st.floats()
            | st.lists(st.integers() | st.text(max_size=5), max_size=3)
            | st.just(picture())
            | st.just(clip())
            | st.just(at(3, "first")),
            max_size=5,
        ),
    )
)


@given(PAIRS)
@settings(max_examples=400, deadline=None)
def test_any_values_together_are_a_request_or_a_refusal(asked: tuple[type[Request], dict[str, Any]]) -> None:
    of, options = asked
    sentences(of, **options)


INSIDE: list[tuple[str, type[Request], dict[str, Any]]] = [
    *(
        ("video", of, {"video": replace(clip(), **{name: value})})
        for of in (EditVideo, ReframeVideo)
        for name, value in (
            ("microseconds", "5"), ("microseconds", 5.0), ("microseconds", nan), ("microseconds", True),
            ("width", None), ("height", "720"), ("sha256", 7), ("format", "avi"), ("sound", "yes"),
        )
    ),
    ("video", EditVideo, {"video": picture()}),
    ("video", ReframeVideo, {"video": {"microseconds": 1}}),
    ("guide", EditVideo, {"guide": clip()}),
    ("guide", EditVideo, {"guide": replace(picture(), width="wide")}),
    ("first_frame", ImageToVideo, {"frames": list(at(0, 5))}),
    ("first_frame", ImageToVideo, {"frames": (picture(),)}),
    ("first_frame", ImageToVideo, {"frames": (Frame(image=clip(), at=0),)}),  # type: ignore[arg-type]
    *(
        ("first_frame", ImageToVideo, {"frames": (Frame(image=picture(), at=where),)})
        for where in WRONG_POSITIONS
    ),
    *(
        ("placement", ReframeVideo, {"placement": place})
        for place in ("left", (0, 0, 1, 1), {"x": 0}, Rectangle(x="0", y=0, width=1, height=1))  # type: ignore[arg-type]
    ),
    ("placement", ReframeVideo, {"placement": Rectangle(x=0, y=None, width=1, height=1)}),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize(("option", "of", "options"), INSIDE)
def test_a_wrong_value_inside_another_is_refused(option: str, of: type[Request], options: dict[str, Any]) -> None:
    """Also where the maker's rules would have reckoned with it."""
    assert option in [about for about, _ in sentences(of, **options)]


NAMED: list[tuple[str, Any, str, str]] = [
    ("duration", 999, "“999”", "Choose 5 or 10."),
    ("duration", True, "“True”", "Choose 5 or 10."),
    ("duration", "5", "“5”", "Choose 5 or 10."),
    ("duration", 5.0, "“5.0”", "Choose 5 or 10."),  # a float would travel on into prices
    ("duration", nan, "“nan”", "Choose 5 or 10."),
    ("duration", None, "“None”", "Choose 5 or 10."),
    ("resolution", "9000p", "“9000p”", "Choose 360p, 540p, 720p or 1080p."),
    ("resolution", "", "like that", "Choose 360p, 540p, 720p or 1080p."),
    ("resolution", ["720p"], "“720p”", "Choose 360p, 540p, 720p or 1080p."),
    ("resolution", {}, "like that", "Choose 360p, 540p, 720p or 1080p."),
    ("resolution", "@everyone <@1> `x` **b** https://x.y/z", "“everyone 1 x b https”", "Choose 360p"),
    ("resolution", "__720p__", "“720p”", "Choose 360p"),
    ("aspect_ratio", "16:10", "“16:10”", "Choose 9:16, 3:4, 1:1, 4:3, 16:9 or 21:9."),
    ("aspect_ratio", 1, "“1”", "Choose 9:16, 3:4, 1:1, 4:3, 16:9 or 21:9."),
    ("count", 99, "“99”", "Choose 1, 2, 3 or 4."),
    ("count", 0, "“0”", "Choose 1, 2, 3 or 4."),
    ("count", 2.0, "“2.0”", "Choose 1, 2, 3 or 4."),
    ("loop", "false", "“false”", "Choose True or False."),  # a text that means no, and is true to an `if`
    ("hdr", 1, "“1”", "Choose True or False."),
    ("exr", None, "“None”", "Choose True or False."),
    ("format", "GIF", "“GIF”", "Choose MP4, WEBM or MOV."),
    ("quality", 19, "“19”", "Choose a whole number from 20 to 99."),
    ("quality", 100, "“100”", "Choose a whole number from 20 to 99."),
    ("quality", 95.0, "“95.0”", "Choose a whole number from 20 to 99."),
    ("safety", "slow", "“slow”", "Choose none, fast or full."),
    ("automatic", "yes", "“yes”", "Choose True or False."),
    ("keep_sound", None, "“None”", "Choose True or False."),
    ("strength", "flex 4", "“flex 4”", "Choose adhere_1, adhere_2, adhere_3, flex_1"),
    ("depth_blur", 1.01, "“1.01”", "Choose a number from 0 to 1, such as 0.5."),
    ("normals_augmentation", "0.5", "“0.5”", "Choose a number from 0 to 1"),
    ("trajectory_sparsity", -inf, "“-inf”", "Choose a number from 0 to 1"),
    ("face", "no", "“no”", "Choose True or False."),
    ("pose_strength", "loose", "“loose”", "Choose precise or coarse."),
    ("frames", None, "was not understood", "Attach them again"),
    ("video", None, "was not understood", "Attach it again."),
    ("guide", "g", "was not understood", "Attach the picture again."),
    ("placement", "left", "was not understood", "Choose one that is offered"),
    ("prompt", "", "is empty", "Say in a sentence"),
    ("prompt", " \t\r\n", "is empty", "Say in a sentence"),
    ("prompt", "\u200b\u2060\ufeff\u00a0\u3000", "is empty", "Say in a sentence"),  # nothing that can be seen
    ("prompt", "x" * 6001, "has 6,001 characters, and 6,000 is the most", "Shorten it by 1."),
    ("prompt", " " * 6000 + "xy", "has 6,002 characters", "Shorten it by 2."),
    ("prompt", None, "is not a text", "Say in a sentence"),
    ("prompt", ["a", "b"], "is not a text", "Say in a sentence"),
]


@pytest.mark.parametrize(("field", "value", "names", "helps"), NAMED)
def test_a_value_that_no_client_offers_is_named_with_what_would_work(
    field: str, value: Any, names: str, helps: str
) -> None:
    for of in ALL_KINDS:
        if field not in of.__dataclass_fields__:
            continue
        about = "first_frame" if field == "frames" else field
        mine = [says for option, says in sentences(of, **{field: value}) if option == about]
        assert names in mine[0]
        assert helps in mine[0]


def test_a_number_too_long_to_be_written_is_not_repeated() -> None:
    """Python refuses to write it."""
    assert problems(TextToVideo, duration=10**5000) == [("duration", "cannot be like that. Choose 5 or 10.")]


def test_every_field_of_every_kind_has_a_wrong_value_above() -> None:
    """A field that is added without its own check fails here."""
    assert {field for field, *_ in NAMED} == {field.name for of in ALL_KINDS for field in fields(of)}


@pytest.mark.parametrize("name", WRONG_PLACES)
def test_a_fraction_outside_the_pages_range_is_named_with_the_range(name: str) -> None:
    allowed = "from -2 to 2" if name in "xy" else "more than 0 and at most 2"
    for value in WRONG_PLACES[name]:
        place = Rectangle(**{"x": 0.1, "y": 0.1, "width": 0.5, "height": 0.5, name: value})
        said = dict(sentences(ReframeVideo, placement=place))
        assert f"Choose a number {allowed}, such as 0.5." in said[f"source_{name}"]


def refused() -> Iterator[tuple[type[Request], dict[str, Any]]]:
    """Every request of these tests that is refused, and others."""
    for of in EVERYTHING:
        yield from ((of, options) for options in combinations(of))
    yield from ((of, broken) for of, broken, *_ in RULES)
    yield from ((of, broken) for of, cases in TOGETHER.items() for broken, _ in cases)
    for field, values in WRONG.items():
        kinds = [of for of in ALL_KINDS if field in of.__dataclass_fields__]
        yield from ((of, {field: value}) for of in kinds for value in values)


def test_no_sentence_shows_discords_markup() -> None:
    """Nor ends without a full stop, nor fills the screen."""
    assert sum(len(sentences(of, **options)) for of, options in refused()) > 1000


@pytest.mark.parametrize(
    "sentence",
    ["@everyone", "a **b**", "_a_ b", "see __this__", "<@1>", "https://a.b", "`x`", "# a", "||x||", "a _b_."],
)
def test_what_discord_acts_on_is_noticed(sentence: str) -> None:
    assert discord_acts_on(sentence)


@pytest.mark.parametrize("of", ALL_KINDS)
def test_a_refusal_of_everything_at_once_can_be_shown(of: type[Request]) -> None:
    """Discord takes 2,000 characters."""
    with pytest.raises(InvalidRequest) as refusal:
        made(of, **dict.fromkeys((field.name for field in fields(of)), MARKUP))
    assert len(refusal.value.problems) >= 7
    assert len(refusal.value.says) < 2000
