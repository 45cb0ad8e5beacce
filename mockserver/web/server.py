"""The stand-alone server: a world whose clock runs, behind one port."""

from __future__ import annotations

import os
from collections.abc import Iterable

from mockserver import __version__
from mockserver.core.instants import parse_instant
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.double import Double
from mockserver.runtime.pace import Frozen, Running, real_now
from mockserver.runtime.worlds import load_world
from mockserver.services import SERVICES
from mockserver.web.connection import Limits
from mockserver.web.gate import CONTROL, LOOPBACK, MAX_BODY, Gate
from mockserver.web.port import Port


class Server:
    """Everything `mockserver serve` runs; the arguments are its options.

    Raises `InvalidInput` for a world, an instant or a setting that is wrong, and `OSError` from `start` for a port
    that is taken.
    """

    def __init__(  # noqa: PLR0913 - one for each option of the command
        self,
        *,
        port: int = 8052,
        host: str = "127.0.0.1",
        world: str = "demo",
        start: str | None = None,
        speed: float = 1.0,
        overrides: Iterable[str] = (),
        serve_hosts: Iterable[str] = (),
        webhook_hosts: Iterable[str] = (),
        max_body: int = MAX_BODY,
    ) -> None:
        begin = parse_instant(start, "--start") if start else real_now()
        self._name = world
        loaded = load_world(world, begin, overrides)
        pace = Running(loaded.clock.now, speed) if speed else Frozen()
        self._carrier = Carrier(webhook_hosts)
        self.double = Double(loaded, pace, self._carrier)
        token = "" if host in LOOPBACK or host.startswith("127.") or host == "::1" else os.urandom(16).hex()
        self.gate = Gate(self.double, [host, *serve_hosts], max_body, token)
        self._port = Port(
            self.gate.answer,
            self.gate.tenants.answered,
            host,
            port,
            Limits(max_body=max_body),
            too_large=self.gate.too_large,
        )
        self.address = f"{host}:{port}"

    @property
    def url(self) -> str:
        """Where the server answers, once it has started."""
        return self._port.url

    def start(self) -> None:
        """Listen, and let time run."""
        self._port.start()
        self._carrier.own_ports.add(self._port.port)
        self.double.start()

    def stop(self) -> None:
        """Finish the answers on their way, and end every thread."""
        self._port.stop()
        self.double.stop()

    def ready(self) -> dict[str, object]:
        """Return what a script needs to begin: the address, and each service's credentials."""
        token = {"token": self.gate.token} if self.gate.token else {}
        return {
            "url": self.url,
            **token,
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
            "Nothing leaves this machine.",
            "",
        ]
        header = f" -H 'X-Mock-Token: {self.gate.token}'" if self.gate.token else ""
        if header:
            lines += ["Others can reach this port; the control surface wants its token.", ""]
        for service in SERVICES:
            if any(service.credentials(self.double.world).values()):
                lines += [f"{service.title}:", f"  {service.example(self.double.world, self.url)}", ""]
        lines += [
            "Six days later:",
            f"  curl {self.url}{CONTROL}/clock/advance{header} -d '{{\"days\": 6}}'",
            "",
            f"Everything else: {self.url}{CONTROL}/   (Ctrl-C ends)",
        ]
        return "\n".join(lines)
