"""A crowd of connections at a time, and the double's own Flask application under other servers beside it."""

from __future__ import annotations

import random
from contextlib import ExitStack
from itertools import count
from statistics import median

from load import Window, measure
from peers import DEVELOPMENT, OURS, WAITRESS, say, started
from requests_bench import one_core
from table import Options, Table

CONNECTIONS = 64
AIM = (
    f"{CONNECTIONS} connections, each creating invitations for ten seconds, kept alive where the server does so;",
    "server and load on one core. p50, p99: milliseconds. lost: calls that got no answer, which must be 0.",
    "The others serve the same Flask application; the double's own port goes past Flask for calls like this one.",
)


def run(options: Options) -> Table:
    """Measure each server in turns."""
    sweeps, seconds = (1, 1.0) if options.quick else (3, 10.0)
    windows: dict[str, list[Window]] = {name: [] for name in (OURS, WAITRESS, DEVELOPMENT)}
    customers = count(step=1_000_000)
    with one_core(), ExitStack() as stack:
        servers = [stack.enter_context(started(name)) for name in windows]
        for server in servers:
            measure(server.address, server.create("", CONNECTIONS), 1.0, next(customers))
        for sweep in range(sweeps):
            say(f"crowd: sweep {sweep + 1} of {sweeps}")
            for server in random.sample(servers, k=len(servers)):
                windows[server.name].append(
                    measure(server.address, server.create("", CONNECTIONS), seconds, next(customers))
                )
    rows = {name: _medians(found) for name, found in windows.items()}
    return Table(f"{CONNECTIONS} connections at a time", ["req/s", "p50 ms", "p99 ms", "lost"], rows, AIM)


def _medians(windows: list[Window]) -> list[float]:
    middle = [median(getattr(window, name) for window in windows) for name in ("per_second", "p50", "p99")]
    return [*middle, sum(window.lost for window in windows)]
