from __future__ import annotations

import pytest

from mockserver.web.server import Server
from tests.web.control.conftest import START, Caller, Tenant, open_tenant


@pytest.fixture
def invited(tenant: Tenant) -> Tenant:
    """A tenant with an invitation to Anna."""
    tenant.invite(thematics="1000100")
    return tenant


def test_the_list_names_every_row_and_each_answers(main: Caller) -> None:
    listed = main.get("/")
    paths = {(row["method"], row["path"]) for row in listed["control"] + listed["services"]}
    assert ("POST", "/_mock/v1/clock/advance") in paths
    assert ("GET", "/api/command/send_message.php") in paths
    for row in listed["control"]:
        if row["method"] == "GET" and "<" not in row["path"]:
            assert main.call("GET", row["path"], None, {}).status in {200, 404}, row["path"]


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "/clock/advnce", "did you mean /_mock/v1/clock/advance?"),
        ("GET", "/outbx", "did you mean /_mock/v1/outbox?"),
        ("GET", "/zzz", "GET /_mock/v1/ lists what there is"),
    ],
)
def test_a_path_that_nobody_has_is_asked_back(main: Caller, method: str, path: str, said: str) -> None:
    answer = main.ask(method, path, {} if method == "POST" else None)
    assert (answer.status, answer.body["detail"]) == (404, f"{method} /_mock/v1{path}: {said}")


def test_who_asks_for_an_advance_by_get_is_told_how_it_is_made(server: Server) -> None:
    answer = open_tenant(server).ask("GET", "/clock/advance")
    assert answer.body["detail"] == 'nothing has been advanced yet; POST {"days": 6} advances'


def test_the_outbox_shows_letters_with_their_link_and_each_one_whole(tenant: Tenant) -> None:
    link = tenant.invite(days="0")
    (row,) = tenant.get("/outbox")["outbox"]
    assert (row["number"], row["channel"], row["recipient"], row["link"]) == (1, "email", "anna@example.com", link)
    assert row["about"] == link.partition("securating_token=")[2]
    assert "html" not in row
    whole = tenant.get("/outbox/1")
    assert "multipart/alternative" in whole["source"]
    assert tenant.get("/outbox?to=nobody@example.com")["outbox"] == []
    assert tenant.get("/outbox?service=smsvote")["outbox"] == []
    assert tenant.get("/outbox?after=1")["count"] == 0
    for number in ("0", "2", "x", "%EF%BC%99", "9" * 5000):
        assert tenant.ask("GET", f"/outbox/{number}").status == 404


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("/outbox?service=nobody", "service"),
        ("/outbox?limit=0", "limit"),
        ("/outbox?limit=many", "limit"),
        ("/outbox?after=-1", "after"),
        ("/outbox?from=anna@example.com", "from"),
        ("/outbox?to=%FF", "query"),
        ("/webhooks?status=lost", "status"),
        ("/journal?service=nobody", "service"),
        ("/journal?refused=perhaps", "refused"),
        ("/agenda?limit=-1", "limit"),
        ("/clock?zone=Paris", "zone"),
        ("/securating/invitations?colour=red", "colour"),
        ("/smsvote/votes?account=first", "account"),
        ("/smsvote/phones/12", "phone"),
    ],
)
def test_a_parameter_that_is_wrong_is_refused_by_name(main: Caller, target: str, field: str) -> None:
    answer = main.ask("GET", target)
    assert (answer.status, answer.body["type"], answer.body["field"]) == (400, "urn:mockserver:invalid-input", field)


def test_a_list_keeps_the_newest_and_counts_all(tenant: Tenant) -> None:
    for number in range(5):
        tenant.invite(email=f"{number}@example.com", days="0")
    told = tenant.get("/outbox?limit=2")
    assert ([row["number"] for row in told["outbox"]], told["count"]) == ([4, 5], 5)


