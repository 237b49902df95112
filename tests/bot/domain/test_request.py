"""What may be asked for: sizes, rules and hostile values.

The tables of this file are typed from the provider's model page once more, apart from the code.
"""

import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.refusal import Refusal
from bot.domain.request import (
    MAX_PROMPT,
    SIZES,
    AspectRatio,
    Count,
    Duration,
    InvalidRequest,
    Resolution,
    TextToVideo,
    from_json,
    to_json,
)
from bot.runware.task import Storage, body
from sandbox.runware import rules, sizes, upstream

RESOLUTIONS: tuple[Resolution, ...] = ("360p", "540p", "720p", "1080p")
RATIOS: tuple[AspectRatio, ...] = ("9:16", "3:4", "1:1", "4:3", "16:9", "21:9")

PAGE_SIZES = """
    360p (9:16) 360x640 | 360p (3:4) 360x480 | 360p (1:1) 480x480
    360p (4:3) 480x360 | 360p (16:9) 640x360 | 360p (21:9) 840x360
    540p (9:16) 540x960 | 540p (3:4) 540x720 | 540p (1:1) 720x720
    540p (4:3) 720x540 | 540p (16:9) 960x540 | 540p (21:9) 1260x540
    720p (9:16) 720x1280 | 720p (3:4) 720x960 | 720p (1:1) 960x960
    720p (4:3) 960x720 | 720p (16:9) 1280x720 | 720p (21:9) 1680x720
    1080p (9:16) 1080x1920 | 1080p (3:4) 1080x1440 | 1080p (1:1) 1440x1440
    1080p (4:3) 1440x1080 | 1080p (16:9) 1920x1080 | 1080p (21:9) 2520x1080
"""


@dataclass(frozen=True)
class Rule:
    """A sentence of the page, in the words of a request; what a member must read when it is broken."""

    option: str
    names: str
    helps: str
    broken: Callable[[dict[str, Any]], bool]


PAGE_RULES = (
    Rule("hdr", "not at ", "Choose 720p", lambda of: of["hdr"] and of["resolution"] in ("360p", "540p")),
    Rule("hdr", "not for 10 s", "duration of 5", lambda of: of["hdr"] and of["duration"] == 10),
    Rule("loop", "not for 10 s", "duration of 5", lambda of: of["loop"] and of["duration"] == 10),
    Rule("loop", "combined with HDR", "Leave one of the two off", lambda of: of["loop"] and of["hdr"]),
    Rule("exr", "extra of HDR", "Turn hdr on", lambda of: of["exr"] and not of["hdr"]),
)


def combinations() -> Iterator[dict[str, Any]]:
    """Every value of every option with every other: 1,536 requests, most of which cannot be built."""
    switch = (False, True)
    names = ("resolution", "aspect_ratio", "duration", "loop", "hdr", "exr", "count")
    for values in itertools.product(RESOLUTIONS, RATIOS, (5, 10), switch, switch, switch, (1, 2, 3, 4)):
        yield {"prompt": "a lighthouse at dusk", **dict(zip(names, values, strict=True))}


def problems(**options: Any) -> list[tuple[str, str]]:
    """What is wrong with these options; the empty list where the request can be built."""
    given: dict[str, Any] = {"prompt": "a lighthouse at dusk", **options}
    try:
        TextToVideo(**given)
    except InvalidRequest as refusal:
        return [(problem.option, problem.says) for problem in refusal.problems]
    return []


def test_the_options_offer_what_the_page_lists() -> None:
    offered = [get_args(alias) for alias in (Resolution, AspectRatio, Duration, Count)]
    assert offered == [RESOLUTIONS, RATIOS, (5, 10), (1, 2, 3, 4)]
    assert MAX_PROMPT == 6000


def test_a_request_has_the_pages_defaults() -> None:
    """720p and 5 s are the provider's own defaults; the shape is ours, since the page has none."""
    request = TextToVideo(prompt="a lighthouse")
    chosen = (request.resolution, request.duration, request.count, request.loop, request.hdr, request.exr)
    assert chosen == ("720p", 5, 1, False, False, False)
    assert request.size == (1280, 720)


