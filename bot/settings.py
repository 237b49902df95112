"""Settings: read once, from the environment and from `.env`, in `bot/__main__.py`; passed down from there.

To add one: a field, a line in `_read`, and the name in `.env.example`; a test compares the two lists.
"""

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias, TypeVar, get_args

from dotenv import dotenv_values

from bot.domain.limit import Layer, Limit, parse_limits
from bot.hosts import Hosts, is_loopback, parse_address, parse_hosts

T = TypeVar("T")

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
    "DISCORD_MEDIA_HOSTS",
    "RUNWARE_MEDIA_HOSTS",
    "MEDIA_DIR",
    "MEDIA_KEEP_DAYS",
    "MEDIA_MAX_BYTES",
    "MAX_INPUT_BYTES",
    "PROVEN",
    "QUOTES_PER_MINUTE",
    "HEALTH",
    "RUNWARE_CONTENT_URL",
    "POLL_SECONDS",
    "RUNWARE_TIMEOUT",
    "CLOCK_FILE",
)
"""Every setting, as it is written in the environment and in `.env`."""

SECRETS: Final = ("DISCORD_TOKEN", "RUNWARE_API_KEY")
NOT_SET: Final = "not-set"
"""What stands for a key where there is none, in settings that are only looked at."""

MIN_TTL: Final = 60
"""Seconds; the provider's least time to keep a result (model page, `ttl`)."""


MB: Final = 10**6  # bytes
TB: Final = 10**12

Unproven: TypeAlias = Literal["exr", "placement"]
"""What nobody has seen work against the live service yet."""

_UNITS: Final = MappingProxyType({"": 1, "b": 1, "kb": 10**3, "mb": MB, "gb": 10**9, "tb": TB})
_SIZE: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([kmgt]?b)?", re.IGNORECASE | re.ASCII)


class WrongSettings(Exception):
    """One line for each setting that is missing or wrong."""


class Listen(NamedTuple):
    """Where to listen: an IP address and a port."""

    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that an operator decides. `allowed_servers`: None remembers the first server that uses the bot.

    `link_hosts`: whose links are posted, and from where a member's own link is fetched; `discord_media_hosts` and
    `runware_media_hosts`: from where attachments and results are. `proven`: what the operator has seen work.
    """

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
    link_hosts: Hosts
    discord_media_hosts: Hosts
    runware_media_hosts: Hosts
    media_dir: Path
    media_keep_days: int
    media_max_bytes: int  # for all files together
    max_input_bytes: int  # for all files of one request together
    proven: frozenset[Unproven]
    quotes_per_minute: int  # for each member
    health: Listen | None  # None: no endpoint
    runware_content_url: str  # where the provider publishes its prices; for `./run doctor` alone
    poll_seconds: float | None  # None: adaptive
    runware_timeout: float  # seconds
    clock_file: Path | None  # by how many seconds time is ahead of the machine's; None: it is not

    @property
    def serves_several(self) -> bool:
        """Whether several servers share the bot: then none of them may read the figures of the account at the
        provider (balance, bill), which are the operator's. See decision 22.
        """
        return self.allowed_servers == "*" or (self.allowed_servers is not None and len(self.allowed_servers) > 1)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no line of a log, or of the doctor's, may hold."""
        return self.discord_token, self.runware_api_key, self.upload_endpoint or ""

    def __repr__(self) -> str:
        """Without the keys, so that no log can hold them."""
        return f"Settings(database={str(self.database)!r}, max_jobs={self.max_jobs})"


def load(env: Mapping[str, str] = os.environ, dotenv: Path = Path(".env")) -> Settings:
    """The settings from `env` and, where a name is not in it, from the file. Raises WrongSettings with all that is
    wrong."""
    from_file = _from_file(dotenv)
    return _read({**from_file, **env}, _mistypes(from_file))


def examine(env: Mapping[str, str] = os.environ, dotenv: Path = Path(".env")) -> tuple[Settings, dict[str, str]]:
    """The settings, with a default in the place of each that is wrong, and what is wrong, by name.

    For looking at a machine that is not set up yet: a key that is missing is `NOT_SET` in them. Never for the bot.
    """
    wrong: dict[str, str] = {}
    try:
        from_file = _from_file(dotenv)
    except WrongSettings as error:
        from_file, wrong = {}, _by_name(error)
    given = {**from_file, **env}
    try:
        settings = _read(given, _mistypes(from_file))
    except WrongSettings as error:
        wrong |= _by_name(error)
        instead = {name: NOT_SET if name in SECRETS else "" for name in wrong}
        settings = _read({**given, **instead}, [])
    return settings, wrong


