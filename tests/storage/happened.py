"""What has happened before each attempt to break the schema: one job in each state, and some more."""

import sqlite3
from datetime import timedelta
from typing import NamedTuple

import pytest

from bot.domain.grant import Draw
from bot.domain.job import WAIVE, Reason, State
from bot.domain.money import Usd
from storage import jobs, posts, quotes, sources
from storage.database import Tx
from tests.storage.statements import (
    add_alert,
    add_change,
    add_deletion,
    add_job,
    add_lineage,
    add_preset,
    add_repost,
    add_result,
    add_target,
    add_transfer,
)
from tests.storage.story import MEMBER, NOW, SERVER, bought, brought_to, granted, run, shown, won


async def tell(tx: Tx) -> dict[str, str]:
    """One job in each state, and some more; the names of all, with their ids."""
    names = {state.value: (await brought_to(tx, state, 2)).id for state in State}
    names["half"] = (await brought_to(tx, State.RUNNING, 2)).id  # one of two results is in
    await jobs.arrive(tx, names["half"], [won()], at=NOW)
    names["rendered"] = (await brought_to(tx, State.RUNNING)).id  # its result is stored, and not yet booked
    await tx.execute(add_result(":rendered", 1), names)
    names["spoiled"] = (await brought_to(tx, State.RUNNING)).id  # the same, with a failure
    await tx.execute(add_result(":spoiled", 1, links="[]", failure="'broken'"), names)
    names["posted"] = await bought(tx)
    await posts.posted(tx, f"{names['posted']}.p0", 555, shows=1)
    names["open"] = (await shown(tx, 2)).id  # a quote that may still buy
    names["other"] = (await shown(tx, 2)).id  # another
    names["withdrawn"] = (await shown(tx, 2)).id  # a quote that was cancelled
    await quotes.cancel(tx, names["withdrawn"], NOW)
    await sources.add(tx, names["other"], ["a" * 64])
    for name in ("resolved", "late"):  # by staff, with nothing known of it; of the other a result came later
        names[name] = (await brought_to(tx, State.UNRESOLVED, 2)).id
        await jobs.take(tx, names[name], WAIVE, at=NOW, reason=Reason.LOST)
    await jobs.arrive(tx, names["late"], [won()], at=NOW)
    names["bare"] = "bare"  # a job without a hold, which only a bug could make
    names["used"] = (await shown(tx, 2)).id
    await tx.execute(add_job("bare", ":used"), names)
    await tx.execute(add_transfer(":sending"), names)
    await tx.execute("INSERT INTO installation VALUES ('a', 'b')")
    await tx.execute(add_alert("a.waiting"))
    await tx.execute(add_alert("a.posted"))
    await tx.execute("UPDATE alerts SET state = 'posted', message_id = 777 WHERE nonce = 'a.posted'")
    await tx.execute("INSERT INTO observed_prices VALUES (NULL, 'list', 'it', 5, :done, 0)", names)
    names["shown"] = (await brought_to(tx, State.DONE)).id  # was posted again, and is about to be once more
    await tx.execute(add_repost(":shown"), names)
    await tx.execute("UPDATE reposts SET state = 'posted', message_id = 888 WHERE job_id = :shown", names)
    await tx.execute(add_repost(":shown", 2), names)
    await tx.execute("INSERT INTO paces VALUES (1, 0)")
    await tx.execute(add_target("a" * 16))
    names["child"] = (await shown(tx, 2)).id  # a quote that goes on from it
    await tx.execute(add_lineage(":child"), names)
    await tx.execute(add_deletion(":shown || '.a1'"), names)
    names["abroad"] = (await shown(tx, 2, server_id=SERVER + 1)).id
    return names | await tell_of_grants(tx)


async def tell_of_grants(tx: Tx) -> dict[str, str]:
    """A limit, a grant of a dollar with more, and jobs that draw on it: ten of their twelve cents."""
    await tx.execute(add_change("$1.00/day"))
    await tx.execute(add_preset("theirs"))
    names = {name: str((await granted(tx, days=days)).id) for name, days in (("grant", 9), ("spare", 9))}
    names["theirs"] = str((await granted(tx, member=MEMBER + 1)).id)
    names["gone"] = str((await granted(tx, days=-1, at=NOW - timedelta(2))).id)
    names["spent"] = str((await granted(tx, "0.05", days=9)).id)
    draws = [Draw(int(names["grant"]), Usd.of("0.10"))]
    for name in ("drawn", "waiting", "ended"):
        names[name] = await bought(tx, 2, draws=draws)
    for name in ("drawn", "ended"):
        await run(tx, names[name])
    await jobs.arrive(tx, names["ended"], [won("a"), won("b")], at=NOW)
    for n in (1, 2):
        await tx.execute(add_result(":drawn", n, video=f"'{n}'"), names)
    names["plain"] = await bought(tx, 2)
    return names


class Story(NamedTuple):
    """A transaction in which everything has happened, and the names of whom it happened to."""

    tx: Tx
    names: dict[str, str]

    async def refuses(self, says: str, statements: list[str]) -> None:
        """Do all but the last statement, and see the last one refused."""
        *allowed, attempt = statements
        for statement in allowed:
            assert (await self.tx.execute(statement, self.names)).rowcount > 0, statement
        with pytest.raises(sqlite3.IntegrityError) as refused:
            await self.tx.execute(attempt, self.names)
        assert says in " ".join(str(refused.value).split())
