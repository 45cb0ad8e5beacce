"""The dashboard: what a page costs with a hundred thousand entries behind it, and how soon a browser shows it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from itertools import count
from statistics import median
from time import perf_counter, time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from peers import say
from table import Options, Table

from mockserver.core.journal import Exchange
from mockserver.core.outbox import Letter
from mockserver.web.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

START = "2026-03-02T09:00:00Z"
HELD = 100_000
AIM = (
    "Over HTTP on loopback, medians; weights are of the page alone, for a first paint of everything it loads, for a",
    "live update of what is asked for anew. Must: a page of 100,000 entries within 0.5 s and 100 KiB, a ballot on the",
    "dashboard within 0.5 s. The vote's own screen asks again by itself, as its settings say.",
)

Figures = Mapping[str, list[float]]


def run(options: Options) -> Table:
    """Measure pages of a full journal and mailbox, first paint, and how long news take to be seen."""
    held = HELD // 10 if options.quick else HELD
    rounds = 3 if options.quick else 9
    say(f"pages: {held:,} entries")
    with _served() as server:
        _fill(server, held)
        rows = {name: _page(server, page, rounds) for name, page in _pages(held).items()}
        rows |= _in_a_browser(server, rounds)
    return Table("The dashboard's pages", ["ms", "KiB"], rows, AIM)


@contextmanager
def _served() -> Iterator[Server]:
    server = Server(port=0, start=START, speed=0, journal=2 * HELD)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _fill(server: Server, held: int) -> None:
    """Repeat one call and one letter so often, each with another customer; the timeline has one line of all."""
    key = str(server.ready()["securating"]["keywebsite"])  # type: ignore[index] # an object of texts
    asked = urlencode({"keywebsite": key, "email": "anna@example.com", "days": "0", "order": "C-17"})
    urlopen(f"{server.url}/invitation/create", asked.encode(), timeout=10).close()
    with server.double.held() as world:
        (exchange,), (letter,) = world.journal.exchanges(), world.outbox.sent
        if not (isinstance(exchange, Exchange) and isinstance(letter, Letter)):
            raise TypeError("one call and one letter expected")
        for number in range(2, held + 1):
            body = exchange.request_body.replace("anna", f"anna{number}")
            world.journal.write(exchange._replace(number=number, request_body=body))
            world.outbox.put(replace(letter, recipient=f"anna{number}@example.com"))


def _pages(held: int) -> dict[str, str]:
    middle = held // 2
    return {
        "journal, newest": "journal",
        "journal, in the middle": f"journal?before={middle}",
        "journal, one entry": f"journal?number={middle}",
        "journal, searched": f"journal?contains=anna{middle}",
        "mailbox, newest": "mail",
        "mailbox, in the middle": f"mail?before={middle}",
        "mailbox, one mail": f"mail?number={middle}",
        "mailbox, searched": f"mail?contains=anna{middle}",
        "time": "time",
    }


def _page(server: Server, page: str, rounds: int) -> list[float]:
    taken, size = [], 0
    for _ in range(rounds):
        begin = perf_counter()
        with urlopen(f"{server.url}/_mock/main/{page}", timeout=60) as answer:
            size = len(answer.read())
        taken.append(perf_counter() - begin)
    return [median(taken) * 1000, size / 1024]


def _in_a_browser(server: Server, rounds: int) -> Figures:
    chromium = shutil.which("chromium")
    if not (chromium and find_spec("playwright")):
        say("pages: no browser here, so no first paint")
        return {}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        vote = _votes(server)[-1]
        rows = {
            "first paint of the dashboard": _first_paint(page, f"{server.url}/_mock/main/time", rounds),
            "first paint of the full journal": _first_paint(page, f"{server.url}/_mock/main/journal", rounds),
            "ballot to bar on the dashboard": _delay(server, page, f"{server.url}/_mock/main/votes", vote, rounds),
            "ballot to bar on the vote's screen": _delay(server, page, f"{server.url}/?v={vote['hash']}", vote, rounds),
        }
        browser.close()
    return rows


_PAINTED = """() => new Promise((done) => new PerformanceObserver((entries) => {
    const loaded = performance.getEntries().reduce((sum, each) => sum + (each.transferSize || 0), 0);
    for (const each of entries.getEntriesByName('first-contentful-paint')) done([each.startTime, loaded / 1024]);
}).observe({type: 'paint', buffered: true}))"""


def _first_paint(page: Page, address: str, rounds: int) -> list[float]:
    painted = []
    for _ in range(rounds):
        page.goto(address)
        painted.append(page.evaluate(_PAINTED))
    return [median(column) for column in zip(*painted, strict=True)]


_CHANGED = """() => { window.changed = new Promise((done) => {
    const observer = new MutationObserver(() => { observer.disconnect(); done(Date.now()); });
    observer.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
}); }"""

_people = count(79_990_000_000)


def _delay(server: Server, page: Page, address: str, vote: Mapping[str, Any], rounds: int) -> list[float]:
    """Return how long a ballot takes to be seen, and how much was loaded for that."""
    loaded: list[int] = []
    page.goto(address)
    page.wait_for_timeout(500)
    page.on("response", lambda response: loaded.append(int(response.headers.get("content-length", 0))))
    delays = [_seen(server, page, vote) for _ in range(rounds)]
    page.goto("about:blank")
    return [median(delays), sum(loaded) / len(delays) / 1024]


def _seen(server: Server, page: Page, vote: Mapping[str, Any]) -> float:
    page.evaluate(_CHANGED)
    page.wait_for_timeout(300)
    begin = time()
    _post(server, f"/smsvote/votes/{vote['nr']}/ballots", {"participant": str(next(_people)), "option": "1"})
    seen: float = page.evaluate("window.changed")
    return seen - begin * 1000


def _votes(server: Server) -> list[dict[str, Any]]:
    with urlopen(f"{server.url}/_mock/v1/smsvote/votes", timeout=10) as answer:
        votes: list[dict[str, Any]] = json.loads(answer.read())["votes"]
    return [vote for vote in votes if vote["status"] == "active"]


def _post(server: Server, path: str, body: object) -> None:
    asked = Request(f"{server.url}/_mock/v1{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    urlopen(asked, timeout=10).close()
