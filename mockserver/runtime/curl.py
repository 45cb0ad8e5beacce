"""A call as a command line that makes it again."""

from __future__ import annotations

import shlex
from urllib.parse import quote, urlsplit

from mockserver.core.errors import InvalidInput
from mockserver.core.journal import Exchange
from mockserver.services.service import FORM

_IN_PATH = "/!$&'()*+,;=:@~"
_IN_QUERY = "".join(map(chr, range(0x21, 0x7F))).replace("#", "")


def as_curl(exchange: Exchange, base_url: str) -> str:
    """Return a command that makes the call again when it is pasted into a shell.

    It asks the double at `base_url`, in the name of the host that was asked: a vendor's own is never called. Raises
    `InvalidInput` for a request that was not kept whole, or is no text that a command line can hold.
    """
    if not exchange.is_exact or "\0" in exchange.request_body:
        why = f"the request of exchange {exchange.number} is no text, or was too long to be kept whole"
        raise InvalidInput("number", f"{why}; no command line makes it again")
    words = ["curl", "-g"]
    if "/." in exchange.target:
        words.append("--path-as-is")
    host = urlsplit(exchange.origin).netloc
    if host and host != urlsplit(base_url).netloc:
        words += ["-H", f"Host: {host}"]
    words += _sent(exchange)
    return shlex.join([*words, base_url.rstrip("/") + written_target(exchange.target)])


def _sent(exchange: Exchange) -> list[str]:
    method, body = exchange.method, exchange.request_body
    if not body and method in {"GET", "HEAD"}:
        return ["--head"] if method == "HEAD" else []
    words = [] if method == "POST" else ["-X", method]
    if body or method == "POST":
        kind = exchange.request_type
        words += ["--data-raw", body] if kind == FORM else ["-H", f"Content-Type: {kind}".strip(), "--data-raw", body]
    return words


def written_target(target: str) -> str:
    """Return a target as it goes over the wire: the path, which was decoded, encoded again; the query as it came."""
    path, asks, query = target.partition("?")
    return quote(path, _IN_PATH, errors="surrogateescape") + asks + quote(query, _IN_QUERY, errors="surrogateescape")
