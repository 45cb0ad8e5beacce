"""Which of everything that can come about a suite has met, and in which test first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from mockserver.runtime.double import Double
from mockserver.services import SERVICES
from mockserver.services.outcome import Beginning, History, Outcome
from mockserver.services.service import Service

Key = tuple[str, str]
"""The service of an outcome, and its name."""


class Meeting(NamedTuple):
    """The test that has met an outcome; its `place` is that in the order in which pytest has collected them."""

    place: int
    test: str


class Coverage:
    """The outcomes of both services, with the first test that met each."""

    def __init__(self) -> None:
        self.met: dict[Key, Meeting] = {}

    def look(self, double: Double, beginning: Beginning, meeting: Meeting) -> None:
        """Note what has come about in a world since its beginning, for the first time in this suite."""
        with double.held() as world:
            for service in SERVICES:
                missing = [each for each in service.outcomes() if (service.name, each.name) not in self.met]
                if missing:
                    history = History.of(world, service.name, beginning)
                    self.met |= {(service.name, each.name): meeting for each in missing if each.is_met(history)}

    def shipped(self) -> list[list[object]]:
        """Return what was met as lists of plain values, for a run in several processes."""
        return [[*key, *meeting] for key, meeting in self.met.items()]

    def take(self, shipped: list[list[object]]) -> None:
        """Take in what another process has met; the earlier test counts."""
        for service, name, place, test in shipped:
            key, meeting = (str(service), str(name)), Meeting(int(str(place)), str(test))
            self.met[key] = min(meeting, self.met.get(key, meeting))

    @property
    def percent(self) -> float:
        """How much of everything was met."""
        return 100 * len(self.met) / sum(len(service.outcomes()) for service in SERVICES)

    def as_json(self) -> str:
        """Return everything for a program: each outcome with the test that met it, or null."""
        rows = [
            {
                "service": service.name,
                "name": outcome.name,
                "sentence": outcome.sentence,
                "claims": outcome.claims,
                "met_by": meeting.test if meeting else None,
            }
            for service, outcome, meeting in self._rows()
        ]
        told = {"percent": round(self.percent, 1), "met": len(self.met), "outcomes": rows}
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"

    def table(self) -> Iterator[str]:
        """Return the lines of a table: for each service what was met, and by which test, and what never was."""
        rows = list(self._rows())
        width = min(30, max(len(outcome.name) for _, outcome, _ in rows))
        for service in SERVICES:
            ours = [(outcome, meeting) for owner, outcome, meeting in rows if owner is service]
            met = [(outcome, meeting) for outcome, meeting in ours if meeting]
            yield f"{service.title}: {len(met)} of {len(ours)} met"
            yield from (f"  {outcome.name:{width}}  {meeting.test}" for outcome, meeting in met)
            never = [outcome for outcome, meeting in ours if not meeting]
            yield from ["  never met:"] if never else []
            yield from (f"    {each.name:{width}}  {each.sentence} [{' '.join(each.claims)}]" for each in never)
        yield f"{len(self.met)} of {len(rows)} outcomes met, {self.percent:.1f} %"

    def _rows(self) -> Iterator[tuple[Service, Outcome, Meeting | None]]:
        for service in SERVICES:
            for outcome in service.outcomes():
                yield service, outcome, self.met.get((service.name, outcome.name))


def percent_of(text: str) -> float:
    """Read a percentage. Raises `ValueError` saying what was expected."""
    try:
        percent = float(text)
    except ValueError:
        percent = -1
    if not 0 <= percent <= 100:
        raise ValueError(f"{text!r}, a percentage from 0 to 100 expected")
    return percent
