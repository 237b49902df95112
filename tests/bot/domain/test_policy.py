"""A server's policy: what it makes of a request, and what its values are read from."""

from itertools import combinations
from typing import Any, get_args

import pytest

from bot.domain.blocked import found, parse_words, plain
from bot.domain.choices import Choices
from bot.domain.policy import REQUEST_KINDS, NotAllowedHere, NotInThisChannel, Policy, RequestKind, read, several
from bot.domain.preset import BadName, clean, key
from bot.domain.request import Safety, TextToVideo
from bot.domain.size import Resolution

RESOLUTIONS: tuple[Resolution, ...] = get_args(Resolution)
ALLOWED = [some for n in range(1, 5) for some in combinations(RESOLUTIONS, n)]


@pytest.mark.parametrize("allowed", ALLOWED)
@pytest.mark.parametrize("default", [None, *RESOLUTIONS])
def test_a_request_that_chooses_nothing_is_always_allowed(
    allowed: tuple[Resolution, ...], default: Resolution | None
) -> None:
    policy = Policy(resolution=default, resolutions=allowed, safety="fast", duration=10, quality=30)
    request = TextToVideo(prompt="a fox", **policy.filled("text", Choices()))
    assert policy.problems(request) == ()
    assert default not in allowed or request.resolution == default


@pytest.mark.parametrize("kind", get_args(RequestKind))
def test_what_was_chosen_is_never_changed(kind: RequestKind) -> None:
    policy = Policy(resolution="360p", duration=10, safety="full", format="WEBM", quality=30, aspect_ratio="1:1")
    chosen = Choices(
        resolution="1080p", duration=5, safety="none", format="MOV", quality=99, aspect_ratio="21:9",
        count=3, loop=False, hdr=True, exr=True, strength="flex_1", keep_sound=False,
    )  # fmt: skip
    filled = policy.filled(kind, chosen)
    assert filled == {name: value for name, value in chosen.chosen().items() if name in filled}
    assert policy.filled(kind, Choices()).keys() == filled.keys()


@pytest.mark.parametrize("floor", get_args(Safety))
def test_the_safety_mode_is_a_floor(floor: Safety) -> None:
    modes = get_args(Safety)
    for mode in modes:
        refused = list(Policy(safety=floor).chosen_problems("720p", mode))
        assert bool(refused) == (modes.index(mode) < modes.index(floor))


def test_each_kind_can_be_left_out() -> None:
    for kind in REQUEST_KINDS.values():
        others: tuple[RequestKind, ...] = tuple(other for other in REQUEST_KINDS.values() if other != kind)
        assert len(list(Policy(kinds=others).asked_problems(kind, "a fox"))) == 1
        assert list(Policy(kinds=(kind,)).asked_problems(kind, "a fox")) == []


def test_a_thread_counts_as_its_channel_does() -> None:
    request = TextToVideo(prompt="a fox")
    Policy().admit(request, 1, None)
    policy = Policy(channels=(5, 6), blocked=("fox",))
    for channel_id, parent_id in ((1, None), (1, 2)):
        with pytest.raises(NotInThisChannel, match="other channels") as refused:
            policy.admit(request, channel_id, parent_id)
        assert refused.value.channels == (5, 6)
    for channel_id, parent_id in ((5, None), (1, 6)):
        with pytest.raises(NotAllowedHere, match="fox"):
            policy.admit(request, channel_id, parent_id)


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("A FOX.", "fox"),
        ("ｆｏｘ", "fox"),
        ("𝐟𝐨𝐱", "fox"),
        ("f\u200bo\u00adx", "fox"),
        ("a fox's tail", "fox"),
        ("STRASSE", "straße"),
        ("ICE - cream", "Ice Cream"),
        ("cafe\u0301", "CAFÉ"),
        ("la İstanbul", "i\u0307stanbul"),
    ],
)
def test_a_word_is_found_however_it_is_written(prompt: str, word: str) -> None:
    assert found(prompt, parse_words(word)) == parse_words(word)


@pytest.mark.parametrize("prompt", ["foxes", "a fo x", "outfox", "f-o-x", "", "firefox"])
def test_a_part_of_a_word_is_not_the_word(prompt: str) -> None:
    assert found(prompt, ("fox",)) == ()


def test_what_is_made_plain_stays_so() -> None:
    for text in ("Straße, ＡＢＣ", "ǅ", "ﬁne", "İ", "a\u0345", "x\u200dy"):
        assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("resolution", "4k"), ("quality", "19"), ("quality", "²5"), ("resolutions", ""), ("kinds", "text, sing"),
        ("channels", ""), ("channels", " ".join(str(n) for n in range(1, 27))), ("results_channel", "0"),
        ("blocked", ", ,"), ("blocked", "x" * 41), ("blocked", ",".join(f"w{n}" for n in range(101))),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_what_can(field: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^(choose|write|name|keep)"):
        read({field: text})


def test_several_stand_in_order_and_once() -> None:
    assert several(RESOLUTIONS, "720p  360P,720p") == ("360p", "720p")


@pytest.mark.parametrize(
    ("name", "cleaned"), [("  a \n b ", "a b"), ("a\u200bb", "ab"), ("Ｃｉｎｅｍａ", "Cinema")]
)
def test_a_presets_name_is_one_line_of_what_can_be_seen(name: str, cleaned: str) -> None:
    assert clean(name) == cleaned
    assert key(clean(name)) == key(cleaned.upper())


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "!!!", "x" * 33, "\u202e"])
def test_a_name_that_nobody_could_read_is_refused(name: Any) -> None:
    with pytest.raises(BadName):
        clean(name)


def test_choices_are_held_against_the_rules() -> None:
    assert list(Choices(resolution="1080p", hdr=True, strength="flex_1").problems()) == []
    for wrong in (
        Choices(hdr=True, duration=10),
        Choices(exr=True),
        Choices(quality=7),
        Choices(hdr=True, loop=True),
    ):
        assert list(wrong.problems())
    unknown: Any = "8k"
    assert [problem.option for problem in Choices(resolution=unknown).problems()] == ["resolution"]
