"""How a case may end otherwise than well, and how a whole run may end early."""

from __future__ import annotations

from mockserver.contract.exchange import Exchange
from mockserver.core.errors import MockServerError


class Unseen(MockServerError):
    """What a case is about cannot be seen here; the message says why."""


class Contradicted(MockServerError):
    """A service did otherwise: what was expected, and the exchange that was seen in its place."""

    def __init__(self, expected: str, seen: Exchange) -> None:
        super().__init__(expected, seen)
        self.expected, self.seen = expected, seen

    def __str__(self) -> str:
        return f"expected {self.expected}\nseen     {self.seen}"


class UnknownShape(Contradicted):
    """An answer is none of the kinds that are known, so that nothing can be made of it."""


class EndOfRun(MockServerError):
    """Nothing more can be seen: the run ends with `exit_code` and what it has."""

    exit_code = 1


class CredentialsRefused(EndOfRun):
    """The account is not known."""

    exit_code = 3


class NoAnswer(EndOfRun):
    """Nobody answers at the address, or not in time; what was sent is not sent again."""

    exit_code = 4


CONFIRMED_ALL, CONTRADICTED, USAGE, UNKNOWN_SHAPE, INTERRUPTED = 0, 1, 2, 5, 130
"""Exit codes beside those of `EndOfRun`."""
