"""A double that was started elsewhere: each case has a tenant of its own there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from mockserver.client.server import RemoteMockServer
from mockserver.client.wire import Declined, Unreachable, Wire
from mockserver.contract.case import Case
from mockserver.contract.exchange import Answer
from mockserver.contract.http_call import Caller
from mockserver.contract.place import Place, Target
from mockserver.contract.receiver import DoublesReceiver
from mockserver.contract.targets.inproc import BEGINNING
from mockserver.contract.verdicts import NoAnswer
from mockserver.services.service import Request


class StartedServer(Target):
    """A server at `url`; `token` is what one prints that others can reach."""

    name = "server"

    def __init__(self, url: str, token: str = "", seconds: float = 30.0) -> None:
        self._server = RemoteMockServer(url, token=token)
        self._caller = Caller(self._server.url, seconds)
        self._token = token

    def check(self) -> None:
        """See that a server answers, and takes the token. Raises `NoAnswer`."""
        with Wire(self._server.url, token=self._token) as wire:
            try:
                wire.get("/ready")
            except (Unreachable, Declined) as error:
                raise NoAnswer(str(error)) from None

    @contextmanager
    def place(self, case: Case) -> Iterator[Place]:
        """Open a tenant like the demo world. Raises `NoAnswer` where there is no server."""
        try:
            tenant = self._server.tenant(
                world="demo",
                start=BEGINNING,
                seed=case.name,
                securating=case.world.get("securating", {}),
                smsvote=case.world.get("smsvote", {}),
            )
        except (Unreachable, Declined) as error:
            raise NoAnswer(str(error)) from None
        with tenant:
            yield Place(
                ask=self._ask,
                key=tenant.securating.key,
                id=tenant.smsvote.id,
                secure=tenant.smsvote.secure,
                website=tenant.securating.website,
                double=tenant,
                receiver=DoublesReceiver(tenant),
            )

    def _ask(self, _service: str, request: Request) -> Answer:
        return self._caller.call(replace(request, headers={**request.headers, "connection": "close"}))

    def close(self) -> None:
        """End the connections."""
        self._server.close()
