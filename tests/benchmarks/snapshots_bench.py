"""Snapshots through HTTP: a world of ten thousand invitations taken, saved, loaded, gone back to and forked."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from statistics import median
from time import perf_counter

from peers import say
from table import Options, Table
from time_bench import world_of

from mockserver.web.server import Server

SIZES = (1_000, 10_000)
AIM = (
    "Milliseconds a call, medians, the client's own time included; the file's size in MB.",
    "Must (moonshot) for 10,000 invitations: take and restore 100 (30) ms, save, load and fork 3 (1.5) s.",
)


def run(options: Options) -> Table:
    """Measure both sizes."""
    rounds = 2 if options.quick else 3
    rows = {}
    for size in SIZES[:1] if options.quick else SIZES:
        say(f"snapshots: {size:,} invitations")
        rows[f"{size:,} invitations"] = _row(size, rounds)
    return Table("Snapshots through HTTP", ["take", "restore", "save", "MB", "load", "fork"], rows, AIM)


def _row(size: int, rounds: int) -> list[float]:
    server = Server(port=0, speed=0)
    server.double.world = world_of(size)
    server.start()
    try:
        take = [_millis(server, "POST", "", b'{"name": "a"}')[0] for _ in range(rounds)]
        restore = [_millis(server, "POST", "/a/restore")[0] for _ in range(rounds)]
        saves = [_millis(server, "GET", "/a") for _ in range(2)]
        saved = saves[0][1]
        body = b'{"name": "b", "snapshot": ' + saved + b"}"
        load = [_millis(server, "POST", "", body)[0] for _ in range(2)]
        fork = [_millis(server, "POST", "/a/fork")[0] for _ in range(2)]
    finally:
        server.stop()
    save = [millis for millis, _ in saves]
    return [median(take), median(restore), median(save), len(saved) / 1e6, median(load), median(fork)]


def _millis(server: Server, method: str, target: str, body: bytes = b"") -> tuple[float, bytes]:
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    begin = perf_counter()
    connection.request(method, f"/_mock/v1/snapshots{target}", body or None)
    with connection.getresponse() as answer:
        told = answer.read()
        assert answer.status in {200, 201}, told[:500]
    taken = perf_counter() - begin
    connection.close()
    assert json.loads(told)
    return taken * 1e3, told
