from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.services import SERVICES
from mockserver.services.service import Reply, Request
from mockserver.web.gate import MAX_BODY, Gate

SECURE = "05ea83436373cae23787455c5fd1de87"
BALANCE = urlencode({"json": json.dumps({"id": 52, "secure": SECURE})})
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def gate(double: Double) -> Gate:
    return Gate(double)


@pytest.fixture
def client(gate: Gate) -> FlaskClient:
    return gate.application.test_client()


def ask(gate: Gate, method: str, target: str, body: bytes = b"", host: str = "127.0.0.1:8052", **headers: str) -> Reply:
    path, _, query = target.partition("?")
    named = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return gate.answer(Request(method, path, query, named, body, origin=f"http://{host}"))


def create_body(gate: Gate, **fields: str) -> bytes:
    key = SERVICES[0].credentials(gate.tenants.newest.world)["keywebsite"]
    return urlencode({"keywebsite": key, "email": "anna@example.com"} | fields).encode()


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
    first, second = Gate(Double(world.copy())), Gate(Double(world.copy()))
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
    assert first.tenants.newest.world.journal.entries() == second.tenants.newest.world.journal.entries()


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8052", "api.securating.io", "sms-vote.ru", "evil.example", "localhost:99999"]
)
@pytest.mark.parametrize(
    "target", ["/", "/?v=nobody", "/nowhere", "/resource/build.js", f"/api/command/balance.php?{BALANCE}"]
)
def test_both_ways_agree_about_hosts(world: World, host: str, target: str) -> None:
    first, second = Gate(Double(world.copy())), Gate(Double(world.copy()))
    reply = ask(first, "GET", target, host=host)
    answer = second.application.test_client().get(target, headers={"Host": host})
    assert (answer.status_code, answer.get_data()) == (reply.status, reply.body)
    assert reply.status != 500


def test_a_call_under_the_other_vendors_host_is_not_known(gate: Gate) -> None:
    assert ask(gate, "POST", "/invitation/create", create_body(gate), host="sms-vote.ru").status == 404
    assert ask(gate, "GET", f"/api/command/balance.php?{BALANCE}", host="api.securating.io").status == 404


@pytest.mark.parametrize("origin", ["http://[", "://", "http://", "\x00", "http://evil.example:99999"])
def test_a_malformed_origin_is_a_foreign_one(gate: Gate, origin: str) -> None:
    assert ask(gate, "POST", "/_mock/reset", origin=origin).status == 403


def test_a_header_of_the_port_does_not_confuse_the_application(gate: Gate) -> None:
    answer = ask(gate, "POST", "/_mock/clock/advance", b'{"days": 1}', transfer_encoding="chunked")
    assert answer.status == 200


def test_a_port_that_others_can_reach_wants_a_token_for_its_control_surface(double: Double) -> None:
    gate = Gate(double, ["0.0.0.0"], token="secret")
    assert ask(gate, "GET", "/_mock/clock").status == 401
    assert ask(gate, "POST", "/_mock/reset", x_mock_token="wrong").status == 401
    assert ask(gate, "GET", "/_mock/clock", x_mock_token="secret").status == 200
    for host in ("192.168.1.5:8052", "[fd00::1]:8052", "localhost"):
        assert ask(gate, "GET", f"/api/command/balance.php?{BALANCE}", host=host).status == 200
    assert ask(gate, "GET", "/_mock/clock", host="evil.example", x_mock_token="secret").status == 421
    assert ask(Gate(double, ["fd00::1"]), "GET", "/", host="[fd00::1]:8052").status == 200


@pytest.mark.claim("SEC-C25")
def test_a_get_where_a_post_is_expected_says_so(gate: Gate) -> None:
    reply = ask(gate, "GET", "/invitation/create")
    assert reply.status == 405
    assert dict(reply.headers)["Allow"] == "POST"
    assert b"POST expected" in reply.body


def test_an_unknown_path_is_refused_in_the_words_of_its_service_and_stands_in_the_journal(gate: Gate) -> None:
    assert ask(gate, "GET", "/invitation/creat").body.startswith(b"error: /invitation/creat: no such call")
    assert ask(gate, "GET", "/api/command/balanse.php").status == 404
    assert [entry.status for entry in gate.tenants.newest.world.journal.exchanges()] == [404, 404]
    assert [entry.service for entry in gate.tenants.newest.world.journal.exchanges()] == ["securating", "smsvote"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8052", "sms-vote.ru.evil.example", "", "127.0.0.1.nip.io"]
)
def test_a_host_that_is_not_served_gets_nothing(gate: Gate, host: str) -> None:
    assert ask(gate, "GET", f"/api/command/balance.php?{BALANCE}", host=host).status == 421
    assert ask(gate, "GET", "/_mock/", host=host).status == 421


