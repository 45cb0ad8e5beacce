"""Widgets in a shop's page: they look the part, and leave the page around them alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served, Shop, Visitor

PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Théière</title>
<link rel="icon" href="data:,">
<style>h2 {{ color: rgb(200, 0, 0); text-transform: uppercase }} li {{ list-style: square; padding: 9px }}
p {{ margin: 31px; font: 22px serif }} .stars {{ color: #b00 }}</style></head>
<body><main><h1>Théière</h1><h2 class="title">Prix</h2><p class="stars">20 €</p><ul><li>fonte</li></ul>
<svg><rect class="bar" width="9" height="9"/></svg><time>hier</time><a href="#">panier</a>
<div id="place">{widget}</div></main></body></html>"""

STYLES = """() => [...document.querySelectorAll("*:not(#place *)")].map(element => {
    const style = getComputedStyle(element);
    return [element.tagName, ...[...style].map(name => name + style[name])];
})"""


def widget(served: Served, flags: str = "show_stars_rating&show_stars_total&show_sticker&sticker_modele=2") -> str:
    address = f"{served.url}/widgets?token={served.key}&type=product&internal_ref=25:0001&{flags}"
    with urlopen(address, timeout=10) as answer:
        html: str = answer.read().decode()
    return html


def review(served: Served, number: int, rating: int, comment: str, name: str = "Zoé") -> None:
    email = f"c{number}@example.com"
    served.invite(email=email, product="0001", first_name=name, last_name="Noël", thematics="2000400", hashtag="thé")
    given = {"email": email, "rating": rating, "comment": comment, "thematics": {"2000400": rating}}
    served.control("/securating/review", given)


@pytest.mark.claim("SEC-O5", "SEC-O10")
def test_a_widget_leaves_every_style_of_the_shops_page_as_it_was(page: Page, served: Served, shop: Shop) -> None:
    review(served, 1, 5, "Parfait")
    # The same place is taken, so that nothing moves that the style does not touch.
    frozen = "<style>#place { position: absolute; top: 600px; width: 500px; height: 300px; overflow: hidden }</style>"
    shop.pages["/"] = PAGE.format(widget="") + frozen
    page.goto(shop.url)
    before = page.evaluate(STYLES)
    shop.pages["/"] = PAGE.format(widget=widget(served)) + frozen
    page.goto(shop.url)
    assert page.locator(".securating-widget").is_visible()
    assert page.evaluate(STYLES) == before


@pytest.mark.claim("SEC-O5")
def test_the_shops_styles_leave_a_widget_readable(page: Page, served: Served, shop: Shop) -> None:
    review(served, 1, 5, "Parfait")
    shop.pages["/"] = PAGE.format(widget=widget(served))
    page.goto(shop.url)
    title = page.locator(".securating-title")
    assert title.evaluate("title => getComputedStyle(title).textTransform") == "none"
    assert title.evaluate("title => getComputedStyle(title).color") == "rgb(29, 34, 48)"
    assert page.locator(".securating-comment").evaluate("text => getComputedStyle(text).fontSize") == "16px"


@pytest.mark.claim("SEC-O5")
@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_serious_hinders_people_and_hostile_words_stay_inside(
    visitor: Visitor, served: Served, shop: Shop, axe: Callable[[Any], list[str]], width: int
) -> None:
    page = visitor.page(viewport={"width": width, "height": 900})
    script = "<script>document.title = 'ran'</script>"
    review(served, 1, 5, "x" * 10_000, name="\u05d0" * 250)
    review(served, 2, 1, f"{script}\n</style>{script}", name=script)
    shop.pages["/"] = PAGE.format(widget=widget(served))
    page.goto(shop.url)
    assert page.title() == "Théière"
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.locator(".securating-widget").evaluate("widget => widget.offsetHeight") < 2000
    assert axe(page) == []
