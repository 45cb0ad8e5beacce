from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.runtime import tenants
from mockserver.runtime.double import Double
from mockserver.runtime.pace import real_now, real_seconds
from mockserver.services.service import Request
from mockserver.web.server import Server
from tests.web.control.conftest import SECONDS, START, Caller, Tenant, open_tenant

FIFTY = 50


def ids_of(main: Caller) -> list[str]:
    return [row["id"] for row in main.get("/tenants")["tenants"]]


def live_a_life(server: Server, number: int, together: Barrier) -> dict[str, Any]:
    """Do, while everybody else does, what only tenant `number` does, and return all that it then sees."""
    together.wait(SECONDS)
    tenant = open_tenant(server, seed=f"life-{number % 2}-{number}", smsvote={"balance": f"{number}.50"})
    together.wait(SECONDS)
    tenant.post("/webhooks/hold")
    tenant.post("/faults", {"name": "status", "status": 400 + number, "nth": 3})
    links = [tenant.invite(email=f"{number}-{each}@example.com", webhook="http://x.example/") for each in range(2)]
    balances = [tenant.balance() for _ in range(number % 3)]
    tenant.post("/clock/advance", {"days": 6, "hours": number})
    together.wait(SECONDS)
    return {
        "tenant": tenant,
        "links": links,
        "balances": balances,
        "now": tenant.get("/clock")["now"],
        "agenda": tenant.get("/agenda")["count"],
        "calls": [(row["tenant"], row["operation"]) for row in tenant.get("/journal")["journal"]],
        "letters": [row["recipient"] for row in tenant.get("/outbox")["outbox"]],
        "webhooks": [(row["number"], row["step"], row["status"]) for row in tenant.get("/webhooks")["webhooks"]],
        "faults": [(row["number"], row["status"], row["seen"], row["used"]) for row in tenant.get("/faults")["faults"]],
    }


def test_fifty_clients_on_fifty_tenants_never_see_each_other(server: Server, main: Caller) -> None:
    written = main.get("/journal")["written"]
    together = Barrier(FIFTY)
    with ThreadPoolExecutor(FIFTY) as pool:
        lives = list(pool.map(lambda number: live_a_life(server, number, together), range(FIFTY)))
    for number, life in enumerate(lives):
        tenant = life["tenant"]
        extra = number % 3
        # The third call of each goes wrong, as planned: the balance is asked for 0, 1 or 2 times after two invitations.
        assert life["balances"] == [f"{number}.50" if each else life["balances"][0] for each in range(extra)]
        assert life["faults"] == [(1, 400 + number, min(2 + extra, 3), int(extra > 0))]
        assert life["calls"] == [(tenant.id, "create invitation")] * 2 + [(tenant.id, "balance")] * extra
        assert life["letters"] == [f"{number}-0@example.com", f"{number}-1@example.com"]
        assert life["now"] == f"2026-03-{7 + (10 + number) // 24:02}T{(10 + number) % 24:02}:00:00Z"
        assert life["agenda"] == 6
        assert [step for _, step, _ in life["webhooks"]] == ["invitation-created"] * 2 + ["mail-send"] * 2
        assert {status for _, _, status in life["webhooks"]} == {"waiting"}
    for distinct in ("id", "key"):
        assert len({getattr(life["tenant"], distinct) for life in lives}) == FIFTY
    assert len({life["tenant"].account["id"] for life in lives}) == FIFTY
    assert len({link for life in lives for link in life["links"]}) == 2 * FIFTY
    assert main.get("/journal")["written"] == written
    for life in lives:
        main.ask("DELETE", f"/tenants/{life['tenant'].id}")


def test_the_same_seed_gives_the_same_credentials_and_tokens_one_tenant_after_the_other(
    server: Server, main: Caller
) -> None:
    lives = []
    for seed in ("checkout", "checkout", "refunds"):
        tenant = open_tenant(server, seed=seed)
        lives.append((tenant.key, tenant.account, tenant.invite()))
        assert main.ask("DELETE", f"/tenants/{tenant.id}").status == 200
    assert lives[0] == lives[1]
    assert all(first != other for first, other in zip(lives[0], lives[2], strict=True))


