"""Downloads: attachments, members' own links, finished videos. Every URL and every answer may be hostile.

`hosts` says which hosts may be asked, at the start and after each redirect. A host's name is looked up once, each
of its addresses has to be public, and the connection is made to one of them: a name that leads elsewhere a moment
later gains nothing. The certificate is checked against the name. Public hosts are asked on port 443 only: whoever
serves files does so there, and what listens on other ports trusts its neighbours.
Nothing of a URL but its host is logged or said, since whoever has the rest has the file.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias, cast
from urllib.parse import urljoin, urlsplit

import httpx

from bot.domain.refusal import Refusal
from bot.hosts import Hosts, is_public
from bot.newfile import NewFile
from bot.words.speech import phrase, say

log = logging.getLogger(__name__)

Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]
"""The IP addresses of a host's name. Raises OSError where there are none."""

AT_ONCE: Final = 4  # downloads of one process
SECONDS: Final = 60.0  # for one download, from the look-up to the last byte
TIMEOUT: Final = httpx.Timeout(connect=5, read=15, write=15, pool=5)  # seconds, for each step of it
MAX_REDIRECTS: Final = 5
MAX_ADDRESSES: Final = 3  # of a name, that are tried
BLOCK: Final = 256 * 1024  # bytes that are written together

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_NO_LONGER: Final = (401, 403, 404, 410)
_NOT_NOW: Final = (408, 425, 429)
_HEADERS: Final = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Raybot", "Connection": "close"}

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "link": phrase("media.link"),
        "place": phrase("media.link_place"),
        "port": phrase("media.link_port"),
        "onward": phrase("media.link_onward"),
        "redirects": phrase("media.link_redirects"),
        "expired": phrase("media.link_expired"),
        "answer": phrase("media.link_answer"),
        "large": phrase("media.link_large"),
        "slow": phrase("media.link_slow"),
        "silent": phrase("media.link_silent"),
        "busy": phrase("media.link_busy"),
    }
)
"""What a member is told, by reason. Nothing of the link goes into a sentence."""

MAY_PASS: Final = frozenset({"slow", "silent", "busy"})
"""The reasons that may be gone in a minute."""


class Unfetchable(Refusal):
    """A file that cannot be had. `reason` is a key of `SENTENCES`; `facts` are bytes."""

    def __init__(self, reason: str, **facts: int) -> None:
        self.reason = reason
        self.facts = facts
        super().__init__(say(SENTENCES[reason], **{name: _in_megabytes(fact) for name, fact in facts.items()}))

    @property
    def may_pass(self) -> bool:
        """Whether trying again can help."""
        return self.reason in MAY_PASS


@dataclass(frozen=True)
class Fetched:
    """A file that has arrived whole. `sha256`: of its bytes, in hex; `size`: in bytes."""

    path: Path
    sha256: str
    size: int


def authorities() -> ssl.SSLContext:
    """The public authorities, whose word is taken for who somebody is. To read them takes 20 ms: share them."""
    return httpx.create_ssl_context(trust_env=False)


@asynccontextmanager
async def open_downloads(
    *, resolve: Resolve | None = None, trust: ssl.SSLContext | None = None
) -> AsyncGenerator["Downloads"]:
    """What downloads in this process. Not given, `resolve` is the system's and `trust` the public authorities."""
    # Its debug lines hold whole answers' heads, and where those lead on to is often signed.
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    # Threads of their own: a name whose server is silent holds one for longer than anybody waits for it.
    threads = ThreadPoolExecutor(AT_ONCE, "look-up")
    try:
        yield Downloads(resolve or partial(_look_up, threads), trust or authorities())
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


class Downloads:
    """Fetches files, `AT_ONCE` at most; others wait for their turn.

    Each request has a transport of its own. A pool would lend a connection whose certificate was checked for one
    name to another on the same address, and httpcore's loses a place whenever a request is cancelled at the wrong
    moment; httpx's client would follow redirects, keep cookies, and log each URL.
    """

    def __init__(self, resolve: Resolve, trust: ssl.SSLContext) -> None:
        self._resolve = resolve
        self._trust = trust
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, url: str, into: Path, *, hosts: Hosts, most: int, seconds: float = SECONDS) -> Fetched:
        """What is at `url`, in the new file `into` that only its owner can read. `most`: bytes.

        `seconds` bounds the wait for a turn, and then the download. Raises Unfetchable, and OSError where the file
        cannot be written; then, and when cancelled, there is no file.
        """
        first = _place(url, hosts)
        file = NewFile(into)
        try:
            async with self._turn(seconds), _within(seconds, "slow"):
                return await self._download(first, file, hosts, most)
        except BaseException:
            await file.discard()
            raise

    @asynccontextmanager
    async def _turn(self, seconds: float) -> AsyncGenerator[None]:
        async with _within(seconds, "busy"):
            await self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release()

    async def _download(self, place: "_Place", file: NewFile, hosts: Hosts, most: int) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            async with self._answer(place) as response:
                if response.status_code not in _REDIRECTS:
                    _check(response, place.host, most)
                    return await _save(response, place.host, file, most)
            place = _onward(place, response.headers.get("Location", ""), hosts)
        raise Unfetchable("redirects")

    @asynccontextmanager
    async def _answer(self, place: "_Place") -> AsyncGenerator[httpx.Response]:
        """The answer's head, its body still to be read, from the first address that answers."""
        addresses = await self._addresses(place)
        async with httpx.AsyncHTTPTransport(verify=self._trust) as transport:
            for address in addresses[:MAX_ADDRESSES]:
                with _faults(place.host), suppress(httpx.ConnectError, httpx.ConnectTimeout):
                    response = await transport.handle_async_request(_request(place, address))
                    break
            else:
                log.info("%s cannot be connected to", place.host)
                raise Unfetchable("silent")
            yield response

    async def _addresses(self, place: "_Place") -> Sequence[str]:
        """The place's addresses, asked for once. Raises Unfetchable where only one of them is not public."""
        try:
            addresses = [place.host] if _is_address(place.host) else await self._resolve(place.host)
        except (OSError, UnicodeError) as error:
            log.info("%s has no address: %s", place.host, type(error).__name__)
            raise Unfetchable("silent") from None
        if not place.is_origin and not all(is_public(address) for address in addresses):
            log.warning("%s leads to an address that is not public", place.host)
            raise Unfetchable("place")
        return addresses