def test_a_vendor_host_has_its_own_front_page_and_no_control_surface(gate: Gate) -> None:
    assert b"Securating" in ask(gate, "GET", "/", host="api.securating.io").body
    assert ask(gate, "GET", "/?v=x", host="api.securating.io").status == 200
    assert ask(gate, "GET", "/?v=x", host="sms-vote.ru").status == 404
    for host in ("api.securating.io", "sms-vote.ru"):
        assert ask(gate, "GET", "/_mock/", host=host).status == 404
        assert ask(gate, "POST", "/_mock/reset", host=host).status == 404


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
    assert ask(gate, "POST", "/_mock/reset", **headers).status == status
    assert gate.tenants.newest.world.journal.written == (0 if status == 200 else 1)


def test_nothing_is_changed_by_get(gate: Gate) -> None:
    for path in ("/_mock/reset", "/_mock/clock/advance", "/_mock/securating/review"):
        assert ask(gate, "GET", path).status == 405


def test_the_control_surface_may_not_be_framed_and_vendor_pages_may(gate: Gate, client: FlaskClient) -> None:
    assert "frame-ancestors 'none'" in client.get("/_mock/").headers["Content-Security-Policy"]
    assert client.get("/_mock/").headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in client.get("/").headers


def test_a_body_that_is_too_large_is_refused_in_the_services_words_both_ways(gate: Gate, client: FlaskClient) -> None:
    request = Request("POST", "/invitation/create", headers={"host": "127.0.0.1"})
    reply = gate.too_large(request, MAX_BODY + 1)
    answer = client.post("/invitation/create", data=b"x" * (MAX_BODY + 1), headers=FORM)
    assert (reply.status, answer.status_code) == (413, 413)
    assert b"1048577 bytes" in reply.body
    foreign = Request("POST", "/invitation/create", headers={"host": "evil.example"})
    assert gate.too_large(foreign, MAX_BODY + 1).status == 421
    control = Request("POST", "/_mock/clock/advance", headers={"host": "localhost"})
    assert gate.too_large(control, MAX_BODY + 1).content_type == "application/json"
    assert answer.get_data() == reply.body


def test_the_list_names_every_row_and_each_answers(gate: Gate, client: FlaskClient) -> None:
    listed = client.get("/_mock/").get_json()
    paths = {(row["method"], row["path"]) for row in listed["control"] + listed["services"]}
    assert ("POST", "/_mock/clock/advance") in paths
    assert ("GET", "/api/command/send_message.php") in paths
    for row in listed["control"]:
        if row["method"] == "GET" and "<" not in row["path"]:
            assert client.get(row["path"]).status_code in {200, 404}, row["path"]


