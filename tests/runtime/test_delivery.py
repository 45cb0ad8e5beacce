"""Webhooks go out one at a time, whoever delivers them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Semaphore, Thread

import pytest

from mockserver.core.errors import ClockBusy
from mockserver.core.webhooks import WAITING, Answer, Attempt, Policy, RetryWebhook, WebhookCall
from mockserver.core.world import World
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.double import Double
from mockserver.runtime.pace import Running
from mockserver.runtime.webhook_controls import WebhookControls
from mockserver.services import SERVICES
from mockserver.services.service import Request

SECONDS = 10
"""How long a test waits for what must come."""


class Slow(Carrier):
    """Answers when it is told to, and notes what came."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[int] = []
        self.arrived, self.may_answer = Event(), Event()
        self.status = 200

    def send(self, call: WebhookCall) -> Answer:
        self.came.append(call.number)
        self.arrived.set()
        assert self.may_answer.wait(SECONDS)
        return Answer(self.status, "ok")


class OneByOne(Carrier):
    """Answers one call each time that it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[int] = []
        self.arrived, self.may_answer = Semaphore(0), Semaphore(0)

    def send(self, call: WebhookCall) -> Answer:
        self.came.append(call.number)
        self.arrived.release()
        assert self.may_answer.acquire(timeout=SECONDS)
        return Answer(200, "ok")

    def let_all_go(self) -> None:
        self.may_answer.release(100)


class Queue:
    """The lock of whoever waits to deliver out of turn; the event says that somebody does."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.is_joined = Event()
        self.locked, self.release = self._lock.locked, self._lock.release

    def acquire(self, timeout: float) -> bool:
        is_had = self._lock.acquire(timeout=timeout)
        self.is_joined.set()
        return is_had


def owe(double: Double, *, acknowledged: bool = False) -> None:
    with double.held() as world:
        number = len(world.webhooks.calls) + 1
        policy = Policy("GET", ("ok",), True, (200, 299), (), True)
        call = WebhookCall(number, world.clock.now, "x", f"s{number}", "created", "http://127.0.0.1:9/", (), policy)
        world.webhooks.owe(call)
        if acknowledged:
            world.webhooks.take(number)
            world.webhooks.settle(world, number, Attempt(world.clock.now, 200, "ok"))


@contextmanager
def meanwhile(work: object) -> Iterator[Event]:
    """Work in another thread; the event says that it is done."""
    done = Event()

    def run() -> None:
        work()  # type: ignore[operator]
        done.set()

    thread = Thread(target=run)
    thread.start()
    yield done
    thread.join()


@pytest.fixture
def receiver() -> Slow:
    return Slow()


@pytest.fixture
def double(world: World, receiver: Slow) -> Iterator[Double]:
    """A world with a dispatcher of its own."""
    double = Double(world, Running(world.clock.now), receiver)
    double.start()
    yield double
    receiver.may_answer.set()
    double.stop()


def redeliver(double: Double, number: int) -> None:
    WebhookControls(double).redeliver(double.world.webhooks.calls[number])


def test_a_delivery_out_of_turn_waits_for_the_one_that_is_on_its_way(double: Double, receiver: Slow) -> None:
    owe(double, acknowledged=True)
    owe(double)
    double.answered()
    assert receiver.arrived.wait(SECONDS)
    with meanwhile(lambda: redeliver(double, 1)) as done:
        assert not done.wait(0.1)
        assert receiver.came == [2]
        receiver.may_answer.set()
        assert done.wait(SECONDS)
    assert receiver.came == [2, 1]
    assert [len(call.attempts) for call in double.world.webhooks.calls.values()] == [2, 1]


