from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from flask.testing import FlaskClient

from mockserver.core.journal import Exchange
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import Tenants
from mockserver.services import SERVICES
from mockserver.services.service import Reply, Request
from mockserver.web.gate import MAX_BODY, Gate

SECURE = "05ea83436373cae23787455c5fd1de87"
BALANCE = urlencode({"json": json.dumps({"id": 52, "secure": SECURE})})
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def gate(double: Double) -> Gate:
    return Gate(Tenants(double))


@pytest.fixture
def client(gate: Gate) -> FlaskClient:
    return gate.application.test_client()


def ask(gate: Gate, method: str, target: str, body: bytes = b"", host: str = "127.0.0.1:8052", **headers: str) -> Reply:
    path, _, query = target.partition("?")
    named = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return gate.answer(Request(method, path, query, named, body, origin=f"http://{host}"))


def create_body(gate: Gate, **fields: str) -> bytes:
    key = SERVICES[0].credentials(gate.tenants.default.world)["keywebsite"]
    return urlencode({"keywebsite": key, "email": "anna@example.com"} | fields).encode()


def written(gate: Gate) -> list[Exchange]:
    """Return what stands in the journal, but for how real time went by."""
    exchanges = gate.tenants.default.world.journal.exchanges()
    return [exchange._replace(began=0.0, seconds=0.0) for exchange in exchanges]


CALLS = [
    ("POST", "/invitation/create", "create"),
    ("POST", "/invitation/create", "bad"),
    ("POST", "/invitation/link", "create"),
    ("GET", f"/api/command/balance.php?{BALANCE}", ""),
    ("GET", "/api/command/balance.php?json={", ""),
    ("GET", "/api/command/send_message.php", ""),
    ("GET", "/", ""),
    ("GET", "/?v=nobody", ""),
    ("GET", "/resource/build.js", ""),
    ("GET", "/widgets?type=product&internal_ref=25:0001", ""),
    ("GET", "/widgets/1.7?type=product", ""),
    ("GET", "/review?securating_token=x", ""),
    ("GET", "/nowhere", ""),
    ("GET", "/invitation/create", ""),
    ("DELETE", "/api/command/balance.php", ""),
]


@pytest.mark.parametrize(("method", "target", "body"), CALLS)
def test_both_ways_to_a_row_give_the_same_bytes(world: World, method: str, target: str, body: str) -> None:
    first, second = Gate(Tenants(Double(world.copy()))), Gate(Tenants(Double(world.copy())))
    sent = {"create": create_body(first), "bad": create_body(first, days="x"), "": b""}[body]
    typed: dict[str, Any] = {"content_type": FORM["content-type"]} if sent else {}
    reply = ask(first, method, target, sent, **typed)
    headers = {"Host": "127.0.0.1:8052"} | ({"Content-Type": FORM["content-type"]} if sent else {})
    answer = second.application.test_client().open(target, method=method, data=sent, headers=headers)
    assert (answer.status_code, answer.get_data(), answer.content_type) == (
        reply.status,
        reply.body,
        reply.content_type,
    )
    assert answer.headers.get("Allow") == dict(reply.headers).get("Allow")
    assert written(first) == written(second)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8052", "api.securating.io", "sms-vote.ru", "evil.example", "localhost:99999"]
)
@pytest.mark.parametrize(
    "target", ["/", "/?v=nobody", "/nowhere", "/resource/build.js", f"/api/command/balance.php?{BALANCE}"]
)
def test_both_ways_agree_about_hosts(world: World, host: str, target: str) -> None:
    first, second = Gate(Tenants(Double(world.copy()))), Gate(Tenants(Double(world.copy())))
    reply = ask(first, "GET", target, host=host)
    answer = second.application.test_client().get(target, headers={"Host": host})
    assert (answer.status_code, answer.get_data()) == (reply.status, reply.body)
    assert reply.status != 500


def test_a_call_under_the_other_vendors_host_is_not_known(gate: Gate) -> None:
    assert ask(gate, "POST", "/invitation/create", create_body(gate), host="sms-vote.ru").status == 404
    assert ask(gate, "GET", f"/api/command/balance.php?{BALANCE}", host="api.securating.io").status == 404