def test_two_tenants_that_no_call_could_tell_apart_are_refused(server: Server, main: Caller) -> None:
    first = open_tenant(server, seed="twins")
    before = ids_of(main)
    answer = main.ask("POST", "/tenants", {"seed": "twins"})
    assert (answer.status, answer.body["field"]) == (400, "seed")
    assert first.id in answer.body["detail"]
    assert ids_of(main) == before


def test_a_tenant_begins_as_it_was_asked_for(server: Server) -> None:
    tenant = Tenant(
        server,
        Caller(server).post(
            "/tenants",
            {
                "world": "demo",
                "start": "2030-01-01",
                "speed": 60,
                "securating": {"url": "https://shop.example/r", "recall_interval": "2d", "company_name": "Chez Nous"},
                "smsvote": {"balance": "1.25"},
            },
        ),
    )
    clock = tenant.get("/clock")
    assert (clock["now"][:10], clock["mode"], clock["rate"]) == ("2030-01-01", "running", 60)
    assert tenant.invite().startswith("https://shop.example/r?securating_token=")
    due = [row["due"][:10] for row in tenant.get("/agenda")["agenda"]]
    assert due == ["2030-01-07", "2030-01-09", "2030-01-11", "2030-01-13"]
    assert tenant.balance() == "1.25"
    assert len(tenant.get("/smsvote/votes")["votes"]) == 2
    assert tenant.account["id"] != 52


def test_a_tenant_begins_where_the_server_was_told_to_unless_somebody_says_otherwise(
    main: Caller, tmp_path: Path
) -> None:
    own = tmp_path / "own.json"
    own.write_text('{"format": "mockserver-world/1", "start": "2029-01-01T00:00:00Z"}')
    wanted: list[tuple[dict[str, object], str]] = [
        ({}, START),
        ({"world": "demo"}, START),
        ({"world": str(own)}, "2029-01-01T00:00:00Z"),
        ({"world": str(own), "start": "2030-01-01"}, "2030-01-01T00:00:00Z"),
    ]
    for body, begun in wanted:
        tenant = Tenant(main.server, main.post("/tenants", body))
        assert tenant.get("/clock")["now"] == begun
        assert tenant.post("/reset")["now"] == begun


def test_time_that_nobody_told_to_begin_begins_now_in_whole_seconds() -> None:
    server = Server(port=0, world="empty", speed=0)
    server.start()
    try:
        main = Caller(server)
        for begun in (main.get("/clock"), Tenant(server, main.post("/tenants", {})).get("/clock")):
            now = datetime.fromisoformat(begun["now"].replace("Z", "+00:00"))
            assert now.microsecond == 0
            assert abs(real_now() - now) < timedelta(minutes=1)
    finally:
        server.stop()


