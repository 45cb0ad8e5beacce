"""HTTP/1.x messages: requests taken off a buffer, answers made into bytes. No socket, no thread, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from mockserver.services.service import Reply, Request

LONGEST_LINE = 64 << 10
"""Bytes in a request line."""

LONGEST_HEAD = 128 << 10
"""Bytes in a request line with its headers."""

MOST_HEADERS = 100
"""Header lines in a request, and trailer lines after a body in chunks."""

CHUNKED = -1
"""The length of a body that comes in chunks."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
"""The answer to a CONNECT that is granted."""

More = Callable[[], None]
"""Adds at least one byte to the buffer; raises `OSError` when none will come."""

_END = b"\r\n\r\n"
_LONGEST_CHUNK_LINE = 256
_REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (.*) HTTP/([0-9])\.([0-9])", re.DOTALL)
_ABSOLUTE = re.compile(r"(https?)://([^/?]+)(.*)", re.DOTALL | re.IGNORECASE)
_is_token = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch
_is_host = re.compile(r"(?:[0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?").fullmatch
_is_tunnel = re.compile(r"([0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})").fullmatch
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_is_length = re.compile(r"[0-9]{1,18}").fullmatch
_chunk_size = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n\0]*)?").fullmatch
_BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class Unreadable(Exception):
    """A request that cannot be read: `status` to answer with, `why` in a sentence; the connection ends with it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(status, why)
        self.status = status
        self.why = why


class Head(NamedTuple):
    """A request without its body. `length` is the announced one, or `CHUNKED`.

    `proxied` is the `host:port` that a proxy is asked for, by CONNECT or a URL as target; empty without a proxy.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    origin: str
    proxied: str
    length: int
    keeps_alive: bool
    awaits_continue: bool

    def request(self, body: bytes = b"") -> Request:
        """Return the request as a service sees it."""
        return Request(self.method, self.path, self.query, self.headers, body, origin=self.origin)


class TooLarge(Exception):
    """A body of more bytes than are taken: `size` is the announced one, or how far the chunks had come."""

    def __init__(self, head: Head, size: int) -> None:
        super().__init__(head, size)
        self.head = head
        self.size = size


def read_head(buffer: bytearray, more: More, address: str) -> Head:
    """Take a head off `buffer`; `address` is the origin of a request that names no host.

    Raises `Unreadable`.
    """
    end, searched = buffer.find(_END), 0
    while end < 0:
        _refuse_hopeless(buffer, searched)
        searched = max(len(buffer) - 3, 0)
        more()
        end = buffer.find(_END, searched)
    _refuse_oversized(buffer, end)
    text = buffer[:end].decode("utf-8", "surrogateescape")
    del buffer[: end + 4]
    return parse_head(text, address)


def _refuse_hopeless(buffer: bytearray, searched: int) -> None:
    """Refuse what will never be a head, such as the first bytes of a TLS connection, without waiting for its end."""
    if buffer.find(b"\0", searched) >= 0 or buffer.find(b"\n\n", searched) >= 0:
        raise Unreadable(400, "this is not HTTP/1: lines that end in CR LF expected")
    _refuse_oversized(buffer, len(buffer))


def _refuse_oversized(buffer: bytearray, end: int) -> None:
    if end > LONGEST_LINE and buffer.find(b"\r\n", 0, LONGEST_LINE + 2) < 0:
        raise Unreadable(414, f"the request line is longer than {LONGEST_LINE} bytes")
    if end > LONGEST_HEAD:
        raise Unreadable(431, f"the headers are longer than {LONGEST_HEAD} bytes")


def parse_head(text: str, address: str = "") -> Head:
    """Read a whole head, without the empty line that ends it. Raises `Unreadable`."""
    first, *lines = text.split("\r\n")
    if len(lines) > MOST_HEADERS:
        raise Unreadable(431, f"{len(lines)} headers, at most {MOST_HEADERS} expected")
    if not text.count("\r") == text.count("\n") == len(lines) or "\0" in text:
        raise Unreadable(400, "a line break or NUL within a line")
    method, target, is_modern = parse_request_line(first)
    headers = parse_headers(lines)
    if is_modern and "host" not in headers:
        raise Unreadable(400, "an HTTP/1.1 request without Host")
    target, origin, proxied = _locate(method, target, headers, address)
    path, query = _split(target)
    return Head(
        method,
        path,
        query,
        headers,
        origin,
        proxied,
        _announced(headers, is_modern),
        _keeps_alive(headers, is_modern),
        _awaits_continue(headers, is_modern),
    )


def parse_request_line(line: str) -> tuple[str, str, bool]:
    """Return method, target, and whether the version is 1.1 or later.

    The target is all between the first space and the last, so that it may hold spaces itself: clients of a service
    that takes JSON in the query send it as it is. Raises `Unreadable`.
    """
    parts = _REQUEST_LINE.fullmatch(line)
    if parts is None:
        raise Unreadable(400, "the request line is not METHOD TARGET HTTP/1.1")
    method, target, major, minor = parts.groups()
    if major != "1":
        raise Unreadable(505, f"HTTP/{major}.{minor} is not spoken here, HTTP/1.1 is")
    return method, target, minor != "0"


