"""The dashboard's own pages: time, mailbox, webhooks, journal, faults, worlds, claims; and their shell."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

import pytest
from werkzeug.test import TestResponse

from mockserver.runtime.advances import Course
from mockserver.services.securating import letters
from mockserver.services.templates import render
from mockserver.web.dashboard.panels import PANELS, ROWS
from mockserver.web.server import Server
from tests.web.dashboard.conftest import EVIL, START, Person

FOREIGN = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
HOOK = "http://shop.example/hook"


def rows_on(page: str) -> list[int]:
    """Return the numbers of the rows of a list, in the order in which it shows them."""
    return [int(number) for number in re.findall(r'<li data-key="(\d+)"', page)]


def link_on(page: str, words: str) -> str:
    """Return where the link with these words leads, on the page it stands on."""
    found = re.search(rf'href="(\?[^"]*)">{words}', page)
    assert found, words
    return found[1].replace("&amp;", "&")


# ---- The shell.


def test_every_answer_forbids_scripts_styles_and_frames_of_others(person: Person) -> None:
    for path in [*(f"main/{panel.name}" for panel in PANELS), "nobody/time", "static/style.css", "v1/clock"]:
        headers = person.client.get(f"/_mock/{path}").headers
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_static_files_are_asked_for_anew_and_sent_once(person: Person) -> None:
    first = person.client.get("/_mock/static/live.js")
    assert (first.status_code, first.mimetype) == (200, "text/javascript")
    again = person.client.get("/_mock/static/live.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for name in ("..%2fshell.py", "nothing.css", "%2e%2e"):
        assert person.client.get(f"/_mock/static/{name}").status_code == 404


def test_a_browser_that_asks_for_an_icon_writes_nothing_into_the_journal(person: Person) -> None:
    assert person.client.get("/favicon.ico").mimetype == "image/svg+xml"
    assert person.control("/journal")["written"] == 0
    person.client.get("/favicon.ico", headers={"Host": "api.securating.io"})
    assert person.control("/journal")["written"] == 1, "the vendor's own icon is not ours"


def test_an_unknown_page_or_tenant_leads_back(person: Person) -> None:
    for path in ("main/nothing", "nobody/time", "main/time%0d%0aX:1"):
        answer = person.client.get(f"/_mock/{path}")
        assert answer.status_code == 404
        assert 'href="/_mock/main/time"' in answer.get_data(as_text=True)
    assert person.client.post("/_mock/main/nothing", data={"_path": "/reset"}).status_code == 404


def test_the_address_of_a_page_without_a_tenant_leads_to_the_main_tenants(person: Person) -> None:
    for panel in PANELS:
        answer = person.client.get(f"/_mock/{panel.name}?contains=a%20b&page=%D1%8F")
        where = f"/_mock/main/{panel.name}?contains=a+b&page=%D1%8F"
        assert (answer.status_code, answer.headers["Location"]) == (303, where)
    assert person.client.get("/_mock/journal").headers["Location"] == "/_mock/main/journal"
    assert person.client.get("/_mock/journal?contains=%FF%0D%0A").headers["Location"] == "/_mock/main/journal"
    assert person.client.get("/_mock/journal", headers={"Host": "api.securating.io"}).status_code == 404
    for path in ("nothing", "main", "t-1"):
        answer = person.client.get(f"/_mock/{path}")
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_what_is_not_there_is_a_page_in_a_browser_and_json_on_the_control_surface(person: Person) -> None:
    answer = person.client.get("/_mock/nosuch", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    page = answer.get_data(as_text=True)
    assert "There is nothing at /_mock/nosuch." in page
    assert 'href="/_mock/main/time"' in page
    for path in ("nosuch", "journal/17"):
        answer = person.client.get(f"/_mock/v1/{path}", headers=BROWSER)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_no_field_hides_what_a_form_itself_can_do(person: Person) -> None:
    for panel in PANELS:
        page = person.look(panel.name)
        assert not re.search(r"name=\"(contains|matches|closest|submit|reset|action|method|children)\"", page)


def test_what_happens_next_stands_above_every_page(person: Person) -> None:
    assert "nothing is to come" in person.look("time")
    person.invite(days="6", order="17")
    for page in ("time", "journal"):
        shown = person.look(page)
        assert "invitation mail · <bdi>anna@example.com</bdi>" in shown
        assert '<time datetime="2026-03-07T10:00:00Z"' in shown
    answer = person.send("time", "/clock/advance", until="next-event", wait__number="5")
    assert answer.status_code == 303
    assert person.control("/clock")["now"] == "2026-03-07T10:00:00Z"


def test_dates_are_shown_and_read_in_the_tenants_zone_or_in_utc(person: Person) -> None:
    assert "2026-03-01 <strong>13:00:00</strong>" in person.look("time")
    assert person.send("time", "/clock/advance", **{"to:at+03:00": "2026-03-02T00:00"}).status_code == 303
    assert person.control("/clock")["now"] == "2026-03-01T21:00:00Z"
    answer = person.client.post("/_mock/zone", data={"zone": "UTC", "back": "/_mock/main/mail?to=a&service=smsvote"})
    assert answer.headers["Location"] == "/_mock/main/mail?to=a&service=smsvote"
    shown = person.look("time")
    assert "2026-03-01 <strong>21:00:00</strong>" in shown
    assert 'name="to:at+00:00" value="2026-03-01T21:00"' in shown


def test_a_time_that_is_over_is_said_once_in_the_zone_and_precision_of_the_page(person: Person) -> None:
    with person.server.double.present() as world:
        world.clock.move_to(world.clock.now + timedelta(microseconds=163818))
    page = person.send("time", "/clock/advance", **{"to:at+03:00": "2026-03-01T12:59"})
    said = re.search(r'<div role="alert".*?</div>', page.get_data(as_text=True), re.DOTALL)
    assert said
    text = re.sub(r"<[^>]+>", "", said[0])
    assert text == "Time moves only forward. it is 2026-03-01 13:00:00 UTC+03:00 already; a later instant expected"


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/_mock/\r\nX: y", "/elsewhere"])
def test_a_choice_of_zone_leads_nowhere_else(person: Person, back: str) -> None:
    answer = person.client.post("/_mock/zone", data={"zone": "UTC", "back": back})
    assert answer.headers["Location"] == "/_mock/main/time"


def test_a_foreign_page_chooses_no_zone_sends_no_form_and_listens_to_nothing(person: Person) -> None:
    assert person.client.post("/_mock/zone", data={"zone": "UTC"}, headers=FOREIGN).status_code == 403
    assert person.client.post("/_mock/zone", data={"zone": "UTC; Path=/"}).status_code == 403
    sent = {"_path": "/clock/advance", "days:number": "1"}
    answer = person.client.post("/_mock/main/time", data=sent, headers=FOREIGN)
    assert answer.status_code == 403
    assert person.client.get("/_mock/main/live", headers=FOREIGN).status_code == 403
    assert person.control("/clock")["now"] == START
    assert person.client.get("/_mock/main/time", headers={"Host": "evil.example"}).status_code == 421


def test_an_advance_under_way_shows_its_progress_and_can_be_cancelled(person: Person) -> None:
    double, ended = person.server.double, Event()

    def move(course: Course) -> None:
        while not course.is_cancelled:
            ended.wait(0.01)

    begun = double.advances.begin(None, move)
    shown = person.look("mail")
    assert "<progress" in shown
    assert '<noscript><meta http-equiv="refresh"' in shown
    assert person.send("mail", "/clock/advance", days__number="1").status_code == 409
    assert person.send("mail", "/clock/advance", _method="DELETE").status_code == 303
    assert begun.is_done
    assert "<progress" not in person.look("mail")


def test_the_stream_tells_each_change_once_and_ends_with_the_server(person: Person) -> None:
    from mockserver.web.dashboard.live import live, state_of

    stream = live(person.server.double).stream
    assert stream
    assert next(stream).startswith(b"retry:")
    first = next(stream)
    assert state_of(person.server.double) in first.decode()
    person.invite()
    assert next(stream) not in {first, b": still there\n\n"}
    shown = re.search(r'data-state="([^"]+)"', person.look("phones"))
    assert shown
    assert shown[1] == state_of(person.server.double), "a page knows the state that it shows"
    person.server.double.changes.end()
    assert list(stream) == []


def test_who_listens_no_more_gives_the_connection_back(person: Person) -> None:
    person.server.start()
    connection = HTTPConnection(person.server.url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/_mock/main/live")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.readline().startswith(b"retry:")
    answer.close()
    connection.close()
    person.invite()
    (worker, *_) = [thread for thread in person.server._port._threads if thread.is_alive()]
    person.server.stop()
    assert not worker.is_alive()


# ---- A port that others can reach.


def test_a_wide_port_wants_its_token_once_and_then_shows_pages_and_json() -> None:
    person = Person(Server(host="0.0.0.0", port=0, speed=0, start=START))
    token = person.server.gate.token
    assert token
    for page in ("time", "mail"):
        answer = person.client.get(f"/_mock/main/{page}")
        assert answer.status_code == 401
        assert "Token" in answer.get_data(as_text=True)
    assert person.client.get("/_mock/main/live").status_code == 401
    assert person.client.get("/_mock/main/mail-body?number=1").status_code == 401
    assert person.client.post("/_mock/token", data={"token": "wrong"}).status_code == 401
    assert person.client.post("/_mock/token", data={"token": token}, headers=FOREIGN).status_code == 401
    assert person.client.get("/_mock/v1/clock").status_code == 401
    answer = person.client.post("/_mock/token", data={"token": token})
    assert "HttpOnly; SameSite=Strict; Path=/_mock/" in answer.headers["Set-Cookie"]
    assert "Virtual time" in person.look("time")
    assert person.client.get("/_mock/v1/clock").status_code == 200
    assert person.send("time", "/clock/advance", days__number="1").status_code == 303
    assert person.client.post("/_mock/v1/reset", headers=FOREIGN).status_code == 403
    person.server.gate.tenants.stop()


# ---- Time.


def test_the_timeline_is_searched_and_says_when_what_happens(person: Person) -> None:
    person.invite(email="anna@example.com", order="17", days="6", webhook=HOOK)
    person.invite(email="boris@example.com", order="18", days="0")
    person.control("/webhooks/drain", {})
    shown = person.look("time?q=ANNA")
    assert re.findall(r"<strong dir=\"auto\">([^<]+)", shown) == ["anna@example.com"]
    assert "2026-03-07 13:00 invitation mail" in shown
    assert "webhook invitation-created: captured, not sent" in shown
    assert re.findall(r"<strong dir=\"auto\">([^<]+)", person.look("time?q=18")) == ["boris@example.com"]
    assert "Nobody is found" in person.look("time?q=zoe")
    told = person.control("/timeline?contains=anna")
    (line,) = [line for group in told["groups"] for line in group["lines"]]
    places = [(sign["x"], sign["row"]) for sign in line["signs"]]
    assert places == sorted(places, key=lambda place: place[0])
    assert len(set(places)) == len(places), "signs do not cover each other"


def test_a_life_of_thousands_of_moments_is_drawn_by_its_newest(person: Person) -> None:
    for _ in range(40):
        person.control("/smsvote/phones/71234567890/send", {"text": "КАФЕ 5"})
    (line,) = next(group for group in person.control("/timeline")["groups"] if group["lines"])["lines"]
    assert (line["left_out"], len(line["signs"])) == (10, 30)
    assert "other moments are not drawn" in person.look("time")


# ---- Mailbox.


def test_a_mail_is_shown_as_it_looks_in_a_frame_in_which_nothing_runs(person: Person) -> None:
    person.invite(first_name=EVIL)
    shown = person.look("mail?number=1")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox" src="/_mock/main/mail-body?number=1"' in shown
    assert "Open the form" in shown
    body = person.client.get("/_mock/main/mail-body?number=1")
    policy = body.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "frame-ancestors 'self'" in policy
    assert '<base target="_blank">' in body.get_data(as_text=True)
    assert "<script" not in body.get_data(as_text=True)
    for number in ("2", "x", "../clock", ""):
        assert person.client.get(f"/_mock/main/mail-body?number={number}").status_code == 404


def test_messages_are_searched_by_recipient_subject_and_text(person: Person) -> None:
    person.invite()
    person.control("/smsvote/questionnaires/1/ask", {"phone": "79990000001"})
    said = person.control("/outbox/2")["text"]
    assert rows_on(person.look("mail?q=ANNA")) == [1]
    assert rows_on(person.look("mail?q=79990000001")) == [2]
    assert rows_on(person.look(f"mail?q={said[:12].upper()}")) == [2]
    assert rows_on(person.look("mail?q=votre+AVIS+compte")) == [1]  # a subject
    assert rows_on(person.look("mail?q=fait%20confiance")) == [1]  # and a text
    assert rows_on(person.look("mail?service=securating")) == [1]
    assert "No message fits" in person.look("mail?q=zoe")
    assert "Nothing has left yet" in person.look("mail", tenant=person.control("/tenants", {"world": "empty"})["id"])


def test_a_list_composes_what_it_shows_and_a_search_reads_each_text_once(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def rendered(folder: Path, name: str, /, **values: object) -> str:
        read.append(name)
        return render(folder, name, **values)

    monkeypatch.setattr(letters, "render", rendered)
    for _ in range(2 * ROWS):
        person.invite(force_invitation="1")
    person.look("mail")
    assert len(read) == 2 * ROWS  # text and HTML of each row that is shown
    del read[:]
    assert rows_on(person.look("mail?q=nowhere")) == []
    assert read == ["letter.txt"] * 2 * ROWS


@pytest.mark.parametrize("page", ["mail", "journal", "webhooks"])
def test_paging_there_and_back_shows_every_row_once(person: Person, page: str) -> None:
    count = 2 * ROWS + 7
    for number in range(count):
        person.invite(email=f"a{number}@example.com", webhook=HOOK if number % 2 else "")
    all_rows = person.control(f"/{'outbox' if page == 'mail' else page}?limit=1000")
    expected = [row["number"] for row in next(rows for rows in all_rows.values() if isinstance(rows, list))][::-1]
    shown, seen, addresses = person.look(page), [], [""]
    while True:
        seen += rows_on(shown)
        if ">Older" not in shown:
            break
        addresses.append(link_on(shown, "Older"))
        shown = person.look(page + addresses[-1])
    assert seen == expected
    assert len(addresses) == -(-len(expected) // ROWS)
    for address in addresses[-2::-1]:
        shown = person.look(page + link_on(shown, "Newer"))
        assert rows_on(shown) == rows_on(person.look(page + address))
    assert rows_on(person.look(page + link_on(person.look(page + addresses[-1]), "Newest"))) == expected[:ROWS]


# ---- Webhooks.


def test_webhooks_are_held_let_fail_and_delivered_again(person: Person) -> None:
    assert person.send("webhooks", "/webhooks/hold").status_code == 303
    assert ">held<" in person.look("webhooks")
    person.send("webhooks", "/webhooks/fail", times__number="2", status__number="503", body="busy")
    assert "the next 2 will fail" in person.look("webhooks")
    person.invite(webhook="http://127.0.0.1:9/hook")
    assert "Not attempted yet" in person.look("webhooks")
    person.send("webhooks", "/webhooks/release")
    shown = person.look("webhooks")
    assert ">open<" in shown
    assert "answered 503" in shown
    assert "busy</pre>" in shown
    person.send("webhooks", "/webhooks/1/redeliver")
    assert "2 attempts" in person.look("webhooks")
    assert "No call fits" in person.look("webhooks?status=acknowledged")
    assert "one of waiting, acknowledged" in person.look("webhooks?status=lost")


def test_a_status_may_be_left_empty_for_no_answer_at_all(person: Person) -> None:
    person.send("webhooks", "/webhooks/fail", **{"times:number": "1", "status:number!": ""})
    person.invite(webhook="http://127.0.0.1:9/hook")
    person.send("webhooks", "/webhooks/drain")
    assert "ConnectionError: arranged by fail_next" in person.look("webhooks")


# ---- Journal.


def test_the_journal_tells_calls_as_they_were_meant(person: Person) -> None:
    person.client.get(
        "/api/command/send_message.php?json=%7B%22id%22%3A%201%2C%20%22text%22%3A%20%22%5Cu041e%D0%B9%22%7D"
    )
    shown = person.look("journal?number=1")
    assert "json={&#34;id&#34;: 1, &#34;text&#34;: &#34;Ой&#34;}" in shown
    assert "&#34;text&#34;: &#34;Ой&#34;\n}" in shown
    assert "curl -g" in shown
    assert re.search(r'href="/_mock/main/claims#SMS-\w+"', shown)
    assert "Virtual time" in shown
    assert "Real time" in shown
    assert re.search(r'class="why"[^>]*>[^<]*secure: missing', shown)


def test_the_journal_names_the_nearest_call(person: Person) -> None:
    person.client.get("/api/comand/balance.php")
    assert "did you mean /api/command/balance.php" in person.look("journal?number=1")


def test_the_journal_is_chosen_from(person: Person) -> None:
    person.invite()
    person.client.post("/invitation/create", data={"keywebsite": "wrong"})
    person.client.get("/api/command/balance.php?json={}")
    assert rows_on(person.look("journal?refused=true")) == [3, 2]
    assert rows_on(person.look("journal?service=securating&refused=false")) == [1]
    assert rows_on(person.look("journal?operation=balance")) == [3]
    assert rows_on(person.look("journal?status=403")) == [2]
    assert rows_on(person.look("journal?q=ANNA")) == [1]
    assert "whole number from 0 expected" in person.look("journal?status=teapot")
    assert "Nobody has called" in person.look("journal", tenant=person.control("/tenants", {"world": "empty"})["id"])


def test_secrets_are_shown_whole_where_they_are_asked_for(person: Person) -> None:
    person.invite()
    assert person.key not in person.look("journal?number=1")
    assert person.key in person.look("journal?number=1&secrets=true")


# ---- Faults.


def test_each_fault_is_armed_with_the_parameters_it_takes(person: Person) -> None:
    shown = person.look("faults?kind=slow")
    assert {"seconds:number", "real:yes", "email", "phone"} <= set(re.findall(r'name="([^"]+)"', shown))
    assert "status:number" not in shown
    sent = {"name": "slow", "seconds:number": "2.5", "real:yes": "yes", "times:number": "3", "_back.kind": "slow"}
    assert person.send("faults", "/faults", **sent).status_code == 303
    (armed,) = person.control("/faults")["faults"]
    assert (armed["name"], armed["seconds"], armed["real"], armed["times"]) == ("slow", 2.5, True, 3)
    assert "2.5 real seconds" in person.look("faults")
    assert person.send("faults", "/faults/1", _method="DELETE").status_code == 303
    assert "Nothing is planned to go wrong" in person.look("faults")


def test_a_fault_that_makes_no_sense_says_why_and_keeps_what_was_typed(person: Person) -> None:
    sent = {"name": "slow", "seconds:number": "-7", "phone": "7999", "_back.kind": "slow"}
    answer = person.send("faults", "/faults", **sent)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "<code>seconds</code>" in shown
    assert 'name="seconds:number" value="-7"' in shown
    assert 'name="phone" value="7999"' in shown
    assert person.control("/faults")["count"] == 0


# ---- Worlds.


def load(person: Person, saved: bytes, name: str = "") -> TestResponse:
    fields = {"_path": "/snapshots", "name": name, "snapshot:json": (io.BytesIO(saved), "saved.json")}
    return person.client.post("/_mock/main/worlds", data=fields, content_type="multipart/form-data")


def test_snapshots_are_taken_saved_loaded_gone_back_to_and_forked(person: Person) -> None:
    person.invite()
    assert person.send("worlds", "/snapshots", name="before").status_code == 303
    saved = person.client.get("/_mock/v1/snapshots/before").data
    person.send("worlds", "/clock/advance", days__number="1")
    assert load(person, saved, "loaded").status_code == 303
    assert "loaded" in person.look("worlds")
    assert person.send("worlds", "/snapshots/loaded/fork").status_code == 303
    assert 'href="/_mock/t-1/time"' in person.look("worlds")
    assert person.send("worlds", "/snapshots/before/restore").status_code == 303
    assert person.control("/clock")["now"] == START
    assert person.send("worlds", "/snapshots/before", _method="DELETE").status_code == 303
    assert person.send("worlds", "/tenants/t-1", _method="DELETE").status_code == 303
    assert "/_mock/t-1/" not in person.look("worlds")
    assert load(person, b"{no json").status_code == 400
    assert "before" not in [each["name"] for each in person.control("/snapshots")["snapshots"]]


def test_a_world_is_opened_and_shows_its_credentials(person: Person) -> None:
    sent = {"world": "empty", "start": "2030-01-01", "seed": "", "speed:number": "0"}
    assert person.send("worlds", "/tenants", **sent).status_code == 303
    key = person.control("/tenants/t-1")["securating"]["keywebsite"]
    assert key in person.look("worlds?id=t-1")
    answer = person.send("worlds", "/tenants", **(sent | {"start": "yesterday", "seed": "seven"}))
    assert answer.status_code == 400
    assert 'name="seed" value="seven"' in answer.get_data(as_text=True)
    assert person.control("/tenants")["count"] == 2


def test_what_cannot_be_undone_asks_first_without_scripts_too(person: Person) -> None:
    person.send("worlds", "/snapshots", name="before")
    shown = person.look("worlds")
    for path in ("/reset", "/snapshots/before/restore"):
        before, _, _ = shown.partition(f'name="_path" value="{path}"')
        assert before.rpartition("<details")[2].startswith(' class="confirm">')
    person.invite()
    assert person.send("worlds", "/reset").status_code == 303
    assert person.control("/journal")["written"] == 0


# ---- Claims.


def test_claims_are_chosen_by_grade_and_words_and_name_their_settings(person: Person) -> None:
    claims = person.control("/claims")["claims"]
    assumed = [claim["id"] for claim in claims if "A" in claim["grade"]]
    assert re.findall(r'<dt id="([^"]+)"', person.look("claims?grade=A")) == assumed
    assert re.findall(r'<dt id="([^"]+)"', person.look("claims?q=sms-m6")) == ["SMS-M6"]
    assert "--set securating.recall_interval=" in person.look("claims?q=recall_interval")
    assert "No claim fits" in person.look("claims?q=unheard")


# ---- Hostile texts.


def test_nothing_is_turned_around_by_a_text_that_stands_before_it(person: Person) -> None:
    person.invite(first_name="Anna\u202e", last_name="\u2067Martin")
    person.client.post("/invitation/create", data={"keywebsite": "\u202eno key"})
    person.control("/clock/advance", {"days": 1})
    for page in ("journal", "mail", "mail?number=1", "journal?number=2"):
        shown = re.sub(r"<(pre|textarea).*?</\1>", "", person.look(page), flags=re.DOTALL)  # blocks of their own
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown), page
        assert "\\u202e" in shown


def test_texts_from_outside_are_texts_on_every_page_of_the_dashboards_own(person: Person) -> None:
    huge = "я" * 10_000
    person.invite(first_name=EVIL, order=EVIL, webhook=f"{HOOK}?x=%3Cscript%3E", meta_x=EVIL, product_desc=EVIL)
    person.client.get("/api/command/balance.php", query_string={"json": EVIL, EVIL: EVIL})
    person.client.post("/invitation/create", data={"email": huge, "keywebsite": EVIL, "order": "😀" * 1000})
    person.client.post(f"/{EVIL}", data=b"\xff\x00\x01")
    person.control("/smsvote/phones/79990000000/send", {"text": EVIL})
    person.control("/clock/advance", {"days": 1})
    pages = ["time", "mail", "mail?number=1", "mail?number=2", "webhooks", "journal", "faults", "worlds", "claims"]
    for page in [*pages, *(f"journal?number={number}" for number in range(1, 5)), f"time?q={EVIL}"]:
        shown = person.look(page)
        assert "<script>alert" not in shown, page
        assert "<img" not in shown, page
        assert "49" not in re.findall(r"\}\}\s*(\d+)", shown), page
