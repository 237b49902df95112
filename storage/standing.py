"""How a member stands: everything that decides about their next request, read in the caller's transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from bot.domain.admission import Allowance, Credit, JobsAtOnce, Situation
from bot.domain.grant import total
from bot.domain.limit import DEFAULT, Layer, Limits, Origin, Return, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.rules import Rules
from bot.domain.window import Rolling, Window, opens_at, resets_at
from storage import grants, jobs, ledger, limits
from storage.database import Tx

_STAFF = Origin("server")
NOBODY = 0  # no member has this id


async def situation(
    tx: Tx,
    defaults: Mapping[Layer, Limits],
    *,
    server_id: int,
    member_id: int,
    rules: Rules,
    now: datetime,
    balance: Usd | None = None,
) -> Situation:
    """`rules`: this member's, as `limits.in_force` reads them. `defaults`: where they decide nothing; a layer that
    is not named is unlimited. `balance`: the provider's, where it is known.
    """
    left = await grants.of_member(tx, server_id, member_id, now=now)
    count = _Count(tx, server_id, member_id, now, total(left))
    of_server = (DEFAULT, defaults.get(Layer.SERVER, ())) if rules.server is None else (_STAFF, rules.server)
    of_member = _of_member(rules, defaults.get(Layer.MEMBER, ()))
    at_once = None
    if rules.jobs_at_once is not None:
        at_once = JobsAtOnce(rules.jobs_at_once, await jobs.count_under_way(tx, server_id, member_id))
    return Situation(
        freeze=rules.freeze,
        account=await count.allowance(Layer.ACCOUNT, DEFAULT, defaults.get(Layer.ACCOUNT, ()), UTC),
        server=await count.allowance(Layer.SERVER, *of_server, rules.zone),
        allowances=tuple([await count.allowance(Layer.MEMBER, *each, rules.zone) for each in of_member]),
        grants=tuple(left),
        request_cap=rules.request_cap,
        jobs=at_once,
        credit=None if balance is None else Credit(balance, await ledger.held(tx)),
    )


async def of_server(
    tx: Tx, defaults: Mapping[Layer, Limits], *, server_id: int, now: datetime
) -> tuple[Standing, ...]:
    """How the limits of the account and of a server stand, whoever asks."""
    rules = await limits.in_force(tx, server_id, NOBODY, ())
    count = _Count(tx, server_id, NOBODY, now, ZERO)
    of_server = defaults.get(Layer.SERVER, ()) if rules.server is None else rules.server
    account = await count.allowance(Layer.ACCOUNT, DEFAULT, defaults.get(Layer.ACCOUNT, ()), UTC)
    server = await count.allowance(Layer.SERVER, DEFAULT if rules.server is None else _STAFF, of_server, rules.zone)
    return *account.standings, *server.standings


def _of_member(rules: Rules, default: Limits) -> list[tuple[Origin, Limits]]:
    """The personal limit, else the roles', else everybody's, else the default."""
    if rules.personal is not None:
        return [(Origin("personal"), rules.personal)]
    if rules.roles:
        return [(Origin("role", role_id), limits) for role_id, limits in sorted(rules.roles.items())]
    return [(DEFAULT, default) if rules.everyone is None else (_STAFF, rules.everyone)]


class _Count:
    """Counts what stands against limits, each window once."""

    def __init__(self, tx: Tx, server_id: int, member_id: int, now: datetime, granted: Usd) -> None:
        self._tx = tx
        self._server_id = server_id
        self._member_id = member_id
        self._now = now
        self._granted = granted
        self._counted: dict[tuple[Layer, Window], ledger.Sums] = {}

    async def allowance(self, layer: Layer, origin: Origin, limits: Limits, zone: tzinfo) -> Allowance:
        standings: list[Standing] = []
        for limit in limits:
            sums = await self._sums(layer, limit.window, zone)
            granted = self._granted if layer is Layer.MEMBER else ZERO
            resets = resets_at(limit.window, self._now, zone)
            returns = await self._returns(layer, limit.window) if limit.amount else ()
            standings.append(Standing(layer, limit, sums.spent, sums.held, resets, origin, granted, returns))
        return Allowance(layer, origin, tuple(standings))

    async def _sums(self, layer: Layer, window: Window, zone: tzinfo) -> ledger.Sums:
        key = layer, window
        if key not in self._counted:
            since = opens_at(window, self._now, zone)
            self._counted[key] = await ledger.sums(
                self._tx, layer, server_id=self._server_id, member_id=self._member_id, since=since
            )
        return self._counted[key]

    async def _returns(self, layer: Layer, window: Window) -> tuple[Return, ...]:
        if not isinstance(window, Rolling):
            return ()
        return await ledger.returns(
            self._tx, layer, window, server_id=self._server_id, member_id=self._member_id, now=self._now
        )
