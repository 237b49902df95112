"""What can be made to go wrong from the side panel: faults that stay on, and what becomes of the next video."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from sandbox.discord.errors import refusal
from sandbox.discord.interaction import DEADLINE
from sandbox.discord.ratelimit import too_many
from sandbox.faults import Fault
from sandbox.runware.script import Costs, Fails, Forgotten, Partial, Silent, Step, Takes
from sandbox.sandbox import Sandbox

MANY: Final = 10_000  # requests that a fault meets while it is on
POST: Final = "POST /channels/{channel}/messages"
ANSWER: Final = "POST /interactions/{interaction}/{token}/callback"

LATE: Final = Fault(
    delay=DEADLINE.total_seconds() + 0.2,
    status=404,
    body=json.dumps(refusal(10062).body()).encode(),
    headers={"Content-Type": "application/json"},
)
"""An answer that comes too late, and what Discord says to it."""


@dataclass(frozen=True)
class Switch:
    """A fault that stays on: at which side, which requests meet it, and a sentence that says what one then sees."""

    side: Literal["discord", "runware"]
    operation: str
    fault: Fault
    says: str


SWITCHES: Final[Mapping[str, Switch]] = {
    "discord-post-500": Switch("discord", POST, Fault(status=500), "Discord answers posts with an error"),
    "discord-post-lost": Switch(
        "discord", POST, Fault(takes_effect=True), "Discord posts, but its acknowledgement is lost"
    ),
    "discord-post-429": Switch("discord", POST, too_many(5), "Discord says: too many posts, wait for 5 s"),
    "discord-answer-late": Switch("discord", ANSWER, LATE, "Answers come too late"),
    "discord-files-gone": Switch("discord", "GET /cdn", Fault(status=404), "Attached files cannot be read"),
    "runware-503": Switch("runware", "videoInference", Fault(status=503), "The provider takes no new videos"),
    "runware-accept-lost": Switch(
        "runware", "videoInference", Fault(takes_effect=True), "The provider accepts, but its answer is lost"
    ),
    "runware-poll-503": Switch("runware", "getResponse", Fault(status=503), "The provider is mute when asked"),
    "runware-media-gone": Switch("runware", "media", Fault(status=404), "Finished videos cannot be read"),
}

NEXT: Final[Mapping[str, tuple[Step, str]]] = {
    "moderated": (Fails(), "is refused by the provider's moderation"),
    "billed failure": (Fails(cost=Decimal("0.30")), "fails, and is billed all the same"),
    "one fails": (Partial((0,)), "loses its first take, where several were asked for"),
    "slow": (Takes(60), "takes a minute"),
    "silent": (Silent(), "is never heard of again"),
    "forgotten": (Forgotten(), "is forgotten by the provider"),
    "dear": (Costs(Decimal("1.00")), "costs 1.00 dollar, whatever the list says"),
}


class Mischief:
    """The switches of one sandbox; `on` are the names of those that are on."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.on: set[str] = set()

    def switch(self, name: str, *, on: bool) -> None:
        """Switch the fault called `name` on or off. LookupError when there is none."""
        if name not in SWITCHES:
            raise LookupError(f"There is no fault called {name}.")
        (self.on.add if on else self.on.discard)(name)
        self._sandbox.discord.faults.clear()
        self._sandbox.runware.faults.clear()
        for each in sorted(self.on):
            switch = SWITCHES[each]
            faults = self._sandbox.discord.faults if switch.side == "discord" else self._sandbox.runware.faults
            faults.add(switch.operation, switch.fault, times=MANY)

    def happen(self, name: str) -> None:
        """Let the next accepted video meet what `name` says. LookupError when there is nothing of this name."""
        if name not in NEXT:
            raise LookupError(f"Nothing called {name} can happen to a video.")
        self._sandbox.runware.script(NEXT[name][0])