def test_the_size_table_is_the_pages() -> None:
    typed: dict[tuple[str, str], tuple[int, ...]] = {}
    for row in PAGE_SIZES.replace("|", "\n").strip().splitlines():
        resolution, ratio, size = row.split()
        typed[resolution, ratio.strip("()")] = tuple(int(side) for side in size.split("x"))
    assert len(typed) == 24
    assert dict(SIZES) == typed


def test_every_resolution_and_shape_has_a_size_of_that_shape() -> None:
    for resolution, ratio in itertools.product(RESOLUTIONS, RATIOS):
        size = TextToVideo(prompt="x", resolution=resolution, aspect_ratio=ratio).size
        across, down = ratio.split(":")
        assert size.width * int(down) == size.height * int(across)


def test_each_combination_of_options_breaks_exactly_the_pages_rules() -> None:
    """Every rule alone, in pairs, and all together: each broken one is named, and no other."""
    together = 0
    for options in combinations():
        expected = [(rule.option, rule.names) for rule in PAGE_RULES if rule.broken(options)]
        found = problems(**options)
        assert [option for option, _ in found] == [option for option, _ in expected], options
        assert all(names in says for (_, says), (_, names) in zip(found, expected, strict=True)), options
        together = max(together, len(found))
    assert together == 4  # EXR without HDR excludes the three others of HDR


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        (0, {"hdr": True, "resolution": "360p"}),
        (0, {"hdr": True, "resolution": "540p"}),
        (1, {"hdr": True, "duration": 10}),
        (2, {"loop": True, "duration": 10}),
        (3, {"loop": True, "hdr": True}),
        (4, {"exr": True}),
    ],
)
def test_a_rule_that_is_broken_alone_says_what_would_work(rule: int, options: dict[str, Any]) -> None:
    broken = PAGE_RULES[rule]
    [(option, says)] = problems(**options)
    assert option == broken.option
    assert broken.names in says
    assert broken.helps in says


def test_what_would_work_works() -> None:
    """The advice of each refusal, followed."""
    assert problems(hdr=True, resolution="720p") == []
    assert problems(hdr=True, resolution="1080p", exr=True) == []
    assert problems(loop=True, duration=5, resolution="360p") == []
    assert problems(duration=10, resolution="1080p") == []


def test_a_request_that_breaks_everything_hears_of_everything() -> None:
    """Values that do not exist, a prompt that is too long, and rules between options: one answer names all."""
    found = problems(
        prompt="x" * 6001, resolution="360p", aspect_ratio="2:1", duration=10, loop=True, hdr=True, count=99
    )
    assert [option for option, _ in found] == ["aspect_ratio", "count", "prompt", "hdr", "hdr", "loop", "loop"]


def test_the_refusal_is_one_line_for_each_problem() -> None:
    with pytest.raises(InvalidRequest) as refused:
        TextToVideo(prompt="x", loop=True, hdr=True, exr=True, resolution="360p")
    assert isinstance(refused.value, Refusal)
    assert refused.value.says.splitlines()[1:] == [
        "• hdr works at 720p and 1080p, not at 360p. Choose 720p, or leave HDR off.",
        "• loop cannot be combined with HDR. Leave one of the two off.",
    ]
    assert "nothing was bought" in refused.value.says


