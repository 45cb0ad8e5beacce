"""Faults, failures that are planned, as a test holds them: arming, looking which have happened, disarming."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mockserver.core.errors import InvalidInput
from mockserver.core.faults import Fault
from mockserver.services.finding import Finder, Watch


class AnyFaults(Finder[Fault], ABC):
    """The faults planned for the calls of one service, or of both; each says how often it was `used`.

    They stay listed once they have happened, until they are disarmed.
    """

    def __init__(self, service: str, watch: Watch) -> None:
        super().__init__("fault", Fault, self._list_faults, lambda fault: f"{fault.number} ({fault.name})", watch=watch)
        self._service = service

    def arm(self, name: str, /, **wanted: object) -> Fault:
        """Have calls go wrong as the catalogue says under `name`: `arm("not enough balance", times=2)`.

        Only calls of that `service` and `operation`, with that `phone` or `email`; from the `nth` of them on, `times`
        of them (by itself once, 0 until disarmed), each with a `probability` under the world's seed. `status`,
        `seconds` and `real` belong to some names. Raises `InvalidInput`.
        """
        if self._service:
            if wanted.get("service", self._service) != self._service:
                raise InvalidInput("service", f"{wanted['service']!r}, {self._service!r} expected")
            wanted = wanted | {"service": self._service}
        return self._arm(name, wanted)

    def disarm(self, fault: Fault | int) -> None:
        """Take a fault back, by itself or its number. Raises `InvalidInput` when it is not armed."""
        number = fault if isinstance(fault, int) else fault.number
        armed = [each.number for each in self]
        if number not in armed:
            there = ", ".join(map(str, armed)) or "none"
            raise InvalidInput("fault", f"{number}, the number of one that is armed expected; there are: {there}")
        self._disarm(number)

    def clear(self) -> None:
        """Take all of them back."""
        for fault in self:
            self._disarm(fault.number)

    def _list_faults(self) -> list[Fault]:
        return [fault for fault in self._armed() if self._service in {"", fault.service}]

    @abstractmethod
    def _armed(self) -> list[Fault]:
        """Return every fault that is planned."""

    @abstractmethod
    def _arm(self, name: str, wanted: dict[str, object]) -> Fault:
        """Plan a fault."""

    @abstractmethod
    def _disarm(self, number: int) -> None:
        """Take one back that is planned."""
