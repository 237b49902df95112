"""What the migrations declare."""

import sqlite3
from contextlib import closing

from storage.database import MIGRATIONS


def schema() -> str:
    """Everything that is declared once every migration has been applied, and nothing that a later one replaced."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for file in sorted(MIGRATIONS.glob("*.sql")):
            connection.executescript(file.read_text("utf-8"))
        declared = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        return "".join(f"{sql};\n" for (sql,) in declared)


SCHEMA = schema()