@pytest.mark.parametrize("origin", ["http://[", "://", "http://", "\x00", "http://evil.example:99999"])
def test_a_malformed_origin_is_a_foreign_one(gate: Gate, origin: str) -> None:
    assert ask(gate, "POST", "/_mock/v1/reset", origin=origin).status == 403


def test_a_header_of_the_port_does_not_confuse_the_application(gate: Gate) -> None:
    answer = ask(gate, "POST", "/_mock/v1/clock/advance", b'{"days": 1}', transfer_encoding="chunked")
    assert answer.status == 200


def test_a_port_that_others_can_reach_wants_a_token_for_its_control_surface(double: Double) -> None:
    gate = Gate(Tenants(double), ["0.0.0.0"], token="secret")
    assert ask(gate, "GET", "/_mock/v1/clock").status == 401
    for wrong in ("wrong", "secre", "secrets", "sécret", "\udce9"):
        assert ask(gate, "POST", "/_mock/v1/reset", x_mock_token=wrong).status == 401
    assert ask(gate, "GET", "/_mock/v1/clock", x_mock_token="secret").status == 200
    for host in ("192.168.1.5:8052", "[fd00::1]:8052", "localhost"):
        assert ask(gate, "GET", f"/api/command/balance.php?{BALANCE}", host=host).status == 200
    assert ask(gate, "GET", "/_mock/v1/clock", host="evil.example", x_mock_token="secret").status == 421
    assert ask(Gate(Tenants(double), ["fd00::1"]), "GET", "/", host="[fd00::1]:8052").status == 200


@pytest.mark.claim("SEC-C25")
def test_a_get_where_a_post_is_expected_says_so(gate: Gate) -> None:
    reply = ask(gate, "GET", "/invitation/create")
    assert reply.status == 405
    assert dict(reply.headers)["Allow"] == "POST"
    assert b"POST expected" in reply.body


def test_an_unknown_path_is_refused_in_the_words_of_its_service_and_stands_in_the_journal(gate: Gate) -> None:
    assert ask(gate, "GET", "/invitation/creat").body.startswith(b"error: /invitation/creat: no such call")
    assert ask(gate, "GET", "/api/command/balanse.php").status == 404
    assert [entry.status for entry in gate.tenants.default.world.journal.exchanges()] == [404, 404]
    assert [entry.service for entry in gate.tenants.default.world.journal.exchanges()] == ["securating", "smsvote"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8052", "sms-vote.ru.evil.example", "", "127.0.0.1.nip.io"]
)
def test_a_host_that_is_not_served_gets_nothing(gate: Gate, host: str) -> None:
    assert ask(gate, "GET", f"/api/command/balance.php?{BALANCE}", host=host).status == 421
    assert ask(gate, "GET", "/_mock/v1/", host=host).status == 421


def test_a_vendor_host_has_its_own_front_page_and_no_control_surface(gate: Gate) -> None:
    assert b"Securating" in ask(gate, "GET", "/", host="api.securating.io").body
    assert ask(gate, "GET", "/?v=x", host="api.securating.io").status == 200
    assert ask(gate, "GET", "/?v=x", host="sms-vote.ru").status == 404
    for host in ("api.securating.io", "sms-vote.ru"):
        assert ask(gate, "GET", "/_mock/v1/", host=host).status == 404
        assert ask(gate, "POST", "/_mock/v1/reset", host=host).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "none"}, 200),
        ({"origin": "http://127.0.0.1:8052"}, 200),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site", "origin": "http://127.0.0.1:3000"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_a_page_of_another_origin_changes_nothing(gate: Gate, headers: dict[str, Any], status: int) -> None:
    ask(gate, "POST", "/invitation/create", create_body(gate), content_type=FORM["content-type"])
    assert ask(gate, "POST", "/_mock/v1/reset", **headers).status == status
    assert gate.tenants.default.world.journal.written == (0 if status == 200 else 1)


