"""Webhooks of a world behind a port."""

from __future__ import annotations

from mockserver.client.settled import SettledWire
from mockserver.controls.webhooks import AnyWebhooks
from mockserver.core.errors import InvalidInput
from mockserver.core.webhooks import WebhookCall
from mockserver.services.remote import list_of


class RemoteWebhooks(AnyWebhooks):
    """Has webhooks delivered by the server: from one thread, after the answers that caused them.

    Every look here first waits until what can be delivered has been.
    """

    def __init__(self, wire: SettledWire) -> None:
        super().__init__(lambda: list_of(WebhookCall, wire, "/webhooks"), wire.wait_for)
        self._wire = wire

    def deliver_to(self, receiver: object) -> None:
        """Deliver to an address on the server's machine, in place of that in each call. Raises `InvalidInput`."""
        if not isinstance(receiver, str):
            raise InvalidInput(
                "receiver",
                f"{type(receiver).__name__}; the server is another process and cannot call into this one: serve it on "
                "a port, and give an address such as http://127.0.0.1:8000",
            )
        self._wire.post("/webhooks/deliver-to", {"url": receiver})

    def deliver(self) -> None:
        """Deliver what waits, now."""
        self._wire.settle()

    def hold(self) -> None:
        """Keep calls back until `release` or `reorder`."""
        self._wire.post("/webhooks/hold")

    def release(self) -> None:
        """Deliver what was kept back, and hold no longer."""
        self._wire.post("/webhooks/release")

    def reorder(self, *steps: str) -> None:
        """Deliver what was kept back with these steps first, in this order, and hold no longer.

        Raises `InvalidInput` for a step that is not held.
        """
        self._wire.post("/webhooks/reorder", {"steps": list(steps)})

    def redeliver(self, call: WebhookCall) -> None:
        """Deliver a call (once more), out of turn."""
        self._wire.post(f"/webhooks/{call.number}/redeliver")

    def duplicate(self, times: int = 1) -> None:
        """Deliver each of the next `times` calls twice."""
        self._wire.post("/webhooks/duplicate", {"times": times})

    def fail_next(self, times: int = 1, *, status: int | None = 503, body: str = "") -> None:
        """Let the next `times` calls fail without reaching the application: with that status, or None for no answer."""
        self._wire.post("/webhooks/fail", {"times": times, "status": status, "body": body})
