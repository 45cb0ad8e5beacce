"""Every assumption about Securating changes something that can be seen when it is overridden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from mockserver.core.webhooks import Attempt
from mockserver.services.securating.model import Website
from mockserver.services.securating.settings import SecuratingSettings

HOOK = {"webhook": "http://127.0.0.1:9/"}


def created(**parameters: str) -> Callable[[Any], object]:
    def probe(shop: Any) -> object:
        reply = shop.create(**parameters)
        return reply.status, reply.content_type, reply.body

    return probe


def created_twice(shop: Any, later: timedelta = timedelta(hours=1), **second: str) -> object:
    shop.create()
    shop.wait(seconds=later.total_seconds())
    return shop.create(**second).status


def same_order(shop: Any) -> object:
    shop.create(order="17")
    return shop.create(order="17").status


def cancelled_order(shop: Any) -> object:
    shop.create(order="17")
    shop.post("/invitation/cancel", {"keywebsite": shop.key, "order": "17"})
    return shop.create(order="17").status


def second_website(shop: Any) -> object:
    shop.state.websites["b" * 64] = Website("b" * 64, 25, "https://b.example/")
    return created_twice(shop, keywebsite="b" * 64)


def call_of(name: str) -> Callable[[Any], object]:
    def probe(shop: Any) -> object:
        shop.create(meta_x="1", **HOOK)
        return getattr(shop.world.webhooks.calls[1], name) if name == "params" else shop.world.webhooks.calls[1].policy

    return probe


def answered(status: int, body: str) -> Callable[[Any], object]:
    def probe(shop: Any) -> object:
        shop.create(**HOOK)
        world = shop.world
        world.webhooks.settle(world, world.webhooks.take().number, Attempt(world.clock.now, status, body))
        return world.webhooks.calls[1].status, world.next_due(), len(world.webhooks)

    return probe


def waiting_steps(shop: Any) -> object:
    shop.create(days="0", **HOOK)
    return len(shop.world.webhooks)


def opened_twice(shop: Any) -> object:
    invitation = shop.invite(**HOOK)
    shop.open(invitation)
    shop.open(invitation)
    return shop.steps(invitation)


def reviewed_twice(shop: Any) -> object:
    invitation = shop.invite()
    shop.review(invitation, rating="5")
    return shop.review(invitation, rating="4").status


def mailed(shop: Any) -> object:
    shop.invite(recall_count="1")
    shop.wait(days=60)
    return [letter.at for letter in shop.letters]


def rows(shop: Any) -> object:
    from mockserver.services.securating import SERVICE

    return [row.path for row in SERVICE.operations(shop.state.settings)]


def verified(shop: Any) -> object:
    website = shop.state.websites[shop.key]
    query = f"securating_website={website.url}&securating_token={website.key}"
    return shop.call("GET", "/modules/live-verification", query).body


def wrong_method(shop: Any) -> object:
    from mockserver.runtime.double import Double
    from mockserver.runtime.tenants import Tenants
    from mockserver.services.service import Request
    from mockserver.web.gate import Gate

    gate = Gate(Tenants(Double(shop.world)))
    return gate.answer(Request("GET", "/invitation/create", headers={"host": "localhost"})).status


def json_body(shop: Any) -> object:
    return shop.call("POST", "/invitation/create", body=b"{}", headers={"content-type": "application/json"}).status


OVERRIDES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "languages": ("00:fr,01:en,02:de", created(thematics="1020650")),
    "reserved_digits": ("0", created(thematics="1007100")),
    "generic_variants": ("false", created(thematics="1010100")),
    "link_path": ("/lien", rows),
    "link_parameter": ("jeton", created()),
    "link_status": ("201", created()),
    "link_content_type": ("text/html", created()),
    "link_body": ("<{link}>", created()),
    "required_parameters": ("keywebsite,email,url", created()),
    "default_url": ("https://elsewhere.example/", created()),
    "default_company_name": ("Autre", lambda shop: shop.invite().asked.company_name),
    "survey_needs_thematic": ("false", created(survey_only="1")),
    "same_email_window": ("1h", created_twice),
    "same_email_window_is_closed": ("true", lambda shop: created_twice(shop, timedelta(hours=24))),
    "same_email_per_website": ("false", second_website),
    "same_email_ignores_case": ("false", lambda shop: created_twice(shop, email="ANNA@example.com")),
    "recall_interval": ("1d", mailed),
    "longest_line": ("3", created(first_name="Anna")),
    "longest_text": ("3", created(product_desc="Théière")),
    "longest_url": ("40", created(url=f"http://shop.example/{'a' * 40}")),
    "most_days": ("5", created(days="6")),
    "most_recalls": ("2", created(recall_count="3")),
    "refusal_statuses": ('{"bad parameter": 422}', created(days="x")),
    "refusal_content_type": ("text/html", created(days="x")),
    "refusal_body": ("KO", created(days="x")),
    "unknown_parameters_are_accepted": ("false", created(colour="red")),
    "wrong_method_status": ("404", wrong_method),
    "wrong_media_status": ("415", json_body),
    "repeated_order_gets_its_link": ("false", same_order),
    "cancelled_order_is_invited_again": ("true", cancelled_order),
    "webhook_method": ("POST", call_of("policy")),
    "webhook_meta_steps": ("review-saved", call_of("params")),
    "webhook_words": ("bien", answered(200, "ok")),
    "webhook_words_ignore_case": ("false", answered(200, "OK")),
    "webhook_statuses": ("200,200", answered(201, "ok")),
    "webhook_retries": ("0", answered(500, "")),
    "webhook_steps_wait_for_each_other": ("false", waiting_steps),
    "form_path": ("/avis", rows),
    "highest_rating": ("4", lambda shop: shop.review(shop.invite(), rating="5").status),
    "second_review_is_refused": ("false", reviewed_twice),
    "link_opened_once": ("false", opened_twice),
    "websites_are_verified": ("false", verified),
}


def test_every_setting_is_in_this_table() -> None:
    assert set(OVERRIDES) == {setting.name for setting in fields(SecuratingSettings)}


@pytest.mark.claim("SEC-T3", "SEC-C2", "SEC-C24", "SEC-C25", "SEC-W8", "SEC-W9", "SEC-W10", "SEC-O7", "SEC-C26")
@pytest.mark.parametrize("name", OVERRIDES)
def test_overriding_a_setting_changes_what_is_seen(shop_with: Callable[..., Any], name: str) -> None:
    value, probe = OVERRIDES[name]
    assert probe(shop_with(f"securating.{name}={value}")) != probe(shop_with())


@pytest.mark.claim("SEC-W9")
def test_zero_means_never_again(shop_with: Callable[..., Any]) -> None:
    shop = shop_with("securating.webhook_retries=0")
    answered(500, "")(shop)
    assert shop.world.webhooks.calls[1].status == "given up"


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("link_path=lien", "a path such as"),
        ("form_path=/", "a path such as"),
        ("link_parameter=a b", "a name such as"),
        ("link_body=nothing", "a text with {link} in it"),
        ("link_status=99", "an HTTP status"),
        ('refusal_statuses={"too soon": 1}', "HTTP statuses"),
        ("webhook_method=get", "GET or POST"),
        ("webhook_statuses=200", "the lowest and the highest"),
        ("highest_rating=1", "a rating from 2 to 20"),
        ("languages=fr", "pairs such as 00:fr"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(world_with: Callable[..., Any], override: str, said: str) -> None:
    from mockserver.core.errors import InvalidInput

    with pytest.raises(InvalidInput, match=said):
        world_with(f"securating.{override}")
