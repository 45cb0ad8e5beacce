"""Creating an invitation: its answer, what is required, and what is refused (SPEC §1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mockserver.contract.case import Chapter
from mockserver.contract.exchange import Exchange, find_link
from mockserver.contract.solicitation import EVERYBODYS, HARMLESS, MISTAKES, SHOP, names_in
from mockserver.contract.stage import Stage
from mockserver.contract.verdicts import UnknownShape, Unseen
from mockserver.contract.wording import Refused, find_template, fits
from mockserver.services.securating.parameters import READERS

CHAPTER = Chapter("securating")

LINK = "link_status link_content_type link_body link_parameter"


@CHAPTER.case("SEC-C24 SEC-C13", spends=1, learns="refusal_statuses refusal_content_type refusal_body")
def a_fourth_thematic_is_refused(stage: Stage) -> None:
    seen = stage.probe()
    if seen.answer.status // 100 in {3, 5} or "<html" in seen.answer.text.lower():
        raise UnknownShape("a refusal that names a parameter", seen)
    stage.saw_status("securating.refusal_statuses", seen, "bad parameter")
    stage.saw_content_type("securating.refusal_content_type", seen)
    _learn_wording(stage, Refused(seen, "thematics"))


def _learn_wording(stage: Stage, first: Refused) -> None:
    """Learn how refusals are worded, from several of them; raise `Contradicted` for one that is worded otherwise."""
    text = first.seen.answer.text
    if "thematics" not in text and (other := names_in(text, READERS)):
        raise Unseen(f"it is refused for {other[0]}, not for its thematics")
    if stage.probe().answer != first.seen.answer:
        raise Unseen("the same refusal is worded otherwise each time")
    like = [Refused(stage.probe(**mistake), name) for mistake in MISTAKES for name in mistake]
    nowhere = "/invitation/nothing-here"
    stranger = Refused(stage.probe(keywebsite="no-such-key"), "keywebsite")
    others = [stranger, Refused(stage.ask("securating", "GET", nowhere), nowhere)]
    template = find_template(first, like, others)
    if template is None:
        raise Unseen("refusals of several mistakes are one and the same, or differ in more than their words")
    stage.saw("securating.refusal_body", str(template), first.seen, f"a refusal like {stage.securating.refusal_body}")
    for refused in others:
        stage.expect(fits(template, refused), f"a refusal like {template}", refused.seen)


@CHAPTER.case("SEC-C1 SEC-C2 SEC-C3", spends=1, learns=LINK)
def a_created_invitation_is_answered_with_its_link(stage: Stage) -> None:
    seen = stage.create(url=f"{SHOP}?page=2&lang=fr#stars")
    link = find_link(seen)
    if link is None:
        raise UnknownShape("an answer with the link of an invitation", seen)
    stage.saw_status("securating.link_status", seen)
    stage.saw_content_type("securating.link_content_type", seen)
    assumed = stage.securating.link_body.replace("{link}", link)
    template = seen.answer.text.replace(link, "{link}")
    stage.saw("securating.link_body", template, seen, str(seen.answer._replace(body=assumed.encode())))
    parts = urlsplit(link)
    added = [name for name, _ in parse_qsl(parts.query) if name not in {"page", "lang"}]
    survives = link.startswith(f"{SHOP}?") and {"page=2", "lang=fr"} < set(parts.query.split("&"))
    stage.expect(survives and parts.fragment == "stars", "a link that keeps the query and fragment of url", seen)
    stage.expect(len(added) == 1, "a link with one parameter more than url", seen)
    stage.saw("securating.link_parameter", added[0], seen)


@CHAPTER.case("SEC-O8", "control")
def a_token_has_64_letters_and_digits(stage: Stage) -> None:
    link, seen = stage.created()
    token = dict(parse_qsl(urlsplit(link).query))[stage.securating.link_parameter]
    stage.expect(len(token) == 64 and token.isalnum(), "a token of 64 letters and digits", seen)


@CHAPTER.case("SEC-C4", "control")
def the_other_call_returns_a_link_and_mails_nothing(stage: Stage) -> None:
    seen = stage.create(stage.securating.link_path, days=0, email="linked@example.com")
    stage.link(seen)
    stage.double.clock.advance(days=30)
    stage.expect(not stage.double.securating.customer("linked@example.com").mails, "no mail", seen)


@CHAPTER.case("SEC-C6", spends=5, learns="required_parameters")
def some_parameters_are_required(stage: Stage) -> None:
    spared: dict[str, Any] = dict.fromkeys(["email", *HARMLESS])
    given: list[str] = []
    while not stage.accepts(seen := stage.create(**spared)):
        name = _next_to_give(seen, spared)
        given.append(name)
        del spared[name]
    required = [name for name in given if not stage.accepts(stage.create(**(spared | {name: None})))]
    stage.saw("securating.required_parameters", ["keywebsite", *required], seen)


def _next_to_give(seen: Exchange, spared: Mapping[str, object]) -> str:
    """Return the one that a refusal names; where it names none, the next that anybody gives."""
    named = names_in(seen.answer.text, spared)
    candidates = named if len(named) == 1 else [name for name in ("email", *EVERYBODYS) if name in spared]
    if not candidates:
        raise Unseen("it is not said which parameter is missing")
    return candidates[0]


@CHAPTER.case("SEC-C26", spends=1)
def an_empty_parameter_is_absent(stage: Stage) -> None:
    stage.created(**{name: "" for name in ("days", "webhook", "product", "recall_count") if not stage.wants(name)})


@CHAPTER.case("SEC-C26", "website", spends=1, learns="default_url")
def an_empty_url_is_the_address_of_the_website(stage: Stage) -> None:
    if "url" in stage.securating.required_parameters:
        raise Unseen("url is required")
    link, seen = stage.created(url="")
    parts = urlsplit(link)
    name = stage.securating.link_parameter
    kept = "&".join(pair for pair in parts.query.split("&") if pair.partition("=")[0] != name)
    base = parts._replace(query=kept).geturl().replace(stage.place.website, "{website}")
    stage.saw("securating.default_url", base, seen)


@CHAPTER.case("SEC-C24", spends=1, learns="unknown_parameters_are_accepted")
def an_unknown_parameter_is_accepted(stage: Stage) -> None:
    seen = stage.create(shoe_size="42")
    stage.saw("securating.unknown_parameters_are_accepted", stage.accepts(seen), seen)


@CHAPTER.case("SEC-C24", spends=1, learns="refusal_statuses")
def a_body_of_two_megabytes_is_refused(stage: Stage) -> None:
    seen = stage.create(product_desc="x" * (2 << 20))
    stage.expect(find_link(seen) is None, "a refusal of two megabytes", seen)
    stage.saw_status("securating.refusal_statuses", seen, "too large")


@CHAPTER.case("SEC-C9", spends=1, learns="survey_needs_thematic")
def a_survey_needs_a_thematic(stage: Stage) -> None:
    seen = stage.create(survey_only="1", thematics=None)
    stage.saw("securating.survey_needs_thematic", not stage.accepts(seen), seen)


@CHAPTER.case("SEC-C10 SEC-C11 SEC-C12", spends=3, learns="refusal_statuses same_email_ignores_case")
def the_same_address_is_refused_within_a_day(stage: Stage) -> None:
    email = next(stage.place.emails).lower()
    stage.created(email=email)
    again = stage.create(email=email, forced=False)
    stage.expect(find_link(again) is None, "a refusal: this address has just been invited", again)
    stage.saw_status("securating.refusal_statuses", again, "too soon")
    louder = stage.create(email=email.upper(), forced=False)
    stage.saw("securating.same_email_ignores_case", not stage.accepts(louder), louder)


@CHAPTER.case("SEC-C12", "control")
def the_same_address_is_invited_again_after_a_day(stage: Stage) -> None:
    window, closed = stage.securating.same_email_window, stage.securating.same_email_window_is_closed
    stage.created(email="anna@example.com")
    stage.double.clock.advance(window)
    seen = stage.create(email="anna@example.com", forced=False)
    stage.expect((find_link(seen) is None) == closed, "a link" if not closed else "a refusal", seen)


@CHAPTER.case("SEC-C18 SEC-C21 SEC-C22", spends=1)
def what_is_known_of_customer_gift_and_order_may_be_told(stage: Stage) -> None:
    customer = {"customer_gender": "Mme", "customer_bio": "Paris", "customer_link": SHOP, "customer_avatar": SHOP}
    gift = {"with_gift": "1", "gift_description": "10 %"}
    order = {"from_order": "1", "order_date": "2026-03-01", "order_number": "17", "order_item_type": "service"}
    item = {"order_item_code": "A1", "order_item_desc": "Stay", "order_service_start": "a", "order_service_end": "b"}
    stage.created(**customer, **gift, **order, **item, product_ean="3760123450017", hashtag="#stay")
