"""What the published WordPress client depends on (SPEC §1.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest


def register(shop: Any, address: str = "https://neuf.example/boutique", email: str = "a@neuf.example") -> Any:
    return shop.post("/modules/live-create", {"securating_email": email, "securating_website": address})


@pytest.mark.claim("SEC-O2", "SEC-O8", "SEC-O10")
def test_a_website_gets_its_token_and_company(shop: Any) -> None:
    reply = register(shop)
    data = json.loads(reply.body)["data"]
    assert reply.content_type == "application/json"
    assert re.fullmatch("[0-9A-Za-z]{64}", data["token"])
    assert type(data["company_id"]) is int
    assert data["company_id"] > 0
    assert json.loads(register(shop, "neuf.example/boutique/").body)["data"] == data
    assert shop.create(keywebsite=data["token"]).status == 200


@pytest.mark.claim("SEC-O2")
@pytest.mark.parametrize(
    ("address", "email"),
    [("", "a@b.fr"), ("javascript://x", "a@b.fr"), ("https://x.fr/ y", "a@b.fr"), ("x.fr", "nobody")],
)
def test_a_website_without_an_address_or_an_email_is_refused(shop: Any, address: str, email: str) -> None:
    before = shop.facts()
    assert register(shop, address, email).status == 400
    assert shop.facts() == before


@pytest.mark.claim("SEC-O3", "SEC-O10")
def test_a_known_website_is_verified_where_the_setting_says_so(shop: Any, shop_with: Callable[..., Any]) -> None:
    def verified(shop: Any, address: str, token: str) -> object:
        query = f"securating_website={address}&securating_token={token}"
        return json.loads(shop.call("GET", "/modules/live-verification", query).body)["data"]["website_is_verified"]

    token = json.loads(register(shop).body)["data"]["token"]
    assert verified(shop, "https://neuf.example/boutique", token) is True
    assert verified(shop, "https://neuf.example/boutique", "x" * 64) is False
    assert verified(shop, "https://other.example/", token) is False
    never = shop_with("securating.websites_are_verified=false")
    token = json.loads(register(never).body)["data"]["token"]
    assert verified(never, "https://neuf.example/boutique", token) is False


@pytest.mark.claim("SEC-O4")
def test_the_company_id_is_bare_digits_and_an_unknown_token_is_not_found(shop: Any) -> None:
    assert shop.call("GET", "/widgets/company/<token>/id", args={"token": shop.key}).body == b"25"
    assert shop.call("GET", "/widgets/company/<token>/id", args={"token": "x"}).status == 404


def widget(shop: Any, flags: str = "", path: str = "/widgets", ref: str = "25:0001") -> str:
    query = f"token={shop.key}&type=product&internal_ref={ref}&product_desc=Théière en fonte&{flags}&"
    args = {"version": "1.7"} if path != "/widgets" else {}
    reply = shop.call("GET", path, query, args)
    assert reply.status == 200
    assert reply.content_type == "text/html; charset=utf-8"
    body: str = reply.body.decode()
    return body


def reviewed(shop: Any) -> None:
    for number, (rating, comment) in enumerate([(5, "Parfait"), (2, "<b>Ébréchée</b> & </script>")]):
        product = "25:0001" if number else "0001"
        invitation = shop.invite(email=f"c{number}@example.com", product=product, first_name="Zoé", last_name="Noël")
        shop.review(invitation, rating=str(rating), comment=comment)


@pytest.mark.claim("SEC-O5", "SEC-C7")
@pytest.mark.parametrize("path", ["/widgets", "/widgets/<version>"])
def test_a_widget_shows_average_count_and_reviews(shop: Any, path: str) -> None:
    reviewed(shop)
    html = widget(shop, path=path)
    assert ">3,5<" in html
    assert "2 avis" in html
    assert html.index("Ébréchée") < html.index("Parfait")
    assert "Zoé N" in html
    assert "Noël" not in html
    assert "<b>Ébréchée" not in html


@pytest.mark.claim("SEC-O5")
def test_the_widget_carries_json_ld_that_cannot_break_out(shop: Any) -> None:
    reviewed(shop)
    html = widget(shop)
    (schema,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    product = json.loads(schema)
    assert product["@type"] == "Product"
    assert product["sku"] == "0001"
    assert product["gtin13"] == "3760123450017"
    assert product["aggregateRating"]["ratingValue"] == "3.5"
    assert product["aggregateRating"]["reviewCount"] == 2
    assert [review["reviewBody"] for review in product["review"]] == ["<b>Ébréchée</b> & </script>", "Parfait"]


@pytest.mark.claim("SEC-O5", "SEC-O8")
@pytest.mark.parametrize(
    ("flag", "present"),
    [
        ("hide_reviews", "Parfait"),
        ("hide_more_link", "securating-more"),
        ("hide_schema", "application/ld+json"),
        ("hide_total", "2 avis"),
        ("hide_logo", "securating-logo"),
        ("hide_host", "securating-host"),
        ("hide_title", "securating-title"),
        ("hide_name", "securating-name"),
        ("hide_distribution", "securating-distribution"),
        ("hide_overview", "securating-overview"),
        ("hide_identity", "securating-author"),
    ],
)
def test_a_flag_without_a_value_hides_its_part(shop: Any, flag: str, present: str) -> None:
    reviewed(shop)
    rest = "" if flag == "hide_schema" else "hide_schema&"
    assert present in widget(shop, rest)
    assert present not in widget(shop, f"{rest}{flag}").partition("</style>")[2]


@pytest.mark.claim("SEC-O5")
def test_stars_and_sticker_are_shown_on_request(shop: Any) -> None:
    reviewed(shop)
    plain = widget(shop).partition("</style>")[2]
    assert "★" not in plain
    assert "securating-sticker " not in plain
    assert "★★★★★" in widget(shop, "show_stars_rating")
    assert "★★★★☆" in widget(shop, "show_stars_total&hide_reviews")
    sticker = widget(shop, "show_sticker&sticker_modele=2&sticker_class=a%22b")
    assert 'class="securating-sticker a&#34;b" data-modele="2"' in sticker


@pytest.mark.claim("SEC-O8", "SEC-O10")
def test_a_product_nobody_reviewed_has_a_widget_with_its_style_and_nothing_is_stored(shop: Any) -> None:
    before = shop.facts()
    html = widget(shop, ref="25:some sku with spaces")
    assert "Aucun avis" in html
    assert html.count('<style id="securating-widget-style">') == 1
    assert "Théière en fonte" in html
    assert shop.facts() == before


@pytest.mark.claim("SEC-O5", "SEC-C24")
def test_a_widget_without_a_known_token_or_type_is_refused(shop: Any) -> None:
    assert shop.call("GET", "/widgets", "token=x&type=product").status == 403
    assert shop.call("GET", "/widgets", f"token={shop.key}&type=company").status == 400


@pytest.mark.claim("SEC-O6", "SEC-O10")
def test_the_script_and_the_front_page_are_there_and_may_be_framed(shop: Any, shop_with: Callable[..., Any]) -> None:
    script = shop.call("GET", "/resource/build.js")
    assert script.content_type == "text/javascript; charset=utf-8"
    assert b'"/review"' in script.body
    assert b'"securating_token"' in script.body
    front = shop.call("GET", "/")
    assert front.status == 200
    for reply in (script, front):
        headers = {name.lower(): value for name, value in reply.headers}
        assert "x-frame-options" not in headers
        assert "frame-ancestors" not in headers.get("content-security-policy", "")
    other = shop_with("securating.link_parameter=jeton").call("GET", "/resource/build.js").body
    assert b'"jeton"' in other
    assert b"securating_token" not in other
