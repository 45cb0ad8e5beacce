"""What every command of sms-vote has in common: where its JSON comes from, who gives it, which error it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.services import smsvote
from mockserver.services.service import NO_SUCH_CALL, TEXT, TOO_LARGE, WRONG_METHOD, Request
from mockserver.services.smsvote.errors import ERRORS
from mockserver.services.smsvote.settings import SmsVoteSettings

if TYPE_CHECKING:
    from tests.services.smsvote.conftest import Integrator

SECURE = "05ea83436373cae23787455c5fd1de87"
JSON_ERROR = b"Error: json has wrong format, and cannot be decoded"
USER_ERROR = b"Error: wrong user id or token"

Make = Callable[..., "Integrator"]


@pytest.mark.claim("SMS-G1", "SMS-G2")
def test_the_documented_balance_url_answers_as_it_is_printed(integrator: Integrator) -> None:
    query = 'json={"id":52,"secure":"05ea83436373cae23787455c5fd1de87"}'
    assert integrator.call("GET", "/api/command/balance.php", query).body == b"1000.00"


@pytest.mark.claim("SMS-G1")
@pytest.mark.parametrize("command", ["send_message", "feedback_report", "vote_report", "votereport", "balance"])
def test_a_post_field_gets_the_same_answer_as_the_query(integrator: Integrator, command: str) -> None:
    stated = {"id": 52, "secure": SECURE, "vote_nr": 29, "format": "csv", "date_from": "2015-05-01 00:00:00"}
    stated |= {"date_to": "2016-06-30 23:59:59", "transport": "sms", "message": [{"phone": 71234567890, "text": "?"}]}
    form = urlencode({"json": json.dumps(stated)})
    path = f"/api/command/{command}.php"
    by_get = integrator.call("GET", path, form)
    by_post = integrator.call("POST", path, body=form.encode())
    assert by_get == by_post
    assert not by_get.body.startswith(b"Error")


@pytest.mark.claim("SMS-G1")
def test_a_setting_takes_the_posts_away(integrator: Integrator) -> None:
    rows = smsvote.SERVICE.operations(SmsVoteSettings(accepts_post=False))
    assert {row.method for row in rows} == {"GET"}
    settings_now = smsvote.SERVICE.settings_of(integrator.world)
    assert {row.method for row in smsvote.SERVICE.operations(settings_now)} == {"GET", "POST"}


@pytest.mark.claim("SMS-G1")
def test_a_post_without_the_field_is_told_where_it_was_looked_for(integrator: Integrator) -> None:
    headers = {"content-type": "application/json"}
    reply = integrator.call("POST", "/api/command/balance.php", body=b'{"id":52}', **headers)
    assert reply.body == JSON_ERROR
    assert 'form body, a JSON object expected; the content type is "application/json"' in reply.notes[0]


@pytest.mark.claim("SMS-G2")
@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (SECURE[:-1] + "8", "in its last character"),
        (SECURE.upper(), "in upper and lower case"),
        (SECURE[:-1], "has 31 characters, account 52's has 32"),
        (f" {SECURE}", "by white space around it"),
        ("1" + SECURE[1:16] + "!" + SECURE[17:], "in 2 of 32 characters, the first of them character 1"),
        ("", "has 0 characters"),
    ],
)
def test_a_wrong_secret_is_refused_and_the_journal_says_how_near_it_was(
    integrator: Integrator, given: str, hint: str
) -> None:
    before = integrator.facts()
    reply = integrator.send(secure=given)
    assert reply.body == USER_ERROR
    assert hint in reply.notes[0]
    assert SECURE not in reply.notes[0]
    assert integrator.facts() == before


@pytest.mark.claim("SMS-G2")
def test_an_unknown_id_is_refused_with_the_ids_there_are(integrator: Integrator) -> None:
    reply = integrator.ask("balance", id=53)
    assert reply.body == USER_ERROR
    assert reply.notes == ("id: no account 53; there are: 52; secure is account 52's",)


@pytest.mark.claim("SMS-G5")
def test_the_id_may_be_a_number_or_a_numeric_text(integrator: Integrator) -> None:
    assert integrator.ask("balance", id="52").body == integrator.ask("balance", id=52).body == b"1000.00"


@pytest.mark.claim("SMS-G6")
@pytest.mark.parametrize("wrong", [True, None, 52.0, "fifty-two", "", "５２", "-52", [52], {"id": 52}])
def test_an_id_that_is_no_number_is_a_mistyped_field(integrator: Integrator, wrong: object) -> None:
    reply = integrator.ask("balance", id=wrong)
    assert reply.body == JSON_ERROR
    assert reply.notes[0].startswith("json: id: ")


@pytest.mark.claim("SMS-G3")
def test_the_seven_errors_are_to_the_letter() -> None:
    assert list(ERRORS.values()) == [
        "Error: wrong user id or token",
        "Error: API not allowed",
        "Error: not enough balance",
        "Error: too many messages per day",
        "Error: too many messages per month",
        "Error: json has wrong format, and cannot be decoded",
        "Error: wrong vote id or vote is inactive",
    ]


@pytest.mark.claim("SMS-G3", "SMS-G4")
@pytest.mark.parametrize("code", ERRORS)
def test_an_error_is_the_line_alone_and_its_status_and_type_are_settings(integrator_with: Make, code: str) -> None:
    for overrides, status, media_type in (
        ((), 200, TEXT),
        (("error_status=400", "error_content_type=text/html"), 400, "text/html"),
    ):
        integrator = integrator_with(*overrides)
        refusal = Refusal(code, "it was wrong", "field")
        reply = smsvote.SERVICE.refuse(integrator.world, Request("GET", "/"), refusal)
        assert (reply.status, reply.body.decode(), reply.content_type) == (status, ERRORS[code], media_type)
        assert reply.notes == ("field: it was wrong",)


@pytest.mark.claim("SMS-G3")
def test_what_the_gate_refuses_has_words_too(integrator: Integrator) -> None:
    def refused(code: str, why: str) -> tuple[int, str, tuple[str, ...]]:
        reply = smsvote.SERVICE.refuse(integrator.world, Request("PUT", "/x"), Refusal(code, why))
        return reply.status, reply.body.decode(), reply.notes

    assert refused(NO_SUCH_CALL, "no such call") == (404, "Not Found", ("no such call",))
    assert refused(WRONG_METHOD, "PUT, GET or POST expected")[:2] == (
        405,
        "Method Not Allowed: PUT, GET or POST expected",
    )
    why = "a body of 2000000 bytes, a smaller one expected"
    assert refused(TOO_LARGE, why) == (200, JSON_ERROR.decode(), (why,))


@pytest.mark.claim("SMS-G5")
def test_of_all_errors_at_once_each_is_told_in_its_turn(integrator: Integrator) -> None:
    wrong = {"id": 53, "message": [{"phone": 1}]}
    integrator.change(api_allowed=False, balance="0", daily_limit=0, monthly_limit=0)
    told = [
        integrator.say("send_message", "{").body,
        integrator.send(**wrong).body,
        integrator.send(**wrong | {"id": 52}).body,
    ]
    integrator.change(api_allowed=True)
    told.append(integrator.send(**wrong | {"id": 52}).body)
    told.append(integrator.send().body)
    integrator.change(balance="10")
    told.append(integrator.send().body)
    integrator.change(daily_limit=None)
    told.append(integrator.send().body)
    integrator.change(monthly_limit=None)
    told.append(integrator.send().body)
    codes = ["wrong json", "wrong user", "api not allowed", "wrong json", "not enough balance", "too many per day"]
    errors = [ERRORS[code].encode() for code in [*codes, "too many per month"]]
    assert told == [*errors, b"OK"]


@pytest.mark.claim("SMS-G5")
@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("json,fields,account,api,balance,day,month", "wrong json"),
        ("json,account,api,fields,month,day,balance", "wrong user"),
    ],
)
def test_the_order_of_the_checks_is_a_setting(integrator_with: Make, order: str, code: str) -> None:
    integrator = integrator_with(f"check_order={order}")
    assert integrator.send(id=53, message=[]).body == ERRORS[code].encode()


@pytest.mark.claim("SMS-G5")
@pytest.mark.parametrize("first", ["api", "balance", "day", "month"])
def test_the_limits_and_the_permission_may_come_in_any_order(integrator_with: Make, first: str) -> None:
    rest = [name for name in ("api", "balance", "day", "month") if name != first]
    integrator = integrator_with(f"check_order=json,account,fields,{first},{','.join(rest)}")
    integrator.change(api_allowed=False, balance="0", daily_limit=0, monthly_limit=0)
    codes = {"api": "api not allowed", "balance": "not enough balance", "day": "too many per day"}
    assert integrator.send().body == ERRORS[codes.get(first, "too many per month")].encode()


@pytest.mark.claim("SMS-G5")
@pytest.mark.parametrize(
    "order",
    [
        "account,json,api,fields,balance,day,month",
        "json,account,api,balance,fields,day,month",
        "json,api,account,fields,balance,day,month",
        "json,account,api,fields,balance,day",
        "json,account,api,fields,balance,day,month,month",
        "json,account,api,fields,balance,day,year",
        "",
    ],
)
def test_an_order_that_cannot_be_followed_is_a_mistake_of_the_settings(integrator_with: Make, order: str) -> None:
    with pytest.raises(InvalidInput, match=r"smsvote\.settings\.check_order"):
        integrator_with(f"check_order={order}")


@pytest.mark.claim("SMS-G5")
def test_the_api_is_needed_for_sending_and_a_setting_extends_that(integrator_with: Make) -> None:
    integrator = integrator_with()
    integrator.change(api_allowed=False)
    assert integrator.ask("balance").body == b"1000.00"
    assert integrator.send().body == b"Error: API not allowed"

    integrator = integrator_with("api_needed_for=balance,vote_report")
    integrator.change(api_allowed=False)
    assert integrator.ask("balance").body == b"Error: API not allowed"
    assert integrator.ask("vote_report", vote_nr=29).body == b"Error: API not allowed"
    assert integrator.send().body == b"OK"


@pytest.mark.claim("SMS-G6")
def test_a_setting_answers_mistyped_fields_with_another_error(integrator_with: Make) -> None:
    integrator = integrator_with("bad_fields_error=wrong user")
    assert integrator.send(transport="fax").body == USER_ERROR
    assert integrator.say("balance", "nonsense").body == JSON_ERROR


@pytest.mark.claim("SMS-G6")
def test_a_missing_field_is_named_with_what_was_there_instead(integrator: Integrator) -> None:
    reply = integrator.say("balance", json.dumps({"id": 52, "secret": SECURE}))
    assert reply.body == JSON_ERROR
    assert reply.notes == ("json: secure: missing, a text expected; also there: secret; is secret misspelt?",)


@pytest.mark.claim("SMS-G6")
def test_a_field_nobody_reads_is_noted_and_harmless(integrator: Integrator) -> None:
    reply = integrator.send({"txet_final": "Спасибо"}, colour="red")
    assert reply.body == b"OK"
    assert reply.notes == (
        "colour: no such field, not read",
        "message[0].txet_final: no such field, not read; did you mean text_final?",
    )


HOSTILE = [
    "",
    "null",
    "[]",
    "52",
    '"text"',
    "{",
    "{'id':52}",
    '{"id":52,}',
    "NaN",
    '{"id":NaN}',
    '{"id":Infinity}',
    '{"id":-Infinity}',
    '{"id":' + "9" * 5000 + "}",
    '{"id":99999999999999999999}',
    "[" * 100_000,
    '{"a":' * 100_000,
    '{"id":52,"secure":"\\ud800"}',
    '{"\\udfff":52}',
    '{"id":52,"secure":"\x00"}',
    '{"id":52,"secure":"a\nb"}',
    "\ufeff{}",
    '{"id":1e999}',
]


@pytest.mark.claim("SMS-G6")
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_json_object_is_the_json_error_and_changes_nothing(integrator: Integrator, text: str) -> None:
    before = integrator.facts()
    reply = integrator.say("send_message", text)
    assert reply.body == JSON_ERROR
    assert reply.notes[0]
    assert integrator.facts() == before


@pytest.mark.claim("SMS-G6")
@pytest.mark.parametrize("query", ["", "jsn={}", "json=%FF", "json=%ED%A0%80", "&" * 2000])
def test_a_query_without_readable_json_is_the_json_error(integrator: Integrator, query: str) -> None:
    assert integrator.call("GET", "/api/command/balance.php", query).body == JSON_ERROR


@pytest.mark.claim("SMS-G6")
def test_a_bare_ampersand_in_the_url_is_pointed_out(integrator: Integrator) -> None:
    text = json.dumps({"id": 52, "secure": SECURE, "text": "Bed & Breakfast"})
    reply = integrator.call("GET", "/api/command/balance.php", f"json={text}")
    assert reply.body == JSON_ERROR
    assert "is there a bare & in the JSON?" in reply.notes[0]
    assert integrator.call("GET", "/api/command/balance.php", f"json={quote(text)}").body == b"1000.00"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
MISUSED = settings(max_examples=150)


@pytest.mark.claim("SMS-G6")
@MISUSED
@given(text=st.text())
def test_no_text_at_all_crashes_a_command_or_changes_anything(integrator: Integrator, text: str) -> None:
    before = integrator.facts()
    for command in ("send_message", "feedback_report", "vote_report", "balance"):
        query = f"json={quote(text, errors='surrogatepass')}"
        assert integrator.call("GET", f"/api/command/{command}.php", query).body == JSON_ERROR
    assert integrator.facts() == before


@pytest.mark.claim("SMS-G6")
@MISUSED
@given(
    command=st.sampled_from(["send_message", "feedback_report", "vote_report", "balance"]),
    name=st.sampled_from(["id", "secure", "transport", "message", "format", "date_from", "date_to", "vote_nr"]),
    value=VALUES,
    inner=st.sampled_from(["", "phone", "text", "text_final", "employee", "order"]),
)
def test_any_value_in_any_field_is_answered(
    integrator: Integrator, command: str, name: str, value: object, inner: str
) -> None:
    right: dict[str, object] = {"transport": "sms", "format": "json", "vote_nr": 29}
    right |= {"date_from": "2015-05-01 00:00:00", "date_to": "2015-05-01 00:00:00"}
    message: dict[str, object] = {"phone": 71234567890, "text": "?"}
    fields = right | {"message": [message | ({inner: value} if inner else {})], name: value}
    if inner:
        fields["message"] = [message | {inner: value}]
    reply = integrator.ask(command, **fields)
    assert reply.status == 200
    if reply.body.startswith(b"Error"):
        assert reply.notes
