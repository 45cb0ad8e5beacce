"""The sms-vote section of a world file."""

from __future__ import annotations

import copy
from datetime import datetime, timezone
from typing import Any

import pytest

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.world import World
from mockserver.services.smsvote.model import SmsVote
from mockserver.services.smsvote.seed import seed

NOW = datetime(2014, 1, 1, tzinfo=timezone.utc)

SECTION: dict[str, Any] = {
    "settings": {"max_messages": 5},
    "accounts": [
        {
            "id": 1,
            "secure": "one",
            "balance": "5.00",
            "prefixes": ["ОДИН"],
            "final_texts": {"5": "Ура"},
            "ratings": [
                {"phone": 71234567890, "rating": 5, "date": "2015-05-04 00:30:00", "text": "5"},
                {"phone": "71234567891", "rating": 4, "date": "2013-05-04 00:30:00", "text": "4", "order": "7"},
            ],
            "votes": [
                {"name": "Первое", "question": "?", "options": ["Да", "Нет"]},
                {
                    "name": "Второе",
                    "question": "?",
                    "status": "active",
                    "date_start": "2013-12-31 12:00:00",
                    "options": ["Да", "Нет"],
                    "ballots": [
                        {"participant": "71234567890", "option": "1"},
                        {"participant": "71234567891", "option": 2, "date": "2013-12-31 13:00:00"},
                    ],
                },
            ],
            "questionnaires": [{"name": "Анкета", "questions": [{"text": "?", "options": ["Да"]}]}],
        },
        {"id": 2, "secure": "two", "votes": [{"name": "Третье", "question": "?", "options": ["Да"]}]},
    ],
}