HOSTILE: list[tuple[str, Any, str, str]] = [
    ("duration", 999, "“999”", "Choose 5 or 10."),
    ("duration", 0, "“0”", "Choose 5 or 10."),
    ("duration", -5, "“-5”", "Choose 5 or 10."),
    ("duration", True, "“True”", "Choose 5 or 10."),
    ("duration", "5", "“5”", "Choose 5 or 10."),
    ("duration", 5.0, "“5.0”", "Choose 5 or 10."),  # a float would travel on into prices
    ("duration", float("nan"), "“nan”", "Choose 5 or 10."),
    ("duration", None, "“None”", "Choose 5 or 10."),
    ("resolution", "9000p", "“9000p”", "Choose 360p, 540p, 720p or 1080p."),
    ("resolution", "", "like that", "Choose 360p, 540p, 720p or 1080p."),
    ("resolution", "720P", "“720P”", "Choose 360p, 540p, 720p or 1080p."),
    ("resolution", ["720p"], "“720p”", "Choose 360p, 540p, 720p or 1080p."),
    ("resolution", {}, "like that", "Choose 360p, 540p, 720p or 1080p."),
    ("resolution", "@everyone <@1> `x` **b** https://x.y/z", "“everyone 1 x b https”", "Choose 360p"),
    ("aspect_ratio", "16:10", "“16:10”", "Choose 9:16, 3:4, 1:1, 4:3, 16:9 or 21:9."),
    ("aspect_ratio", 1, "“1”", "Choose 9:16, 3:4, 1:1, 4:3, 16:9 or 21:9."),
    ("count", 99, "“99”", "Choose 1, 2, 3 or 4."),
    ("count", 0, "“0”", "Choose 1, 2, 3 or 4."),
    ("count", True, "“True”", "Choose 1, 2, 3 or 4."),
    ("count", 2.0, "“2.0”", "Choose 1, 2, 3 or 4."),
    ("loop", "false", "“false”", "Choose True or False."),  # a text that means no, and is true to an `if`
    ("hdr", 1, "“1”", "Choose True or False."),
    ("exr", None, "“None”", "Choose True or False."),
    ("prompt", "", "is empty", "Say in a sentence"),
    ("prompt", " \t\r\n", "is empty", "Say in a sentence"),
    ("prompt", "\u200b\u2060\ufeff\u00a0\u3000", "is empty", "Say in a sentence"),  # nothing that can be seen
    ("prompt", "x" * 6001, "has 6,001 characters, and 6,000 is the most", "Shorten it by 1."),
    ("prompt", " " * 6000 + "xy", "has 6,002 characters", "Shorten it by 2."),
    ("prompt", None, "is not a text", "Say in a sentence"),
    ("prompt", 7, "is not a text", "Say in a sentence"),
    ("prompt", ["a", "b"], "is not a text", "Say in a sentence"),
]


@pytest.mark.parametrize(("option", "value", "names", "helps"), HOSTILE)
def test_a_value_that_no_client_offers_is_named_with_what_would_work(
    option: str, value: Any, names: str, helps: str
) -> None:
    mine = [says for about, says in problems(**{option: value}) if about == option]
    assert names in mine[0]
    assert helps in mine[0]


def test_every_option_has_a_hostile_value_above() -> None:
    """An option that is added without its own check fails here."""
    assert {option for option, *_ in HOSTILE} == {field.name for field in fields(TextToVideo)}


@given(st.text() | st.binary() | st.floats() | st.lists(st.integers()), st.sampled_from(fields(TextToVideo)))
def test_whatever_a_client_sends_is_answered_with_a_refusal_or_a_request(value: Any, field: Any) -> None:
    """Nothing but a Refusal comes out, and it neither mentions nor formats anything of the value's."""
    for _, says in problems(**{field.name: value}):
        assert not set(says) & set("@<>`*|~[]\n")
        assert len(says) < 200


@pytest.mark.parametrize(
    "prompt",
    [
        "x" * 6000,
        "é" * 6000,
        "🎬",
        "x",
        " x ",
        "@everyone **bold** <@1> `code` https://example.org/",
        "a\nb\tc\x00",
    ],
)
def test_a_prompt_is_kept_to_the_letter(prompt: str) -> None:
    """Not stripped, not escaped: the provider reads what the member wrote."""
    request = TextToVideo(prompt=prompt)
    assert request.prompt == prompt
    assert json.loads(body(request, task_id="t", storage=Storage()))["positivePrompt"] == prompt


