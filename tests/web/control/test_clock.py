from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, current_thread

import pytest

from mockserver.core.agenda import Task
from mockserver.core.world import World
from mockserver.runtime import clock_controls
from mockserver.runtime.advances import Course
from mockserver.runtime.double import Double
from mockserver.web.server import Server
from tests.web.control.conftest import SECONDS, START, Caller, Tenant

SIX_DAYS_LATER = "2026-03-07T10:00:00Z"

MANY = 100_000
"""Tasks of a century."""


@dataclass(frozen=True, slots=True)
class Tick(Task):
    """Something quick."""

    number: int

    def perform(self, world: World) -> None:
        pass


@pytest.fixture
def halted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Double], Event]:
    """Promise a double the tasks of a century, and have an advance halt in the middle, until it is cancelled.

    Returns what tells that it has come there.
    """

    def halt(double: Double) -> Event:
        reached, cancelled = Event(), Event()
        tell, cancel = double.changes.tell, Course.cancel

        def tell_and_halt() -> None:  # an advance tells of each of its batches
            tell()
            latest = double.advances.latest
            if latest and latest.course.count == MANY // 2 and current_thread().name == "mockserver advance":
                reached.set()
                cancelled.wait(SECONDS)

        def cancel_and_go_on(course: Course) -> None:
            cancel(course)
            cancelled.set()

        monkeypatch.setattr(double.changes, "tell", tell_and_halt)
        monkeypatch.setattr(Course, "cancel", cancel_and_go_on)
        with double.held() as world:
            for number in range(1, MANY + 1):
                world.promise(timedelta(hours=8.76 * number), Tick(number))
        return reached

    return halt


@pytest.mark.parametrize(
    "goal",
    [
        {"days": 6},
        {"hours": 144},
        {"weeks": 0.5, "days": 2.5},
        {"weeks": 0, "days": 5, "hours": 23, "minutes": 59, "seconds": 60},
        {"duration": "6d"},
        {"duration": "144h"},
        {"duration": "5d24h"},
        {"duration": "P6D"},
        {"duration": "P5DT24H"},
        {"duration": 518400},
        {"duration": 518400.0},
        {"duration": "518400"},
        {"to": SIX_DAYS_LATER},
        {"to": "2026-03-07 10:00"},
        {"to": "2026-03-07T13:00:00+03:00"},
        {"days": 6, "wait": 60},
        {"until": "next-event"},
    ],
)
def test_where_time_is_to_go_can_be_said_in_many_ways(tenant: Tenant, goal: dict[str, object]) -> None:
    tenant.invite()
    told = tenant.post("/clock/advance", goal)
    assert (told["done"], told["cancelled"], told["from"], told["now"]) == (True, False, START, SIX_DAYS_LATER)
    assert [(fired["due"], fired["task"]["task"]) for fired in told["fired"]] == [(SIX_DAYS_LATER, "SendInvitation")]
    assert tenant.get("/clock") == {"now": SIX_DAYS_LATER, "mode": "frozen", "rate": 0, "next_due": told["next_due"]}
    assert tenant.get("/clock/advance")["count"] == 1


