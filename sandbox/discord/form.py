"""Reads one JSON object as Discord reads a form: each field by its type and limits, all problems at once.

No field is read twice, null means absent, and unknown keys are ignored, as the real service does.
"""

from collections.abc import Iterator, Sequence

from sandbox.discord.errors import Problem
from sandbox.discord.wire import Object, is_list, is_object, is_whole, snowflake


class Form:
    """One JSON object within a request; the forms of one request share one list of problems."""

    def __init__(
        self, value: Object, path: tuple[str | int, ...] = (), problems: list[Problem] | None = None
    ) -> None:
        self.value = value
        self.path = path
        self.problems: list[Problem] = [] if problems is None else problems

    def complain(self, key: str | int | None, code: str, message: str) -> None:
        """Note a problem with the field `key`, or with the object itself."""
        path = self.path if key is None else (*self.path, key)
        self.problems.append(Problem(path, code, message))

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self.value.get(key) is not None

    def require(self, *keys: str) -> None:
        """Every one of `keys` must be there."""
        for key in keys:
            if not self.has(key):
                self.complain(key, "BASE_TYPE_REQUIRED", "This field is required")

    def text(self, key: str, *, least: int = 0, most: int = 2**31) -> str | None:
        """A string of `least` to `most` characters."""
        value = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.complain(key, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return None
        self._length(key, len(value), least, most)
        return value

    def whole(self, key: str, *, least: int = -(2**53), most: int = 2**53) -> int | None:
        """An integer from `least` to `most`."""
        value = self.value.get(key)
        if value is None:
            return None
        if not is_whole(value):
            self.complain(key, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return None
        if not least <= value <= most:
            code, bound = ("NUMBER_TYPE_MIN", f"greater than or equal to {least}")
            if value > most:
                code, bound = ("NUMBER_TYPE_MAX", f"less than or equal to {most}")
            self.complain(key, code, f"int value should be {bound}.")
            return None
        return value

    def flag(self, key: str) -> bool | None:
        """A boolean."""
        value = self.value.get(key)
        if value is not None and not isinstance(value, bool):
            self.complain(key, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
            return None
        return value

    def choice(self, key: str, allowed: Sequence[int | str]) -> int | str | None:
        """One of `allowed`."""
        value = self.value.get(key)
        if value is not None and (isinstance(value, bool) or value not in allowed):
            self.complain(key, "BASE_TYPE_CHOICES", f"Value must be one of {set(allowed)}.")
            return None
        return value

    def url(self, key: str, *, most: int = 2048, schemes: Sequence[str] = ("http", "https")) -> str | None:
        """A URL of one of `schemes`."""
        value = self.text(key, least=1, most=most)
        if value is not None and value.partition("://")[0].lower() not in schemes:
            self.complain(key, "URL_TYPE_INVALID_SCHEME", f"Scheme must be one of {tuple(schemes)}.")
        return value

    def ids(self, key: str, *, most: int) -> list[int]:
        """A list of at most `most` different snowflakes."""
        found: list[int] = []
        for index, value in enumerate(self._list(key, 0, most)):
            number = snowflake(value)
            if number is None:
                self.problems.append(
                    Problem((*self.path, key, index), "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
                )
            elif number in found:
                self.complain(key, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value.")
            else:
                found.append(number)
        return found

    def part(self, key: str) -> "Form | None":
        """The object in the field `key`."""
        value = self.value.get(key)
        if value is None:
            return None
        if not is_object(value):
            self.complain(key, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType.")
            return None
        return Form(value, (*self.path, key), self.problems)

    def parts(self, key: str, *, least: int = 0, most: int = 2**31) -> list["Form"]:
        """The list of `least` to `most` objects in the field `key`."""
        return list(self._parts(key, least, most))

    def _parts(self, key: str, least: int, most: int) -> Iterator["Form"]:
        for index, value in enumerate(self._list(key, least, most)):
            path = (*self.path, key, index)
            if is_object(value):
                yield Form(value, path, self.problems)
            else:
                self.problems.append(
                    Problem(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType.")
                )

    def _list(self, key: str, least: int, most: int) -> list[object]:
        value = self.value.get(key)
        if value is None:
            return []
        if not is_list(value):
            self.complain(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            return []
        self._length(key, len(value), least, most)
        return value

    def _length(self, key: str, length: int, least: int, most: int) -> None:
        if length < least:
            self.complain(key, "BASE_TYPE_MIN_LENGTH", f"Must be {least} or more in length.")
        elif length > most:
            self.complain(key, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
