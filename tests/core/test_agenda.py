from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.agenda import Agenda, Task
from mockserver.core.errors import BackwardsInTime, EndlessCascade
from mockserver.core.tables import Tables
from mockserver.core.world import World

START = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)


class Log(Tables):
    __slots__ = ("lines", "struck")

    def __init__(self) -> None:
        self.lines: list[tuple[datetime, str]] = []
        self.struck: set[str] = set()


@dataclass(frozen=True, slots=True)
class Say(Task):
    word: str

    def is_still_wanted(self, world: World) -> bool:
        return self.word not in world.state(Log).struck

    def perform(self, world: World) -> None:
        world.state(Log).lines.append((world.clock.now, self.word))


@dataclass(frozen=True, slots=True)
class SayAgain(Task):
    after: timedelta

    def perform(self, world: World) -> None:
        world.state(Log).lines.append((world.clock.now, "again"))
        world.promise(self.after, SayAgain(self.after))


def new_world() -> World:
    return World(START, "seed", [Log()])


def run(world: World, until: datetime) -> None:
    while world.step(until):
        pass


def test_tasks_are_performed_in_order_of_instant_then_of_promise() -> None:
    world = new_world()
    world.promise(timedelta(days=2), Say("late"))
    world.promise(timedelta(days=1), Say("first promised"))
    world.promise(timedelta(days=1), Say("second promised"))
    run(world, START + timedelta(days=3))
    assert [word for _, word in world.state(Log).lines] == ["first promised", "second promised", "late"]


def test_each_task_sees_its_own_instant_and_the_clock_ends_where_it_was_sent() -> None:
    world = new_world()
    world.promise(timedelta(hours=5), Say("tea"))
    run(world, START + timedelta(days=1))
    assert world.state(Log).lines == [(START + timedelta(hours=5), "tea")]
    assert world.clock.now == START + timedelta(days=1)


def test_a_task_born_on_the_way_runs_too_when_it_falls_due_on_the_way() -> None:
    world = new_world()
    world.promise(timedelta(days=1), SayAgain(timedelta(days=1)))
    run(world, START + timedelta(days=3))
    assert [at - START for at, _ in world.state(Log).lines] == [timedelta(days=day) for day in (1, 2, 3)]
    assert world.next_due() == START + timedelta(days=4)


def test_an_endless_cascade_ends_in_a_clear_error_and_keeps_the_clock() -> None:
    world = new_world()
    world.promise(timedelta(days=1), SayAgain(timedelta(0)))
    with pytest.raises(EndlessCascade, match="for that very instant"):
        run(world, START + timedelta(days=3))
    assert world.clock.now == START + timedelta(days=1)
    (promise,) = world.upcoming()
    said = len(world.state(Log).lines)
    for _ in range(2):
        with pytest.raises(EndlessCascade, match="for that very instant"):
            world.step(START + timedelta(days=3))
    assert world.upcoming() == [promise]
    assert len(world.state(Log).lines) == said


def test_many_tasks_promised_beforehand_for_one_instant_are_no_cascade() -> None:
    world = new_world()
    for number in range(10_050):
        world.promise(timedelta(days=1), Say(str(number)))
    run(world, START + timedelta(days=1))
    assert len(world.state(Log).lines) == 10_050


def test_a_promise_whose_reason_is_gone_is_neither_shown_nor_kept() -> None:
    world = new_world()
    world.promise(timedelta(days=1), Say("struck"))
    world.promise(timedelta(days=2), Say("kept"))
    world.state(Log).struck.add("struck")
    assert [promise.task for promise in world.upcoming()] == [Say("kept")]
    assert world.next_due() == START + timedelta(days=2)
    run(world, START + timedelta(days=3))
    assert [word for _, word in world.state(Log).lines] == ["kept"]


def test_the_clock_never_goes_back() -> None:
    world = new_world()
    run(world, START + timedelta(days=1))
    with pytest.raises(BackwardsInTime, match="moves only forward"):
        world.step(START)
    assert world.clock.now == START + timedelta(days=1)


def test_a_snapshot_goes_its_own_way_and_draws_the_same_tokens() -> None:
    world = new_world()
    world.promise(timedelta(days=1), Say("both"))
    twin = world.copy()
    world.promise(timedelta(days=1), Say("original only"))
    run(world, START + timedelta(days=1))
    assert twin.state(Log).lines == []
    assert world.randomness.token() == twin.randomness.token()
    run(twin, START + timedelta(days=1))
    assert [word for _, word in twin.state(Log).lines] == ["both"]


@given(st.lists(st.integers(0, 20)))
def test_the_agenda_gives_what_a_stable_sort_would(days: list[int]) -> None:
    agenda = Agenda()
    for number, day in enumerate(days):
        agenda.promise(START + timedelta(days=day), Say(str(number)))
    expected = [str(number) for number, _ in sorted(enumerate(days), key=lambda pair: pair[1])]
    assert [promise.task for promise in agenda.promises()] == [Say(word) for word in expected]
    assert [agenda.take()[2] for _ in days] == [Say(word) for word in expected]


def test_withdrawing_what_nobody_promised_leaves_the_promises_where_they_are() -> None:
    agenda = Agenda()
    for day in (3, 1, 2):
        agenda.promise(START + timedelta(days=day), Say(str(day)))
    heap = agenda.heap
    agenda.withdraw(Say, lambda task: task.word == "4")
    assert agenda.heap is heap
    agenda.withdraw(SayAgain, lambda _task: True)
    assert agenda.heap is heap
    agenda.withdraw(Say, lambda task: task.word == "1")
    assert [promise.task for promise in agenda.promises()] == [Say("2"), Say("3")]
    assert agenda.first() == agenda.promises()[0]
