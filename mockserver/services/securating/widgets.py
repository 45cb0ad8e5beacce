"""The widget a shop places beside a product: its average, its count and its reviews (SEC-O5)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from mockserver.core.world import World
from mockserver.services.securating.model import Product, Review, Securating, Website, product_key
from mockserver.services.securating.pages import FOLDER
from mockserver.services.securating.thematics import is_public
from mockserver.services.templates import render

FLAGS = (
    "hide_reviews",
    "hide_more_link",
    "hide_schema",
    "hide_total",
    "hide_logo",
    "hide_host",
    "hide_title",
    "hide_name",
    "hide_distribution",
    "hide_overview",
    "hide_identity",
    "show_stars_rating",
    "show_stars_total",
    "show_sticker",
)
"""Switches that count as on when they are present, with or without a value (SEC-O8)."""

GTIN_LENGTHS = (8, 12, 13, 14)
"""Digits of an article number that has a name of its own in schema.org: `gtin8` to `gtin14`."""

LONGEST_AUTHOR = 100
"""Characters of an author's name that search engines accept."""


def product_widget(world: World, website: Website, params: Mapping[str, str]) -> str:
    """Return the HTML fragment for `internal_ref` of one website; nothing is stored by looking."""
    state = world.state(Securating)
    key = product_key(website, params.get("internal_ref", ""))
    product = state.products.get(key) or Product(*key)
    shelf = state.shelves.get(key)
    reviews = [state.reviews[token] for token in reversed(shelf.tokens if shelf else ())]
    name = product.description or params.get("product_desc", "") or product.sku
    best = state.settings.highest_rating
    counts = Counter(review.rating for review in reviews)
    return render(
        FOLDER,
        "widget.html",
        flags={flag: flag in params for flag in FLAGS},
        model=params.get("sticker_modele", ""),
        sticker_class=params.get("sticker_class", ""),
        website=website,
        company=state.companies[website.company_id].name,
        name=name,
        reviews=reviews,
        average=_average(reviews),
        best=best,
        distribution=[(rating, counts[rating]) for rating in range(best, 0, -1)],
        surveys=_public_answers(state, reviews),
        schema=_schema(name, product, reviews, best),
    )


def _average(reviews: list[Review]) -> str:
    if not reviews:
        return ""
    return f"{float(Fraction(sum(review.rating or 0 for review in reviews), len(reviews))):.1f}"


def _public_answers(state: Securating, reviews: list[Review]) -> list[tuple[str, str]]:
    """Return question and average of the thematics that internet users may see (SEC-T2)."""
    given: dict[str, list[int]] = {}
    for review in reviews:
        questions = {thematic.code: thematic.question for thematic in state.invitations[review.token].thematics}
        for code, answer in review.answers:
            if is_public(code):
                given.setdefault(questions[code], []).append(answer)
    return [(question, f"{sum(answers) / len(answers):.1f}") for question, answers in given.items()]


def _schema(name: str, product: Product, reviews: list[Review], best: int) -> str:
    """Return JSON-LD that cannot end the script element it stands in; empty where there is nothing to say.

    Search engines want a product to have a name, and a rating or an offer.
    """
    if not (name and reviews):
        return ""
    described: dict[str, object] = {"@context": "https://schema.org", "@type": "Product", "name": name}
    if product.sku:
        described["sku"] = product.sku
    if product.ean.isascii() and product.ean.isdigit() and len(product.ean) in GTIN_LENGTHS:
        described[f"gtin{len(product.ean)}"] = product.ean
    described["aggregateRating"] = {
        "@type": "AggregateRating",
        "ratingValue": _average(reviews),
        "reviewCount": len(reviews),
        "bestRating": best,
        "worstRating": 1,
    }
    described["review"] = [_described(review, best) for review in reviews]
    text = json.dumps(described, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _described(review: Review, best: int) -> dict[str, object]:
    body = {"reviewBody": review.comment} if review.comment else {}
    return {
        "@type": "Review",
        "author": {"@type": "Person", "name": review.author[:LONGEST_AUTHOR]},
        "datePublished": review.at.date().isoformat(),
        "reviewRating": {"@type": "Rating", "ratingValue": review.rating, "bestRating": best, "worstRating": 1},
        **body,
    }
