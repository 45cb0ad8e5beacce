"""Widgets as a search engine and a careful shop read them."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest


def widget(shop: Any, query: str = "internal_ref=25:0001") -> str:
    reply = shop.call("GET", "/widgets", f"token={shop.key}&type=product&{query}")
    assert reply.status == 200
    html: str = reply.body.decode()
    return html


def shown(html: str) -> str:
    """Return a widget without its style, which names every part."""
    return html.partition("</style>")[2]


def reviewed(shop: Any, *ratings: int, product: str = "0001", comment: str = "Parfait") -> None:
    for rating in ratings:
        email = f"c{len(shop.state.reviews)}@example.com"
        invitation = shop.invite(email=email, product=product, first_name="Zoé", last_name="Noël")
        shop.review(invitation, rating=str(rating), comment=comment)


def check_product(described: dict[str, Any]) -> None:
    """Hold a description to what schema.org and the search engines require of a product with reviews."""
    assert (described["@context"], described["@type"]) == ("https://schema.org", "Product")
    assert described["name"].strip()
    total = described["aggregateRating"]
    assert total["@type"] == "AggregateRating"
    assert isinstance(total["reviewCount"], int)
    assert total["reviewCount"] == len(described["review"]) > 0
    check_rating(total)
    for length in (8, 12, 13, 14):
        assert re.fullmatch(rf"\d{{{length}}}", described.get(f"gtin{length}", "0" * length))
    known = {"@context", "@type", "name", "sku", "gtin8", "gtin12", "gtin13", "gtin14", "aggregateRating", "review"}
    assert set(described) <= known
    for review in described["review"]:
        check_review(review)


def check_review(review: dict[str, Any]) -> None:
    assert review["@type"] == "Review"
    assert review["author"]["@type"] == "Person"
    assert 0 < len(review["author"]["name"]) <= 100
    assert date.fromisoformat(review["datePublished"])
    assert review.get("reviewBody", "said").strip()
    assert review["reviewRating"]["@type"] == "Rating"
    check_rating(review["reviewRating"])


def check_rating(rating: dict[str, Any]) -> None:
    assert rating["worstRating"] <= float(rating["ratingValue"]) <= rating["bestRating"]
    assert rating["worstRating"] < rating["bestRating"]


def schemas(html: str) -> list[dict[str, Any]]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return [json.loads(text) for text in found]


@pytest.mark.claim("SEC-O5")
def test_the_json_ld_has_every_member_that_schema_org_requires(shop: Any) -> None:
    reviewed(shop, 5, 1)
    reviewed(shop, 2, comment="")
    (described,) = schemas(widget(shop))
    check_product(described)
    assert (described["name"], described["gtin13"]) == ("Théière en fonte 1,2 l", "3760123450017")
    assert (described["aggregateRating"]["ratingValue"], described["aggregateRating"]["reviewCount"]) == ("2.7", 3)


@pytest.mark.claim("SEC-O5")
@pytest.mark.parametrize(
    ("ean", "member"), [("12345670", "gtin8"), ("3760123450017", "gtin13"), ("12345", ""), ("x", "")]
)
def test_only_an_article_number_of_a_known_length_is_a_gtin(shop: Any, ean: str, member: str) -> None:
    shop.invite(product="9", product_ean=ean, product_desc="Thé", email="first@example.com")
    reviewed(shop, 4, product="9")
    (described,) = schemas(widget(shop, "internal_ref=25:9"))
    check_product(described)
    assert [name for name in described if name.startswith("gtin")] == ([member] if member else [])


@pytest.mark.claim("SEC-O5")
def test_a_product_that_nobody_reviewed_or_named_is_not_described(shop: Any) -> None:
    assert schemas(widget(shop)) == []
    assert schemas(widget(shop, "internal_ref=")) == []


@pytest.mark.claim("SEC-O5")
@pytest.mark.parametrize(
    ("flag", "part"),
    [
        ("hide_reviews", "securating-comment"),
        ("hide_reviews", "securating-more"),
        ("hide_more_link", "Tous les avis"),
        ("hide_schema", "application/ld+json"),
        ("hide_total", "2 avis"),
        ("hide_logo", '"securating-logo"'),
        ("hide_host", "https://maison-demo.example"),
        ("hide_title", "Avis clients"),
        ("hide_name", '"securating-name"'),
        ("hide_distribution", "5 : 1"),
        ("hide_overview", '"securating-average"'),
        ("hide_identity", "Zoé N"),
    ],
)
@pytest.mark.parametrize("value", ["", "=", "=1"])
def test_each_part_is_hidden_by_its_flag(shop: Any, flag: str, part: str, value: str) -> None:
    reviewed(shop, 5, 3)
    query = "internal_ref=25:0001&" + ("" if flag == "hide_schema" else "hide_schema&")
    if flag == "hide_host":
        query += "hide_more_link&"  # which leads there
    assert part in shown(widget(shop, query))
    assert part not in shown(widget(shop, query + flag + value))


@pytest.mark.claim("SEC-O5")
@pytest.mark.parametrize(
    ("flag", "part"),
    [("show_stars_rating", "★★★☆☆"), ("show_stars_total", "★★★★☆"), ("show_sticker", "Maison Demo : 4,0 / 5")],
)
def test_each_extra_is_shown_by_its_flag(shop: Any, flag: str, part: str) -> None:
    reviewed(shop, 5, 3)
    assert part not in shown(widget(shop))
    assert part in shown(widget(shop, f"internal_ref=25:0001&{flag}"))


@pytest.mark.claim("SEC-O5")
def test_numbers_are_written_as_the_page_is_in_french_and_as_json_ld_wants_them(shop: Any) -> None:
    reviewed(shop, 5, 4)
    html = shown(widget(shop, "internal_ref=25:0001&show_sticker&show_stars_total&show_stars_rating"))
    seen, _, schema = html.partition("<script")
    assert '<span class="securating-average">4,5</span> / 5' in seen
    assert 'aria-label="4,5 / 5">★★★★☆<' in seen
    assert 'aria-label="5 / 5">★★★★★<' in seen
    assert "4.5" not in seen
    assert '"ratingValue": "4.5"' in schema


@pytest.mark.claim("SEC-O5")
def test_the_sticker_takes_its_model_and_class_and_a_product_without_description_the_shops(shop: Any) -> None:
    reviewed(shop, 5, product="77")
    html = shown(widget(shop, "internal_ref=25:77&product_desc=Tasse&show_sticker&sticker_modele=3&sticker_class=mine"))
    assert '<p class="securating-sticker mine" data-modele="3">' in html
    assert '<p class="securating-name" dir="auto">Tasse</p>' in html


@pytest.mark.claim("SEC-O10")
def test_every_style_is_under_the_widgets_own_class(shop: Any) -> None:
    style = widget(shop).partition("</style>")[0].partition(">")[2]
    selectors = re.findall(r"([^{}]+){[^{}]*}", style)
    assert len(selectors) > 10
    single = [one.strip() for group in selectors for one in re.split(r",(?![^(]*\))", group)]
    assert all(one.startswith(".securating-widget") for one in single)
