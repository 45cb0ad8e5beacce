from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from mockserver.core import world as worlds
from mockserver.core.agenda import Task
from mockserver.core.world import World
from mockserver.runtime import tenants
from mockserver.services.service import Request
from mockserver.web.control import clock
from mockserver.web.control.problems import TITLES
from mockserver.web.server import Server
from tests.web.control.conftest import START, Answer, Caller

ROWS = ("/clock", "/agenda", "/outbox", "/webhooks", "/journal", "/faults", "/tenants", "/securating/invitations")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that holds but two entries of its journal, and can be reached from elsewhere."""
    server = Server(port=0, host="0.0.0.0", speed=0, start=START, journal=2)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def main(server: Server) -> Caller:
    """The server's own tenant, as at the beginning, with an invitation that was reviewed already."""
    main = Caller(server, token=server.gate.token)
    main.post("/reset")
    main.post("/securating/invitations", {"email": "anna@example.com", "days": 0})
    main.post("/securating/review", {"email": "anna@example.com", "rating": 5})
    for _ in range(3):
        main.call("GET", "/nowhere", None, {})
    return main


@dataclass(frozen=True, slots=True)
class Again(Task):
    """Something that promises itself for the same instant."""

    def perform(self, world: World) -> None:
        world.promise(timedelta(0), Again())


Provoke = Callable[[Caller, pytest.MonkeyPatch], Answer]


