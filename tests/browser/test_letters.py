"""The letters as a mail program shows them: without scripts, in a frame, with what a shop sent as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Served, Shop, Visitor

SCRIPT = "<script>document.title = 'ran'</script><img src=x onerror=\"document.title = 'ran'\">"


def letter(served: Served, **parameters: str) -> dict[str, Any]:
    served.invite(**parameters)
    (row,) = served.control("/outbox?to=anna@example.com")["outbox"]
    opened: dict[str, Any] = served.control(f"/outbox/{row['number']}")
    return opened


@pytest.mark.claim("SEC-C1")
@pytest.mark.parametrize("width", [900, 360])
def test_a_letter_is_readable_leads_to_the_form_and_runs_nothing(
    visitor: Visitor, served: Served, shop: Shop, axe: Callable[[Any], list[str]], width: int
) -> None:
    words = {"first_name": SCRIPT, "company_name": "W" * 255, "product": "x", "product_desc": "\u202e\u05d0" * 5_000}
    opened = letter(served, **words, with_gift="1", gift_description=SCRIPT, thematics="1000400", order="17")
    shop.pages["/mail"] = opened["html"]
    page = visitor.page(viewport={"width": width, "height": 900})
    page.goto(f"{shop.url}/mail")
    assert page.get_by_role("link", name="Donner mon avis").get_attribute("href") == opened["link"]
    assert page.title() == "W" * 255
    assert page.locator("script, img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert axe(page) == []
