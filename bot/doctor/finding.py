"""What the doctor finds: a line each, with a sign, a word, and a way to mend it."""

import re
from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """How it is. The sign is never alone: the word says the same."""

    OK = ("✓", "ok")
    LOOK = ("!", "look")  # it works, or cannot be told from here
    WRONG = ("✗", "wrong")

    @property
    def sign(self) -> str:
        return self.value[0]

    @property
    def word(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class Finding:
    """`what` was looked at; `says`: what is so; `mend`: what to do about it, empty where there is nothing to do."""

    mark: Mark
    what: str
    says: str
    mend: str = ""

    def __str__(self) -> str:
        line = (
            f"{self.mark.sign} {self.mark.word:<5} {self.what}: {self.says}{f' → {self.mend}' if self.mend else ''}"
        )
        return re.sub(r"[^\x20-\U0010ffff]|[\x7f-\x9f\u2028\u2029]", " ", line)


def ok(what: str, says: str) -> Finding:
    return Finding(Mark.OK, what, says)


def look(what: str, says: str, mend: str = "") -> Finding:
    return Finding(Mark.LOOK, what, says, mend)


def wrong(what: str, says: str, mend: str) -> Finding:
    return Finding(Mark.WRONG, what, says, mend)
