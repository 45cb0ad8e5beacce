"""A server on a real port, and clients that call its control surface as any language would."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from importlib.util import find_spec
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from mockserver.web.server import Server

if not find_spec("schemathesis"):  # for Python 3.10 there is none that is of use
    collect_ignore = ["test_openapi.py"]

START = "2026-03-01T10:00:00Z"

SECONDS = 10
"""How long a test waits for what must come."""


class Answer(NamedTuple):
    status: int
    kind: str
    body: Any


class Caller:
    """Calls one tenant of a server; as many threads as want to."""

    def __init__(self, server: Server, tenant: str = "", token: str = "") -> None:
        self.server = server
        self._headers = {"X-Mock-Tenant": tenant} if tenant else {}
        if token:
            self._headers["X-Mock-Token"] = token

    def ask(self, method: str, target: str, body: object = None, **headers: str) -> Answer:
        """Make a call on the control surface."""
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return self.call(method, f"/_mock/v1{target}", sent, self._headers | headers)

    def call(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        with closing(HTTPConnection(self.server.url.removeprefix("http://"), timeout=SECONDS)) as connection:
            connection.request(method, target, body, dict(headers))
            answer = connection.getresponse()
            kind, text = answer.headers["Content-Type"], answer.read().decode("utf-8", "replace")
        return Answer(answer.status, kind, json.loads(text) if kind.endswith("json") else text)

    def get(self, target: str) -> Any:
        answer = self.ask("GET", target)
        assert answer.status == 200, answer
        return answer.body

    def post(self, target: str, body: object = None) -> Any:
        answer = self.ask("POST", target, body)
        assert answer.status in {200, 201}, answer
        return answer.body


class Tenant(Caller):
    """A tenant with its credentials, which it calls the services with."""

    def __init__(self, server: Server, told: Mapping[str, Any]) -> None:
        super().__init__(server, told["id"])
        self.id: str = told["id"]
        self.key: str = told["securating"]["keywebsite"]
        self.account: dict[str, Any] = told["smsvote"]

    def invite(self, **fields: str) -> str:
        """Create an invitation through the vendor's call; return its link."""
        sent = urlencode({"keywebsite": self.key, "email": "anna@example.com"} | fields).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.call("POST", "/invitation/create", sent, kind)
        assert answer.status == 200, answer
        return str(answer.body)

    def balance(self) -> str:
        """Ask for the balance through the vendor's call."""
        query = urlencode({"json": json.dumps(self.account)})
        return str(self.call("GET", f"/api/command/balance.php?{query}", None, {}).body)


def open_tenant(server: Server, **wanted: object) -> Tenant:
    """Open a tenant, whose time stands from `START` unless it is told otherwise."""
    return Tenant(server, Caller(server).post("/tenants", {"start": START} | wanted))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server whose own world stands still, for all tests of a module."""
    server = Server(port=0, speed=0, start=START)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def main(server: Server) -> Caller:
    """The server's own tenant."""
    return Caller(server)


@pytest.fixture
def tenant(server: Server) -> Tenant:
    """A tenant of the test's own."""
    return open_tenant(server)
