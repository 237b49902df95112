"""What the log keeps of what happens once is kept in English, and said in its reader's language."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.grant import Grant
from bot.domain.money import Usd
from bot.domain.rules import FROZEN, Change, Kind
from bot.words import speech
from bot.words.catalogue import Catalogue
from bot.words.english import ENGLISH
from bot.words.speech import speaking
from cogs.limits_change import value

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
GRANT = Grant(7, 1, 2, Usd.of("0.12"), NOW, 3, "won the contest", NOW)
GERMAN = {
    "limits.frozen": "angehalten",
    "limits.log_grant": "bis {until} UTC: {amount}",
    "limits.log_left": "für <@{member}> noch {left} von {amount}",
    "limits.log_revoked": "zurückgenommen",
    "limits.log_held": "{held} zurückgelegt",
    "limits.log_settled": "{settled} abgerechnet",
    "limits.log_released": "freigegeben",
}


@pytest.fixture(autouse=True)
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue("de", GERMAN, ENGLISH.category)
    monkeypatch.setattr(speech, "CATALOGUES", {"en": ENGLISH, "de": catalogue})


@pytest.mark.parametrize(
    ("kind", "stored", "says"),
    [
        (Kind.FREEZE, FROZEN, "angehalten"),
        (Kind.GRANT, str(GRANT), "bis 2026-11-20 12:30 UTC: $0.12"),
        (Kind.REVOKE, "$0.06 left of $0.12 for <@42>", "für <@42> noch $0.06 von $0.12"),
        (Kind.REVOKE, "revoked", "zurückgenommen"),
        (Kind.RESOLVE, "held $0.0600001", "$0.0600001 zurückgelegt"),
        (Kind.RESOLVE, "settled $0.02", "$0.02 abgerechnet"),
        (Kind.RESOLVE, "released", "freigegeben"),
        (Kind.RESOLVE, "as an older version wrote it", "as an older version wrote it"),
    ],
)
def test_a_line_of_the_log_is_said_in_its_readers_language(kind: Kind, stored: str, says: str) -> None:
    change = Change(1, 1, kind, "7", None, None, 3, "", NOW)
    assert value(change, stored, {}) == stored
    with speaking("de"):
        assert value(change, stored, {}) == says
    assert value(replace(change, kind=Kind.TIME_ZONE), stored, {}) == stored
