"""Settings: read once, from the environment and from `.env`, in `bot/__main__.py`; passed down from there.

To add one: a field, a line in `_read`, and the name in `.env.example`; a test compares the two lists.
"""

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.domain.limit import Layer, Limit, parse_limits

T = TypeVar("T")

_LABEL: Final = re.compile(r"[a-z0-9_-]{1,63}")
_HOST: Final = re.compile(r"([a-z0-9_-]{1,63}\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
"""A host's full name. Its last label begins with a letter, so that 127.1 and 0x7f.1 are none."""

_NOT_PUBLIC: Final = (".localhost", ".localdomain", ".local", ".internal", ".lan", ".home.arpa")

_LINK_HOSTS_FORM: Final = "write hosts such as *.runware.ai, or origins such as http://127.0.0.1:8089"

NAMES: Final = (
    "DISCORD_TOKEN",
    "RUNWARE_API_KEY",
    "ALLOWED_SERVERS",
    "ACCOUNT_LIMIT",
    "DEFAULT_SERVER_LIMIT",
    "DEFAULT_MEMBER_LIMIT",
    "MAX_JOBS",
    "DATABASE_URL",
    "RESULT_TTL",
    "UPLOAD_ENDPOINT",
    "LOG_LEVEL",
    "DISCORD_API_URL",
    "RUNWARE_API_URL",
    "LINK_HOSTS",
    "POLL_SECONDS",
)
"""Every setting, as it is written in the environment and in `.env`."""

MIN_TTL: Final = 60
"""Seconds; the provider's least time to keep a result (model page, `ttl`)."""


class WrongSettings(Exception):
    """One line for each setting that is missing or wrong."""


@dataclass(frozen=True)
class LinkHosts:
    """Which hosts' links may be posted: any public https host, or only the ones named.

    `origins`: such as `http://127.0.0.1:8089`, admitted as they are; the only way to reach loopback.
    """

    hosts: tuple[str, ...] | None  # None: any public host
    origins: frozenset[str]

    def admit(self, url: str) -> bool:
        """Whether this link may be shown to members."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if not url.isprintable() or any(character in url for character in ' <>"`\\'):
            return False
        if f"{parts.scheme}://{parts.netloc}" in self.origins:
            return True
        if parts.scheme != "https" or "@" in parts.netloc or port == 0 or not _is_public(host):
            return False
        return self.hosts is None or any(_matches(host, pattern) for pattern in self.hosts)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that an operator decides. `allowed_servers`: None remembers the first server that uses the bot."""

    discord_token: str
    runware_api_key: str
    allowed_servers: frozenset[int] | Literal["*"] | None
    limits: Mapping[Layer, tuple[Limit, ...]]
    max_jobs: int
    database: Path
    result_ttl: int | None  # seconds
    upload_endpoint: str | None
    log_level: str
    discord_api_url: str
    runware_api_url: str
    link_hosts: LinkHosts
    poll_seconds: float | None  # None: adaptive

    def __repr__(self) -> str:
        """Without the keys, so that no log can hold them."""
        return f"Settings(database={str(self.database)!r}, max_jobs={self.max_jobs})"


def load(env: Mapping[str, str] = os.environ, dotenv: Path = Path(".env")) -> Settings:
    """The settings from `env` and, where a name is not in it, from the file. Raises WrongSettings with all that is
    wrong."""
    try:
        read = dotenv_values(dotenv, interpolate=False)
    except (OSError, UnicodeError) as error:
        raise WrongSettings(f"{dotenv}: cannot be read as UTF-8 text: {type(error).__name__}") from error
    from_file = {name: value for name, value in read.items() if value is not None}
    return _read({**from_file, **env}, [says for name in from_file if (says := _mistyped(name))])


def _read(given: Mapping[str, str], wrong: list[str]) -> Settings:
    """`wrong`: what is wrong already."""

    def setting(name: str, parse: Callable[[str], T], default: str | None = None) -> T:
        """The setting's value; a wrong one is noted, and `_read` does not return."""
        text = given.get(name, "").strip() or default
        try:
            if text is None:
                raise ValueError("is not set; .env.example says where it comes from")
            return parse(text)
        except ValueError as error:
            wrong.append(f"{name}: {error}")
            return None  # type: ignore[return-value] # never seen: WrongSettings follows

    settings = Settings(
        discord_token=setting("DISCORD_TOKEN", _secret),
        runware_api_key=setting("RUNWARE_API_KEY", _secret),
        allowed_servers=setting("ALLOWED_SERVERS", _servers, ""),
        limits={
            Layer.ACCOUNT: setting("ACCOUNT_LIMIT", parse_limits, "50.00/month"),
            Layer.SERVER: setting("DEFAULT_SERVER_LIMIT", parse_limits, "50.00/month"),
            Layer.MEMBER: setting("DEFAULT_MEMBER_LIMIT", parse_limits, "5.00/day"),
        },
        max_jobs=setting("MAX_JOBS", _between(1, 1000), "4"),
        database=setting("DATABASE_URL", _sqlite_path, "sqlite:///data/raybot.db"),
        result_ttl=setting("RESULT_TTL", _optional(_between(MIN_TTL, 10**9)), ""),
        upload_endpoint=setting("UPLOAD_ENDPOINT", _optional(_address), ""),
        log_level=setting("LOG_LEVEL", _log_level, "INFO"),
        discord_api_url=setting("DISCORD_API_URL", _api, "https://discord.com/api/v10"),
        runware_api_url=setting("RUNWARE_API_URL", _api, "https://api.runware.ai/v1"),
        link_hosts=setting("LINK_HOSTS", _link_hosts, ""),
        poll_seconds=setting("POLL_SECONDS", _optional(_seconds), ""),
    )
    if wrong:
        raise WrongSettings("\n".join(wrong))
    return settings


def _mistyped(name: str) -> str | None:
    """What to say of a name in the file that is nearly a setting's: a limit that is not set is a bill."""
    is_limit = name.upper().endswith(("_LIMIT", "_LIMITS"))
    close = difflib.get_close_matches(name.upper(), NAMES, n=1, cutoff=0.5 if is_limit else 0.9)
    return f"{name}: there is no such setting; is {close[0]} meant?" if close and name not in NAMES else None


def _secret(text: str) -> str:
    if any(not character.isprintable() or character.isspace() for character in text) or not text.isascii():
        raise ValueError("holds characters that no key has; copy it once more")
    return text


def _servers(text: str) -> frozenset[int] | Literal["*"] | None:
    if text in ("", "*"):
        return "*" if text else None
    ids = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and len(part) <= 20 for part in ids):
        raise ValueError("write server ids with commas between them, or * for every server")
    return frozenset(int(part) for part in ids)


