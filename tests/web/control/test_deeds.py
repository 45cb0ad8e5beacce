"""What was done through the control surface, told again as a test that passes."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.web.server import Server

START = "2026-03-01T10:00:00Z"


class Session:
    """Somebody who calls both services, and uses the control surface, of a server that need not listen."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = server.gate.application.test_client()
        ready: Any = server.ready()
        self.key: str = ready["securating"]["keywebsite"]
        self.account: dict[str, Any] = ready["smsvote"]

    def do(self, path: str, body: object = None, method: str = "POST") -> Any:
        answer = self.client.open(f"/_mock/v1{path}", method=method, json=body or {})
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
        return answer.get_json()

    def invite(self, **parameters: str) -> str:
        asked = {"keywebsite": self.key, "email": "anna@example.com", "first_name": "Anna"} | parameters
        return self.client.post("/invitation/create", data=asked).get_data(as_text=True)

    def command(self, name: str, **fields: object) -> str:
        text = json.dumps(self.account | fields, ensure_ascii=False)
        return self.client.get(f"/api/command/{name}.php?json={quote(text)}").get_data(as_text=True)

    def told(self) -> str:
        answer = self.client.get("/_mock/v1/test.py")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    @property
    def deeds(self) -> list[str]:
        return [deed.said for deed in self.server.double.world.journal.deeds]


@pytest.fixture
def session() -> Iterator[Session]:
    server = Server(port=0, speed=0, start=START)
    yield Session(server)
    server.gate.tenants.stop()


def live_through_everything(session: Session) -> None:
    """Do at least one thing of each kind."""
    do = session.do
    do("/securating/thematics", {"code": "1000651", "question": "Et le service ?"})
    session.invite(order="17", webhook="http://127.0.0.1:9/hook?id=1", thematics="1000651", meta_shop='"é"')
    session.invite(keywebsite="wrong")
    session.invite(email="bea@example.com")
    session.invite(email="bea@example.com", force_invitation="1", order="19")
    do("/securating/will-review", {"email": "bea@example.com", "rating": 2, "comment": "Bof", "after": "2d"})
    do("/securating/will-ignore", {"email": "carl@example.com"})
    do("/securating/invitations", {"email": "carl@example.com", "days": 1, "keywebsite": session.key, "order": "18"})
    do("/webhooks/fail", {"times": 1, "status": 500})
    do("/clock/advance", {"days": 6})
    session.client.get("/review?securating_token=nobody")
    do("/securating/open", {"email": "anna@example.com"})
    do(
        "/securating/review",
        {"email": "anna@example.com", "rating": 5, "comment": "Très\n«bien»", "thematics": {"1000651": 4}},
    )
    do("/securating/cancel", {"email": "carl@example.com"})
    do("/clock/advance", {"until": "next-event"})
    do("/webhooks/1/redeliver")
    message = {"phone": 71234567890, "text": "Оцените?", "text_final": "Спасибо!"}
    assert session.command("send_message", transport="sms", message=[message]) == "OK"
    do("/smsvote/phones/71234567890/send", {"text": "5 отлично"})
    do("/smsvote/phones/79990000000/send", {"text": "КАФЕ 3", "to": "1234"})
    do("/smsvote/phones/79990000001/will-reply", {"text": "4", "after": "1h"})
    do("/smsvote/votes", {"name": "Обед", "question": "Что?", "options": ["суп", "борщ"], "account": 52})
    do("/smsvote/votes/30/start", {"account": 52})
    do("/smsvote/votes/30/ballots", {"participant": "71230000001", "option": "2"})
    do("/smsvote/votes/30/finish")
    do("/smsvote/accounts/52", {"balance": "7.00", "prefixes": ["БАР"]})
    do("/smsvote/change", {"daily_limit": 10})
    do("/smsvote/crowd", {"answering": 1, "within": "1h", "ratings": {"5": 1}})
    do("/faults", {"name": "reset", "service": "smsvote"})
    with pytest.raises(ConnectionResetError):
        session.command("balance")
    fault = do("/faults", {"name": "slow"})["number"]
    do(f"/faults/{fault}", method="DELETE")
    assert session.command("balance") == "7.00"
    session.client.get("/nowhere")
    do("/clock/advance", {"to": "2026-03-20T10:00:00Z"})


def run(pytester: pytest.Pytester, told: str) -> None:
    """Run a test as somebody does who has copied it."""
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = --strict-markers -p no:cacheprovider")
    pytester.makepyfile(test_told=told)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_whatever_was_done_is_told_as_a_test_that_passes(session: Session, pytester: pytest.Pytester) -> None:
    live_through_everything(session)
    told = session.told()
    assert session.key not in told
    assert session.account["secure"] not in told
    for expected in (
        'allow=["unknown-calls"]',
        'securating.invitations.one(order="17").open_link()',
        'smsvote.phone("71234567890").send("5 отлично")',
        'assert invitation.mail.subject == "Anna, votre avis compte pour Maison Demo"',
        "assert (invitation.review.rating, invitation.review.comment) == (5,",
        'smsvote.votes.one(nr=30).cast("71230000001", "2")',
        'mockserver.faults.arm("reset", service="smsvote")',
        'assert invitation.status == "cancelled"',
    ):
        assert expected in told
    assert max(map(len, told.splitlines())) <= 120
    run(pytester, told)


