"""A case of the contract: the claims it holds a service to, what it takes to see them, and how it is played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

CONTROL, WEBHOOK, WEBSITE = "control", "webhook", "website"
"""What a case may need beside credentials: time and people, an address for webhooks, the website's own address."""

Play = Callable[[Any], None]
"""Plays a case on a stage; raises one of the verdicts where it does not end well."""

NOTHING: Mapping[str, Mapping[str, object]] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `name` is a sentence; it may send as many messages or invitations as `spends` says, and no more.

    `world` adjusts the double's world, as the marks of pytest do. `learns` are the settings that it can learn.
    """

    name: str
    service: str
    claims: tuple[str, ...]
    play: Play
    needs: frozenset[str] = frozenset()
    spends: int = 0
    learns: tuple[str, ...] = ()
    world: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: NOTHING)


class Chapter:
    """The cases of one service that are functions, in the order in which they are written."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.cases: list[Case] = []

    def case(
        self, claims: str, needs: str = "", *, spends: int = 0, learns: str = "", **world: object
    ) -> Callable[[Play], Play]:
        """Make a case of a function whose name is a sentence; `world` adjusts the account, where it is a double's."""

        def enter(play: Play) -> Play:
            name = getattr(play, "__name__", "").replace("_", " ")
            settings = tuple(f"{self.service}.{setting}" for setting in learns.split())
            adjusted = {self.service: world} if world else NOTHING
            known = tuple(claims.split())
            case = Case(name, self.service, known, play, frozenset(needs.split()), spends, settings, adjusted)
            self.cases.append(case)
            return play

        return enter
