"""What was done through the control surface, told again as a test that passes."""

from __future__ import annotations

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


def test_a_review_before_the_link_was_opened_is_told_by_the_call_itself(session: Session) -> None:
    session.invite(days="0")
    session.do("/securating/review", {"email": "anna@example.com", "rating": 5})
    assert session.deeds[-1].startswith('requests.post(mockserver.url + "/_mock/v1/securating/review"')


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
