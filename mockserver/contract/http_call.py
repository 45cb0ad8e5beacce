"""One HTTP call and its answer, once: nothing is followed, nothing is tried again."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from mockserver.contract.exchange import Answer, printable
from mockserver.contract.verdicts import NoAnswer
from mockserver.core.errors import InvalidInput
from mockserver.runtime.pace import real_seconds
from mockserver.services.service import Request

MOST_READ = 4 << 20
"""Bytes of an answer that are read."""


class Caller:
    """Calls one base address, within `seconds` each time. Raises `InvalidInput` for an address that is none."""

    def __init__(self, url: str, seconds: float) -> None:
        parts = urlsplit(url if "//" in url else f"//{url}", "http")
        try:
            port = parts.port
        except ValueError:
            port = 0
        if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
            raise InvalidInput("url", f"{url!r}, an address such as http://127.0.0.1:8052 expected")
        self._url, self._host, self._port = url.rstrip("/"), parts.hostname, port
        self._base = parts.path.rstrip("/")
        self._kind: type[HTTPConnection] = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._seconds = seconds

    def call(self, request: Request) -> Answer:
        """Return the answer. Raises `NoAnswer` where none comes, whatever became of the call."""
        what = f"{request.method} {self._url}{request.path}"
        connection = self._kind(self._host, self._port, timeout=self._seconds)
        try:
            return self._exchange(connection, request)
        except TimeoutError:
            raise NoAnswer(f"{what}: no answer within {self._seconds:g} s") from None
        except (OSError, HTTPException) as error:
            raise NoAnswer(f"{what}: {printable(str(error)) or type(error).__name__}") from None
        finally:
            connection.close()

    def _exchange(self, connection: HTTPConnection, request: Request) -> Answer:
        deadline = real_seconds() + self._seconds
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        connection.request(request.method, self._base + request.target, request.body or None, headers)
        stream = connection.sock
        with connection.getresponse() as response:
            body = b""
            while len(body) < MOST_READ and (piece := response.read1(MOST_READ)):
                body += piece
                stream.settimeout(max(deadline - real_seconds(), 0.001))
            if response.length:
                raise HTTPException(f"the answer ends {response.length} bytes early")
            return Answer(response.status, response.headers.get("content-type", ""), body)
