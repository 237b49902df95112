"""What is wrong with a request, all of it at once."""

from typing import NamedTuple

from bot.domain.refusal import Refusal


class Problem(NamedTuple):
    """One thing that is wrong with a request: the option it is about, and the sentence for the member."""

    option: str
    says: str


class InvalidRequest(Refusal):
    """A request that cannot be built. `problems` names everything that is wrong with it, not the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        listed = "\n".join(f"• {problem.option} {problem.says}" for problem in problems)
        super().__init__(f"This cannot be made as it is, so nothing was bought:\n{listed}")
