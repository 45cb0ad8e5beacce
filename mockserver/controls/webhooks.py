"""Webhooks as a test holds them: where they go, and every way in which delivery may go wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from mockserver.core.webhooks import WebhookCall
from mockserver.services.finding import Finder, Watch


class AnyWebhooks(Finder[WebhookCall], ABC):
    """The calls that one world owes to the application, and what becomes of them.

    Until `deliver_to` says where, calls on this machine are sent there and others are captured.
    """

    def __init__(self, rows: Callable[[], Sequence[WebhookCall]], watch: Watch) -> None:
        super().__init__("webhook", WebhookCall, rows, lambda call: f"{call.step} ({call.status})", watch=watch)

    @abstractmethod
    def deliver_to(self, receiver: object) -> None:
        """Deliver to an address on this machine, or to what else a test can name. Raises `InvalidInput`."""

    @abstractmethod
    def deliver(self) -> None:
        """Deliver what waits, now."""

    @abstractmethod
    def hold(self) -> None:
        """Keep calls back until `release` or `reorder`."""

    @abstractmethod
    def release(self) -> None:
        """Deliver what was kept back, and hold no longer."""

    @abstractmethod
    def reorder(self, *steps: str) -> None:
        """Deliver what was kept back with these steps first, in this order, and hold no longer.

        Raises `InvalidInput` for a step that is not held.
        """

    @abstractmethod
    def redeliver(self, call: WebhookCall) -> None:
        """Deliver a call (once more), out of turn."""

    @abstractmethod
    def duplicate(self, times: int = 1) -> None:
        """Deliver each of the next `times` calls twice."""

    @abstractmethod
    def fail_next(self, times: int = 1, *, status: int | None = 503, body: str = "") -> None:
        """Let the next `times` calls fail without reaching the application: with that status, or None for no answer."""
