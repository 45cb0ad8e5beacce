"""The customer's form, in a browser: by mouse, by keyboard, for a screen reader, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served, Visitor

FULL = {
    "first_name": "Anna",
    "product": "0001",
    "thematics": "1000400,1000650",
    "with_gift": "1",
    "gift_description": "un bon d’achat de 5 €",
}
HOSTILE = '<script>document.title="ran"</script><img src=x onerror="document.title=\'ran\'">\u202e\u05d0\u05d1'
WIDE, PHONE = {"width": 1920, "height": 1080}, {"width": 360, "height": 740}


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


def reviews(served: Served) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.control("/securating/reviews")["reviews"]
    return found


@pytest.mark.claim("SEC-R2", "SEC-C21")
def test_a_review_is_given_by_mouse(page: Page, served: Served) -> None:
    page.goto(served.invite(**FULL))
    assert page.get_by_text("un bon d’achat de 5 €").is_visible()
    rating = page.get_by_role("group", name="Votre note")
    assert rating.get_by_text("Choisissez vos étoiles").is_visible()
    rating.locator("label").nth(3).click()
    assert rating.get_by_role("radio", name="4 sur 5 – Très bien").is_checked()
    page.get_by_label("Votre commentaire").fill("Très bien,\nmerci")
    page.get_by_role("group", name="livraison").locator("label").nth(1).click()
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("status").get_by_text("Merci !").wait_for()
    (review,) = reviews(served)
    assert (review["rating"], review["comment"], review["answers"]) == (4, "Très bien,\nmerci", [["1000400", 2]])


@pytest.mark.claim("SEC-R2", "SEC-T9")
def test_a_review_is_given_by_keyboard_alone_and_the_focus_is_seen(page: Page, served: Served) -> None:
    page.goto(served.invite(thematics="1010400"))
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    focused = page.locator("label:has(:focus-visible)")
    assert focused.text_content() == "3 of 5 – Good"
    assert focused.evaluate("label => getComputedStyle(label).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    page.keyboard.type("Fine")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.locator(":focus").text_content() == "Send"
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Thank you!").wait_for()
    (review,) = reviews(served)
    assert (review["rating"], review["comment"]) == (3, "Fine")


@pytest.mark.claim("SEC-R2")
def test_a_screen_reader_is_told_groups_radios_and_explanations(page: Page, served: Served) -> None:
    page.goto(served.invite(**FULL))
    rating = page.get_by_role("group", name="Votre note").get_by_role("radio")
    assert rating.count() == 5
    assert all(rating.nth(index).get_attribute("required") is not None for index in range(5))
    delivery = page.get_by_role("group", name="Qu’avez-vous pensé de votre livraison ?")
    described = page.locator(f"#{delivery.get_attribute('aria-describedby')}")
    assert "rapidité de la livraison" in (described.text_content() or "")
    assert delivery.get_by_role("radio", name="5 sur 5 – Excellent").count() == 1


@pytest.mark.claim("SEC-R2", "SEC-R3")
def test_without_javascript_the_form_works_and_a_second_review_is_declined(visitor: Visitor, served: Served) -> None:
    page = visitor.page(java_script_enabled=False, viewport=PHONE)
    address = served.invite(**FULL)
    page.goto(address)
    page.locator("fieldset").first.locator("label").nth(4).click()
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("status").get_by_text("Merci !").wait_for()
    page.goto(address)
    page.get_by_text("Vous avez déjà donné votre avis").wait_for()
    assert [review["rating"] for review in reviews(served)] == [5]


@pytest.mark.claim("SEC-R2")
def test_a_missing_rating_is_asked_for_again_and_nothing_typed_is_lost(
    visitor: Visitor, page: Page, served: Served
) -> None:
    page.goto(served.invite())
    page.get_by_label("Votre commentaire").fill("\nencore là")
    page.evaluate("document.forms[0].noValidate = true")
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("alert").get_by_text("Il manque une note").wait_for()
    assert page.title().startswith("À corriger")
    assert page.get_by_label("Votre commentaire").input_value() == "\nencore là"
    assert reviews(served) == []
    assert "400" in visitor.complaints.pop()


@pytest.mark.claim("SEC-R2", "SEC-C9")
def test_a_survey_shows_its_questions_alone(page: Page, served: Served) -> None:
    page.goto(served.invite(survey_only="1", thematics="1000100,1000200,1000300"))
    assert page.get_by_role("group").count() == 3
    assert page.locator("textarea").count() == 0


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_hostile_texts_neither_run_nor_break_the_layout(
    visitor: Visitor, served: Served, axe: Callable[[Page], list[str]], viewport: Any
) -> None:
    page = visitor.page(viewport=viewport)
    words = {"first_name": HOSTILE, "company_name": "W" * 255, "product": "x", "with_gift": "1"}
    page.goto(served.invite(**words, product_desc="Ж" * 10_000, gift_description=HOSTILE + "i" * 5_000))
    assert page.title() == "Votre avis"
    assert page.locator("script, img").count() == 0
    assert overflow(page) == 0
    assert axe(page) == []
    page.get_by_label("Votre commentaire").fill("x" * 100_000 + HOSTILE)
    assert overflow(page) == 0
    assert page.evaluate("document.documentElement.scrollHeight") < 3000


def test_the_forms_policy_runs_no_script_and_no_handler_whoever_wrote_it(
    visitor: Visitor, page: Page, served: Served
) -> None:
    page.goto(served.invite())
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'ran'";
            document.body.append(script);
            document.body.setAttribute("onclick", "document.title = 'ran'");
            document.body.click();
            document.body.setAttribute("style", "display: none");
        }"""
    )
    assert page.title() == "Votre avis"
    assert page.locator("body").is_visible()
    assert all("Content Security Policy" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


def test_nothing_serious_hinders_people(visitor: Visitor, served: Served, axe: Callable[[Page], list[str]]) -> None:
    page = visitor.page(viewport=PHONE)
    page.goto(served.invite(**FULL))
    assert axe(page) == []
    page.locator("fieldset").first.locator("label").nth(4).click()
    assert axe(page) == []
    page.get_by_role("button").click()
    page.get_by_role("status").wait_for()
    assert axe(page) == []
    page.goto(served.url)
    assert axe(page) == []


def test_pages_carry_no_inline_style_and_no_script(served: Served) -> None:
    form = served.invite(**FULL)
    sent = Request(form, b"rating=5")
    for address in (form, f"{form}x", served.url, sent, form):
        try:
            answer = urlopen(address, timeout=10)
        except OSError as refused:
            answer = refused
        with answer:
            html = answer.read().decode()
            policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors" not in policy
        assert answer.headers["X-Frame-Options"] is None
        assert not re.search(r"<script|<[^>]* (style|on\w+)=", html)