def test_nothing_is_changed_by_get(gate: Gate) -> None:
    for path in ("/_mock/v1/reset", "/_mock/v1/webhooks/drain", "/_mock/v1/securating/review"):
        assert ask(gate, "GET", path).status == 405


def test_the_control_surface_may_not_be_framed_and_vendor_pages_may(gate: Gate, client: FlaskClient) -> None:
    assert "frame-ancestors 'none'" in client.get("/_mock/v1/").headers["Content-Security-Policy"]
    assert client.get("/_mock/v1/").headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors" not in client.get("/").headers.get("Content-Security-Policy", "")


def test_a_body_that_is_too_large_is_refused_in_the_services_words_both_ways(gate: Gate, client: FlaskClient) -> None:
    request = Request("POST", "/invitation/create", headers={"host": "127.0.0.1"})
    reply = gate.too_large(request, MAX_BODY + 1)
    answer = client.post("/invitation/create", data=b"x" * (MAX_BODY + 1), headers=FORM)
    assert (reply.status, answer.status_code) == (413, 413)
    assert b"1048577 bytes" in reply.body
    foreign = Request("POST", "/invitation/create", headers={"host": "evil.example"})
    assert gate.too_large(foreign, MAX_BODY + 1).status == 421
    control = Request("POST", "/_mock/v1/clock/advance", headers={"host": "localhost"})
    assert gate.too_large(control, MAX_BODY + 1).content_type == "application/problem+json"
    assert answer.get_data() == reply.body


def test_the_list_names_every_row_and_each_answers(gate: Gate, client: FlaskClient) -> None:
    listed = client.get("/_mock/v1/").get_json()
    paths = {(row["method"], row["path"]) for row in listed["control"] + listed["services"]}
    assert ("POST", "/_mock/v1/clock/advance") in paths
    assert ("GET", "/api/command/send_message.php") in paths
    for row in listed["control"]:
        if row["method"] == "GET" and "<" not in row["path"]:
            assert client.get(row["path"]).status_code in {200, 404}, row["path"]


@pytest.mark.parametrize(
    ("end", "is_answered"),
    [
        ("api.securating.io:443", True),
        ("cdn.securating.io:80", True),
        ("sms-vote.ru:8052", True),
        ("localhost:8052", True),
        ("[::1]:8052", True),
        ("sms-vote.ru:8443", False),
        ("localhost:3000", False),
        ("localhost:80", False),
        ("evil.example:443", False),
        ("sms-vote.ru.evil.example:443", False),
        ("notsms-vote.ru:80", False),
    ],
)
def test_a_proxys_client_gets_to_the_services_and_to_the_port_itself_only(
    gate: Gate, end: str, is_answered: bool
) -> None:
    refusal = gate.turn_away(end, 8052)

    assert (refusal is None) is is_answered
    assert list(gate.turned_away) == ([] if is_answered else [end])
    if refusal:
        assert refusal.status == 403
        assert f"NO_PROXY={end.rpartition(':')[0]}".encode() in refusal.body


@pytest.mark.parametrize(
    ("method", "target", "note"),
    [
        (
            "GET",
            "/api/comand/balance.php",
            "/api/comand/balance.php: no such call; did you mean /api/command/balance.php?",
        ),
        ("GET", "/balance.php", "/balance.php: no such call; did you mean /api/command/balance.php?"),
        ("POST", "/Invitation/Create", "/Invitation/Create: no such call; did you mean /invitation/create?"),
        ("GET", "/nowhere/at/all", "/nowhere/at/all: no such call; GET /_mock/v1/ lists what there is"),
        ("GET", "/invitation/create", "GET is not answered here, POST expected"),
        ("PUT", "/api/command/balance.php", "PUT is not answered here, GET or POST expected"),
    ],
)
def test_a_call_that_nobody_knows_is_asked_what_it_may_have_meant(
    gate: Gate, method: str, target: str, note: str
) -> None:
    reply = ask(gate, method, target)
    (exchange,) = gate.tenants.default.world.journal.exchanges()
    assert exchange.notes == (note,)
    assert note in unquote(dict(reply.headers)["X-Mock-Why"])
    assert b"did you mean" not in reply.body
    assert exchange.claims


