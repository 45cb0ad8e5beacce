"""What a customer sees and does (SPEC §1.4)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from mockserver.contract.case import Chapter
from mockserver.contract.exchange import Exchange
from mockserver.contract.stage import FORM, Stage

CHAPTER = Chapter("securating")

ANNA = "anna@example.com"


def _opened(stage: Stage, **fields: object) -> tuple[str, Exchange]:
    """Create an invitation and open its form; return the form's query too."""
    link, _ = stage.created(email=ANNA, days=0, **fields)
    name = stage.securating.link_parameter
    query = urlencode({name: dict(parse_qsl(urlsplit(link).query))[name]})
    return query, stage.ask("securating", "GET", stage.securating.form_path, query=query)


def _sent(stage: Stage, query: str, **fields: object) -> Exchange:
    body = urlencode(fields).encode()
    return stage.ask("securating", "POST", stage.securating.form_path, query=query, body=body, media=FORM)


@CHAPTER.case("SEC-R2 SEC-T6", "control")
def the_form_asks_for_a_rating_and_each_thematic(stage: Stage) -> None:
    _, seen = _opened(stage, thematics="1000100,1000650")
    page = seen.answer.text
    highest = stage.securating.highest_rating
    stage.expect(f'name="rating" value="{highest}"' in page, f"a rating up to {highest}", seen)
    stage.expect(f'value="{highest + 1}"' not in page, f"no rating above {highest}", seen)
    for name in ('name="comment"', "thematic_1000100", "thematic_1000650", "salon de thé"):
        stage.expect(name in page, f"a form with {name}", seen)


@CHAPTER.case("SEC-C9 SEC-R2", "control")
def a_survey_asks_no_review(stage: Stage) -> None:
    _, seen = _opened(stage, survey_only="1", thematics="1000100")
    stage.expect('name="rating"' not in seen.answer.text, "a form without a rating", seen)
    stage.expect("thematic_1000100" in seen.answer.text, "a form with the thematic", seen)


@CHAPTER.case("SEC-C21 SEC-R2", "control")
def the_gift_is_announced(stage: Stage) -> None:
    _, seen = _opened(stage, with_gift="1", gift_description="dix pour cent")
    stage.expect("dix pour cent" in seen.answer.text, "a form that tells of the gift", seen)


@CHAPTER.case("SEC-C18 SEC-C20", "control")
def a_review_is_stored_with_its_hashtag(stage: Stage) -> None:
    query, _ = _opened(stage, hashtag="#tea", customer_gender="Mme")
    seen = _sent(stage, query, rating=5, comment="Parfait")
    review = stage.double.securating.reviews.one()
    stage.expect((review.rating, review.comment, review.hashtag) == (5, "Parfait", "#tea"), "the review", seen)
    asked = stage.double.securating.invitations.one(email=ANNA).asked
    stage.expect(asked.customer_gender == "Mme", "what is known of the customer", seen)


@CHAPTER.case("SEC-R3", "control")
def a_second_review_is_refused(stage: Stage) -> None:
    query, _ = _opened(stage)
    _sent(stage, query, rating=5)
    seen = _sent(stage, query, rating=1)
    refused = stage.securating.second_review_is_refused
    stage.expect((seen.answer.status == 409) is refused, "a refusal" if refused else "a second review", seen)


@CHAPTER.case("SEC-R3 SEC-W5", "control")
def opening_is_told_as_often_as_is_assumed(stage: Stage) -> None:
    query, _ = _opened(stage, webhook="https://shop.example/hook")
    seen = stage.ask("securating", "GET", stage.securating.form_path, query=query)
    steps = [call.step for call in stage.double.webhooks.all()]
    expected = 1 if stage.securating.link_opened_once else 2
    stage.expect(steps.count("link-opened") == expected, f"{expected} times link-opened", seen)


@CHAPTER.case("SEC-T9", "control")
def an_english_code_is_asked_in_english(stage: Stage) -> None:
    if not stage.securating.generic_variants or "01:en" not in stage.securating.languages:
        return
    _, seen = _opened(stage, thematics="1010100")
    stage.expect('<html lang="en"' in seen.answer.text, "a form in English", seen)
