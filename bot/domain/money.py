"""Money: whole nano-dollars, one type, formatted here and nowhere else.

The provider bills seven decimals (2.1751182), so micro-dollars are too coarse; and never a float.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from typing import Final, Self

NANOS = 1_000_000_000
"""Nano-dollars in a dollar."""

_EXACT: Final = Context(traps=[InvalidOperation, Inexact, Overflow])
"""Arithmetic that raises before it rounds."""


@dataclass(frozen=True, order=True, slots=True)
class Usd:
    """An amount of United States dollars, in whole nano-dollars. It may be negative, as a difference."""

    nanos: int

    @classmethod
    def of(cls, dollars: str | int | Decimal) -> Self:
        """`Usd.of("3.60")`. Raises ValueError for what is not an amount, or is finer than a nano-dollar."""
        try:
            nanos = _EXACT.multiply(Decimal(dollars), NANOS)
        except DecimalException:
            raise ValueError(f"not an amount of money: {dollars!r}") from None
        if not nanos.is_finite() or nanos != nanos.to_integral_value():
            raise ValueError(f"not a whole number of nano-dollars: {dollars!r}")
        return cls(int(nanos))

    def __add__(self, other: "Usd") -> "Usd":
        return Usd(self.nanos + other.nanos)

    def __sub__(self, other: "Usd") -> "Usd":
        return Usd(self.nanos - other.nanos)

    def __mul__(self, times: int) -> "Usd":
        return Usd(self.nanos * times)

    def __bool__(self) -> bool:
        return self.nanos != 0

    def times(self, parts: int, whole: int) -> "Usd":
        """This many times `parts`/`whole`, rounded up to a nano-dollar: a rate by a length."""
        return Usd(-(-self.nanos * parts // whole))

    def share(self, parts: int) -> "Usd":
        """One of `parts` equal shares, rounded up to a nano-dollar."""
        return Usd(-(-self.nanos // parts))

    def __str__(self) -> str:
        """Exactly, with two decimals at least: `$3.60`, `$2.1751182`."""
        dollars = abs(Decimal(self.nanos)) / NANOS
        whole, _, decimals = f"{dollars:.9f}".partition(".")
        return f"{'-' if self.nanos < 0 else ''}${whole}.{decimals.rstrip('0').ljust(2, '0')}"

    @property
    def cents(self) -> str:
        """In cents, rounded up: what a card shows first. `$2.18` for 2.1751182."""
        cents = (Decimal(self.nanos) / NANOS).quantize(Decimal("0.01"), rounding=ROUND_CEILING)
        return f"{'-' if cents < 0 else ''}${abs(cents)}"


ZERO = Usd(0)
