"""The options of a request that somebody chose: beside the command, in a preset, or as a server's default.

They are values on their way into a request, which holds them against the rules (bot/domain/request.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.domain.problem import InvalidRequest, Problem
from bot.domain.request import Count, Duration, Format, Safety, Strength, TextToVideo
from bot.domain.size import AspectRatio, Resolution
from bot.domain.values import quality_problems, unknown_values


@dataclass(frozen=True, kw_only=True)
class Choices:
    """None: not chosen."""

    resolution: Resolution | None = None
    aspect_ratio: AspectRatio | None = None
    duration: Duration | None = None
    loop: bool | None = None
    hdr: bool | None = None
    exr: bool | None = None
    count: Count | None = None
    strength: Strength | None = None
    keep_sound: bool | None = None
    format: Format | None = None
    quality: int | None = None
    safety: Safety | None = None

    def over(self, others: "Choices") -> "Choices":
        """These, and where nothing was chosen the others."""
        return Choices(**{**others.chosen(), **self.chosen()})

    def chosen(self) -> dict[str, Any]:
        """What was chosen, by the names of the options."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def problems(self) -> Iterator[Problem]:
        """What is wrong with them, whatever they are used for: values that there are not, and pairs that exclude
        each other in a new video."""
        found = [*unknown_values(self), *quality_problems(self.quality)]
        yield from found
        if not found:
            try:
                known = {each.name for each in fields(TextToVideo)}
                TextToVideo(prompt="-", **{name: it for name, it in self.chosen().items() if name in known})
            except InvalidRequest as error:
                yield from error.problems


def choices_of(stored: Mapping[str, Any]) -> Choices:
    """The choices among stored values; an option that there is no more is left out."""
    known = {each.name for each in fields(Choices)}
    return Choices(**{name: value for name, value in stored.items() if name in known})
