"""The quote card's words: the price, what it is made of, and what a member should know before Confirm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.admission import Admission
from bot.domain.money import Usd
from bot.domain.placement import Rectangle
from bot.domain.policy import Policy
from bot.domain.request import EditVideo, ReframeVideo, Request, TextToVideo
from bot.domain.source import Video
from bot.offer import Offer, Terms
from bot.words.speech import say
from cogs.quote_card import quote_card
from storage.quotes import StoredQuote

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
VIDEO = Video(sha256="a" * 64, format="mp4", width=640, height=360, microseconds=5_000_000, sound=True)
EDIT = EditVideo(prompt="A fox", video=VIDEO)
LONG = replace(EDIT, video=replace(VIDEO, microseconds=12_000_000))
EXR = TextToVideo(prompt="A fox", hdr=True, exr=True)
TOP = ReframeVideo(
    prompt="A fox", video=VIDEO, aspect_ratio="9:16", placement=Rectangle(x=0, y=0, width=1, height=0.3164)
)


def offer(request: Request) -> Offer:
    terms = Terms(Policy(), NOW.date(), {})
    price = terms.quote(request)
    stored = StoredQuote(
        id="k3v9tq2m7d",
        server_id=1,
        channel_id=2,
        member_id=3,
        request=request,
        price_list=price.price_list,
        total=price.total,
        quoted_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
    )
    return Offer(stored, price, Admission(price.total, ()), terms.if_trimmed(request), terms)


def notes(request: Request, *, proven: tuple[str, ...] = (), attaches: bool = True) -> dict[str, str]:
    """The card's fields but the price and the last, by their names."""
    card = quote_card(offer(request), proven=proven, attaches=attaches)
    return {str(field.name): str(field.value) for field in card.fields[1:-1]}


def test_a_card_says_the_price_what_it_is_for_and_until_when() -> None:
    card = quote_card(offer(TextToVideo(prompt="A fox", count=2)))
    assert card.title == "$0.60 for these 2 videos"
    assert card.description == "> A fox\n720p · 16:9 · 5 s · 2 videos"
    assert [(field.name, field.value) for field in card.fields] == [
        ("Price", "720p video, 5 s: $0.30 × 2 = **$0.60**"),
        ("Nothing is bought yet", f"Confirm buys it once. Valid until <t:{int(NOW.timestamp()) + 600}:t>."),
    ]


def test_a_card_says_that_its_price_is_what_was_billed_the_last_time() -> None:
    request = TextToVideo(prompt="A fox", resolution="540p", duration=10)
    seen = Terms(Policy(), NOW.date(), {"540p video, 10 s": Usd.of("0.50")}).quote(request)
    card = quote_card(replace(offer(request), quote=seen))
    assert [field.value for field in card.fields[:2]] == ["540p video, 10 s: **$0.50**", say("card.observed")]


@pytest.mark.parametrize("request_", [TextToVideo(prompt="A fox"), EDIT, replace(TOP, placement=None)])
def test_a_card_has_no_note_where_there_is_nothing_to_know(request_: Request) -> None:
    assert notes(request_) == {}


def test_an_inferred_price_is_marked_and_a_bound_is_marked_as_such() -> None:
    assert notes(TextToVideo(prompt="A fox", resolution="540p", duration=10)) == {
        "A note on this price": say("card.inferred")
    }
    assert notes(LONG)["A note on this price"] == say("card.at_most")
    assert quote_card(offer(LONG)).title == "Up to $2.60 for this video"


def test_a_source_over_5_seconds_comes_with_both_prices_and_what_to_press() -> None:
    over = replace(EDIT, video=replace(VIDEO, microseconds=5_000_001))
    assert notes(over)["A way to pay less"] == (
        "Your video lasts 5.000001 s. Trimmed to exactly 5.000 s it costs **$1.08** instead of **$2.16**. "
        "Press Trim for that, or Confirm for the whole video."
    )


@pytest.mark.parametrize(
    ("request_", "attaches", "noted"),
    [
        (EDIT, False, True),
        (EDIT, True, False),
        (replace(EDIT, keep_sound=False), False, False),
        (replace(EDIT, video=replace(VIDEO, sound=False)), False, False),
        (TextToVideo(prompt="A fox"), False, False),
    ],
)
def test_sound_that_could_not_be_posted_is_told_before_confirm(
    request_: Request, attaches: bool, noted: bool
) -> None:
    assert notes(request_, attaches=attaches) == (
        {"A note on its sound": say("card.no_sound_here")} if noted else {}
    )


def test_what_nobody_has_seen_work_is_told_until_the_operator_has() -> None:
    edit = replace(EDIT, hdr=True, exr=True)
    assert notes(EXR) == {"A note on EXR": say("card.exr_unproven")}
    assert notes(edit)["A note on EXR"] == say("card.exr_unproven")
    assert notes(TOP) == {"A note on the placement": say("card.placement_unproven")}
    assert notes(EXR, proven=("exr",)) == {}
    assert "A note on EXR" not in notes(edit, proven=("exr",))
    assert notes(TOP, proven=("placement",)) == {}
    assert notes(EXR, proven=("placement",)) == {"A note on EXR": say("card.exr_unproven")}
    assert notes(TOP, proven=("exr",)) == {"A note on the placement": say("card.placement_unproven")}


def test_the_fullest_card_fits_what_discord_takes() -> None:
    fullest = replace(
        LONG, prompt="*" * 6000, hdr=True, exr=True, count=4, format="WEBM", quality=20, safety="full"
    )
    card = quote_card(offer(fullest), attaches=False)
    assert len(card) < 6000
    assert all(len(str(field.value)) <= 1024 for field in card.fields)