def test_a_customer_opens_and_reviews_by_email_or_token(invited: Tenant) -> None:
    opened = invited.post("/securating/open", {"email": "anna@example.com"})
    assert opened["status"] == "opened"
    review = {"token": opened["token"], "rating": 4, "comment": "Bien", "thematics": {"1000100": 5}}
    assert invited.post("/securating/review", review)["status"] == "reviewed"
    assert invited.get("/securating/invitations")["invitations"][0]["status"] == "reviewed"
    again = invited.ask("POST", "/securating/review", review)
    assert (again.status, again.body["type"]) == (400, "urn:mockserver:refused")


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/securating/open", {"email": "nobody@example.com"}, 404, "email"),
        ("/securating/open", {"token": "x"}, 404, "token"),
        ("/securating/open", {"mail": "anna@example.com"}, 400, "email"),
        ("/securating/review", {"email": "anna@example.com", "rating": "5"}, 400, "rating"),
        ("/securating/review", {"email": "anna@example.com", "rating": 6}, 400, "rating"),
        ("/securating/review", {"email": "anna@example.com", "rating": 5, "stars": 5}, 400, "stars"),
        ("/securating/invitations", {"email": "x"}, 400, "email"),
        ("/securating/invitations", {"email": "b@example.com", "colour": "red"}, 400, "colour"),
        ("/smsvote/phones/12/send", {"text": "5"}, 400, "phone"),
        ("/smsvote/phones/79991112233/send", {"texte": "5"}, 400, "text"),
        ("/webhooks/reorder", {"steps": [1]}, 400, "steps[0]"),
        ("/webhooks/reorder", {"steps": ["nothing-like-it"]}, 400, "steps"),
        ("/webhooks/duplicate", {"times": 0}, 400, "times"),
        ("/webhooks/fail", {"status": 99}, 400, "status"),
        ("/webhooks/fail", {"times": 1, "code": 503}, 400, "code"),
        ("/webhooks/deliver-to", {}, 400, "url"),
        ("/webhooks/drain", {"all": True}, 400, "all"),
        ("/webhooks/1/redeliver", {}, 404, "number"),
        ("/reset", {"hard": True}, 400, "hard"),
        ("/nothing", {}, 404, ""),
    ],
)
def test_a_wrong_call_names_the_field_and_changes_nothing(
    invited: Tenant, path: str, body: object, status: int, field: str
) -> None:
    before = [invited.get(row) for row in ("/securating/invitations", "/agenda", "/webhooks", "/smsvote/incoming")]
    answer = invited.ask("POST", path, body)
    assert (answer.status, answer.body.get("field", "")) == (status, field)
    after = [invited.get(row) for row in ("/securating/invitations", "/agenda", "/webhooks", "/smsvote/incoming")]
    assert after == before


def test_the_journal_says_why_a_call_was_refused(main: Caller) -> None:
    written = main.get("/journal")["written"]
    main.call("POST", "/invitation/create", b"days=x", {"Content-Type": "application/x-www-form-urlencoded"})
    journal = main.get(f"/journal?after={written}")
    (entry,) = journal["journal"]
    assert (journal["written"], journal["evicted"], entry["status"]) == (written + 1, 0, 400)
    assert "keywebsite" in entry["notes"][0]
    assert entry["request_body"] == "days=x"


def test_webhooks_are_captured_where_they_may_not_go(tenant: Tenant) -> None:
    tenant.post("/webhooks/hold")
    tenant.invite(webhook="https://ws.monsite.com/s?id=1")
    assert tenant.get("/webhooks")["webhooks"][0]["status"] == "waiting"
    (call,) = tenant.post("/webhooks/release")["webhooks"]
    assert (call["status"], call["reason"]) == ("captured, not sent", "ws.monsite.com is not on this machine")


def test_webhooks_fail_and_are_delivered_again(tenant: Tenant) -> None:
    tenant.post("/webhooks/fail", {"times": 2, "status": 503, "body": "later"})
    tenant.invite(webhook="http://127.0.0.1:9/hook")
    (call,) = tenant.post("/webhooks/drain")["webhooks"]
    assert [(attempt["status"], attempt["body"], attempt["is_told"]) for attempt in call["attempts"]] == [
        (503, "later", True)
    ]
    assert len(tenant.post("/webhooks/1/redeliver")["attempts"]) == 2


def test_reset_begins_again(tenant: Tenant) -> None:
    tenant.invite(days="0")
    tenant.post("/clock/advance", {"days": 1})
    assert tenant.post("/reset")["now"] == START
    assert tenant.get("/outbox")["count"] == 0


def test_the_ledger_is_shown_with_the_settings_that_change_it(main: Caller) -> None:
    by_id = {claim["id"]: claim for claim in main.get("/claims")["claims"]}
    (setting,) = by_id["SEC-C16"]["settings"]
    assert (setting["name"], setting["default"]) == ("securating.recall_interval", "144h")
    assert setting["meaning"]


def test_a_row_is_answered_whatever_the_body_says_it_is(server: Server, main: Caller) -> None:
    answer = main.ask("POST", "/webhooks/drain", b"{}", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 200
    assert main.ask("POST", "/webhooks/drain").status == 200
    assert main.ask("GET", "/clock", {"zone": "Paris"}).body["field"] == "zone"
