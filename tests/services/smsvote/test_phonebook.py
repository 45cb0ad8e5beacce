from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from mockserver.core.errors import Refusal

if TYPE_CHECKING:
    from tests.services.smsvote.conftest import Integrator

PHONE, OTHER = "71234567890", "79991112233"


def phones(integrator: Integrator, query: str = "") -> Any:
    return json.loads(integrator.control("GET", "/phones", query=query).body)


def conversation(integrator: Integrator, phone: str = PHONE) -> Any:
    return json.loads(integrator.control("GET", "/phones/<phone>", phone=phone).body)


def test_phones_are_listed_with_their_last_line_the_newest_last(integrator: Integrator) -> None:
    assert phones(integrator) == {"phones": [], "count": 0}
    integrator.send({"phone": int(PHONE), "text_final": "Спасибо!"})
    integrator.wait(minutes=1)
    integrator.send({"phone": int(OTHER)})
    integrator.wait(minutes=1)
    integrator.phone_sends("5 отлично")
    listed = phones(integrator)["phones"]
    assert [(each["phone"], each["text"], each["messages"], each["is_asked"]) for each in listed] == [
        (OTHER, "Оцените нас от 1 до 5", 1, True),
        (PHONE, "Спасибо!", 3, False),
    ]
    assert [each["direction"] for each in listed] == ["to the phone", "to the phone"]
    assert phones(integrator, "contains=999")["count"] == 1
    assert [each["phone"] for each in phones(integrator, "limit=1")["phones"]] == [PHONE]


def test_a_phone_that_only_wrote_is_listed_too(integrator: Integrator) -> None:
    integrator.phone_sends("привет", phone=OTHER)
    (only,) = phones(integrator)["phones"]
    assert (only["phone"], only["direction"], only["is_asked"]) == (OTHER, "from the phone", False)


def test_a_conversation_shows_what_is_still_to_come_and_what_the_owner_will_answer(integrator: Integrator) -> None:
    integrator.change(sending_delay="30m")
    integrator.control("POST", "/phones/<phone>/will-reply", {"text": "4", "after": "1h"}, phone=PHONE)
    integrator.send()
    shown = conversation(integrator)
    assert (shown["messages"], shown["is_asked"], shown["will"]) == ([], False, {"text": "4", "after": 3600})
    assert [(each["direction"], each["due"][11:16]) for each in shown["coming"]] == [("to the phone", "09:30")]
    integrator.wait(minutes=30)
    shown = conversation(integrator)
    assert [(each["direction"], each["text"]) for each in shown["coming"]] == [("from the phone", "4")]
    assert shown["is_asked"]


def test_a_phone_that_is_none_is_refused(integrator: Integrator) -> None:
    with pytest.raises(Refusal, match="digits expected"):
        conversation(integrator, "anna")


@pytest.mark.claim("SMS-V9")
def test_questionnaires_are_listed_with_their_answers(integrator: Integrator) -> None:
    integrator.control("POST", "/questionnaires/<id>/ask", {"phone": PHONE}, id="1")
    integrator.phone_sends("2")
    (only,) = json.loads(integrator.control("GET", "/questionnaires").body)["questionnaires"]
    assert only["participants"] == [{"phone": PHONE, "phase": "answering", "answers": ["2"]}]
    with pytest.raises(Refusal, match="no account 7"):
        integrator.control("GET", "/questionnaires", query="account=7")


@pytest.mark.claim("SMS-V7")
@pytest.mark.parametrize("query", ["vote_nr=28&vote_nr=29", "vote_nr=28,29", ""])
def test_votes_for_an_excel_table_may_be_chosen_as_a_form_does(integrator: Integrator, query: str) -> None:
    table = load_workbook(BytesIO(integrator.control("GET", "/votes.xlsx", query=query).body)).active
    assert table is not None
    assert {row[0] for row in table.iter_rows(min_row=2, values_only=True)} == {28, 29}


@pytest.mark.parametrize("spelling", ["+7 123 456-78-90", "7 (123) 456", "+7123"])
def test_a_phone_is_found_as_people_write_it(integrator: Integrator, spelling: str) -> None:
    integrator.send({"phone": PHONE}, {"phone": OTHER})
    found = phones(integrator, urlencode({"contains": spelling}))
    assert ([row["phone"] for row in found["phones"]], found["count"]) == ([PHONE], 1)


def test_a_phone_is_shown_and_sends_under_any_spelling(integrator: Integrator) -> None:
    integrator.send({"phone": PHONE})
    assert integrator.phone_sends("5", phone="+7 123 456-78-90")["became"] == "rating"
    assert conversation(integrator, "+7 (123) 456-78-90") == conversation(integrator)
    assert integrator.send({"phone": "+7 123 456-78-90"}).body.startswith(b"Error: json")