class Control:
    """Calls the control surface as a script does."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def get(self, path: str) -> Any:
        return self._client.get(f"/_mock{path}").get_json()

    def post(self, path: str, body: object = None) -> Any:
        return self._client.post(f"/_mock{path}", json={} if body is None else body).get_json()

    def status(self, path: str, body: object) -> int:
        return self._client.post(f"/_mock{path}", json=body).status_code


@pytest.fixture
def control(client: FlaskClient) -> Control:
    return Control(client)


def test_advancing_performs_everything_due_and_says_what_fired(
    gate: Gate, client: FlaskClient, control: Control
) -> None:
    client.post("/invitation/create", data=create_body(gate), headers=FORM)
    assert control.get("/clock") == {"now": "2026-03-02T09:00:00Z", "mode": "frozen", "rate": 0.0}
    agenda = control.get("/agenda")
    assert [row["task"] for row in agenda["agenda"]] == ["SendInvitation", "SendRecall", "SendRecall", "SendRecall"]
    answer = control.post("/clock/advance", {"days": 6})
    assert answer["now"] == "2026-03-08T09:00:00Z"
    assert [(row["due"], row["task"]) for row in answer["fired"]] == [("2026-03-08T09:00:00Z", "SendInvitation")]
    assert control.post("/clock/advance", {"to": "2026-03-14T09:00:00Z"})["count"] == 1
    assert control.post("/clock/advance", {"hours": 1.5, "minutes": 30})["now"] == "2026-03-14T11:00:00Z"


@pytest.mark.parametrize(
    "body",
    [{}, {"days": "6"}, {"days": -1}, {"fortnights": 1}, {"to": "tomorrow"}, {"to": "2020-01-01"}, {"days": 10**9},
     {"days": True}, [], "x", {"days": 0}, {"days": 6, "to": "2026-04-01"}, {"to": "9999-12-31"}],
)  # fmt: skip
def test_a_wrong_advance_is_refused_with_the_reason_and_time_stands_still(control: Control, body: object) -> None:
    assert control.status("/clock/advance", body) == 400
    assert control.post("/clock/advance", body)["error"]
    assert control.get("/clock")["now"] == "2026-03-02T09:00:00Z"


def test_what_is_not_json_is_refused(client: FlaskClient) -> None:
    for body in (b"\xff", b"{", b"[" * 100_000, b'{"days": NaN}', b'{"days": 1e999}'):
        assert client.post("/_mock/clock/advance", data=body).status_code == 400


def test_the_outbox_shows_letters_with_their_link_and_each_one_whole(
    gate: Gate, client: FlaskClient, control: Control
) -> None:
    link = client.post("/invitation/create", data=create_body(gate, days="0"), headers=FORM).get_data(as_text=True)
    (row,) = control.get("/outbox")["outbox"]
    assert (row["number"], row["channel"], row["recipient"], row["link"]) == (1, "email", "anna@example.com", link)
    whole = control.get("/outbox/1")
    assert "multipart/alternative" in whole["source"]
    assert control.get("/outbox?to=nobody@example.com")["outbox"] == []
    for number in ("0", "2", "x", "９", "9" * 5000):
        assert client.get(f"/_mock/outbox/{number}").status_code == 404


def test_a_customer_opens_and_reviews_by_email_or_token(gate: Gate, client: FlaskClient, control: Control) -> None:
    client.post("/invitation/create", data=create_body(gate, thematics="1000100"), headers=FORM)
    opened = control.post("/securating/open", {"email": "anna@example.com"})
    assert opened["status"] == "opened"
    review = {"token": opened["token"], "rating": 4, "comment": "Bien", "thematics": {"1000100": 5}}
    assert control.post("/securating/review", review)["status"] == "reviewed"
    assert control.get("/securating/invitations")["invitations"][0]["status"] == "reviewed"
    assert control.status("/securating/review", review) == 400


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/securating/open", {"email": "nobody@example.com"}, 404),
        ("/securating/open", {"token": "x"}, 404),
        ("/securating/open", {"mail": "anna@example.com"}, 400),
        ("/securating/review", {"email": "anna@example.com", "rating": "5"}, 400),
        ("/securating/review", {"email": "anna@example.com", "rating": 6}, 400),
        ("/securating/review", {"email": "anna@example.com", "rating": 5, "stars": 5}, 400),
        ("/securating/invitations", {"email": "x"}, 400),
        ("/securating/invitations", {"email": "b@example.com", "colour": "red"}, 400),
        ("/smsvote/phones/12/send", {"text": "5"}, 400),
        ("/smsvote/phones/79991112233/send", {"texte": "5"}, 400),
        ("/nothing", {}, 404),
    ],
)
def test_a_wrong_control_call_names_the_field_and_changes_nothing(
    gate: Gate, client: FlaskClient, control: Control, path: str, body: object, status: int
) -> None:
    client.post("/invitation/create", data=create_body(gate), headers=FORM)
    before = gate.tenants.newest.world.state(SERVICES[0].new_state().__class__).copy()
    assert control.status(path, body) == status
    assert control.post(path, body)["error"]
    assert gate.tenants.newest.world.state(type(before)) == before


def test_the_journal_says_why_a_call_was_refused(gate: Gate, client: FlaskClient, control: Control) -> None:
    client.post("/invitation/create", data=create_body(gate, days="x"), headers=FORM)
    journal = control.get("/journal")
    (entry,) = journal["journal"]
    assert (journal["written"], journal["evicted"], entry["status"]) == (1, 0, 400)
    assert entry["notes"] == ["days: 'x', a whole number from 0 to 3650 expected"]
    assert "keywebsite=" in entry["request_body"]


def test_webhooks_show_every_attempt_and_drain_carries_them(gate: Gate, client: FlaskClient, control: Control) -> None:
    client.post("/invitation/create", data=create_body(gate, webhook="https://ws.monsite.com/s?id=1"), headers=FORM)
    assert control.get("/webhooks")["webhooks"][0]["status"] == "waiting"
    (call,) = control.post("/webhooks/drain")["webhooks"]
    assert call["status"] == "captured, not sent"
    assert call["reason"] == "ws.monsite.com is not on this machine"


def test_reset_begins_again(gate: Gate, client: FlaskClient, control: Control) -> None:
    client.post("/invitation/create", data=create_body(gate, days="0"), headers=FORM)
    control.post("/clock/advance", {"days": 1})
    assert control.post("/reset")["now"] == "2026-03-02T09:00:00Z"
    assert control.get("/outbox")["count"] == 0


def test_the_ledger_is_shown_with_the_settings_that_change_it(control: Control) -> None:
    client = control.get("/claims")
    by_id = {claim["id"]: claim for claim in client}
    (setting,) = by_id["SEC-C16"]["settings"]
    assert (setting["name"], setting["default"]) == ("securating.recall_interval", "144h")
    assert setting["meaning"]
