"""Delivering the webhooks of one double: one at a time, never while the world is held, in whatever way a test asks."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Protocol

from mockserver.core.errors import ClockBusy, InvalidInput
from mockserver.core.webhooks import Answer, Attempt, WebhookCall
from mockserver.core.world import World
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.dispatcher import PATIENCE

if TYPE_CHECKING:
    from mockserver.runtime.double import Double


class Target(Protocol):
    """Where webhooks go."""

    def objection(self, call: WebhookCall) -> str:
        """Return why a call is captured and not sent; empty when it may go."""

    def send(self, call: WebhookCall) -> Answer:
        """Call the receiver and return its answer; an error of the application itself may be raised.

        A target that has `send_async` too is awaited where a test awaits the double.
        """


class Delivery:
    """Takes the calls that wait to their `target`.

    `is_held` keeps them back; `failures` are given as answers to the next calls, which then do not reach the
    application; the next `repeats` calls are delivered twice, at once; `carried` counts what has gone.

    Whoever delivers holds `_busy`. Whoever waits to deliver out of turn holds `_ahead` until they have `_busy`: seeing
    that, the one who delivers what waits lets them in between two calls.
    """

    def __init__(self, double: Double, target: Target) -> None:
        self.own_ports: set[int] = set()
        self.aim(target)
        self.arrange_nothing()
        self.carried = 0
        self._double = double
        self._busy = Lock()
        self._ahead = Lock()
        self._deliverer = 0

    def arrange_nothing(self) -> None:
        """Hold nothing back; let nothing fail, or be delivered twice."""
        self.is_held = False
        self.failures: deque[Answer] = deque()
        self.repeats = 0

    def aim(self, target: Target) -> None:
        """Deliver to `target` from now on; no address may be the double's own."""
        self.target = target
        if isinstance(target, Carrier):
            target.own_ports = self.own_ports

    @property
    def must_be_awaited(self) -> bool:
        """Whether the application runs in the event loop of this thread, which nothing but `await` lets go on."""
        return getattr(self.target, "is_awaited", False) and _a_loop_runs_here()

    def deliver(self, patience: float = 0.0) -> None:
        """Deliver what waits.

        While somebody else delivers, wait for `patience` as `_alone` does, and then do nothing, as from within a
        delivery: the one under way goes on. Where the application must be awaited, do nothing either: the next `await`
        on the double delivers.
        """
        if self.must_be_awaited:
            return
        with self._alone(patience) as alone:
            for world, call in self._waiting() if alone else ():
                self._carry(world, call)
                if self._ahead.locked() and not self._let_in(patience or PATIENCE):
                    return

    async def deliver_async(self) -> None:
        """Deliver what waits, to a target that is awaited."""
        with self._alone() as alone:
            for world, call in self._waiting() if alone else ():
                await self._carry_async(world, call)

    def redeliver(self, number: int) -> None:
        """Deliver a call (once more), whether or not it is its turn, when the one on its way has been answered.

        Raises `ClockBusy` from within a delivery, or when a receiver lets everybody wait, and `InvalidInput` for a
        call that the world does not know.
        """
        with self._taken(number, PATIENCE) as (world, call):
            self._carry(world, call)

    async def redeliver_async(self, number: int) -> None:
        """Do as `redeliver` does, awaiting the application. Raises `ClockBusy` while another call is on its way."""
        with self._taken(number) as (world, call):
            await self._carry_async(world, call)

    @contextmanager
    def _alone(self, patience: float = 0.0, *, is_in_turn: bool = True) -> Iterator[bool]:
        """Keep others from delivering; say whether that can be had.

        Whoever delivers has `patience` real seconds for each call, or as long as it takes (`ENDLESS`).
        """
        patience = 0.0 if self._deliverer == get_ident() else patience
        alone = self._begins_within(patience) if is_in_turn else self._begins_next_within(patience)
        try:
            yield alone
        finally:
            if alone and self._deliverer == get_ident():
                self._end()

    def _begins_within(self, patience: float) -> bool:
        if not self._is_had_within(patience, self._busy):
            return False
        self._deliverer = get_ident()
        return True

    def _begins_next_within(self, patience: float) -> bool:
        if not self._is_had_within(patience, self._ahead):
            return False
        try:
            return self._begins_within(patience)
        finally:
            self._ahead.release()

    def _end(self) -> None:
        self._deliverer = 0
        self._busy.release()

    def _let_in(self, patience: float) -> bool:
        """Let whoever waits deliver out of turn; say whether one may go on after that."""
        self._end()
        if self._is_had_within(patience, self._ahead):
            self._ahead.release()
        return self._begins_within(patience)

    def _is_had_within(self, patience: float, lock: Lock) -> bool:
        carried = self.carried
        while not lock.acquire(timeout=patience):
            if carried == self.carried:
                return False
            carried = self.carried
        return True

    @contextmanager
    def _taken(self, number: int, patience: float = 0.0) -> Iterator[tuple[World, WebhookCall]]:
        with self._alone(patience, is_in_turn=False) as alone:
            if not alone:
                raise ClockBusy(
                    "a webhook is on its way; deliver another one out of turn when its receiver has answered"
                )
            with self._double.held() as world:
                call = self._take(world, number)
            if call is None:
                raise InvalidInput("number", f"{number}; {len(world.webhooks.calls)} calls are owed")
            yield world, call

    def _take(self, world: World, number: int) -> WebhookCall | None:
        """Take a call to deliver it out of turn, be it even set aside until the answer has left that caused it."""
        for owed in self._double.unanswered.values():
            if number in owed:
                owed.remove(number)
                world.webhooks.make_ready(number)
        return world.webhooks.take(number) if number in world.webhooks.calls else None

    def _waiting(self) -> Iterator[tuple[World, WebhookCall]]:
        """Take what waits call by call, and each one again that is to be delivered twice."""
        while taken := self._next():
            is_doubled = self.repeats > 0
            self.repeats -= is_doubled
            yield taken
            if is_doubled:
                world, call = taken
                with self._double.held():
                    world.webhooks.take(call.number)
                yield taken

    def _next(self) -> tuple[World, WebhookCall] | None:
        while not self.is_held:
            with self._double.held() as world:
                call = world.webhooks.take()
                objection = self.target.objection(call) if call else ""
                if call and objection:
                    world.webhooks.capture(call.number, objection)
            if not objection:
                return (world, call) if call else None
            self._double.changes.tell()
        return None

    def _carry(self, world: World, call: WebhookCall) -> None:
        """Deliver one call of `world`, and record there what came of it, whichever world is driven by then.

        An error of the application is recorded and raised.
        """
        with self._recorded(world, call) as answers:
            answers.append(self.failures.popleft() if self.failures else self.target.send(call))

    async def _carry_async(self, world: World, call: WebhookCall) -> None:
        """Do as `_carry` does, awaiting the application."""
        send = getattr(self.target, "send_async", None)
        with self._recorded(world, call) as answers:
            if self.failures:
                answers.append(self.failures.popleft())
            else:
                answers.append(await send(call) if send else await _in_a_thread(self.target, call))

    @contextmanager
    def _recorded(self, world: World, call: WebhookCall) -> Iterator[list[Answer]]:
        """Record the answer that the body appends, or the error that it raises, at the instant it began."""
        answers: list[Answer] = []
        at = world.clock.now
        try:
            yield answers
        except Exception as error:
            answers.append(Answer(None, error=f"{type(error).__name__}: {error}", is_told=True))
            raise
        finally:
            self.carried += 1
            with self._double.held():
                for answer in answers:
                    world.webhooks.settle(world, call.number, Attempt(at, *answer))
                if not answers:  # interrupted: nobody knows what came of it
                    world.webhooks.put_back(call.number)
            self._double.changes.tell()


def _a_loop_runs_here() -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


async def _in_a_thread(target: Target, call: WebhookCall) -> Answer:
    from asyncio import to_thread  # noqa: PLC0415 - whoever awaits has imported it

    return await to_thread(target.send, call)
