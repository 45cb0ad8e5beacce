"""Every outcome of Securating's can be met, and is met by what it says and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from mockserver.core.webhooks import Attempt
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import Tenants
from mockserver.runtime.worlds import load_world
from mockserver.services import securating
from mockserver.services.outcome import Beginning, History
from mockserver.services.securating.model import Invitation, Securating
from mockserver.services.securating.outcomes import OUTCOMES
from mockserver.services.securating.reviews import give_review, open_link
from mockserver.services.service import Reply, Request
from mockserver.web.gate import Gate
from tests.conftest import START

FORM = {"content-type": "application/x-www-form-urlencoded", "host": "localhost"}
HOOK = "http://127.0.0.1:9/hook"


class Shop:
    """Calls the double, and lets time pass; its webhooks are answered as `answer` says."""

    def __init__(self, double: Double) -> None:
        self.double, self.world = double, double.world
        self.gate = Gate(Tenants(double))
        self.beginning = Beginning.of(self.world)
        self.key = next(iter(self.world.state(Securating).websites))
        self.answer = Attempt(START, 200, "ok")

    def call(self, method: str, path: str, **fields: str) -> Reply:
        text = urlencode(fields)
        sent = {"query": text} if method == "GET" else {"body": text.encode()}
        return self.gate.answer(Request(method, path, headers=FORM, **sent))

    def create(self, **parameters: str) -> Reply:
        asked = {"keywebsite": self.key, "email": "anna@example.com"} | parameters
        return self.call("POST", "/invitation/create", **asked)

    def invite(self, **parameters: str) -> Invitation:
        assert self.create(**parameters).status == 200
        return list(self.world.state(Securating).invitations.values())[-1]

    def wait(self, **how: float) -> None:
        until = self.world.clock.now + timedelta(**how)
        self._carry()
        while self.world.step(until):
            self._carry()

    def _carry(self) -> None:
        while call := self.world.webhooks.take():
            self.world.webhooks.settle(self.world, call.number, self.answer)

    def review(self, invitation: Invitation, rating: int | None = 5, **answers: int) -> None:
        open_link(self.world, invitation.token)
        give_review(self.world, invitation.token, rating, "", answers)

    def met(self) -> set[str]:
        history = History.of(self.world, "securating", self.beginning)
        return {outcome.name for outcome in OUTCOMES if outcome.is_met(history)}


@pytest.fixture
def shop(double: Double) -> Shop:
    return Shop(double)


def calls(shop: Shop) -> None:
    for path in ("/resource/build.js", "/", "/nowhere"):
        shop.call("GET", path)
    shop.call("POST", "/invitation/link", keywebsite=shop.key, email="bob@example.com")
    shop.call("POST", "/modules/live-create", securating_email="a@b.fr", securating_website="https://new.example")
    website = shop.world.state(Securating).websites[shop.key].url
    for address in (website, "https://other.example"):
        shop.call("GET", "/modules/live-verification", securating_website=address, securating_token=shop.key)
    for token in (shop.key, "x" * 64):
        shop.call("GET", f"/widgets/company/{token}/id")
    shop.call("GET", "/widgets", token=shop.key, type="product", internal_ref="25:0001")


def refusals(shop: Shop) -> None:
    shop.create(email="nobody")
    shop.create(keywebsite="x" * 64)
    shop.invite()
    shop.create()
    shop.call("GET", "/invitation/create")
    shop.gate.answer(Request("POST", "/invitation/create", headers=FORM | {"content-type": "application/json"}))
    shop.gate.too_large(Request("POST", "/invitation/create", headers=FORM), 1 << 30)
    shop.create(email="carl@example.com", thematics="1000100,1000200,1000300,1000400")
    shop.create(email="carl@example.com", profile_id="nobody")


def links(shop: Shop) -> None:
    cancelled, reviewed = shop.invite(order="1"), shop.invite(email="bob@example.com", thematics="1000100")
    shop.call("POST", "/invitation/cancel", keywebsite=shop.key, order="1")
    shop.create(order="1")
    shop.review(reviewed, 1, **{"1000100": 4})
    for token in (cancelled.token, "x" * 64):
        shop.call("GET", "/review", securating_token=token)
    again = Request("POST", "/review", f"securating_token={reviewed.token}", FORM, b"rating=4")
    shop.gate.answer(again)


def mails(shop: Shop) -> None:
    late = shop.invite(days="0", order="7")
    shop.create(order="7")
    shop.invite(force_invitation="1", recall_count="1")
    shop.wait(days=6)
    shop.review(late)
    shop.wait(days=20)
    shop.invite(order="8", days="0")
    shop.wait(hours=1)
    shop.call("POST", "/invitation/cancel", keywebsite=shop.key, order="8")


def surveys(shop: Shop) -> None:
    survey = shop.invite(survey_only="1", thematics="1000100")
    gift = shop.invite(email="bob@example.com", with_gift="1", gift_description="Un thé")
    shop.review(survey, None, **{"1000100": 4})
    shop.review(gift)


def webhooks(shop: Shop) -> None:
    told = shop.invite(webhook=HOOK, meta_order="17")
    shop.wait(days=13)
    shop.review(told)
    shop.wait(hours=1)
    shop.answer = Attempt(START, None, "", "connection refused")
    shop.invite(email="bob@example.com", webhook=HOOK)
    shop.wait(minutes=1)
    shop.answer = Attempt(START, 500, "no")
    shop.wait(days=9)


STORIES: dict[Callable[[Shop], None], set[str]] = {
    calls: {
        "script loaded", "front page shown", "refused: no such call", "link without mail", "website registered",
        "website verified", "website not verified", "company id told", "company unknown", "widget shown",
    },
    refusals: {
        "invitation created", "refused: bad parameter", "refused: unknown key", "refused: within 24 hours",
        "refused: wrong method", "refused: wrong media", "refused: too large", "refused: thematics",
        "refused: moderator",
    },
    links: {
        "invitation created", "order cancelled", "cancelled before the mail", "refused: bad parameter",
        "refused: cancelled order", "refused: cancelled link", "refused: unknown link", "refused: second review",
        "thematics asked", "thematic rated", "link opened", "bad review", "recalls stopped",
    },
    mails: {
        "invitation created", "order repeated", "mail at once", "force_invitation", "invitation mailed", "recall sent",
        "late reply", "good review", "link opened", "recalls stopped", "recalls without an end", "invited again",
        "order cancelled", "cancelled after the mail",
    },
    surveys: {
        "invitation created", "survey only", "thematics asked", "thematic rated", "survey answered", "gift",
        "review for a gift", "good review", "link opened", "recalls stopped",
    },
    webhooks: {
        "invitation created", "invitation mailed", "recall sent", "late reply", "good review", "link opened",
        "recalls stopped", "webhook invitation-created", "webhook mail-send", "webhook mail-recall",
        "webhook link-opened", "webhook review-saved", "meta handed back", "webhook unanswered", "webhook refused",
        "webhook retried", "webhook given up",
    },
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_story_meets_its_outcomes_and_no_other(shop: Shop, story: Callable[[Shop], None]) -> None:
    assert shop.met() == set()
    story(shop)
    assert shop.met() == STORIES[story]


def test_every_outcome_is_in_a_story() -> None:
    assert set().union(*STORIES.values()) == {outcome.name for outcome in OUTCOMES}
    assert len({outcome.name for outcome in OUTCOMES}) == len(OUTCOMES)


def test_every_call_and_every_documented_refusal_has_an_outcome(shop: Shop) -> None:
    shop.create()
    (exchange,) = shop.world.journal.exchanges()
    for row in securating.SERVICE.operations(securating.SERVICE.settings()):
        answered = [exchange._replace(operation=row.name, reply_body='{"data": {"website_is_verified": true}}')]
        history = History(load_world("demo", START), START, answered, [], [])
        is_met = any(outcome.is_met(history) for outcome in OUTCOMES)
        assert is_met or row.name in {"open form", "send form"}  # which customers do: what comes of it has outcomes
    assert {f"refused: {name}" for name in securating.SERVICE.refusals} <= {outcome.name for outcome in OUTCOMES}


def test_the_past_of_a_world_counts_for_nothing() -> None:
    shop = Shop(Double(load_world("busy", START)))
    assert shop.met() == set()
    shop.wait(days=1)
    assert "recall sent" in shop.met()
