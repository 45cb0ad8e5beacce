"""Every outcome of sms-vote's can be met, and is met by what it says and by nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import Tenants
from mockserver.runtime.worlds import load_world
from mockserver.services import smsvote
from mockserver.services.outcome import Beginning, History
from mockserver.services.service import Reply, Request
from mockserver.services.smsvote.adjusting import adjust
from mockserver.services.smsvote.errors import ERRORS
from mockserver.services.smsvote.incoming import receive_sms
from mockserver.services.smsvote.model import QuestionDraft, SmsVote
from mockserver.services.smsvote.outcomes import OUTCOMES
from mockserver.services.smsvote.questionnaires import ask_questionnaire, create_questionnaire
from mockserver.services.smsvote.votes import create_vote, finish_vote, start_vote
from mockserver.web.gate import Gate
from tests.conftest import START

PHONE = "71234567890"
SECURE = "05ea83436373cae23787455c5fd1de87"
QUESTION = QuestionDraft("?", (("1", "да"), ("2", "нет")))


class Integrator:
    """Calls the double, lets phones answer, and lets time pass."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.gate = Gate(Tenants(Double(world)))
        self.beginning = Beginning.of(world)

    def ask(self, command: str, **fields: object) -> Reply:
        stated = {"id": 52, "secure": SECURE} | fields
        return self.get(f"/api/command/{command}.php", json=json.dumps(stated, ensure_ascii=False))

    def get(self, path: str, method: str = "GET", **fields: str) -> Reply:
        return self.gate.answer(Request(method, path, urlencode(fields), {"host": "sms-vote.ru"}))

    def send(self, *phones: str, **fields: object) -> Reply:
        drafts = [{"phone": phone, "text": "?", "text_final": "Спасибо!"} for phone in phones or (PHONE,)]
        return self.ask("send_message", **({"transport": "sms", "message": drafts} | fields))

    def change(self, **wanted: object) -> None:
        adjust(self.world, wanted, "smsvote")

    def reply(self, text: str) -> None:
        receive_sms(self.world, PHONE, text)

    def wait(self, **how: float) -> None:
        until = self.world.clock.now + timedelta(**how)
        while self.world.step(until):
            pass

    def met(self) -> set[str]:
        history = History.of(self.world, "smsvote", self.beginning)
        return {outcome.name for outcome in OUTCOMES if outcome.is_met(history)}


@pytest.fixture
def integrator(world: World) -> Integrator:
    return Integrator(world)


def commands(integrator: Integrator) -> None:
    period = {"date_from": "2020-01-01 00:00:00", "date_to": "2030-01-01 00:00:00"}
    for report in ("json", "csv"):
        integrator.ask("feedback_report", format=report, **period)
    integrator.ask("balance")
    for vote in integrator.world.state(SmsVote).cabinets[52].votes.values():
        integrator.get("/", v=vote.hash)
        integrator.get("/", x=vote.hash)
    integrator.get("/", v="nobody")
    integrator.get("/nowhere")
    integrator.get("/api/command/balance.php", "PUT")


def errors(integrator: Integrator) -> None:
    integrator.ask("balance", secure="x")
    integrator.get("/api/command/balance.php", json="{")
    integrator.ask("vote_report", vote_nr=999)
    integrator.ask("vote_report")
    for wanted in ({"api_allowed": False}, {"api_allowed": True, "balance": "0"}, {"balance": "9", "daily_limit": 0},
                   {"daily_limit": 9, "monthly_limit": 0}):  # fmt: skip
        integrator.change(**wanted)
        integrator.send()


def ratings(integrator: Integrator) -> None:
    for rating in range(1, 6):
        integrator.send()
        integrator.reply(str(rating))
    integrator.send(PHONE, "79999999999")
    integrator.wait(days=1)
    integrator.reply("4, но долго")
    integrator.reply("что?")


def other_ways(integrator: Integrator) -> None:
    integrator.change(transports=["sms", "whatsapp"], sending_delay="1h", prefixes=["КАФЕ"])
    integrator.send(transport="whatsapp")
    integrator.wait(hours=1)
    integrator.reply("кафе5")


def votes(integrator: Integrator) -> None:
    world = integrator.world
    vote = create_vote(world, 52, "Обед", QUESTION)
    integrator.ask("vote_report", vote_nr=vote.nr)
    start_vote(world, 52, vote.nr)
    integrator.ask("vote_report", vote_nr="most_recent_active")
    integrator.reply("2")
    for running in list(world.state(SmsVote).cabinets[52].votes.values()):
        if running.status == "active":
            finish_vote(world, 52, running.nr)
    integrator.ask("vote_report", vote_nr=vote.nr)
    integrator.ask("vote_report", vote_nr="most_recent_active")


def questionnaires(integrator: Integrator) -> None:
    questionnaire = create_questionnaire(integrator.world, 52, "Анкета", (QUESTION, QUESTION))
    ask_questionnaire(integrator.world, questionnaire.number, PHONE)
    for _ in range(2):
        integrator.reply("1")
    ask_questionnaire(integrator.world, questionnaire.number, "79999999999")
    integrator.change(balance="0")
    receive_sms(integrator.world, "79999999999", "1")


STORIES: dict[Callable[[Integrator], None], set[str]] = {
    commands: {
        "ratings as json", "ratings as csv", "balance told", "vote shown", "vote exported", "refused: no such page",
        "refused: no such call", "refused: wrong method",
    },
    errors: {"refused: a field", *(f"refused: {line.removeprefix('Error: ')}" for line in ERRORS.values())},
    ratings: {
        "messages accepted", "several at once", "request delivered", "rating", "comment", "late reply", "no rating",
        *(f"final text after {rating}" for rating in range(1, 6)),
    },
    other_ways: {"messages accepted", "request delivered", "delayed sending", "WhatsApp", "unsolicited rating"},
    votes: {
        "vote reported", "newest running vote", "vote not active", "vote active", "vote finished", "ballot",
        "refused: no active vote", "refused: wrong vote id or vote is inactive",
    },
    questionnaires: {"questionnaire answered", "questionnaire broken off"},
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_story_meets_its_outcomes_and_no_other(integrator: Integrator, story: Callable[[Integrator], None]) -> None:
    assert integrator.met() == set()
    story(integrator)
    assert integrator.met() == STORIES[story]


def test_every_outcome_is_in_a_story() -> None:
    assert set().union(*STORIES.values()) == {outcome.name for outcome in OUTCOMES}
    assert len({outcome.name for outcome in OUTCOMES}) == len(OUTCOMES)


def test_every_call_and_every_documented_error_has_an_outcome(integrator: Integrator) -> None:
    integrator.ask("balance")
    (exchange,) = integrator.world.journal.exchanges()
    for row in smsvote.SERVICE.operations(smsvote.SERVICE.settings()):
        answered = [exchange._replace(operation=row.name, target='/?json={"format": "json"}')]
        history = History(load_world("demo", START), START, answered, [], [])
        assert any(outcome.is_met(history) for outcome in OUTCOMES), row.name
    assert STORIES[errors] <= {outcome.name for outcome in OUTCOMES}


def test_the_past_of_a_world_counts_for_nothing() -> None:
    integrator = Integrator(load_world("busy", START))
    assert integrator.met() == set()
    integrator.send()
    assert "messages accepted" in integrator.met()


def test_a_world_that_a_freezer_took_back_before_it_was_touched_is_seen_whole(world: World) -> None:
    integrator = Integrator(world)
    world.clock.now = START - timedelta(days=400)
    integrator.send()
    integrator.reply("5")
    integrator.wait(days=500)
    assert {"rating", "final text after 5"} <= integrator.met()