def wrong_field(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    return main.ask("POST", "/clock/advance", {"fortnights": 1})


def refused(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    return main.ask("POST", "/securating/review", {"email": "anna@example.com", "rating": 4})


def unauthorized(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    return Caller(main.server, token="guessed").ask("POST", "/clock/advance", {"days": 1})


def foreign(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    return main.ask("POST", "/clock/advance", {"days": 1}, Origin="http://evil.example")


def not_found(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    return main.ask("GET", "/outbox/17")


def wrong_method(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    return main.ask("PUT", "/clock/advance", {"days": 1})


def busy(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    advancing = main.server.double._advancing
    with advancing:
        return main.ask("POST", "/clock/advance", {"days": 1})


def backwards(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    return main.ask("POST", "/clock/advance", {"to": "2020-01-01"})


def endless(main: Caller, patch: pytest.MonkeyPatch) -> Answer:
    patch.setattr(worlds, "LONGEST_CASCADE", 10)
    double = main.server.double
    with double.held() as world:
        before = world.copy()
        world.promise(timedelta(days=1), Again())
    answer = main.ask("POST", "/clock/advance", {"days": 2})
    double.restore(before)
    return answer


def evicted(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    return main.ask("GET", "/journal?after=0")


def too_large(main: Caller, _patch: pytest.MonkeyPatch) -> Answer:
    return main.ask("POST", "/clock/advance", b" " * (main.server.gate.max_body + 1))


def too_many(main: Caller, patch: pytest.MonkeyPatch) -> Answer:
    patch.setattr(tenants, "MOST_TENANTS", 0)
    return main.ask("POST", "/tenants", {})


def crashed(main: Caller, patch: pytest.MonkeyPatch) -> Answer:
    def crash(*_: object) -> None:
        raise RuntimeError("a bug")

    with pytest.MonkeyPatch.context() as context:
        context.setattr(clock, "_goal", crash)
        return main.ask("POST", "/clock/advance", {"days": 1})


PROBLEMS: dict[str, tuple[Provoke, int, str]] = {
    "invalid-input": (wrong_field, 400, "fortnights"),
    "refused": (refused, 400, "securating_token"),
    "unauthorized": (unauthorized, 401, ""),
    "foreign-origin": (foreign, 403, ""),
    "not-found": (not_found, 404, "number"),
    "wrong-method": (wrong_method, 405, ""),
    "clock-busy": (busy, 409, ""),
    "backwards-in-time": (backwards, 409, ""),
    "endless-cascade": (endless, 409, ""),
    "evicted": (evicted, 410, ""),
    "too-large": (too_large, 413, ""),
    "too-many": (too_many, 429, ""),
    "internal": (crashed, 500, ""),
}


def test_every_type_is_provoked_here() -> None:
    assert list(PROBLEMS) == list(TITLES)


@pytest.mark.parametrize("kind", PROBLEMS)
def test_a_problem_says_what_it_is_and_changes_nothing(
    main: Caller, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    provoke, status, field = PROBLEMS[kind]
    before = seen(main)
    answer = provoke(main, monkeypatch)
    assert (answer.status, answer.kind) == (status, "application/problem+json")
    assert answer.body["type"] == f"urn:mockserver:{kind}"
    assert (answer.body["status"], answer.body["title"]) == (status, TITLES[kind][1])
    assert answer.body["detail"]
    assert answer.body.get("field", "") == field
    assert ("code" in answer.body) is (kind in {"refused", "invalid-input"})
    assert seen(main) == before


def seen(main: Caller) -> list[Any]:
    """Return everything that there is to see, without how long ago a tenant was used."""
    told = [main.get(row) for row in ROWS]
    for row in told[ROWS.index("/tenants")]["tenants"]:
        del row["idle_seconds"]
    return told


INVALID: list[tuple[str, object, str, str]] = [
    ("/clock/advance", {"fortnights": 1}, "fortnights", "bad request"),
    ("/clock/advance", {"days": 1, "to": START}, "to", "bad request"),
    ("/clock/advance", {"days": -1}, "days", "invalid input"),
    ("/clock/advance", {"duration": "6x"}, "duration", "invalid input"),
    ("/faults", {}, "name", "bad request"),
    ("/faults", {"name": "slo"}, "name", "invalid input"),
    ("/snapshots", {"snapshot": {}}, "snapshot.format", "invalid input"),
    ("/tenants", {"start": "yesterday"}, "start", "invalid input"),
    ("/tenants", {"smsvote": {"balance": "much"}}, "smsvote.balance", "bad request"),
    ("/securating/invitations", {"email": "anna"}, "email", "bad parameter"),
]


@pytest.mark.parametrize(("row", "body", "field", "code"), INVALID, ids=[f"{row[0]} {row[1]}" for row in INVALID])
def test_everything_that_is_wrong_in_a_call_has_a_code(
    main: Caller, row: str, body: object, field: str, code: str
) -> None:
    before = seen(main)
    answer = main.ask("POST", row, body)
    assert (answer.status, answer.body["type"]) == (400, "urn:mockserver:invalid-input")
    assert (answer.body["field"], answer.body["code"]) == (field, code)
    assert seen(main) == before


def test_a_member_that_stands_twice_is_refused(main: Caller) -> None:
    before = seen(main)
    for twice, field in (
        (b'{"days": 1, "days": 2}', "days"),
        (b'{"days": 1, "to": {"a": 1, "b": {}, "a": 1}}', "a"),
    ):
        answer = main.ask("POST", "/clock/advance", twice)
        assert (answer.status, answer.body["field"]) == (400, field)
        assert answer.body["detail"] == "stands more than once in one object"
    assert seen(main) == before


def test_a_method_that_is_not_answered_names_those_that_are(server: Server) -> None:
    request = Request("PUT", "/_mock/v1/clock/advance", headers={"host": "localhost"})
    assert dict(server.gate.answer(request).headers)["Allow"] == "DELETE or GET or POST"


@pytest.mark.parametrize("target", ["/nothing", "/clock/", "//clock", "/outbox/1/2", "/tenants/../clock"])
def test_a_row_that_is_not_there_is_not_found(main: Caller, target: str) -> None:
    answer = main.ask("GET", target)
    assert answer.status == 404 or (target == "/clock/" and answer.status == 200)


def test_every_kind_of_text_in_a_detail_is_still_json(main: Caller) -> None:
    answer = main.ask("POST", "/tenants", {"world": "\\\"'<b>\u2028Ж"})
    assert answer.status == 400
    assert "Ж" in answer.body["detail"]
