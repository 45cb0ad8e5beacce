"""The project's suite: every test in a transaction of its own, and every webhook that it causes in the same one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from django.test import Client, TestCase, override_settings
from freezegun import freeze_time
from reviews.models import Order, Rating

from mockserver.testing import Securating


@pytest.fixture(autouse=True)
def connected(securating: Securating, client: Client) -> Iterator[None]:
    """The project calls the double, and the double calls the project."""
    securating.webhooks.deliver_to(client)
    with override_settings(SECURATING_URL=securating.url, SECURATING_KEY=securating.key):
        yield


@pytest.fixture
def order(db: None) -> Order:
    """An order that is on its way to Anna."""
    return Order.objects.create(number="17", email="anna@example.com")


def deliver(client: Client, order: Order) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(f"/orders/{order.number}/delivered")


def test_a_rating_is_stored_with_its_order(securating: Securating, client: Client, order: Order) -> None:
    deliver(client, order)
    securating.clock.advance(days=6)

    securating.customer("anna@example.com").review(5, "Parfait")

    assert order.rating.value == 5
    assert order.rating.comment == "Parfait"


def test_nobody_is_asked_about_an_order_that_was_not_saved(
    securating: Securating, client: Client, order: Order
) -> None:
    client.post("/orders/17/delivered")  # the test's transaction never commits

    assert securating.invitations.all() == []


def test_a_rating_that_is_told_again_replaces_the_first(securating: Securating, client: Client, order: Order) -> None:
    deliver(client, order)
    invitation = securating.invitations.one(order="17")
    invitation.open_link().review(4)

    securating.webhooks.redeliver(invitation.webhooks[-1])

    assert Rating.objects.get().value == 4


@freeze_time("2026-03-01 10:00")
def test_a_rating_carries_the_instant_at_which_it_was_given(
    securating: Securating, client: Client, order: Order
) -> None:
    securating.customer("anna@example.com").will_review(3, after="36h")
    deliver(client, order)
    securating.clock.advance(days=30)

    order.refresh_from_db()
    assert order.delivered_at == datetime(2026, 3, 1, 10, tzinfo=timezone.utc)
    assert order.rating.given_at == datetime(2026, 3, 8, 22, tzinfo=timezone.utc)


class TestOrders(TestCase):
    """Django's own test case does as well; its transaction is the test's."""

    @pytest.fixture(autouse=True)
    def service(self, securating: Securating) -> None:
        self.securating = securating

    def setUp(self) -> None:
        self.order = Order.objects.create(number="17", email="anna@example.com")

    def test_a_rating_is_stored_with_its_order(self) -> None:
        deliver(self.client, self.order)
        self.securating.clock.run_until_idle()
        self.securating.customer("anna@example.com").review(2, "Cassé")

        assert self.order.rating.comment == "Cassé"

    def test_the_next_test_finds_none(self) -> None:
        assert Rating.objects.count() == 0
