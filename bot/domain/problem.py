"""What is wrong with a request, all of it at once."""

from typing import NamedTuple

from bot.domain.refusal import Refusal
from bot.words.speech import say


class Problem(NamedTuple):
    """One thing that is wrong with a request: the option it is about, and the sentence for the member.

    It follows the option's name, which is empty where it is about none.
    """

    option: str
    says: str

    @property
    def line(self) -> str:
        return f"• {self.option} {self.says}" if self.option else f"• {self.says}"


class InvalidRequest(Refusal):
    """A request that cannot be built. `problems` names everything that is wrong with it, not the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join([say("request.invalid"), *(problem.line for problem in problems)]))
