"""What a statement's plan may not have in it: a walk through a whole table that grows, or through every hold."""

import re
from collections.abc import Iterable
from typing import Final

GROWING: Final = (
    "quotes|cancelled_quotes|sources|lineage|jobs|ledger|results|transfers|posts|reposts|deletions|"
    "changes|grants|draws|alerts|observed_prices|paces|targets|presets"
)
STAYS: Final = frozenset({"installation", "kinds", "steps"})
"""Tables of a dozen rows, however old the installation is."""

SMALL: Final = "(jobs_under_way|posts_waiting|posts_behind|one_repost_at_a_time|alerts_waiting)"
"""Partial indexes that hold only what is under way, and may be walked from end to end."""

ALL_HOLDS: Final = re.compile(
    r"^SEARCH (ledger|entry) USING (COVERING )?INDEX \w+ \(kind=\?\)"
    r"|^SEARCH (ledger|entry|draws) USING (COVERING )?INDEX \w+ \((server_id=\? AND )?(member_id=\? AND )?kind=\?\)"
)
"""Every hold that there ever was, of everybody or of one."""

_ALIAS: Final = re.compile(rf"\b(?:{GROWING})\s+AS\s+(\w+)")


def offending(sql: str, plan: Iterable[str]) -> list[str]:
    """The steps of the plan that take longer the more there is. A plan calls a table by its alias."""
    names = "|".join([GROWING, *_ALIAS.findall(sql)])
    scan = re.compile(rf"^SCAN ({names})\b(?! USING (COVERING )?INDEX {SMALL})")
    return [step for step in plan if scan.search(step) or ALL_HOLDS.search(step)]
