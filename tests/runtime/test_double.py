from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread

import pytest

from mockserver.core.errors import BackwardsInTime, ClockBusy
from mockserver.core.webhooks import Answer, WebhookCall
from mockserver.core.world import World
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.double import Double
from mockserver.runtime.pace import Frozen, Running
from mockserver.services import SERVICES
from mockserver.services.service import Operation, Reply, Request

HOOK = "http://127.0.0.1:9/w"


class Receiver(Carrier):
    """Notes each call instead of making it."""

    def __init__(self, double: Double | None = None, *answers: Answer) -> None:
        super().__init__()
        self.double = double
        self.answers = list(answers)
        self.calls: list[tuple[str, str]] = []
        self.was_called = Event()

    def send(self, call: WebhookCall) -> Answer:
        assert self.double is not None
        self.calls.append((call.step, self.double.world.clock.now.isoformat(" ")[:16]))
        self.was_called.set()
        return self.answers.pop(0) if self.answers else Answer(200, "ok")


def invite(double: Double, **parameters: str) -> Reply:
    service = SERVICES[0]
    row = service.operations(service.settings_of(double.world))[0]
    key = service.credentials(double.world)["keywebsite"]
    fields = {"keywebsite": key, "email": "anna@example.com", "webhook": HOOK} | parameters
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    reply = double.answer(service, row, Request("POST", row.path, body=body))
    double.answered()
    return reply


@pytest.fixture
def receiver(double: Double) -> Receiver:
    receiver = Receiver(double)
    double.delivery.target = receiver
    return receiver


def test_advancing_delivers_what_waits_before_time_moves_and_each_step_at_its_instant(
    double: Double, receiver: Receiver
) -> None:
    invite(double, recall_count="1")
    assert receiver.calls == []
    fired = double.advance_to(double.world.clock.now + timedelta(days=30))
    assert receiver.calls == [
        ("invitation-created", "2026-03-02 09:00"),
        ("mail-send", "2026-03-08 09:00"),
        ("mail-recall", "2026-03-14 09:00"),
    ]
    assert [type(promise.task).__name__ for promise in fired] == ["SendInvitation", "SendRecall"]


def test_a_call_that_is_not_acknowledged_is_repeated_on_the_virtual_clock(double: Double, receiver: Receiver) -> None:
    receiver.answers = [Answer(500, "no"), Answer(None, error="ConnectionRefusedError")]
    invite(double, days="3650", recall_count="0")
    double.advance_to(double.world.clock.now + timedelta(days=2))
    assert [at for _, at in receiver.calls] == ["2026-03-02 09:00", "2026-03-02 10:00", "2026-03-02 15:00"]
    (call,) = double.world.webhooks.calls.values()
    assert call.status == "acknowledged"
    assert [attempt.status for attempt in call.attempts] == [500, None, 200]


def test_an_advance_within_an_advance_is_refused_at_once(double: Double) -> None:
    errors: list[Exception] = []

    class Greedy(Receiver):
        def send(self, call: WebhookCall) -> Answer:
            try:
                double.advance_to(double.world.clock.now + timedelta(days=1))
            except ClockBusy as error:
                errors.append(error)
            return super().send(call)

    double.delivery.target = Greedy(double)
    invite(double, days="0", recall_count="0")
    double.advance_to(double.world.clock.now)
    assert len(errors) == 2


def test_time_never_goes_back(double: Double) -> None:
    with pytest.raises(BackwardsInTime):
        double.advance_to(double.world.clock.now - timedelta(seconds=1))


def test_a_crash_of_the_double_answers_500_and_stands_in_the_journal(
    double: Double, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(_world: World, _request: Request) -> Reply:
        raise ZeroDivisionError

    reply = double.answer(SERVICES[0], Operation("crash", "GET", "/crash", crash), Request("GET", "/crash"))
    assert reply.status == 500
    assert double.world.journal.exchanges()[-1].crashed
    assert "ZeroDivisionError" in caplog.text


def test_reset_begins_again_and_draws_the_same_tokens(double: Double) -> None:
    start = double.world.clock.now
    first = invite(double).body
    double.advance_to(start + timedelta(days=30))
    double.reset()
    assert double.world.clock.now == start
    assert len(double.world.outbox) == 0
    assert double.world.journal.written == 0
    assert invite(double).body == first


def test_same_world_same_calls_same_bytes(world: World) -> None:
    def run() -> list[object]:
        double = Double(world.copy())
        double.delivery.target = Receiver(double)
        invite(double, days="0")
        double.advance_to(double.world.clock.now + timedelta(days=30))
        messages = [SERVICES[0].compose(double.world, message) for _, message in double.world.outbox.to()]
        return [messages, double.world.journal.entries(), double.world.webhooks.calls]

    assert run() == run()


@pytest.fixture
def running(world: World) -> Iterator[Double]:
    """A double whose clock runs a day in a millisecond."""
    double = Double(world, Running(world.clock.now, rate=86_400_000.0))
    double.delivery.target = Receiver(double)
    double.start()
    yield double
    double.stop()


def test_a_running_clock_fires_and_delivers_by_itself(running: Double) -> None:
    receiver = running.delivery.target
    assert isinstance(receiver, Receiver)
    invite(running, recall_count="0")
    assert not receiver.was_called.is_set() or receiver.calls
    done = Event()

    class Last(Receiver):
        def send(self, call: WebhookCall) -> Answer:
            answer = super().send(call)
            if call.step == "mail-send":
                done.set()
            return answer

    last = Last(running)
    running.delivery.target = last
    assert done.wait(10)
    assert len(running.world.outbox) == 1


def test_drain_waits_until_everything_has_gone(world: World) -> None:
    double = Double(world, Running(world.clock.now))
    receiver = Receiver(double)
    double.delivery.target = receiver
    double.start()
    try:
        for number in range(20):
            invite(double, email=f"c{number}@example.com", days="0", recall_count="0")
        double.drain()
        assert len(receiver.calls) == 40
    finally:
        double.stop()


def test_a_task_that_crashes_leaves_the_dispatcher_alive(world: World, caplog: pytest.LogCaptureFixture) -> None:
    from dataclasses import dataclass

    from mockserver.core.agenda import Task

    @dataclass(frozen=True, slots=True)
    class Crash(Task):
        def perform(self, world: World) -> None:
            raise ZeroDivisionError

    double = Double(world, Running(world.clock.now))
    receiver = Receiver(double)
    double.delivery.target = receiver
    world.promise(timedelta(0), Crash())
    double.start()
    try:
        double.drain()
        assert "ZeroDivisionError" in caplog.text
        invite(double)
        double.drain()
        assert [step for step, _ in receiver.calls] == ["invitation-created"]
    finally:
        double.stop()


def test_many_threads_draw_distinct_tokens_and_lose_nothing(double: Double) -> None:
    def work(worker: int) -> None:
        for number in range(20):
            assert invite(double, email=f"w{worker}n{number}@example.com").status == 200

    threads = [Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    exchanges = double.world.journal.exchanges()
    assert len({exchange.reply_body for exchange in exchanges}) == 160
    assert [exchange.number for exchange in exchanges] == list(range(1, 161))


def test_a_running_pace_follows_real_time_from_where_it_was_put(world: World) -> None:
    start = world.clock.now
    pace = Running(start, rate=3600)
    assert pace.present(start) >= start
    pace.move_to(start + timedelta(days=1))
    assert pace.present(start) >= start + timedelta(days=1)
    wait = pace.real_seconds_until(start + timedelta(days=1, hours=1), start)
    assert wait is not None
    assert 0.9 < wait <= 1
    assert Frozen().real_seconds_until(start, start) is None
