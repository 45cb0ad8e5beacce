"""The control rows: phones, organisers of votes, the administration."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.outbox import Letter
from mockserver.services import smsvote
from mockserver.services.service import Request
from mockserver.services.smsvote.model import Account

if TYPE_CHECKING:
    from tests.services.smsvote.conftest import Integrator

PHONE = "71234567890"


def votes(integrator: Integrator, query: str = "") -> Any:
    return json.loads(integrator.control("GET", "/votes", query=query).body)["votes"]


@pytest.mark.claim("SMS-F3")
def test_a_conversation_is_shown_in_its_order_even_within_one_instant(integrator: Integrator) -> None:
    integrator.send({"text_final": "Спасибо"})
    integrator.phone_sends("ой")
    integrator.phone_sends("5", to="4141")
    integrator.world.outbox.put(Letter(integrator.world.clock.now, "securating", PHONE, "invitation", None))
    shown = json.loads(integrator.control("GET", "/phones/<phone>", phone=PHONE).body)
    assert shown["phone"] == PHONE
    assert [(line["direction"], line["text"]) for line in shown["messages"]] == [
        ("to the phone", "Оцените нас от 1 до 5"),
        ("from the phone", "ой"),
        ("from the phone", "5"),
        ("to the phone", "Спасибо"),
    ]
    assert shown["messages"][2] == {
        "direction": "from the phone",
        "at": "2026-03-02T09:00:00Z",
        "text": "5",
        "transport": "sms",
        "to": "4141",
        "account": 52,
        "became": "rating",
        "rating": 5,
    }


@pytest.mark.claim("SMS-V2", "SMS-V5", "SMS-V6")
def test_an_organiser_creates_runs_and_deletes_a_vote(integrator: Integrator) -> None:
    body = {"name": "Опрос", "question": "Да?", "options": ["Да", {"id": "no", "text": "Нет"}, {"text": "Что?"}]}
    reply = integrator.control("POST", "/votes", body)
    made = json.loads(reply.body)
    assert reply.status == 201
    assert (made["nr"], made["global_id"], made["status"], made["multiple"]) == (30, 438, "not active", False)
    assert [option["code"] for option in made["options"]] == ["1", "no", "3"]
    for verb, status in (("start", "active"), ("finish", "finished"), ("delete", "deleted")):
        changed = json.loads(integrator.control("POST", f"/votes/<nr>/{verb}", nr="30").body)
        assert changed["status"] == status
    assert [vote["status"] for vote in votes(integrator)] == ["finished", "active", "deleted"]
    assert votes(integrator)[1]["options"][0] == {"global_id": 1217, "code": "1", "text": "Байкал", "votes": 3}


@pytest.mark.claim("SMS-V5")
def test_a_participant_votes_by_code_or_by_global_id(integrator: Integrator) -> None:
    def cast(participant: str, option: object) -> Any:
        body = {"participant": participant, "option": option}
        return json.loads(integrator.control("POST", "/votes/<nr>/ballots", body, nr="29").body)

    assert cast("71230000001", "2")["counted"] is True
    assert cast("71230000002", 1218)["counted"] is True
    second = cast("71230000002", "1")
    assert second["counted"] is False
    assert [option["votes"] for option in second["vote"]["options"]] == [3, 3, 1]
    for wrong in (2, "1218", "", None, True):
        before = integrator.facts()
        with pytest.raises(Refusal) as refused:
            cast("71230000003", wrong)
        assert refused.value.field == "option"
        assert integrator.facts() == before


@pytest.mark.claim("SMS-F2", "SMS-M5", "SMS-M6", "SMS-B1")
def test_the_administration_sees_and_changes_an_account(integrator: Integrator) -> None:
    integrator.send()
    integrator.change(
        balance="12.345",
        price=0.5,
        daily_limit=None,
        monthly_limit=7,
        api_allowed=False,
        sending_delay="1h30m",
        final_texts={"5": "Ура!"},
        prefixes=["БАР", "КАФЕ"],
    )
    (shown,) = json.loads(integrator.control("GET", "/accounts").body)["accounts"]
    assert shown == {
        "id": 52,
        "secure": integrator.account.secure,
        "balance": "12.345",
        "price": "0.5",
        "daily_limit": None,
        "monthly_limit": 7,
        "sent_today": 1,
        "sent_this_month": 1,
        "api_allowed": False,
        "sending_delay": 5400.0,
        "final_texts": {"5": "Ура!"},
        "prefixes": ["БАР", "КАФЕ"],
    }
    integrator.change()
    assert json.loads(integrator.control("GET", "/accounts").body)["accounts"] == [shown]


@pytest.mark.claim("SMS-F2", "SMS-M5", "SMS-M6")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"balance": "a lot"}, "balance"),
        ({"balance": "NaN"}, "balance"),
        ({"balance": "1e999999"}, "balance"),
        ({"balance": "0e999999"}, "balance"),
        ({"balance": 10**13}, "balance"),
        ({"balance": "0.0000001"}, "balance"),
        ({"balance": None}, "balance"),
        ({"balance": True}, "balance"),
        ({"price": "-1"}, "price"),
        ({"daily_limit": -1}, "daily_limit"),
        ({"daily_limit": "5"}, "daily_limit"),
        ({"api_allowed": 1}, "api_allowed"),
        ({"sending_delay": "soon"}, "sending_delay"),
        ({"sending_delay": -1}, "sending_delay"),
        ({"sending_delay": None}, "sending_delay"),
        ({"final_texts": ["a"]}, "final_texts"),
        ({"final_texts": {"6": "a"}}, "final_texts.6"),
        ({"final_texts": {"5": 5}}, "final_texts.5"),
        ({"prefixes": "КАФЕ"}, "prefixes"),
        ({"prefixes": ["БАР"]}, "prefixes"),
        ({"prefixes": [""]}, "prefixes"),
        ({"prefixes": [" КАФЕ"]}, "prefixes"),
        ({"prefixes": ["К\x00"]}, "prefixes"),
        ({"prefixes": ["К" * 21]}, "prefixes"),
        ({"prefixes": [5]}, "prefixes"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_change_names_its_field_and_changes_nothing(
    integrator: Integrator, changes: dict[str, object], field: str
) -> None:
    integrator.open(Account(53, "s", Decimal(0), Decimal(1)), "БАР")
    before = integrator.facts()
    with pytest.raises(Refusal) as refused:
        integrator.change(**{"balance": "1.00"} | changes)
    assert refused.value.field == field
    assert refused.value.code == "bad request"
    assert integrator.facts() == before


@pytest.mark.claim("SMS-V2")
def test_an_account_is_chosen_among_several(integrator: Integrator) -> None:
    integrator.open(Account(53, "s", Decimal(0), Decimal(1)))
    body = {"name": "Опрос", "question": "Да?", "options": ["Да"], "account": 53}
    integrator.control("POST", "/votes", body)
    assert [vote["nr"] for vote in votes(integrator, "account=53")] == [1]
    assert [vote["nr"] for vote in votes(integrator)] == [28, 29]
    integrator.control("POST", "/votes/<nr>/start", {"account": 53}, nr="1")
    assert votes(integrator, "account=53")[0]["status"] == "active"


@pytest.mark.claim("SMS-V2", "SMS-F3")
@pytest.mark.parametrize(
    ("method", "path", "body", "args", "field"),
    [
        ("POST", "/phones/<phone>/send", {"text": "5"}, {"phone": "123"}, "phone"),
        ("POST", "/phones/<phone>/send", {}, {"phone": PHONE}, "text"),
        ("POST", "/phones/<phone>/send", {"text": "\x00"}, {"phone": PHONE}, "text"),
        ("POST", "/phones/<phone>/send", {"text": "\ud800"}, {"phone": PHONE}, "body"),
        ("POST", "/phones/<phone>/send", {"text": "5", "transport": "fax"}, {"phone": PHONE}, "transport"),
        ("POST", "/phones/<phone>/send", {"text": "5", "account": 99}, {"phone": PHONE}, "account"),
        ("POST", "/phones/<phone>/send", {"text": "5", "txet": "5"}, {"phone": PHONE}, "txet"),
        ("GET", "/phones/<phone>", None, {"phone": "../../etc"}, "phone"),
        ("POST", "/votes", {"name": "", "question": "?", "options": ["a"]}, {}, "name"),
        ("POST", "/votes", {"name": "a" * 1001, "question": "?", "options": ["a"]}, {}, "name"),
        ("POST", "/votes", {"name": "a", "question": "?", "options": []}, {}, "options"),
        ("POST", "/votes", {"name": "a", "question": "?", "options": ["a", {"id": "1", "text": "b"}]}, {}, "options"),
        ("POST", "/votes", {"name": "a", "question": "?", "options": [{"id": " 1", "text": "b"}]}, {}, "options[0].id"),
        ("POST", "/votes", {"name": "a", "question": "?", "options": [{"txt": "b"}]}, {}, "options[0].text"),
        ("POST", "/votes", {"name": "a", "question": "?", "options": [7]}, {}, "options[0]"),
        ("POST", "/votes", {"name": "a", "question": "?", "options": ["a"], "multiple": 1}, {}, "multiple"),
        ("POST", "/votes", [], {}, "body"),
        ("POST", "/votes/<nr>/start", {}, {"nr": "27"}, "nr"),
        ("POST", "/votes/<nr>/start", {}, {"nr": "29"}, "nr"),
        ("POST", "/votes/<nr>/start", {}, {"nr": "x"}, "nr"),
        ("POST", "/votes/<nr>/start", {"at": "now"}, {"nr": "29"}, "at"),
        ("POST", "/votes/<nr>/ballots", {"participant": "1", "option": "1"}, {"nr": "29"}, "participant"),
        ("POST", "/votes/<nr>/ballots", {"participant": PHONE, "option": "1"}, {"nr": "28"}, "nr"),
        ("POST", "/questionnaires", {"name": "a", "questions": []}, {}, "questions"),
        ("POST", "/questionnaires", {"name": "a", "questions": [{"text": "?"}]}, {}, "questions[0].options"),
        ("POST", "/questionnaires/<id>/ask", {"phone": "1"}, {"id": "1"}, "phone"),
        ("POST", "/accounts/<id>", {}, {"id": "99"}, "account"),
    ],
)
def test_a_wrong_control_call_names_its_field_and_changes_nothing(
    integrator: Integrator, method: str, path: str, body: object, args: dict[str, str], field: str
) -> None:
    before = integrator.facts()
    with pytest.raises(Refusal) as refused:
        integrator.control(method, path, body, **args)
    assert refused.value.field == field
    assert refused.value.why
    assert integrator.facts() == before


@pytest.mark.claim("SMS-G2")
def test_a_world_without_accounts_is_no_reason_to_crash(integrator: Integrator) -> None:
    state, service = integrator.state, smsvote.SERVICE
    for table in (state.accounts, state.cabinets, state.prefixes):
        table.clear()
    assert integrator.ask("balance").body == b"Error: wrong user id or token"
    with pytest.raises(Refusal, match="there are: none"):
        integrator.phone_sends("5")
    assert service.credentials(integrator.world) == {}
    assert service.example(integrator.world, "http://127.0.0.1:8000")


@pytest.mark.claim("SMS-B1", "SMS-G2")
def test_the_example_is_one_line_that_works_as_it_stands(integrator: Integrator) -> None:
    service = smsvote.SERVICE
    assert service.credentials(integrator.world) == {"id": 52, "secure": "05ea83436373cae23787455c5fd1de87"}
    line = service.example(integrator.world, "http://127.0.0.1:8000/")
    start, url = line.split('"')[:2]
    assert start == "curl -g "
    path, _, query = url.removeprefix("http://127.0.0.1:8000").partition("?")
    assert not set(query) & set(" '{}\\$`!&")
    assert integrator.call("GET", path, query).body == b"1000.00"


@pytest.mark.claim("SMS-B1")
def test_the_balance_is_a_plain_decimal_and_its_places_are_a_setting(integrator: Integrator) -> None:
    reply = integrator.ask("balance")
    assert (reply.status, reply.body, reply.content_type) == (200, b"1000.00", "text/plain; charset=utf-8")
    integrator.change(balance="-0.5")
    assert integrator.ask("balance").body == b"-0.50"
    integrator.change(balance="1e3")
    assert integrator.ask("balance").body == b"1000.00"
    state = integrator.state
    state.settings = state.settings.override({"balance_places": 0}, "settings")
    assert integrator.ask("balance").body == b"1000"


def test_messages_incoming_and_ratings_are_listed_newest_last_and_counted(integrator: Integrator) -> None:
    integrator.send({"text_final": "Спасибо"})
    integrator.phone_sends("ой")
    became = integrator.phone_sends("5")
    assert (became["sms"]["became"], became["sms"]["phone"]) == ("rating", PHONE)
    assert all(became[name] == value for name, value in became["sms"].items() if name in became)
    listed = json.loads(integrator.control("GET", "/messages", query="limit=1").body)
    assert ([sms["kind"] for sms in listed["messages"]], listed["count"]) == (["final"], 2)
    incoming = json.loads(integrator.control("GET", "/incoming", query=f"phone={PHONE}").body)["incoming"]
    assert [(sms["text"], sms["became"]) for sms in incoming] == [("ой", "nothing"), ("5", "rating")]
    assert json.loads(integrator.control("GET", "/incoming", query="phone=79990000000").body)["count"] == 0
    rating = json.loads(integrator.control("GET", "/ratings").body)["ratings"][-1]
    assert (rating["phone"], rating["value"]) == (PHONE, 5)


def test_a_phone_does_later_what_was_said(integrator: Integrator) -> None:
    said = integrator.control("POST", "/phones/<phone>/will-reply", {"text": "4", "after": "2h"}, phone=PHONE)
    assert json.loads(said.body) == {"phone": PHONE, "will": {"text": "4", "after": 7200}}
    crowd = {"answering": 1, "within": 60, "ratings": {"2": 1}}
    assert json.loads(integrator.control("POST", "/crowd", crowd).body) == crowd
    integrator.send({}, {"phone": "79990000000"})
    integrator.wait(hours=2)
    assert [(rating.phone, rating.value) for rating in integrator.cabinet.ratings[-2:]] == [
        ("79990000000", 2),
        (PHONE, 4),
    ]


def test_a_vote_is_shown_alone(integrator: Integrator) -> None:
    shown = json.loads(integrator.control("GET", "/votes/<nr>", nr="29").body)
    assert shown == votes(integrator)[1]
    with pytest.raises(Refusal) as refused:
        integrator.control("GET", "/votes/<nr>", nr="99")
    assert (refused.value.code, refused.value.field) == ("no such call", "nr")


def test_the_first_account_and_settings_are_changed_at_once(integrator: Integrator) -> None:
    shown = json.loads(integrator.control("POST", "/change", {"balance": "2.00", "reply_matches": "oldest"}).body)
    assert (shown["balance"], integrator.state.settings.reply_matches) == ("2.00", "oldest")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/phones/<phone>/will-reply", {}, "text"),
        ("/phones/<phone>/will-reply", {"text": 5}, "text"),
        ("/phones/<phone>/will-reply", {"text": "5" * 39_016}, "text"),
        ("/phones/<phone>/will-reply", {"text": "5\x00"}, "text"),
        ("/phones/<phone>/send", {"text": "5" * 39_016}, "text"),
        ("/phones/<phone>/send", {"text": "5\x00"}, "text"),
        ("/phones/<phone>/will-reply", {"text": "5", "after": "soon"}, "after"),
        ("/phones/<phone>/will-reply", {"text": "5", "colour": "red"}, "colour"),
        ("/crowd", {"answering": 1, "within": "1d"}, "ratings"),
        ("/crowd", {"answering": -1, "within": "1d", "ratings": {"5": 1}}, "answering"),
        ("/change", {"balance": "a lot", "reply_matches": "oldest"}, "smsvote.balance"),
        ("/change", {"balance": "1", "reply_matches": "newest or so"}, "smsvote.reply_matches"),
        ("/change", {"prefixes": ["БАР"], "reply_matches": "oldest"}, "prefixes"),
        ("/change", {"balance": "1", "colour": "red"}, "smsvote.colour"),
    ],
)
def test_what_nobody_can_mean_is_refused_by_its_field_and_changes_nothing(
    integrator: Integrator, path: str, body: dict[str, object], field: str
) -> None:
    integrator.open(Account(53, "other", Decimal(1), Decimal(1)), "БАР")
    before, settings = integrator.facts(), integrator.state.settings
    with pytest.raises((Refusal, InvalidInput)) as refused:
        integrator.control("POST", path, body, phone=PHONE)
    error = refused.value
    assert field in {getattr(error, "field", None), getattr(error, "path", None)}
    assert (integrator.facts(), integrator.state.settings) == (before, settings)


@pytest.mark.claim("SMS-M4")
def test_the_outbox_reads_a_text_message_as_it_was_sent(integrator: Integrator) -> None:
    integrator.send()
    (_, message) = integrator.world.outbox.to(PHONE)[0]
    assert smsvote.SERVICE.compose(integrator.world, message) == {"text": "Оцените нас от 1 до 5"}


@pytest.mark.claim("SMS-G1")
def test_every_control_row_is_under_a_path_and_says_what_it_does() -> None:
    assert len({(row.method, row.path) for row in smsvote.SERVICE.controls}) == len(smsvote.SERVICE.controls)
    for row in smsvote.SERVICE.controls:
        assert row.path.startswith("/")
        assert row.method in {"GET", "POST"}
        assert row.name
    assert Request("GET", "/").params() == {}
