"""The outbox of a world in this process, as a test holds it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from mockserver.controls.outbox import Sent
from mockserver.core.outbox import Letter, Sms
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.services import SERVICE_BY_NAME
from mockserver.services.finding import Finder

SENT = {field.name for field in fields(Sent)}
"""What a list tells of a message."""


class OutboxControls(Finder[Sent]):
    """Everything that left, oldest first."""

    def __init__(self, double: Double) -> None:
        super().__init__("message", Sent, self._list_sent, str, watch=double.wait_for)
        self._double = double

    def _list_sent(self) -> list[Sent]:
        with self._double.look() as world:
            messages = world.outbox.to()
        # Letters are composed while nobody waits for the world: what they are about never changes.
        return [_sent(opened(world, number, message)) for number, message in messages]


def _sent(message: dict[str, Any]) -> Sent:
    return Sent(**{name: value for name, value in message.items() if name in SENT})


def opened(world: World, number: int, message: Letter | Sms) -> dict[str, Any]:
    """Return a message as whoever opens it has it: what is on its envelope, and what its service composes."""
    envelope = {
        "number": number,
        "at": message.at,
        "service": message.service,
        "channel": message.transport if isinstance(message, Sms) else "email",
        "kind": message.kind,
        "recipient": message.recipient,
    }
    return envelope | SERVICE_BY_NAME[message.service].compose(world, message)
