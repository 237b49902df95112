"""How many examples a fuzz test tries."""

import os
from typing import Final

EXAMPLES: Final = int(os.environ.get("RAYBOT_FUZZ", "100"))
"""Modest, so that the tests stay quick; `RAYBOT_FUZZ=20000` for a night."""
