"""The double for Python tests: one server for a session, and worlds of their own for those who ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial

from mockserver.controls.calls import describe_call
from mockserver.core.agenda import Promise
from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.faults import Fault
from mockserver.core.instants import parse_instant
from mockserver.core.journal import Exchange
from mockserver.core.webhooks import RetryWebhook, WebhookCall
from mockserver.core.world import World
from mockserver.interception.neighbours import demand_sockets, warn_of_blind_spots
from mockserver.interception.wall import WALL, Home
from mockserver.runtime.assumptions import find_assumed
from mockserver.runtime.clock_controls import ClockControls
from mockserver.runtime.double import Double
from mockserver.runtime.fault_controls import FaultControls
from mockserver.runtime.learned import overrides_of
from mockserver.runtime.openings import Opening, open_world
from mockserver.runtime.outbox_controls import OutboxControls
from mockserver.runtime.pace import Following, Frozen, Pace
from mockserver.runtime.snapshot_controls import SnapshotControls
from mockserver.runtime.strictness import NOTHING_YET, Baseline, Problem, find_problems
from mockserver.runtime.tenants import Tenants
from mockserver.runtime.webhook_controls import WebhookControls
from mockserver.runtime.worlds import begin
from mockserver.services import SERVICES
from mockserver.services.finding import Finder, NotFound
from mockserver.services.outcome import Beginning
from mockserver.services.securating import driven as securating
from mockserver.services.securating.customers import GiveReview
from mockserver.services.securating.double import SecuratingDouble
from mockserver.services.securating.mailing import SendInvitation, SendRecall
from mockserver.services.securating.model import NAME as SECURATING
from mockserver.services.smsvote import driven as smsvote
from mockserver.services.smsvote.double import SmsVoteDouble
from mockserver.services.smsvote.model import NAME as SMSVOTE
from mockserver.services.smsvote.phones import SendReply
from mockserver.services.smsvote.sending import SendRequest
from mockserver.web.gate import Gate
from mockserver.web.port import Port

__all__ = [
    "Exchange",
    "Fault",
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


class Securating(SecuratingDouble):
    """Securating in a test: invitations, mails, customers, webhooks, faults and the clock."""

    def __init__(self, double: Double, url: str) -> None:
        super().__init__(securating.DrivenDesk(double), url)
        self.clock = ClockControls(double)
        self.webhooks = WebhookControls(double)
        self.faults = FaultControls(double, SECURATING)


class SmsVote(SmsVoteDouble):
    """sms-vote in a test: phones, messages, ratings, votes, faults and the clock."""

    def __init__(self, double: Double, url: str) -> None:
        super().__init__(smsvote.DrivenDesk(double), url)
        self.clock = ClockControls(double)
        self.faults = FaultControls(double, SMSVOTE)


class MockServer:
    """Both services in a world of their own, with one clock.

    `url` is the base address of both; `securating` and `smsvote` hold the credentials, the people and what was sent.
    `began` says how far its world had come when it was opened.
    """

    def __init__(self, double: Double, url: str, anew: Callable[[], World]) -> None:
        self.url = url
        self.double = double
        self._anew = anew
        with double.held() as world:
            self.began = Beginning.of(world)
        self.clock = ClockControls(double)
        self.webhooks = WebhookControls(double)
        self.faults = FaultControls(double)
        self.snapshots = SnapshotControls(double)
        self.securating = Securating(double, url)
        self.smsvote = SmsVote(double, url)
        self.outbox = OutboxControls(double)
        self.calls = Finder("call", Exchange, self._list_calls, describe_call, watch=double.wait_for)

    def reset(self) -> None:
        """Begin again with the world as it was given, at its start. Raises `ClockBusy` during an advance."""
        self.double.restore(self._anew())

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

    def problems(self, since: Baseline = NOTHING_YET, *, assumed: bool = False) -> list[Problem]:
        """Return what strictness objects to of all that has come since a `baseline`; `assumed` answers where asked."""
        found = find_problems(self.double, since)
        return [*found, *find_assumed(self.double, since)] if assumed else found

    def baseline(self) -> Baseline:
        """Return how far this world has come."""
        return Baseline.of(self.double)


MOST_JUDGED = 10_000
"""Entries that the journal of a test's world holds."""


class Server:
    """One port for a whole test session; each `MockServer` made from it has a world and credentials of its own.

    Where it `explains`, headers of each answer say on what claims it rests, and why a call was refused.
    """

    def __init__(self, *, explains: bool = True) -> None:
        self._explains = explains
        # Calls with credentials of no living world end in this one, which knows nobody: the vendors' own errors.
        nobody = Double(
            World(parse_instant("2000-01-01", "start"), "nobody", [service.state() for service in SERVICES])
        )
        self._gate = Gate(Tenants(nobody, prefers_newest=True))
        self._port = Port(
            self._gate.answer,
            self._gate.tenants.answered,
            too_large=self._gate.too_large,
            turn_away=self._gate.turn_away,
            tls=self._gate.tls,
        )

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._port.url

    def start(self) -> None:
        """Listen, on a free port of loopback. Raises `SocketsRefused` where pytest-socket lets nobody."""
        demand_sockets()
        self._port.start()
        self._gate.url = self.url

    def stop(self) -> None:
        """End every thread."""
        self._port.stop()

    def hang_up(self) -> None:
        """End the connections that clients have kept: over these they would go past the wall."""
        self._port.hang_up()

    def intercepting(self) -> AbstractContextManager[None]:
        """Answer calls that this process makes to the vendors' own addresses, within `with`; it may be nested."""
        demand_sockets()
        warn_of_blind_spots()
        return WALL.leading_to(Home((self._port.host, self._port.port), trusted_file))

    def open(
        self,
        *,
        world: str = "empty",
        settings: str = "",
        start: str | datetime | None = None,
        seed: str = "",
        owner: str = "",
        adjustments: Mapping[str, Mapping[str, object]] | None = None,
    ) -> MockServer:
        """Return a new world behind the port, until `close`.

        Its clock follows the active freezer, or real time; from `start` it stands until it is advanced, or follows a
        freezer that says so. `settings` is a file of those that a real account has taught, `adjustments` are keywords
        by service, as the marks take them. The same `seed` is the same chance; another `owner` (by itself the seed)
        has other credentials. Raises `InvalidInput`.
        """
        taught = overrides_of(settings) if settings else ()
        anew = partial(open_world, world, owner or seed or world, adjustments or {}, taught, seed)
        new, own_start = anew()
        wanted = parse_instant(start, "start") if start else own_start
        pace: Pace = Following(stands=wanted is not None)
        present = pace.present(wanted or new.clock.now)
        if wanted and present != wanted:
            present, pace = wanted, Frozen()  # a freezer says otherwise, and start wins
        double = Double(_begun(new, present), pace, resets=False, explains=self._explains)
        double.begun_as = Opening(world, present, seed, adjustments or {})
        double.delivery.own_ports.add(self._port.port)
        self._gate.add(double)
        return MockServer(double, self.url, lambda: _begun(anew()[0], present))

    def close(self, server: MockServer) -> None:
        """Forget a world."""
        self._gate.tenants.drop(server.double)


def _begun(world: World, start: datetime) -> World:
    begin(world, start)
    world.journal = world.journal.copy(MOST_JUDGED)
    return world


def trusted_file() -> str:
    """Return the file (PEM) of whom to trust for TLS with the double. Raises `InvalidInput` when there can be none."""
    from mockserver.web.authority import ca_pem_path  # noqa: PLC0415 - ssl costs 10 ms

    return str(ca_pem_path())
