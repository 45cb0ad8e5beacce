"""The HTTP client of the control plane, for the command line and for `RemoteMockServer`; standard library only."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from socket import MSG_PEEK
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mockserver.core.errors import (
    BackwardsInTime,
    ClockBusy,
    EndlessCascade,
    Evicted,
    InvalidInput,
    MockServerError,
    Refusal,
)
from mockserver.services.fields import INVALID_INPUT
from mockserver.services.finding import NotFound

CONTROL = "/_mock/v1"
"""Where the control plane begins."""

PATIENCE = 30.0
"""Real seconds that an answer may take beyond what the call itself asked to `wait`."""


class Unreachable(MockServerError):
    """No answer came: nobody listens at the address, or the connection broke; the message names the way out."""


class Declined(MockServerError):
    """The server declined for a reason of its own (token, origin, size, number of tenants, a crash).

    `kind` is the last word of the problem's type, such as `unauthorized`; `status` the HTTP status.
    """

    def __init__(self, kind: str, status: int, why: str) -> None:
        super().__init__(kind, status, why)
        self.kind = kind
        self.status = status
        self.why = why

    def __str__(self) -> str:
        return f"{self.why} ({self.status} {self.kind})"


class Wire:
    """Calls rows of the control plane at `url`, for one tenant; several threads may share one.

    `get`, `post` and `delete` take a path below `/_mock/v1` (`"/clock/advance"`; quote variable parts with `quoted`),
    and query parameters by name: None is left out, True is `true`. They return the decoded JSON, or the text of an
    answer that is none (curl). With `wait` (in the query or the body) the answer may take that much longer.

    What the server declines is raised as the class that it has in process: `InvalidInput` (`path`, `problem`),
    `Refusal` (`code`, `why`, `field`), `ClockBusy`, `BackwardsInTime`, `EndlessCascade`, `Evicted`, `NotFound`;
    anything else is `Declined`. No answer at all is `Unreachable`. Connections are kept for the next call; `close`
    ends them. `way_out` is what an `Unreachable` advises whoever meant another address.
    """

    def __init__(self, url: str, tenant: str = "", token: str = "", way_out: str = "name it with --url") -> None:
        parts = _split(url)
        self._way_out = way_out
        self.url = f"http://{parts.netloc}"
        self.tenant = tenant
        self._host, self._port = parts.hostname or "", parts.port or 80
        headers = {"X-Mock-Tenant": tenant, "X-Mock-Token": token, "Content-Type": "application/json"}
        self._headers = {name: _header(name, value) for name, value in headers.items() if value}
        self._idle: deque[HTTPConnection] = deque()

    def get(self, path: str, /, **query: object) -> Any:
        """Ask for what is there."""
        return self._call("GET", path, query)

    def post(self, path: str, body: Mapping[str, object] | None = None, /, **query: object) -> Any:
        """Have something done; `body` is sent as JSON."""
        return self._call("POST", path, query, dict(body or {}))

    def delete(self, path: str, /, **query: object) -> Any:
        """Have something ended or removed."""
        return self._call("DELETE", path, query)

    def close(self) -> None:
        """End the connections that are idle."""
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _call(self, method: str, path: str, query: Mapping[str, object], body: dict[str, object] | None = None) -> Any:
        written = urlencode({name: _parameter(value) for name, value in query.items() if value is not None})
        target = f"{CONTROL}{path}" + (f"?{written}" if written else "")
        sent = None if body is None else json.dumps(body, default=str).encode()
        waits = (body or query).get("wait")
        timeout = PATIENCE + (float(waits) if isinstance(waits, (int, float)) else 0.0)
        try:
            status, kind, answer = self._exchange(method, target, sent, timeout)
        except TimeoutError:
            raise Unreachable(f"{self.url} gave no answer to {method} {target} within {timeout:g} s") from None
        except (OSError, HTTPException) as error:
            raise Unreachable(self._explained(error)) from None
        return _read(status, kind, answer)

    def _exchange(self, method: str, target: str, body: bytes | None, timeout: float) -> tuple[int, str, bytes]:
        connection = self._take(timeout)
        try:
            connection.request(method, target, body, self._headers)
            response: HTTPResponse = connection.getresponse()
            answer = response.read()
        except BaseException:  # an interrupted call leaves half an answer behind
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        return response.status, response.headers.get_content_type(), answer

    def _take(self, timeout: float) -> HTTPConnection:
        """Return a connection that the server has not closed meanwhile, or a new one."""
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if connection.sock and not _is_readable(connection):
                    connection.timeout = timeout
                    connection.sock.settimeout(timeout)
                    return connection
                connection.close()
        return HTTPConnection(self._host, self._port, timeout=timeout)

    def _explained(self, error: Exception) -> str:
        if isinstance(error, ConnectionRefusedError):
            return f"nothing answers at {self.url}; start it with `mockserver serve`, or {self._way_out}"
        what = str(error) or type(error).__name__
        return f"{self.url}: {what}; is that a mockserver? Else {self._way_out}"


def quoted(part: object) -> str:
    """Return a variable part of a path (a number, a name, a phone) as it is written there."""
    return quote(str(part), safe="")


def _split(url: str) -> Any:
    try:
        parts = urlsplit(url if "//" in url else f"//{url}", "http")
        if parts.scheme == "http" and parts.hostname and parts.port != 0 and not parts.path.strip("/"):
            return parts
    except ValueError:
        pass
    raise InvalidInput("url", f"{url!r}, an address such as http://127.0.0.1:8052 expected")


def _header(name: str, value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise InvalidInput(name, f"{value!r}, printable ASCII expected")
    return value


def _parameter(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_readable(connection: HTTPConnection) -> bool:
    """Say whether something has come unasked: the end of the connection, in all likelihood."""
    connection.sock.settimeout(0)
    try:
        connection.sock.recv(1, MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _read(status: int, kind: str, answer: bytes) -> Any:
    text = answer.decode("utf-8", "replace")
    if kind not in {"application/json", "application/problem+json"} and status < 400:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        raise Unreachable(
            f"an answer of status {status} that is no JSON; is that a mockserver? {text[:80]!r}"
        ) from None
    if status >= 400:
        raise error_of(value if isinstance(value, dict) else {}, status)
    return value


def error_of(problem: Mapping[str, Any], status: int) -> Exception:
    """Return what a problem of the server's is in process."""
    kind = str(problem.get("type", "")).rpartition(":")[2]
    why, field = str(problem.get("detail") or problem.get("title") or "no reason given"), str(problem.get("field", ""))
    code = str(problem.get("code", ""))
    if code == INVALID_INPUT or (kind == "invalid-input" and not code):
        return InvalidInput(field or "request", why)
    if code:
        return Refusal(code, why, field)
    if kind == "not-found":
        return NotFound(f"{field}: {why}" if field else why)
    return _PLAIN[kind](why) if kind in _PLAIN else Declined(kind, status, why)


_PLAIN: Mapping[str, Callable[[str], Exception]] = {
    "clock-busy": ClockBusy,
    "backwards-in-time": BackwardsInTime,
    "endless-cascade": EndlessCascade,
    "evicted": Evicted,
}
