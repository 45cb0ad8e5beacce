"""Tenants: fifty clients on fifty tenants of one server, beside the same clients on one of them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPConnection
from itertools import count
from statistics import median
from typing import Any

from load import Scenario, Window, measure_all
from peers import OURS, Running, say, started
from requests_bench import one_core
from table import Options, Table

TENANTS = 50
ALONE, ONE, ALL = "one tenant, no other", "one tenant of fifty", "fifty tenants"
AIM = (
    f"Requests per second, server and load on one core: {TENANTS} connections, each creating invitations.",
    "x: beside one tenant with no other on its server. foreign: entries that another tenant's calls left in a journal;",
    "missing: answers that no journal has. Both must be 0; fifty tenants must reach 0.8 (moonshot: 0.95) of one.",
)


def run(options: Options) -> Table:
    """Measure one tenant alone, one among fifty, and all fifty in turn; then look who left what in which journal."""
    sweeps, seconds = (3, 0.5) if options.quick else (5, 1.0)
    with one_core(), ExitStack() as stack:
        quiet, crowded = (stack.enter_context(started(OURS)) for _ in range(2))
        clients = [_opened(crowded, number) for number in range(TENANTS)]
        crowds = {
            ALONE: (quiet, [_opened(quiet, 0)] * TENANTS),
            ONE: (crowded, clients[:1] * TENANTS),
            ALL: (crowded, clients),
        }
        windows = _measure(crowds, sweeps, seconds)
        asked = sum(window.per_second * seconds for name in (ONE, ALL) for window in windows[name])
        foreign, missing = _leaks(crowded, clients, round(asked))
    rows = {}
    for name, found in windows.items():
        beside = [ours.per_second / theirs.per_second for ours, theirs in zip(found, windows[ALONE], strict=True)]
        rates, slowest = (median(getattr(window, each) for window in found) for each in ("per_second", "p99"))
        rows[name] = [rates, median(beside), slowest, foreign, missing]
    return Table("Fifty tenants", ["req/s", "x", "p99 ms", "foreign", "missing"], rows, AIM)


def _measure(crowds: dict[str, tuple[Running, list[Scenario]]], sweeps: int, seconds: float) -> dict[str, list[Window]]:
    windows: dict[str, list[Window]] = {name: [] for name in crowds}
    customers = count(step=1_000_000)
    for sweep in range(sweeps):
        say(f"tenants: sweep {sweep + 1} of {sweeps}")
        for name, (server, crowd) in crowds.items():
            windows[name].append(measure_all(server.address, crowd, seconds, next(customers)))
    return windows


def _opened(server: Running, number: int) -> Scenario:
    """Open a tenant; return its own way of creating invitations, which bears its name."""
    told = _ask(server, "POST", "/tenants", {"speed": 1, "world": "demo", "seed": f"bench-{number}"})
    client = replace(server, facts=told).create(told["id"])
    return replace(client, body=client.body.replace(b"email=", b"email=" + told["id"].encode() + b"-"))


def _leaks(server: Running, clients: list[Scenario], asked: int) -> tuple[float, float]:
    """Count what stands in a wrong journal, and what is in none."""
    foreign, written = 0, 0
    for client in clients:
        journal = _ask(server, "GET", f"/journal?limit=1000&tenant={client.name}")
        mine = f"email={client.name}-"
        foreign += sum(mine not in entry["request_body"] for entry in journal["journal"])
        written += journal["written"]
    foreign += _ask(server, "GET", "/journal")["written"] - 1  # the first call asks whether the server answers
    return foreign, max(asked - written, 0)


def _ask(server: Running, method: str, target: str, body: object = None) -> Any:
    connection = HTTPConnection(*server.address, timeout=30)
    connection.request(method, f"/_mock/v1{target}", None if body is None else json.dumps(body))
    with connection.getresponse() as answer:
        told = json.load(answer)
    connection.close()
    return told
