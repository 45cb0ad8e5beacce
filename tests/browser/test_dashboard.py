"""The dashboard in a browser: live, by keyboard, without scripts, and closed to pages of other origins."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from mockserver.runtime.advances import Course
from mockserver.runtime.pace import real_seconds
from mockserver.web.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.browser.conftest import Shop, Visitor

START = "2026-03-02T09:00:00Z"
PAGES = ["time", "mail?number=1", "webhooks", "faults?kind=slow", "worlds?id=main", "claims?q=SEC-W"]
EVIL = "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">\u202e{{7*7}}"


@pytest.fixture(autouse=True)
def server() -> Iterator[Server]:
    """A double of the test's own, which is there before any page is, and until all of them are gone."""
    served = Server(port=0, start=START, speed=0)
    served.start()
    yield served
    served.stop()


def control(server: Server, path: str, body: object = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    asked = Request(f"{server.url}/_mock/v1{path}", sent, {"Content-Type": "application/json"})
    with urlopen(asked, timeout=10) as answer:
        return json.loads(answer.read())


def invite(server: Server, **parameters: str) -> None:
    key = str(server.ready()["securating"]["keywebsite"])  # type: ignore[index] # an object of texts
    asked = {"keywebsite": key, "email": "anna@example.com", "days": "0"} | parameters
    with urlopen(f"{server.url}/invitation/create", urlencode(asked).encode(), timeout=10) as answer:
        answer.read()


def at(server: Server, page: str) -> str:
    return f"{server.url}/_mock/main/{page}"


def comes_true(says: Callable[[], object]) -> bool:
    """Look until something is so, for ten real seconds at most."""
    deadline, never = real_seconds() + 10, Event()
    while not (is_so := bool(says())) and real_seconds() < deadline:
        never.wait(0.02)
    return is_so


# ---- Live.


def test_news_come_by_themselves_and_leave_everything_else_alone(page: Page, server: Server) -> None:
    for number in range(12):
        invite(server, email=f"guest{number}@example.com", days="6")
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(at(server, "time"))
    life = page.locator("details", has_text="guest3@example.com")
    life.locator("summary").click()
    page.get_by_label("E-mail, order or phone").fill("half a wo")
    page.evaluate("scrollTo(0, 120)")
    invite(server, email="new@example.com")
    page.locator("summary", has_text="new@example.com").wait_for()
    assert life.evaluate("life => life.open")
    assert page.get_by_label("E-mail, order or phone").input_value() == "half a wo"
    assert page.evaluate("document.activeElement.name") == "q"
    assert page.evaluate("scrollY") == 120
    assert page.locator(".what").inner_text().startswith("invitation mail")


def test_a_row_that_has_the_focus_keeps_it_when_others_come_before_it(page: Page, server: Server) -> None:
    invite(server)
    page.goto(at(server, "journal"))
    page.locator(".rows a").focus()
    invite(server, email="zoe@example.com")
    page.locator(".rows li").nth(1).wait_for()
    assert "email=anna@example.com" in str(page.evaluate("document.activeElement.textContent"))


def test_requests_for_news_do_not_pile_up_and_the_last_news_are_shown(page: Page, server: Server) -> None:
    page.goto(at(server, "journal"))
    under_way, most, asked = 0, 0, 0

    def begin(request: Any) -> None:
        nonlocal under_way, most, asked
        if request.url.endswith("/journal"):
            under_way, asked = under_way + 1, asked + 1
            most = max(most, under_way)

    def end(request: Any) -> None:
        nonlocal under_way
        under_way -= request.url.endswith("/journal")

    page.on("request", begin)
    page.on("requestfinished", end)
    for number in range(100):
        invite(server, email=f"guest{number}@example.com")
    page.locator("li[data-key='100']").wait_for()
    assert most == 1
    assert asked < 50


def test_the_page_finds_the_server_again_after_a_restart(page: Page, visitor: Visitor) -> None:
    first = Server(port=0, start=START, speed=0)
    first.start()
    page.goto(at(first, "journal"))
    page.locator(".empty").wait_for()
    first.stop()
    page.locator("body.lost").wait_for()
    second = Server(port=int(first.url.rpartition(":")[2]), start=START, speed=0)
    second.start()
    invite(second)
    page.locator("li[data-key='1']").wait_for()
    page.locator("body:not(.lost)").wait_for()
    page.context.close()
    second.stop()
    visitor.complaints.clear()  # the browser's own: the connection was refused


def test_a_page_that_is_hidden_or_gone_gives_its_connection_back(page: Page, server: Server) -> None:
    page.goto(at(server, "time"))
    with page.expect_request("**/live"):
        page.reload()
    page.evaluate("""() => {
        Object.defineProperty(document, 'hidden', {get: () => window.isAway});
        window.isAway = true;
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    invite(server)
    with page.expect_request("**/live"):
        page.evaluate("() => { window.isAway = false; document.dispatchEvent(new Event('visibilitychange')); }")
    page.locator("summary", has_text="anna@example.com").wait_for()
    page.context.close()
    invite(server, email="zoe@example.com")
    assert comes_true(lambda: not server._port._connections)


def test_a_running_clock_ticks(page: Page) -> None:
    running = Server(port=0, start=START, speed=3600)
    running.start()
    page.goto(at(running, "claims"))
    shown = page.locator("#now").inner_text()
    page.locator("#now").filter(has_not_text=shown).wait_for()
    page.locator(".mode", has_text="virtual time runs × 3,600").wait_for()
    page.context.close()
    running.stop()


def test_a_long_advance_shows_its_progress_and_is_cancelled(page: Page, server: Server) -> None:
    page.goto(at(server, "mail"))

    def move(course: Course) -> None:
        while not course.is_cancelled:
            Event().wait(0.01)

    begun = server.double.advances.begin(None, move)
    server.double.changes.tell()
    page.get_by_role("progressbar").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("progressbar").wait_for(state="detached")
    assert begun.is_done


# ---- Forms.


def test_an_act_is_done_in_place_and_the_focus_stays(page: Page, server: Server) -> None:
    invite(server, days="6")
    page.goto(at(server, "time"))
    page.get_by_role("button", name="+6 days").focus()
    page.keyboard.press("Enter")
    page.locator("#now", has_text="2026-03-08").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "+6 days"
    assert page.locator("#said").inner_text() == "+6 days: done."
    page.get_by_role("button", name="Next event").click()
    page.locator("#now", has_text="2026-03-14").wait_for()


def test_a_form_that_fails_says_why_and_keeps_what_was_typed(page: Page, visitor: Visitor, server: Server) -> None:
    page.goto(at(server, "worlds"))
    page.get_by_label("Begun as").fill("nowhere")
    page.get_by_label("Seed").fill("seven")
    page.get_by_role("button", name="Open it").click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "nowhere" in alert.inner_text()
    assert alert.evaluate("alert => alert === document.activeElement")
    assert page.get_by_label("Seed").input_value() == "seven"
    page.get_by_label("Begun as").fill("empty")
    page.get_by_role("button", name="Open it").click()
    page.locator("li[data-key='t-1']").wait_for()
    assert page.get_by_role("alert").count() == 0
    visitor.complaints.clear()  # the browser's own note of the 400


def test_a_snapshot_larger_than_any_call_is_loaded_from_a_file(page: Page, server: Server) -> None:
    page.goto(at(server, "worlds"))
    page.get_by_label("Name").first.fill("small")
    page.get_by_role("button", name="Take it").click()
    page.get_by_role("button", name="Fork small").wait_for()
    with urlopen(f"{server.url}/_mock/v1/snapshots/small", timeout=10) as answer:
        saved = answer.read() + b" " * (2 << 20)
    page.get_by_label("File").set_input_files({"name": "s.json", "mimeType": "application/json", "buffer": saved})
    page.get_by_label("Name").nth(1).fill("large")
    page.get_by_role("button", name="Load it").click()
    page.get_by_role("button", name="Fork large").wait_for()


def test_a_reset_asks_first(page: Page, server: Server) -> None:
    invite(server)
    page.goto(at(server, "worlds"))
    page.get_by_text("Reset this world").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Reset it").click()
    page.locator("#said", has_text="Reset it: done.").wait_for(state="attached")
    assert control(server, "/journal")["written"] == 0
    assert page.evaluate("document.activeElement.textContent") == "Reset this world"
    assert not page.get_by_role("button", name="Reset it").is_visible()


def test_a_call_is_copied_as_curl(visitor: Visitor, server: Server) -> None:
    page = visitor.page(permissions=["clipboard-read", "clipboard-write"])
    invite(server)
    page.goto(at(server, "journal?number=1"))
    page.get_by_role("button", name="Copy").click()
    page.locator("#said", has_text="Copied.").wait_for(state="attached")
    assert "curl -g" in page.evaluate("navigator.clipboard.readText()")


# ---- The mail's frame.


def test_a_mail_is_shown_as_it_looks_and_its_link_opens_a_window(
    page: Page, visitor: Visitor, server: Server, shop: Shop
) -> None:
    shop.pages["/avis"] = "<title>Shop</title><link rel=icon href=data:,><script>document.title = 'it runs'</script>"
    invite(server, url=f"{shop.url}/avis", first_name="Anna")
    page.goto(at(server, "mail?number=1"))
    frame = page.frame_locator("iframe")
    assert frame.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(244, 241, 236)"
    with page.expect_popup() as opened:
        frame.get_by_role("link", name="Donner mon avis").click()
    opened.value.wait_for_load_state()
    assert opened.value.title() == "it runs"
    assert opened.value.evaluate("opener") is None
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the form").click()
    opened.value.get_by_role("button", name="Envoyer").wait_for()
    visitor.complaints.clear()  # this test's own scripts, in a frame where none may run


def test_in_the_frame_of_a_mail_nothing_runs_and_nothing_is_loaded(
    page: Page, visitor: Visitor, server: Server
) -> None:
    hostile = (
        "<script>parent.document.title = 'hacked'</script><img src='/_mock/static/icon.svg?seen'>"
        "<link rel=stylesheet href='/_mock/static/style.css?seen'><iframe src='/_mock/main/time?seen'></iframe>"
        "<form action='/_mock/v1/reset?seen' method=post><button>Reset</button></form>"
        "<meta http-equiv=refresh content='0; url=/_mock/main/time?seen'><p style='color: rgb(1, 2, 3)'>Bonjour</p>"
    )

    def spoil(route: Route) -> None:
        route.fulfill(response=route.fetch(), body=hostile)

    invite(server)
    page.route("**/mail-body*", spoil)
    arrived: list[str] = []
    page.on("response", lambda response: arrived.append(response.url))
    page.goto(at(server, "mail?number=1"))
    frame = page.frame_locator("iframe")
    greeting = frame.get_by_text("Bonjour")
    assert greeting.evaluate("text => getComputedStyle(text).color") == "rgb(1, 2, 3)"
    frame.get_by_role("button", name="Reset").click()
    page.get_by_role("link", name="Claims").focus()
    assert page.title() == "Mailbox · mockserver"
    assert control(server, "/journal")["written"] == 1
    assert not [address for address in arrived if address.endswith("seen")]
    visitor.complaints.clear()  # what was refused


# ---- Everybody.


@pytest.fixture
def lived(server: Server) -> Server:
    """A server on which something of everything has happened, with texts that mean no good."""
    word = "w" * 100_000
    invite(server, first_name=EVIL, order=EVIL, webhook="http://127.0.0.1:9/hook")
    invite(server, email="boris@example.com", days="6", product_desc="B" * 1000)
    control(server, "/smsvote/phones/71234567890/send", {"text": f"КАФЕ 5 {EVIL} {word[:30_000]}"})
    asked = urlencode({"json": EVIL, "w" * 5000: "😀" * 500})
    urlopen(f"{server.url}/api/command/balance.php?{asked}", timeout=10).close()
    urlopen(f"{server.url}/api/command/balance.php?json={word[:50_000]}", timeout=10).close()
    control(server, "/faults", {"name": "slow", "email": f"{'x' * 500}@example.com"})
    control(server, "/snapshots", {"name": "before"})
    control(server, "/tenants", {"world": "empty"})
    control(server, "/webhooks/drain", {})
    return server


def test_all_that_is_said_of_a_fault_can_be_read_on_a_phone(visitor: Visitor, server: Server) -> None:
    page = visitor.page(viewport={"width": 360, "height": 740})
    page.goto(at(server, "faults"))
    within_24_hours = page.get_by_role("listitem").filter(has_text="within-24-hours@fault.test")
    arm = within_24_hours.get_by_role("link", name="Arm").bounding_box()
    assert arm
    for words in ("last 24 hours", "within-24-hours@fault.test"):
        said = within_24_hours.get_by_text(words).bounding_box()
        assert said
        assert said["x"] >= 0
        assert said["x"] + said["width"] <= arm["x"]


def test_nothing_serious_hinders_anybody_and_nothing_is_wider_than_the_window(
    visitor: Visitor, lived: Server, axe: Callable[[Any], list[str]]
) -> None:
    written = control(lived, "/journal")["written"]
    page = visitor.page(viewport={"width": 360, "height": 740})
    for name in [*PAGES, *(f"journal?number={number}" for number in range(1, written + 1))]:
        page.goto(at(lived, name))
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        assert ("journal" in name and not name.endswith("=1")) or axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        assert "hacked" not in page.title()
    page.set_viewport_size({"width": 1920, "height": 1000})
    page.goto(at(lived, "time"))
    assert axe(page) == []


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page, lived: Server) -> None:
    page.goto(at(lived, "time"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.locator("summary", has_text="boris@example.com").focus()
    page.keyboard.press("Enter")
    page.get_by_role("listitem").filter(has_text="recall 1").first.wait_for()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    order = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((each) => +each.tagName[1])")
    assert order[0] == 1
    assert order.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(order))


def test_everything_works_without_scripts(visitor: Visitor, server: Server) -> None:
    page = visitor.page(java_script_enabled=False)
    invite(server, days="6", webhook="http://127.0.0.1:9/hook")
    page.goto(at(server, "time"))
    page.get_by_role("button", name="+6 days").click()
    assert "2026-03-08" in page.locator("#now").inner_text()
    page.get_by_role("button", name="Dates in").click()
    assert "09:00:00" in page.locator("#now").inner_text()
    page.locator("summary", has_text="anna@example.com").click()
    page.get_by_role("listitem").filter(has_text="invitation mailed").first.wait_for()
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("button", name="Redeliver webhook 1").click()
    page.get_by_role("link", name="Faults").click()
    page.get_by_role("link", name="Arm slow").click()
    page.get_by_label("Seconds").fill("-7")
    page.get_by_role("button", name="Arm", exact=True).click()
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("Seconds").input_value() == "-7"
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Worlds").click()
    assert not page.get_by_role("button", name="Reset it").is_visible()
    page.get_by_text("Reset this world").click()
    page.get_by_role("button", name="Reset it").click()
    assert control(server, "/journal")["written"] == 0
    visitor.complaints.clear()  # the browser's own note of the 400


# ---- Pages of other origins.

ATTACK = """async (own) => {
    const told = {};
    const attempt = async (name, act) => {
        try { told[name] = await act(); } catch (error) { told[name] = 'refused'; }
    };
    await attempt('read a page', async () => (await fetch(own + '/_mock/main/time')).text());
    await attempt('read json', async () => (await fetch(own + '/_mock/v1/clock')).text());
    await attempt('post json', async () => (await fetch(own + '/_mock/v1/clock/advance',
        {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"days": 1}'})).text());
    await attempt('post blindly', async () => (await fetch(own + '/_mock/v1/clock/advance',
        {method: 'POST', mode: 'no-cors', body: '{"days": 1}'})).type);
    await attempt('delete', async () => (await fetch(own + '/_mock/v1/faults', {method: 'DELETE'})).text());
    await attempt('beacon', async () => navigator.sendBeacon(own + '/_mock/v1/reset', '{}'));
    await attempt('listen', () => new Promise((done) => {
        const source = new EventSource(own + '/_mock/main/live');
        source.onopen = () => { source.close(); done('open'); };
        source.onerror = () => { source.close(); done('refused'); };
    }));
    await attempt('load as a script', () => new Promise((done) => {
        const script = document.createElement('script');
        script.onload = () => done('loaded');
        script.onerror = () => done('refused');
        script.src = own + '/_mock/static/live.js';
        document.head.append(script);
    }));
    await attempt('look into a window', async () => {
        const opened = window.open(own + '/_mock/main/time');
        for (let frames = 0; frames < 300 && !opened.closed && !opened.document.title; frames += 1) {
            await new Promise(requestAnimationFrame);
        }
        return opened.closed ? 'refused' : opened.document.title;
    });
    return told;
}"""


def test_a_page_of_another_origin_can_neither_read_nor_change_anything(
    visitor: Visitor, server: Server, shop: Shop
) -> None:
    page, own = visitor.page(), server.url
    shop.pages["/evil"] = (
        "<title>Evil</title><link rel=icon href=data:,>"
        f"<form method=post target=there action='{own}/_mock/main/time'><input name=_path value=/clock/advance>"
        "<input name=days:number value=1><button>Win</button></form>"
        f"<iframe name=there></iframe><iframe id=framed src='{own}/_mock/main/time'></iframe>"
    )
    invite(server)
    before = control(server, "/clock"), control(server, "/journal")["written"]
    page.goto(f"{shop.url}/evil")
    told = page.evaluate(ATTACK, own)
    assert told.pop("beacon") is True, "sent, and refused by the server"
    assert told.pop("post blindly", "") in {"opaque", "refused"}, "what was answered is not for this page"
    assert set(told.values()) == {"refused"}, told
    with page.expect_response("**/_mock/main/time") as answered:
        page.get_by_role("button", name="Win").click()
    assert answered.value.status == 403
    assert "Timeline" not in page.frame_locator("#framed").locator("html").inner_text()
    assert (control(server, "/clock"), control(server, "/journal")["written"]) == before
    visitor.complaints.clear()  # what was refused


def test_a_name_that_was_rebound_to_this_machine_is_not_served(page: Page, visitor: Visitor, server: Server) -> None:
    rebound = server.url.replace("127.0.0.1", "evil.localhost")
    answer = page.goto(f"{rebound}/_mock/main/time")
    assert answer
    assert answer.status == 421
    post = "fetch('/_mock/v1/clock/advance', {method: 'POST', body: '{\"days\": 1}'}).then((answer) => answer.status)"
    assert page.evaluate(post) == 421
    assert control(server, "/clock")["now"] == START
    page.context.close()
    visitor.complaints.clear()  # the 421


def test_a_wide_port_opens_for_whoever_has_its_token(page: Page, visitor: Visitor) -> None:
    wide = Server(host="0.0.0.0", port=0, start=START, speed=0)
    wide.start()
    page.goto(at(wide, "mail").replace("0.0.0.0", "127.0.0.1"))
    page.get_by_label("Token").fill(wide.gate.token)
    page.get_by_role("button", name="Open").click()
    page.get_by_role("heading", name="Time", exact=True).wait_for()
    page.get_by_role("button", name="+1 day").click()
    page.locator("#now", has_text="2026-03-03").wait_for()
    page.get_by_role("link", name="JSON").click()
    assert '"begin"' in page.locator("body").inner_text()
    page.context.close()
    wide.stop()
    visitor.complaints.clear()  # the 401 of the page without a token
