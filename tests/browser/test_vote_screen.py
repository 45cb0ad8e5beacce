"""A vote on the big screen, and its printable result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served, Visitor

VOTE = "4f2a9c1e7d305b86"


@pytest.fixture
def page(page: Page) -> Page:
    """A page on which a second takes a twentieth: nobody waits for the screen to ask again."""
    page.add_init_script("const after = setTimeout; window.setTimeout = (act, wait) => after(act, wait / 20)")
    return page


def counts(page: Page) -> list[str]:
    return page.locator("dd strong").all_text_contents()


def bars(page: Page) -> list[str | None]:
    return [bar.get_attribute("width") for bar in page.locator(".bar").all()]


@pytest.mark.claim("SMS-V6")
def test_bars_follow_the_ballots_and_the_end_of_the_vote_by_themselves(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/?v={VOTE}")
    assert (counts(page), bars(page)) == (["3", "1", "1"], ["60%", "20%", "20%"])
    page.evaluate("document.querySelector('.bar').mark = 'kept'")
    for phone in range(5):
        served.control("/smsvote/votes/29/ballots", {"participant": f"7900000000{phone}", "option": "2"})
    page.locator("footer strong", has_text="10").first.wait_for()
    assert (counts(page), bars(page)) == (["3", "6", "1"], ["30%", "60%", "10%"])
    assert page.locator(".leading dt").all_text_contents() == ["2 — Алтай"]
    assert page.locator("footer p", has_text="Участников").text_content() == "Участников: 10"
    assert page.evaluate("document.querySelector('.bar').mark") == "kept"
    served.control("/smsvote/votes/29/finish", {})
    page.get_by_text("Голосование окончено").wait_for()


@pytest.mark.claim("SMS-V6")
def test_a_screen_that_has_nothing_new_to_show_leaves_the_journal_alone(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/?v={VOTE}")
    for _ in range(2):
        with page.expect_response(f"{served.url}/?v={VOTE}"):
            pass
    assert [row["status"] for row in served.control("/journal?operation=vote%20screen")["journal"]] == [200]


@pytest.mark.claim("SMS-V6")
def test_a_screen_says_when_the_service_is_gone_and_goes_on_when_it_is_back(
    visitor: Visitor, page: Page, served: Served
) -> None:
    page.goto(f"{served.url}/?v={VOTE}")
    page.context.set_offline(True)
    page.get_by_text("Нет связи с сервисом").wait_for()
    page.context.set_offline(False)
    page.get_by_text("Нет связи с сервисом").wait_for(state="hidden")
    visitor.complaints.clear()


@pytest.mark.claim("SMS-V6")
def test_without_javascript_the_screen_loads_itself_again(visitor: Visitor, served: Served) -> None:
    page = visitor.page(java_script_enabled=False)
    page.goto(f"{served.url}/?v={VOTE}")
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "5"
    assert page.locator("dt").first.text_content() == "1 — Байкал"


@pytest.mark.claim("SMS-V6")
@pytest.mark.parametrize("width", [1920, 360])
def test_hostile_and_long_options_neither_run_nor_break_the_screen(
    visitor: Visitor, served: Served, width: int
) -> None:
    script = "<script>document.title = 'ran'</script>"
    options = ["Ж" * 1_000, script, "\u202e\u05d0\u05d1\u05d2 abc"]
    asked = {"account": 52, "name": script, "question": "x" * 1_000, "options": options}
    hash_of = served.control("/smsvote/votes", asked)["hash"]
    page = visitor.page(viewport={"width": width, "height": 900})
    for view in ("v", "x"):
        page.goto(f"{served.url}/?{view}={hash_of}")
        assert page.title() != "ran"
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        if view == "v":
            assert page.evaluate("document.documentElement.scrollHeight") < 1800


@pytest.mark.claim("SMS-V6")
def test_nothing_serious_hinders_people(visitor: Visitor, served: Served, axe: Callable[[Any], list[str]]) -> None:
    page = visitor.page(reduced_motion="reduce")
    for query in (f"v={VOTE}", "v=b81d0c6f3a9e4752", "x=b81d0c6f3a9e4752"):
        page.goto(f"{served.url}/?{query}")
        assert axe(page) == []
    page.goto(f"{served.url}/?v=none")
    assert axe(page) == []
    assert "404" in visitor.complaints.pop()


@pytest.mark.claim("SMS-V6")
def test_the_export_prints_black_on_white_whatever_the_screen_is(visitor: Visitor, served: Served) -> None:
    page = visitor.page(color_scheme="dark")
    page.goto(f"{served.url}/?x=b81d0c6f3a9e4752")
    colours = "() => ['color', 'backgroundColor'].map(name => getComputedStyle(document.documentElement)[name])"
    assert page.evaluate(colours) == ["rgb(233, 237, 245)", "rgb(18, 22, 31)"]
    page.emulate_media(media="print")
    assert page.evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