def _from_file(dotenv: Path) -> dict[str, str]:
    try:
        read = dotenv_values(dotenv, interpolate=False)
    except (OSError, UnicodeError) as error:
        raise WrongSettings(f"{dotenv}: cannot be read as UTF-8 text: {type(error).__name__}") from error
    return {name: value for name, value in read.items() if value is not None}


def _by_name(wrong: WrongSettings) -> dict[str, str]:
    return {line.partition(": ")[0]: line.partition(": ")[2] for line in str(wrong).splitlines()}


def _mistypes(names: Iterable[str]) -> list[str]:
    return [says for name in names if (says := _mistyped(name))]


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
        upload_endpoint=setting("UPLOAD_ENDPOINT", _optional(parse_address), ""),
        log_level=setting("LOG_LEVEL", _log_level, "INFO"),
        discord_api_url=setting("DISCORD_API_URL", _api, "https://discord.com/api/v10"),
        runware_api_url=setting("RUNWARE_API_URL", _api, "https://api.runware.ai/v1"),
        link_hosts=setting("LINK_HOSTS", parse_hosts, ""),
        discord_media_hosts=setting("DISCORD_MEDIA_HOSTS", _named, "cdn.discordapp.com, media.discordapp.net"),
        runware_media_hosts=setting("RUNWARE_MEDIA_HOSTS", _named, "*.runware.ai"),
        media_dir=setting("MEDIA_DIR", _folder, "data/media"),
        media_keep_days=setting("MEDIA_KEEP_DAYS", _between(1, 3650), "7"),
        media_max_bytes=setting("MEDIA_MAX_BYTES", _size(1 * MB, 100 * TB), "2 GB"),
        max_input_bytes=setting("MAX_INPUT_BYTES", _size(1 * MB, 500 * MB), "50 MB"),
        proven=setting("PROVEN", _proven, ""),
        quotes_per_minute=setting("QUOTES_PER_MINUTE", _between(1, 6000), "6"),
        health=setting("HEALTH", _optional(_listen), ""),
        runware_content_url=setting("RUNWARE_CONTENT_URL", _api, "https://content.runware.ai"),
        poll_seconds=setting("POLL_SECONDS", _optional(_seconds), ""),
        runware_timeout=setting("RUNWARE_TIMEOUT", _seconds, "30"),
        clock_file=setting("CLOCK_FILE", _optional(_file), ""),
    )
    if settings.clock_file is not None and not wrong:
        wrong += _only_on_loopback("CLOCK_FILE", settings)
    if wrong:
        raise WrongSettings("\n".join(wrong))
    return settings


def _only_on_loopback(name: str, settings: Settings) -> list[str]:
    """A clock that is wrong on purpose would let limits begin anew: never where there is real money."""
    services = (settings.discord_api_url, settings.runware_api_url)
    if all(map(is_loopback, services)):
        return []
    return [f"{name}: is for tests and the sandbox; with it both services have to be on this machine"]


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
    return parse_address(text).rstrip("/")


def _listen(text: str) -> Listen:
    """A port of loopback, or of an address that is typed with it."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    try:
        return Listen(str(ipaddress.ip_address(host)), _between(0, 65535)(port))
    except ValueError:
        raise ValueError("write a port such as 8080, or an address with it such as 127.0.0.1:8080") from None


def _named(text: str) -> Hosts:
    """Hosts that are named: here nothing would be every host there is."""
    hosts = parse_hosts(text)
    if hosts.hosts is None:
        raise ValueError("name at least one host")
    return hosts


def _folder(text: str) -> Path:
    """A folder of the bot's own, since old files in it are removed."""
    path = Path(text)
    if not text.isprintable() or text.startswith("~") or path.name in ("", ".."):
        raise ValueError("write the path of a folder, such as data/media or /var/lib/raybot/media")
    return path


def _file(text: str) -> Path:
    if not text.isprintable() or text.startswith("~") or Path(text).name in ("", ".."):
        raise ValueError("write the path of a file, such as /var/lib/raybot/clock")
    return Path(text)


def _size(least: int, most: int) -> Callable[[str], int]:
    """Bytes, from `least` to `most`. Units are decimal: 1 MB is 1,000,000 bytes."""

    def parse(text: str) -> int:
        if written := _SIZE.fullmatch(text):
            size = Decimal(written[1]) * _UNITS[(written[2] or "").lower()]
            if least <= size <= most and size == int(size):
                return int(size)
        raise ValueError(f"write a size such as 50 MB or 1.5 GB, from {_in_words(least)} to {_in_words(most)}")

    return parse


def _in_words(size: int) -> str:
    return f"{size // TB} TB" if size >= TB else f"{size // MB} MB"


def _proven(text: str) -> frozenset[Unproven]:
    words = {word.strip().lower() for word in text.split(",")} - {""}
    found = frozenset(word for word in get_args(Unproven) if word in words)
    if words - found:
        raise ValueError("write exr, placement, or both with a comma between them")
    return found
