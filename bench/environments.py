"""Environments for the peers: a folder each with its own packages, at exact versions, made when first needed."""

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / ".bench"
"""Everything that measuring leaves behind; git ignores it."""

PEERS: Final = ROOT / "bench" / "peers"


class DidNotStart(Exception):
    """A side that cannot be measured; the message has what its process said."""


def python_of(peer: str) -> str:
    """The Python in which `bench/peers/{peer}.py` runs, with the packages of `{peer}.txt`.

    Raises DidNotStart where they cannot be had; why stands above it, as the package index's client says it.
    """
    folder = FOLDER / "environments" / peer
    wanted = "".join(file.read_text("utf-8") for file in (PEERS / f"{peer}.txt", ROOT / "pins.txt"))
    stamp, python = folder / "installed.txt", folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        print(f"bench: making an environment for {peer} ...", file=sys.stderr, flush=True)  # noqa: T201
        install = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r", str(PEERS / f"{peer}.txt")]
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            subprocess.run([str(python), *install], check=True)
        except subprocess.CalledProcessError:
            raise DidNotStart(f"the packages of bench/peers/{peer}.txt could not be installed") from None
        stamp.write_text(wanted, "utf-8")
    return str(python)


def environment() -> dict[str, str]:
    """What every measured process gets: compiled modules in a folder of our own, so that all start alike."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(FOLDER / "compiled")}