def test_a_clock_that_runs_is_told_by_the_instants_it_had(pytester: pytest.Pytester) -> None:
    server = Server(port=0, speed=0, start=START, world="busy", overrides=["securating.recall_interval=2d"])
    session = Session(server)
    session.do("/clock/advance", {"hours": 3})
    session.invite(days="0", order="17")
    session.do("/clock/advance", {"to": "2026-03-04T15:00:30Z"})
    session.do("/securating/open", {"email": "anna@example.com"})
    told = session.told()
    server.gate.tenants.stop()
    assert "@pytest.mark.securating(recall_interval=172800)" in told
    assert "assert len(invitation.recalls) == 1" in told
    run(pytester, told)


def test_a_world_in_which_nothing_was_done_is_told_too(session: Session, pytester: pytest.Pytester) -> None:
    told = session.client.get("/_mock/v1/test").get_json()
    assert (told["steps"], told["left_out"]) == (0, 0)
    run(pytester, told["test"])


def test_what_is_refused_is_no_deed_nor_is_looking(session: Session) -> None:
    session.client.post("/_mock/v1/securating/open", json={"email": "nobody@example.com"})
    session.client.post("/_mock/v1/smsvote/votes/99/ballots", json={"participant": "71230000001", "option": "1"})
    session.client.post("/_mock/v1/clock/advance", data=b"{")
    session.client.get("/_mock/v1/agenda")
    session.do("/snapshots", {"name": "a"})
    assert session.deeds == []


def test_a_refused_call_says_the_same_as_if_nobody_wrote_it_down(session: Session) -> None:
    answer = session.client.post("/_mock/v1/smsvote/votes/99/ballots", json={"participant": 1, "option": "1"})
    assert answer.get_json()["field"] in {"nr", "participant"}
    assert answer.status_code < 500
    for number in ("x", "٣", "9" * 40):
        assert session.client.delete(f"/_mock/v1/faults/{number}").status_code == 404
        assert session.client.post(f"/_mock/v1/webhooks/{number}/redeliver").status_code == 404


def test_deeds_go_with_their_world(session: Session) -> None:
    session.do("/clock/advance", {"hours": 1})
    session.do("/snapshots", {"name": "then"})
    session.do("/clock/advance", {"hours": 2})
    assert session.deeds == ["mockserver.clock.advance(hours=1)", "mockserver.clock.advance(hours=2)"]
    session.do("/snapshots/then/restore")
    assert session.deeds == ["mockserver.clock.advance(hours=1)"]
    saved = session.client.get("/_mock/v1/snapshots/then").get_json()
    session.do("/snapshots", {"name": "loaded", "snapshot": saved})
    session.do("/reset")
    assert session.deeds == []
    session.do("/snapshots/loaded/restore")
    assert session.deeds == ["mockserver.clock.advance(hours=1)"]


def test_a_review_before_the_link_was_opened_opens_it_as_a_test_does(session: Session) -> None:
    session.invite(days="0")
    session.do("/securating/review", {"email": "anna@example.com", "rating": 5})
    assert session.deeds[-1].endswith('.one(email="anna@example.com").open_link().review(rating=5)')


def test_what_a_customer_did_on_the_pages_themselves_is_told(session: Session) -> None:
    link = session.invite(days="0", order="17")
    session.client.get(f"/review?{link.partition('?')[2]}")
    session.client.post(f"/review?{link.partition('?')[2]}", data={"rating": "4", "comment": "Bien\r\nfait"})
    session.client.get("/?v=4f2a9c1e7d305b86")
    session.client.get("/favicon.ico")
    told = session.told()
    assert 'one(order="17").open_link()\n' in told
    assert 'one(order="17").open_link().review(rating=4, comment="Bien\\nfait")' in told
    assert "favicon" not in told
    assert "4f2a9c1e" not in told
    assert "allow=" not in told


@pytest.mark.parametrize("kept", [4096, 4095, 4094, 4093])
def test_a_form_that_the_journal_holds_only_in_part_is_left_out_of_the_test(session: Session, kept: int) -> None:
    link = session.invite(days="0", recall_count="0")
    form = f"/review?{link.partition('?')[2]}"
    begun = "rating=5&comment="
    comment = "a" * (kept - len(begun)) + "%C3%A9" * 50
    body = f"{begun}{comment}"
    kind = "application/x-www-form-urlencoded"
    assert session.client.post(form, data=body, content_type=kind).status_code == 200
    told = session.told()
    assert "# POST /review is left out: it is no text, or was too long to be kept whole." in told
    assert ".review(5" not in told
    ast.parse(told)


