"""Whatever a prompt holds, it is shown as it was typed and does nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.prompt import MOST_OF_A_PROMPT, shortened
from cogs.text import WHOLE_PROMPT

ACTIVE = re.compile(r"(?<!\\)[*_~|`]|@everyone|@here|<@!?\d|<@&\d|<#\d|<a?:\w|<t:|</|https?://|(?<!\\)\[[^\]]+\]\(")
"""What Discord would act on."""

PIECES = st.sampled_from(
    (
        *("@everyone", "@here", "<@123456789012345678>", "<@&1>", "<#123>", "<t:0:R>", "</jobs:1>", "<:e:1>"),
        *("**", "__", "~~", "||", "`", "```", "# ", "> ", "-# ", "- ", "1. ", "\\", " ", "\n"),
        *("https://evil.example", "[a](https://b.example)", "\u202e", "\u200b", "fox", "שלום", "🦊"),
    )
)


@given(st.lists(PIECES, min_size=1, max_size=400).map("".join))
def test_a_prompt_is_shown_on_one_line_within_its_room_and_does_nothing(prompt: str):
    shown = shortened(prompt)
    assert len(shown) <= MOST_OF_A_PROMPT
    assert "\n" not in shown
    assert "\u202e" not in shown
    # a backslash that the prompt brought is no escape of ours
    assert not ACTIVE.search(shown.replace("\\\\", "")), shown


@pytest.mark.parametrize("most", [100, MOST_OF_A_PROMPT, WHOLE_PROMPT])
@pytest.mark.parametrize("piece", ["*", "x", "x ", "<@123456789012345678>", "a://", "🦊"])
def test_a_long_prompt_is_cut_with_an_ellipsis_and_uses_the_room_that_it_has(piece: str, most: int):
    shown = shortened((piece * 6000)[:6000], most)
    assert shown.endswith("…")
    assert most - 2 * len(shortened(piece)) - 2 <= len(shown) <= most


def test_a_short_prompt_is_shown_whole():
    assert shortened("A fox, in the snow: 5 o'clock (dusk)!") == "A fox, in the snow: 5 o'clock (dusk)!"
