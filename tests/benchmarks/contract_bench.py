"""The contract suite: how long a run takes against each target."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

from peers import say
from table import Options, Table

from mockserver.contract.cases import all_cases
from mockserver.contract.options import prepared, wish
from mockserver.web.server import Server

NOTES = ("The whole contract, once; live is a server of the demo world, called as a real account would be.",)

_LIVE = {
    "target": "live",
    "securating_key": "Demoafddfc8da3ace15a0144b295a4b8595ba2186112500ae8e8562c955aee4b",
    "securating_website": "https://maison-demo.example/avis",
    "smsvote_id": 52,
    "smsvote_secure": "05ea83436373cae23787455c5fd1de87",
    "spend": 100,
    "email": ("anna@example.com",),
    "phone": ("79010009999",),
}


def run(options: Options) -> Table:
    """Measure a run against each target."""
    rounds = 3 if options.quick else 11
    rows: dict[str, list[float]] = {}
    for target in ("inproc", "server", "live"):
        say(f"contract: {target}")
        rounds_of_it = [_measured(target) for _ in range(rounds)]
        rows[target] = [median(column) for column in zip(*rounds_of_it, strict=True)]
    return Table("Contract suite", ["ms", "cases seen", "calls"], rows, NOTES)


def _measured(target: str) -> tuple[float, float, float]:
    with _told(target) as told, prepared(wish(**told), lambda _line: None) as run:
        begun = perf_counter()
        run.play_all(all_cases(), lambda _verdict: None)
        took = (perf_counter() - begun) * 1e3
    assert run.exit_code == 0, run.reason
    return took, sum(not verdict.why for verdict in run.verdicts), len(run.exchanges)


@contextmanager
def _told(target: str) -> Iterator[dict[str, Any]]:
    if target == "inproc":
        yield {"target": target}
        return
    server = Server(port=0, start="2026-03-02T09:00:00Z", speed=0)
    server.start()
    try:
        url = {"url": server.url, "target": "server"}
        yield url if target == "server" else _LIVE | {"securating_url": server.url, "smsvote_url": server.url}
    finally:
        server.stop()
