"""What the published client of Securating depends on (SPEC §1.5)."""

from __future__ import annotations

import json

from mockserver.contract.case import Chapter
from mockserver.contract.stage import Stage
from mockserver.contract.verdicts import UnknownShape

CHAPTER = Chapter("securating")


@CHAPTER.case("SEC-O3", "website", learns="websites_are_verified")
def a_website_is_verified(stage: Stage) -> None:
    query = f"securating_website={stage.place.website}&securating_token={stage.place.key}"
    seen = stage.ask("securating", "GET", "/modules/live-verification", query=query)
    try:
        verified = json.loads(seen.answer.body)["data"]["website_is_verified"]
    except (ValueError, LookupError, TypeError):
        verified = None
    if not isinstance(verified, bool):
        raise UnknownShape('{"data": {"website_is_verified": true or false}}', seen)
    stage.saw("securating.websites_are_verified", verified, seen)


@CHAPTER.case("SEC-O5", "control")
def a_widget_shows_average_count_and_reviews(stage: Stage) -> None:
    for email, rating in (("anna@example.com", 5), ("bruno@example.com", 4)):
        stage.created(email=email, days=0, product="0001")
        stage.double.securating.customer(email).review(rating, f"rated {rating}")
    query = f"token={stage.place.key}&type=product&internal_ref=0001"
    seen = stage.ask("securating", "GET", "/widgets", query=query)
    for text in ("4.5", "rated 5", "rated 4", "application/ld+json"):
        stage.expect(text in seen.answer.text, f"a widget with {text}", seen)
    hidden = stage.ask("securating", "GET", "/widgets", query=f"{query}&hide_reviews&hide_schema&")
    for text in ("rated 5", "application/ld+json"):
        stage.expect(text not in hidden.answer.text, f"a widget without {text}", hidden)


@CHAPTER.case("SEC-O6")
def the_front_page_can_be_framed(stage: Stage) -> None:
    seen = stage.ask("securating", "GET", "/")
    stage.expect(seen.answer.status == 200, "status 200", seen)
