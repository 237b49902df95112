"""Certificates for servers on loopback, made by hand: nothing that could make one need be installed."""

import base64
import hashlib
import secrets
import ssl
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final


@cache
def certificate(name: str) -> tuple[str, str]:
    """A certificate for a host's name, signed by itself and good until 2049, and its key; both PEM."""
    p, q = _prime(), _prime()
    n, e = p * q, 65_537
    d = pow(e, -1, (p - 1) * (q - 1))
    key = _sequence(*(_integer(i) for i in (0, n, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))))
    sha256_rsa = _sequence(_oid("2a864886f70d01010b"), b"\x05\x00")
    rsa = _sequence(_oid("2a864886f70d010101"), b"\x05\x00")
    whose = _sequence(_tagged(0x31, _sequence(_oid("550403"), _tagged(0x0C, name.encode()))))
    validity = _sequence(_tagged(0x17, b"200101000000Z"), _tagged(0x17, b"491231235959Z"))
    public = _sequence(rsa, _tagged(0x03, b"\0" + _sequence(_integer(n), _integer(e))))
    alternative = _sequence(_oid("551d11"), _tagged(0x04, _sequence(_tagged(0x82, name.encode()))))
    extensions = _tagged(0xA3, _sequence(alternative))
    version, serial = _tagged(0xA0, _integer(2)), _integer(1)
    body = _sequence(version, serial, sha256_rsa, whose, validity, whose, public, extensions)
    signed = _sequence(body, sha256_rsa, _tagged(0x03, b"\0" + _signature(body, n, d)))
    return _pem("CERTIFICATE", signed), _pem("RSA PRIVATE KEY", key)


def tls_server(name: str) -> ssl.SSLContext:
    """For a server that shows the certificate of `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder, "both.pem")
        file.write_text("".join(certificate(name)))
        context.load_cert_chain(file)
    return context


def tls_client(name: str) -> ssl.SSLContext:
    """For a client that trusts the certificate of `name`, and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=certificate(name)[0])
    return context


BITS: Final = 1024
SMALL_PRIMES: Final = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]


def _prime() -> int:
    while True:
        n = secrets.randbits(BITS) | (3 << (BITS - 2)) | 1
        if (
            all(n % small for small in SMALL_PRIMES)
            and n % 65_537 != 1
            and all(pow(b, n - 1, n) == 1 for b in (2, 3))
        ):
            return n


def _signature(body: bytes, n: int, d: int) -> bytes:
    """RSA with SHA-256 and the padding of PKCS #1 1.5 (RFC 8017)."""
    digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(body).digest()
    padded = b"\0\x01" + b"\xff" * (BITS // 4 - len(digest) - 3) + b"\0" + digest
    return pow(int.from_bytes(padded), d, n).to_bytes(BITS // 4)


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _tagged(0x30, b"".join(parts))


def _integer(n: int) -> bytes:
    return _tagged(0x02, n.to_bytes(n.bit_length() // 8 + 1))


def _oid(encoded: str) -> bytes:
    return _tagged(0x06, bytes.fromhex(encoded))


def _pem(label: str, data: bytes) -> str:
    lines = base64.encodebytes(data).decode()
    return f"-----BEGIN {label}-----\n{lines}-----END {label}-----\n"
