from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from email import message_from_string, policy
from hashlib import sha256
from typing import Any

import pytest

from mockserver.services.securating import SERVICE

HOOK = "http://127.0.0.1:9/securating?id=123456"


def params(shop: Any, step: str) -> dict[str, str]:
    return next(dict(call.params) for call in shop.world.webhooks.calls.values() if call.step == step)


@pytest.mark.claim("SEC-W1", "SEC-W2", "SEC-W3", "SEC-W4", "SEC-W5", "SEC-W6")
def test_the_robots_tell_every_step_of_an_invitation(shop: Any) -> None:
    invitation = shop.invite(webhook=HOOK, recall_count="2")
    assert shop.steps(invitation) == ["invitation-created"]
    shop.wait(days=6)
    assert shop.steps(invitation)[-1] == "mail-send"
    shop.wait(days=6)
    assert shop.steps(invitation)[-1] == "mail-recall"
    shop.open(invitation)
    assert shop.steps(invitation)[-1] == "link-opened"
    shop.review(invitation, rating="5", comment="Parfait")
    assert shop.steps(invitation)[-1] == "review-saved"
    shop.wait(days=60)
    assert shop.steps(invitation) == ["invitation-created", "mail-send", "mail-recall", "link-opened", "review-saved"]
    assert {call.url for call in shop.world.webhooks.calls.values()} == {HOOK}
    assert {call.policy.method for call in shop.world.webhooks.calls.values()} == {"GET"}


@pytest.mark.claim("SEC-W6")
def test_review_saved_carries_rating_and_comment_in_base64(shop: Any) -> None:
    invitation = shop.invite(webhook=HOOK)
    shop.review(invitation, rating="4", comment="Très bien, 5 €\r\nmerci")
    told = params(shop, "review-saved")
    assert told["rating"] == "4"
    assert b64decode(told["comment"]).decode() == "Très bien, 5 €\nmerci"


@pytest.mark.claim("SEC-W7", "SEC-C19")
def test_meta_comes_back_untouched_on_every_step(shop: Any, shop_with: Callable[..., Any]) -> None:
    meta = {"meta_order": "17 & 18", "meta_Note": "é\n+", "meta_blank": " ", "meta_empty": ""}
    invitation = shop.invite(webhook=HOOK, days="0", **meta)
    shop.open(invitation)
    shop.review(invitation, rating="1")
    for call in shop.world.webhooks.calls.values():
        assert meta.items() <= dict(call.params).items()
    last_only = shop_with("securating.webhook_meta_steps=review-saved")
    last_only.invite(webhook=HOOK, **meta)
    assert params(last_only, "invitation-created") == {"step": "invitation-created"}


@pytest.mark.claim("SEC-W1")
def test_the_method_of_the_webhook_is_a_setting(shop_with: Callable[..., Any]) -> None:
    shop = shop_with("securating.webhook_method=POST")
    shop.invite(webhook=HOOK)
    assert shop.world.webhooks.calls[1].policy.method == "POST"


def test_without_a_webhook_nobody_is_called(shop: Any) -> None:
    shop.invite(days="0")
    assert shop.world.webhooks.calls == {}


@pytest.mark.claim("SEC-R1")
@pytest.mark.parametrize("reviewed_after", [3, 8])
def test_nothing_more_is_mailed_once_a_review_is_given(shop: Any, reviewed_after: int) -> None:
    invitation = shop.invite()
    shop.wait(days=reviewed_after)
    sent = len(shop.letters)
    shop.review(invitation, rating="5")
    assert shop.world.upcoming() == []
    shop.wait(days=60)
    assert len(shop.letters) == sent


@pytest.mark.claim("SEC-R2")
def test_the_form_asks_for_a_rating_a_comment_and_the_thematics(shop: Any) -> None:
    invitation = shop.invite(
        first_name="Anna", thematics="1000400,1000650", with_gift="1", gift_description="Bon d'achat"
    )
    page = shop.open(invitation).body.decode()
    assert '<html lang="fr">' in page
    for expected in ("Qu’avez-vous pensé de votre livraison ?", "rapidité de la livraison", "salon de thé"):
        assert expected in page
    assert "Bon d&#39;achat" in page
    assert page.count('name="rating"') == 5
    assert 'name="comment"' in page
    assert page.count('name="thematic_1000650"') == 5


@pytest.mark.claim("SEC-R2", "SEC-T9")
def test_the_form_speaks_the_language_of_its_thematics(shop: Any) -> None:
    page = shop.open(shop.invite(thematics="1010400")).body.decode()
    assert '<html lang="en">' in page
    assert "What did you think of your delivery?" in page


