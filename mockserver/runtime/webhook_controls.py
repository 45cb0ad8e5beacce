"""Webhooks as a test holds them: where they go, and every way in which delivery may go wrong."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.core.webhooks import WAITING, Answer, WebhookCall
from mockserver.runtime.double import Double
from mockserver.runtime.targets import target_for


class WebhookControls:
    """Delivers webhooks in the test's own thread: before each look at the double, after each act, as time moves.

    Until `deliver_to` says where, calls on this machine are sent there and others are captured.
    """

    def __init__(self, double: Double) -> None:
        self._double = double

    def deliver_to(self, receiver: object) -> None:
        """Deliver to a WSGI or ASGI application, a test client, a function, or an address on this machine.

        An application in this process is called directly, with the path and query of the webhook's address; an error
        of its own surfaces in the test. A function takes the `WebhookCall` and returns nothing, a text, a status, or
        both. Raises `InvalidInput`.
        """
        self._double.delivery.target = target_for(receiver)

    def deliver(self) -> None:
        """Deliver what waits, now."""
        self._double.drain()

    async def deliver_async(self) -> None:
        """Deliver what waits, awaiting an application that runs in the same event loop."""
        await self._double.delivery.deliver_async()

    def hold(self) -> None:
        """Keep calls back until `release` or `reorder`."""
        self._double.delivery.is_held = True

    def release(self) -> None:
        """Deliver what was kept back, and hold no longer."""
        self._double.delivery.is_held = False
        self.deliver()

    def reorder(self, *steps: str) -> None:
        """Deliver what was kept back with these steps first, in this order, and hold no longer."""
        held = [call for call in self._calls() if call.status == WAITING]
        places = {step: place for place, step in enumerate(steps)}
        for call in sorted(held, key=lambda call: places.get(call.step, len(places))):
            self.redeliver(call)
        self.release()

    def redeliver(self, call: WebhookCall) -> None:
        """Deliver a call (once more), out of turn."""
        with self._double.held() as world:
            taken = world.webhooks.take(call.number)
        if taken:
            self._double.delivery.carry(taken)

    def duplicate(self, times: int = 1) -> None:
        """Deliver each of the next `times` calls twice."""
        self._double.delivery.repeats += times

    def fail_next(self, times: int = 1, *, status: int | None = 503, body: str = "") -> None:
        """Let the next `times` calls fail without reaching the application: with that status, or None for no answer."""
        error = "" if status else "ConnectionError: arranged by fail_next"
        self._double.delivery.failures.extend([Answer(status, body, error, arranged=True)] * times)

    @property
    def unused_failures(self) -> int:
        """How many of the failures asked for have not happened."""
        return len(self._double.delivery.failures)

    def _calls(self) -> list[WebhookCall]:
        with self._double.held() as world:
            return list(world.webhooks.calls.values())

    def __iter__(self) -> Iterator[WebhookCall]:
        self.deliver()
        return iter(self._calls())

    def __len__(self) -> int:
        self.deliver()
        return len(self._calls())