def grown(section: dict[str, Any] = SECTION) -> World:
    world = World(NOW, "seed", [SmsVote()])
    seed(world, section, "smsvote")
    return world


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the section with the value at `accounts.0.id` (say) replaced."""
    section = copy.deepcopy(SECTION)
    *parents, last = path.split(".")
    place: Any = section
    for name in parents:
        place = place[int(name) if name.isdigit() else name]
    place[int(last) if last.isdigit() else last] = value
    return section


@pytest.mark.claim("SMS-G2", "SMS-V2", "SMS-F5")
def test_a_section_becomes_accounts_with_everything_in_them() -> None:
    state = grown().state(SmsVote)
    assert state.settings.max_messages == 5
    assert list(state.accounts) == [1, 2]
    assert str(state.accounts[1].price) == "1.00"
    assert state.accounts[1].final_texts[4] == "Ура"
    assert state.prefixes["один"].account == 1
    first, second = state.cabinets[1].votes.values()
    assert [(vote.nr, vote.global_id) for vote in (first, second)] == [(1, 1), (2, 2)]
    assert [option.global_id for option in second.options] == [3, 4]
    assert [state.tally[option.global_id] for option in second.options] == [1, 1]
    assert state.ballots[2, "71234567890"].at == second.started_at
    assert state.cabinets[2].votes[1].options[0].global_id == 6
    assert state.questionnaires[1].name == "Анкета"


@pytest.mark.claim("SMS-G7", "SMS-F6")
def test_dates_are_local_and_may_lie_on_either_side_of_the_worlds_start() -> None:
    ratings = grown().state(SmsVote).cabinets[1].ratings
    assert [rating.at.isoformat() for rating in ratings] == ["2013-05-03T21:30:00+00:00", "2015-05-03T21:30:00+00:00"]


@pytest.mark.claim("SMS-G7", "SMS-M2")
def test_a_file_is_read_the_same_however_answers_are_to_be_written() -> None:
    section = changed("settings", {"date_format": "%d.%m.%Y %H:%M:%S", "phone_digits": [5, 6]})
    assert grown(section).state(SmsVote).cabinets[1].ratings == grown().state(SmsVote).cabinets[1].ratings


@pytest.mark.claim("SMS-G2")
def test_the_same_file_makes_the_same_world_and_an_empty_one_an_empty_world() -> None:
    votes = [list(grown().state(SmsVote).cabinets[1].votes.values()) for _ in range(2)]
    assert votes[0] == votes[1]
    assert grown({}).state(SmsVote).accounts == {}


MISTAKES = [
    ("colour", "red", "colour"),
    ("settings", [], "settings"),
    ("settings.max_messages", "many", "settings.max_messages"),
    ("settings.max_mesages", 5, "settings.max_mesages"),
    ("accounts", {}, "accounts"),
    ("accounts.0", 5, "accounts[0]"),
    ("accounts.0.id", "1", "accounts[0].id"),
    ("accounts.0.colour", "red", "accounts[0].colour"),
    ("accounts.0.secure", "", "accounts[0].secure"),
    ("accounts.0.secure", None, "accounts[0].secure"),
    ("accounts.0.balance", "much", "accounts[0].balance"),
    ("accounts.0.balance", float("inf"), "accounts[0].balance"),
    ("accounts.0.daily_limit", "5", "accounts[0].daily_limit"),
    ("accounts.0.sending_delay", "soon", "accounts[0].sending_delay"),
    ("accounts.1.id", 1, "accounts[1].id"),
    ("accounts.1.prefixes", ["один"], "accounts[1].prefixes"),
    ("accounts.0.ratings.0.rating", 6, "accounts[0].ratings[0].rating"),
    ("accounts.0.ratings.0.phone", "7", "accounts[0].ratings[0].phone"),
    ("accounts.0.ratings.0.date", "yesterday", "accounts[0].ratings[0].date"),
    ("accounts.0.ratings.0.date", "0001-01-01 00:00:00", "accounts[0].ratings[0].date"),
    ("accounts.0.ratings.0.text", "\ud800", "accounts[0].ratings[0].text"),
    ("accounts.0.ratings.0.stars", 5, "accounts[0].ratings[0].stars"),
    ("accounts.0.votes.0.nr", 0, "accounts[0].votes[0].nr"),
    ("accounts.0.votes.1.nr", 1, "accounts[0].votes[1].nr"),
    ("accounts.0.votes.1.global_id", 1, "accounts[0].votes[1].global_id"),
    ("accounts.0.votes.1.first_option_id", 2, "accounts[0].votes[1].first_option_id"),
    ("accounts.0.votes.0.status", "paused", "accounts[0].votes[0].status"),
    ("accounts.0.votes.0.status", "active", "accounts[0].votes[0].status"),
    ("accounts.0.votes.1.status", "finished", "accounts[0].votes[1].status"),
    ("accounts.0.votes.1.status", "not active", "accounts[0].votes[1].status"),
    ("accounts.0.votes.0.hash", "a b", "accounts[0].votes[0].hash"),
    ("accounts.0.votes.0.name", " ", "accounts[0].votes[0].name"),
    ("accounts.0.votes.0.options", ["Да", {"id": 1, "text": "Нет"}], "accounts[0].votes[0].options"),
    (
        "accounts.0.votes.0.ballots",
        [{"participant": "71234567890", "option": "1"}],
        "accounts[0].votes[0].ballots[0].date",
    ),
    ("accounts.0.votes.1.ballots.1.option", "9", "accounts[0].votes[1].ballots[1].option"),
    ("accounts.0.votes.1.ballots.1.participant", "71234567890", "accounts[0].votes[1].ballots[1].participant"),
    ("accounts.0.votes.1.colour", "red", "accounts[0].votes[1].colour"),
    ("accounts.0.questionnaires.0.questions", [], "accounts[0].questionnaires[0].questions"),
    ("accounts.0.questionnaires.0.colour", "red", "accounts[0].questionnaires[0].colour"),
]


@pytest.mark.claim("SMS-G2")
@pytest.mark.parametrize(("path", "value", "blamed"), MISTAKES)
def test_every_mistake_in_a_world_file_is_named_with_its_place(path: str, value: object, blamed: str) -> None:
    with pytest.raises((Refusal, InvalidInput)) as mistake:
        grown(changed(path, value))
    assert str(mistake.value).startswith(f"smsvote.{blamed}: ")


@pytest.mark.claim("SMS-V3")
def test_the_dates_of_a_vote_go_with_its_status() -> None:
    both = {"date_start": "2013-01-01 00:00:00", "date_end": "2013-01-02 00:00:00"}
    vote = {"name": "Конец", "question": "?", "options": ["Да"]}
    finished = changed("accounts.1.votes", [vote | both | {"status": "finished"}])
    assert grown(finished).state(SmsVote).cabinets[2].votes[1].ended_at is not None
    for dates in ({}, both, {"date_start": "2013-01-01 00:00:00"}):
        deleted = changed("accounts.1.votes", [vote | dates | {"status": "deleted"}])
        assert grown(deleted).state(SmsVote).cabinets[2].votes[1].status == "deleted"
    backwards = both | {"date_end": "2012-01-01 00:00:00", "status": "finished"}
    with pytest.raises(Refusal, match="before date_start"):
        grown(changed("accounts.1.votes", [vote | backwards]))
