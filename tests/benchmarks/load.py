"""A load generator: asks one server for a while, in a process of its own, and tells how fast the answers came.

The requests are bytes prepared beforehand, the sockets raw: next to nothing of a window is the generator's own time.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import quantiles
from time import perf_counter

NUMBER = b"#########"
"""Nine characters of a request that become another number every time."""

_BETWEEN = b"\0"
_PATIENCE = 10.0

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CLOSES = re.compile(rb"HTTP/1\.0|.*?\r\nconnection: *close", re.IGNORECASE | re.DOTALL)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What to ask, over how many connections, and whether one connection carries more than one request."""

    name: str
    method: str
    target: str
    body: bytes = b""
    connections: int = 1
    keeps_alive: bool = True

    def message(self, host: str) -> bytes:
        """Return the request as bytes; `NUMBER` may still stand in it."""
        lines = [f"{self.method} {self.target} HTTP/1.1", f"Host: {host}", "User-Agent: load", "Accept: */*"]
        if self.body:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(self.body)}"]
        if not self.keeps_alive:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True, slots=True)
class Window:
    """How a server did: requests per second, milliseconds that half and 99 of 100 took at most, how many are lost."""

    per_second: float
    p50: float
    p99: float
    lost: int


def measure(address: tuple[str, int], scenario: Scenario, seconds: float, first: int) -> Window:
    """Ask the server at `address` from another process; numbers in the requests begin with `first`."""
    return measure_all(address, [scenario] * scenario.connections, seconds, first)


def measure_all(address: tuple[str, int], scenarios: Sequence[Scenario], seconds: float, first: int) -> Window:
    """Do the same with a connection for each scenario, all at once."""
    host, port = address
    asked = [sys.executable, __file__, host, str(port), str(seconds), str(first)]
    messages = _BETWEEN.join(scenario.message(f"{host}:{port}") for scenario in scenarios)
    done = subprocess.run(asked, input=messages, stdout=subprocess.PIPE, check=True)
    return Window(**json.loads(done.stdout))


class Caller:
    """One connection, opened again whenever the server or the request has closed it."""

    def __init__(self, address: tuple[str, int], message: bytes, selector: selectors.BaseSelector) -> None:
        self._address = address
        self._before, self._marker, self._after = message.partition(NUMBER)
        self._hangs_up = b"\r\nConnection: close\r\n" in message
        self._selector = selector
        self._socket: socket.socket | None = None
        self._heard = b""
        self.asked_at = 0.0

    def ask(self, number: int) -> None:
        """Send the request with that number."""
        self.asked_at = perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection(self._address, 10)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(self._socket, selectors.EVENT_READ, self)
        self._socket.sendall(self._before + b"%09d" % number + self._after if self._marker else self._before)

    def has_heard(self) -> bool:
        """Receive once; say whether the answer is whole. Raises `RuntimeError` when it is not a good one."""
        assert self._socket
        piece = self._socket.recv(65536)
        self._heard += piece
        if piece and not _is_whole(self._heard):
            return False
        if not re.match(rb"HTTP/1\.[01] 200 ", self._heard):
            raise RuntimeError(f"the server answered {self._heard[:500]!r}")
        if not piece or self._hangs_up or _CLOSES.match(self._heard):
            self.close()
        self._heard = b""
        return True

    def close(self) -> None:
        """Hang up."""
        if self._socket:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None


def _is_whole(heard: bytes) -> bool:
    head, end, body = heard.partition(b"\r\n\r\n")
    if length := _LENGTH.search(head):
        return bool(end) and len(body) >= int(length[1])
    return bool(end and _CHUNKED.search(head)) and body.endswith(b"0\r\n\r\n")


def generate(
    address: tuple[str, int], messages: Sequence[bytes], seconds: float, first: int
) -> tuple[list[float], int]:
    """Ask over a connection for each message; return the seconds that each request took, and how many got no answer."""
    numbers = count(first)
    taken: list[float] = []
    with selectors.DefaultSelector() as selector:
        callers = [Caller(address, message, selector) for message in messages]
        until = perf_counter() + seconds
        for caller in callers:
            caller.ask(next(numbers))
        while perf_counter() < until:
            for caller in _ready(callers, selector):
                if caller.has_heard():
                    taken.append(perf_counter() - caller.asked_at)
                    caller.ask(next(numbers))
        waiting = set(callers)
        while waiting and (ready := selector.select(_PATIENCE)):
            waiting.difference_update(key.data for key, _ in ready if key.data in waiting and key.data.has_heard())
        for caller in callers:
            caller.close()
    return taken, len(waiting)


def _ready(callers: list[Caller], selector: selectors.BaseSelector) -> Iterable[Caller]:
    return callers if len(callers) == 1 else [key.data for key, _ in selector.select()]


def main() -> None:
    """Be the other process of `measure`."""
    host, port, seconds, first = sys.argv[1:]
    messages = sys.stdin.buffer.read().split(_BETWEEN)
    taken, lost = generate((host, int(port)), messages, float(seconds), int(first))
    p50, p99 = (quantiles(taken, n=100)[place] * 1e3 for place in (49, 98))
    print(json.dumps({"per_second": len(taken) / float(seconds), "p50": p50, "p99": p99, "lost": lost}))


if __name__ == "__main__":
    main()