@pytest.mark.claim("SEC-R2", "SEC-C9")
def test_a_survey_hides_the_review_and_keeps_the_answers(shop: Any) -> None:
    invitation = shop.invite(survey_only="1", thematics="1000100,1000200", webhook=HOOK)
    page = shop.open(invitation).body.decode()
    assert 'name="rating"' not in page
    assert 'name="comment"' not in page
    before = shop.facts()
    assert shop.review(invitation).status == 400
    assert shop.facts() == before
    assert shop.review(invitation, thematic_1000100="4", rating="5", comment="x").status == 200
    review = shop.state.reviews[invitation.token]
    assert (review.rating, review.comment, review.answers) == (None, "", (("1000100", 4),))
    assert set(params(shop, "review-saved")) == {"step"}


@pytest.mark.claim("SEC-R2")
def test_the_best_rating_and_the_address_of_the_form_are_settings(shop_with: Callable[..., Any]) -> None:
    shop = shop_with("securating.highest_rating=10", "securating.form_path=/avis")
    invitation = shop.invite()
    query = f"securating_token={invitation.token}"
    assert shop.call("GET", "/avis", query).body.decode().count('name="rating"') == 10
    assert shop.call("POST", "/avis", query, body=b"rating=9").status == 200
    assert shop.state.reviews[invitation.token].rating == 9


@pytest.mark.claim("SEC-R2")
@pytest.mark.parametrize(
    "fields",
    [{}, {"rating": "0"}, {"rating": "6"}, {"rating": "5.0"}, {"rating": "5", "thematic_1000900": "3"},
     {"rating": "5", "thematic_1000100": "9"}, {"rating": "9" * 30}],
)  # fmt: skip
def test_a_form_filled_in_wrongly_is_shown_again(shop: Any, fields: dict[str, str]) -> None:
    invitation = shop.invite(thematics="1000100")
    before = shop.facts()
    reply = shop.review(invitation, comment="gardé", **fields)
    assert reply.status == 400
    assert "gardé" in reply.body.decode()
    assert 'role="alert"' in reply.body.decode()
    assert shop.facts() == before


@pytest.mark.claim("SEC-R2")
@pytest.mark.parametrize(
    ("fields", "french", "english"),
    [
        ({}, "Il manque une note.", "A rating is missing."),
        ({"rating": "0"}, "Cette note n’existe pas.", "There is no such rating."),
        ({"rating": "6"}, "Cette note n’existe pas.", "There is no such rating."),
        ({"rating": "x"}, "Cette note n’existe pas.", "There is no such rating."),
        ({"rating": "5", "thematic_9999999": "3"}, "une question que nous n’avons pas posée.", "that we did not ask."),
        ({"rating": "5", "asked": "9"}, "La note d’une question n’existe pas.", "There is no such rating for a"),
        ({"rating": "5", "asked": "x"}, "La note d’une question n’existe pas.", "There is no such rating for a"),
    ],
)
def test_a_form_says_what_was_wrong_in_its_own_language(
    shop: Any, fields: dict[str, str], french: str, english: str
) -> None:
    for code, words in (("1000100", french), ("1010100", english)):
        invitation = shop.invite(thematics=code, email=f"{code}@example.com")
        before = shop.facts()
        page = shop.review(
            invitation, **{name.replace("asked", f"thematic_{code}"): each for name, each in fields.items()}
        )
        (alert,) = re.findall(r'<p class="problem" role="alert">.*?<span>(.*?)</span>', page.body.decode())
        assert words in alert
        assert shop.facts() == before


@pytest.mark.claim("SEC-O6")
def test_a_form_runs_one_script_where_it_is_framed_and_none_elsewhere(shop: Any) -> None:
    query = f"securating_token={shop.invite().token}"
    plain, framed = (
        shop.call("GET", "/review", query, headers={"sec-fetch-dest": to}) for to in ("document", "iframe")
    )
    assert b"<script" not in plain.body
    assert "script-src" not in dict(plain.headers)["Content-Security-Policy"]
    (script,) = re.findall(rb"<script>(.*?)</script>", framed.body, re.DOTALL)
    allowed = b64encode(sha256(script).digest()).decode()
    assert f"; script-src 'sha256-{allowed}'" in dict(framed.headers)["Content-Security-Policy"]


@pytest.mark.claim("SEC-R2", "SEC-W6")
@pytest.mark.parametrize("comment", ["é" * 10_001, "a\x00b", "a\x1bb"])
def test_a_comment_that_is_too_long_or_unprintable_is_shown_again_and_told_to_nobody(shop: Any, comment: str) -> None:
    for code, words in (("1000100", "Votre commentaire est trop long"), ("1010100", "Your comment is too long")):
        invitation = shop.invite(thematics=code, email=f"{code}@example.com", webhook=HOOK)
        before = shop.facts()
        reply = shop.review(invitation, rating="4", comment=comment)
        page = reply.body.decode()
        assert reply.status == 400
        assert words in page
        assert comment in page
        assert 'value="4" required checked' in page
        assert reply.claims == ("SEC-R2",)
        assert shop.facts() == before


