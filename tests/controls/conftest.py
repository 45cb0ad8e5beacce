"""One suite, two ways: every test here runs on a world in this process, and on one behind a port."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from mockserver.client import RemoteMockServer
from mockserver.testing import MockServer, Server
from mockserver.web.server import Server as StandAlone

Mock = MockServer | RemoteMockServer

START = "2026-03-01 10:00"
PHONE = "71234567890"


class Receiver:
    """The shop's own address, which takes webhooks: it `reacts`, and answers what `answers` says, then 200."""

    def __init__(self) -> None:
        self.calls: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.reacts: Callable[[], object] = list
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.calls.append(dict(parse_qsl(urlsplit(self.path).query)))
                outer.reacts()
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def steps(self) -> list[str]:
        return [call["step"] for call in self.calls]


@pytest.fixture(scope="module")
def _receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.server.serve_forever, args=(0.02,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture
def shop(_receiver: Receiver, mock: Mock) -> Receiver:
    """Where the webhooks of this test go."""
    _receiver.calls.clear()
    _receiver.answers.clear()
    _receiver.reacts = list
    mock.webhooks.deliver_to(_receiver.url)
    return _receiver


@pytest.fixture(scope="module")
def in_process() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stand_alone() -> Iterator[StandAlone]:
    server = StandAlone(port=0, world="empty", start=START, speed=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def remote(stand_alone: StandAlone) -> Iterator[RemoteMockServer]:
    """The main world of a server in (so to speak) another process."""
    with RemoteMockServer(stand_alone.url) as server:
        yield server


@pytest.fixture(params=["in process", "over http"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    """A world of this test's own; the plugin's marks adjust it."""
    marks = {name: request.node.get_closest_marker(name) for name in ("securating", "smsvote")}
    adjustments: dict[str, Any] = {name: mark.kwargs for name, mark in marks.items() if mark}
    if request.param == "in process":
        server: Server = request.getfixturevalue("in_process")
        opened = server.open(start=START, seed=request.node.nodeid, adjustments=adjustments)
        yield opened
        server.close(opened)
        return
    remote: RemoteMockServer = request.getfixturevalue("remote")
    with remote.tenant(start=START, seed=request.node.nodeid, **adjustments) as tenant:
        yield tenant


def invite(mock: Mock, email: str = "anna@example.com", **more: str) -> str:
    """Do as a shop does, and return the link."""
    data = {"keywebsite": mock.securating.key, "email": email, "first_name": "Anna", **more}
    answer = requests.post(f"{mock.url}/invitation/create", data=data, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.text


def command(mock: Mock, name: str, **more: object) -> str:
    """Give a command of sms-vote, as an integrator does."""
    given = json.dumps({"id": mock.smsvote.id, "secure": mock.smsvote.secure, **more})
    return requests.get(f"{mock.url}/api/command/{name}.php", params={"json": given}, timeout=5).text


def ask(mock: Mock, *phones: str, **more: object) -> None:
    """Ask phones for a rating."""
    draft = {"text": "Оцените нас", "text_final": "Спасибо!", "order": "17", **more}
    messages = [{"phone": phone, **draft} for phone in phones or (PHONE,)]
    assert command(mock, "send_message", transport="sms", message=messages) == "OK"
