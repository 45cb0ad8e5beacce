from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import requests
from flask import Flask, request

from mockserver.core.errors import ClockBusy, InvalidInput
from mockserver.core.webhooks import WebhookCall
from mockserver.runtime.double import Double
from mockserver.testing import Securating

pytestmark = pytest.mark.mockserver(start="2026-03-01 10:00")


def invite(securating: Securating, email: str = "anna@example.com", **more: str) -> None:
    data = {"keywebsite": securating.key, "email": email, "webhook": "http://shop.example/hook?id=7", **more}
    data |= {"meta_note": "é & ?", "recall_count": "0"}
    assert requests.post(f"{securating.url}/invitation/create", data=data, timeout=5).status_code == 200


def flask_shop(seen: list[dict[str, str]]) -> Flask:
    app = Flask("shop")

    @app.route("/hook")
    def hook() -> str:
        seen.append(request.args.to_dict())
        return "ok"

    return app


async def asgi_shop(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    from urllib.parse import parse_qsl

    assert scope["type"] == "http"
    await receive()
    await asyncio.sleep(0.001)
    SEEN.append(dict(parse_qsl(scope["query_string"].decode())))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"o", "more_body": True})
    await send({"type": "http.response.body", "body": b"k"})


SEEN: list[dict[str, str]] = []


def httpx_client() -> httpx.Client:
    def answer(asked: httpx.Request) -> httpx.Response:
        SEEN.append(dict(asked.url.params))
        return httpx.Response(200, text="success")

    return httpx.Client(transport=httpx.MockTransport(answer), base_url="http://shop.example")


def remember(call: WebhookCall) -> None:
    SEEN.append({"id": "7", **dict(call.params)})


def remember_and_answer(call: WebhookCall) -> tuple[int, str]:
    remember(call)
    return 201, "OK"


RECEIVERS: dict[str, Callable[[], object]] = {
    "WSGI application": lambda: flask_shop(SEEN),
    "Flask test client": lambda: flask_shop(SEEN).test_client(),
    "ASGI application": lambda: asgi_shop,
    "httpx client": httpx_client,
    "function": lambda: remember,
    "function that answers": lambda: remember_and_answer,
}


@pytest.mark.parametrize("kind", RECEIVERS)
def test_webhooks_go_to_whatever_an_application_is(securating: Securating, kind: str) -> None:
    SEEN.clear()
    securating.webhooks.deliver_to(RECEIVERS[kind]())
    invite(securating)
    assert SEEN == []
    securating.clock.advance(days=6)
    assert [call["step"] for call in SEEN] == ["invitation-created", "mail-send"]
    assert {(call["id"], call["meta_note"]) for call in SEEN} == {("7", "é & ?")}
    assert {call.status for call in securating.webhooks} == {"acknowledged"}


def test_an_address_on_this_machine_takes_the_place_of_the_shops(securating: Securating) -> None:
    from threading import Thread

    from werkzeug.serving import make_server

    SEEN.clear()
    server = make_server("127.0.0.1", 0, flask_shop(SEEN))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        securating.webhooks.deliver_to(f"http://127.0.0.1:{server.server_port}")
        invite(securating)
        securating.webhooks.deliver()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert [call["step"] for call in SEEN] == ["invitation-created"]


@pytest.mark.parametrize(
    "receiver",
    [
        "shop.example",
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        5,
        lambda: None,
        lambda _a, _b, _c, _d: None,
    ],
)
def test_what_cannot_receive_is_refused(double: Double, securating: Securating, receiver: object) -> None:
    before = double.delivery.target
    with pytest.raises(InvalidInput, match="expected"):
        securating.webhooks.deliver_to(receiver)
    assert double.delivery.target is before


def test_nothing_is_delivered_while_a_request_is_being_answered(securating: Securating) -> None:
    order: list[str] = []
    securating.webhooks.deliver_to(lambda call: order.append(call.step))
    invite(securating)
    order.append("committed")
    securating.clock.advance(hours=1)
    assert order == ["committed", "invitation-created"]


def test_in_a_coroutine_the_application_is_awaited_in_the_same_loop(securating: Securating) -> None:
    loops: list[object] = []

    async def receive(_call: WebhookCall) -> str:
        loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0)
        return "ok"

    async def scenario() -> object:
        securating.webhooks.deliver_to(receive)
        await asyncio.to_thread(invite, securating)
        await securating.clock.advance_async(days=6)
        assert len(await securating.clock.run_until_idle_async()) == 0
        return asyncio.get_running_loop()

    loop = asyncio.run(scenario())
    assert loops == [loop, loop]
    assert {call.status for call in securating.webhooks} == {"acknowledged"}