def _between(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 20 and least <= int(text) <= most):
            raise ValueError(f"write a whole number from {least} to {most}")
        return int(text)

    return parse


def _optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    return lambda text: parse(text) if text else None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0.05 <= seconds <= 3600:
        raise ValueError("write a number of seconds from 0.05 to 3600, such as 5 or 0.5")
    return seconds


def _sqlite_path(text: str) -> Path:
    prefix = "sqlite:///"
    if not text.startswith(prefix) or len(text) == len(prefix) or not text.isprintable():
        raise ValueError("write it like sqlite:///data/raybot.db (four slashes for an absolute path)")
    return Path(text.removeprefix(prefix))


def _log_level(text: str) -> str:
    if text.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("write DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def _api(text: str) -> str:
    return _address(text).rstrip("/")


def _address(text: str) -> str:
    """https anywhere; plain http on loopback only, so that no key ever travels in the clear."""
    parts = urlsplit(text)
    host, port = parts.hostname or "", parts.port
    is_clean = text.isprintable() and " " not in text and "\\" not in text and "@" not in parts.netloc and port != 0
    is_host = _ip(host) is not None or all(_LABEL.fullmatch(label) for label in host.split("."))
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in ("127.0.0.1", "::1", "localhost"))
    if is_clean and is_host and is_safe:
        return text
    raise ValueError("write an https:// address (http:// is for 127.0.0.1 only)")


def _link_hosts(text: str) -> LinkHosts:
    entries = [entry.strip().lower() for entry in text.split(",") if entry.strip()]
    origins = frozenset(_origin(entry) for entry in entries if "://" in entry)
    hosts = tuple(entry for entry in entries if "://" not in entry)
    if not all(_HOST.fullmatch(host.removeprefix("*.")) for host in hosts):
        raise ValueError(_LINK_HOSTS_FORM)
    return LinkHosts(hosts if entries else None, origins)


def _origin(entry: str) -> str:
    try:
        parts = urlsplit(_api(entry))
    except ValueError:
        raise ValueError(_LINK_HOSTS_FORM) from None
    if parts.path or parts.query or parts.fragment:
        raise ValueError(_LINK_HOSTS_FORM)
    return f"{parts.scheme}://{parts.netloc}"


def _matches(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _is_public(host: str) -> bool:
    if (address := _ip(host)) is not None:
        return address.is_global and not address.is_multicast
    return _HOST.fullmatch(host) is not None and not host.endswith(_NOT_PUBLIC)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
