from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.services.securating.model import Product
from mockserver.services.securating.parameters import READERS


@pytest.mark.claim("SEC-C1", "SEC-C2")
def test_creating_an_invitation_answers_the_bare_link(shop: Any) -> None:
    reply = shop.create()
    (invitation,) = shop.state.invitations.values()
    assert (reply.status, reply.content_type) == (200, "text/plain; charset=utf-8")
    assert reply.body.decode() == invitation.link
    shop.wait(days=6)
    assert [letter.recipient for letter in shop.letters] == ["anna@example.com"]


@pytest.mark.claim("SEC-C2")
def test_the_answer_can_be_overridden(shop_with: Callable[..., Any]) -> None:
    shop = shop_with("securating.link_status=201", 'securating.link_body={"href": "{link}"}')
    reply = shop.create()
    (invitation,) = shop.state.invitations.values()
    assert (reply.status, reply.body.decode()) == (201, f'{{"href": "{invitation.link}"}}')


@pytest.mark.claim("SEC-C3", "SEC-O8")
def test_the_link_is_the_given_url_with_a_token_and_the_rest_survives(shop: Any) -> None:
    invitation = shop.invite(url="https://shop.example/avis?page=2&x=%C3%A9#top")
    parts = urlsplit(invitation.link)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "shop.example", "/avis", "top")
    assert parts.query.startswith("page=2&x=%C3%A9&securating_token=")
    token = parse_qs(parts.query)["securating_token"][0]
    assert len(token) == 64
    assert token.isalnum()
    assert "anna" not in invitation.link
    again = shop.invite(url=invitation.link, email="b@example.com")
    assert again.link.count("securating_token=") == 1


@pytest.mark.claim("SEC-C4")
def test_the_other_call_takes_the_same_parameters_and_mails_nothing(shop: Any, shop_with: Callable[..., Any]) -> None:
    reply = shop.create("/invitation/link", thematics="1000100", webhook="http://127.0.0.1/w")
    (invitation,) = shop.state.invitations.values()
    assert reply.body.decode() == invitation.link
    assert shop.steps(invitation) == ["invitation-created"]
    shop.wait(days=60)
    assert shop.letters == []
    elsewhere = shop_with("securating.link_path=/invitation/url")
    assert elsewhere.create("/invitation/url").status == 200


@pytest.mark.claim("SEC-C5", "SEC-C24")
@pytest.mark.parametrize(("key", "status"), [("", 400), ("x" * 64, 403), ("ma-cle-de-verification", 403)])
def test_an_unknown_or_missing_key_is_refused(shop: Any, key: str, status: int) -> None:
    before = shop.facts()
    reply = shop.create(keywebsite=key)
    assert reply.status == status
    assert reply.body.decode().startswith("error: keywebsite: ")
    assert shop.facts() == before


@pytest.mark.claim("SEC-C6")
def test_only_the_key_and_the_email_are_required(shop: Any, shop_with: Callable[..., Any]) -> None:
    before = shop.facts()
    assert shop.create(email="").body == b"error: email: missing, a value expected"
    assert shop.facts() == before
    invitation = shop.invite(first_name="Anna", last_name="Petit", company_name="Chez Anna", url="http://a.example/")
    asked = invitation.asked
    assert (asked.first_name, asked.last_name, asked.company_name) == ("Anna", "Petit", "Chez Anna")
    strict = shop_with("securating.required_parameters=keywebsite,email,url")
    assert strict.create().body == b"error: url: missing, a value expected"


@pytest.mark.claim("SEC-C26")
def test_an_empty_parameter_counts_as_absent(shop: Any, shop_with: Callable[..., Any]) -> None:
    invitation = shop.invite(url="", days="", webhook="", company_name="", product="")
    assert invitation.link.startswith("https://maison-demo.example/avis?securating_token=")
    assert invitation.asked.company_name == "Maison Demo"
    assert (invitation.asked.days, invitation.asked.webhook, invitation.asked.product) == (6, "", "")
    other = shop_with("securating.default_url=https://hosted.example/?from={website}")
    assert other.invite(url="").link.startswith("https://hosted.example/?from=https://maison-demo.example/avis&")


