"""The films that were asked for: each rendered once, when it is first wanted, off the event loop."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sandbox.runware.film import Film, render


class Films:
    """Rendered films in `folder`. Close it before the folder goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="film")
        self._closing = threading.Event()
        self._made: dict[Film, asyncio.Task[Path]] = {}

    async def path(self, film: Film) -> Path:
        """The file of `film`. A caller that gives up does not stop the rendering, which others may wait for."""
        made = self._made.get(film)
        if made is None:
            path = self._folder / f"film-{len(self._made)}.{film.suffix}"
            made = self._made[film] = asyncio.create_task(self._render(film, path))
        return await asyncio.shield(made)

    async def close(self) -> None:
        """Stop what is being rendered, and wait until it has stopped."""
        self._closing.set()
        await asyncio.gather(*self._made.values(), return_exceptions=True)
        self._threads.shutdown()

    async def _render(self, film: Film, path: Path) -> Path:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, render, film, path, self._closing.is_set)
        return path
