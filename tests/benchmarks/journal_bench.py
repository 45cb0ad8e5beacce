"""The journal: what a call costs with it and with its explanations, and choosing among a hundred thousand calls."""

from __future__ import annotations

import json
import tracemalloc
from datetime import datetime, timezone
from time import process_time
from urllib.parse import urlencode

from peers import say
from table import Options, Table

from mockserver.runtime.double import Double
from mockserver.runtime.selection import Selection, select
from mockserver.runtime.tenants import Tenants
from mockserver.runtime.worlds import load_world
from mockserver.services.service import Request
from mockserver.web.gate import Gate

START = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
SECURE = "05ea83436373cae23787455c5fd1de87"
HELD = 100_000
ROUNDS = 9
AIM = (
    "Calls of balance.php in this process, every tenth refused; the processor's time, the least of several rounds.",
    "Must: a journal of 100,000 chosen from within 0.5 s, and no larger after twice as many calls.",
)


def run(options: Options) -> Table:
    """Measure calls with and without headers, then choosing from a full journal, and its memory."""
    held = HELD // 10 if options.quick else HELD
    say(f"journal: {held:,} calls")
    plain, explained = (min(_call_time(explains, held // 50) for _ in range(ROUNDS)) for explains in (False, True))
    gate = _gate(held, explains=False)
    tracemalloc.start()
    _ask(gate, held)
    full = tracemalloc.get_traced_memory()[0]
    _ask(gate, held)
    fuller = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    refused, found, absent = (
        _selection_time(gate, selection)
        for selection in (Selection(refused=True), Selection(contains='"n": 7'), Selection(contains="absent"))
    )
    row = [plain, explained, refused, found, absent, full / held, fuller / full]
    columns = ["call µs", "with headers µs", "refused ms", "contains ms", "absent ms", "bytes a call", "twice as many"]
    return Table("The journal", columns, {f"{held:,} calls": row}, AIM)


def _gate(held: int, *, explains: bool) -> Gate:
    world = load_world("demo", START)
    world.journal = world.journal.copy(held)
    return Gate(Tenants(Double(world, explains=explains)))


def _ask(gate: Gate, count: int) -> None:
    for number in range(count):
        query = urlencode({"json": json.dumps({"id": 52 if number % 10 else 53, "secure": SECURE, "n": number})})
        gate.answer(Request("GET", "/api/command/balance.php", query, {"host": "127.0.0.1"}))


def _call_time(explains: bool, count: int) -> float:
    gate = _gate(1000, explains=explains)
    begin = process_time()
    _ask(gate, count)
    return (process_time() - begin) / count * 1e6


def _selection_time(gate: Gate, selection: Selection) -> float:
    begin = process_time()
    select(gate.tenants.default.world.journal, selection)
    return (process_time() - begin) * 1000