@pytest.mark.claim("SEC-C7")
def test_an_unknown_product_is_created_and_both_spellings_name_it(shop: Any) -> None:
    shop.invite(product="25:T-9", email="a@example.com")
    assert shop.state.products[25, "T-9"] == Product(25, "T-9")
    count = len(shop.state.products)
    shop.invite(product="T-9", email="b@example.com")
    assert len(shop.state.products) == count


@pytest.mark.claim("SEC-C8")
def test_ean_and_description_update_that_product(shop: Any) -> None:
    shop.invite(product="25:0001", product_ean="3760000000000", product_desc="Théière rouge")
    assert shop.state.products[25, "0001"] == Product(25, "0001", "3760000000000", "Théière rouge")
    shop.invite(product="0001", product_desc="Théière bleue", email="b@example.com")
    assert shop.state.products[25, "0001"] == Product(25, "0001", "3760000000000", "Théière bleue")


@pytest.mark.claim("SEC-C9")
def test_a_survey_needs_a_thematic(shop: Any, shop_with: Callable[..., Any]) -> None:
    before = shop.facts()
    assert shop.create(survey_only="1").body == b"error: thematics: a survey needs at least one thematic code"
    assert shop.facts() == before
    assert shop.invite(survey_only="1", thematics="1000100").asked.survey_only
    assert shop_with("securating.survey_needs_thematic=false").create(survey_only="1").status == 200


@pytest.mark.claim("SEC-C10", "SEC-C12", "SEC-C24")
def test_the_same_email_is_refused_within_24_hours_and_allowed_at_24(shop: Any) -> None:
    shop.invite()
    shop.wait(hours=23, minutes=59, seconds=59)
    before = shop.facts()
    reply = shop.create(email="ANNA@example.com")
    assert reply.status == 429
    assert reply.body.decode().startswith(
        "error: email: ANNA@example.com was invited at 2026-03-02 09:00:00 UTC; wait 24 hours"
    )
    assert shop.facts() == before
    shop.wait(seconds=1)
    assert shop.create().status == 200


@pytest.mark.claim("SEC-C10")
def test_a_refused_invitation_does_not_begin_24_hours_anew(shop: Any) -> None:
    shop.invite()
    shop.wait(hours=20)
    assert shop.create().status == 429
    shop.wait(hours=4)
    assert shop.create().status == 200


@pytest.mark.claim("SEC-C11", "SEC-C26")
@pytest.mark.parametrize("value", ["1", "0", "oui", "false"])
def test_any_value_of_force_invitation_lifts_the_rule(shop: Any, value: str) -> None:
    shop.invite()
    assert shop.create(force_invitation="").status == 429
    assert shop.create(force_invitation=value).status == 200


@pytest.mark.claim("SEC-C12")
def test_what_the_same_email_means_is_a_setting(shop_with: Callable[..., Any]) -> None:
    case = shop_with("securating.same_email_ignores_case=false")
    case.invite()
    assert case.create(email="ANNA@example.com").status == 200
    closed = shop_with("securating.same_email_window=1h", "securating.same_email_window_is_closed=true")
    closed.invite()
    closed.wait(hours=1)
    assert closed.create().status == 429
    closed.wait(seconds=1)
    assert closed.create().status == 200


@pytest.mark.claim("SEC-C12", "SEC-O2")
@pytest.mark.parametrize(("per_website", "status"), [("true", 200), ("false", 429)])
def test_each_website_key_counts_on_its_own(shop_with: Callable[..., Any], per_website: str, status: int) -> None:
    from mockserver.services.securating.model import Website

    shop = shop_with(f"securating.same_email_per_website={per_website}")
    second = "b" * 64
    shop.state.websites[second] = Website(second, 25, "https://second.example/")
    shop.invite()
    assert shop.create(keywebsite=second).status == status


