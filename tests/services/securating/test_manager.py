from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.services.securating.people import CONTROLS
from mockserver.services.service import Request

if TYPE_CHECKING:
    from tests.services.securating.conftest import Shop


def control(shop: Shop, method: str, path: str, body: object = None, query: str = "") -> Any:
    """Call the control row with that path; a refusal is raised."""
    row = next(row for row in CONTROLS if (row.method, row.path) == (method, path))
    sent = b"" if body is None else json.dumps(body).encode()
    return json.loads(row.handle(shop.world, Request(method, f"/_mock/v1/securating{path}", query, {}, sent)).body)


def company(shop: Shop) -> Any:
    return control(shop, "GET", "/companies")["companies"][0]


@pytest.mark.claim("SEC-R4")
def test_the_documentations_test_form_wants_its_sum_and_sends_at_once(shop: Shop) -> None:
    before = shop.facts()
    for wrong in ("6", "", 25):
        with pytest.raises(Refusal, match="five times one expected") as refused:
            control(shop, "POST", "/test-form", {"email": "anna@example.com", "answer": wrong})
        assert refused.value.field == "answer"
    with pytest.raises(Refusal) as refused:
        control(shop, "POST", "/test-form", {"email": "anna@example.com", "answer": "5", "colour": "red"})
    assert refused.value.field == "colour"
    assert shop.facts() == before
    sent = control(shop, "POST", "/test-form", {"email": "anna@example.com", "first_name": "Anna", "answer": " 5 "})
    assert sent["asked"]["days"] == 0
    shop.wait()
    assert [letter.recipient for letter in shop.letters] == ["anna@example.com"]


@pytest.mark.claim("SEC-O1")
def test_a_shop_cancels_the_order_of_an_invitation(shop: Shop) -> None:
    invitation = shop.invite(order="17")
    assert control(shop, "POST", "/cancel", {"token": invitation.token})["status"] == "cancelled"
    shop.wait(days=30)
    assert shop.letters == []


def test_an_invitation_without_an_order_cannot_be_cancelled(shop: Shop) -> None:
    shop.invite()
    before = shop.facts()
    with pytest.raises(Refusal, match="a shop cancels by the order") as refused:
        control(shop, "POST", "/cancel", {"email": "anna@example.com"})
    assert refused.value.field == "token"
    with pytest.raises(Refusal, match="no invitation has the e-mail"):
        control(shop, "POST", "/cancel", {"email": "nobody@example.com"})
    assert shop.facts() == before


def test_a_company_is_shown_with_what_belongs_to_it(shop: Shop) -> None:
    shown = company(shop)
    assert (shown["id"], shown["name"], shown["websites"][0]["key"]) == (25, "Maison Demo", shop.key)
    assert [profile["name"] for profile in shown["profiles"]] == ["Claire Fontaine", "Hugo Martin"]
    assert [product["sku"] for product in shown["products"]] == ["0001", "0002"]
    assert [thematic["code"] for thematic in shown["thematics"]] == ["1000650", "2010650"]


def test_a_company_gets_websites_moderators_products_and_questions_which_invitations_may_name(shop: Shop) -> None:
    website = control(shop, "POST", "/websites", {"url": "https://boutique.example/avis"})["websites"][1]
    control(shop, "POST", "/profiles", {"id": "9", "name": "Inès"})
    control(shop, "POST", "/products", {"sku": "0001", "description": "Théière bleue"})
    control(shop, "POST", "/thematics", {"code": "1000651", "question": "Et le service ?", "company": 25})
    shown = company(shop)
    assert shown["products"][0] == {
        "company_id": 25,
        "sku": "0001",
        "ean": "3760123450017",
        "description": "Théière bleue",
    }
    invitation = shop.invite(keywebsite=website["key"], profile_id="9", thematics="1000651", product="0001")
    assert invitation.thematics[0].question == "Et le service ?"
    assert invitation.asked.product_desc == "Théière bleue"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/websites", {"url": "no address"}, "url"),
        ("/websites", {"url": "https://a.example/", "key": "short"}, "key"),
        ("/websites", {"url": "https://a.example/", "company": 77}, "company"),
        ("/profiles", {"id": 9, "name": "Inès"}, "id"),
        ("/profiles", {"id": "9", "name": "Inès", "colour": "red"}, "colour"),
        ("/products", {"ean": "1"}, "sku"),
        ("/thematics", {"code": "9", "question": "?"}, "code"),
        ("/thematics", {"code": "1000651"}, "question"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name_and_changes_nothing(
    shop: Shop, path: str, body: dict[str, object], field: str
) -> None:
    before = company(shop)
    with pytest.raises((Refusal, InvalidInput)) as refused:
        control(shop, "POST", path, body)
    assert getattr(refused.value, "field", "") == field
    assert company(shop) == before


@pytest.mark.claim("SEC-T6", "SEC-T7", "SEC-T9")
def test_every_question_that_may_be_asked_is_listed(shop: Shop) -> None:
    listed = {each["code"]: each for each in control(shop, "GET", "/thematics")["thematics"]}
    assert listed["1000100"]["company_id"] is None
    assert {"1010100", "2000900", "2010900"} <= set(listed)
    assert listed["1000650"]["company_id"] == 25
    shop.invite(thematics="2010900,1000650")


def test_invitations_are_listed_by_their_status(shop: Shop) -> None:
    shop.invite(order="1")
    shop.invite(email="bea@example.com", days="0")
    shop.wait()
    assert [row["email"] for row in control(shop, "GET", "/invitations", query="status=sent")["invitations"]] == [
        "bea@example.com"
    ]
    with pytest.raises(Refusal, match="one of scheduled, sent"):
        control(shop, "GET", "/invitations", query="status=late")