def test_in_a_coroutine_looks_leave_calls_to_the_next_await_and_a_plain_advance_is_refused(
    securating: Securating,
) -> None:
    async def scenario() -> None:
        SEEN.clear()
        securating.webhooks.deliver_to(asgi_shop)
        await asyncio.to_thread(invite, securating)
        assert len(securating.invitations) == 1
        with pytest.raises(InvalidInput, match="await"):
            securating.clock.advance(days=6)
        assert SEEN == []
        securating.webhooks.hold()
        await securating.clock.next_event_async()
        assert SEEN == []
        await securating.webhooks.reorder_async("mail-send")

    asyncio.run(scenario())
    assert [call["step"] for call in SEEN] == ["mail-send", "invitation-created"]


def test_from_a_plain_test_an_asgi_application_runs_in_a_loop_of_its_own(securating: Securating) -> None:
    SEEN.clear()
    securating.webhooks.deliver_to(asgi_shop)
    invite(securating)
    securating.clock.advance(days=6)
    assert [call["step"] for call in SEEN] == ["invitation-created", "mail-send"]


class Shop:
    """Receives, and remembers in which order."""

    def __init__(self, securating: Securating) -> None:
        self.steps: list[str] = []
        securating.webhooks.deliver_to(self.receive)

    def receive(self, call: WebhookCall) -> None:
        self.steps.append(call.step)


def test_calls_can_be_held_and_released(securating: Securating) -> None:
    shop = Shop(securating)
    securating.webhooks.hold()
    invite(securating)
    securating.clock.advance(days=6)
    assert shop.steps == []
    securating.webhooks.release()
    assert shop.steps == ["invitation-created", "mail-send"]


def test_held_calls_can_arrive_in_another_order(securating: Securating) -> None:
    shop = Shop(securating)
    securating.webhooks.hold()
    invite(securating)
    securating.clock.advance(days=6)
    securating.invitations.one().open_link()
    securating.webhooks.reorder("link-opened", "mail-send")
    assert shop.steps == ["link-opened", "mail-send", "invitation-created"]
    assert {call.status for call in securating.webhooks} == {"acknowledged"}


def test_a_call_can_be_delivered_again_and_calls_can_come_twice(securating: Securating) -> None:
    shop = Shop(securating)
    securating.webhooks.duplicate()
    invite(securating, days="0")
    (created, mailed) = securating.webhooks
    assert shop.steps.count("invitation-created") == 2
    securating.webhooks.redeliver(mailed)
    assert shop.steps.count("mail-send") == 2
    assert [len(call.attempts) for call in securating.webhooks] == [2, 2]
    assert created.number == 1


def test_duplicate_doubles_each_of_the_next_calls_at_once(securating: Securating) -> None:
    shop = Shop(securating)
    securating.webhooks.duplicate(times=2)
    invite(securating, days="0")
    securating.invitations.one().open_link()
    assert shop.steps == ["invitation-created"] * 2 + ["mail-send"] * 2 + ["link-opened"]


@pytest.mark.parametrize("status", [503, None])
def test_the_next_calls_can_be_made_to_fail_and_come_again_on_the_virtual_clock(
    securating: Securating, status: int | None
) -> None:
    shop = Shop(securating)
    securating.webhooks.fail_next(2, status=status)
    invite(securating)
    securating.clock.advance(minutes=59)
    assert shop.steps == []
    securating.clock.advance(days=1)
    assert shop.steps == ["invitation-created"]
    (call,) = securating.webhooks
    assert [(attempt.at.hour, attempt.status) for attempt in call.attempts] == [(10, status), (11, status), (16, 200)]


def test_an_error_of_the_application_is_recorded_and_raised_and_the_call_comes_again(securating: Securating) -> None:
    errors = [ZeroDivisionError("in the shop")]

    def receive(_call: WebhookCall) -> None:
        if errors:
            raise errors.pop()

    securating.webhooks.deliver_to(receive)
    invite(securating)
    with pytest.raises(ZeroDivisionError, match="in the shop"):
        securating.webhooks.deliver()
    (call,) = securating.webhooks
    assert call.attempts[0].error == "ZeroDivisionError: in the shop"
    securating.clock.advance(hours=1)
    assert [attempt.status for attempt in next(iter(securating.webhooks)).attempts] == [None, 200]


def test_delivering_again_leaves_the_ladder_of_retries_alone(securating: Securating) -> None:
    arrived: list[WebhookCall] = []
    securating.webhooks.deliver_to(arrived.append)
    securating.webhooks.fail_next(4)
    invite(securating, days="3650")
    securating.webhooks.redeliver(securating.webhooks.one())
    securating.clock.advance(hours=6)
    attempts = securating.webhooks.one().attempts
    assert [attempt.at.hour for attempt in attempts] == [10, 10, 11, 16]
    securating.clock.advance(hours=18)
    securating.webhooks.redeliver(securating.webhooks.one())
    assert len(arrived) == 2


def test_reorder_refuses_steps_that_are_not_held(securating: Securating) -> None:
    Shop(securating)
    securating.webhooks.hold()
    invite(securating)
    with pytest.raises(InvalidInput, match="mail-snd; invitation-created is held"):
        securating.webhooks.reorder("mail-snd")
    securating.webhooks.release()