@pytest.mark.claim("SEC-C13")
def test_at_most_three_thematics(shop: Any) -> None:
    invitation = shop.invite(thematics="1000100,1000200,1000400")
    assert invitation.asked.thematics == ("1000100", "1000200", "1000400")
    before = shop.facts()
    reply = shop.create(thematics="1000100,1000200,1000400,1000500", email="b@example.com")
    assert reply.body == b"error: thematics: 4 codes, at most 3 expected"
    assert shop.facts() == before


@pytest.mark.claim("SEC-C14")
@pytest.mark.parametrize(("days", "waited"), [("0", 0), ("2", 2), ("", 6)])
def test_the_mail_leaves_after_days(shop: Any, days: str, waited: int) -> None:
    start = shop.world.clock.now
    shop.invite(days=days, recall_count="0")
    shop.wait(days=30)
    assert [letter.at - start for letter in shop.letters] == [timedelta(days=waited)]


@pytest.mark.claim("SEC-C15", "SEC-C16")
@pytest.mark.parametrize(("count", "expected"), [("", [6, 12, 18, 24]), ("1", [6, 12]), ("0", [6])])
def test_recalls_follow_six_days_apart(shop: Any, count: str, expected: list[int]) -> None:
    start = shop.world.clock.now
    shop.invite(recall_count=count)
    shop.wait(days=60)
    assert [(letter.at - start).days for letter in shop.letters] == expected
    assert [letter.kind for letter in shop.letters] == ["invitation"] + ["recall"] * (len(expected) - 1)


@pytest.mark.claim("SEC-C16")
def test_the_time_between_recalls_is_a_setting(shop_with: Callable[..., Any]) -> None:
    shop = shop_with("securating.recall_interval=36h")
    start = shop.world.clock.now
    shop.invite(days="1", recall_count="2")
    shop.wait(days=30)
    hours = [(letter.at - start) / timedelta(hours=1) for letter in shop.letters]
    assert hours == [24, 60, 96]


@pytest.mark.claim("SEC-C17")
def test_a_profile_must_have_been_created_beforehand(shop: Any) -> None:
    assert shop.invite(profile_id="7").asked.profile_id == "7"
    before = shop.facts()
    reply = shop.create(profile_id="99", email="b@example.com")
    assert reply.body == b"error: profile_id: '99' is no moderator of this account"
    assert shop.facts() == before


@pytest.mark.claim("SEC-C18", "SEC-C20", "SEC-C21", "SEC-C22")
def test_what_is_said_of_customer_gift_and_order_is_kept(shop: Any) -> None:
    said = {
        "customer_gender": "Mme",
        "customer_bio": "Directrice",
        "customer_link": "https://client.example/",
        "customer_avatar": "https://client.example/logo.png",
        "hashtag": "rentrée",
        "gift_description": "Bon d'achat de 5 €",
        "order_date": "2026-02-28",
        "order_number": "C-17",
        "order_item_type": "service",
        "order_item_code": "S1",
        "order_item_desc": "Pose",
        "order_service_start": "2026-03-01",
        "order_service_end": "2026-03-02",
    }
    asked = shop.invite(with_gift="1", from_order="1", **said).asked
    assert {name: getattr(asked, name) for name in said} == said
    assert (asked.with_gift, asked.from_order) == (True, True)


