"""What the journal says of a refused call: what came, what was expected, and what may have been meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.core.world import World
from mockserver.services.securating.model import Securating
from mockserver.services.service import Reply
from tests.services.securating.conftest import Shop

Make = Callable[..., Shop]


def said(shop: Shop, reply: Reply) -> str:
    """Return the only note of a refusal, which left everything as it was."""
    assert reply.refusal
    assert shop.state.invitations == {}
    (note,) = reply.notes
    return note


def test_a_wrong_key_is_told_how_near_it_comes_but_the_caller_is_not(shop: Shop) -> None:
    wrong = shop.key[:-1] + ("0" if shop.key[-1] != "0" else "1")
    reply = shop.create(keywebsite=wrong)
    url = shop.state.websites[shop.key].url
    assert said(shop, reply).endswith(f"(64 characters); it differs from the one of {url} in its last character")
    assert b"differs" not in reply.body
    assert shop.key.encode() not in reply.body


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (str.upper, "in upper and lower case"),
        (lambda key: key[:-4], "has 60 characters"),
        (lambda key: f" {key}", "by white space around it"),
    ],
)
def test_a_key_of_another_shape_is_recognised(shop: Shop, change: Callable[[str], str], hint: str) -> None:
    assert hint in said(shop, shop.create(keywebsite=change(shop.key)))


def test_a_key_of_nobodys_has_no_hint(shop: Shop) -> None:
    assert said(shop, shop.create(keywebsite="f" * 64)) == "keywebsite: no website has the key ffffff… (64 characters)"


def test_a_short_wrong_key_is_not_said_to_go_on(shop: Shop) -> None:
    assert said(shop, shop.create(keywebsite="wrong")) == "keywebsite: no website has the key wrong (5 characters)"


def test_a_key_where_no_website_is_known_says_so(shop: Shop) -> None:
    shop.state.websites.clear()
    assert said(shop, shop.create()).endswith("; no website is known here")


@pytest.mark.parametrize(
    ("sent", "note"),
    [
        (
            {"KeyWebsite": "x", "email": "anna@example.com"},
            "keywebsite: missing, the key of your website expected; is KeyWebsite misspelt?",
        ),
        ({"keywebsite": "KEY", "emial": "anna@example.com"}, "email: missing, a value expected; is emial misspelt?"),
        ({"keywebsite": "KEY", "email": ""}, "email: missing, a value expected"),
    ],
)
def test_a_missing_parameter_names_the_one_it_may_have_come_as(shop: Shop, sent: dict[str, str], note: str) -> None:
    fields = {name: shop.key if value == "KEY" else value for name, value in sent.items()}
    assert said(shop, shop.post("/invitation/create", fields)) == note


def test_an_unknown_parameter_is_accepted_and_asked_about(shop: Shop) -> None:
    reply = shop.create(recal_count="1", colour="red")
    assert reply.notes == ("unknown parameter recal_count; did you mean recall_count?", "unknown parameter colour")


@pytest.mark.parametrize(
    ("email", "problem"),
    [
        ("anna", "no @ in it"),
        ("a@b@c.fr", "2 @ in it"),
        ("@example.com", "nothing before the @"),
        ("anna@", "nothing after the @"),
        ("anna example@x.fr", "white space in it"),
        ("anna@example..com", "an empty part between the dots of 'example..com'"),
        (f"{'a' * 70}@x.fr", "75 characters"),
        ("anna;@x.fr", "a character that none may have"),
    ],
)
def test_a_wrong_email_is_told_what_is_wrong_with_it(shop: Shop, email: str, problem: str) -> None:
    assert said(shop, shop.create(email=email)).endswith(f"an e-mail address expected: {problem}")


@pytest.mark.parametrize(
    ("parameters", "note"),
    [
        ({"thematics": "1000101"}, "thematics: 1000101 is not a thematic code of this account; did you mean 1000100?"),
        ({"thematics": "100010"}, "thematics: '100010' is no thematic code, exactly 7 digits expected"),
        ({"profile_id": "hugo"}, "profile_id: 'hugo' is no moderator of this account; its moderators: "),
        ({"days": "soon"}, "days: 'soon', a whole number from 0 to 3650 expected"),
        ({"survey_only": "1"}, "thematics: a survey needs at least one thematic code"),
    ],
)
def test_a_wrong_value_is_told_what_there_is(shop: Shop, parameters: dict[str, str], note: str) -> None:
    assert said(shop, shop.create(**parameters)).startswith(note)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://shop.example/a b", "' ' in it, which an address has as %20"),
        ('https://shop.example/"x', "'\"' in it, which an address has as %22"),
        ("http://exämple.com/é?ü=ä", "'ä' in its host, which is written in ASCII, as xn--…"),
        ("shop.example/page", "no http:// or https:// before it"),
        ("https:///page", "no host in it"),
        ("https://shop.example:99999/", "Port out of range 0-65535"),
        ("https://shop.example/" + "a" * 1980, "2001 characters, at most 2000 expected"),
    ],
)
def test_a_wrong_address_is_told_what_is_wrong_with_it(shop: Shop, url: str, problem: str) -> None:
    before = shop.facts()
    for name in ("url", "webhook", "customer_link"):
        reply = shop.create(**{name: url})
        assert reply.status == 400
        assert reply.notes[0].startswith(f"{name}: ")
        assert reply.notes[0].endswith(f"an address such as https://shop.example/page expected: {problem}")
    assert shop.facts() == before


def test_an_address_may_be_beyond_ascii_after_its_host(shop: Shop) -> None:
    assert shop.invite(url="https://shop.example/é?ü=ä").link.startswith("https://shop.example/é?ü=ä&securating_token=")


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        (
            {"securating_email": "a@neuf.example"},
            "error: securating_website: missing, the address of your website expected",
        ),
        (
            {"securating_website": "neuf.example", "securating_email": ""},
            "error: securating_email: missing, your e-mail address expected",
        ),
        ({}, "error: securating_website: missing, the address of your website expected"),
    ],
)
def test_a_website_is_registered_with_both_of_its_parameters(shop: Shop, sent: dict[str, str], problem: str) -> None:
    before = shop.facts()
    reply = shop.post("/modules/live-create", sent)
    assert (reply.status, reply.body.decode()) == (400, problem)
    assert shop.facts() == before
    misspelt = shop.post("/modules/live-create", {"securating_email": "a@b.fr", "securating_websit": "neuf.example"})
    assert misspelt.notes[0].endswith("; is securating_websit misspelt?")


def test_a_token_of_a_link_that_is_nearly_right_says_whose_it_is(shop: Shop) -> None:
    invitation = shop.invite(days="0")
    reply = shop.call("GET", "/review", f"securating_token={invitation.token[:-1]}")
    assert "has 63 characters, the one of anna@example.com has 64" in reply.notes[0]
    assert invitation.token.encode() not in reply.body
    assert shop.now(invitation) == invitation or shop.now(invitation).status == "sent"


def test_a_token_that_is_missing_is_said_to_be(shop: Shop) -> None:
    reply = shop.call("GET", "/review")
    assert reply.notes == (
        "securating_token: no invitation has this token; it is missing, the parameter of the link expected",
    )


def test_a_company_is_asked_for_with_a_token_that_is_nearly_right(shop: Shop, world: World) -> None:
    reply = shop.call("GET", "/widgets/company/<token>/id", args={"token": shop.key.upper()})
    assert reply.status == 404
    assert "in upper and lower case" in reply.notes[0]
    assert shop.key in world.state(Securating).websites
