"""Securating as a test holds it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
import requests
from freezegun import freeze_time

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.services.finding import NotFound
from mockserver.services.securating.customers import GiveReview
from mockserver.services.securating.double import Customer
from mockserver.testing import MockServer, Securating

pytestmark = pytest.mark.mockserver(start="2026-03-01 10:00")


def invite(securating: Securating, email: str = "anna@example.com", **more: str) -> str:
    data = {"keywebsite": securating.key, "email": email, "first_name": "Anna", **more}
    answer = requests.post(f"{securating.url}/invitation/create", data=data, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_mail_has_everything_that_a_customer_sees(securating: Securating) -> None:
    link = invite(securating, thematics="1000100")
    securating.clock.advance(days=6)
    mail = securating.mails.one(recipient="anna@example.com")
    assert mail.at == dt.datetime(2026, 3, 7, 10, tzinfo=dt.timezone.utc)
    assert (mail.kind, mail.link) == ("invitation", link)
    assert link in mail.text
    assert "<html" in mail.html
    assert mail.message["To"] == "Anna <anna@example.com>"
    assert list(mail.message.iter_attachments()) == []
    assert securating.invitations.one().mail == mail


def test_a_mail_that_has_not_left_says_when_it_will(securating: Securating) -> None:
    invite(securating)
    invitation = securating.invitations.one()
    with pytest.raises(NotFound, match="has not been mailed; it is due on 2026-03-07 10:00 UTC"):
        _ = invitation.mail
    requests.post(f"{securating.url}/invitation/cancel", data={"keywebsite": securating.key, "order": "x"}, timeout=5)
    assert invitation.recalls == []


def test_a_customer_opens_reviews_and_gets_no_recall(securating: Securating) -> None:
    invite(securating, order="17", thematics="1000100")
    anna = securating.customer("anna@example.com")
    with pytest.raises(NotFound):
        anna.open_link()
    securating.clock.advance(days=12)
    assert [mail.kind for mail in anna.mails] == ["invitation", "recall"]
    review = anna.review(5, "Parfait", thematics={"1000100": 4})
    assert (review.rating, review.comment, review.answers) == (5, "Parfait", (("1000100", 4),))
    assert anna.invitation.review == review
    assert (anna.invitation.status, anna.invitation.order) == ("reviewed", "17")
    assert securating.clock.agenda == []
    with pytest.raises(Refusal, match="already"):
        anna.review(1)


def test_a_customer_reviews_by_themselves_in_virtual_time(securating: Securating) -> None:
    securating.customer("Anna@example.com").will_review(4, "Bien", after="2d")
    invite(securating)
    securating.clock.advance(days=7, hours=23)
    assert len(securating.reviews) == 0
    assert type(securating.clock.agenda[0].task).__name__ == "GiveReview"
    securating.clock.advance(hours=1)
    assert securating.reviews.one().comment == "Bien"
    assert securating.clock.agenda == []


def test_a_customer_whose_mail_is_there_reviews_so_long_after_now(securating: Securating) -> None:
    invite(securating, "Anna@example.com")
    securating.clock.advance(days=8)
    securating.mails.one(email="Anna@example.com").open_link()
    securating.customer("anna@example.com").will_review(4, "Bien", after="2d")
    securating.clock.advance(days=1, hours=23)
    assert securating.reviews.all(email="Anna@example.com") == []
    securating.clock.advance(hours=1)
    assert securating.reviews.one(email="Anna@example.com").comment == "Bien"


def test_whoever_changes_their_mind_does_the_last_thing_only(securating: Securating) -> None:
    anna, bob = securating.customer("anna@example.com"), securating.customer("bob@example.com")
    for customer in (anna, bob):
        customer.will_review(5, after="2d")
        invite(securating, customer.email, days="0", recall_count="0")
    anna.will_ignore_everything()
    bob.will_review(1, after="5d")
    securating.clock.advance(days=10)
    assert [(review.email, review.rating, review.at.day) for review in securating.reviews] == [(bob.email, 1, 6)]


def test_a_customer_who_was_given_the_link_only_waits_for_the_mail(securating: Securating) -> None:
    invite(securating)
    securating.customer("anna@example.com").will_review(4, after="1d")
    securating.clock.advance(days=6)
    assert len(securating.reviews) == 0
    securating.clock.advance(days=1)
    assert len(securating.reviews) == 1


def test_a_crowd_reviews_the_mails_that_are_there_and_the_same_in_every_run(mockserver: MockServer) -> None:
    securating, weeks = mockserver.securating, []
    for _ in range(2):
        mockserver.reset()
        securating.customer("c0@example.com").will_ignore_everything()
        for number in range(100):
            invite(securating, f"c{number}@example.com", days="0", recall_count="0")
        securating.customer("c1@example.com").review(1)
        for share in (1, 0.4):  # the first of them does not wait for what the second would do
            securating.crowd(answering=share, within="3d", ratings={5: 3, 4: 1})
        securating.clock.advance(days=3)
        weeks.append([(review.at, review.email, review.rating) for review in securating.reviews])
    assert weeks[0] == weeks[1]
    assert 25 < len(weeks[0]) < 55
    assert {email: rating for _, email, rating in weeks[0]}["c1@example.com"] == 1
    assert securating.reviews.all(email="c0@example.com") == []
    assert securating.clock.agenda == []


def test_a_customer_who_has_reviewed_before_does_not_do_it_again(securating: Securating) -> None:
    securating.customer("anna@example.com").will_review(4, after="2d")
    invite(securating, days="0")
    securating.customer("anna@example.com").review(1)
    securating.clock.advance(days=30)
    assert securating.reviews.one().rating == 1


@pytest.mark.parametrize("survey", ["0", "1"])
def test_a_thousand_customers_are_the_same_thousand_in_every_run(securating: Securating, survey: str) -> None:
    securating.crowd(answering=0.4, within="3d", ratings={5: 3, 4: 1})
    ignoring = securating.customer("c7@example.com")
    ignoring.will_ignore_everything()
    with requests.Session() as session:
        for number in range(200):
            data = {"keywebsite": securating.key, "email": f"c{number}@example.com", "days": "0", "recall_count": "1",
                    "survey_only": survey, "thematics": "1000100"}  # fmt: skip
            session.post(f"{securating.url}/invitation/create", data=data)
    securating.clock.advance(days=3)
    count = len(securating.reviews)
    assert 60 < count < 100
    assert ignoring.invitation.review is None
    assert len(securating.clock.run_until_idle()) == 200 - count
    assert {review.answers != () for review in securating.reviews} == {survey == "1"}


def test_an_intention_that_the_form_would_refuse_is_refused_at_once(securating: Securating) -> None:
    with pytest.raises(InvalidInput, match="a rating from 1 to 5 expected"):
        securating.customer("anna@example.com").will_review(9)
    with pytest.raises(InvalidInput, match=r"^comment: .*of at most 10000"):
        securating.customer("anna@example.com").will_review(5, "é" * 10_001)
    with pytest.raises(InvalidInput, match="a rating from 1 to 5 expected"):
        securating.crowd(answering=1, within="1d", ratings={9: 1})


@pytest.mark.parametrize("how", [{"answering": 2, "within": "3d", "ratings": {5: 1}},
                                 {"answering": 1, "within": "soon", "ratings": {5: 1}},
                                 {"answering": 1, "within": "3d", "ratings": {}}])  # fmt: skip
def test_an_impossible_crowd_is_refused(securating: Securating, how: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        securating.crowd(**how)  # type: ignore[arg-type]


@pytest.mark.securating(company_name="Chez Anna", url="https://anna.example/")
def test_company_and_website_can_be_named_by_the_mark(securating: Securating) -> None:
    assert invite(securating).startswith("https://anna.example/?securating_token=")
    assert securating.invitations.one().asked.company_name == "Chez Anna"
    assert securating.company_id == 25


@pytest.mark.mockserver(start=None)
def test_a_review_that_is_refused_when_it_falls_due_spoils_nobody_elses_call(securating: Securating) -> None:
    with freeze_time("2026-03-02 10:00") as frozen:
        securating.customer("anna@example.com").will_review(4, thematics={"1000100": 5})
        invite(securating, days="1", recall_count="0")
        frozen.move_to("2026-03-04 10:00")
        invite(securating, "bob@example.com")
        assert securating.invitations.one(email="anna@example.com").status == "sent"


@pytest.mark.parametrize("rating", [4.5, True, "5", [5]])
def test_a_rating_that_is_no_whole_number_is_refused_now_and_for_later(securating: Securating, rating: int) -> None:
    anna = mailed(securating)
    form, expected = anna.invitation.mail, rf"^rating: {re.escape(repr(rating))}, a whole number from 1 to 5 expected$"
    with pytest.raises(InvalidInput, match=expected):
        anna.review(rating)
    assert anna.invitation.status == "sent"
    with pytest.raises(InvalidInput, match=expected):
        anna.will_review(rating)
    with pytest.raises(InvalidInput, match=expected.replace("rating", "thematic_1000100", 1)):
        anna.will_review(5, thematics={"1000100": rating})
    assert securating.clock.agenda == []
    with pytest.raises(InvalidInput, match=expected):
        form.open_link().review(rating)
    assert (anna.invitation.status, len(securating.reviews)) == ("opened", 0)


def test_what_no_form_could_hold_is_refused_by_its_name(securating: Securating) -> None:
    anna = mailed(securating)
    says: list[Callable[..., object]] = [anna.review, anna.will_review]
    for say in says:
        with pytest.raises(InvalidInput, match=r"^comment: 7, a text expected$"):
            say(5, 7)
        with pytest.raises(InvalidInput, match=r"^thematics: \[5\], such as {'1000100': 4} expected$"):
            say(5, "", [5])
    assert (anna.invitation.status, securating.clock.agenda, len(securating.reviews)) == ("sent", [], 0)


def mailed(securating: Securating) -> Customer:
    """Return a customer whose mail is there."""
    invite(securating, days="0", recall_count="0")
    return securating.customer("anna@example.com")


@pytest.mark.mockserver(world="busy", start="2026-03-01 10:00")
def test_a_crowd_leaves_those_alone_who_were_invited_in_the_past_of_the_world(securating: Securating) -> None:
    pending = securating.clock.agenda
    silent = securating.invitations.all(status="sent")[0]
    securating.crowd(answering=1, within="1d", ratings={1: 1})
    assert securating.clock.agenda == pending
    securating.customer(silent.email).will_review(2, after="1h")
    invite(securating, days="0", recall_count="0")
    reviews = [promise.task for promise in securating.clock.agenda if isinstance(promise.task, GiveReview)]
    new = [task.token for task in reviews if task not in [promise.task for promise in pending]]
    assert sorted(new) == sorted([silent.token, securating.invitations.latest().token])