@dataclass(frozen=True)
class _Place:
    """A URL that was admitted. `is_origin`: the operator named it, so it may be anywhere."""

    url: str
    scheme: str
    host: str
    port: int | None
    target: str  # path and query
    is_origin: bool


def _place(url: str, hosts: Hosts) -> _Place:
    """Raises Unfetchable for a URL that must not be asked."""
    if not hosts.admit(url):
        raise Unfetchable("place" if url.lower().startswith("https://") else "link")
    parts, is_origin = urlsplit(url), hosts.is_origin(url)
    if not is_origin and parts.port not in (None, 443):
        raise Unfetchable("port")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Place(url, parts.scheme, parts.hostname or "", parts.port, target, is_origin)


def _onward(place: _Place, location: str, hosts: Hosts) -> _Place:
    """Where a redirect leads. Raises Unfetchable where that must not be asked."""
    if not location:
        raise Unfetchable("answer")
    try:
        return _place(urljoin(place.url, location), hosts)
    except (Unfetchable, ValueError):
        log.info("%s leads on to what is not admitted", place.host)
        raise Unfetchable("onward") from None


def _request(place: _Place, address: str) -> httpx.Request:
    """For this address, in the name of the host."""
    port = "" if place.port is None else f":{place.port}"
    try:
        url = httpx.URL(f"{place.scheme}://{_in_url(address)}{port}{place.target}")
    except httpx.InvalidURL:
        raise Unfetchable("link") from None
    headers = {"Host": f"{_in_url(place.host)}{port}", **_HEADERS}
    extensions = {"timeout": TIMEOUT.as_dict(), "sni_hostname": place.host}
    return httpx.Request("GET", url, headers=headers, extensions=extensions)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()


def _check(response: httpx.Response, host: str, most: int) -> None:
    """Raises Unfetchable for an answer whose body is not wanted."""
    status, length = response.status_code, response.headers.get("Content-Length", "0")
    if status != 200:
        log.info("%s answered a download with HTTP %d", host, status)
        if status in _NO_LONGER:
            raise Unfetchable("expired")
        raise Unfetchable("silent" if status in _NOT_NOW or status >= 500 else "answer")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        log.info("%s packs what it was asked to send as it is", host)
        raise Unfetchable("answer")
    if length.isdecimal() and int(length) > most:
        raise Unfetchable("large", most=most)


async def _save(response: httpx.Response, host: str, file: NewFile, most: int) -> Fetched:
    """The body, in the file. Raises Unfetchable where it is more than `most` bytes, or ends too soon."""
    await file.open()
    held = bytearray()
    with _faults(host):
        async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw())) as pieces:
            async for piece in pieces:
                held += piece
                if file.size + len(held) > most:
                    raise Unfetchable("large", most=most)
                if len(held) >= BLOCK:
                    await file.write(bytes(held))
                    held.clear()
    await file.write(bytes(held))
    await file.close()
    return Fetched(file.path, file.sha256, file.size)


@asynccontextmanager
async def _within(seconds: float, reason: str) -> AsyncGenerator[None]:
    """Raises Unfetchable for this reason when the time is up."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Unfetchable(reason) from None


@contextmanager
def _faults(host: str) -> Generator[None]:
    """What a network does, as a refusal. A broken TLS record is the one thing that httpx lets through."""
    try:
        yield
    except (httpx.HTTPError, ssl.SSLError) as error:
        log.info("a download from %s failed: %s", host, type(error).__name__)
        is_slow = isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout)
        raise Unfetchable("slow" if is_slow else "silent") from None


async def _look_up(threads: ThreadPoolExecutor, host: str) -> list[str]:
    found = await asyncio.get_running_loop().run_in_executor(
        threads, partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    )
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _in_megabytes(size: int) -> str:
    return f"{size // 10**5 / 10:g}"
