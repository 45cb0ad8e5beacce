from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.errors import Refusal
from mockserver.services.securating.model import Company
from mockserver.services.securating.thematics import find_thematic, generic_questions, is_public

GENERIC = ("100", "200", "300", "400", "500", "510", "520", "530", "600", "800", "900")

DOCUMENTED = Path(__file__).with_name("documented_thematics.txt").read_text(encoding="utf-8").splitlines()
"""The documentation's own table: code, question, explanation, its lines parted by a slash."""


@pytest.mark.claim("SEC-T1")
@pytest.mark.parametrize("code", ["", "100010", "10001000", "100010a", "１００0100", "-000100"])
def test_a_code_is_exactly_seven_digits(shop: Any, code: str) -> None:
    with pytest.raises(Refusal, match="exactly 7 digits expected"):
        find_thematic(shop.state, 25, code)


@pytest.mark.claim("SEC-T2")
def test_the_first_digit_says_who_sees_the_answers(shop: Any) -> None:
    assert not is_public(find_thematic(shop.state, 25, "1000100").code)
    assert is_public(find_thematic(shop.state, 25, "2000100").code)
    with pytest.raises(Refusal, match="first digit of 1 or 2"):
        find_thematic(shop.state, 25, "3000100")


@pytest.mark.claim("SEC-T2")
def test_answers_to_public_thematics_are_shown_to_internet_users_and_the_others_are_not(shop: Any) -> None:
    for number, rating in enumerate((5, 4)):
        thematics = "2000100,1000200"
        invitation = shop.invite(email=f"c{number}@example.com", product="0001", thematics=thematics)
        shop.review(invitation, rating="5", thematic_2000100=str(rating), thematic_1000200="1")
    html = shop.call("GET", "/widgets", f"token={shop.key}&type=product&internal_ref=25:0001").body.decode()
    assert "Que pensez-vous de l’accueil téléphonique ? 4,5 / 5" in html
    assert "préparation de commande" not in html


@pytest.mark.claim("SEC-T3")
def test_another_language_can_be_admitted(shop_with: Callable[..., Any]) -> None:
    state = shop_with("securating.languages=00:fr,01:en,02:de").state
    with pytest.raises(Refusal, match="1020100 is not a thematic code of this account"):
        find_thematic(state, 25, "1020100")
    with pytest.raises(Refusal, match="unknown language '03', one of 00, 01, 02 expected"):
        find_thematic(state, 25, "1030100")


@pytest.mark.claim("SEC-T3")
def test_the_next_two_digits_are_the_language(shop: Any) -> None:
    assert find_thematic(shop.state, 25, "1000100").language == "fr"
    assert find_thematic(shop.state, 25, "1010100").language == "en"
    with pytest.raises(Refusal, match="unknown language '02'"):
        find_thematic(shop.state, 25, "1020100")


@pytest.mark.claim("SEC-T4")
def test_the_reserved_digit_is_carried_and_not_interpreted(shop: Any, shop_with: Callable[..., Any]) -> None:
    thematic = find_thematic(shop.state, 25, "1007100")
    assert thematic.code == "1007100"
    assert thematic.question == find_thematic(shop.state, 25, "1000100").question
    with pytest.raises(Refusal, match="reserved digit 7"):
        find_thematic(shop_with("securating.reserved_digits=0").state, 25, "1007100")


@pytest.mark.claim("SEC-T5", "SEC-T6")
@pytest.mark.parametrize("line", DOCUMENTED)
def test_the_generic_codes_have_the_documented_words(shop: Any, line: str) -> None:
    code, question, explanation = line.split("|")
    thematic = find_thematic(shop.state, 25, code)
    assert (thematic.question, thematic.explanation) == (question, explanation.replace(" / ", "\n"))


@pytest.mark.claim("SEC-T6")
def test_there_are_eleven_of_them(shop: Any) -> None:
    assert tuple(generic_questions()) == GENERIC
    with pytest.raises(Refusal, match="1000700 is not a thematic code of this account"):
        find_thematic(shop.state, 25, "1000700")


@pytest.mark.claim("SEC-T7")
def test_a_custom_code_is_known_to_its_own_account_only(shop: Any) -> None:
    assert "salon de thé" in find_thematic(shop.state, 25, "1000650").question
    shop.state.companies[26] = Company(26, "Another")
    with pytest.raises(Refusal, match="1000650 is not a thematic code of this account"):
        find_thematic(shop.state, 26, "1000650")


@pytest.mark.claim("SEC-T8")
def test_an_invitation_made_by_hand_has_a_field_for_thematics(shop: Any) -> None:
    from mockserver.services.securating.people import CONTROLS
    from mockserver.services.service import Request

    by_hand = next(row for row in CONTROLS if (row.method, row.path) == ("POST", "/invitations"))
    body = b'{"email": "anna@example.com", "thematics": "1000100,1000200"}'
    assert by_hand.handle(shop.world, Request("POST", "/invitations", body=body)).status == 200
    (invitation,) = shop.state.invitations.values()
    assert [thematic.code for thematic in invitation.thematics] == ["1000100", "1000200"]


@pytest.mark.claim("SEC-T9")
@pytest.mark.parametrize("topic", GENERIC)
def test_every_generic_code_exists_in_english_and_for_internet_users(
    shop: Any, shop_with: Callable[..., Any], topic: str
) -> None:
    french, english, public = (find_thematic(shop.state, 25, f"{start}{topic}") for start in ("1000", "1010", "2000"))
    assert english.question.isascii()
    assert french.question == public.question != english.question
    without = shop_with("securating.generic_variants=false").state
    assert find_thematic(without, 25, f"1000{topic}") == french
    for start in ("1010", "2000"):
        with pytest.raises(Refusal, match="not a thematic code"):
            find_thematic(without, 25, f"{start}{topic}")