@pytest.mark.parametrize(
    "request_",
    [
        TextToVideo(prompt="a lighthouse \u2028 “at” dusk\x00"),
        TextToVideo(prompt="x", resolution="1080p", aspect_ratio="21:9", hdr=True, exr=True, count=4),
        TextToVideo(prompt="x", duration=10),
        TextToVideo(prompt="x", loop=True),
    ],
)
def test_a_stored_request_is_read_back_as_it_was(request_: TextToVideo) -> None:
    assert from_json(json.loads(json.dumps(to_json(request_)))) == request_


def test_a_stored_request_needs_no_longer_be_valid() -> None:
    """It was, by the rules of its day: what is shown of it must not fail because a rule was added."""
    stored = to_json(TextToVideo(prompt="x")) | {"loop": True, "hdr": True}
    assert from_json(stored).hdr


def test_a_request_stored_before_an_option_existed_has_its_default() -> None:
    stored = to_json(TextToVideo(prompt="x", resolution="360p"))
    del stored["loop"]
    assert from_json(stored) == TextToVideo(prompt="x", resolution="360p")


# The sandbox's rules were written from the same page by other hands. Both have to say the same of every request.


def refused_there(task: dict[str, Any]) -> list[str]:
    """What the sandbox's provider says against a task: the page's rules and then Luma's."""
    against = rules.violations(task)
    return [violation.message for violation in against or upstream.violations(task, None)]


def by_hand(options: dict[str, Any]) -> dict[str, Any]:
    """The task that a careless client sends for these options: nothing of ours checks or writes it."""
    ratio = (options["resolution"], options["aspect_ratio"])
    width, height = sizes.SIZES.get(ratio, (9000, 9000))  # type: ignore[arg-type]
    switches = {"loop": options["loop"], "hdr": options["hdr"], "exrExport": options["exr"]}
    return {
        "taskType": "videoInference",
        "taskUUID": str(uuid.uuid4()),
        "model": "luma:ray@3.2",
        "positivePrompt": options["prompt"],
        "width": width,
        "height": height,
        "duration": options["duration"],
        "numberResults": options["count"],
        "settings": {name: on for name, on in switches.items() if on is not False},
    }


def test_the_sandbox_accepts_every_request_that_exists_and_refuses_every_other() -> None:
    """All combinations of all options. Ours as they are sent; the others written by hand."""
    verdicts = {"both accept": 0, "both refuse": 0}
    for options in combinations():
        if problems(**options):
            assert refused_there(by_hand(options)), options
            verdicts["both refuse"] += 1
        else:
            sent = body(TextToVideo(**options), task_id=str(uuid.uuid4()), storage=Storage(60, "https://a.b/put"))
            assert refused_there(json.loads(sent)) == [], options
            verdicts["both accept"] += 1
    assert verdicts == {"both accept": 384, "both refuse": 1152}


PROMPTS = st.text(max_size=40) | st.integers(5998, 6003).map("x".__mul__)


@given(
    st.fixed_dictionaries(
        {
            "prompt": PROMPTS,
            "resolution": st.sampled_from([*RESOLUTIONS, "9000p", "720P"]),
            "aspect_ratio": st.sampled_from([*RATIOS, "16:10"]),
            "duration": st.sampled_from([5, 10, 0, 7, 999, True, "5"]),
            "loop": st.sampled_from([False, True, "yes", 1]),
            "hdr": st.sampled_from([False, True, "yes", 1]),
            "exr": st.sampled_from([False, True, "yes", 1]),
            "count": st.sampled_from([1, 2, 3, 4, 0, 5, 99, True, 2.5, "1"]),
        }
    )
)
@example({**next(combinations()), "prompt": ""})
@example({**next(combinations()), "prompt": "x" * 6001})
def test_the_sandbox_says_the_same_of_hostile_values(options: dict[str, Any]) -> None:
    """One honest exception: the provider takes a prompt of nothing but spaces, and a member would pay for it."""
    found = problems(**options)
    blank = [("prompt", says) for option, says in found if option == "prompt" and "is empty" in says]
    if found and found == blank and options["prompt"]:
        return
    assert bool(found) == bool(refused_there(by_hand(options)))
