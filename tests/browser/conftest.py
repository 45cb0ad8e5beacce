"""The double's pages in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from mockserver.web.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Frame, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 10_000
"""Milliseconds that a condition may take."""


class Chromium:
    """The session's one browser; its event loop is shown to the tests that use it, and hidden from all others.

    Playwright leaves its loop running for as long as it is connected, and asyncio would start no other in this thread.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)

    @contextmanager
    def awake(self) -> Iterator[Browser]:
        asyncio._set_running_loop(self._loop)
        try:
            yield self._browser
        finally:
            asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """One Chromium for the whole session; `make system` installs it where it may."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or pytest.skip("chromium is not installed")
    playwright = sync_api.sync_playwright().start()
    launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
    chromium = Chromium(launched)
    yield chromium
    with chromium.awake():
        launched.close()
        playwright.stop()


class Visitor:
    """Opens pages as somebody would, each in a context of its own; what a page complains of is kept."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def page(self, **options: Any) -> Page:
        """Return a blank page; `options` are those of Playwright's contexts (`viewport`, `color_scheme`, …)."""
        context = self._browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def leave(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def visitor(browser: Chromium) -> Iterator[Visitor]:
    """Somebody who visits pages; a complaint on the console fails the test, unless it empties `complaints`."""
    with browser.awake() as awake:
        somebody = Visitor(awake)
        yield somebody
        complaints = [*somebody.complaints]  # what leaving cuts short is nobody's fault
        somebody.leave()
    assert complaints == []


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """A blank page on a wide window."""
    return visitor.page(viewport={"width": 1280, "height": 900})


class Served:
    """A double on a free port, with the demo world and a clock that stands until it is moved."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        ready: dict[str, Any] = server.ready()
        self.key: str = ready["securating"]["keywebsite"]

    def control(self, path: str, body: object = None) -> Any:
        """Call the control surface, by POST where there is a body."""
        sent = None if body is None else json.dumps(body).encode()
        asked = Request(f"{self.url}/_mock/v1{path}", sent, {"Content-Type": "application/json"})
        with urlopen(asked, timeout=10) as answer:
            return json.loads(answer.read())

    def invite(self, **parameters: str) -> str:
        """Invite Anna as a shop does, and return the address of her form here."""
        asked = {"keywebsite": self.key, "email": "anna@example.com", "days": "0"} | parameters
        with urlopen(f"{self.url}/invitation/create", urlencode(asked).encode(), timeout=10) as answer:
            token = dict(parse_qsl(urlsplit(answer.read().decode()).query))["securating_token"]
        return f"{self.url}/review?securating_token={token}"


@pytest.fixture
def served() -> Iterator[Served]:
    """A double of the test's own."""
    server = Server(port=0, start="2026-03-02T09:00:00Z", speed=0)
    server.start()
    yield Served(server)
    server.stop()


class Shop:
    """A web server on another origin: pages that a test gives it, and a webhook at `/hook`."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self.pages: dict[str, str] = {}
        self.policy = ""
        self.told: Queue[dict[str, str]] = Queue()


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop on an origin of its own."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/hook":
                mine.told.put(dict(parse_qsl(address.query)))
            self._send(mine.pages.get(address.path, "ok"))

        def _send(self, content: str) -> None:
            body = content.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if mine.policy:
                self.send_header("Content-Security-Policy", mine.policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        mine = Shop(server.server_port)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(server.serve_forever, 0.02)
            yield mine
            server.shutdown()
            running.result(timeout=10)


@pytest.fixture
def axe() -> Callable[[Page | Frame], list[str]]:
    """Look for what hinders people, colours in the dark too, and return what is serious or worse: rule, and where."""
    source = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT

    def find(page: Page | Frame) -> list[str]:
        window: Any = getattr(page, "page", page)
        page.evaluate(source)
        found = page.evaluate("axe.run(document, {iframes: false, resultTypes: ['violations']})")["violations"]
        window.emulate_media(color_scheme="dark")
        found += page.evaluate("axe.run(document, {iframes: false, runOnly: ['color-contrast']})")["violations"]
        window.emulate_media(color_scheme="light")
        return [
            f"{rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found
            if rule["impact"] in {"serious", "critical"}
            for node in rule["nodes"]
        ]

    return find
