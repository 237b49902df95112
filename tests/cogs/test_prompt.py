"""Whatever a prompt holds, it is shown as it was typed and does nothing."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.job_cards import WHOLE_PROMPT
from cogs.prompt import MOST_OF_A_PROMPT, shortened

ACTIVE = re.compile(r"(?<!\\)[*_~|`]|@everyone|@here|<[^\s\u200b]|\w://|^(-?#|>|-)|(?<!\\)\[[^\]]+\]\(")
"""What Discord would act on."""

PIECES = st.sampled_from(
    (
        *("@everyone", "@here", "<@123456789012345678>", "<@&1>", "<#123>", "<t:0:R>", "</jobs:1>", "<:e:1>"),
        *(
            "<id:customize>",
            "<+123456789>",
            "<a@b.example>",
            "@\u200beveryone",
            "<\u2060@1>",
            ">>> ",
            "steam://run/1",
        ),
        *(
            "\x1b[2J",
            "\x07",
            "\x00",
            "\ud800",
            "\u061c",
            "\u00ad",
            "\u3164",
            "e\u0301\u0302\u0303\u0304\u0305\u0306",
        ),
        *("**", "__", "~~", "||", "`", "```", "# ", "> ", "-# ", "- ", "1. ", "\\", " ", "\n"),
        *("https://evil.example", "[a](https://b.example)", "\u202e", "\u200b", "fox", "שלום", "🦊"),
    )
)


UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
OURS = "\u200b\u200c\u200d"  # the first undoes what is active, the others join letters


@given(st.lists(PIECES | st.text(max_size=3), min_size=1, max_size=400).map("".join))
def test_a_prompt_is_shown_on_one_line_within_its_room_and_does_nothing(prompt: str):
    shown = shortened(prompt)
    assert len(shown) <= MOST_OF_A_PROMPT
    assert "\n" not in shown
    assert not [each for each in shown if unicodedata.category(each) in UNSEEN and each not in OURS]
    assert not re.search(r"[\u0300-\u036f]{5}", shown)
    # a backslash that the prompt brought is no escape of ours
    assert not ACTIVE.search(shown.replace("\\\\", "")), shown


@pytest.mark.parametrize("most", [100, MOST_OF_A_PROMPT, WHOLE_PROMPT])
@pytest.mark.parametrize("piece", ["*", "x", "x ", "<@123456789012345678>", "a://", "🦊"])
def test_a_long_prompt_is_cut_with_an_ellipsis_and_uses_the_room_that_it_has(piece: str, most: int):
    shown = shortened((piece * 6000)[:6000], most)
    assert shown.endswith("…")
    assert most - 2 * len(shortened(piece)) - 2 <= len(shown) <= most


@pytest.mark.parametrize("prompt", ["\u3164", "\u200b\u2060\ufeff", "\x00", "\u2800\u115f"])
def test_a_prompt_of_nothing_that_is_seen_leaves_no_empty_line(prompt: str):
    assert shortened(prompt) == "(nothing that can be shown)"


@pytest.mark.parametrize("prompt", ["می‌خواهم", "👨‍👩‍👧 waves", "שָׁלוֹם", "i <3 foxes", "ภาษาไทยที่นี่", "❤️"])
def test_what_people_write_is_shown_as_they_wrote_it(prompt: str):
    assert shortened(prompt).replace("\u200b", "") == prompt


def test_a_short_prompt_is_shown_whole():
    assert shortened("A fox, in the snow: 5 o'clock (dusk)!") == "A fox, in the snow: 5 o'clock (dusk)!"
