"""A server on no port, and somebody who visits its dashboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mockserver.web.server import Server

START = "2026-03-01T10:00:00Z"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}\u202e"


class Person:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = server.gate.application.test_client()
        self.key = str(server.ready()["securating"]["keywebsite"])  # type: ignore[index] # an object of texts

    def look(self, page: str, tenant: str = "main") -> str:
        answer = self.client.get(f"/_mock/{tenant}/{page}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    def send(self, page: str, path: str, **fields: str) -> TestResponse:
        """Send a form of a page."""
        named = {name.replace("__", ":"): value for name, value in fields.items()}
        return self.client.post(f"/_mock/main/{page}", data={"_path": path, **named})

    def control(self, path: str, body: object = None) -> Any:
        if body is None:
            return self.client.get(f"/_mock/v1{path}").get_json()
        return self.client.post(f"/_mock/v1{path}", json=body).get_json()

    def invite(self, **parameters: str) -> str:
        asked = {"keywebsite": self.key, "email": "anna@example.com", "days": "0", **parameters}
        answer = self.client.post("/invitation/create", data=asked)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True).partition("securating_token=")[2]


@pytest.fixture
def visiting() -> Iterator[Callable[..., Person]]:
    """Make somebody who visits the dashboard of a world."""
    servers: list[Server] = []

    def visit(world: str = "demo") -> Person:
        servers.append(Server(port=0, speed=0, start=START, world=world))
        return Person(servers[-1])

    yield visit
    for server in servers:
        server.gate.tenants.stop()


@pytest.fixture
def person(visiting: Callable[..., Person]) -> Person:
    return visiting()
