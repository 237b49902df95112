"""Which hosts may be reached, and which addresses are public: for links to show and for files to fetch."""

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import urlsplit

_LABEL: Final = re.compile(r"[a-z0-9_-]{1,63}")
_HOST: Final = re.compile(r"([a-z0-9_-]{1,63}\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
"""A host's full name. Its last label begins with a letter, so that 127.1 and 0x7f.1 are none."""

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

_NOT_PUBLIC: Final = (".localhost", ".localdomain", ".local", ".internal", ".lan", ".home.arpa")

_FORM: Final = "write hosts such as *.runware.ai, or origins such as http://127.0.0.1:8089"

_UNICAST: Final = IPv6Network("2000::/3")
"""All of IPv6 that is routed between networks (RFC 4291)."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""How an IPv4 address is written where there is only IPv6 (RFC 6052)."""


@dataclass(frozen=True)
class Hosts:
    """Which hosts may be reached: any public https host, or only the ones named.

    `origins`: such as `http://127.0.0.1:8089`, admitted as they are; the only way to reach loopback.
    """

    hosts: tuple[str, ...] | None  # None: any public host
    origins: frozenset[str]

    def admit(self, url: str) -> bool:
        """Whether this link may be shown to members or, once its addresses are found to be public, fetched."""
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

    def is_origin(self, url: str) -> bool:
        """Whether an admitted link's origin is one that was named, which may be reached wherever it is."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}" in self.origins


def parse_hosts(text: str) -> Hosts:
    """Hosts and origins with commas between them; nothing means any public host.

    Raises ValueError, in words for the operator.
    """
    entries = [entry.strip().lower() for entry in text.split(",") if entry.strip()]
    origins = frozenset(_origin(entry) for entry in entries if "://" in entry)
    hosts = tuple(entry for entry in entries if "://" not in entry)
    if not all(_HOST.fullmatch(host.removeprefix("*.")) for host in hosts):
        raise ValueError(_FORM)
    return Hosts(hosts if entries else None, origins)


def is_loopback(url: str) -> bool:
    """Whether an address that `parse_address` has taken leads to this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def parse_address(text: str) -> str:
    """A service's address: https anywhere; plain http on loopback only, so that no key ever travels in the clear.

    Raises ValueError, in words for the operator.
    """
    parts = urlsplit(text)
    host, port = parts.hostname or "", parts.port
    is_clean = text.isprintable() and " " not in text and "\\" not in text and "@" not in parts.netloc and port != 0
    is_host = _ip(host) is not None or all(_LABEL.fullmatch(label) for label in host.split("."))
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if is_clean and is_host and is_safe:
        return text
    raise ValueError("write an https:// address (http:// is for 127.0.0.1 only)")


def is_public(address: str) -> bool:
    """Whether an IP address is one that everybody can reach. An IPv4 address inside an IPv6 one has to be, too."""
    ip = _ip(address)
    if ip is None or ip.is_multicast:
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global
    inner = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
    if inner is not None:
        return is_public(str(inner))
    return ip.is_global and ip in _UNICAST


def _origin(entry: str) -> str:
    try:
        parts = urlsplit(parse_address(entry).rstrip("/"))
    except ValueError:
        raise ValueError(_FORM) from None
    if parts.path or parts.query or parts.fragment:
        raise ValueError(_FORM)
    return f"{parts.scheme}://{parts.netloc}"


def _matches(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _is_public(host: str) -> bool:
    if _ip(host) is not None:
        return is_public(host)
    return _HOST.fullmatch(host) is not None and not host.endswith(_NOT_PUBLIC)


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