def parse_headers(lines: Iterable[str]) -> dict[str, str]:
    """Return headers under their lower-case names, repeated ones joined with `, `. Raises `Unreadable`."""
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or _is_token(name) is None:
            raise Unreadable(400, f"{line[:80]!r} is not a header: NAME: VALUE on one line expected")
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _locate(method: str, target: str, headers: dict[str, str], address: str) -> tuple[str, str, str]:
    """Return the target without its host, the origin, and what a proxy is asked for.

    The host that a URL as target names counts, as it does for a proxy; without any, `address` is the origin.
    """
    if method == "CONNECT":
        if _is_tunnel(target) is None:
            raise Unreadable(400, f"the target {target[:80]!r} is not HOST:PORT")
        return "", address, target.lower()
    scheme = "https" if address.startswith("https:") else "http"
    if absolute := _ABSOLUTE.fullmatch(target):
        scheme, headers["host"], target = absolute.groups()
        scheme, target = scheme.lower(), target if target.startswith("/") else f"/{target}"
    elif not target.startswith("/") and target != "*":
        raise Unreadable(400, f"the target {target[:80]!r} is neither a path nor a URL")
    host = headers.get("host", "")
    if host and _is_host(host) is None:
        raise Unreadable(400, f"{host[:80]!r} is not a host")
    port = _DEFAULT_PORTS[scheme]
    named = host.removesuffix(port).removesuffix(":")
    proxied = "" if absolute is None else host.lower() if _is_tunnel(host) else f"{named}{port}".lower()
    return target, f"{scheme}://{named}" if host else address, proxied


def _split(target: str) -> tuple[str, str]:
    """Return path and query; the path decoded."""
    path, _, query = target.partition("?")
    if "%" in path:
        path = unquote_to_bytes(path.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
    return path, query


def _announced(headers: dict[str, str], is_modern: bool) -> int:
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if coding is not None:
        if length is not None or not is_modern:
            raise Unreadable(400, "Transfer-Encoding in an HTTP/1.0 request or beside Content-Length")
        if coding.lower() != "chunked":
            raise Unreadable(501, f"Transfer-Encoding {coding[:80]!r}, only chunked is understood")
        return CHUNKED
    if length is None:
        return 0
    if _is_length(length) is None:
        raise Unreadable(400, f"Content-Length {length[:80]!r}, one whole number expected")
    return int(length)


def _keeps_alive(headers: dict[str, str], is_modern: bool) -> bool:
    wish = headers.get("connection")
    if wish is None:
        return is_modern
    wishes = {part.strip() for part in wish.lower().split(",")}
    return "close" not in wishes if is_modern else "keep-alive" in wishes


def _awaits_continue(headers: dict[str, str], is_modern: bool) -> bool:
    wish = headers.get("expect")
    if wish is None or not is_modern:
        return False
    if wish.lower() != "100-continue":
        raise Unreadable(417, f"Expect {wish[:80]!r}, only 100-continue is understood")
    return True


def read_body(head: Head, buffer: bytearray, more: More, most: int) -> bytes:
    """Take the body that `head` announces off `buffer`. Raises `TooLarge` beyond `most` bytes, or `Unreadable`."""
    if head.length > most:
        raise TooLarge(head, head.length)
    return _read_chunks(head, buffer, more, most) if head.length == CHUNKED else _take(buffer, more, head.length)


def _take(buffer: bytearray, more: More, length: int) -> bytes:
    while len(buffer) < length:
        more()
    taken = bytes(buffer[:length])
    del buffer[:length]
    return taken


def _read_chunks(head: Head, buffer: bytearray, more: More, most: int) -> bytes:
    body = bytearray()
    while size := _read_chunk_size(buffer, more):
        if len(body) + size > most:
            raise TooLarge(head, len(body) + size)
        chunk = _take(buffer, more, size + 2)
        if not chunk.endswith(b"\r\n"):
            raise Unreadable(400, f"a chunk is not the {size} bytes it said")
        body += chunk[:-2]
    for _ in range(MOST_HEADERS):
        if not _take_line(buffer, more, LONGEST_LINE):
            return bytes(body)
    raise Unreadable(431, f"more than {MOST_HEADERS} lines after the last chunk")


def _read_chunk_size(buffer: bytearray, more: More) -> int:
    line = _take_line(buffer, more, _LONGEST_CHUNK_LINE)
    size = _chunk_size(line)
    if size is None:
        raise Unreadable(400, f"{line[:80]!r} is not the size of a chunk")
    return int(size[1], 16)


def _take_line(buffer: bytearray, more: More, longest: int) -> bytes:
    while (end := buffer.find(b"\r\n", 0, longest + 2)) < 0:
        if len(buffer) > longest:
            raise Unreadable(400, f"a line of more than {longest} bytes among the chunks")
        more()
    return _take(buffer, more, end + 2)[:-2]


def write_reply(reply: Reply, method: str = "GET", *, keeps_alive: bool) -> bytes:
    """Return the bytes of an answer; `keeps_alive` is what it says about the connection.

    Raises `ValueError` when a header holds a line break or cannot be encoded.
    """
    is_bodiless = reply.status in _BODILESS
    lines = [
        f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, '')}",
        "Connection: keep-alive" if keeps_alive and reply.stream is None else "Connection: close",
        f"Content-Type: {reply.content_type}",
        *(f"{name}: {value}" for name, value in reply.headers),
    ]
    if not is_bodiless and reply.stream is None:
        lines.append(f"Content-Length: {len(reply.body)}")
    text = "\r\n".join(lines)
    if not text.count("\r") == text.count("\n") == len(lines) - 1:
        raise ValueError(f"a line break within a header of {reply!r}")
    head = text.encode("utf-8", "surrogateescape") + _END
    return head if is_bodiless or method == "HEAD" else head + reply.body
