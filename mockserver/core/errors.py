"""Everything that can go wrong on purpose.

MockServerError
├── Refusal             a service declines a call; nothing has changed
├── InvalidInput        a world file, a setting, a duration or a control call is wrong
├── BackwardsInTime     a clock was asked to go back
├── EndlessCascade      tasks keep promising tasks for the same instant
├── ClockBusy           an advance was asked for from within an advance
└── Evicted             the journal no longer holds what was asked for

Anything else that escapes is a bug of the double: it answers 500 and fails the test that caused it.
"""

from __future__ import annotations


class MockServerError(Exception):
    """Root of every error that the double raises on purpose."""


class Refusal(MockServerError):
    """A service declines a call, before its first change.

    `code` is the service's own name for the case and decides the wire words; `why` says in a sentence what was wrong
    and what was expected, and `hint`, to developers only, what may have been meant; `field` is the parameter at fault,
    where there is one; `claims` are those behind this very refusal, beside its code's.
    """

    def __init__(self, code: str, why: str, field: str = "", hint: str = "", claims: tuple[str, ...] = ()) -> None:
        super().__init__(code, why, field, hint, claims)
        self.code, self.why, self.field, self.hint, self.claims = code, why, field, hint, claims

    @property
    def said(self) -> str:
        """What was wrong, and what may have been meant."""
        return f"{self.why}; {self.hint}" if self.hint else self.why

    def __str__(self) -> str:
        return f"{self.field}: {self.said}" if self.field else self.said


class InvalidInput(MockServerError):
    """Something a developer wrote (a world file, a setting, a control call) is wrong: `path` says where."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class BackwardsInTime(MockServerError):
    """A clock moves only forward (DESIGN, law 3)."""


class EndlessCascade(MockServerError):
    """Tasks went on promising tasks for one and the same instant."""


class ClockBusy(MockServerError):
    """The clock is being advanced already, by the caller or by somebody else."""


class Evicted(MockServerError):
    """The journal is bounded, and what was asked for was written before the oldest entry that it still holds."""
