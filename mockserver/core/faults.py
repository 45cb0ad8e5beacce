"""Faults, failures that a test has planned: which calls go wrong. What becomes of those is up to whoever answers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from mockserver.core.randomness import Randomness
from mockserver.core.tables import Tables


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: calls go wrong as its `name` in the catalogue says, from the `nth` that fits on, `times` of them.

    Calls fit that have this `service`, `operation`, `phone` and `email`, where these are not empty; `times=0` is all of
    them. `seen` counts the calls that fitted so far, `used` those that went wrong. Only some names use the rest: how
    late the answer comes (`seconds`; `real` ones, or the clock's), and with which HTTP `status`.
    """

    number: int
    name: str
    service: str = ""
    operation: str = ""
    phone: str = ""
    email: str = ""
    nth: int = 1
    times: int = 1
    probability: float = 1.0
    seconds: float = 0.0
    real: bool = False
    status: int = 0
    seen: int = 0
    used: int = 0

    def fits(self, service: str, operation: str, named: Collection[str]) -> bool:
        """Say whether a call fits that names these people, in small letters; once used up, none does."""
        return (
            not (self.times and self.used >= self.times)
            and self.service in {"", service}
            and self.operation in {"", operation}
            and all(not person or person.casefold() in named for person in (self.phone, self.email))
        )


@dataclass(slots=True)
class Faults(Tables):
    """Every fault that is planned, by its number."""

    armed: dict[int, Fault] = field(default_factory=dict)
    numbered: int = 0

    def arm(self, fault: Fault) -> Fault:
        """Plan a fault, under the next number."""
        self.numbered += 1
        self.armed[self.numbered] = replace(fault, number=self.numbered)
        return self.armed[self.numbered]

    def fire(self, fits: Callable[[Fault], bool], randomness: Randomness) -> Fault | None:
        """Count one call for every fault that it fits, and return the first whose turn it is."""
        fired: Fault | None = None
        for fault in [fault for fault in self.armed.values() if fits(fault)]:
            counted = replace(fault, seen=fault.seen + 1)
            its_turn = fired is None and counted.seen >= fault.nth
            if its_turn and (fault.probability >= 1 or randomness.fraction() < fault.probability):
                fired = counted = replace(counted, used=fault.used + 1)
            self.armed[fault.number] = counted
        return fired