@pytest.mark.claim("SEC-C24")
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("email", "anna", "an e-mail address expected"),
        ("email", "anna@example..com", "an e-mail address expected"),
        ("email", "a@b@c", "an e-mail address expected"),
        ("email", f"{'a' * 250}@x.fr", "an e-mail address expected"),
        ("first_name", "Anna\r\nBcc: all@example.com", "one line of text of at most"),
        ("survey_only", "yes", "0 or 1 expected"),
        ("with_gift", "2", "0 or 1 expected"),
        ("from_order", "true", "0 or 1 expected"),
        ("days", "-1", "a whole number from 0 to 3650 expected"),
        ("days", "6.5", "a whole number"),
        ("days", "９", "a whole number"),
        ("days", "9" * 400, "a whole number"),
        ("recall_count", "101", "a whole number from 0 to 100 expected"),
        ("url", "shop.example", "an address such as"),
        ("url", "javascript:alert(1)", "an address such as"),
        ("url", 'https://shop.example/"onclick=', "an address such as"),
        ("url", "http://[::1", "an address such as"),
        ("webhook", "ftp://shop.example/", "an address such as"),
        ("webhook", "http://shop.example:99999/", "an address such as"),
        ("customer_link", "chez moi", "an address such as"),
        ("order_item_type", "thing", "product or service expected"),
        ("thematics", "12", "exactly 7 digits expected"),
        ("product_desc", "a\x00b", "without control characters"),
        ("product_desc", "a" * 10_001, "of at most 10000"),
        ("first_name", "A\x85B", "one line of text"),
        ("last_name", "é" * 256, "of at most 255 characters"),
        ("webhook", "http://日本.localhost/", "an address such as"),
        ("url", f"http://shop.example/{'a' * 2000}", "an address such as"),
        ("product", "25:", "a SKU expected"),
    ],
)
def test_a_bad_parameter_is_named_with_what_was_expected(shop: Any, name: str, value: str, expected: str) -> None:
    before = shop.facts()
    reply = shop.create(**{name: value})
    body = reply.body.decode()
    assert reply.status == 400
    assert reply.content_type == "text/plain; charset=utf-8"
    assert body.startswith(f"error: {name}: ")
    assert expected in body
    assert shop.facts() == before


@pytest.mark.claim("SEC-C22")
@pytest.mark.parametrize(
    ("dates", "notes"),
    [
        ({"order_date": "2026-03-01"}, ()),
        ({"order_date": "2026-03-01T10:00:00+01:00"}, ()),
        ({"order_date": "31/12/2025 10:00"}, ()),
        ({"order_date": "20260301"}, ()),
        ({"order_date": "1772359200"}, ()),
        ({"order_date": "garbage"}, ("order_date: 'garbage' reads as no date",)),
        ({"order_date": "2026-02-30"}, ("order_date: '2026-02-30' reads as no date",)),
        ({"order_service_start": "2026-03-01", "order_service_end": "01/03/2026"}, ()),
        (
            {"order_service_start": "2026-03-02", "order_service_end": "01/03/2026"},
            ("order_service_end: 2026-03-01 is before order_service_start, 2026-03-02",),
        ),
        (
            {"order_service_start": "soon", "order_service_end": "0000-00-00"},
            ("order_service_start: 'soon' reads", "order_service_end: '0000-00-00' reads"),
        ),
    ],
)
def test_a_date_that_reads_as_none_is_taken_as_it_came_and_noted(
    shop: Any, dates: dict[str, str], notes: tuple[str, ...]
) -> None:
    reply = shop.create(**dates)
    asked = next(iter(shop.state.invitations.values())).asked
    assert reply.status == 200
    assert {name: getattr(asked, name) for name in dates} == dates
    assert len(reply.notes) == len(notes)
    assert all(note.startswith(beginning) for note, beginning in zip(reply.notes, notes, strict=True))


@pytest.mark.claim("SEC-C24")
def test_unknown_parameters_are_accepted_kept_and_reported(shop: Any, shop_with: Callable[..., Any]) -> None:
    reply = shop.create(colour="red")
    assert reply.status == 200
    assert reply.notes == ("unknown parameter colour",)
    assert next(iter(shop.state.invitations.values())).asked.unknown == (("colour", "red"),)
    strict = shop_with("securating.unknown_parameters_are_accepted=false")
    assert strict.create(colour="red").body == b"error: colour: no such parameter"


