"""Lines that a run of the tests ends with: what was measured, not only that it passed."""

LINES: list[str] = []
