"""Which names are a vendor's, and which can only mean this machine."""

from __future__ import annotations

import socket

LOCAL = frozenset({None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::", b"localhost", b"127.0.0.1"})  # noqa: S104
"""The usual ways to say this machine, found without looking further."""


def text_of(host: str | bytes) -> str:
    """Return a name as it is looked up: lower-case, without its last dot, letters of other scripts as IDNA has them."""
    text = host if isinstance(host, str) else host.decode("ascii", "replace")
    if not text.isascii():
        try:
            text = text.encode("idna").decode("ascii")
        except UnicodeError:
            return text
    return text.lower().rstrip(".")


def service_called(host: object) -> str | None:
    """Return the service that is called by this name or one below it; None for any other name, and for addresses."""
    if not isinstance(host, (str, bytes)):
        return None
    from mockserver.services import service_at  # noqa: PLC0415 - 40 ms, for whoever calls a host by its name

    service = service_at(text_of(host))
    return service.name if service else None


def is_local(host: object) -> bool:
    """Say whether a name or address can only mean this machine; nothing is looked up."""
    if host in LOCAL or not isinstance(host, (str, bytes)):
        return True
    name = text_of(host)
    if name in LOCAL or name.endswith(".localhost") or name == socket.gethostname().lower():
        return True
    address = address_of(name)
    return bool(address) and (address[:1] == b"\x7f" or address in _LOOPBACK6 or address[:13] == _MAPPED_LOOPBACK)


_LOOPBACK6 = (b"\0" * 15 + b"\1", b"\0" * 16)
_MAPPED_LOOPBACK = b"\0" * 10 + b"\xff\xff\x7f"


def address_of(name: str) -> bytes:
    """Return the bytes of a numeric address, none of a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, name.partition("%")[0])
        except (OSError, ValueError):
            continue
    return b""