def test_a_delivery_out_of_turn_is_refused_when_the_one_on_its_way_does_not_come_back(
    double: Double, receiver: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.runtime.delivery.PATIENCE", 0.05)
    owe(double)
    double.answered()
    assert receiver.arrived.wait(SECONDS)
    with pytest.raises(ClockBusy, match="is on its way"):
        redeliver(double, 1)
    assert receiver.came == [1]
    assert not double.world.webhooks.out_of_turn
    assert double.world.webhooks.calls[1].status == WAITING


def test_what_waits_goes_out_after_a_delivery_out_of_turn_and_whoever_drains_waits_for_it(
    double: Double, receiver: Slow
) -> None:
    owe(double, acknowledged=True)
    with meanwhile(lambda: redeliver(double, 1)):
        assert receiver.arrived.wait(SECONDS)
        owe(double)
        with meanwhile(double.drain) as drained:
            assert not drained.wait(0.1)
            assert receiver.came == [1]
            receiver.may_answer.set()
            assert drained.wait(SECONDS)
            assert double.world.webhooks.calls[2].status == "acknowledged"
    assert receiver.came == [1, 2]


def test_what_was_on_its_way_when_others_were_held_is_not_among_those_that_are_reordered(
    double: Double, receiver: Slow
) -> None:
    owe(double)
    double.answered()
    assert receiver.arrived.wait(SECONDS)
    controls = WebhookControls(double)
    controls.hold()
    owe(double)
    with meanwhile(controls.reorder) as done:
        assert not done.wait(0.1)
        receiver.may_answer.set()
        assert done.wait(SECONDS)
    assert receiver.came == [1, 2]


def test_a_delivery_out_of_turn_waits_for_one_call_and_not_for_all_that_wait(double: Double) -> None:
    receiver = OneByOne()
    double.delivery.aim(receiver)
    owe(double, acknowledged=True)
    for _ in range(5):
        owe(double)
    double.answered()
    assert receiver.arrived.acquire(timeout=SECONDS)
    ahead = double.delivery._ahead = Queue()  # type: ignore[assignment]
    with meanwhile(lambda: redeliver(double, 1)) as done:
        assert ahead.is_joined.wait(SECONDS)
        for _ in range(2):
            receiver.may_answer.release()
            assert receiver.arrived.acquire(timeout=SECONDS)
        assert done.wait(SECONDS)
    assert receiver.came == [2, 1, 3]
    receiver.let_all_go()
    double.drain()
    assert receiver.came == [2, 1, 3, 4, 5, 6]


def test_whoever_delivers_without_a_dispatcher_goes_on_after_a_delivery_out_of_turn(world: World) -> None:
    receiver = OneByOne()
    double = Double(world, target=receiver)
    for _ in range(3):
        owe(double)
    with meanwhile(double.drain) as drained:
        assert receiver.arrived.acquire(timeout=SECONDS)
        ahead = double.delivery._ahead = Queue()  # type: ignore[assignment]
        with meanwhile(lambda: redeliver(double, 3)) as done:
            assert ahead.is_joined.wait(SECONDS)
            receiver.let_all_go()
            assert done.wait(SECONDS)
        assert drained.wait(SECONDS)
    assert receiver.came == [1, 3, 2]
    assert {call.status for call in double.world.webhooks.calls.values()} == {"acknowledged"}


def test_a_call_that_is_delivered_before_the_answer_that_caused_it_has_left_goes_up_one_ladder(
    double: Double, receiver: Slow
) -> None:
    receiver.may_answer.set()
    receiver.status = 500
    service = SERVICES[0]
    row = service.operations(service.settings_of(double.world))[0]
    key = service.credentials(double.world)["keywebsite"]
    body = f"keywebsite={key}&email=anna@example.com&webhook=http://127.0.0.1:9/".encode()
    assert double.answer(service, row, Request("POST", row.path, body=body)).status == 200
    redeliver(double, 1)
    double.answered()
    double.drain()
    (call,) = double.world.webhooks.calls.values()
    assert (call.tries, len(call.attempts), receiver.came) == (1, 1, [1])
    assert [promise.task for promise in double.world.upcoming() if isinstance(promise.task, RetryWebhook)] == [
        RetryWebhook(1)
    ]
