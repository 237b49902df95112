"""A prompt in two fields: nothing is lost on the way there and back, wherever the seam falls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.halves import FIRST, SECOND, join, split
from bot.domain.values import MAX_PROMPT

PARTS = st.sampled_from(
    ("fox ", "snow", "\n", "\n\n\n", "  ", "🦊", "👩‍🚀", "é", "\u00a0", "x" * 990, " " * 700, "🦊" * 480)
)
PROMPTS = st.lists(PARTS, max_size=40).map(lambda parts: "".join(parts)[:MAX_PROMPT])


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(PROMPTS)
def test_there_and_back_nothing_is_lost(prompt: str) -> None:
    first, gap, second = split(prompt)
    assert f"{first}{gap}{second}" == prompt
    assert join(first, second, was=prompt) == prompt
    assert len(first) <= FIRST
    assert len(second) <= SECOND


@given(PROMPTS)
def test_a_field_whose_ends_discord_cuts_off_loses_nothing_at_the_seam(prompt: str) -> None:
    first, _, second = split(prompt)
    if second and first[-1:].strip() and second[:1].strip():
        assert join(first.strip(), second.strip(), was=prompt) == prompt.strip()


@pytest.mark.parametrize("gap", [" ", "\n", "\n\n", " \n ", "\u2028"])
@pytest.mark.parametrize("length", [3_990, 3_999, 4_000])
def test_the_spaces_at_the_seam_stand_in_neither_field(gap: str, length: int) -> None:
    prompt = f"{'x' * length}{gap}{'y' * 1_900}"
    assert split(prompt) == ("x" * length, gap, "y" * 1_900)


def test_a_prompt_that_fits_one_field_stands_in_it_whole() -> None:
    assert split("x" * FIRST) == ("x" * FIRST, "", "")
    assert split("") == ("", "", "")
    assert split(f" {'x ' * 1_000}") == (f" {'x ' * 1_000}", "", "")


def test_words_without_end_are_cut_where_the_first_field_is_full() -> None:
    assert split("x" * MAX_PROMPT) == ("x" * FIRST, "", "x" * SECOND)


def test_no_emoji_is_cut_in_two_and_both_fields_fit_in_either_count() -> None:
    prompt = "x" + "🦊" * 2_900
    first, gap, second = split(prompt)
    assert (gap, units(first), units(second)) == ("", 3_999, 1_802)
    assert first + second == prompt


def test_more_units_than_two_fields_have_are_counted_as_characters() -> None:
    assert split("🦊" * MAX_PROMPT) == ("🦊" * FIRST, "", "🦊" * SECOND)


def test_what_is_written_into_the_second_field_goes_on_after_a_space() -> None:
    assert join("A fox", "in the snow", was="A fox") == "A fox in the snow"
    assert join("A fox\n", "in the snow", was="A fox") == "A fox\nin the snow"
    assert join("x" * FIRST, "yz", was="A fox") == "x" * FIRST + "yz"
    assert join("", "A fox", was="A dog") == "A fox"
    assert join("A fox", "", was="x" * MAX_PROMPT) == "A fox"
