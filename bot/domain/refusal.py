"""What a member may be told: a Refusal is written for its reader, and sent as it stands."""


class Refusal(Exception):
    """The bot will not do what was asked. `str()` of it is shown to the member, unchanged.

    It says what is wrong and what would work instead, costs nothing, and changes nothing.
    """

    @property
    def says(self) -> str:
        """The sentences for the member."""
        return str(self)


class NotUnderstood(ValueError):
    """What somebody wrote cannot be read. `str()` of it is an imperative for them, what to write instead, as
    in `write an amount like 5, $5 or 5.00`; another sentence goes around it."""
