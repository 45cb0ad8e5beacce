"""What the journal says of a refused command: what came, what was expected, and what may have been meant."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.services.smsvote.conftest import SECURE, Integrator


def said(integrator: Integrator, command: str, **fields: object) -> str:
    """Return the only note of a command that must be refused, and changes nothing."""
    before = integrator.facts()
    reply = integrator.ask(command, **fields)
    assert reply.refusal
    assert integrator.facts() == before
    (note,) = reply.notes
    return note


def test_a_wrong_secret_differs_from_the_accounts_in_its_last_character(integrator: Integrator) -> None:
    note = said(integrator, "balance", secure=SECURE[:-1] + "8")
    assert note == "secure differs from account 52's in its last character"


def test_a_phone_that_is_too_short_is_named_with_its_place(integrator: Integrator) -> None:
    note = said(integrator, "send_message", transport="sms", message=[{"phone": "7123", "text": "?"}])
    assert note == 'json: message[0].phone: "7123", 11–15 digits expected'


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({}, "json: transport: missing, a text expected; also there: "),
        ({"transport": "sms"}, "json: message: missing, a list expected"),
        ({"transport": "sms", "messages": []}, "json: message: missing, a list expected; also there: messages; is "),
        ({"transport": "telegram", "message": []}, 'json: transport: "telegram", sms expected'),
    ],
)
def test_what_was_left_out_is_named(integrator: Integrator, fields: dict[str, object], note: str) -> None:
    if not fields:
        note = note.partition(";")[0]
    assert said(integrator, "send_message", **fields).startswith(note)


@pytest.mark.parametrize("left_out", ["id", "secure"])
def test_a_command_without_credentials_says_which_is_missing(integrator: Integrator, left_out: str) -> None:
    stated = {"id": 52, "secure": SECURE}
    del stated[left_out]
    reply = integrator.say("balance", json.dumps(stated))
    assert reply.notes[0].startswith(f"json: {left_out}: missing, ")


def test_json_that_cannot_be_decoded_is_shown_where_it_breaks(integrator: Integrator) -> None:
    reply = integrator.say("balance", '{"id": 52 "secure": "x"}')
    assert reply.notes == (
        """json: Expecting ',' delimiter, at character 11 of 24, near "{\\"id\\": 52 \\"secure\\": \\"x\\"}\"""",
    )


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("{", 'at its end, after "{"'),
        ("", 'at its end, after ""'),
        ('{"id": 52,', 'at its end, after "{\\"id\\": 52,"'),
    ],
)
def test_json_that_is_cut_off_is_said_to_end(integrator: Integrator, text: str, note: str) -> None:
    (said,) = integrator.say("balance", text).notes
    assert said.startswith("json: Expecting ")
    assert said.endswith(f", {note}")


def test_a_query_without_json_names_what_it_has(integrator: Integrator) -> None:
    reply = integrator.call("GET", "/api/command/balance.php", f"JSON={quote('{}')}")
    assert reply.notes == ('json: no such parameter in the query, a JSON object expected; there is: "JSON"',)


def test_a_vote_nobody_has_is_told_the_votes_there_are(integrator: Integrator) -> None:
    assert said(integrator, "vote_report", vote_nr=437) == "vote_nr: account 52 has no vote 437; its votes: 28, 29"


def test_a_hash_that_is_nearly_right_is_asked_about(integrator: Integrator) -> None:
    right = next(iter(integrator.state.votes_by_hash))
    reply = integrator.call("GET", "/", f"v={right[:-1]}0")
    assert f"did you mean {right}?" in reply.notes[0]
    assert right.encode() not in reply.body
