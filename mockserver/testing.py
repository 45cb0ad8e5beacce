"""The double for Python tests: one server for a session, and worlds of their own for those who ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from mockserver.core.agenda import Promise
from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.instants import parse_instant
from mockserver.core.journal import Exchange
from mockserver.core.randomness import Randomness
from mockserver.core.webhooks import RetryWebhook, WebhookCall
from mockserver.core.world import World
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.clock_controls import ClockControls
from mockserver.runtime.double import Double
from mockserver.runtime.pace import Following, Frozen, Pace
from mockserver.runtime.strictness import NOTHING_YET, Baseline, Problem, find_problems
from mockserver.runtime.webhook_controls import WebhookControls
from mockserver.runtime.worlds import load_world
from mockserver.services import SERVICES
from mockserver.services.finding import Finder, NotFound
from mockserver.services.securating.customers import GiveReview
from mockserver.services.securating.double import SecuratingDouble
from mockserver.services.securating.double import adjust as adjust_securating
from mockserver.services.securating.mailing import SendInvitation, SendRecall
from mockserver.services.smsvote.double import SmsVoteDouble
from mockserver.services.smsvote.double import adjust as adjust_smsvote
from mockserver.services.smsvote.phones import SendReply
from mockserver.services.smsvote.sending import SendRequest
from mockserver.web.gate import Gate
from mockserver.web.port import Port

__all__ = [
    "Exchange",
    "GiveReview",
    "InvalidInput",
    "MockServer",
    "NotFound",
    "Promise",
    "Refusal",
    "RetryWebhook",
    "Securating",
    "SendInvitation",
    "SendRecall",
    "SendReply",
    "SendRequest",
    "Server",
    "SmsVote",
    "WebhookCall",
]

ADJUST = {"securating": adjust_securating, "smsvote": adjust_smsvote}


class Securating(SecuratingDouble):
    """Securating in a test: invitations, mails, customers, webhooks and the clock."""

    def __init__(self, double: Double, url: str) -> None:
        super().__init__(double, url)
        self.clock = ClockControls(double)
        self.webhooks = WebhookControls(double)


class SmsVote(SmsVoteDouble):
    """sms-vote in a test: phones, messages, ratings, votes and the clock."""

    def __init__(self, double: Double, url: str) -> None:
        super().__init__(double, url)
        self.clock = ClockControls(double)


class MockServer:
    """Both services in a world of their own, with one clock.

    `url` is the base address of both; `securating` and `smsvote` hold the credentials, the people and what was sent.
    """

    def __init__(self, double: Double, url: str) -> None:
        self.url = url
        self.double = double
        self.clock = ClockControls(double)
        self.webhooks = WebhookControls(double)
        self.securating = Securating(double, url)
        self.smsvote = SmsVote(double, url)
        self.calls = Finder("call", self._list_calls, lambda call: f"{call.method} {call.target[:80]}: {call.status}")

    def _list_calls(self) -> list[Exchange]:
        with self.double.look() as world:
            return world.journal.exchanges()

    def fill_in(self, template: object) -> str:
        """Fill in `{url}`, `{securating.key}`, `{smsvote.id}` and the like. Raises `InvalidInput`."""
        try:
            return str(template).format(url=self.url, securating=self.securating, smsvote=self.smsvote)
        except (LookupError, AttributeError, ValueError) as error:
            raise InvalidInput(
                "env", f"{template!r}: {error}; such as {{url}} or {{securating.key}} expected"
            ) from None

    def problems(self, since: Baseline = NOTHING_YET) -> list[Problem]:
        """Return what strictness objects to of all that has come since a `baseline`."""
        return find_problems(self.double, since)

    def baseline(self) -> Baseline:
        """Return how far this world has come."""
        return Baseline.of(self.double)


class Server:
    """One port for a whole test session; each `MockServer` made from it has a world and credentials of its own."""

    def __init__(self) -> None:
        # Calls with credentials of no living world end in this one, which knows nobody: the vendors' own errors.
        nobody = Double(World(parse_instant("2000-01-01", "start"), "nobody", [s.new_state() for s in SERVICES]))
        self._gate = Gate(nobody)
        self._port = Port(self._gate.answer, too_large=self._gate.too_large)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._port.url

    def start(self) -> None:
        """Listen, on a free port of loopback."""
        self._port.start()

    def stop(self) -> None:
        """End every thread."""
        self._port.stop()

    def open(
        self,
        *,
        world: str = "empty",
        start: str | datetime | None = None,
        seed: str = "",
        adjustments: Mapping[str, Mapping[str, object]] | None = None,
    ) -> MockServer:
        """Return a new world behind the port, until `close`.

        Its clock follows the active freezer, or real time; from `start` it stands until it is advanced, or follows a
        freezer that says so. `adjustments` are keywords by service, as the marks take them. Raises `InvalidInput`.
        """
        made, own_start = template(world)
        new = made.copy()
        new.randomness = Randomness(seed or world)
        begin = parse_instant(start, "start") if start else own_start
        pace: Pace = Following(stands=begin is not None)
        new.clock.now = pace.present(begin or new.clock.now)
        if begin and new.clock.now != begin:
            new.clock.now, pace = begin, Frozen()  # a freezer says otherwise, and start wins
        for service in SERVICES:
            service.renew(new)
            if wanted := (adjustments or {}).get(service.name):
                ADJUST[service.name](new, wanted, service.name)
        carrier = Carrier()
        carrier.own_ports.add(self._port.port)
        double = Double(new, pace, carrier, resets=False)
        self._gate.add(double)
        return MockServer(double, self.url)

    def close(self, server: MockServer) -> None:
        """Forget a world."""
        self._gate.tenants.drop(server.double)


@cache
def template(world: str) -> tuple[World, datetime | None]:
    """Return a world as its file says, to be copied, and the start that the file gives it."""
    unset = parse_instant("2000-01-01", "start")
    made = load_world(world, unset)
    return made, None if made.clock.now == unset else made.clock.now
