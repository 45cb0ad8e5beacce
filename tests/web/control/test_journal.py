from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import Tenants
from mockserver.services.service import Reply, Request
from mockserver.web.gate import API, Gate

SECURE = "05ea83436373cae23787455c5fd1de87"


@pytest.fixture
def gate(double: Double) -> Gate:
    return Gate(Tenants(double))


def balance(gate: Gate, **fields: object) -> Reply:
    query = urlencode({"json": json.dumps({"id": 52, "secure": SECURE} | fields)})
    return gate.answer(
        Request("GET", "/api/command/balance.php", query, {"host": "127.0.0.1:8052"}, origin="http://127.0.0.1:8052")
    )


def look(gate: Gate, path: str = "/journal", **query: object) -> Reply:
    headers = {"host": "127.0.0.1:8052"}
    return gate.answer(Request("GET", API + path, urlencode(query), headers, origin="http://127.0.0.1:8052"))


def listed(gate: Gate, **query: object) -> Any:
    reply = look(gate, "/journal", **query)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def problem(reply: Reply) -> tuple[int, str, str]:
    told = json.loads(reply.body)
    assert reply.content_type == "application/problem+json"
    return reply.status, told["type"].rpartition(":")[2], told.get("field", "")


def test_an_entry_tells_what_came_what_was_answered_why_and_how_it_is_known(gate: Gate) -> None:
    balance(gate, secure=SECURE[:-1] + "8")
    answer = listed(gate)
    assert {name: answer[name] for name in ("written", "evicted", "count")} == {"written": 1, "evicted": 0, "count": 1}
    (entry,) = answer["journal"]
    assert entry["notes"] == ["secure differs from account 52's in its last character"]
    assert entry["reply_body"] == "Error: wrong user id or token"
    assert (entry["number"], entry["tenant"], entry["refusal"], entry["grade"]) == (1, "main", "wrong user", "assumed")
    assert entry["claims"] == ["SMS-G2", "SMS-G3", "SMS-G4", "SMS-G5"]
    assert entry["at"] == "2026-03-02T09:00:00Z"
    assert entry["real_at"].endswith("Z")
    assert json.loads(look(gate, "/journal/1").body) == entry


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"limit": 2}, [2, 3]),
        ({"after": 1}, [2, 3]),
        ({"before": 2}, [1]),
        ({"service": "securating"}, [3]),
        ({"operation": "balance"}, [1, 2]),
        ({"status": 404}, [3]),
        ({"refused": "true"}, [2, 3]),
        ({"refused": "false"}, [1]),
        ({"contains": "no account 53"}, [2]),
        ({"after": 3}, []),
    ],
)
def test_a_list_is_filtered(gate: Gate, query: dict[str, object], expected: list[int]) -> None:
    balance(gate)
    balance(gate, id=53)
    gate.answer(Request("GET", "/invitation/creat", headers={"host": "127.0.0.1:8052"}))
    assert [entry["number"] for entry in listed(gate, **query)["journal"]] == expected


@pytest.mark.parametrize(
    ("path", "query", "told"),
    [
        ("/journal", {"colour": "red"}, (400, "invalid-input", "colour")),
        ("/journal", {"status": "ok"}, (400, "invalid-input", "status")),
        ("/journal", {"after": "-1"}, (400, "invalid-input", "after")),
        ("/journal", {"refused": "yes"}, (400, "invalid-input", "refused")),
        ("/journal", {"secrets": "1"}, (400, "invalid-input", "secrets")),
        ("/journal/2", {}, (404, "not-found", "number")),
        ("/journal/0", {}, (404, "not-found", "number")),
        ("/journal/first", {}, (404, "not-found", "number")),
        ("/journal/1/curl", {"limit": "1"}, (400, "invalid-input", "limit")),
        ("/journal.har", {"limit": "1"}, (400, "invalid-input", "limit")),
    ],
)
def test_what_cannot_be_shown_is_a_problem_that_names_its_field(
    gate: Gate, path: str, query: dict[str, object], told: tuple[int, str, str]
) -> None:
    balance(gate)
    assert problem(look(gate, path, **query)) == told


