"""Reports: one day out of a million ratings costs what the day holds, not what is stored."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from statistics import median
from time import perf_counter
from urllib.parse import quote

from peers import say
from table import Options, Table

from mockserver.core.world import World
from mockserver.runtime.worlds import load_world
from mockserver.services import SERVICES
from mockserver.services.service import Request
from mockserver.services.smsvote.model import Rating, SmsVote

FIRST = datetime(2020, 1, 1, tzinfo=timezone.utc)
ROWS_A_DAY = 500
AIM = (f"feedback_report for one day of {ROWS_A_DAY} ratings (json), out of more and more that are stored.",)


def run(options: Options) -> Table:
    """Measure the same day out of ten thousand, a hundred thousand and a million ratings."""
    sizes = (10_000, 100_000) if options.quick else (10_000, 100_000, 1_000_000)
    rows = {}
    for size in sizes:
        say(f"report: {size:,} ratings")
        rows[f"{size:,} ratings"] = [_milliseconds(_world(size), size // ROWS_A_DAY // 2)]
    return Table("Report of one day", ["ms"], rows, AIM)


def _world(size: int) -> World:
    world = load_world("demo", FIRST + timedelta(days=size))
    state = world.state(SmsVote)
    (cabinet,) = state.cabinets.values()
    step = timedelta(days=1) / ROWS_A_DAY
    cabinet.ratings[:] = [
        Rating(FIRST + number * step, "71234567890", number % 5 + 1, "5 отлично") for number in range(size)
    ]
    return world


def _milliseconds(world: World, day: int) -> float:
    service = next(service for service in SERVICES if service.name == "smsvote")
    rows = service.operations(service.settings_of(world))
    report = next(row for row in rows if row.path.endswith("/feedback_report.php") and row.method == "GET")
    begin = (FIRST + timedelta(days=day)).strftime("%Y-%m-%d 03:00:00")
    end = (FIRST + timedelta(days=day + 1)).strftime("%Y-%m-%d 02:59:59")
    command = service.credentials(world) | {"format": "json", "date_from": begin, "date_to": end}
    request = Request("GET", report.path, f"json={quote(json.dumps(command))}")
    times = []
    for _ in range(30):
        started = perf_counter()
        reply = report.handle(world, request)
        times.append(perf_counter() - started)
    assert len(json.loads(reply.body)) == ROWS_A_DAY
    return median(times) * 1e3
