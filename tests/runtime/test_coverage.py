"""What a suite has met is told once for each outcome, by the test that met it first."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from mockserver.runtime.coverage import Coverage, Meeting, percent_of
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import Tenants
from mockserver.services import SERVICES
from mockserver.services.outcome import Beginning
from mockserver.services.service import Request
from mockserver.web.gate import Gate

ALL = sum(len(service.outcomes()) for service in SERVICES)


@pytest.fixture
def coverage(double: Double) -> Coverage:
    """Two tests have looked, and the script was loaded in the first."""
    beginning = Beginning.of(double.world)
    Gate(Tenants(double)).answer(Request("GET", "/resource/build.js", headers={"host": "localhost"}))
    met = Coverage()
    met.look(double, beginning, Meeting(1, "test_b"))
    met.look(double, beginning, Meeting(2, "test_c"))
    return met


def test_the_first_test_that_met_an_outcome_is_told(coverage: Coverage) -> None:
    assert coverage.met == {("securating", "script loaded"): Meeting(1, "test_b")}
    assert coverage.percent == pytest.approx(100 / ALL)


def test_what_other_processes_have_met_is_taken_in_and_the_earlier_test_counts(coverage: Coverage) -> None:
    other = Coverage()
    other.met = {("securating", "script loaded"): Meeting(0, "test_a"), ("smsvote", "rating"): Meeting(3, "test_d")}
    coverage.take(json.loads(json.dumps(other.shipped())))
    assert coverage.met == other.met
    coverage.take([["securating", "script loaded", 4, "test_e"]])
    assert coverage.met == other.met


def test_the_table_tells_what_was_met_and_what_never(coverage: Coverage) -> None:
    table = list(coverage.table())
    assert table[0] == f"Securating: 1 of {len(SERVICES[0].outcomes())} met"
    assert table[1].split() == ["script", "loaded", "test_b"]
    assert table[2] == "  never met:"
    assert any(line.endswith("A recall leaves while there is no review. [SEC-C15 SEC-C16]") for line in table)
    assert table[-1] == f"1 of {ALL} outcomes met, {100 / ALL:.1f} %"


def test_the_same_is_told_as_json(coverage: Coverage) -> None:
    told = json.loads(coverage.as_json())
    assert (told["met"], told["percent"], len(told["outcomes"])) == (1, round(100 / ALL, 1), ALL)
    assert [row for row in told["outcomes"] if row["met_by"]] == [
        {
            "service": "securating",
            "name": "script loaded",
            "sentence": "The shop's page loads build.js.",
            "claims": ["SEC-O6"],
            "met_by": "test_b",
        }
    ]


def test_a_world_that_was_reset_is_looked_at_from_the_same_beginning(double: Double) -> None:
    beginning = Beginning.of(double.world)
    double.advance_to(double.world.clock.now + timedelta(days=1))
    double.reset()
    met = Coverage()
    met.look(double, beginning, Meeting(0, "test_a"))
    assert met.met == {}


@pytest.mark.parametrize("text", ["", "x", "101", "-1", "nan", "50 %"])
def test_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a percentage from 0 to 100 expected"):
        percent_of(text)
    assert percent_of("62.5") == 62.5


def test_every_outcome_names_claims_of_the_ledger_and_says_a_sentence() -> None:
    from mockserver.runtime.claims import graded

    for service in SERVICES:
        for outcome in service.outcomes():
            assert set(outcome.claims) <= set(graded()), outcome.name
            assert outcome.claims, outcome.name
            assert outcome.sentence.endswith("."), outcome.name
