"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Options:
    """`rounds`: of each side, in turn. `seconds`: of one round of commands. `commands`, `warm_up`: for the growth.

    `jobs`, `render_seconds`: at the provider at once, and how long one takes. `entries`: ledger entries of a long
    history, with a tenth as many jobs.
    """

    rounds: int = 5
    seconds: float = 3.0
    commands: int = 10_000
    warm_up: int = 2_000
    jobs: int = 100
    render_seconds: float = 120.0
    entries: int = 1_000_000