@pytest.mark.claim("SEC-C24")
def test_the_words_and_statuses_of_a_refusal_are_settings(shop_with: Callable[..., Any]) -> None:
    shop = shop_with("securating.refusal_body=KO {parameter}", "securating.refusal_content_type=text/html")
    reply = shop.create(days="x")
    assert (reply.body, reply.content_type) == (b"KO days", "text/html")


@pytest.mark.claim("SEC-C25")
def test_a_json_body_is_refused_with_the_reason(shop: Any) -> None:
    before = shop.facts()
    reply = shop.call("POST", "/invitation/create", body=b"{}", headers={"content-type": "application/json"})
    assert reply.status == 400
    assert b"application/x-www-form-urlencoded expected" in reply.body
    assert shop.facts() == before


@pytest.mark.claim("SEC-O1", "SEC-C23")
def test_cancelling_an_order_stops_what_is_pending(shop: Any) -> None:
    invitation = shop.invite(order="17")
    shop.wait(days=6)
    assert len(shop.letters) == 1
    reply = shop.post("/invitation/cancel", {"keywebsite": shop.key, "order": "17"})
    assert reply.status == 200
    assert shop.now(invitation).status == "cancelled"
    assert shop.world.upcoming() == []
    shop.wait(days=60)
    assert len(shop.letters) == 1


@pytest.mark.claim("SEC-O1")
def test_a_cancel_without_a_known_key_or_an_order_is_refused(shop: Any) -> None:
    shop.invite(order="17")
    before = shop.facts()
    assert shop.post("/invitation/cancel", {"keywebsite": "x", "order": "17"}).status == 403
    assert shop.post("/invitation/cancel", {"keywebsite": shop.key}).status == 400
    assert shop.facts() == before


@pytest.mark.claim("SEC-O7")
def test_one_order_makes_one_invitation_however_often_it_is_sent(shop: Any, shop_with: Callable[..., Any]) -> None:
    first = shop.create(order="17", webhook="http://127.0.0.1/w")
    before = shop.facts()
    again = shop.create(order="17", webhook="http://127.0.0.1/w")
    assert (again.status, again.body) == (200, first.body)
    assert "order '17' has its invitation already" in again.notes[0]
    assert shop.facts() == before
    strict = shop_with("securating.repeated_order_gets_its_link=false")
    strict.create(order="17")
    assert strict.create(order="17").status == 400


@pytest.mark.claim("SEC-O7")
def test_a_cancelled_order_is_not_invited_again(shop: Any, shop_with: Callable[..., Any]) -> None:
    shop.invite(order="17")
    shop.post("/invitation/cancel", {"keywebsite": shop.key, "order": "17"})
    before = shop.facts()
    reply = shop.create(order="17", force_invitation="1")
    assert reply.body == b"error: order: '17' was cancelled and is not invited again"
    assert shop.facts() == before
    other = shop_with("securating.cancelled_order_is_invited_again=true")
    other.invite(order="17")
    other.post("/invitation/cancel", {"keywebsite": other.key, "order": "17"})
    again = other.invite(order="17")
    assert again.status == "scheduled"


@pytest.mark.claim("SEC-O7")
def test_an_order_cancelled_before_it_was_sent_is_not_invited_either(shop: Any) -> None:
    shop.post("/invitation/cancel", {"keywebsite": shop.key, "order": "17"})
    assert shop.create(order="17").status == 400


@pytest.mark.claim("SEC-C24", "SEC-C26")
@given(fields=st.dictionaries(st.sampled_from([*READERS, "meta_x", "other", "keywebsite"]), st.text(), max_size=8))
@settings(max_examples=150)
def test_whatever_is_sent_the_answer_is_a_link_or_a_refusal_that_changed_nothing(
    shop: Any, fields: dict[str, str]
) -> None:
    before = shop.facts()
    reply = shop.create(**fields)
    if reply.status == 200:
        assert b"securating_token=" in reply.body
    else:
        assert reply.status in {400, 403, 429}
        assert shop.facts() == before