def test_what_was_evicted_is_gone_and_not_empty(world: World, gate: Gate) -> None:
    world.journal = world.journal.copy(2)
    for _ in range(5):
        balance(gate)
    assert listed(gate)["evicted"] == 3
    assert problem(look(gate, "/journal", after=1)) == (410, "evicted", "")
    assert problem(look(gate, "/journal/3")) == (410, "evicted", "")
    assert problem(look(gate, "/journal/3/curl")) == (410, "evicted", "")
    assert "entries 2 to 3 are no longer held" in look(gate, "/journal", after=1).body.decode()


@pytest.mark.parametrize("how", [{}, {"before": 6}, {"wait": 0.01}])
def test_that_nothing_fits_is_not_said_where_what_was_evicted_may_have(
    world: World, gate: Gate, how: dict[str, object]
) -> None:
    world.journal = world.journal.copy(2)
    balance(gate, id=53)
    for _ in range(4):
        balance(gate)
    reply = look(gate, "/journal", contains="no account 53", **how)
    assert problem(reply) == (410, "evicted", "")
    assert "none of the newest 2 entries fits" in reply.body.decode()
    assert listed(gate, contains="no account 53", after=3)["journal"] == []
    assert listed(gate, contains="no account 53", before=1)["journal"] == []
    assert listed(gate, operation="balance")["count"] == 2


def test_secrets_are_shortened_unless_they_are_asked_for(gate: Gate) -> None:
    balance(gate)
    for path in ("/journal", "/journal/1", "/journal/1/curl", "/journal.har"):
        assert SECURE not in look(gate, path).body.decode(), path
        assert "05ea83" in look(gate, path).body.decode(), path
        assert SECURE in look(gate, path, secrets="true").body.decode(), path


def test_a_call_is_shown_as_a_command_line(gate: Gate) -> None:
    balance(gate)
    reply = look(gate, "/journal/1/curl", secrets="true")
    assert reply.content_type.startswith("text/plain")
    assert reply.body.decode().startswith("curl -g 'http://127.0.0.1:8052/api/command/balance.php?json=%7B%22id%22")
    assert look(gate, "/journal/1/curl").body.startswith(b"# Its secrets are shortened; secrets=true has them whole.\n")


def test_an_event_is_no_call_to_make_again(world: World, gate: Gate) -> None:
    world.journal.note(world.clock.now, "smsvote", "an SMS that nobody waited for")
    assert problem(look(gate, "/journal/1/curl")) == (404, "not-found", "number")
    assert listed(gate)["journal"][0]["what"] == "an SMS that nobody waited for"


def test_a_call_that_no_command_line_can_hold_is_a_problem(gate: Gate) -> None:
    gate.answer(Request("POST", "/invitation/create", headers={"host": "127.0.0.1:8052"}, body=b"\xff"))
    assert problem(look(gate, "/journal/1/curl")) == (400, "invalid-input", "number")


def test_the_archive_holds_every_call(gate: Gate) -> None:
    balance(gate)
    balance(gate, id=53)
    archive = json.loads(look(gate, "/journal.har").body)
    assert [entry["_number"] for entry in archive["log"]["entries"]] == [1, 2]
    assert archive["log"]["entries"][1]["comment"].startswith("id: no account 53")


def test_a_list_waits_for_the_entry_that_is_to_come(gate: Gate) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        waiting = elsewhere.submit(listed, gate, refused="true", wait=20)
        balance(gate)
        balance(gate, id=53)
        assert [entry["number"] for entry in waiting.result(timeout=20)["journal"]] == [2]
    assert listed(gate, after=2, wait=0.01)["journal"] == []
