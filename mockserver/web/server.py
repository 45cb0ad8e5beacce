"""The stand-alone server: a world whose clock runs, behind one port."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from mockserver import __version__
from mockserver.core.errors import InvalidInput
from mockserver.core.instants import parse_duration, parse_instant
from mockserver.core.world import World
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.double import Double
from mockserver.runtime.learned import overrides_of
from mockserver.runtime.openings import Opening
from mockserver.runtime.pace import Frozen, Running, real_now
from mockserver.runtime.tenants import MAIN, Tenants
from mockserver.runtime.worlds import load_world
from mockserver.services import SERVICES
from mockserver.web.authority import ca_pem_path
from mockserver.web.connection import Limits
from mockserver.web.gate import API, CONTROL, LOOPBACK, MAX_BODY, UPLOADS, Gate
from mockserver.web.port import Port
from mockserver.web.tenancy import Tenancy

_HOST_NAME = re.compile(r"[\w.-]+|(?=.*:.*:)[0-9A-Fa-f:.]+")
"""A name, or an address: of the sixth version it has two colons at least, and no port has."""


class Server:
    """Everything `mockserver serve` runs; the arguments are its options.

    Raises `InvalidInput` for a world, an instant, a host or a setting that is wrong, and `OSError` from `start` for a
    port that is taken.
    """

    def __init__(  # noqa: PLR0913 - one for each option of the command
        self,
        *,
        port: int = 8052,
        host: str = "127.0.0.1",
        world: str = "demo",
        start: str | None = None,
        speed: float = 1.0,
        settings: str | None = None,
        overrides: Iterable[str] = (),
        serve_hosts: Iterable[str] = (),
        webhook_hosts: Iterable[str] = (),
        max_body: int = MAX_BODY,
        tenant_idle: str = "1h",
        journal: int = 1000,
        explains: bool = True,
    ) -> None:
        start_at = parse_instant(start, "--start") if start else None
        self._name, self._webhook_hosts = world, _host_names(webhook_hosts, "--webhook-host")
        self._journal, self._explains = journal, explains
        assumed = (*(overrides_of(settings) if settings else ()), *overrides)
        loaded = load_world(world, start_at or real_now().replace(microsecond=0), assumed)
        self.double = self._double_of(loaded, speed, MAIN, Opening(world, loaded.clock.now))
        token = "" if host in LOOPBACK or host.startswith("127.") or host == "::1" else os.urandom(16).hex()
        tenants = Tenants(self.double, idle_seconds=parse_duration(tenant_idle, "--tenant-idle").total_seconds())
        tenancy = Tenancy(tenants, self._double_of, self._answer_for, assumed, start_at)
        self.gate = Gate(tenants, [host, *_host_names(serve_hosts, "--serve-host")], max_body, token, tenancy)
        self._port = Port(
            self.gate.answer,
            self.gate.tenants.answered,
            host,
            port,
            Limits(max_body=max_body, upload_path=UPLOADS),
            too_large=self.gate.too_large,
            turn_away=self.gate.turn_away,
            tls=self.gate.tls,
        )
        self._host, self.address = host, f"{host}:{port}"

    @property
    def url(self) -> str:
        """Where the server answers, once it has started."""
        return self._port.url

    def start(self) -> None:
        """Listen, and let time run."""
        self._port.start()
        self.gate.url = self.url
        self.double.delivery.own_ports.add(self._port.port)
        self.double.start()

    def stop(self) -> None:
        """Finish the answers on their way, and end every thread."""
        self.gate.tenants.stop_waiting()
        self._port.stop()
        self.gate.tenants.stop()

    def _answer_for(self, double: Double) -> None:
        double.delivery.own_ports.add(self._port.port)
        double.start()
        self.gate.add(double)

    def _double_of(self, world: World, speed: float, name: str, begun_as: Opening) -> Double:
        pace = Running(world.clock.now, speed) if speed else Frozen()
        world.journal = world.journal.copy(self._journal)
        double = Double(world, pace, Carrier(self._webhook_hosts), name=name, explains=self._explains)
        double.begun_as = begun_as
        return double

    def ready(self) -> dict[str, object]:
        """Return what a script needs to begin: the address, and each service's credentials."""
        token = {"token": self.gate.token} if self.gate.token else {}
        return {
            "url": self.url,
            **token,
            "ca": str(ca_pem_path()),
            **{service.name: service.credentials(self.double.world) for service in SERVICES},
        }

    def welcome(self) -> str:
        """Return what to print: where everything is, and one call of each service, ready to paste."""
        titles = " and ".join(service.title for service in SERVICES)
        rate = self.double.pace.rate
        time = (
            f"time runs {rate:g} times as fast" if rate not in {0, 1} else "time runs" if rate else "time stands still"
        )
        lines = [
            f"mockserver {__version__}: {titles} at {self.url}",
            f"World {self._name}; {time} from {self.double.world.clock.now:%Y-%m-%d %H:%M:%S} UTC.",
            f"Only webhooks to {' and '.join(self._webhook_hosts)} leave this machine."
            if self._webhook_hosts
            else "Nothing leaves this machine.",
            "",
        ]
        header = f" -H 'X-Mock-Token: {self.gate.token}'" if self.gate.token else ""
        if header:
            port = self.url.rpartition(":")[2]
            lines += [f"Others can reach this port, {port} at {self._host}; the control surface wants its token.", ""]
        for service in SERVICES:
            if any(service.credentials(self.double.world).values()):
                lines += [f"{service.title}:", f"  {service.example(self.double.world, self.url)}", ""]
        lines += [
            "Six days later:",
            f"  curl {self.url}{API}/clock/advance{header} -d '{{\"days\": 6}}'",
            "",
            "Under the real addresses, https too: mockserver run -- COMMAND, or this port as proxy, trusting",
            f"  {ca_pem_path()}",
            "",
            f"Everything else: {self.url}{CONTROL}/   (Ctrl-C ends)",
        ]
        return "\n".join(lines)


def _host_names(given: Iterable[str], option: str) -> tuple[str, ...]:
    """Return names that were given to an option. Raises `InvalidInput` for one with a scheme, a port or a path."""
    names = tuple(given)
    for name in names:
        if not _HOST_NAME.fullmatch(name):
            raise InvalidInput(option, f"{name!r:.80}, a host name such as shop.test expected")
    return names
