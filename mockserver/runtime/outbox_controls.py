"""The outbox of a world in this process, as a test holds it."""

from __future__ import annotations

from mockserver.controls.outbox import Sent
from mockserver.core.outbox import Letter, Sms
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.services import SERVICES
from mockserver.services.finding import Finder

_SERVICE_BY_NAME = {service.name: service for service in SERVICES}


class OutboxControls(Finder[Sent]):
    """Everything that left, oldest first."""

    def __init__(self, double: Double) -> None:
        super().__init__("message", self._list_sent, str, watch=double.wait_for)
        self._double = double

    def _list_sent(self) -> list[Sent]:
        with self._double.look() as world:
            messages = world.outbox.to()
        # Letters are composed while nobody waits for the world: what they are about never changes.
        return [_sent(world, number, message) for number, message in messages]


def _sent(world: World, number: int, message: Letter | Sms) -> Sent:
    content = _SERVICE_BY_NAME[message.service].compose(world, message)
    channel = message.transport if isinstance(message, Sms) else "email"
    said = {name: content[name] for name in ("text", "subject", "link") if name in content}
    return Sent(number, message.at, message.service, channel, message.kind, message.recipient, **said)