def test_a_mock_is_a_function_and_true_is_ok(securating: Securating) -> None:
    from unittest.mock import Mock

    receiver = Mock(return_value=True)
    securating.webhooks.deliver_to(receiver)
    invite(securating)
    securating.webhooks.deliver()
    assert receiver.call_args.args[0].step == "invitation-created"
    assert securating.webhooks.one().status == "acknowledged"


def test_the_application_sees_the_scheme_of_its_address(securating: Securating) -> None:
    schemes: list[str] = []
    app = Flask("shop")

    @app.route("/hook")
    def hook() -> str:
        schemes.append(request.scheme)
        return "ok"

    securating.webhooks.deliver_to(app)
    invite(securating, webhook="https://shop.example/hook")
    securating.webhooks.deliver()
    assert schemes == ["https"]


def test_a_look_from_within_a_webhook_does_not_deliver_again(securating: Securating) -> None:
    seen: list[tuple[str, int]] = []
    securating.webhooks.deliver_to(lambda call: seen.append((call.step, len(securating.invitations))))
    invite(securating, days="0")
    assert len(securating.webhooks) == 2
    assert seen == [("invitation-created", 1), ("mail-send", 1)]


def fail_once(arrived: list[int]) -> Callable[[WebhookCall], None]:
    """Return a receiver in which the test fails at the first call, and which notes the numbers of all."""

    def receive(call: WebhookCall) -> None:
        arrived.append(call.number)
        if len(arrived) == 1:
            pytest.fail("in the shop")

    return receive


def test_a_delivery_that_a_failing_test_interrupts_comes_again_before_the_others(securating: Securating) -> None:
    arrived: list[int] = []
    securating.webhooks.deliver_to(fail_once(arrived))
    securating.webhooks.hold()
    invite(securating)
    invite(securating, email="bea@example.com")
    with pytest.raises(pytest.fail.Exception):
        securating.webhooks.release()
    assert [len(call.attempts) for call in securating.webhooks] == [1, 1]
    assert arrived == [1, 1, 2]


def test_a_delivery_once_more_that_is_interrupted_does_not_come_again(securating: Securating) -> None:
    securating.webhooks.deliver_to(lambda _call: "ok")
    invite(securating)
    call = securating.webhooks.one()
    arrived: list[int] = []
    securating.webhooks.deliver_to(fail_once(arrived))
    with pytest.raises(pytest.fail.Exception):
        securating.webhooks.redeliver(call)
    assert securating.webhooks.one() == call
    securating.clock.advance(days=6)
    assert arrived == [1, 2]


def test_calls_that_come_twice_and_fail_go_up_one_ladder(securating: Securating) -> None:
    Shop(securating)
    securating.webhooks.duplicate()
    securating.webhooks.fail_next(5, status=500)
    invite(securating, days="3650")
    securating.clock.advance(days=3)
    (call,) = securating.webhooks
    assert [(attempt.at.day, attempt.at.hour) for attempt in call.attempts] == [
        (1, 10),
        (1, 10),
        (1, 11),
        (1, 16),
        (2, 10),
    ]
    assert call.status == "given up"


def test_from_within_a_webhook_none_is_delivered_out_of_turn(securating: Securating) -> None:
    refused: list[int] = []

    def receive(call: WebhookCall) -> None:
        before = list(securating.webhooks)
        with pytest.raises(ClockBusy, match="is on its way"):
            securating.webhooks.redeliver(call)
        with pytest.raises(ClockBusy, match="is on its way"):
            securating.webhooks.reorder("mail-send")
        assert list(securating.webhooks) == before
        refused.append(call.number)

    securating.webhooks.deliver_to(receive)
    invite(securating, days="0")
    securating.webhooks.deliver()
    assert refused == [1, 2]
    assert [len(call.attempts) for call in securating.webhooks] == [1, 1]


def test_from_within_a_webhook_that_is_awaited_none_is_delivered_out_of_turn(securating: Securating) -> None:
    refused: list[ClockBusy] = []

    async def receive(call: WebhookCall) -> None:
        with pytest.raises(ClockBusy, match="is on its way") as caught:
            await securating.webhooks.redeliver_async(call)
        refused.append(caught.value)

    async def scenario() -> None:
        securating.webhooks.deliver_to(receive)
        await asyncio.to_thread(invite, securating)
        await securating.webhooks.deliver_async()

    asyncio.run(scenario())
    assert len(refused) == 1
    assert [len(call.attempts) for call in securating.webhooks] == [1]


def test_a_call_that_is_owed_no_longer_cannot_be_delivered_again(double: Double) -> None:
    with pytest.raises(InvalidInput, match="number: 7; 0 calls are owed"):
        double.delivery.redeliver(7)
    assert double.delivery.carried == 0
