"""Webhooks as a test holds them: where they go, and every way in which delivery may go wrong."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.controls.webhooks import AnyWebhooks
from mockserver.core.errors import InvalidInput
from mockserver.core.webhooks import WAITING, Answer, WebhookCall
from mockserver.runtime.double import Double
from mockserver.runtime.targets import target_for


class WebhookControls(AnyWebhooks):
    """Delivers webhooks in the test's own thread: before each look at the double, after each act, as time moves.

    Until `deliver_to` says where, calls on this machine are sent there and others are captured.
    """

    def __init__(self, double: Double) -> None:
        super().__init__(self._delivered, double.wait_for)
        self._double = double

    def deliver_to(self, receiver: object) -> None:
        """Deliver to a WSGI or ASGI application, a test client, a function, or an address on this machine.

        An application in this process is called directly, with the path and query of the webhook's address; an error
        of its own surfaces in the test. A function takes the `WebhookCall` and returns nothing, a text, a status, or
        both. Raises `InvalidInput`.
        """
        self._double.delivery.aim(target_for(receiver))

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

    async def release_async(self) -> None:
        """Do as `release` does, awaiting the application."""
        self._double.delivery.is_held = False
        await self.deliver_async()

    def reorder(self, *steps: str) -> None:
        """Deliver what was kept back with these steps first, in this order, and hold no longer.

        Raises `InvalidInput` for a step that is not held, and `ClockBusy` as `redeliver` does.
        """
        for call in self._held(steps):
            self.redeliver(call)
        self.release()

    async def reorder_async(self, *steps: str) -> None:
        """Do as `reorder` does, awaiting the application."""
        for call in self._held(steps):
            await self.redeliver_async(call)
        await self.release_async()

    def _held(self, steps: Sequence[str]) -> list[WebhookCall]:
        if self._double.delivery.is_held:
            self._double.drain()  # one that went out before may be on its way still
        held = [call for call in self._calls() if call.status == WAITING and not call.attempts]
        if unknown := set(steps) - {call.step for call in held}:
            there = ", ".join(call.step for call in held) or "nothing"
            raise InvalidInput("steps", f"{', '.join(sorted(unknown))}; {there} is held")
        places = {step: place for place, step in enumerate(steps)}
        return sorted(held, key=lambda call: places.get(call.step, len(places)))

    def redeliver(self, call: WebhookCall) -> None:
        """Deliver a call (once more), out of turn, when those on their way have been answered.

        Raises `ClockBusy` from within a webhook, or when the receiver of another one does not answer.
        """
        self._double.delivery.redeliver(call.number)

    async def redeliver_async(self, call: WebhookCall) -> None:
        """Do as `redeliver` does, awaiting the application. Raises `ClockBusy` while another call is on its way."""
        await self._double.delivery.redeliver_async(call.number)

    def duplicate(self, times: int = 1) -> None:
        """Deliver each of the next `times` calls twice."""
        self._double.delivery.repeats += times

    def fail_next(self, times: int = 1, *, status: int | None = 503, body: str = "") -> None:
        """Let the next `times` calls fail without reaching the application: with that status, or None for no answer."""
        error = "" if status else "ConnectionError: arranged by fail_next"
        self._double.delivery.failures.extend([Answer(status, body, error, is_told=True)] * times)

    def _delivered(self) -> list[WebhookCall]:
        self.deliver()
        return self._calls()

    def _calls(self) -> list[WebhookCall]:
        with self._double.held() as world:
            return list(world.webhooks.calls.values())
