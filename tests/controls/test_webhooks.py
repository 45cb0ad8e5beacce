"""Webhooks as a test holds them, in process and over HTTP."""

from __future__ import annotations

import pytest

from mockserver.core.errors import InvalidInput
from mockserver.services.finding import NotFound
from tests.controls.conftest import Mock, Receiver, invite

HOOK = "https://shop.example/hook"
STEPS = ["invitation-created", "mail-send", "link-opened", "review-saved"]


def test_a_call_arrives_as_the_service_makes_it(mock: Mock, shop: Receiver) -> None:
    invite(mock, webhook=f"{HOOK}?a=1", meta_order="17")
    call = mock.webhooks.one(step="invitation-created")
    assert (call.status, call.service, call.url) == ("acknowledged", "securating", f"{HOOK}?a=1")
    assert dict(call.params)["meta_order"] == "17"
    assert (call.attempts[0].status, call.attempts[0].body, call.tries) == (200, "ok", 1)
    assert shop.calls == [{"a": "1", "step": "invitation-created", "meta_order": "17"}]


def test_without_a_receiver_a_call_to_elsewhere_is_captured(mock: Mock) -> None:
    invite(mock, webhook=HOOK)
    call = mock.webhooks.one()
    assert call.status == "captured, not sent"
    assert "shop.example" in call.reason
    assert len(mock.webhooks) == 1


def test_what_is_held_goes_when_it_is_released(mock: Mock, shop: Receiver) -> None:
    mock.webhooks.hold()
    invite(mock, webhook=HOOK)
    mock.webhooks.deliver()
    assert (shop.steps, mock.webhooks.one().status) == ([], "waiting")
    mock.webhooks.release()
    assert (shop.steps, mock.webhooks.one().status) == (["invitation-created"], "acknowledged")


@pytest.mark.securating(webhook_steps_wait_for_each_other=False)
def test_held_calls_go_in_the_order_that_is_asked_for(mock: Mock, shop: Receiver) -> None:
    mock.webhooks.hold()
    invite(mock, webhook=HOOK, days="0")
    mock.securating.invitations.one().open_link()
    mock.webhooks.reorder("link-opened", "mail-send")
    assert shop.steps == ["link-opened", "mail-send", "invitation-created"]
    mock.securating.invitations.one().open_link().review(5)
    assert shop.steps[-1] == "review-saved"


def test_a_step_that_is_not_held_cannot_be_moved(mock: Mock, shop: Receiver) -> None:
    mock.webhooks.hold()
    invite(mock, webhook=HOOK)
    with pytest.raises(InvalidInput, match="mail-send; invitation-created is held") as refused:
        mock.webhooks.reorder("mail-send")
    assert refused.value.path == "steps"
    assert (shop.steps, mock.webhooks.one().status) == ([], "waiting")


def test_a_call_is_delivered_once_more(mock: Mock, shop: Receiver) -> None:
    invite(mock, webhook=HOOK)
    mock.webhooks.redeliver(mock.webhooks.one())
    assert shop.steps == ["invitation-created", "invitation-created"]
    assert len(mock.webhooks.one().attempts) == 2


def test_the_next_calls_are_delivered_twice(mock: Mock, shop: Receiver) -> None:
    mock.webhooks.duplicate()
    invite(mock, webhook=HOOK, days="0")
    mock.webhooks.deliver()
    assert shop.steps == ["invitation-created", "invitation-created", "mail-send"]


def test_the_next_calls_fail_as_arranged_and_are_tried_again(mock: Mock, shop: Receiver) -> None:
    mock.webhooks.fail_next(status=500, body="oops")
    mock.webhooks.fail_next(status=None)
    invite(mock, webhook=HOOK, days="30")
    (attempt,) = mock.webhooks.one().attempts
    assert (attempt.status, attempt.body, attempt.is_told) == (500, "oops", True)
    assert type(mock.clock.agenda[0].task).__name__ == "RetryWebhook"
    mock.clock.advance(hours=1)
    assert mock.webhooks.one().attempts[1].error.startswith("ConnectionError")
    mock.clock.advance(hours=5)
    assert (mock.webhooks.one().status, shop.steps) == ("acknowledged", ["invitation-created"])


def test_what_the_application_answers_badly_is_tried_again(mock: Mock, shop: Receiver) -> None:
    shop.answers.append(500)
    invite(mock, webhook=HOOK, days="30")
    assert mock.webhooks.one(status="waiting").attempts[0].status == 500
    mock.clock.advance(hours=1)
    assert [attempt.status for attempt in mock.webhooks.one(status="acknowledged").attempts] == [500, 200]


def test_acts_have_their_calls_delivered_before_they_return(mock: Mock, shop: Receiver) -> None:
    invite(mock, webhook=HOOK, days="0")
    mock.securating.customer("anna@example.com").review(5, "Parfait")
    assert shop.steps == STEPS


def test_what_is_no_address_is_refused_as_a_receiver(mock: Mock, shop: Receiver) -> None:
    with pytest.raises(InvalidInput) as refused:
        mock.webhooks.deliver_to("nowhere")
    assert refused.value.path == "receiver"
    invite(mock, webhook=HOOK)
    assert mock.webhooks.one().status == "acknowledged"
    with pytest.raises(NotFound, match="no webhook has step='mail-send'; there is: invitation-created"):
        mock.webhooks.one(step="mail-send")
    assert shop.steps == ["invitation-created"]
