from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from threading import Condition, Event, Thread

import pytest

from mockserver.core.errors import BackwardsInTime, ClockBusy, InvalidInput
from mockserver.core.instants import LAST_INSTANT
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
        self.on_step: Callable[[str], None] = lambda _step: None

    def send(self, call: WebhookCall) -> Answer:
        assert self.double is not None
        self.calls.append((call.step, self.double.world.clock.now.isoformat(" ")[:16]))
        self.was_called.set()
        self.on_step(call.step)
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


def test_a_task_that_crashes_after_a_call_stands_in_the_journal_of_that_call(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.services.securating.mailing.SendInvitation.perform", None)
    assert invite(double, days="0").status == 500
    assert double.world.journal.exchanges()[-1].crashed


def test_reset_begins_again_and_draws_the_same_tokens(double: Double) -> None:
    start = double.world.clock.now
    first = invite(double).body
    double.advance_to(start + timedelta(days=30))
    double.reset()
    assert double.world.clock.now == start
    assert len(double.world.outbox) == 0
    assert double.world.journal.written == 0
    assert invite(double).body == first


def test_reset_forgets_what_was_arranged_for_webhooks(double: Double, receiver: Receiver) -> None:
    double.delivery.is_held, double.delivery.repeats = True, 3
    double.delivery.failures.append(Answer(503))
    double.reset()
    invite(double)
    double.drain()
    assert [step for step, _ in receiver.calls] == ["invitation-created"]


def test_same_world_same_calls_same_bytes(world: World) -> None:
    def run() -> list[object]:
        double = Double(world.copy())
        double.delivery.target = Receiver(double)
        invite(double, days="0")
        double.advance_to(double.world.clock.now + timedelta(days=30))
        messages = [SERVICES[0].compose(double.world, message) for _, message in double.world.outbox.to()]
        told = [exchange._replace(began=0.0, seconds=0.0) for exchange in double.world.journal.exchanges()]
        return [messages, told, double.world.webhooks.calls]

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


def test_after_an_advance_a_running_clock_goes_on_from_there_and_fires_by_itself(world: World) -> None:
    double = Double(world, Running(world.clock.now, rate=1.0))
    receiver = Receiver(double)
    double.delivery.target = receiver
    double.start()
    try:
        invite(double, days="1", recall_count="0")
        double.advance_to(double.world.clock.now + timedelta(days=1, seconds=-1))
        assert [step for step, _ in receiver.calls] == ["invitation-created"]
        receiver.was_called.clear()
        assert receiver.was_called.wait(10)
        assert [step for step, _ in receiver.calls] == ["invitation-created", "mail-send"]
    finally:
        double.stop()


def test_a_promise_that_falls_due_sooner_wakes_the_sleeping_dispatcher(world: World) -> None:
    double = Double(world, Running(world.clock.now, rate=864_000.0))
    receiver, done = Receiver(double), Event()
    receiver.on_step = lambda step: done.set() if step == "mail-send" else None
    double.delivery.target = receiver
    double.start()
    try:
        invite(double, email="a@example.com", days="3000", recall_count="0")
        double.drain()
        invite(double, email="b@example.com", days="1", recall_count="0", webhook="http://127.0.0.1:9/b")
        assert done.wait(10)
    finally:
        double.stop()


def test_who_waits_for_a_receiver_that_waits_for_them_is_told_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.runtime.dispatcher.PATIENCE", 0.05)
    double = Double(world, Running(world.clock.now))
    errors: list[Exception] = []

    class Impatient(Receiver):
        def send(self, call: WebhookCall) -> Answer:
            try:
                double.drain()
            except ClockBusy as error:
                errors.append(error)
            return super().send(call)

    double.delivery.target = receiver = Impatient(double)
    double.start()
    try:
        invite(double)
        assert receiver.was_called.wait(10)
    finally:
        double.stop()
    assert "does not answer" in str(errors[0])


def test_stopping_ends_after_the_webhook_on_its_way_and_leaves_the_others(world: World) -> None:
    double = Double(world, Running(world.clock.now))
    on_its_way, may_end = Event(), Event()

    class Slow(Receiver):
        def send(self, call: WebhookCall) -> Answer:
            on_its_way.set()
            may_end.wait(10)
            return super().send(call)

    double.delivery.target = receiver = Slow(double)
    for number in range(5):
        invite(double, email=f"c{number}@example.com")
    double.start()
    assert on_its_way.wait(10)
    stopping = Thread(target=double.stop)
    stopping.start()
    while not double.delivery.is_held:
        pass
    may_end.set()
    stopping.join()
    assert len(receiver.calls) == 1


def test_a_webhook_leaves_only_when_the_answer_that_caused_it_has_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.runtime.double.PATIENCE", 0.05)
    double = Double(world, Running(world.clock.now))
    receiver = Receiver(double)
    double.delivery.target = receiver
    double.start()
    try:
        service = SERVICES[0]
        key = service.credentials(world)["keywebsite"]
        body = f"keywebsite={key}&email=anna@example.com&webhook={HOOK}".encode()
        row = service.operations(service.settings_of(world))[0]
        double.answer(service, row, Request("POST", row.path, body=body))
        double.drain()
        assert receiver.calls == []
        double.answered()
        double.drain()
        assert [step for step, _ in receiver.calls] == ["invitation-created"]
    finally:
        double.stop()


def test_one_thread_may_answer_twice_before_it_says_that_the_answers_have_gone(double: Double) -> None:
    receiver = double.delivery.target = Receiver(double)
    double.start()
    try:
        service = SERVICES[0]
        row = service.operations(service.settings_of(double.world))[0]
        for person in ("anna", "boris"):
            key = service.credentials(double.world)["keywebsite"]
            body = f"keywebsite={key}&email={person}@example.com&webhook={HOOK}".encode()
            assert double.answer(service, row, Request("POST", row.path, body=body)).status == 200
        double.answered()
        double.drain()
        assert [step for step, _ in receiver.calls] == ["invitation-created", "invitation-created"]
    finally:
        double.stop()


def test_an_advance_that_is_awaited_wakes_whoever_waits_for_the_time_it_leads_to(double: Double) -> None:
    wanted = double.world.clock.now + timedelta(hours=1)
    woken: list[object] = []
    is_looking = Event()

    def find() -> bool:
        is_looking.set()
        return double.world.clock.now >= wanted

    waiting = Thread(target=lambda: woken.append(double.changes.wait_for(find, 60)))
    waiting.start()
    assert is_looking.wait(10)
    asyncio.run(double.advance_to_async(wanted))
    waiting.join(5)
    assert woken == [True]
    double.stop()
    waiting.join()


def test_a_reset_during_an_advance_is_refused(double: Double) -> None:
    errors: list[Exception] = []

    class Hasty(Receiver):
        def send(self, call: WebhookCall) -> Answer:
            with pytest.raises(ClockBusy) as caught:
                double.reset()
            errors.append(caught.value)
            return super().send(call)

    double.delivery.target = Hasty(double)
    invite(double)
    double.advance_to(double.world.clock.now + timedelta(days=1))
    assert len(errors) == 1


def test_no_clock_goes_beyond_the_calendar(double: Double) -> None:
    with pytest.raises(InvalidInput, match="before the year 9000"):
        double.advance_to(datetime(9999, 12, 31, tzinfo=timezone.utc))
    double.advance_to(LAST_INSTANT)
    assert invite(double, days="3650", recall_count="100").status == 200
    assert Running(LAST_INSTANT, 1e9).present(LAST_INSTANT) == LAST_INSTANT


def test_thousands_of_calls_at_one_frozen_instant_are_no_cascade(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.core.world.LONGEST_CASCADE", 10)
    for number in range(50):
        assert invite(double, email=f"c{number}@example.com", days="0", recall_count="0").status == 200
    assert len(double.world.outbox) == 50


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


def test_who_drains_a_double_that_is_stopped_at_that_moment_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    double = Double(world, Running(world.clock.now))
    double.start()

    class Stopping(Condition):
        def __enter__(self) -> bool:
            double.stop()
            return super().__enter__()

    monkeypatch.setattr(double, "_answer_left", Stopping())
    double.drain()


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