WRONG: list[tuple[object, str]] = [
    ({}, "duration"),
    ({"days": "6"}, "days"),
    ({"days": True}, "days"),
    ({"days": None}, "days"),
    ({"days": -1}, "days"),
    ({"days": 10**9}, "days"),
    ({"days": 10**19}, "body"),
    ({"days": 1, "hours": -100}, "hours"),
    ({"days": 1e308}, "days"),
    ({"days": 200_000, "weeks": 40_000}, "duration"),
    ({"fortnights": 1}, "fortnights"),
    ({"days": 6, "to": SIX_DAYS_LATER}, "to"),
    ({"days": 6, "to": ""}, "to"),
    ({"to": SIX_DAYS_LATER, "duration": "6d"}, "to"),
    ({"until": "idle", "weeks": 1, "days": 6}, "until"),
    ({"duration": "six days"}, "duration"),
    ({"duration": ""}, "duration"),
    ({"duration": "P"}, "duration"),
    ({"duration": -1}, "duration"),
    ({"duration": [6]}, "duration"),
    ({"duration": None}, "duration"),
    ({"to": "tomorrow"}, "to"),
    ({"to": ""}, "to"),
    ({"to": 5}, "to"),
    ({"to": "9999-12-31"}, "to"),
    ({"to": "2026-02-30"}, "to"),
    ({"until": "doomsday"}, "until"),
    ({"until": ""}, "until"),
    ({"days": 6, "wait": -1}, "wait"),
    ({"days": 6, "wait": 61}, "wait"),
    ({"days": 6, "wait": "5"}, "wait"),
    ([], "body"),
    ("x", "body"),
    (b"\xff", "body"),
    (b"{", "body"),
    (b"[" * 100_000, "body"),
    (b'{"days": NaN}', "body"),
    (b'{"days": 1e999}', "days"),
]


@pytest.mark.parametrize(("goal", "field"), WRONG, ids=[str(goal)[:40] for goal, _ in WRONG])
def test_a_wrong_goal_is_refused_by_name_and_time_stands(tenant: Tenant, goal: object, field: str) -> None:
    tenant.invite(days="0")
    answer = tenant.ask("POST", "/clock/advance", goal)
    assert (answer.status, answer.body["type"]) == (400, "urn:mockserver:invalid-input")
    assert answer.body["field"] == field
    assert "expected" in answer.body["detail"] or "there are" in answer.body["detail"]
    assert tenant.get("/clock")["now"] == START
    assert tenant.ask("GET", "/clock/advance").status == 404


def test_going_back_in_time_is_refused(tenant: Tenant) -> None:
    answer = tenant.ask("POST", "/clock/advance", {"to": "2026-03-01T09:59:59Z"})
    assert (answer.status, answer.body["type"]) == (409, "urn:mockserver:backwards-in-time")
    assert tenant.get("/clock")["now"] == START


def test_time_goes_on_until_nothing_is_left_to_happen(tenant: Tenant) -> None:
    tenant.invite()
    told = tenant.post("/clock/advance", {"until": "idle"})
    assert (told["count"], told["now"], told["next_due"], told["to"]) == (4, "2026-03-25T10:00:00Z", None, None)
    assert tenant.post("/clock/advance", {"until": "idle"})["count"] == 0
    assert tenant.post("/clock/advance", {"until": "next-event"})["now"] == "2026-03-25T10:00:00Z"


