"""Running `python -m bot.doctor` and `python -m bot.backup` as `./run` does: with these settings and no others."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.process import INHERITED, ROOT

LONGEST = 60  # seconds


@dataclass(frozen=True)
class Said:
    """What it wrote and how it ended."""

    status: int
    out: str
    error: str

    def about(self, what: str) -> list[str]:
        """The lines about this, without it: sign, word and the rest."""
        lines = [line.split(None, 2) for line in self.out.splitlines()]
        return [
            f"{sign} {word} {rest.removeprefix(f'{what}: ')}"
            for sign, word, rest in lines
            if rest.startswith(f"{what}: ")
        ]


async def tool(module: str, settings: Mapping[str, str], folder: Path, *words: str) -> Said:
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words,
        cwd=folder, env={**inherited, "PYTHONPATH": str(ROOT), **settings},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(LONGEST):
        out, error = await process.communicate()
    assert process.returncode is not None
    return Said(process.returncode, out.decode(), error.decode())
