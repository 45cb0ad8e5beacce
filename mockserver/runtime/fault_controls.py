"""Faults of a world in this process, as a test holds them."""

from __future__ import annotations

from mockserver.controls.faults import AnyFaults
from mockserver.core.faults import Fault
from mockserver.runtime.double import Double
from mockserver.runtime.fault_plans import plan_fault


class FaultControls(AnyFaults):
    """The faults planned in a world in this process."""

    def __init__(self, double: Double, service: str = "") -> None:
        super().__init__(service, double.wait_for)
        self._double = double

    def _armed(self) -> list[Fault]:
        with self._double.held() as world:
            return list(world.faults.armed.values())

    def _arm(self, name: str, wanted: dict[str, object]) -> Fault:
        with self._double.held() as world:
            return world.faults.arm(plan_fault(world, name, wanted))

    def _disarm(self, number: int) -> None:
        with self._double.held() as world:
            world.faults.armed.pop(number, None)
