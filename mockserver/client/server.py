"""A server in another process, as a test holds it: its own world, and tenants of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mockserver.client.clock import RemoteClock
from mockserver.client.faults import RemoteFaults
from mockserver.client.settled import SettledWire
from mockserver.client.snapshots import RemoteSnapshots
from mockserver.client.webhooks import RemoteWebhooks
from mockserver.client.wire import Wire, quoted
from mockserver.controls.calls import describe_call
from mockserver.controls.outbox import Sent
from mockserver.core.journal import Exchange
from mockserver.services.facts import keywords_to_json
from mockserver.services.finding import Finder
from mockserver.services.remote import ALL, list_of, read
from mockserver.services.securating import remote as at_securating
from mockserver.services.securating.double import SecuratingDouble
from mockserver.services.smsvote import remote as at_smsvote
from mockserver.services.smsvote.double import SmsVoteDouble

NOTHING_ELSE: Mapping[str, object] = {}


class RemoteSecurating(SecuratingDouble):
    """Securating in another process: invitations, mails, customers, webhooks, faults and the clock."""

    def __init__(self, wire: SettledWire, url: str) -> None:
        super().__init__(at_securating.RemoteDesk(wire), url)
        self.clock = RemoteClock(wire)
        self.webhooks = RemoteWebhooks(wire)
        self.faults = RemoteFaults(wire, "securating")


class RemoteSmsVote(SmsVoteDouble):
    """sms-vote in another process: phones, messages, ratings, votes, faults and the clock."""

    def __init__(self, wire: SettledWire, url: str) -> None:
        super().__init__(at_smsvote.RemoteDesk(wire), url)
        self.clock = RemoteClock(wire)
        self.faults = RemoteFaults(wire, "smsvote")


class RemoteMockServer:
    """A server that runs elsewhere: `RemoteMockServer("http://127.0.0.1:8052")`.

    It holds the world that the server was started with, or that of `tenant`; `tenant(…)` opens one of one's own.
    What is held does as its like in process does, and raises the same errors; beside them `Unreachable` and
    `Declined`. `token` is what a server prints that others can reach. Use it in a `with`, or `close` it.
    """

    def __init__(self, url: str, *, tenant: str = "", token: str = "") -> None:
        self._wire = Wire(url, tenant, token, way_out="give RemoteMockServer its address")
        self._token = token
        self._is_own = False
        wire = SettledWire(self._wire)
        self.url = self._wire.url
        self.tenant_id = tenant or "main"
        self.clock = RemoteClock(wire)
        self.webhooks = RemoteWebhooks(wire)
        self.faults = RemoteFaults(wire)
        self.snapshots = RemoteSnapshots(wire)
        self.securating = RemoteSecurating(wire, self.url)
        self.smsvote = RemoteSmsVote(wire, self.url)
        self.outbox = Finder("message", Sent, lambda: list_of(Sent, wire, "/outbox"), str, watch=wire.wait_for)
        self.calls = Finder("call", Exchange, lambda: _calls(wire), describe_call, watch=wire.wait_for)

    def tenant(
        self,
        *,
        world: str = "empty",
        start: str | datetime = "",
        seed: str = "",
        speed: float = 0.0,
        securating: Mapping[str, object] = NOTHING_ELSE,
        smsvote: Mapping[str, object] = NOTHING_ELSE,
    ) -> RemoteMockServer:
        """Open a world of its own on the same server, with credentials of its own: forgotten when it is closed.

        `world` is a shipped one; from `start` (by itself the world's own, the server's or now) time stands until it is
        advanced, or has `speed` virtual seconds to a real one. `securating` and `smsvote` are what the marks of pytest
        take: `{"balance": "0.50"}`.
        Raises `InvalidInput` or `Refusal`, and `Declined` where there are too many.
        """
        begin = {"world": world, "start": str(start), "seed": seed, "speed": speed}
        adjustments = {"securating": keywords_to_json(securating), "smsvote": keywords_to_json(smsvote)}
        opened = self._wire.post("/tenants", begin | adjustments)
        tenant = RemoteMockServer(self.url, tenant=opened["id"], token=self._token)
        tenant._is_own = True
        return tenant

    def reset(self) -> None:
        """Begin again with the world as it was given, at its start. Raises `ClockBusy` during an advance."""
        self._wire.post("/reset")

    def close(self) -> None:
        """Forget the tenant, if this is one that `tenant` opened, and end the connections."""
        if self._is_own:
            self._is_own = False
            self._wire.delete(f"/tenants/{quoted(self.tenant_id)}")
        self._wire.close()

    def __enter__(self) -> RemoteMockServer:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{self.tenant_id} at {self.url}>"


def _calls(wire: SettledWire) -> list[Exchange]:
    """Return every call, of which none may be missing. Raises `Evicted`."""
    entries = wire.get("/journal", after=0, limit=ALL, secrets=True)["journal"]
    return [read(Exchange, entry) for entry in entries if "method" in entry]
