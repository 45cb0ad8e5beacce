"""Webhooks go out one at a time, whoever delivers them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from mockserver.core.errors import ClockBusy
from mockserver.core.webhooks import WAITING, Answer, Attempt, Policy, WebhookCall
from mockserver.core.world import World
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.double import Double
from mockserver.runtime.pace import Running
from mockserver.runtime.webhook_controls import WebhookControls

SECONDS = 10
"""How long a test waits for what must come."""


class Slow(Carrier):
    """Answers when it is told to, and notes what came."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[int] = []
        self.arrived, self.may_answer = Event(), Event()

    def send(self, call: WebhookCall) -> Answer:
        self.came.append(call.number)
        self.arrived.set()
        assert self.may_answer.wait(SECONDS)
        return Answer(200, "ok")


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
