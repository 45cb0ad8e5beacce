"""One world being driven: calls answered one at a time, time moved, webhooks delivered."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from threading import Lock, get_ident

from mockserver.core.agenda import Promise
from mockserver.core.errors import BackwardsInTime, ClockBusy, InvalidInput, Refusal
from mockserver.core.instants import LAST_INSTANT
from mockserver.core.journal import BODY_KEPT, Exchange
from mockserver.core.world import World
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.delivery import Delivery, Target
from mockserver.runtime.dispatcher import Dispatcher
from mockserver.runtime.pace import Frozen, Pace
from mockserver.services.service import Operation, Reply, Request, Service

log = logging.getLogger("mockserver")

MOST_AT_ONCE = 1000
"""Tasks performed before somebody else may look at the world."""


class Double:
    """Drives a world. With a dispatcher, time and webhooks run by themselves; without, in the caller's thread."""

    def __init__(
        self, world: World, pace: Pace | None = None, target: Target | None = None, *, resets: bool = True
    ) -> None:
        self.world = world
        self.pace = pace or Frozen()
        self.delivery = Delivery(self, target or Carrier())
        self._pristine = world.copy() if resets else None
        self._lock = Lock()
        self._advancing = Lock()
        self._dispatcher: Dispatcher | None = None
        self._unanswered: dict[int, list[int]] = {}

    def start(self) -> None:
        """Let due tasks fire and webhooks go out by themselves, from one thread."""
        self._dispatcher = Dispatcher(self)
        self._dispatcher.start()

    def stop(self) -> None:
        """End what `start` began."""
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
            self._catch_up()
            yield self.world
            self._catch_up()

    @contextmanager
    def look(self) -> Iterator[World]:
        """Look at the world for a test: what waits is delivered before.

        Raises `BackwardsInTime` when a freezer shows the application a time before what the world has lived.
        """
        self.drain()
        now = self.world.clock.now
        if not self.world.is_untouched and self.pace.is_frozen_before(now):
            raise BackwardsInTime(f"the double has lived until {now.isoformat()}, and the freezer stands before that")
        with self.present() as world:
            yield world

    @contextmanager
    def act(self) -> Iterator[World]:
        """Act on the world for a test: what waits is delivered before, and what the act causes after it."""
        with self.look() as world:
            yield world
        self.drain()

    def answer(self, service: Service, operation: Operation, request: Request) -> Reply:
        """Answer one call on a service, and write it into the journal."""
        with self._lock:
            world = self.world
            ready = len(world.webhooks)
            try:
                self._catch_up()
                crashed, reply = False, _handled(world, service, operation, request)
                self._perform_due(world.clock.now)
            except Exception:
                log.exception("%s %s crashed the double", request.method, request.path)
                crashed, reply = True, Reply(500, b"mockserver: this call crashed the double; its log says how")
            world.journal.write(
                Exchange(
                    number=world.journal.written + 1,
                    at=world.clock.now,
                    service=service.name,
                    operation=operation.name,
                    method=request.method,
                    target=request.target[:BODY_KEPT],
                    request_body=request.body[:BODY_KEPT].decode("utf-8", "replace"),
                    status=reply.status,
                    reply_body=reply.body[:BODY_KEPT].decode("utf-8", "replace"),
                    notes=reply.notes,
                    crashed=crashed,
                )
            )
            if self._dispatcher and (owed := world.webhooks.set_aside(ready)):
                self._unanswered[get_ident()] = owed
        return reply

    def answered(self) -> None:
        """Let the webhooks go out that an answer has caused, now that the caller has it."""
        if self._dispatcher:
            if owed := self._unanswered.pop(get_ident(), ()):
                with self._lock:
                    for number in owed:
                        self.world.webhooks.make_ready(number)
            self._dispatcher.look()

    def catch_up(self) -> datetime | None:
        """Perform what has fallen due; return when the next task falls due."""
        with self._lock:
            self._catch_up()
            return self.world.next_due()

    def _catch_up(self) -> None:
        world = self.world
        present = self.pace.present(world.clock.now)
        if present < world.clock.now and world.is_untouched:
            world.clock.now = present
        self._perform_due(max(present, world.clock.now))

    def _perform_due(self, instant: datetime) -> None:
        while self.world.step(instant):
            pass

    def advance_to(self, instant: datetime, *, relative: bool = False) -> list[Promise]:
        """Move time to `instant`, stopping at each due task: perform it, deliver its webhooks, go on.

        Returns what fired. Raises `ClockBusy` from within an advance, `BackwardsInTime` for the past, unless the
        instant was reckoned `relative` to a present that has gone on meanwhile.
        """
        if self.delivery.must_be_awaited:
            raise InvalidInput("clock", "the application runs in this event loop; await …_async(…) expected")
        fired: list[Promise] = []
        with closing(self._advance(instant, fired, relative)) as pauses:
            for _ in pauses:
                self.drain()
        self._wake()
        return fired

    async def advance_to_async(self, instant: datetime, *, relative: bool = False) -> list[Promise]:
        """Do as `advance_to` does, awaiting an application that runs in the same event loop."""
        fired: list[Promise] = []
        with closing(self._advance(instant, fired, relative)) as pauses:
            for _ in pauses:
                await self.delivery.deliver_async()
        return fired

    def _advance(self, instant: datetime, fired: list[Promise], relative: bool) -> Generator[None, None, None]:
        """Advance, pausing wherever webhooks are to be delivered before time moves on."""
        if not self._advancing.acquire(blocking=False):
            raise ClockBusy("the clock is being advanced already; wait until that is done")
        try:
            if instant > LAST_INSTANT:
                raise InvalidInput("instant", f"{instant.isoformat()}, an instant before the year 9000 expected")
            with self.present() as world:
                if relative:
                    instant = max(instant, world.clock.now)
                if instant < world.clock.now:
                    raise BackwardsInTime(f"it is {world.clock.now.isoformat()} already; time moves only forward")
            yield
            while self._perform_some(instant, fired):
                if self.world.webhooks.is_waiting:
                    yield
        finally:
            self._advancing.release()

    def _perform_some(self, instant: datetime, fired: list[Promise]) -> bool:
        """Perform tasks due up to `instant` until one calls a webhook, or so many that others may want the world."""
        with self._lock:
            world = self.world
            for _ in range(MOST_AT_ONCE):
                promise = world.step(max(instant, world.clock.now))
                if promise is None:
                    break
                fired.append(promise)
                if world.webhooks.is_waiting:
                    break
            self.pace.move_to(world.clock.now)
        return promise is not None

    def drain(self) -> None:
        """Wait until every webhook that could go out has gone."""
        if self._dispatcher:
            self._dispatcher.drain()
        else:
            self.delivery.deliver()

    def reset(self) -> None:
        """Begin again with the world as it was given, at its start. Raises `ClockBusy` during an advance."""
        if self._pristine is None:
            raise InvalidInput("reset", "this world is a test's own; the next test has a fresh one")
        if not self._advancing.acquire(blocking=False):
            raise ClockBusy("the clock is being advanced; wait until that is done")
        try:
            with self._lock:
                self.world = self._pristine.copy()
                self._unanswered.clear()
                self.pace.move_to(self.world.clock.now)
        finally:
            self._advancing.release()
        self._wake()

    def _wake(self) -> None:
        """Have a dispatcher reckon anew how long it may sleep."""
        if self._dispatcher:
            self._dispatcher.wake()


def _handled(world: World, service: Service, operation: Operation, request: Request) -> Reply:
    try:
        return operation.handle(world, request)
    except Refusal as refusal:
        return service.refuse(world, request, refusal)
