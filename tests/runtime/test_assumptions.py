"""Answers that rest on an assumption are found, and those that do not are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from mockserver.core.errors import InvalidInput
from mockserver.core.world import World
from mockserver.runtime.assumptions import find_assumed, reliances
from mockserver.runtime.claims import ledger
from mockserver.runtime.double import Double
from mockserver.runtime.fault_controls import FaultControls
from mockserver.runtime.openings import open_world
from mockserver.runtime.snapshot_file import read_snapshot, write_snapshot
from mockserver.runtime.strictness import ASSUMED, Baseline
from mockserver.runtime.tenants import Tenants
from mockserver.services import SERVICES
from mockserver.services.service import Request
from mockserver.services.settings import Settings
from mockserver.web.gate import Gate

PINNED = ("success_status=200", "success_body=OK", "success_content_type=text/plain; charset=utf-8")
MESSAGE = {"phone": 71234567890, "order": "12345", "text": "?", "text_final": "!"}
FORM = {"host": "localhost", "content-type": "application/x-www-form-urlencoded"}


def command(double: Double, name: str, method: str = "GET", **fields: object) -> None:
    text = urlencode({"json": json.dumps({"id": 52, "secure": "05ea83436373cae23787455c5fd1de87", **fields})})
    query, body = (text, b"") if method == "GET" else ("", text.encode())
    Gate(Tenants(double)).answer(Request(method, f"/api/command/{name}.php", query, FORM, body))


def send(double: Double, method: str = "GET", transport: str = "sms", **more: object) -> None:
    command(double, "send_message", method, transport=transport, message=[MESSAGE | more])


def create(double: Double, method: str = "POST", **fields: str) -> None:
    key = SERVICES[0].credentials(double.world)["keywebsite"]
    body = urlencode({"keywebsite": key, "email": "anna@example.com", **fields}).encode()
    Gate(Tenants(double)).answer(Request(method, "/invitation/create", "", FORM, body))


def open_settings(double: Double) -> dict[str, set[str]]:
    """Return the settings without their values, by the claim of which they are open."""
    return {
        reliance.claim.id: {setting.partition("=")[0].partition(".")[2] for setting in reliance.open_settings}
        for reliance in reliances(double.world, double.world.journal.exchanges())
    }


def test_a_problem_names_the_call_the_claim_what_it_assumes_and_the_settings(double: Double) -> None:
    send(double)
    send(double)
    (problem,) = find_assumed(double)
    assert problem.kind == ASSUMED
    assert problem.what.startswith("GET /api/command/send_message.php and 1 more: the answer rests on SMS-M8, which is")
    assert "(Success answers 200 OK, text/plain." in problem.what
    assert "'smsvote.success_body=OK'" in problem.what


def test_what_is_older_than_the_test_is_not_judged(double: Double) -> None:
    send(double)
    assert find_assumed(double, Baseline.of(double)) == []


def test_settings_that_were_set_be_it_to_the_default_count_as_known(world_with: Callable[..., World]) -> None:
    double = Double(world_with(*(f"smsvote.{pinned}" for pinned in PINNED)))
    send(double)
    assert find_assumed(double) == []
    again = Double(read_snapshot(write_snapshot(double.world)))
    assert find_assumed(again) == []
    assert double.world.copy().states[SERVICES[1].state] is not None


def test_settings_count_however_they_were_set() -> None:
    marks = {"smsvote": dict(pinned.split("=", 1) for pinned in PINNED)}
    for adjustments, overrides in ((marks, ()), ({}, tuple(f"smsvote.{pinned}" for pinned in PINNED))):
        world, _ = open_world("demo", "seed", adjustments, overrides)
        assert SERVICES[1].pinned(world) == set(marks["smsvote"])
    assert SERVICES[1].pinned(open_world("demo", "seed", {})[0]) == set()


def test_a_setting_that_was_refused_is_not_pinned(world: World) -> None:
    for service, wanted in zip(SERVICES, ({"link_status": 99}, {"success_status": 99}), strict=True):
        with pytest.raises(InvalidInput):
            service.adjust(world, wanted, service.name)
        assert service.pinned(world) == set()


@pytest.mark.parametrize(
    ("sent", "rests_on"),
    [
        ({}, {}),
        ({"method": "POST"}, {"SMS-G1": {"accepts_post"}}),
        ({"text_final": ""}, {"SMS-M2": {"text_final_required"}}),
        ({"phone": "71234567890"}, {"SMS-M2": {"phone_digits"}}),
        ({"phone": 712345678901}, {"SMS-M2": {"phone_digits"}}),
        ({"order": 12345}, {"SMS-M2": {"numbers_as_texts"}}),
    ],
)
def test_of_what_is_documented_in_part_the_other_part_counts(
    double: Double, sent: dict[str, str], rests_on: dict[str, set[str]]
) -> None:
    send(double, **sent)
    assert {claim: names for claim, names in open_settings(double).items() if claim != "SMS-M8"} == rests_on


def test_each_report_rests_on_the_settings_of_its_own_format(double: Double) -> None:
    period = {"date_from": "2020-01-01 00:00:00", "date_to": "2030-01-01 00:00:00"}
    command(double, "feedback_report", format="json", **period)
    assert open_settings(double)["SMS-F6"] == {"report_fields", "json_content_type"}
    double.reset()
    command(double, "feedback_report", format="csv", **period)
    csv = {"csv_content_type", "csv_separator", "csv_encoding", "csv_header", "csv_line_end"}
    assert open_settings(double)["SMS-F6"] == {"report_fields", *csv}


def test_refusals_rest_on_how_they_are_worded(double: Double) -> None:
    create(double, days="soon")
    assert open_settings(double)["SEC-C24"] == {
        "refusal_statuses",
        "refusal_content_type",
        "refusal_body",
        "unknown_parameters_are_accepted",
    }
    create(double, first_name="A" * 300)
    assert {"longest_line", "longest_text", "longest_url"} <= open_settings(double)["SEC-C24"]
    create(double, days="100000")
    assert "most_days" in open_settings(double)["SEC-C24"]
    double.reset()
    create(double, method="GET")
    assert open_settings(double) == {"SEC-C25": {"wrong_method_status"}}


def test_a_failure_that_was_planned_rests_on_no_claim(double: Double) -> None:
    for name in ("status", "html", "reset"):
        FaultControls(double, "smsvote").arm(name)
        send(double)
    assert [exchange.claims for exchange in double.world.journal.exchanges()] == [(), (), ()]
    assert find_assumed(double) == []


def test_what_is_documented_or_observed_rests_on_nothing_assumed(double: Double) -> None:
    Gate(Tenants(double)).answer(Request("GET", "/resource/build.js", headers={"host": "localhost"}))
    assert double.world.journal.written == 1
    assert find_assumed(double) == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_whatever_bears_on_answers_is_a_setting_of_an_assumed_claim(service: object) -> None:
    settings: Settings = service.settings()  # type: ignore[attr-defined]
    assumed = {setting.name for claim in ledger() if "A" in claim.grade for setting in claim.settings}
    for name in service.bearings():  # type: ignore[attr-defined]
        assert hasattr(settings, name)
        assert f"{service.name}.{name}" in assumed  # type: ignore[attr-defined]
