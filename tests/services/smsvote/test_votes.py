"""Votes: their numbers and course, the ballots that count, and `vote_report.php`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.errors import Refusal
from mockserver.services.smsvote.model import Account, QuestionDraft
from mockserver.services.smsvote.votes import (
    cast_ballot,
    create_vote,
    delete_vote,
    find_option,
    finish_vote,
    start_vote,
)

if TYPE_CHECKING:
    from tests.services.smsvote.conftest import Integrator

VOTE_ERROR = b"Error: wrong vote id or vote is inactive"
JSON_ERROR = b"Error: json has wrong format, and cannot be decoded"
QUESTION = QuestionDraft("Да или нет?", [("да", "Да"), ("нет", "Нет")])
ZERO = "0000-00-00 00:00:00"

Make = Callable[..., "Integrator"]


def counts(integrator: Integrator, vote_nr: object) -> list[int]:
    return [answer["votes"] for answer in integrator.vote(vote_nr)["answers"]]


@pytest.mark.claim("SMS-V1", "SMS-V2", "SMS-V3", "SMS-V4", "SMS-G1")
@pytest.mark.parametrize("spelling", ["vote_report", "votereport"])
@pytest.mark.parametrize("vote_nr", ['"29"', '"most_recent_active"', "29"])
def test_the_documented_url_reports_the_demo_vote(integrator: Integrator, spelling: str, vote_nr: str) -> None:
    query = f'json={{"id":52,"vote_nr":{vote_nr},"secure":"05ea83436373cae23787455c5fd1de87"}}'
    reply = integrator.call("GET", f"/api/command/{spelling}.php", query)
    assert (reply.status, reply.content_type) == (200, "application/json")
    assert json.loads(reply.body) == {
        "id": 29,
        "name": "Куда поехать летом",
        "hash": "4f2a9c1e7d305b86",
        "multiple": False,
        "status": "active",
        "date_start": "2015-05-01 10:00:00",
        "date_end": ZERO,
        "question": "Куда поедем летом?",
        "answers": [
            {"global_id": 1217, "id": "1", "text": "Байкал", "votes": 3},
            {"global_id": 1218, "id": "2", "text": "Алтай", "votes": 1},
            {"global_id": 1219, "id": "3", "text": "Карелия", "votes": 1},
        ],
    }
    assert integrator.cabinet.votes[29].global_id == 437


@pytest.mark.claim("SMS-V2")
def test_a_new_vote_has_the_next_number_of_its_account_and_the_next_global_id(integrator: Integrator) -> None:
    integrator.open(Account(53, "s", Decimal(0), Decimal(1)))
    world = integrator.world
    made = [create_vote(world, account_id, "Опрос", QUESTION) for account_id in (52, 53, 52)]
    assert [(vote.account, vote.nr, vote.global_id) for vote in made] == [(52, 30, 438), (53, 1, 439), (52, 31, 440)]
    assert len({vote.hash for vote in made}) == 3
    delete_vote(world, 52, 31)
    assert create_vote(world, 52, "Опрос", QUESTION).nr == 32


@pytest.mark.claim("SMS-V3")
def test_options_have_rising_global_ids_in_the_order_of_their_creation(integrator: Integrator) -> None:
    options = [("z", "Последний"), ("a", "Первый"), ("m", "Средний")]
    vote = create_vote(integrator.world, 52, "Порядок", QuestionDraft("Кто?", options))
    ids = [option.global_id for option in vote.options]
    assert ids == sorted(ids)
    assert ids[0] > max(option.global_id for option in integrator.cabinet.votes[29].options)
    answers = integrator.vote(vote.nr)["answers"]
    assert [(answer["id"], answer["text"], answer["votes"]) for answer in answers] == [
        ("z", "Последний", 0),
        ("a", "Первый", 0),
        ("m", "Средний", 0),
    ]


@pytest.mark.claim("SMS-V3", "SMS-V4", "SMS-V8")
def test_the_report_follows_a_vote_from_not_active_to_deleted(integrator: Integrator) -> None:
    world = integrator.world
    nr = create_vote(world, 52, "Опрос", QUESTION).nr

    def course() -> tuple[str, str, str]:
        vote = integrator.vote(nr)
        return vote["status"], vote["date_start"], vote["date_end"]

    assert course() == ("not active", ZERO, ZERO)
    integrator.wait(hours=1)
    start_vote(world, 52, nr)
    assert course() == ("active", "2026-03-02 13:00:00", ZERO)
    integrator.wait(hours=1)
    finish_vote(world, 52, nr)
    assert course() == ("finished", "2026-03-02 13:00:00", "2026-03-02 14:00:00")
    delete_vote(world, 52, nr)
    reply = integrator.ask("vote_report", vote_nr=nr)
    assert (reply.body, reply.notes) == (VOTE_ERROR, (f"vote_nr: vote {nr} of account 52 is deleted",))


@pytest.mark.claim("SMS-V3")
def test_a_vote_does_not_go_back(integrator: Integrator) -> None:
    world = integrator.world
    nr = create_vote(world, 52, "Опрос", QUESTION).nr
    for change, refused in (
        (None, [finish_vote]),
        (start_vote, [start_vote]),
        (finish_vote, [start_vote, finish_vote]),
        (delete_vote, [start_vote, finish_vote, delete_vote]),
    ):
        if change:
            change(world, 52, nr)
        for rule in refused:
            before = integrator.facts()
            with pytest.raises(Refusal, match=f"vote {nr} is"):
                rule(world, 52, nr)
            assert integrator.facts() == before


@pytest.mark.claim("SMS-V1")
def test_the_most_recent_active_is_the_newest_by_start_not_by_number(integrator: Integrator) -> None:
    world = integrator.world
    older, newer = (create_vote(world, 52, name, QUESTION).nr for name in ("раньше", "позже"))
    start_vote(world, 52, newer)
    integrator.wait(minutes=1)
    start_vote(world, 52, older)
    assert integrator.vote("most_recent_active")["id"] == older
    finish_vote(world, 52, older)
    assert integrator.vote("most_recent_active")["id"] == newer
    delete_vote(world, 52, newer)
    assert integrator.vote("most_recent_active")["id"] == 29


@pytest.mark.claim("SMS-V8", "SMS-G3")
def test_no_such_vote_and_none_running_are_the_vote_error(integrator: Integrator) -> None:
    for vote_nr in (27, "30", 437, 0, -1, 10**18):
        reply = integrator.ask("vote_report", vote_nr=vote_nr)
        assert reply.body == VOTE_ERROR
        assert reply.notes == (f"vote_nr: account 52 has no vote {vote_nr}; its votes: 28, 29",)
    finish_vote(integrator.world, 52, 29)
    reply = integrator.ask("vote_report", vote_nr="most_recent_active")
    assert (reply.body, reply.notes) == (VOTE_ERROR, ("vote_nr: account 52 has no running vote",))
    assert integrator.vote(29)["status"] == "finished"


@pytest.mark.claim("SMS-V8", "SMS-G6")
@pytest.mark.parametrize("wrong", ["latest", "29 ", "", "２９", None, True, 29.0, [29]])
def test_a_vote_nr_that_is_no_number_is_the_json_error(integrator: Integrator, wrong: object) -> None:
    reply = integrator.ask("vote_report", vote_nr=wrong)
    assert reply.body == JSON_ERROR
    assert reply.notes[0].startswith("json: vote_nr: ")


@pytest.mark.claim("SMS-V8")
def test_which_statuses_are_reported_is_a_setting(integrator_with: Make) -> None:
    integrator = integrator_with("reported_statuses=active")
    assert integrator.ask("vote_report", vote_nr=28).body == VOTE_ERROR
    integrator = integrator_with("reported_statuses=active,deleted")
    delete_vote(integrator.world, 52, 29)
    assert integrator.vote(29)["status"] == "deleted"


@pytest.mark.claim("SMS-V4")
def test_keys_zero_date_and_the_look_of_multiple_are_settings(integrator_with: Make) -> None:
    integrator = integrator_with("zero_date=0", "multiple_is_number=true", "json_content_type=text/plain")
    state = integrator.state
    keys = {"id": "vote_nr", "option_votes": "count", "answers": "options"}
    state.settings = state.settings.override({"vote_keys": keys}, "settings")
    reply = integrator.ask("vote_report", vote_nr=29)
    vote = json.loads(reply.body)
    assert reply.content_type == "text/plain"
    assert (vote["vote_nr"], vote["multiple"], vote["date_end"]) == (29, 0, "0")
    assert vote["options"][0] == {"global_id": 1217, "id": "1", "text": "Байкал", "count": 3}


@pytest.mark.claim("SMS-V5")
def test_without_multiple_the_first_ballot_of_a_participant_counts(integrator: Integrator) -> None:
    vote = integrator.cabinet.votes[29]
    assert cast_ballot(integrator.world, vote, "71230000001", vote.options[0])
    assert not cast_ballot(integrator.world, vote, "71230000001", vote.options[1])
    assert counts(integrator, 29) == [4, 1, 1]
    assert integrator.notes() == ["71230000001 has voted in vote 29 already: '2' does not count"]


@pytest.mark.claim("SMS-V5")
def test_under_a_setting_it_is_the_last(integrator_with: Make) -> None:
    integrator = integrator_with("first_ballot_counts=false")
    vote = integrator.cabinet.votes[29]
    for option in (*vote.options, vote.options[1]):
        assert cast_ballot(integrator.world, vote, "71230000001", option)
    assert counts(integrator, 29) == [3, 2, 1]


@pytest.mark.claim("SMS-V5", "SMS-V3")
def test_with_multiple_every_ballot_counts(integrator: Integrator) -> None:
    vote = create_vote(integrator.world, 52, "Аплодисменты", QUESTION, is_multiple=True)
    vote = start_vote(integrator.world, 52, vote.nr)
    for _ in range(3):
        cast_ballot(integrator.world, vote, "71230000001", vote.options[0])
    assert integrator.vote(vote.nr)["multiple"] is True
    assert counts(integrator, vote.nr) == [3, 0]


@pytest.mark.claim("SMS-V5", "SMS-V8")
def test_a_ballot_needs_a_running_vote(integrator: Integrator) -> None:
    vote = integrator.cabinet.votes[28]
    before = integrator.facts()
    with pytest.raises(Refusal, match="vote 28 is finished"):
        cast_ballot(integrator.world, vote, "71230000001", vote.options[0])
    assert integrator.facts() == before


@pytest.mark.claim("SMS-V9")
@pytest.mark.parametrize("transport", ["sms", "whatsapp"])
def test_a_participant_votes_with_the_code_of_an_option(integrator: Integrator, transport: str) -> None:
    assert integrator.phone_sends(" 2 ", transport=transport)["became"] == "ballot"
    assert counts(integrator, 29) == [3, 2, 1]
    assert integrator.phone_sends("4")["became"] == "nothing"
    assert integrator.phone_sends("2 Алтай")["became"] == "nothing"


@pytest.mark.claim("SMS-V9")
def test_codes_may_be_words_and_are_taken_in_any_case(integrator: Integrator) -> None:
    vote = create_vote(integrator.world, 52, "Опрос", QUESTION)
    assert integrator.phone_sends("да")["became"] == "nothing"
    start_vote(integrator.world, 52, vote.nr)
    assert integrator.phone_sends("ДА")["became"] == "ballot"
    assert counts(integrator, vote.nr) == [1, 0]
    assert find_option(vote.options, "может быть") is None


@pytest.mark.claim("SMS-V9")
def test_a_ballot_by_sms_goes_to_the_account_that_the_phone_knows(integrator: Integrator) -> None:
    integrator.open(Account(53, "s", Decimal(0), Decimal(1)))
    vote = create_vote(integrator.world, 53, "Опрос", QuestionDraft("?", [("1", "Да")]))
    start_vote(integrator.world, 53, vote.nr)
    assert integrator.phone_sends("1")["account"] == 52
    assert integrator.phone_sends("1", phone="71230000002", account=53)["account"] == 53
    assert json.loads(integrator.ask("vote_report", id=53, secure="s", vote_nr=1).body)["answers"][0]["votes"] == 1
    assert counts(integrator, 29) == [4, 1, 1]


@settings(max_examples=60)
@given(
    ballots=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), max_size=30),
    first=st.booleans(),
    multiple=st.booleans(),
)
@pytest.mark.claim("SMS-V5")
def test_the_counts_are_those_of_a_plain_recount(
    integrator_with: Make, ballots: list[tuple[int, int]], first: bool, multiple: bool
) -> None:
    integrator = integrator_with(f"first_ballot_counts={str(first).lower()}")
    nr = create_vote(integrator.world, 52, "Опрос", QUESTION, multiple).nr
    vote = start_vote(integrator.world, 52, nr)
    choices: dict[object, int] = {}
    for number, (who, choice) in enumerate(ballots):
        cast_ballot(integrator.world, vote, f"7123000000{who}", vote.options[choice])
        if multiple:
            choices[number] = choice
        elif not first or who not in choices:
            choices[who] = choice
    assert counts(integrator, nr) == [list(choices.values()).count(choice) for choice in (0, 1)]


@pytest.mark.claim("SMS-V2")
def test_hashes_come_from_the_seed_of_the_world(integrator_with: Make) -> None:
    first, second = (create_vote(integrator_with().world, 52, "Опрос", QUESTION) for _ in range(2))
    assert first.hash == second.hash
    assert len(first.hash) == 16


@pytest.mark.claim("SMS-V1")
def test_a_vote_without_a_start_is_never_the_most_recent(integrator: Integrator) -> None:
    vote = integrator.cabinet.votes[29]
    start = vote.started_at
    assert start is not None
    assert start < integrator.world.clock.now - timedelta(days=365)
    create_vote(integrator.world, 52, "Новый", QUESTION)
    assert integrator.vote("most_recent_active")["id"] == 29