def chance(session: Session) -> str:
    """Do what comes out by chance, and return what the balance was then."""
    session.do("/faults", {"name": "status", "status": 503, "probability": 0.5, "times": 0})
    for _ in range(12):
        session.command("balance")
    session.do("/faults", method="DELETE")
    session.do("/smsvote/crowd", {"answering": 0.5, "within": "3h", "ratings": {"5": 3, "1": 2}})
    phones = [{"phone": 71230000000 + number, "text": "?", "text_final": "!"} for number in range(15)]
    assert session.command("send_message", transport="sms", message=phones) == "OK"
    session.do("/securating/crowd", {"answering": 0.5, "within": "3d", "ratings": {"5": 3, "1": 2}})
    for number in range(15):
        session.invite(email=f"{number}@example.com", order=str(number))
    session.do("/clock/advance", {"days": 12})
    return session.command("balance")


def test_what_came_of_chance_comes_of_it_again(pytester: pytest.Pytester) -> None:
    server = Server(port=0, speed=0, world="busy")  # at some fraction of a second
    session = Session(server)
    chance(session)
    told = session.told()
    server.gate.tenants.stop()
    assert "503" in told
    assert 'status == "reviewed"' in told
    run(pytester, told)


def test_a_tenant_is_told_with_its_seed_and_its_account(session: Session, pytester: pytest.Pytester) -> None:
    asked = {"world": "busy", "start": START, "seed": "checkout", "smsvote": {"balance": "70000.50"}}
    tenant = session.do("/tenants", asked)
    session.client.environ_base["HTTP_X_MOCK_TENANT"] = tenant["id"]
    session.key, session.account = tenant["securating"]["keywebsite"], tenant["smsvote"]
    assert chance(session).endswith(".50")
    told = session.told()
    assert 'seed="checkout"' in told
    assert 'balance="70000.50"' in told
    run(pytester, told)


def test_a_fork_is_told_from_the_beginning_of_the_world_it_goes_on_from(
    session: Session, pytester: pytest.Pytester
) -> None:
    tenant = session.do("/tenants", {"world": "busy", "start": START, "seed": "fork"})
    session.client.environ_base["HTTP_X_MOCK_TENANT"] = tenant["id"]
    session.key = tenant["securating"]["keywebsite"]
    session.do("/clock/advance", {"days": 1})
    session.do("/securating/crowd", {"answering": 0.5, "within": "3d", "ratings": {"5": 3, "1": 2}})
    session.do("/snapshots", {"name": "here"})
    fork = session.do("/snapshots/here/fork")
    session.client.environ_base["HTTP_X_MOCK_TENANT"] = fork["id"]
    session.key = fork["securating"]["keywebsite"]
    for number in range(15):
        session.invite(email=f"{number}@example.com", order=str(number))
    session.do("/clock/advance", {"days": 12})
    told = session.told()
    assert 'world="busy", start="2026-03-01 10:00", seed="fork"' in told
    run(pytester, told)


def test_tenants_of_one_world_and_start_live_the_same_under_other_credentials(session: Session) -> None:
    lives = []
    for _ in range(2):
        tenant = session.do("/tenants", {"world": "busy", "start": START})
        session.client.environ_base["HTTP_X_MOCK_TENANT"] = tenant["id"]
        session.key, session.account = tenant["securating"]["keywebsite"], tenant["smsvote"]
        before = session.command("balance")
        outbox = session.client.get("/_mock/v1/outbox?limit=1000").get_json()["outbox"]
        sent = [(each["at"], each["recipient"], each.get("subject")) for each in outbox]
        lives.append((before, sent, chance(session)))
    assert lives[0] == lives[1]


def test_what_rests_on_a_call_too_long_to_be_kept_is_left_out_with_it(
    session: Session, pytester: pytest.Pytester
) -> None:
    link = session.invite(days="0", order="17", meta_long="x" * 5000)
    session.do("/securating/open", {"email": "anna@example.com"})
    form = f"/review?{link.partition('?')[2]}"
    session.client.get(form)
    session.client.post(form, data={"rating": "4", "comment": "Bien"})
    session.invite(days="0", order="18", force_invitation="1")
    session.do("/securating/open", {"email": "anna@example.com"})
    other = session.invite(days="0", email="bea@example.com")
    session.client.post(f"/review?{other.partition('?')[2]}", data={"rating": "4", "comment": "y" * 5000})
    told = session.told()
    assert "    # 2 calls are left out below: what rests on that" in told
    assert "    # POST /_mock/v1/securating/open is left out: it rests on a call that is.\n" in told
    assert told.count(" is left out: it rests on a call that is.\n") == 3
    assert 'order="17"' not in told
    assert 'securating.invitations.one(order="18").open_link()' in told
    run(pytester, told)
