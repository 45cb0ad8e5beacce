"""The services' pages of the dashboard, as somebody uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served, Visitor

PHONE = "71234567890"
PAGES = ["invitations", "shops", "phones", f"phones?phone={PHONE}", "votes", "accounts", "as-test"]


@pytest.fixture
def lived(served: Served) -> Served:
    """A double in which something of everything was done."""
    served.invite(order="17", product="0001")
    served.control("/securating/open", {"email": "anna@example.com"})
    served.control("/securating/review", {"email": "anna@example.com", "rating": 4, "comment": "Très bien"})
    served.control(f"/smsvote/phones/{PHONE}/send", {"text": "КАФЕ 5 вкусно"})
    served.control("/smsvote/questionnaires/1/ask", {"phone": PHONE})
    return served


def test_a_phone_answers_and_the_page_shows_what_came_of_it(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/_mock/main/phones")
    page.get_by_label("Any other phone").fill(PHONE)
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_label("Answer as the customer").fill("КАФЕ 4 вкусно")
    page.get_by_label("Answer as the customer").press("Enter")
    page.get_by_text("sent; rated 4").wait_for()
    assert page.locator(".bubble").all_text_contents() == ["КАФЕ 4 вкусно"]
    assert page.url.endswith(f"/phones?phone={PHONE}")


def test_bars_of_a_vote_grow_by_themselves_and_leave_what_is_typed_alone(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/_mock/main/votes")
    page.get_by_label("Name").first.fill("Обед")
    assert page.locator("#vote-29 ~ .bars .count strong").all_text_contents() == ["3", "1", "1"]
    served.control("/smsvote/votes/29/ballots", {"participant": PHONE, "option": "2"})
    page.locator("#vote-29 ~ .bars .count strong", has_text="2").wait_for()
    assert page.get_by_label("Name").first.input_value() == "Обед"


def test_a_wrong_form_is_shown_with_its_problem_and_what_was_typed(
    page: Page, visitor: Visitor, served: Served
) -> None:
    page.goto(f"{served.url}/_mock/main/invitations")
    hand = page.get_by_role("region", name="Invite by hand")
    hand.get_by_label("E-mail").fill("zoe@example.com")
    hand.get_by_label("Thematics").fill("9999999")
    hand.get_by_role("button", name="Invite").click()
    assert "9999999" in str(page.get_by_role("alert").text_content())
    assert hand.get_by_label("E-mail").input_value() == "zoe@example.com"
    hand.get_by_label("Thematics").fill("1000100")
    hand.get_by_role("button", name="Invite").click()
    page.locator(".rows strong", has_text="zoe@example.com").wait_for()
    visitor.complaints.clear()  # the browser's own note of the 400


def test_nothing_serious_hinders_anybody_and_no_window_is_too_narrow(
    visitor: Visitor, lived: Served, axe: Callable[[Any], list[str]]
) -> None:
    page = visitor.page(viewport={"width": 360, "height": 740})
    for name in PAGES:
        page.goto(f"{lived.url}/_mock/main/{name}")
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name


def test_all_of_it_works_without_scripts(visitor: Visitor, served: Served) -> None:
    page = visitor.page(java_script_enabled=False)
    page.goto(f"{served.url}/_mock/main/votes")
    page.get_by_label("Participant's phone").first.fill(PHONE)
    page.get_by_role("button", name="Vote", exact=True).click()
    assert page.locator("#vote-29 ~ .bars .count strong").all_text_contents() == ["4", "1", "1"]
