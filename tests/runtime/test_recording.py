"""What is written down about a call, and how the explanation travels beside the journal."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import datetime, timezone
from urllib.parse import unquote, urlencode

import freezegun
import pytest
import time_machine

from mockserver.core.journal import Exchange
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.pace import wall_seconds
from mockserver.runtime.recording import BODY_KEPT, LONGEST_WHY
from mockserver.services import SERVICES
from mockserver.services.service import Operation, Reply, Request

SECURATING, SMSVOTE = SERVICES
FORM = {"content-type": "application/x-www-form-urlencoded"}


def command(double: Double, name: str = "balance", **fields: object) -> Reply:
    rows = SMSVOTE.operations(SMSVOTE.settings_of(double.world))
    row = next(row for row in rows if (row.name, row.method) == (name, "GET"))
    stated = {name: value for name, value in (SMSVOTE.credentials(double.world) | fields).items() if value is not None}
    query = urlencode({"json": json.dumps(stated)})
    return double.answer(SMSVOTE, row, Request("GET", row.path, query, origin="http://127.0.0.1:8052"))


def invite(double: Double, body: bytes = b"", **fields: str) -> Reply:
    row = SECURATING.operations(SECURATING.settings_of(double.world))[0]
    sent = {"email": "anna@example.com", **{name: str(v) for name, v in SECURATING.credentials(double.world).items()}}
    return double.answer(
        SECURATING, row, Request("POST", row.path, headers=FORM, body=body or urlencode(sent | fields).encode())
    )


def last(double: Double) -> Exchange:
    return double.world.journal.exchanges()[-1]


def test_an_exchange_knows_who_asked_when_and_what_the_answer_rests_on(world: World) -> None:
    double = Double(world, name="t-7")
    before = wall_seconds()
    invite(double)
    exchange = last(double)
    assert (exchange.tenant, exchange.at, exchange.refusal) == ("t-7", world.clock.now, "")
    assert (exchange.claims, exchange.grade) == (("SEC-C1", "SEC-C2", "SEC-C3"), "assumed")
    assert (exchange.request_type, exchange.reply_type) == (FORM["content-type"], "text/plain; charset=utf-8")
    assert before <= exchange.began <= wall_seconds()
    assert exchange.real_at.tzinfo is timezone.utc
    assert 0 <= exchange.seconds < 60
    assert exchange.is_exact


@pytest.mark.parametrize(
    ("how", "code", "claims"),
    [
        ({"email": "anna"}, "bad parameter", ("SEC-C6", "SEC-C24")),
        ({"thematics": "1000100,1000200,1000300,1000400"}, "bad parameter", ("SEC-C13", "SEC-C24")),
        ({"thematics": "12"}, "bad parameter", ("SEC-T1", "SEC-C24")),
        ({"profile_id": "nobody"}, "bad parameter", ("SEC-C17", "SEC-C24")),
        ({"keywebsite": "x"}, "unknown key", ("SEC-C5", "SEC-C24")),
    ],
)
def test_a_refusal_of_securating_rests_on_the_claims_of_its_parameter(
    double: Double, how: dict[str, str], code: str, claims: tuple[str, ...]
) -> None:
    invite(double, b"", **how)
    assert (last(double).refusal, last(double).claims) == (code, claims)


def test_a_second_invitation_within_a_day_rests_on_the_day_and_on_how_it_is_counted(double: Double) -> None:
    invite(double)
    invite(double)
    assert (last(double).refusal, last(double).claims) == ("too soon", ("SEC-C6", "SEC-C10", "SEC-C12", "SEC-C24"))


@pytest.mark.parametrize(
    ("how", "claims"),
    [
        ({"secure": "x"}, ("SMS-G2", "SMS-G3", "SMS-G4", "SMS-G5")),
        ({"secure": None}, ("SMS-G6", "SMS-G3", "SMS-G4", "SMS-G5")),
        ({"name": "vote_report", "vote_nr": 99}, ("SMS-V8", "SMS-G3", "SMS-G4", "SMS-G5")),
    ],
)
def test_a_refusal_of_sms_vote_rests_on_the_claims_of_its_line(
    double: Double, how: dict[str, object], claims: tuple[str, ...]
) -> None:
    command(double, **how)  # type: ignore[arg-type]
    assert last(double).claims == claims
    assert last(double).grade == "assumed"


def test_headers_say_where_an_answer_stands_and_what_it_rests_on(double: Double) -> None:
    command(double)
    headers = dict(command(double).headers)
    assert headers == {"X-Mock-Exchange": "2", "X-Mock-Grade": "assumed", "X-Mock-Claims": "SMS-B1 SMS-G1 SMS-G2"}


def test_a_header_says_why_in_ascii_and_within_bounds(double: Double) -> None:
    row = Operation(
        "odd", "GET", "/odd", lambda _world, _request: Reply(200, b"", notes=("ключ\r\nX: 100%", "я" * 999))
    )
    why = dict(double.answer(SMSVOTE, row, Request("GET", "/odd")).headers)["X-Mock-Why"]
    assert why.isascii()
    assert why.isprintable()
    assert unquote(why).startswith("ключ\r\nX: 100%; яяя")
    assert len(unquote(why)) == LONGEST_WHY


def test_a_header_has_a_range_with_a_plain_hyphen(double: Double) -> None:
    row = Operation("odd", "GET", "/odd", lambda _world, _request: Reply(200, b"", notes=("11–15 digits",)))
    assert dict(double.answer(SMSVOTE, row, Request("GET", "/odd")).headers)["X-Mock-Why"] == "11-15 digits"
    assert last(double).notes == ("11–15 digits",)


def test_the_headers_can_be_switched_off(world: World) -> None:
    reply = command(Double(world, explains=False), secure="x")
    assert reply.headers == ()
    assert world.journal.exchanges()[-1].notes == reply.notes != ()


def test_a_crash_rests_on_no_claim(double: Double, caplog: pytest.LogCaptureFixture) -> None:
    row = Operation("crash", "GET", "/", lambda _world, _request: Reply(1 // 0, b""), claims=("SMS-B1",))
    reply = double.answer(SMSVOTE, row, Request("GET", "/"))
    assert (last(double).claims, last(double).grade, last(double).refusal) == ((), "", "")
    assert dict(reply.headers) == {"X-Mock-Exchange": "1"}


@pytest.mark.parametrize(
    ("body", "is_exact"),
    [
        (b"a=b", True),
        ("комментарий=да".encode(), True),
        (b"\xff\xfe\x00", False),
        (b"a" * BODY_KEPT, True),
        (b"a" * (BODY_KEPT + 1), False),
    ],
)
def test_an_exchange_knows_whether_its_request_is_kept_to_the_byte(double: Double, body: bytes, is_exact: bool) -> None:
    invite(double, body)
    assert last(double).is_exact is is_exact
    assert len(last(double).request_body) <= BODY_KEPT


def test_a_path_that_is_no_text_is_not_kept_to_the_byte(double: Double) -> None:
    double.answer(
        SMSVOTE, Operation("odd", "GET", "/", lambda _world, _request: Reply(404, b"")), Request("GET", "/\ufffd")
    )
    assert not last(double).is_exact


def test_the_real_instant_is_real_also_while_time_is_frozen(double: Double) -> None:
    real = wall_seconds()
    with freezegun.freeze_time("2001-02-03"):
        command(double)
    with time_machine.travel(datetime(2001, 2, 3, tzinfo=timezone.utc), tick=False):
        command(double)
    assert all(abs(exchange.began - real) < 600 for exchange in double.world.journal.exchanges())


def test_the_log_has_a_line_for_each_exchange_with_its_reason(double: Double, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="mockserver"):
        command(double)
        invite(double, email="anna")
        invite(Double(double.world.copy(), name="t-2"), colour="red")
    assert [record.getMessage() for record in caplog.records] == [
        "GET /api/command/balance.php 200",
        "POST /invitation/create 400 because email: 'anna', an e-mail address expected: no @ in it",
        "[t-2] POST /invitation/create 200 - unknown parameter colour",
    ]


def test_the_log_line_holds_neither_secrets_nor_line_breaks(double: Double, caplog: pytest.LogCaptureFixture) -> None:
    key = str(SECURATING.credentials(double.world)["keywebsite"])
    row = Operation("odd", "GET", "/x", lambda _world, _request: Reply(200, b"", notes=(f"it was {key}",)))
    with caplog.at_level(logging.INFO, logger="mockserver"):
        double.answer(SECURATING, row, Request("GET", f"/{key}\r\nGET /forged 200"))
    (line,) = (record.getMessage() for record in caplog.records)
    assert key not in line
    assert line.isprintable()


def test_no_line_is_made_where_nobody_listens(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.runtime.double.log_line", None)
    assert command(double).status == 200


@pytest.mark.claim("SMS-V6")
def test_a_page_that_finds_no_news_of_itself_is_not_written_down(double: Double) -> None:
    row = next(row for row in SMSVOTE.operations(SMSVOTE.settings_of(double.world)) if row.name == "vote screen")
    asked = Request("GET", row.path, "v=4f2a9c1e7d305b86")
    first = double.answer(SMSVOTE, row, asked)
    again = replace(asked, headers={"if-none-match": dict(first.headers)["ETag"]})
    assert double.answer(SMSVOTE, row, again).status == 304
    assert double.world.journal.written == 1
    assert double.answer(SMSVOTE, row, asked).status == 200
    assert double.world.journal.written == 2
