"""What people do, as rows of the control surface."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.journal import Event
from mockserver.services import securating
from mockserver.services.service import Request

if TYPE_CHECKING:
    from tests.services.securating.conftest import Shop


def control(shop: Shop, method: str, path: str, body: object = None, query: str = "", **args: str) -> Any:
    row = next(row for row in securating.SERVICE.controls if (row.method, row.path) == (method, path))
    sent = b"" if body is None else json.dumps(body).encode()
    return json.loads(row.handle(shop.world, Request(method, path, query, {}, sent, args)).body)


def test_an_invitation_is_shown_with_everything_about_it(shop: Shop) -> None:
    invitation = shop.invite(order="17", days="2", first_name="Anna")
    shown = control(shop, "GET", "/invitations/<token>", token=invitation.token)
    assert (shown["token"], shown["email"], shown["order"], shown["link"]) == (
        invitation.token,
        "anna@example.com",
        "17",
        invitation.link,
    )
    assert shown["form"] == f"/review?securating_token={invitation.token}"
    assert shown["asked"]["days"] == 2
    assert "recall_count" not in shown["asked"]  # a default
    assert (shown["review"], shown["mailing"]) == (None, "2026-03-04T09:00:00Z")
    (listed,) = control(shop, "GET", "/invitations", query="order=17")["invitations"]
    assert listed == {name: value for name, value in shown.items() if name != "mailing"}


def test_a_review_is_shown_with_its_ratings_by_thematic(shop: Shop) -> None:
    shop.invite(thematics="1000100")
    form = {"email": "anna@example.com", "rating": 5, "comment": "Parfait", "thematics": {"1000100": 4}}
    shown = control(shop, "POST", "/review", form)
    assert shown["status"] == "reviewed"
    assert shown["review"]["thematics"] == {"1000100": 4}
    (review,) = control(shop, "GET", "/reviews")["reviews"]
    assert (review["rating"], review["comment"], review["answers"]) == (5, "Parfait", [["1000100", 4]])


def test_who_reviews_opens_the_form_first_and_once(shop: Shop) -> None:
    first, second = (shop.invite(email=f"{name}@example.com", webhook="http://127.0.0.1:9/") for name in ("ann", "bob"))
    shop.open(first)
    for invitation in (first, second):
        control(shop, "POST", "/review", {"token": invitation.token, "rating": 5})
        assert shop.steps(invitation) == ["invitation-created", "link-opened", "review-saved"]


@pytest.mark.parametrize(
    ("form", "field"),
    [({"rating": 9}, "rating"), ({"rating": 5, "comment": "é" * 10_001}, "comment"),
     ({"rating": 5, "comment": "\x85"}, "comment")],
)  # fmt: skip
def test_what_the_form_would_refuse_is_not_even_opened(shop: Shop, form: dict[str, object], field: str) -> None:
    invitation = shop.invite(webhook="http://127.0.0.1:9/")
    before = shop.facts()
    with pytest.raises(Refusal) as refused:
        control(shop, "POST", "/review", {"token": invitation.token} | form)
    assert refused.value.field == field
    assert shop.facts() == before


def test_letters_reviews_and_websites_are_listed_newest_last_and_counted(shop: Shop) -> None:
    first, second = shop.invite(days="0"), shop.invite(days="0", email="bob@example.com")
    control(shop, "POST", "/review", {"token": first.token, "rating": 1})
    listed = control(shop, "GET", "/letters", query="limit=1")
    assert ([letter["token"] for letter in listed["letters"]], listed["count"]) == ([second.token], 2)
    (letter,) = control(shop, "GET", "/letters", query=f"token={first.token}")["letters"]
    assert (letter["number"], letter["recipient"], letter["kind"]) == (1, "anna@example.com", "invitation")
    assert control(shop, "GET", "/reviews", query=f"token={second.token}") == {"reviews": [], "count": 0}
    assert control(shop, "GET", "/websites", query="limit=1")["websites"][0].keys() == {"key", "company_id", "url"}


def test_a_customer_does_later_what_was_said(shop: Shop) -> None:
    said = control(shop, "POST", "/will-review", {"email": "Anna@example.com", "rating": 4, "after": "2d"})
    assert said == {
        "email": "Anna@example.com",
        "will": {"after": 172_800, "rating": 4, "comment": "", "answers": []},
    }
    invitation = shop.invite(days="0")
    shop.wait(days=2)
    assert shop.state.reviews[invitation.token].rating == 4
    assert control(shop, "POST", "/will-ignore", {"email": "bob@example.com"}) == {
        "email": "bob@example.com",
        "will": None,
    }
    crowd = {"answering": 1, "within": 3600, "ratings": {"5": 1}}
    assert control(shop, "POST", "/crowd", crowd) == crowd
    ignored = shop.invite(email="bob@example.com", days="0")
    shop.wait(days=1)
    assert ignored.token not in shop.state.reviews


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/will-review", {}, "email"),
        ("/will-review", {"email": "a@b.de", "rating": "5"}, "rating"),
        ("/will-review", {"email": "a@b.de", "rating": 9}, "rating"),
        ("/will-review", {"email": "a@b.de", "rating": 5, "after": "soon"}, "after"),
        ("/will-review", {"email": "a@b.de", "rating": 5, "comment": "é" * 10_001}, "comment"),
        ("/will-review", {"email": "a@b.de", "rating": 5, "thematics": {"1000100": "4"}}, "thematics.1000100"),
        ("/will-review", {"email": "a@b.de", "rating": 5, "thematics": {"1000100": 9}}, "rating"),
        ("/will-review", {"email": "a@b.de", "colour": "red"}, "colour"),
        ("/will-ignore", {"email": None}, "email"),
        ("/will-ignore", {"email": "a@b.de", "rating": 5}, "rating"),
        ("/crowd", {"answering": 2, "within": "3d", "ratings": {"5": 1}}, "answering"),
        ("/crowd", {"answering": True, "within": "3d", "ratings": {"5": 1}}, "answering"),
        ("/crowd", {"answering": 1, "within": [], "ratings": {"5": 1}}, "within"),
        ("/crowd", {"answering": 1, "within": "3d", "ratings": {}}, "ratings"),
        ("/crowd", {"answering": 1, "within": "3d", "ratings": {"five": 1}}, "ratings.five"),
        ("/crowd", {"answering": 1, "within": "3d", "ratings": {"5": float("1e400")}}, "body"),
        ("/crowd", {"answering": 1, "within": "3d", "ratings": {"9": 1}}, "rating"),
        ("/crowd", {"answering": 1, "within": "3d", "ratings": {"5": 1}, "colour": "red"}, "colour"),
    ],
)
def test_what_nobody_can_mean_is_refused_by_its_field_and_changes_nothing(
    shop: Shop, path: str, body: dict[str, object], field: str
) -> None:
    before = (shop.state.intentions.copy(), shop.state.crowd)
    with pytest.raises((Refusal, InvalidInput)) as refused:
        control(shop, "POST", path, body)
    error = refused.value
    assert field in {getattr(error, "field", None), getattr(error, "path", None)}
    assert (shop.state.intentions, shop.state.crowd) == before


@pytest.mark.parametrize("path", ["/invitations", "/letters", "/reviews", "/websites"])
def test_a_list_takes_no_parameter_that_it_does_not_know(shop: Shop, path: str) -> None:
    with pytest.raises(Refusal) as refused:
        control(shop, "GET", path, query="colour=red")
    assert refused.value.field == "colour"


def test_an_invitation_that_nobody_has_is_not_found(shop: Shop) -> None:
    with pytest.raises(Refusal) as refused:
        control(shop, "GET", "/invitations/<token>", token="nobody")
    assert (refused.value.code, refused.value.field) == ("no such call", "token")


@pytest.mark.parametrize(
    ("will", "asked", "why"),
    [
        ({"rating": 4, "thematics": {"1000100": 5}}, {}, "thematic_1000100: this thematic was not asked"),
        ({"rating": 5}, {"survey_only": "1", "thematics": "1000100"}, "an answer to at least one thematic expected"),
        ({"comment": "Bien"}, {}, "rating: missing"),
    ],
)
def test_a_review_that_the_form_would_refuse_is_not_given_and_the_journal_says_why(
    shop: Shop, will: dict[str, object], asked: dict[str, str], why: str
) -> None:
    control(shop, "POST", "/will-review", {"email": "anna@example.com", "after": "1d"} | will)
    invitation = shop.invite(days="0", recall_count="0", webhook="http://127.0.0.1:9/", **asked)
    shop.wait(hours=1)
    before, events = shop.facts(), shop.world.journal.written
    shop.wait(days=2)
    assert shop.facts() == before
    assert shop.now(invitation).status == "sent"
    assert shop.steps(invitation) == ["invitation-created", "mail-send"]
    (event,) = shop.world.journal.entries()[events:]
    assert isinstance(event, Event)
    assert event.service == "securating"
    assert event.what.startswith("anna@example.com gave no review: ")
    assert why in event.what
    assert shop.world.upcoming() == []
