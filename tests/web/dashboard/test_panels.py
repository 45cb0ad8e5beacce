"""The pages that the services bring to the dashboard, and the forms on them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.web.dashboard.panels import PANELS
from tests.web.dashboard.conftest import EVIL, Person

PAGES = [panel.name for panel in PANELS]
PHONE = "71234567890"


@pytest.mark.parametrize("world", ["empty", "demo", "busy"])
def test_every_page_renders_and_has_a_twin_in_json(visiting: Callable[..., Person], world: str) -> None:
    person = visiting(world)
    for page in PAGES:
        shown = person.look(page)
        (twin,) = set(re.findall(r'class="twin" href="([^"]+)"', shown))
        answer = person.client.get(twin.replace("&amp;", "&"))
        assert (answer.status_code, answer.content_type) == (200, "application/json"), page
        assert 'role="alert"' not in shown, page
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", shown), page


def test_a_world_without_anything_says_what_to_do(tmp_path: Any, visiting: Callable[..., Person]) -> None:
    world = tmp_path / "bare.json"
    world.write_text('{"format": "mockserver-world/1"}')
    person = visiting(str(world))
    expected = {
        "invitations": "Nobody has been invited",
        "shops": "No company",
        "phones": "No phone has been written to",
        "accounts": "This world has no account",
        "as-test": "Nothing has been done yet",
    }
    for page, words in expected.items():
        assert words in person.client.get(f"/_mock/main/{page}").get_data(as_text=True)


def test_every_text_from_outside_is_shown_as_text(person: Person) -> None:
    token = person.invite(first_name=EVIL, product_desc=EVIL, order=EVIL, hashtag=EVIL, meta_x=EVIL)
    long = person.invite(email="long@example.com", product_desc="x" * 1000)
    person.control("/securating/open", {"token": token})
    person.control("/securating/review", {"token": token, "rating": 5, "comment": EVIL})
    person.control("/securating/thematics", {"code": "1000651", "question": EVIL, "explanation": EVIL})
    person.control("/securating/profiles", {"id": EVIL, "name": EVIL})
    person.control(f"/smsvote/phones/{PHONE}/send", {"text": EVIL})
    person.control(f"/smsvote/phones/{PHONE}/will-reply", {"text": EVIL})
    person.control("/smsvote/votes", {"name": EVIL, "question": EVIL, "options": [EVIL]})
    person.control("/smsvote/questionnaires", {"name": EVIL, "questions": [{"text": EVIL, "options": [EVIL]}]})
    person.control("/smsvote/accounts/52", {"final_texts": {"1": EVIL}})
    seen = 0
    for page in (*PAGES, f"invitations?token={token}", f"invitations?token={long}", f"phones?phone={PHONE}"):
        shown = person.look(page)
        assert "<script>alert" not in shown, page
        assert "<img" not in shown, page
        assert not re.search(r"\{\{ 49|>49<", shown)
        seen += shown.count("&lt;script&gt;alert")
    assert seen > 15


def test_parameters_of_an_address_that_make_no_sense_break_no_page(person: Person) -> None:
    for page in ("phones", "invitations", "votes", "accounts", "shops"):
        for query in ("phone=../x&token=../y", "limit=x", "account=x", "phone=%D9%A3", "token=nobody", "status=late"):
            answer = person.client.get(f"/_mock/main/{page}?{query}")
            assert answer.status_code == 200, (page, query)


def test_phones_are_answered_and_taken(person: Person) -> None:
    person.client.get(
        "/api/command/send_message.php",
        query_string={
            "json": '{"id": 52, "secure": "05ea83436373cae23787455c5fd1de87", "transport": "sms", "message":'
            '[{"phone": 71234567890, "text": "Оцените", "text_final": "Спасибо!"}]}'
        },
    )
    assert "waits for an answer" in person.look("phones")
    shown = person.look(f"phones?phone={PHONE}")
    assert "request, delivered" in shown
    assert 'title="Answer 5"' in shown
    answer = person.client.post(
        "/_mock/main/phones",
        data={"_path": f"/smsvote/phones/{PHONE}/send", "text": "5 отлично", "_back.phone": PHONE},
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/_mock/main/phones?phone={PHONE}")
    shown = person.look(f"phones?phone={PHONE}")
    assert "sent; rated 5" in shown
    assert "final, delivered" in shown
    assert "Nothing has been written yet" in person.look("phones?phone=79990001122")


def test_votes_are_created_run_and_finished(person: Person) -> None:
    asked = {"name": "Обед", "question": "Что?", "options__lines": "суп\r\n\r\nборщ\r\n", "multiple__yes": "yes"}
    assert person.send("votes", "/smsvote/votes", **asked).status_code == 303
    vote = person.control("/smsvote/votes/30")
    assert ([option["text"] for option in vote["options"]], vote["multiple"]) == (["суп", "борщ"], True)
    for path, fields in (("start", {}), ("ballots", {"participant": PHONE, "option": "2"}), ("finish", {})):
        assert person.send("votes", f"/smsvote/votes/30/{path}", **fields).status_code == 303
    shown = person.look("votes")
    assert '<rect width="100.0%" height="10" class="filled"/>' in shown
    assert f'href="/?v={vote["hash"]}"' in shown
    assert f'href="/?x={vote["hash"]}"' in shown
    table = person.client.get("/_mock/v1/smsvote/votes.xlsx?tenant=main&vote_nr=30&vote_nr=29")
    assert table.status_code == 200
    assert person.send("votes", "/smsvote/votes/30/delete").status_code == 303
    assert person.control("/smsvote/votes/30")["status"] == "deleted"


def test_a_vote_is_deleted_when_that_was_confirmed(person: Person) -> None:
    shown = person.look("votes?account=52")
    questions = re.findall(r'<details class="confirm">.*?</details>', shown, re.DOTALL)
    assert shown.count("/smsvote/votes/28/delete") == sum("/smsvote/votes/28/delete" in each for each in questions) == 1
    assert "Vote 28 is deleted for good" in questions[-1]
    assert '<input type="hidden" name="account:number" value="52">' in questions[-1]
    assert person.send("votes", "/smsvote/votes/28/delete", account__number="52").status_code == 303
    assert "/smsvote/votes/28/delete" not in person.look("votes")


def test_a_questionnaire_has_as_many_questions_as_were_filled_in(person: Person) -> None:
    fields = {
        "_path": "/smsvote/questionnaires",
        "name": "О нас",
        "questions[0].text": "Понравилось?",
        "questions[0].options:lines": "да\nнет",
        "questions[1].text": "",
        "questions[1].options:lines": "",
        "questions[2].text": "Придёте?",
        "questions[2].options:lines": "да",
    }
    assert person.client.post("/_mock/main/votes", data=fields).status_code == 303
    made = person.control("/smsvote/questionnaires")["questionnaires"][-1]
    assert [question["text"] for question in made["questions"]] == ["Понравилось?", "Придёте?"]


def test_settings_of_an_account_can_be_emptied(person: Person) -> None:
    fields = {
        "_path": "/smsvote/accounts/52", "balance": "12.50", "price": "1.00", "daily_limit:number!": "",
        "monthly_limit:number!": "20", "sending_delay": "30m", "api_allowed:yes": "no", "prefixes:lines!": "",
        "final_texts.1:text!": "Простите!", "final_texts.5:text!": "",
    }  # fmt: skip
    assert person.client.post("/_mock/main/accounts", data=fields).status_code == 303
    (account,) = person.control("/smsvote/accounts")["accounts"]
    told = {name: account[name] for name in ("balance", "daily_limit", "monthly_limit", "api_allowed", "prefixes")}
    assert told == {
        "balance": "12.50",
        "daily_limit": None,
        "monthly_limit": 20,
        "api_allowed": False,
        "prefixes": [],
    }
    assert (account["final_texts"], account["sending_delay"]) == ({"1": "Простите!"}, 1800)


def test_a_wrong_form_says_what_was_wrong_and_keeps_what_was_typed(person: Person) -> None:
    before = person.control("/smsvote/accounts")
    answer = person.send("accounts", "/smsvote/accounts/52", balance="a lot", price="2.00")
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert re.search(r'role="alert".*balance.*a lot', shown)
    assert 'name="balance" value="a lot"' in shown
    assert 'name="price" value="2.00"' in shown
    assert person.control("/smsvote/accounts") == before


@pytest.mark.claim("SEC-T8")
def test_an_invitation_is_made_by_hand_with_its_thematics(person: Person) -> None:
    asked = {"email": "zoe@example.com", "thematics": "1000100,1000650", "days__number": "0"}
    assert person.send("invitations", "/securating/invitations", **asked).status_code == 303
    (made,) = person.control("/securating/invitations?email=zoe@example.com")["invitations"]
    assert [thematic["code"] for thematic in made["thematics"]] == ["1000100", "1000650"]
    shown = person.look(f"invitations?token={made['token']}")
    assert f'href="{made["form"]}"' in shown
    person.send("invitations", "/securating/open", token=made["token"])
    fields = {
        "_path": "/securating/review", "token": made["token"], "rating:number": "4", "comment": "Bien",
        "thematics.1000100:number": "3",
    }  # fmt: skip
    assert person.client.post("/_mock/main/invitations", data=fields).status_code == 303
    (made,) = person.control("/securating/invitations?email=zoe@example.com")["invitations"]
    assert (made["review"]["rating"], made["review"]["thematics"]) == (4, {"1000100": 3})
    assert "Bien" in person.look(f"invitations?token={made['token']}")


@pytest.mark.claim("SEC-R4")
def test_the_documentations_test_form_asks_its_sum(person: Person) -> None:
    assert "Cinq fois un" in person.look("invitations")
    wrong = person.send("invitations", "/securating/test-form", email="anna@example.com", answer="6")
    assert (wrong.status_code, 'value="6"' in wrong.get_data(as_text=True)) == (400, True)
    assert person.control("/securating/invitations")["count"] == 0
    assert person.send("invitations", "/securating/test-form", email="anna@example.com", answer="5").status_code == 303
    assert person.control("/outbox?to=anna@example.com")["count"] == 1


def test_an_order_is_cancelled(person: Person) -> None:
    token = person.invite(order="17", days="6")
    assert "Cancel the order" in person.look(f"invitations?token={token}")
    assert person.send("invitations", "/securating/cancel", token=token).status_code == 303
    assert "cancelled" in person.look(f"invitations?token={token}")
    assert "Cancel the order" not in person.look(f"invitations?token={person.invite(email='b@example.com')}")


@pytest.mark.claim("SEC-T7")
def test_shops_get_what_they_lack(person: Person) -> None:
    for path, fields in (
        ("websites", {"url": "https://boutique.example/"}),
        ("profiles", {"id": "9", "name": "Inès Petit"}),
        ("thematics", {"code": "1000651", "question": "Et le service ?"}),
        ("products", {"sku": "0003", "description": "Tasse"}),
    ):
        assert person.send("shops", f"/securating/{path}", **fields).status_code == 303
    shown = person.look("shops")
    for words in ("https://boutique.example/", "Inès Petit", "Et le service ?", "Tasse"):
        assert words in shown


def test_what_was_done_in_the_dashboard_stands_in_the_test_to_copy(person: Person) -> None:
    person.send("invitations", "/securating/invitations", email="zoe@example.com", days__number="1")
    person.send("time", "/clock/advance", duration="1d")
    person.send("invitations", "/securating/open", email="zoe@example.com")
    shown = person.look("as-test")
    assert "mockserver.clock.advance(&#34;1d&#34;)" in shown
    assert "securating.invitations.one(email=&#34;zoe@example.com&#34;).open_link()" in shown
    assert "3 steps" in shown


def test_a_tenants_pages_show_that_tenants_world(person: Person) -> None:
    tenant = person.control("/tenants", {"world": "demo"})["id"]
    person.control(f"/smsvote/phones/{PHONE}/send", {"text": "only in main"})
    assert "only in main" in person.look("phones")
    assert "only in main" not in person.look("phones", tenant)
    assert f"tenant={tenant}" in person.look("votes", tenant)


@pytest.mark.parametrize("fields", [{"a": "1", "a.b": "2"}, {"x[": "1"}, {"ratings.5:number": "1e999"}, {"": "x"}])
def test_a_form_that_is_none_of_ours_is_a_problem_not_a_crash(person: Person, fields: dict[str, str]) -> None:
    for path in ("/smsvote/crowd", "/securating/open", "nowhere", "/v1/../x", "//"):
        answer = person.client.post("/_mock/main/phones", data={"_path": path, **fields})
        assert 400 <= answer.status_code < 500, (path, fields)
