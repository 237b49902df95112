"""/limits: what cannot be read, or is not here, is refused in words and changes nothing."""

import re
from typing import Any

import pytest

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from tests.cogs.limiting import changes, limits
from tests.house import House

pytestmark = pytest.mark.usefixtures("limits_as_they_were")

WRONG: list[tuple[str, dict[str, Value], str]] = [
    ("member", {"limit": "-5"}, "write it without a sign"),
    ("member", {"limit": "9999999"}, "write at most 1000000"),
    ("member", {"limit": "lots"}, "write it like 5.00/day"),
    ("member", {"limit": "5/day and 6/day"}, "write each window once"),
    ("member", {"limit": "5/fortnight"}, "write it like 5.00/day"),
    ("member", {"limit": "1e9"}, "write it like 5.00/day"),
    ("member", {"limit": "[5](https://evil.example) @everyone"}, "write it like 5.00/day"),
    ("server", {"limit": "NaN"}, "write it like 5.00/day"),
    ("request", {"most": "5/day"}, "write an amount like 5, $5 or 5.00, or unlimited"),
    ("request", {"most": "0.001"}, "write whole cents"),
    ("jobs", {"most": "1.5"}, "write a whole number from 0 to 1,000, or unlimited"),
    ("jobs", {"most": "-1"}, "write a whole number from 0 to 1,000, or unlimited"),
    ("jobs", {"most": "²"}, "write a whole number from 0 to 1,000, or unlimited"),
    ("timezone", {"zone": "Europe/Berlni"}, "such as Europe/Berlin"),
    ("timezone", {"zone": "../../etc/passwd"}, "write the name of a time zone"),
    ("grant", {"amount": "0"}, "write an amount of more than 0"),
    ("grant", {"amount": "-3"}, "write it without a sign, such as 5. "),
    ("request", {"most": "99999999"}, "write at most 1000000, or unlimited. "),
    ("grant", {"amount": "3", "days": 0}, "write a whole number from 1 to 3,650"),
    ("grant", {"amount": "3", "days": 10**12}, "write a whole number from 1 to 3,650"),
    ("why", {"price": "free"}, "write an amount like 5, $5 or 5.00"),
    ("resolve", {"job": "nothing", "outcome": "release"}, "I do not know this job."),
    ("resolve", {"job": "nothing", "outcome": "keep"}, "outcome: I cannot take “keep”. Please choose settle or"),
    ("resolve", {"job": "'; DROP TABLE jobs; --", "outcome": "release"}, "I do not know this job."),
]


@pytest.mark.parametrize(("what", "options", "says"), WRONG)
async def test_what_cannot_be_read_is_refused_in_words_and_changes_nothing(
    house: House, ada: Member, mary: Member, what: str, options: dict[str, Value], says: str
):
    before = changes(house)
    about: dict[str, Value] = {"member": ada.user} if what in ("member", "grant", "why") else {}
    answer = await limits(mary, what, {**about, **options}, forged=True)
    assert says in answer.text
    assert "https://" not in answer.text
    assert "@everyone" not in answer.text
    assert answer.pings == frozenset()
    assert changes(house) == before


@pytest.mark.parametrize("value", [5, 1.5, True, ["5"], None, {"a": 1}], ids=repr)
@pytest.mark.parametrize("option", ["limit", "most", "zone", "amount", "days", "before", "reason"])
async def test_a_modified_clients_value_of_another_kind_is_no_bug(
    house: House, ada: Member, mary: Member, option: str, value: Any
):
    """Whether it can be read or not: it is answered, and the house's inspection finds no traceback."""
    given: dict[str, dict[str, Any]] = {
        "limit": {"member": ada.user},
        "amount": {"member": ada.user},
        "days": {"member": ada.user, "amount": "1"},
        "reason": {"member": ada.user, "limit": "1"},
    }
    what = {"most": "jobs", "zone": "timezone", "amount": "grant", "days": "grant", "before": "log"}
    answer = await limits(mary, what.get(option, "member"), {**given.get(option, {}), option: value}, forged=True)
    assert "Something went wrong" not in answer.text


@pytest.mark.parametrize("what", ["member", "grant", "why"])
async def test_bots_and_people_who_have_left_are_told_apart_from_members(house: House, mary: Member, what: str):
    options = {"member": {"limit": "5"}, "grant": {"amount": "5"}, "why": {"price": "5"}}[what]
    before = changes(house)
    bot = house.discord.world.bot
    answer = await limits(mary, what, {"member": bot, **options})
    assert answer.text.startswith(f"{bot.mention} is a bot, and bots cannot use me.")
    gone = house.member()
    del house.server.members[gone.id]
    answer = await limits(mary, what, {"member": gone.user, **options})
    assert answer.text.startswith(f"{gone.mention} is not in this server")
    assert changes(house) == before


async def test_a_role_or_channel_that_is_gone_or_elsewhere_is_refused(house: House, mary: Member):
    world, before = house.discord.world, changes(house)
    gone = world.add_role(house.server, "Gone")
    del house.server.roles[gone.id]
    foreign = world.add_role(world.server("Elsewhere"), "Foreign")
    deleted = house.channel()
    world.delete_channel(deleted)
    for what, options in (
        ("role", {"role": gone, "limit": "5"}),
        ("role", {"role": foreign, "limit": "5"}),
        ("staff", {"role": gone}),
        ("alerts", {"channel": deleted}),
        ("alerts", {"channel": house.discord.channel("lobby", "Elsewhere")}),
    ):
        answer = await limits(mary, what, dict(options), forged=True)
        assert re.match(r"What was chosen for `(role|channel)` is not here any more", answer.text)
    assert changes(house) == before


async def test_everybody_cannot_be_staff(house: House, mary: Member):
    before = changes(house)
    answer = await limits(mary, "staff", role=house.server.everyone)
    assert "it cannot be the staff role. Please choose another; nothing was changed." in answer.text
    assert answer.pings == frozenset()
    assert changes(house) == before
