"""Files: what was uploaded, by whom, and the signed link under which it can be read for a day."""

import hmac
import mimetypes
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

LINK_LIFE = timedelta(hours=24)
"""How long a signed link works. Source: facts/discord.md, "Attachment URLs"."""

_SECRET = b"the sandbox signs its links so that an invented one is refused"


@dataclass(eq=False, kw_only=True)
class Attachment:
    """An uploaded file. `ephemeral`: it came with an option or a modal and belongs to no message."""

    id: int
    channel_id: int
    filename: str
    data: bytes
    content_type: str | None
    created_at: datetime
    description: str | None = None
    width: int | None = None
    height: int | None = None
    duration_secs: float | None = None
    ephemeral: bool = False

    @property
    def path(self) -> str:
        """Where the CDN has it, without the signature."""
        folder = "ephemeral-attachments" if self.ephemeral else "attachments"
        return f"/{folder}/{self.channel_id}/{self.id}/{quote(self.filename)}"

    def link(self, origin: str, now: datetime) -> str:
        """Where it can be read, on the CDN of the Discord at `origin`, for LINK_LIFE from `now`."""
        return f"{origin}/cdn{self.signed(now)}"

    def signed(self, now: datetime) -> str:
        """`path` with a signature that lives for LINK_LIFE from `now`."""
        expires, issued = f"{int((now + LINK_LIFE).timestamp()):x}", f"{int(now.timestamp()):x}"
        return f"{self.path}?ex={expires}&is={issued}&hm={signature(self.path, expires, issued)}"


def guess_type(filename: str) -> str | None:
    """The content type by the file's extension, which is all that Discord goes by."""
    return mimetypes.guess_type(filename)[0]


def signature(path: str, expires: str, issued: str) -> str:
    """The signature of a link, in hexadecimal."""
    return hmac.new(_SECRET, f"{path} {expires} {issued}".encode(), "sha256").hexdigest()
