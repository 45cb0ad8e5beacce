from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Condition, Event, Lock
from urllib.parse import quote

import pytest
from freezegun import freeze_time

from mockserver.runtime.double import Double
from mockserver.web.server import Server
from tests.web.control.conftest import SECONDS, START, Caller, Tenant


class Watched(Condition):
    """Tells when somebody has fallen asleep on it, and counts how often."""

    def __init__(self, lock: Lock | None = None) -> None:
        super().__init__(lock)
        self.asleep = Event()
        self.naps = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.naps += 1
        self.asleep.set()
        return super().wait(timeout)


def watched(double: Double) -> Watched:
    """Have those who wait for news of a double do so under our eyes."""
    condition = double.changes._condition = Watched()
    return condition


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as pool:
        yield pool


def invite(tenant: Tenant) -> None:
    tenant.invite(days="0", webhook="http://shop.example/hook")


def advance_six_days(tenant: Tenant) -> None:
    tenant.post("/clock/advance", {"days": 6})


NEWS: list[tuple[str, Callable[[Tenant], object], str]] = [
    ("/outbox?wait=9", invite, "outbox"),
    ("/outbox?wait=9&to=anna@example.com&kind=invitation", invite, "outbox"),
    ("/outbox?wait=9&after=0", advance_six_days, "outbox"),
    ("/webhooks?wait=9&step=invitation-created", invite, "webhooks"),
    ("/webhooks?wait=9&status=captured,%20not%20sent", invite, "webhooks"),
    ("/journal?wait=9&operation=balance", lambda tenant: tenant.balance(), "journal"),
    ("/journal?wait=9&after=1", lambda tenant: tenant.balance(), "journal"),
]


@pytest.mark.parametrize(("target", "act", "name"), NEWS, ids=[target for target, _, _ in NEWS])
def test_a_call_that_waits_is_answered_as_soon_as_something_fits(
    server: Server, tenant: Tenant, pool: ThreadPoolExecutor, target: str, act: Callable[[Tenant], object], name: str
) -> None:
    tenant.invite(email="bea@example.com")
    condition = watched(server.gate.tenants.named(tenant.id))
    called = pool.submit(tenant.get, target)
    assert condition.asleep.wait(SECONDS)
    assert not called.done()
    act(tenant)
    assert called.result(SECONDS)[name]
    assert condition.naps < 20, "looking must not wake whoever looks"


def test_what_fits_already_is_not_waited_for(tenant: Tenant) -> None:
    tenant.invite(days="0")
    assert tenant.get("/outbox?wait=60")["count"] == 1
    assert tenant.get("/journal?wait=60")["count"] == 1


def test_news_that_do_not_fit_let_a_call_go_on_waiting(
    server: Server, tenant: Tenant, pool: ThreadPoolExecutor
) -> None:
    condition = watched(server.gate.tenants.named(tenant.id))
    called = pool.submit(tenant.get, "/outbox?wait=9&to=bea@example.com")
    assert condition.asleep.wait(SECONDS)
    condition.asleep.clear()
    tenant.invite(days="0")
    assert condition.asleep.wait(SECONDS)
    tenant.invite(days="0", email="bea@example.com")
    assert [row["recipient"] for row in called.result(SECONDS)["outbox"]] == ["bea@example.com"]


@pytest.mark.parametrize("target", ["/outbox?wait=0.05", "/webhooks?wait=0.05", "/journal?wait=0.05&limit=5"])
def test_nothing_is_answered_once_the_time_is_up(tenant: Tenant, target: str) -> None:
    told = tenant.get(target)
    assert (told[target.split("?", maxsplit=1)[0].strip("/")], told["count"]) == ([], 0)


def test_the_time_is_up_under_a_frozen_clock_too(tenant: Tenant) -> None:
    with freeze_time("2020-01-01"):
        assert tenant.get("/outbox?wait=0.05")["count"] == 0


@pytest.mark.parametrize("wait", ["-1", "61", "nan", "inf", "x", "", "1e9", "５"])
@pytest.mark.parametrize("row", ["/outbox", "/webhooks", "/journal", "/clock/advance", "/changes"])
def test_a_wait_that_is_none_is_refused(tenant: Tenant, row: str, wait: str) -> None:
    answer = tenant.ask("GET", f"{row}?wait={quote(wait)}")
    assert (answer.status, answer.body["field"]) == (400, "wait")


def test_many_who_wait_all_hear_the_news(server: Server, tenant: Tenant, pool: ThreadPoolExecutor) -> None:
    condition = watched(server.gate.tenants.named(tenant.id))
    called = [pool.submit(tenant.get, "/outbox?wait=9") for _ in range(20)]
    assert condition.asleep.wait(SECONDS)
    tenant.invite(days="0")
    assert [each.result(SECONDS)["count"] for each in called] == [1] * 20


def test_news_of_another_tenant_wake_nobody(
    server: Server, tenant: Tenant, main: Caller, pool: ThreadPoolExecutor
) -> None:
    condition = watched(server.gate.tenants.named(tenant.id))
    called = pool.submit(tenant.get, "/outbox?wait=9")
    assert condition.asleep.wait(SECONDS)
    main.post("/securating/invitations", {"email": "anna@example.com", "days": 0, "force_invitation": "1"})
    assert condition.naps == 1
    tenant.invite(days="0")
    assert called.result(SECONDS)["count"] == 1


def test_whoever_waits_for_a_tenant_that_is_dropped_waits_no_longer(
    server: Server, tenant: Tenant, main: Caller, pool: ThreadPoolExecutor
) -> None:
    condition = watched(server.gate.tenants.named(tenant.id))
    called = pool.submit(tenant.get, "/outbox?wait=60")
    assert condition.asleep.wait(SECONDS)
    assert main.ask("DELETE", f"/tenants/{tenant.id}").status == 200
    assert called.result(SECONDS) == {"outbox": [], "count": 0}


def test_a_server_that_stops_lets_nobody_wait(pool: ThreadPoolExecutor) -> None:
    server = Server(port=0, speed=0, start=START)
    server.start()
    condition = watched(server.double)
    called = pool.submit(Caller(server).ask, "GET", "/outbox?wait=60")
    assert condition.asleep.wait(SECONDS)
    server.stop()
    assert called.result(SECONDS)[::2] == (200, {"outbox": [], "count": 0})


def test_draining_waits_for_the_webhooks_of_an_answer_that_is_just_leaving(
    server: Server, tenant: Tenant, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    double = server.gate.tenants.named(tenant.id)
    condition = double._answer_left = Watched(double._lock)
    answered, leaves = double.answered, Event()
    monkeypatch.setattr(double, "answered", lambda: (leaves.wait(SECONDS), answered()))
    tenant.invite(webhook="http://shop.example/hook")
    drained = pool.submit(tenant.post, "/webhooks/drain")
    assert condition.asleep.wait(SECONDS)
    assert not drained.done()
    leaves.set()
    assert [call["status"] for call in drained.result(SECONDS)["webhooks"]] == ["captured, not sent"]