def test_going_on_for_ever_is_stopped_and_progress_says_by_what(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.invite()
    monkeypatch.setattr(clock_controls, "MOST_UNTIL_IDLE", 3)
    answer = tenant.ask("POST", "/clock/advance", {"until": "idle"})
    assert (answer.status, answer.body["type"]) == (409, "urn:mockserver:endless-cascade")
    told = tenant.get("/clock/advance")
    assert (told["done"], told["count"], told["problem"]) == (True, 4, answer.body)
    assert told["error"] == answer.body["detail"]


def test_the_agenda_shows_what_comes_first(tenant: Tenant) -> None:
    tenant.invite()
    agenda = tenant.get("/agenda?limit=2")
    assert [row["task"]["task"] for row in agenda["agenda"]] == ["SendInvitation", "SendRecall"]
    assert (agenda["count"], agenda["next_due"], agenda["now"]) == (4, SIX_DAYS_LATER, START)
    assert [(row["who"], row["what"]) for row in agenda["agenda"]] == [
        ("anna@example.com", "invitation mail"),
        ("anna@example.com", "recall 1"),
    ]


def test_an_advance_says_whom_what_fired_concerned_as_long_as_that_is_known(tenant: Tenant) -> None:
    tenant.invite()
    (mailed,) = tenant.post("/clock/advance", {"days": 6})["fired"]
    assert (mailed["who"], mailed["what"]) == ("anna@example.com", "invitation mail")
    tenant.post("/reset")
    (mailed,) = tenant.get("/clock/advance")["fired"]
    assert (mailed["who"], mailed["what"]) == ("", "SendInvitation")


def test_a_long_advance_is_watched_cancelled_and_gone_on_with(
    server: Server, tenant: Tenant, halted: Callable[[Double], Event]
) -> None:
    reached = halted(server.gate.tenants.named(tenant.id))
    begun = tenant.ask("POST", "/clock/advance", {"days": 36_525, "wait": 0})
    assert (begun.status, begun.body["done"], begun.body["fired"]) == (202, False, [])
    assert (begun.body["from"], begun.body["to"]) == (START, "2126-03-02T10:00:00Z")

    assert reached.wait(SECONDS)
    progress = tenant.get("/clock/advance")
    assert (progress["done"], progress["cancelled"], progress["count"]) == (False, False, MANY // 2)
    assert begun.body["count"] < progress["count"]
    assert tenant.get("/clock")["now"] == progress["now"]
    for row, body in (("/clock/advance", {"days": 1}), ("/clock/advance", {"until": "idle"}), ("/reset", {})):
        busy = tenant.ask("POST", row, body)
        assert (busy.status, busy.body["type"]) == (409, "urn:mockserver:clock-busy")

    ended = tenant.ask("DELETE", "/clock/advance").body
    assert (ended["done"], ended["cancelled"], ended["count"]) == (True, True, MANY // 2)
    assert (ended["now"], len(ended["fired"])) == (progress["now"], 1000)
    assert tenant.ask("DELETE", "/clock/advance").body == ended
    shown = tenant.get("/agenda?limit=1")
    assert (shown["now"], shown["count"]) == (ended["now"], MANY // 2)

    rest = tenant.post("/clock/advance", {"to": begun.body["to"]})
    assert (rest["count"], rest["cancelled"], rest["now"]) == (MANY // 2, False, begun.body["to"])
    assert tenant.get("/agenda")["count"] == 0


def test_everything_that_happens_at_one_instant_has_fired_although_webhooks_leave_in_between(tenant: Tenant) -> None:
    for number in range(3):
        tenant.invite(email=f"{number}@example.com", recall_count="0", webhook="https://shop.example/reviews")
    moved = tenant.post("/clock/advance", {"days": 6})
    assert [row["task"]["task"] for row in moved["fired"]] == ["SendInvitation"] * 3
    assert (moved["count"], tenant.get("/webhooks")["count"]) == (3, 6)


def test_what_has_come_to_its_end_cannot_be_cancelled(tenant: Tenant) -> None:
    assert tenant.ask("DELETE", "/clock/advance").status == 404
    tenant.post("/clock/advance", {"days": 1})
    assert tenant.ask("DELETE", "/clock/advance").body["cancelled"] is False


def test_a_server_that_stops_ends_an_advance_and_leaves_no_thread(halted: Callable[[Double], Event]) -> None:
    before = set(threading.enumerate())
    server = Server(port=0, speed=0, start=START)
    server.start()
    reached = halted(server.double)
    with ThreadPoolExecutor(1) as pool:
        called = pool.submit(Caller(server).ask, "POST", "/clock/advance", {"days": 36_525})
        assert reached.wait(SECONDS)
        server.stop()
        assert called.result(SECONDS).body["count"] == MANY // 2
    assert set(threading.enumerate()) <= before


def test_a_watched_advance_is_waited_for(tenant: Tenant) -> None:
    tenant.post("/clock/advance", {"days": 1})
    told = tenant.get("/clock/advance?wait=5")
    assert (told["done"], told["to"]) == (True, "2026-03-02T10:00:00Z")


def test_ready_says_where_and_as_whom(server: Server, main: Caller, tenant: Tenant) -> None:
    ready = main.get("/ready")
    assert (ready["ready"], ready["id"], ready["url"]) == (True, "main", server.url)
    assert ready["smsvote"]["id"] == 52
    own = tenant.get("/ready")
    assert (own["id"], own["securating"]["keywebsite"], own["smsvote"]) == (tenant.id, tenant.key, tenant.account)
