"""What a result costs, in US dollars, as the model page prints it (S: stated there or by its examples; I:
inferred).

The tables are Runware's own, typed from the page, not the bot's: the two are compared by what the bot
quotes and what this side bills. 10 s of generation costs three times 5 s (S, both text examples); 10 s of
an edit twice (I, from fal).
"""

from decimal import Decimal
from typing import Final

from sandbox.runware.request import Json, kind, tier, value
from sandbox.runware.sizes import Tier
from sandbox.runware.upstream import Source

GENERATION: Final[dict[Tier, Decimal]] = {  # 5 s, SDR (S)
    "360p": Decimal("0.06"),
    "540p": Decimal("0.15"),
    "720p": Decimal("0.30"),
    "1080p": Decimal("1.20"),
}
GENERATION_HDR: Final[dict[Tier, Decimal]] = {
    "720p": Decimal("0.60"),
    "1080p": Decimal("2.40"),
}  # 5 s only (S)
GENERATION_EXR: Final[dict[Tier, Decimal]] = {
    "720p": Decimal("0.90"),
    "1080p": Decimal("3.60"),
}  # 5 s only (S)
REFRAME: Final[dict[Tier, Decimal]] = {  # per second; the page prints "320p" for the first (S)
    "360p": Decimal("0.03"),
    "540p": Decimal("0.06"),
    "720p": Decimal("0.12"),
    "1080p": Decimal("0.36"),
}
EDIT: Final[dict[Tier, Decimal]] = {  # up to 5 s, SDR (S)
    "360p": Decimal("0.54"),
    "540p": Decimal("0.72"),
    "720p": Decimal("1.08"),
    "1080p": Decimal("2.16"),
}
EDIT_HDR: Final[dict[Tier, Decimal]] = {
    "720p": Decimal("2.16"),
    "1080p": Decimal("4.32"),
}  # up to 5 s (720p: I)
EDIT_EXR: Final[dict[Tier, Decimal]] = {
    "720p": Decimal("3.24"),
    "1080p": Decimal("6.48"),
}  # up to 5 s (720p: I)

TEN_SECONDS_GENERATED: Final = 3
TEN_SECONDS_EDITED: Final = 2
SHORT_EDIT: Final = 5_000_000
"""Microseconds up to which an edit is of the 5 s class; longer ones are of the 10 s class, as in ComfyUI (I), also
those over 10 s, for which nobody states a price."""


def price(task: Json, source: Source | None = None) -> Decimal:
    """What one result of a valid task costs; edits and reframes need their `source`."""
    match kind(task):
        case "text" | "image":
            five = _table(task, GENERATION, GENERATION_HDR, GENERATION_EXR)[tier(task)]
            return five * (TEN_SECONDS_GENERATED if task.get("duration", 5) == 10 else 1)
        case "edit":
            total = _table(task, EDIT, EDIT_HDR, EDIT_EXR)[tier(task)]
            return total * (1 if _known(source).microseconds <= SHORT_EDIT else TEN_SECONDS_EDITED)
        case "reframe":
            return REFRAME[tier(task)] * _known(source).microseconds / 1_000_000


def _table(
    task: Json, sdr: dict[Tier, Decimal], hdr: dict[Tier, Decimal], exr: dict[Tier, Decimal]
) -> dict[Tier, Decimal]:
    if value(task, "settings.exrExport") is True:
        return exr
    return hdr if value(task, "settings.hdr") is True else sdr


def _known(source: Source | None) -> Source:
    if source is None:
        raise ValueError("an edit or a reframe is priced by the length of its source")
    return source
