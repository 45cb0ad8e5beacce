"""A run: cases played one after the other against one target, what became of each, and what was learned."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from mockserver.contract.budget import Budget
from mockserver.contract.case import Case
from mockserver.contract.exchange import Exchange, masked, printable
from mockserver.contract.place import Target
from mockserver.contract.stage import Assumptions, Stage
from mockserver.contract.verdicts import (
    CONFIRMED_ALL,
    CONTRADICTED,
    INTERRUPTED,
    UNKNOWN_SHAPE,
    Contradicted,
    EndOfRun,
    UnknownShape,
    Unseen,
)
from mockserver.core.errors import InvalidInput, Refusal
from mockserver.runtime.learned import Key, Learned, claims_by_setting

CONFIRMED, REFUTED, UNSEEN = "confirmed", "contradicted", "could not be seen"

NOT_PLAYED = "the run ended before"
"""Why a case could not be seen that was not played to its end."""

_CANNOT_READ = (LookupError, ValueError, TypeError, AttributeError, InvalidInput, Refusal)


class Difference(NamedTuple):
    """What was expected, and what was seen in its place."""

    expected: str
    seen: str


class Verdict(NamedTuple):
    """What became of a case; `why` where it could not be seen."""

    case: Case
    outcome: str
    differences: tuple[Difference, ...] = ()
    why: str = ""
    is_unreadable: bool = False


class Run:
    """Plays cases against a target under what is `assumed` of each service.

    What is seen otherwise is assumed from then on. `word` is what no other run has in its orders and texts; `today`
    dates the evidence. `ended` is what put an end to it.
    """

    def __init__(
        self,
        target: Target,
        assumed: Assumptions,
        budget: Budget,
        *,
        word: str,
        today: date,
        announce: Callable[[str], None],
    ) -> None:
        self.target = target
        self.budget = budget
        self.today = today
        self.assumed = assumed
        self.verdicts: list[Verdict] = []
        self.learned: dict[Key, Learned] = {}
        self.exchanges: list[Exchange] = []
        self.ended: EndOfRun | KeyboardInterrupt | None = None
        self._word = word
        self._announce = announce
        self._silenced: dict[str, str] = {}
        self._secrets: tuple[str, ...] = ()

    def play_all(self, cases: Iterable[Case], progress: Callable[[Verdict], None]) -> None:
        """Play cases, telling `progress` of each; Ctrl-C ends the run as a target does that cannot go on."""
        self.begin()
        for case in cases:
            verdict = self.play(case)
            if self.ended is None:
                progress(verdict)

    def begin(self) -> None:
        """See that the target answers, and knows the account."""
        self._ending_early(self.target.check)

    def play(self, case: Case) -> Verdict:
        """Play a case, and keep what became of it."""
        verdict = self._ending_early(lambda: self._played(case)) if self.ended is None else None
        verdict = verdict or Verdict(case, UNSEEN, why=NOT_PLAYED)
        self.verdicts.append(verdict)
        return verdict

    @property
    def reason(self) -> str:
        """Say what put an end to the run."""
        return "interrupted" if isinstance(self.ended, KeyboardInterrupt) else str(self.ended or "")

    @property
    def exit_code(self) -> int:
        """Return what the command returns to its shell."""
        if self.ended:
            return self.ended.exit_code if isinstance(self.ended, EndOfRun) else INTERRUPTED
        if any(verdict.is_unreadable for verdict in self.verdicts):
            return UNKNOWN_SHAPE
        is_contradicted = any(verdict.outcome == REFUTED for verdict in self.verdicts)
        return CONTRADICTED if is_contradicted else CONFIRMED_ALL

    def _ending_early(self, what: Callable[[], Any]) -> Any:
        try:
            return what()
        except (EndOfRun, KeyboardInterrupt) as end:
            self.ended = end
            return None

    def _played(self, case: Case) -> Verdict:
        try:
            self._check_possible(case)
            with self.target.place(case) as place:
                self._secrets = (place.key, place.secure)
                stage = Stage(place, self.assumed, self.budget, self._word, self._announce, self._note)
                try:
                    return self._judged(case, stage)
                finally:
                    self.exchanges += stage.exchanges
        except Unseen as unseen:
            return Verdict(case, UNSEEN, why=masked(str(unseen), self._secrets))

    def _check_possible(self, case: Case) -> None:
        """Raise `Unseen` for a case that the target or the budget does not allow, or that might write to a wall."""
        if why := self.target.objection(case):
            raise Unseen(why)
        if case.spends and case.service in self._silenced:
            raise Unseen(f"nothing more is sent after {self._silenced[case.service]!r}")
        self.budget.demand(case.spends)

    def _judged(self, case: Case, stage: Stage) -> Verdict:
        surprises = stage.surprises
        try:
            case.play(stage)
        except Contradicted as otherwise:
            surprises.append(otherwise)
        except Unseen:
            if not surprises:
                raise
        except _CANNOT_READ as error:
            if not stage.exchanges:
                raise
            surprises.append(UnknownShape(f"an answer that can be read ({error})", stage.exchanges[-1]))
        is_unreadable = any(isinstance(surprise, UnknownShape) for surprise in surprises)
        if is_unreadable and case.spends:
            self._silenced[case.service] = case.name
        differences = tuple(Difference(self._masked(each.expected), self._masked(each.seen)) for each in surprises)
        return Verdict(case, REFUTED if surprises else CONFIRMED, differences, is_unreadable=is_unreadable)

    def _masked(self, what: object) -> str:
        return printable(masked(str(what), self._secrets))

    def _note(self, setting: str, value: object, seen: Exchange) -> None:
        learned = Learned(setting, value, self.today, self._masked(seen), claims_by_setting()[setting])
        self.learned[learned.key] = learned

    def learned_settings(self) -> list[Learned]:
        """Return what was learned, in the order of the settings."""
        return [self.learned[key] for key in sorted(self.learned)]
