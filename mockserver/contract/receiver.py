"""Who takes webhooks during a run: a port of this machine for a real account, the double's own list for a double."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.core.errors import InvalidInput
from mockserver.services.service import Reply, Request
from mockserver.web.port import Port

if TYPE_CHECKING:
    from mockserver.client.server import RemoteMockServer
    from mockserver.testing import MockServer

Told = tuple[str, dict[str, str]]
"""The method of a webhook's call, and its parameters."""


class ListeningReceiver:
    """Answers `ok` on a port of this machine. `url` is the address that leads there from outside.

    An address of this machine says its port itself; for any other, such as a tunnel's, `port` does.
    Raises `InvalidInput`.
    """

    def __init__(self, url: str, port: int = 0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidInput("--webhook", f"{url!r}, an address such as https://tunnel.example/ expected")
        if not (port or parts.hostname in {"127.0.0.1", "localhost"}):
            raise InvalidInput("--listen", f"missing, the port of this machine that {url} leads to expected")
        self.url = url
        self._told: SimpleQueue[Told] = SimpleQueue()
        self._port = Port(self._take, port=port or parts.port or 80)

    def start(self) -> None:
        """Listen. Raises `OSError` where somebody else does."""
        self._port.start()

    def stop(self) -> None:
        """Listen no longer."""
        self._port.stop()

    def _take(self, request: Request) -> Reply:
        try:
            params = request.params() | (request.form() if request.method == "POST" else {})
        except ValueError:
            params = {}
        self._told.put((request.method, params))
        return Reply(200, b"ok")

    def wait_for(self, seconds: float) -> Told | None:
        """Return the next call; None when none comes."""
        try:
            return self._told.get(timeout=seconds)
        except Empty:
            return None


class DoublesReceiver:
    """Looks up what a double's robots have told."""

    url = "https://shop.example/hook"

    def __init__(self, double: MockServer | RemoteMockServer) -> None:
        self._double = double
        self._seen = 0

    def wait_for(self, seconds: float) -> Told | None:  # noqa: ARG002 - a double tells at once
        """Return the next call; None when there is none."""
        calls = self._double.webhooks.all()[self._seen :]
        if not calls:
            return None
        self._seen += 1
        return calls[0].policy.method, dict(calls[0].params)
