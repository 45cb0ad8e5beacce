"""What a failing test shows, and what a test is not to pass over in silence."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from mockserver.runtime.double import Double
from mockserver.runtime.report import tell
from mockserver.runtime.strictness import UNJUDGED_CALLS, Baseline, Problem, find_problems
from mockserver.runtime.tenants import Tenants
from mockserver.services.service import Request
from mockserver.web.gate import Gate

SECURE = "05ea83436373cae23787455c5fd1de87"


def balance(double: Double, secure: str = SECURE) -> None:
    query = urlencode({"json": json.dumps({"id": 52, "secure": secure})})
    Gate(Tenants(double)).answer(Request("GET", "/api/command/balance.php", query, {"host": "localhost"}))


def test_a_report_tells_each_call_with_what_its_answer_rests_on_and_why(double: Double) -> None:
    balance(double, SECURE[:-1] + "8")
    lines = tell(double).splitlines()
    assert lines[0] == "journal (1 written, the last 1):"
    assert lines[1].startswith("  2026-03-02 09:00:00 GET /api/command/balance.php?json=")
    assert lines[2] == "    200 [assumed: SMS-G2 SMS-G3 SMS-G4 SMS-G5] Error: wrong user id or token"
    assert lines[3] == "    because secure differs from account 52's in its last character"
    assert SECURE[:-1] not in "\n".join(lines)


def test_a_report_says_what_it_can_no_longer_tell(double: Double) -> None:
    double.world.journal = double.world.journal.copy(2)
    for _ in range(5):
        balance(double)
    assert tell(double).splitlines()[0] == "journal (5 written, the last 2; those up to 3 are no longer held):"


def test_calls_that_were_evicted_before_they_were_judged_are_a_problem(double: Double) -> None:
    double.world.journal = double.world.journal.copy(2)
    balance(double)
    since = Baseline.of(double)
    for _ in range(2):
        balance(double)
    assert find_problems(double, since) == []  # what is gone is older than the test
    balance(double)
    what = "no longer held of this test's first entries: 1; nobody knows whether they were in order"
    assert find_problems(double, since) == [Problem(UNJUDGED_CALLS, what)]
