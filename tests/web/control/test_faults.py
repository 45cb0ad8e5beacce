from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.runtime.double import Double
from mockserver.runtime.fault_catalogue import CATALOGUE
from mockserver.runtime.tenants import Tenants
from mockserver.services.service import Reply, Request
from mockserver.web.gate import API, Gate

BALANCE = urlencode({"json": json.dumps({"id": 52, "secure": "05ea83436373cae23787455c5fd1de87"})})


@pytest.fixture
def gate(double: Double) -> Gate:
    return Gate(Tenants(double))


def ask(gate: Gate, method: str, path: str, body: object = None, query: str = "") -> tuple[int, Any]:
    sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    reply = gate.answer(Request(method, API + path, query, {"host": "127.0.0.1"}, sent))
    return reply.status, json.loads(reply.body)


def balance(gate: Gate) -> Reply:
    return gate.answer(Request("GET", "/api/command/balance.php", BALANCE, {"host": "127.0.0.1"}))


def test_a_fault_is_armed_listed_and_happens(gate: Gate) -> None:
    status, armed = ask(gate, "POST", "/faults", {"name": "wrong user", "operation": "balance", "times": 2})
    assert (status, armed["number"], armed["service"], armed["used"]) == (201, 1, "smsvote", 0)
    assert balance(gate).body == b"Error: wrong user id or token"
    status, listed = ask(gate, "GET", "/faults")
    assert status == 200
    assert listed == {"faults": [armed | {"seen": 1, "used": 1}], "count": 1}


def test_a_list_holds_the_newest_that_are_wanted(gate: Gate) -> None:
    armed = [ask(gate, "POST", "/faults", {"name": name})[1] for name in ("reset", "empty", "lost")]
    assert ask(gate, "GET", "/faults", query="limit=2")[1] == {"faults": armed[1:], "count": 3}


def test_faults_are_taken_back_one_by_one_and_all_at_once(gate: Gate) -> None:
    for name in ("reset", "empty", "lost"):
        ask(gate, "POST", "/faults", {"name": name})
    status, taken = ask(gate, "DELETE", "/faults/2")
    assert (status, taken["name"]) == (200, "empty")
    assert [fault["name"] for fault in ask(gate, "GET", "/faults")[1]["faults"]] == ["reset", "lost"]
    assert ask(gate, "DELETE", "/faults") == (200, {"faults": [], "count": 0})
    assert balance(gate).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", "/faults", {}, 400, "name"),
        ("POST", "/faults", {"name": 7}, 400, "name"),
        ("POST", "/faults", {"name": "rest"}, 400, "name"),
        ("POST", "/faults", {"name": "reset", "tiems": 1}, 400, "tiems"),
        ("POST", "/faults", {"name": "reset", "self": 1}, 400, "self"),
        ("POST", "/faults", {"name": "reset", "times": None}, 400, "times"),
        ("POST", "/faults", {"name": "reset", "phone": ["7"]}, 400, "phone"),
        ("POST", "/faults", {"name": "slow", "seconds": 10**18}, 400, "seconds"),
        ("POST", "/faults", b'{"name": "slow", "seconds": 1e999}', 400, "seconds"),
        ("POST", "/faults", b'{"name": "slow", "seconds": NaN}', 400, "body"),
        ("POST", "/faults", b"[]", 400, "body"),
        ("POST", "/faults", b"\xff", 400, "body"),
        ("DELETE", "/faults", {"all": True}, 400, "all"),
        ("DELETE", "/faults/9", None, 404, "number"),
        ("DELETE", "/faults/one", None, 404, "number"),
    ],
)
def test_a_wrong_call_names_the_field_and_changes_nothing(  # noqa: PLR0917 - a table
    gate: Gate, double: Double, method: str, path: str, body: object, status: int, field: str
) -> None:
    ask(gate, "POST", "/faults", {"name": "lost"})
    before = double.world.faults.copy()
    answered, problem = ask(gate, method, path, body)
    assert (answered, problem["status"], problem["field"]) == (status, status, field)
    assert double.world.faults == before


def test_the_catalogue_lists_every_fault_with_its_magic_inputs(gate: Gate) -> None:
    status, catalogue = ask(gate, "GET", "/faults/catalogue")
    assert (status, catalogue["count"]) == (200, len(CATALOGUE))
    rows = {row["name"]: row for row in catalogue["catalogue"]}
    assert [*rows] == [*CATALOGUE]
    assert rows["not enough balance"] == {
        "name": "not enough balance",
        "meaning": "sms-vote refuses: the balance does not pay for the messages",
        "service": "smsvote",
        "has_effect": False,
        "parameters": {},
        "magic": {"phone": "70000000003"},
    }
    assert rows["slow"]["parameters"] == {"seconds": 30.0, "real": False}
    assert rows["lost"]["magic"] == {"email": "lost@fault.test", "phone": "70000002008"}
