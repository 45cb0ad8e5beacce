"""Where a case is played: how calls get to the service, as whom, and what else there is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.contract.case import Case
from mockserver.contract.exchange import Answer
from mockserver.services.service import Request

if TYPE_CHECKING:
    from mockserver.client.server import RemoteMockServer
    from mockserver.testing import MockServer

Ask = Callable[[str, Request], Answer]
"""Calls a service, by its name."""


class Receiver(Protocol):
    """Takes the webhooks of a real account."""

    url: str

    def wait_for(self, seconds: float) -> tuple[str, dict[str, str]] | None:
        """Return the method and the parameters of the next call; None when none comes."""


def _fresh_emails() -> Iterator[str]:
    return (f"customer-{number}@example.com" for number in count(1))


def _fresh_phones() -> Iterator[str]:
    return (f"7901000{number:04}" for number in count(1))


@dataclass(slots=True)
class Place:
    """One account of both services. `double` moves time and people, where there are any to be moved.

    `emails` and `phones` are who may be written to; `asked_for` are the parameters that Securating was seen to want
    of an invitation beside those that anybody gives.
    """

    ask: Ask
    key: str
    id: int
    secure: str
    website: str = ""
    double: MockServer | RemoteMockServer | None = None
    receiver: Receiver | None = None
    emails: Iterator[str] = field(default_factory=_fresh_emails)
    phones: Iterator[str] = field(default_factory=_fresh_phones)
    asked_for: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def credentials(self) -> dict[str, dict[str, Any]]:
        """Return what each service knows the account by."""
        return {"securating": {"key": self.key}, "smsvote": {"id": self.id, "secure": self.secure}}


class Target(ABC):
    """Whom a run is held against."""

    name: str

    @abstractmethod
    def place(self, case: Case) -> AbstractContextManager[Place]:
        """Open the place for a case: a world of its own, or always the same account."""

    def check(self) -> None:  # noqa: B027 - a double knows its own accounts
        """See that the account is known. Raises `EndOfRun`."""

    def objection(self, case: Case) -> str:  # noqa: ARG002 - some targets object
        """Return why a case cannot be seen here; empty where it can."""
        return ""

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """End what was opened."""
