"""Certificates to trust, as clients want them: one bundle for most, a key store for Java."""

from __future__ import annotations

import re
import ssl
import struct
from collections.abc import Iterable
from hashlib import sha1
from pathlib import Path

JAVA_PASSWORD = "changeit"  # noqa: S105 - Java's own for trust stores, which hold nothing secret
"""What a Java trust store is sealed with."""

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_MAGIC, _VERSION, _TRUSTED, _NO_DATE = 0xFEEDFEED, 2, 2, 0


def trusted_with(own: Path) -> list[str]:
    """Return the certificates (PEM) that are trusted on this machine, after those in `own`."""
    system = ssl.get_default_verify_paths().cafile
    files = [own, Path(system)] if system else [own]
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    return [certificate for text in texts for certificate in _CERTIFICATE.findall(text)]


def java_store(certificates: Iterable[str]) -> bytes:
    """Return a key store (JKS) that trusts these certificates: every Java reads it, and none is needed to write it."""
    ders = [ssl.PEM_cert_to_DER_cert(certificate) for certificate in certificates]
    store = struct.pack(">III", _MAGIC, _VERSION, len(ders))
    for number, der in enumerate(ders):
        store += struct.pack(">I", _TRUSTED) + _text(f"trusted-{number}") + struct.pack(">Q", _NO_DATE)
        store += _text("X.509") + struct.pack(">I", len(der)) + der
    seal = sha1(JAVA_PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + store, usedforsecurity=False)
    return store + seal.digest()


def _text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode("ascii")
