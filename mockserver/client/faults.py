"""Planned failures of a world behind a port."""

from __future__ import annotations

from mockserver.client.settled import SettledWire
from mockserver.controls.faults import AnyFaults
from mockserver.core.faults import Fault
from mockserver.services.remote import list_of, read


class RemoteFaults(AnyFaults):
    """The failures planned in a world in another process."""

    def __init__(self, wire: SettledWire, service: str = "") -> None:
        super().__init__(service, wire.wait_for)
        self._wire = wire

    def _armed(self) -> list[Fault]:
        return list_of(Fault, self._wire, "/faults")

    def _arm(self, name: str, wanted: dict[str, object]) -> Fault:
        return read(Fault, self._wire.post("/faults", wanted | {"name": name}))

    def _disarm(self, number: int) -> None:
        self._wire.delete(f"/faults/{number}")