@pytest.mark.parametrize(
    ("method", "url", "note"),
    [
        ("POST", "sms-vote.ru/invitation/create", "it is a call of Securating: api.securating.io/invitation/create"),
        ("GET", "sms-vote.ru/invitation/create", "it is a call of Securating: api.securating.io/invitation/create"),
        (
            "GET",
            f"api.securating.io/api/command/balance.php?{BALANCE}",
            "it is a call of sms-vote: sms-vote.ru/api/command/balance.php",
        ),
        (
            "POST",
            "sms-vote.ru/Invitation/Creat",
            "did you mean api.securating.io/invitation/create of Securating?",
        ),
        ("GET", "sms-vote.ru/", "did you mean /?v=... or /?x=...?"),
        ("GET", "sms-vote.ru/balance.php", "did you mean /api/command/balance.php?"),
        ("PUT", "sms-vote.ru/api/command/balance.php", "PUT is not answered here, GET or POST expected"),
    ],
)
def test_a_call_at_the_wrong_host_is_told_whose_it_is(gate: Gate, method: str, url: str, note: str) -> None:
    host, slash, target = url.partition("/")
    reply = ask(gate, method, slash + target, host=host)
    (exchange,) = gate.tenants.default.world.journal.exchanges()
    path = target.partition("?")[0]
    assert exchange.notes == ((f"/{path}: no such call; " if reply.status == 404 else "") + note,)
    assert exchange.service == ("securating" if host == "api.securating.io" else "smsvote")
    assert reply.status == (405 if method == "PUT" else 404)
    assert "securating" not in reply.body.decode().lower()
    assert ("Allow" in dict(reply.headers)) is (reply.status == 405)


@pytest.mark.parametrize("headers", [{}, {"host": ""}])
def test_a_call_that_names_no_host_is_told_that_it_must(gate: Gate, headers: dict[str, str]) -> None:
    reply = gate.answer(Request("GET", "/api/command/balance.php", BALANCE, headers))
    assert reply.status == 421
    assert b"a Host header" in reply.body
    assert b"Host: api.securating.io" in reply.body
    assert b"--serve-host" not in reply.body
    assert written(gate) == []


def test_a_body_that_is_too_large_says_how_large_it_may_be(gate: Gate) -> None:
    request = Request("POST", "/invitation/create", headers={"host": "127.0.0.1:8052"})
    assert gate.too_large(request, MAX_BODY + 1).status == 413
    (exchange,) = gate.tenants.default.world.journal.exchanges()
    assert exchange.notes == (f"body: a body of {MAX_BODY + 1} bytes, at most {MAX_BODY} expected",)


def test_a_call_of_nobodys_stands_in_the_journal_of_the_tenant_it_comes_near_to(world: World) -> None:
    first, second = Double(world), Double(world.copy(), name="t-1")
    for service in SERVICES:
        service.renew(second.world)
    gate = Gate(Tenants(first))
    gate.add(second)
    key = str(SERVICES[0].credentials(second.world)["keywebsite"])
    secure = str(SERVICES[1].credentials(second.world)["secure"])
    form = urlencode({"keywebsite": key.upper(), "email": "anna@example.com"}).encode()
    ask(gate, "POST", "/invitation/create", form, content_type=FORM["content-type"])
    ask(gate, "GET", f"/api/command/balance.php?{urlencode({'json': json.dumps({'id': 1, 'secure': secure})})}")
    ask(gate, "GET", f"/api/command/balance.php?{urlencode({'json': json.dumps({'id': 2, 'secure': 'x' * 32})})}")
    near, owner = second.world.journal.exchanges()
    assert "in upper and lower case" in near.notes[0]
    assert f"secure is account {SERVICES[1].credentials(second.world)['id']}'s" in owner.notes[0]
    assert [exchange.notes for exchange in first.world.journal.exchanges()] == [("id: no account 2; there are: 52",)]
