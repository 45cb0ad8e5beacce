"""Provenance: what a call costs that says what its answer rests on, and what judging and covering a test costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from statistics import median
from time import process_time
from unittest.mock import patch
from urllib.parse import urlencode

from peers import say
from table import Options, Table, ratio_row

from mockserver.runtime.assumptions import find_assumed
from mockserver.runtime.coverage import Coverage, Meeting
from mockserver.runtime.double import Double
from mockserver.runtime.provenance import NOT_GRADED, Provenance
from mockserver.runtime.tenants import Tenants
from mockserver.runtime.worlds import load_world
from mockserver.services import SERVICES
from mockserver.services.outcome import Beginning
from mockserver.services.service import Request
from mockserver.web.gate import Gate

START = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
CALLS_OF_A_TEST = 10
NOTHING_KNOWN = Provenance(NOT_GRADED, ())
AIM = (
    "Calls in this process, headers included; the processor's time, medians of rounds taken in turns.",
    "Judged, covered: --fail-on-assumed and --mockserver-coverage, for a test of ten calls.",
    "Aim: less than 5 % of a call.",
)


def run(options: Options) -> Table:
    """Measure two calls with provenance and without."""
    rounds, count = (5, 300) if options.quick else (25, 2000)
    rows = {}
    for name, call in {"GET balance.php": _balance, "POST /invitation/create": _create}.items():
        say(f"provenance: {name}")
        taken = [(_call_time(call, count), _call_time_without(call, count)) for _ in range(rounds)]
        known, unknown = (median(column) for column in zip(*taken, strict=True))
        (ratio,) = ratio_row([[known] for known, _ in taken], [[unknown] for _, unknown in taken])
        rows[name] = [unknown, known, 100 * (ratio - 1), *_test_times(call, count)]
    return Table("Provenance", ["without µs", "with µs", "cost %", "judged µs", "covered µs"], rows, AIM)


def _call_time_without(call: Callable[[Gate, int], object], count: int) -> float:
    with patch("mockserver.runtime.recording.provenance_of", lambda _claims: NOTHING_KNOWN):
        return _call_time(call, count)


def _call_time(call: Callable[[Gate, int], object], count: int) -> float:
    gate = Gate(Tenants(Double(load_world("demo", START))))
    begin = process_time()
    for number in range(count):
        call(gate, number)
    return (process_time() - begin) / count * 1e6


def _test_times(call: Callable[[Gate, int], object], count: int) -> list[float]:
    """Return what judging and covering a test costs whose calls these are."""
    double = Double(load_world("demo", START))
    beginning, gate = Beginning.of(double.world), Gate(Tenants(double))
    for number in range(CALLS_OF_A_TEST):
        call(gate, number)
    times = []
    for look in (
        partial(find_assumed, double),
        lambda: Coverage().look(double, beginning, Meeting(0, "test")),
    ):
        look()
        begin = process_time()
        for _ in range(count // 10):
            look()
        times.append((process_time() - begin) / (count // 10) * 1e6)
    return times


def _balance(gate: Gate, _number: int) -> None:
    given = json.dumps({"id": 52, "secure": "05ea83436373cae23787455c5fd1de87"})
    gate.answer(Request("GET", "/api/command/balance.php", urlencode({"json": given}), {"host": "127.0.0.1"}))


def _create(gate: Gate, number: int) -> None:
    key = SERVICES[0].credentials(gate.tenants.default.world)["keywebsite"]
    form = {"keywebsite": key, "email": f"anna{number}@example.com"}
    headers = {"host": "127.0.0.1", "content-type": "application/x-www-form-urlencoded"}
    gate.answer(Request("POST", "/invitation/create", "", headers, urlencode(form).encode()))
