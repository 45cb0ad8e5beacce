"""`build.js` in a shop's page, on another origin and under a policy of the shop's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

    from tests.browser.conftest import Served, Shop, Visitor

PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Maison Demo</title>
<link rel="icon" href="data:,">{script}</head>
<body><h1>Votre commande</h1><input aria-label="Recherche">{filling}</body></html>"""


def open_for(shop: Shop, served: Served, language: str = "fr", *, loads: bool = True) -> None:
    """Let the shop's page load the service's script, under a policy that lets in nothing else."""
    script = f'<script src="{served.url}/resource/build.js"></script>' if loads else ""
    shop.pages["/avis"] = PAGE.format(language=language, script=script, filling="<p>Texte</p>" * 200)
    shop.policy = (
        f"default-src 'none'; script-src {served.url}; frame-src {served.url}; img-src data:; style-src 'self'"
    )


def form_in(page: Page) -> Frame:
    """Return the form's frame, once it is there."""
    handle = page.locator("iframe").element_handle()
    frame = handle.content_frame()
    assert frame
    frame.locator("form").wait_for()
    return frame


@pytest.mark.claim("SEC-O6", "SEC-O10", "SEC-C3", "SEC-W5", "SEC-W6")
def test_from_mail_to_webhook_through_the_shops_own_page(page: Page, served: Served, shop: Shop) -> None:
    open_for(shop, served)
    served.invite(url=f"{shop.url}/avis?id=7", webhook=f"{shop.url}/hook", product="0001", meta_order="17")
    (mail,) = served.control("/outbox?to=anna@example.com")["outbox"]
    page.goto(mail["link"])
    frame = form_in(page)
    frame.get_by_role("group", name="Votre note").locator("label").nth(4).click()
    frame.get_by_role("button", name="Envoyer").click()
    frame.get_by_text("Merci !").wait_for()
    told = [shop.told.get(timeout=10) for _ in range(4)]
    assert [call["step"] for call in told] == ["invitation-created", "mail-send", "link-opened", "review-saved"]
    assert (told[-1]["rating"], told[-1]["meta_order"]) == ("5", "17")
    page.get_by_role("button", name="Fermer").click()
    page.get_by_role("dialog").wait_for(state="detached")


@pytest.mark.claim("SEC-O6")
@pytest.mark.parametrize("way", ["Escape", "×"])
def test_the_dialog_takes_the_focus_holds_the_page_and_gives_both_back(
    page: Page, served: Served, shop: Shop, way: str
) -> None:
    open_for(shop, served, "en-GB", loads=False)
    token = served.invite().partition("=")[2]
    page.goto(f"{shop.url}/avis?securating_token={token}")
    page.get_by_label("Recherche").focus()
    page.add_script_tag(url=f"{served.url}/resource/build.js")
    dialog = page.get_by_role("dialog", name="Your review")
    form_in(page)
    assert dialog.get_attribute("aria-modal") == "true"
    assert dialog.evaluate("dialog => dialog.matches(':modal') && dialog.getRootNode().activeElement === dialog")
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"
    page.keyboard.press("Tab")
    assert page.get_by_role("button", name="Close").evaluate("button => button.matches(':focus-visible')")
    if way == "Escape":
        page.keyboard.press("Escape")
    else:
        page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    page.locator("[aria-label=Recherche]:focus").wait_for()
    page.locator("html:not([style*=hidden])").wait_for()


@pytest.mark.claim("SEC-O6")
def test_escape_closes_the_dialog_from_within_the_form_too(page: Page, served: Served, shop: Shop) -> None:
    open_for(shop, served)
    page.goto(f"{shop.url}/avis?securating_token={served.invite().partition('=')[2]}")
    frame = form_in(page)
    dialog = page.get_by_role("dialog")
    page.evaluate(  # said by the page itself, which is not its form
        """new Promise(resolve => {
            addEventListener("message", event => { if (event.data === "last") resolve(0) });
            for (const said of ["securating:close", "last"]) postMessage(said, "*");
        })"""
    )
    assert dialog.is_visible()
    frame.locator("textarea").fill("Parfait")
    # Not from the keyboard, which waits for a frame to take the key even when that has gone meanwhile.
    frame.evaluate(
        """void setTimeout(() => document.querySelector("textarea").dispatchEvent(
            new KeyboardEvent("keydown", { key: "Escape", bubbles: true })))"""
    )
    dialog.wait_for(state="detached")


@pytest.mark.claim("SEC-O6")
def test_a_page_opened_without_a_token_stays_as_it_is(page: Page, served: Served, shop: Shop) -> None:
    open_for(shop, served)
    page.goto(f"{shop.url}/avis?id=7")
    assert page.locator("dialog, iframe").count() == 0
    assert page.evaluate("document.body.children.length") == 202


def test_the_shops_styles_do_not_reach_the_dialog(page: Page, served: Served, shop: Shop) -> None:
    open_for(shop, served)
    shop.policy = ""
    hostile = "<style>button, dialog, iframe, div { display: none !important; transform: scale(3) !important }</style>"
    shop.pages["/avis"] += hostile
    page.goto(f"{shop.url}/avis?securating_token={served.invite().partition('=')[2]}")
    page.evaluate("document.body.lastElementChild.style.setProperty('display', 'block', 'important')")
    page.evaluate("document.body.lastElementChild.style.setProperty('transform', 'none', 'important')")
    form_in(page)
    assert page.get_by_role("button", name="Fermer").is_visible()


@pytest.mark.parametrize(
    "viewport", [{"width": 1280, "height": 900}, {"width": 360, "height": 740}], ids=["wide", "phone"]
)
def test_nothing_serious_hinders_people_and_all_of_the_dialog_is_in_the_window(
    visitor: Visitor, served: Served, shop: Shop, axe: Callable[[Page | Frame], list[str]], viewport: dict[str, int]
) -> None:
    page = visitor.page(viewport=viewport)
    open_for(shop, served)
    page.goto(f"{shop.url}/avis?securating_token={served.invite(thematics='1000400').partition('=')[2]}")
    frame = form_in(page)
    assert axe(page) == []
    assert axe(frame) == []
    for part in (page.locator("iframe"), page.get_by_role("button", name="Fermer")):
        box = part.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= viewport["width"]
        assert box["y"] + box["height"] <= viewport["height"]
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
