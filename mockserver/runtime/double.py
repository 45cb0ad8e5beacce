"""One world being driven: calls answered one at a time, time moved, webhooks delivered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from threading import Condition, Lock, get_ident
from typing import Any

from mockserver.core.agenda import Promise
from mockserver.core.errors import BackwardsInTime, ClockBusy, InvalidInput
from mockserver.core.instants import LAST_INSTANT
from mockserver.core.world import World
from mockserver.runtime.advances import Advances, Course
from mockserver.runtime.answering import answer_call
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.changes import Changes
from mockserver.runtime.delivery import Delivery, Target
from mockserver.runtime.dispatcher import PATIENCE, Dispatcher
from mockserver.runtime.openings import Opening
from mockserver.runtime.pace import Frozen, Pace, check_freezer, wall_seconds
from mockserver.runtime.recording import CRASHED, exchange_of, explained, log_line
from mockserver.runtime.snapshots import Snapshots
from mockserver.services.service import NOT_MODIFIED, Operation, Reply, Request, Service

log = logging.getLogger("mockserver")

MOST_AT_ONCE = 1000
"""Tasks performed before somebody else may look at the world."""


class Double:
    """Drives a world. With a dispatcher, time and webhooks run by themselves; without, in the caller's thread.

    `name` is the tenant's, on a server of several; `changes` tells of everything that happens. Where it `explains`,
    headers of each answer say why it is so. `begun_as` says how the world was opened that it began with.
    `unanswered` are the webhooks, by thread, that an answer has caused which is leaving still.
    """

    def __init__(
        self,
        world: World,
        pace: Pace | None = None,
        target: Target | None = None,
        *,
        resets: bool = True,
        name: str = "main",
        explains: bool = True,
    ) -> None:
        self.world = world
        self.begun_as = Opening("demo", world.clock.now)
        self.name = name
        self.explains = explains
        self.changes = Changes()
        self.advances = Advances(self)
        self.snapshots = Snapshots(self)
        self.pace = pace or Frozen()
        self.delivery = Delivery(self, target or Carrier())
        self._pristine = world.copy() if resets else None
        self._lock = Lock()
        self._advancing = Lock()
        self._course = Course(keeps=0)
        self._dispatcher: Dispatcher | None = None
        self.unanswered: dict[int, list[int]] = {}
        self._answer_left = Condition(self._lock)

    def start(self) -> None:
        """Let due tasks fire and webhooks go out by themselves, from one thread."""
        self._dispatcher = Dispatcher(self)
        self._dispatcher.start()

    def stop(self) -> None:
        """End what `start` began, an advance under way, and every wait."""
        self.advances.end()
        self.changes.end()
        if self._dispatcher:
            self._dispatcher.stop()
            self._dispatcher = None

    @contextmanager
    def held(self) -> Iterator[World]:
        """Hold the world still, as it is."""
        with self._lock:
            yield self.world

    @contextmanager
    def present(self) -> Iterator[World]:
        """Hold the world still, caught up with the present, and let it perform what has fallen due meanwhile."""
        with self._lock:
            world, before = self.world, _happened(self.world)
            try:
                self._catch_up()
                yield world
                self._catch_up()
            finally:
                is_news = _happened(world) != before
        if is_news:  # whoever waits for news looks in here too: looking alone must not wake anybody
            self.changes.tell()

    @contextmanager
    def look(self) -> Iterator[World]:
        """Look at the world for a test: what waits is delivered before.

        Raises `BackwardsInTime` when a freezer shows the application a time before what the world has lived.
        """
        self.drain()
        check_freezer(self.world, self.pace)
        with self.present() as world:
            yield world

    @contextmanager
    def act(self) -> Iterator[World]:
        """Act on the world for a test: what waits is delivered before, and what the act causes after it."""
        with self.look() as world:
            yield world
        self.drain()

    def wait_for(self, find: Callable[[], list[Any]], seconds: float) -> list[Any]:
        """Look, and while nothing is found look again at each change, for so many real seconds."""
        return self.changes.wait_for(find, seconds)

    def answer(self, service: Service, operation: Operation, request: Request) -> Reply:
        """Answer one call on a service, and write it into the journal."""
        began = wall_seconds()
        with self._lock:
            world = self.world
            ready, before = len(world.webhooks), _happened(world)
            try:
                self._catch_up()
                reply = answer_call(world, service, operation, request, self._let_pass)
                self._perform_due(world.clock.now)
            except Exception:
                log.exception("%s %s crashed the double", request.method, request.path)
                reply = CRASHED
            if reply.status == NOT_MODIFIED and _happened(world) == before:
                return reply
            exchange = exchange_of(world, self.name, (service, operation), request, reply, began)
            world.journal.write(exchange)
            if self._dispatcher and (owed := world.webhooks.set_aside(ready)):
                self.unanswered.setdefault(get_ident(), []).extend(owed)
        self.changes.tell()
        if log.isEnabledFor(logging.INFO):
            log.info("%s", log_line(world, exchange))
        return explained(reply, exchange) if self.explains else reply

    def answered(self) -> None:
        """Let the webhooks go out that an answer has caused, now that the caller has it."""
        if dispatcher := self._dispatcher:
            if get_ident() in self.unanswered:
                with self._lock:  # `restore` forgets them, with the world that they were of
                    for number in self.unanswered.pop(get_ident(), ()):
                        self.world.webhooks.make_ready(number)
                    self._answer_left.notify_all()
            dispatcher.look()

    def catch_up(self) -> datetime | None:
        """Perform what has fallen due; return when the next task falls due."""
        with self._lock:
            before = _happened(self.world)
            self._catch_up()
            due = self.world.next_due()
            is_news = _happened(self.world) != before
        if is_news:
            self.changes.tell()
        return due

    def _catch_up(self) -> None:
        world = self.world
        present = self.pace.present(world.clock.now)
        if present < world.clock.now and world.is_untouched:
            world.clock.now = present
        self._perform_due(max(present, world.clock.now))

    def _perform_due(self, instant: datetime) -> None:
        while promise := self.world.step(instant):
            self._course.note(promise)

    def _let_pass(self, seconds: float) -> None:
        """Move the clock on while a call is being answered; webhooks wait for the answer."""
        self._perform_due(min(self.world.clock.now + timedelta(seconds=seconds), LAST_INSTANT))
        self.pace.move_to(self.world.clock.now)

    def next_due(self) -> datetime | None:
        """When time must stand for the next thing to happen; what waits is delivered before."""
        with self.look() as world:
            due = world.next_due()
            return None if due is None else max(due, world.clock.now)

    def advance_to(self, instant: datetime, *, relative: bool = False, course: Course | None = None) -> list[Promise]:
        """Move time to `instant`, stopping at each due task: perform it, deliver its webhooks, go on.

        Returns what fired; who watches, or may want to end it early, gives a `course`. Raises `ClockBusy` from within
        an advance, `BackwardsInTime` for the past, unless the instant was reckoned `relative` to a present that has
        gone on meanwhile.
        """
        if self.delivery.must_be_awaited:
            raise InvalidInput("clock", "the application runs in this event loop; await …_async(…) expected")
        course = course or Course()
        with closing(self._advance(instant, course, relative)) as pauses:
            for _ in pauses:
                self.drain()
        return course.fired

    async def advance_to_async(self, instant: datetime, *, relative: bool = False) -> list[Promise]:
        """Do as `advance_to` does, awaiting an application that runs in the same event loop."""
        course = Course()
        with closing(self._advance(instant, course, relative)) as pauses:
            for _ in pauses:
                await self.delivery.deliver_async()
        return course.fired

    def _advance(self, instant: datetime, course: Course, relative: bool) -> Generator[None, None, None]:
        """Advance, pausing wherever webhooks are to be delivered before time moves on."""
        if not self._advancing.acquire(blocking=False):
            raise ClockBusy("the clock is being advanced already; wait until that is done")
        try:
            if instant > LAST_INSTANT:
                raise InvalidInput("instant", f"{instant.isoformat()}, an instant before the year 9000 expected")
            check_freezer(self.world, self.pace)
            with self.present() as world:
                if relative:
                    instant = max(instant, world.clock.now)
                if instant < world.clock.now:
                    raise BackwardsInTime(f"it is {world.clock.now.isoformat()} already; a later instant expected")
            self._course = course  # whoever looks in between performs what is due at the same instant
            yield
            while not course.is_cancelled and self._perform_some(instant, course):
                self.changes.tell()
                if self.world.webhooks.is_waiting:
                    yield
        finally:
            self._course = Course(keeps=0)
            self._advancing.release()
        self._wake()

    def _perform_some(self, instant: datetime, course: Course) -> bool:
        """Perform tasks due up to `instant` until one calls a webhook, or so many that others may want the world."""
        with self._lock:
            world = self.world
            for _ in range(MOST_AT_ONCE):
                promise = None if course.is_cancelled else world.step(max(instant, world.clock.now))
                if promise is None:
                    break
                course.note(promise)
                if world.webhooks.is_waiting:
                    break
            self.pace.move_to(world.clock.now)
        return promise is not None

    def drain(self) -> None:
        """Wait until every webhook that could go out has gone, those of answers that are just leaving too."""
        if dispatcher := self._dispatcher:  # which whoever drops this tenant may take away meanwhile
            with self._answer_left:
                owing = set(self.unanswered)
                while not owing.isdisjoint(self.unanswered) and self._answer_left.wait(PATIENCE):
                    pass
            dispatcher.drain()
        else:
            self.delivery.deliver()

    @property
    def beginning(self) -> World:
        """The world as it was given; for a double that does not reset, as it is now."""
        return self._pristine or self.world

    def reset(self) -> None:
        """Begin again with the world as it was given, nothing arranged. Raises `ClockBusy` during an advance."""
        if self._pristine is None:
            raise InvalidInput("reset", "this world is a test's own; the next test has a fresh one")
        self.restore(self._pristine)
        self.delivery.arrange_nothing()

    def restore(self, world: World) -> None:
        """Go on from a copy of `world`, at its time. Raises `ClockBusy` during an advance."""
        if not self._advancing.acquire(blocking=False):
            raise ClockBusy("the clock is being advanced; wait until that is done")
        try:
            with self._lock:
                self.world = world.copy()
                self.unanswered.clear()
                self._answer_left.notify_all()
                self.pace.move_to(self.world.clock.now)
        finally:
            self._advancing.release()
        self._wake()

    def _wake(self) -> None:
        """Have a dispatcher reckon anew how long it may sleep, and tell everybody that something has changed."""
        self.changes.tell()
        if dispatcher := self._dispatcher:
            dispatcher.wake()


def _happened(world: World) -> tuple[int, ...]:
    """Count everything that somebody may wait for."""
    promised, kept = world.agenda.promised, len(world.agenda.heap)
    return world.journal.written, len(world.outbox), len(world.webhooks.calls), promised, kept