@pytest.mark.claim("SEC-R2", "SEC-W6")
def test_the_longest_comment_is_a_setting_and_one_of_several_lines_is_told_whole(shop_with: Callable[..., Any]) -> None:
    shop = shop_with("securating.longest_text=12")
    invitation = shop.invite(webhook=HOOK)
    assert shop.review(invitation, rating="5", comment="Très bien\n\tà").status == 200
    assert b64decode(params(shop, "review-saved")["comment"]).decode() == "Très bien\n\tà"
    assert shop.review(shop.invite(email="bob@example.com"), rating="5", comment="a" * 13).status == 400


@pytest.mark.claim("SEC-R3", "SEC-W5")
def test_a_second_review_is_refused_and_opening_again_is_told_once(shop: Any, shop_with: Callable[..., Any]) -> None:
    invitation = shop.invite(webhook=HOOK)
    shop.open(invitation)
    assert shop.open(invitation).status == 200
    shop.review(invitation, rating="5")
    before = shop.facts()
    assert shop.review(invitation, rating="1").status == 409
    assert shop.open(invitation).status == 200
    assert shop.facts() == before
    assert shop.steps(invitation) == ["invitation-created", "link-opened", "review-saved"]
    lenient = shop_with("securating.second_review_is_refused=false", "securating.link_opened_once=false")
    invitation = lenient.invite(webhook=HOOK)
    lenient.open(invitation)
    lenient.open(invitation)
    lenient.review(invitation, rating="5")
    assert lenient.review(invitation, rating="1").status == 200
    assert lenient.state.reviews[invitation.token].rating == 1
    assert lenient.steps(invitation).count("link-opened") == 2


def test_an_unknown_and_a_cancelled_link_say_so(shop: Any) -> None:
    invitation = shop.invite(order="17")
    shop.post("/invitation/cancel", {"keywebsite": shop.key, "order": "17"})
    before = shop.facts()
    assert shop.open(invitation).status == 410
    assert shop.review(invitation, rating="5").status == 410
    assert shop.call("GET", "/review", "securating_token=nobody").status == 404
    assert shop.call("GET", "/review").status == 404
    assert shop.facts() == before


@pytest.mark.claim("SEC-C20", "SEC-C21")
def test_hashtag_and_gift_are_attached_to_the_review(shop: Any) -> None:
    invitation = shop.invite(hashtag="été", with_gift="1", gift_description="Un thé")
    shop.review(invitation, rating="5")
    review = shop.state.reviews[invitation.token]
    assert (review.hashtag, review.gift) == ("été", "Un thé")


@pytest.mark.claim("SEC-C1", "SEC-C4", "SEC-C21")
def test_the_letters_are_real_mime_messages_in_french(shop: Any) -> None:
    invitation = shop.invite(
        first_name="Zoé",
        last_name="Noël",
        product="0001",
        thematics="1000400",
        with_gift="1",
        gift_description="Un thé",
    )
    shop.wait(days=12)
    seen = [SERVICE.compose(shop.world, letter) for letter in shop.letters]
    first, recall = (message_from_string(letter["source"], policy=policy.default) for letter in seen)
    assert first["To"] == "Zoé Noël <anna@example.com>"
    assert first["Subject"] == "Zoé, votre avis compte pour Maison Demo"
    assert recall["Subject"] == "Zoé, Maison Demo attend toujours votre avis"
    assert first["Date"].datetime == shop.letters[0].at
    assert first["Message-ID"] != recall["Message-ID"]
    for kind in ("plain", "html"):
        part = first.get_body((kind,))
        assert part is not None
        content = part.get_content()
        assert invitation.link.replace("&", "&amp;") in content or invitation.link in content
        assert "Qu’avez-vous pensé de votre livraison ?" in content
        assert "Un thé" in content
    assert seen[0] == SERVICE.compose(shop.world, shop.letters[0])


def test_what_a_shop_sends_is_text_in_letters_and_pages(shop: Any) -> None:
    script = "<script>alert(1)</script>"
    invitation = shop.invite(first_name=script, company_name=script, product_desc=script, product="x", days="0")
    assert "<script>" not in SERVICE.compose(shop.world, shop.letters[0])["html"]
    assert "<script>" not in shop.open(invitation).body.decode()


def test_an_address_beyond_ascii_makes_a_letter_too(shop: Any) -> None:
    shop.invite(email="анна@пример.рф", days="0", first_name="Анна")
    assert "анна@пример.рф" in SERVICE.compose(shop.world, shop.letters[0])["to"]
