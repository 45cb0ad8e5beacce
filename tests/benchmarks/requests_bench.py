"""Requests per second, server and load generator on one core: the ratios to trust."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from statistics import median

from load import Scenario, Window, measure
from peers import OURS, Running, chosen, say, started
from table import Options, Table

Windows = dict[tuple[str, str], list[Window]]

POST_1, POST_16, GET_1, POST_NEW = "POST c1", "POST c16", "GET c1", "POST new"
AIM = (
    "Requests per second; x: how many times as fast ours is, the median of what each sweep of shuffled windows says.",
    "c1, c16: one connection or sixteen, kept alive where the server does so; new: a connection for each request.",
    "p99: of POST c16, milliseconds. POST: ours creates an invitation for a new customer, with all that it promises;",
    "mountebank (injection) and WireMock (template, scenario) make a link of the form; pytest-httpserver is constant.",
    "Must (moonshot): 2.5 (4.5) x pytest-httpserver, 1.0 (1.6) x mountebank, 1.0 x WireMock;",
    "at c1 2 x and at c16 1.3 x WireMock without its journal are the moonshot.",
)
_WARM_UP = 4
_CUSTOMERS_A_WINDOW = 1_000_000


def run(options: Options) -> Table:
    """Measure every server in every scenario."""
    sweeps, seconds = (3, 0.3) if options.quick else (9, 1.0)
    with one_core(), ExitStack() as stack:
        servers = []
        for name in chosen(all_peers=options.all_peers):
            say(f"requests: starting {name}")
            servers.append(stack.enter_context(started(name)))
        windows = _measure(servers, sweeps, seconds)
    return _table(windows, [server.name for server in servers])


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and all that it starts on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _scenarios(server: Running) -> list[Scenario]:
    return [
        server.create(POST_1),
        server.create(POST_16, connections=16),
        server.balance(GET_1),
        server.create(POST_NEW, keeps_alive=False),
    ]


def _measure(servers: list[Running], sweeps: int, seconds: float) -> Windows:
    jobs = [(server, scenario) for server in servers for scenario in _scenarios(server)]
    windows: Windows = {(server.name, scenario.name): [] for server, scenario in jobs}
    customers = count(step=_CUSTOMERS_A_WINDOW)
    for sweep in range(sweeps + 1):
        say(f"requests: sweep {sweep} of {sweeps}" if sweep else "requests: warming up")
        random.shuffle(jobs)
        for server, scenario in jobs:
            window = measure(server.address, scenario, seconds if sweep else _WARM_UP * seconds, next(customers))
            if sweep:
                windows[server.name, scenario.name].append(window)
    return windows


def _table(windows: Windows, servers: list[str]) -> Table:
    columns: list[str] = []
    rows: dict[str, list[float]] = {name: [] for name in servers}
    for scenario in (POST_1, POST_16, GET_1, POST_NEW):
        columns += [scenario, "x"]
        for name in servers:
            theirs = windows[name, scenario]
            rows[name] += [median(window.per_second for window in theirs), _factor(windows[OURS, scenario], theirs)]
    for name in servers:
        rows[name].append(median(window.p99 for window in windows[name, POST_16]))
    return Table("Requests per second, on one core", [*columns, "p99"], rows, AIM)


def _factor(ours: list[Window], theirs: list[Window]) -> float:
    return median(our.per_second / their.per_second for our, their in zip(ours, theirs, strict=True))
