"""The shop's suite: Securating is the double, everything else is the shop's own."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
import requests
import time_machine
from shop import Shop

from mockserver.testing import MockServer, Securating

pytestmark = pytest.mark.mockserver(env={"SECURATING_URL": "{url}", "SECURATING_KEY": "{securating.key}"})


@pytest.fixture
def shop(securating: Securating) -> Shop:
    """The shop, with its webhook connected."""
    shop = Shop()
    shop.testing = True
    securating.webhooks.deliver_to(shop.test_client())
    return shop


def test_review_reaches_the_shop(securating: Securating, shop: Shop) -> None:
    shop.order_delivered("17")
    invitation = securating.invitations.one(email="anna@example.com")

    securating.clock.advance(days=6)
    assert invitation.mail.subject.startswith("Anna")
    invitation.mail.open_link().review(rating=5, comment="Parfait")

    assert shop.reviews["17"] == 5
    assert shop.comments["17"] == "Parfait"
    assert [call.step for call in invitation.webhooks] == [
        "invitation-created",
        "mail-send",
        "link-opened",
        "review-saved",
    ]


def test_a_customer_who_does_not_answer_is_reminded_three_times(securating: Securating, shop: Shop) -> None:
    shop.order_delivered("17")

    securating.clock.run_until_idle()

    assert [mail.kind for mail in securating.customer("anna@example.com").mails] == [
        "invitation",
        "recall",
        "recall",
        "recall",
    ]
    assert shop.steps == ["invitation-created", "mail-send", "mail-recall", "mail-recall", "mail-recall"]


def test_a_customer_who_answers_is_left_in_peace(securating: Securating, shop: Shop) -> None:
    securating.customer("anna@example.com").will_review(4, "Bien", after="2d")
    shop.order_delivered("17")

    securating.clock.advance(days=60)

    assert shop.reviews == {"17": 4}
    assert "mail-recall" not in shop.steps


def test_an_order_that_comes_back_asks_for_nothing(securating: Securating, shop: Shop) -> None:
    shop.order_delivered("17")
    assert [type(promise.task).__name__ for promise in securating.clock.agenda] == ["SendInvitation"] + 3 * [
        "SendRecall"
    ]

    shop.order_returned("17")

    assert securating.clock.agenda == []
    assert securating.invitations.one(order="17").status == "cancelled"


def test_the_shop_is_down_when_the_mail_leaves(securating: Securating, shop: Shop) -> None:
    shop.order_delivered("17")
    securating.clock.advance(days=5)
    securating.webhooks.fail_next(2)

    securating.clock.advance(days=2)

    first, second, third = securating.invitations.one(order="17").webhooks[1].attempts
    assert [first.status, second.status, third.status] == [503, 503, 200]
    assert second.at - first.at == timedelta(hours=1)
    assert third.at - first.at == timedelta(hours=6)


def test_a_review_that_is_told_twice_counts_once(securating: Securating, shop: Shop) -> None:
    shop.order_delivered("17")
    form = securating.invitations.one(order="17").open_link()
    securating.webhooks.duplicate()

    form.review(5)

    assert shop.steps == ["invitation-created", "link-opened", "review-saved", "review-saved"]
    assert shop.reviews == {"17": 5}


def test_a_review_may_overtake_the_mail(securating: Securating, shop: Shop) -> None:
    securating.webhooks.hold()
    shop.order_delivered("17")
    securating.clock.advance(days=6)
    securating.customer("anna@example.com").review(5)
    assert shop.steps == []

    securating.webhooks.reorder("review-saved", "mail-send")

    assert shop.steps == ["review-saved", "mail-send", "invitation-created", "link-opened"]
    assert shop.reviews == {"17": 5}


@pytest.mark.mockserver(allow=["bad-webhooks"])
def test_the_shop_says_that_it_knows_nothing_of_an_order(securating: Securating, shop: Shop) -> None:
    shop.order_delivered("17")
    del shop.orders["17"]

    [call] = securating.invitations.one(order="17").webhooks

    assert call.attempts[0].status == 410
    assert "this order was deleted" in call.attempts[0].body


@pytest.mark.mockserver(allow=["bad-webhooks"])
def test_a_bug_in_the_webhook_is_seen_where_it_is(securating: Securating, shop: Shop) -> None:
    shop.order_delivered("17")
    del shop.reviews

    with pytest.raises(AttributeError, match="reviews"):
        securating.invitations.one(order="17").open_link().review(5)


@pytest.mark.mockserver(env={"SECURATING_KEY": "a key with a typing mistake"})
def test_a_wrong_key_is_noticed(shop: Shop) -> None:
    with pytest.raises(requests.HTTPError, match="403"):
        shop.order_delivered("17")


@pytest.mark.securating(recall_interval="1d", company_name="Théière & Cie")
def test_what_the_account_says_is_in_the_mail(securating: Securating, shop: Shop) -> None:
    shop.order_delivered("18")

    securating.clock.advance(days=7)

    invitation = securating.invitations.latest()
    assert invitation.link in invitation.mail.text
    assert [mail.subject for mail in invitation.recalls] == ["Boris, Théière & Cie attend toujours votre avis"]


def test_the_shop_and_the_double_travel_together(mockserver: MockServer, shop: Shop) -> None:
    with time_machine.travel("2026-12-24T18:00:00Z", tick=False):
        shop.order_delivered("17")
        mockserver.clock.advance("6d")

        assert datetime.now(timezone.utc) == datetime(2026, 12, 30, 18, tzinfo=timezone.utc)
        assert mockserver.securating.mails.one().at == datetime.now(timezone.utc)
