"""Pictures of what quotes are made from, drawn once and remembered while they are likely to be shown again."""

import asyncio
import logging
from collections import OrderedDict
from typing import Final

from bot.domain.canvas import Picture, picture
from bot.domain.request import Request
from bot.kept import Kept
from bot.media.picture import Place, draw
from bot.media.unusable import UnusableMedia

log = logging.getLogger(__name__)

REMEMBERED: Final = 64  # pictures, of 20 KB each; every change on a card shows one


class Pictures:
    """Of kept files. Nothing hangs on a picture: where it cannot be drawn there is none."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._drawn: OrderedDict[Picture, bytes] = OrderedDict()

    async def of(self, request: Request) -> bytes | None:
        """A JPEG; None where the request is made from words alone, or its files cannot be shown."""
        wanted = picture(request)
        if wanted is None:
            return None
        if wanted not in self._drawn:
            try:
                self._drawn[wanted] = await self._draw(wanted)
            except (UnusableMedia, OSError) as error:
                log.warning("a picture for a card cannot be drawn: %s: %s", type(error).__name__, error)
                return None
        self._drawn.move_to_end(wanted)
        while len(self._drawn) > REMEMBERED:
            self._drawn.popitem(last=False)
        return self._drawn[wanted]

    async def _draw(self, wanted: Picture) -> bytes:
        sources = list(dict.fromkeys(piece.source for piece in wanted.pieces))
        files = [self._kept.path(source.sha256) for source in sources]
        places = [
            Place(sources.index(piece.source), piece.x, piece.y, piece.width, piece.height)
            for piece in wanted.pieces
        ]
        async with self._kept.receiving() as receiving:
            made = receiving.new()
            await draw(files, places, made, width=wanted.width, height=wanted.height, canvas=wanted.canvas)
            return await asyncio.to_thread(made.read_bytes)