WRONG: list[tuple[dict[str, object], str]] = [
    ({"world": "nowhere"}, "world"),
    ({"world": 5}, "world"),
    ({"world": "/dev/zero"}, "world"),
    ({"world": "/proc/kmsg"}, "world"),
    ({"world": str(Path(__file__).parent)}, "world"),
    ({"world": __file__}, "world"),
    ({"start": "yesterday"}, "start"),
    ({"speed": -1}, "speed"),
    ({"speed": "fast"}, "speed"),
    ({"speed": 1e10}, "speed"),
    ({"seed": 5}, "seed"),
    ({"securating": {"recall_interval": "soon"}}, "securating.recall_interval"),
    ({"securating": {"colour": "red"}}, "securating.colour"),
    ({"securating": []}, "securating"),
    ({"smsvote": {"balance": "much"}}, "smsvote.balance"),
    ({"sms-vote": {}}, "sms-vote"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("wanted", "field"), WRONG, ids=[str(wanted)[:40] for wanted, _ in WRONG])
def test_a_tenant_that_cannot_be_is_refused_by_name(main: Caller, wanted: object, field: str) -> None:
    before, threads = ids_of(main), dispatchers()
    answer = main.ask("POST", "/tenants", wanted)
    assert (answer.status, answer.body["type"], answer.body["field"]) == (400, "urn:mockserver:invalid-input", field)
    assert ids_of(main) == before
    assert dispatchers() == threads


def test_settings_are_taken_by_a_world_in_which_nobody_lives(main: Caller, tmp_path: Path) -> None:
    bare = tmp_path / "bare.json"
    bare.write_text('{"format": "mockserver-world/1"}')
    wanted = {"world": str(bare), "securating": {"highest_rating": 10}, "smsvote": {"max_messages": 5}}
    tenant = Caller(main.server, main.post("/tenants", wanted)["id"])
    assert tenant.post("/smsvote/change", {"max_messages": 6}) == {}
    assert tenant.ask("POST", "/smsvote/change", {"price": "1"}).body["field"] == "smsvote.price"
    before = ids_of(main)
    for service, field in (("securating", "url"), ("securating", "company_name"), ("smsvote", "balance")):
        answer = main.ask("POST", "/tenants", {"world": str(bare), service: {field: "1"}})
        assert (answer.status, answer.body["field"]) == (400, f"{service}.{field}")
    assert ids_of(main) == before


def test_tenants_are_listed_shown_and_dropped_and_their_threads_end(server: Server, main: Caller) -> None:
    before, threads = ids_of(main), dispatchers()
    tenant = open_tenant(server)
    tenant.invite()
    assert ids_of(main) == [*before, tenant.id]
    row = main.get("/tenants")["tenants"][-1]
    assert (row["id"], row["now"], row["exchanges"]) == (tenant.id, START, 1)
    shown = main.get(f"/tenants/{tenant.id}")
    assert (shown["securating"]["keywebsite"], shown["smsvote"], shown["url"]) == (
        tenant.key,
        tenant.account,
        server.url,
    )
    assert len(dispatchers() - threads) == 1
    assert main.ask("DELETE", f"/tenants/{tenant.id}").body == {"dropped": tenant.id}
    assert ids_of(main) == before
    assert dispatchers() == threads
    for answer in (tenant.ask("GET", "/clock"), main.ask("DELETE", f"/tenants/{tenant.id}")):
        assert (answer.status, answer.body["type"]) == (404, "urn:mockserver:not-found")


def test_a_call_to_a_wrong_address_is_in_the_journal_of_the_tenant_whose_key_it_carries(
    main: Caller, tenant: Tenant
) -> None:
    written = main.get("/journal")["written"]
    body = f"keywebsite={tenant.key}&email=anna%40example.com"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert tenant.call("POST", "/invitation/creat", body.encode(), kind).status == 404
    (entry,) = tenant.get("/journal?secrets=true")["journal"]
    assert (entry["request_body"], entry["refusal"]) == (body, "no such call")
    assert main.get("/journal")["written"] == written


def test_a_tenant_does_not_take_over_the_calls_of_another_with_its_snapshot(server: Server, tenant: Tenant) -> None:
    other = open_tenant(server)
    saved = json.loads(other.get(f"/snapshots/{other.post('/snapshots')['name']}"))
    tenant.invite()
    name = tenant.post("/snapshots", {"snapshot": saved})["name"]
    answer = tenant.ask("POST", f"/snapshots/{name}/restore")
    assert (answer.status, answer.body["field"]) == (400, "name")
    assert f"the credentials of tenant {other.id}" in answer.body["detail"]
    assert tenant.get("/journal")["written"] == 1
    Caller(server).ask("DELETE", f"/tenants/{other.id}")
    tenant.post(f"/snapshots/{name}/restore")
    assert tenant.get("/ready")["securating"] == {"keywebsite": other.key}


def dispatchers() -> set[int | None]:
    return {thread.ident for thread in threading.enumerate() if "dispatcher" in thread.name}


def test_the_servers_own_tenant_cannot_be_dropped(main: Caller) -> None:
    answer = main.ask("DELETE", "/tenants/main")
    assert (answer.status, answer.body["field"]) == (400, "id")
    assert "main" in ids_of(main)


@pytest.mark.parametrize("way", ["header", "query"])
def test_a_tenant_that_nobody_knows_is_not_found(server: Server, main: Caller, way: str) -> None:
    if way == "header":
        answer = Caller(server, "nobody").ask("POST", "/clock/advance", {"days": 1})
    else:
        answer = main.ask("POST", "/clock/advance?tenant=nobody", {"days": 1})
    assert (answer.status, answer.body["type"], answer.body["field"]) == (404, "urn:mockserver:not-found", "tenant")
    assert main.get("/clock")["now"] == START


def test_the_query_names_a_tenant_as_the_header_does(main: Caller, tenant: Tenant) -> None:
    tenant.post("/clock/advance", {"days": 1})
    assert main.get(f"/clock?tenant={tenant.id}")["now"] == "2026-03-02T10:00:00Z"
    assert main.get("/clock?tenant=main")["now"] == START
    assert main.post(f"/clock/advance?tenant={tenant.id}", {"days": 1})["now"] == "2026-03-03T10:00:00Z"


def test_what_has_been_idle_for_long_is_dropped(server: Server, main: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dispatchers()
    idle = open_tenant(server)
    (its_own,) = dispatchers() - before
    busy, advancing = open_tenant(server), open_tenant(server)
    seconds = real_seconds() + 3000
    monkeypatch.setattr(tenants, "real_seconds", lambda: seconds)
    assert 2999 <= main.get("/tenants")["tenants"][-1]["idle_seconds"] <= 3010
    busy.balance()
    advances = server.gate.tenants.named(advancing.id).advances
    monkeypatch.setattr(type(advances), "is_under_way", property(lambda each: each is advances))
    server.gate.tenants._used[advancing.id] -= 3000  # naming it was a use of it
    seconds += 1000
    assert [each for each in ids_of(main) if each in {idle.id, busy.id, advancing.id}] == [busy.id, advancing.id]
    assert idle.ask("GET", "/clock").status == 404
    assert "main" in ids_of(main)
    assert its_own not in dispatchers()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let real seconds pass, for whoever counts how long a tenant has been idle."""
    passed = 0.0

    def let_pass(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(tenants, "real_seconds", lambda: real_seconds() + passed)
    return let_pass


def test_nobody_finds_a_tenant_by_its_name_once_it_has_been_idle_for_long(
    server: Server, main: Caller, later: Callable[[float], None]
) -> None:
    idle = open_tenant(server)
    assert idle.id in [double.name for double in server.gate.tenants.doubles]
    later(3601)
    assert idle.id not in [double.name for double in server.gate.tenants.doubles]
    for answer in (idle.ask("GET", "/clock"), main.ask("GET", f"/tenants/{idle.id}"), idle.ask("GET", "/agenda")):
        assert (answer.status, answer.body["type"]) == (404, "urn:mockserver:not-found")
        assert f"'{idle.id}' has expired, idle for longer than 3600 s; " in answer.body["detail"]
    assert idle.id not in ids_of(main)


def test_nobody_finds_a_tenant_by_its_credentials_once_it_has_been_idle_for_long(
    server: Server, main: Caller, later: Callable[[float], None]
) -> None:
    idle = open_tenant(server)
    query = urlencode({"json": json.dumps(idle.account)})
    server.gate.answer(Request("GET", "/api/command/balance.php", query, {"host": "localhost"}))
    # From here on it is known whose these credentials are.
    assert server.gate.tenants.named(idle.id).world.journal.written == 1
    server.gate.tenants.answered()
    written = main.get("/journal")["written"]
    later(3700)
    assert idle.balance() == "Error: wrong user id or token"
    body = f"keywebsite={idle.key}&email=anna@example.com".encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert main.call("POST", "/invitation/create", body, kind).status == 403
    assert [row["tenant"] for row in main.get(f"/journal?after={written}")["journal"]] == ["main", "main"]
    assert idle.ask("GET", "/clock").status == 404


def test_a_seed_is_free_again_once_its_tenant_has_been_idle_for_long(
    server: Server, later: Callable[[float], None]
) -> None:
    first = open_tenant(server, seed="again")
    later(3601)
    assert open_tenant(server, seed="again").key == first.key


def test_a_tenant_is_idle_from_the_end_of_a_call_and_not_from_its_beginning(
    server: Server, main: Caller, later: Callable[[float], None]
) -> None:
    name = open_tenant(server).id
    server.gate.tenants.named(name)
    later(3601)  # which this call takes
    server.gate.tenants.answered()
    later(3599)
    assert main.get(f"/tenants/{name}")["id"] == name


def test_a_tenant_is_not_idle_while_it_answers_a_call_however_long_that_takes_and_whoever_sweeps(
    server: Server, main: Caller, later: Callable[[float], None]
) -> None:
    name = open_tenant(server).id
    for _ in range(2):  # one call that uses a tenant twice is one
        server.gate.tenants.named(name)
    later(3601)
    server.gate.tenants.sweep()
    assert name in [double.name for double in server.gate.tenants.doubles]
    assert {row["id"]: row["idle_seconds"] for row in main.get("/tenants")["tenants"]}[name] == 0
    server.gate.tenants.answered()
    later(3601)
    server.gate.tenants.sweep()
    assert name not in ids_of(main)


def test_the_servers_own_tenant_is_never_idle_for_too_long(main: Caller, later: Callable[[float], None]) -> None:
    later(7300)
    assert main.get("/tenants/main")["id"] == "main"


def test_there_is_an_end_to_how_many_there_may_be(
    server: Server, main: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = open_tenant(server)
    before = ids_of(main)
    monkeypatch.setattr(tenants, "MOST_TENANTS", len(before) - 1)
    answer = main.ask("POST", "/tenants", {})
    assert (answer.status, answer.body["type"]) == (429, "urn:mockserver:too-many")
    assert ids_of(main) == before
    main.ask("DELETE", f"/tenants/{last.id}")
    assert open_tenant(server).get("/clock")["now"] == START


def test_credentials_of_nobody_get_the_vendors_own_error_in_the_journal_of_the_servers_own(
    server: Server, main: Caller, tenant: Tenant
) -> None:
    written = main.get("/journal")["written"]
    stranger = open_tenant(server, seed="stranger")
    main.ask("DELETE", f"/tenants/{stranger.id}")
    assert stranger.balance() == "Error: wrong user id or token"
    body = f"keywebsite={stranger.key}&email=anna@example.com".encode()
    refused = main.call("POST", "/invitation/create", body, {"Content-Type": "application/x-www-form-urlencoded"})
    assert (refused.status, "keywebsite" in refused.body) == (403, True)
    assert [row["tenant"] for row in main.get(f"/journal?after={written}")["journal"]] == ["main", "main"]
    assert tenant.get("/journal")["written"] == 0


def test_a_form_belongs_to_the_tenant_whose_invitation_it_is_for(server: Server, main: Caller, tenant: Tenant) -> None:
    other = open_tenant(server)
    token = tenant.invite(days="0").partition("securating_token=")[2]
    assert main.call("GET", f"/review?securating_token={token}", None, {}).status == 200
    assert tenant.get("/securating/invitations")["invitations"][0]["status"] == "opened"
    assert [each.get("/journal")["written"] for each in (tenant, other)] == [2, 0]


def test_a_tenant_is_reset_alone(server: Server, tenant: Tenant) -> None:
    other = open_tenant(server)
    for each in (tenant, other):
        each.invite(days="0")
        each.post("/clock/advance", {"days": 1})
    assert tenant.post("/reset")["now"] == START
    assert (tenant.get("/outbox")["count"], other.get("/outbox")["count"]) == (0, 1)
    assert other.get("/clock")["now"] == "2026-03-02T10:00:00Z"


def test_stopping_twice_at_once_does_no_harm(server: Server, main: Caller) -> None:
    tenant = open_tenant(server)
    double: Double = server.gate.tenants.named(tenant.id)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: server.gate.tenants.close(double), range(8)))
    assert tenant.id not in ids_of(main)
