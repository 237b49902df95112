"""Our price list against the one that the provider publishes. Pure.

Machine-readable are the examples of the model's page alone (`pricingExamples`: a configuration in words, a price).
The 10 s prices, those of a reframe and those of an HDR edit stand in a paragraph, or nowhere: they are not
compared, and that is said. The form is that of the provider's own clients, 2026-11-20; no live answer was seen.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

from bot.doctor.finding import Finding, look, ok, wrong
from bot.domain.money import Usd
from bot.domain.price import PriceList

MODEL: Final = "luma:ray@3.2"
PATH: Final = "/models/luma-ray3-2/pricing"

_KINDS: Final = {
    "text/image to video": ("generation", "SDR"),
    "hdr": ("generation", "HDR"),
    "hdr+exr": ("generation", "HDR+EXR"),
    "video edit": ("edit", "SDR"),
}
_PARTS: Final = re.compile(r"\s+[.·•|]\s+")
_PRICE: Final = re.compile(r"\$?(\d{1,4}(?:\.\d{1,9})?)")


def compare(answer: Any, ours: PriceList, *, source: str) -> Iterator[Finding]:
    """`answer`: what the provider publishes, as it came; `source`: where."""
    by_hand = f"compare {ours.source} with the README's tables"
    body = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    examples = body.get("pricingExamples")
    if not isinstance(examples, list) or body.get("air", MODEL) != MODEL:
        yield look("prices", f"{source} has no prices of {MODEL} that can be read", by_hand)
        return
    same, differing, unread = list[str](), list[str](), list[str]()
    for example in cast("list[object]", examples):
        words, price = _read(example)
        figure = _ours(words, ours)
        if price is None or figure is None:
            unread.append(words)
        elif price == figure:
            same.append(words)
        else:
            differing.append(f"{words}: {price} there, {figure} here")
    if differing:
        yield wrong(
            "prices", "; ".join(differing[:5]), "update Raybot, or append a price list (README, To add a price)"
        )
    elif same:
        yield ok("prices", f"all {len(same)} that the provider publishes for programs are ours")
    if unread or not same:
        yield look(
            "prices", f"{len(unread)} published prices could not be read: {'; '.join(unread[:3])}"[:300], by_hand
        )
    rest = len(ours.generation) + len(ours.edit) + len(ours.reframe) - len(same) - len(differing)
    says = f"{rest} of ours the provider publishes for people alone, if at all, so they were not compared"
    yield look("prices", says, by_hand)


def _read(example: object) -> tuple[str, Usd | None]:
    fields = cast("dict[str, object]", example) if isinstance(example, dict) else {}
    written = _PRICE.fullmatch(str(fields.get("price", "")).strip())
    return str(fields.get("configuration", "?"))[:100], Usd.of(written[1]) if written else None


def _ours(words: str, ours: PriceList) -> Usd | None:
    kind, *size = _PARTS.split(words.strip().lower())
    table, look_ = _KINDS.get(re.sub(r"\s*\+\s*", "+", kind), (None, None))
    if table is None or len(size) != 2 or not re.fullmatch(r"\d{1,2} ?s", size[1]):
        return None
    key: Any = (look_, size[0], int(size[1].rstrip(" s")))
    figure = ours.generation.get(key) if table == "generation" else ours.edit.get(key)
    return figure.amount if figure else None
