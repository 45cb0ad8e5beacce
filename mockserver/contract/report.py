"""The report of a run, claim by claim: confirmed, contradicted with what was seen instead, or not to be seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from textwrap import indent

from mockserver.contract.cases import unseen_claims
from mockserver.contract.run import CONFIRMED, NOT_PLAYED, REFUTED, UNSEEN, Difference, Run, Verdict
from mockserver.runtime.claims import ledger
from mockserver.runtime.learned import Learned
from mockserver.services.facts import to_json

IN_PART = "confirmed in part"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run found about one claim, by the names of the cases; `unseen` says why, for those that could not be."""

    claim: str
    grade: str
    statement: str
    outcome: str
    confirmed: tuple[str, ...]
    contradicted: dict[str, tuple[Difference, ...]]
    unseen: dict[str, str]


class Report:
    """What a run has to say; `given` are the learned settings that it was given, old after `max_age`."""

    def __init__(self, run: Run, given: Iterable[Learned], max_age: timedelta) -> None:
        self._run = run
        self._max_age = max_age
        anew = run.learned if run.target.name == "live" else {}  # a double only repeats what it was given
        self.old = [each for each in given if each.is_older(max_age, run.today) and each.key not in anew]
        self.findings = _findings(run.verdicts)

    def count(self, outcome: str) -> int:
        """Return how many claims have come to that."""
        return sum(finding.outcome == outcome for finding in self.findings)

    def as_json(self) -> str:
        """Return it for programs."""
        run = self._run
        told = {
            "target": run.target.name,
            "exit_code": run.exit_code,
            "ended": run.reason if run.ended else None,
            "spent": run.budget.spent,
            "claims": [
                asdict(finding)
                | {
                    "contradicted": [
                        {"case": case, **difference._asdict()}
                        for case, differences in finding.contradicted.items()
                        for difference in differences
                    ]
                }
                for finding in self.findings
            ],
            "learned": to_json(run.learned_settings()),
            "old": to_json(self.old),
        }
        return json.dumps(told, ensure_ascii=False, indent=2)

    def lines(self) -> Iterator[str]:
        """Return it for people; what an early end has kept from being seen is told once, and not claim by claim."""
        told = self._told()
        for finding in told:
            yield f"{finding.outcome:<18} {finding.claim:<8} {_cut(finding.statement)}"
            for case, differences in finding.contradicted.items():
                for difference in differences:
                    yield f"    {case}:"
                    yield indent(f"expected {difference.expected}\nseen     {difference.seen}", "      ")
            if finding.outcome in {UNSEEN, IN_PART}:
                yield from (f"    {line}" for line in _reasons(finding))
        yield from [""] if told else []
        yield from self._summary()

    def _told(self) -> list[Finding]:
        if not self._run.ended:
            return self.findings
        return [each for each in self.findings if each.outcome != UNSEEN or _is_played(each)] if self._played() else []

    def _played(self) -> int:
        return sum(verdict.why != NOT_PLAYED for verdict in self._run.verdicts)

    def _summary(self) -> Iterator[str]:
        run = self._run
        counts = ", ".join(f"{self.count(outcome)} {outcome}" for outcome in (CONFIRMED, IN_PART, REFUTED, UNSEEN))
        yield f"Held against {run.target.name}: {counts}."
        if run.budget.left is not None:
            yield f"Messages and invitations spent: {run.budget.spent}; left: {run.budget.left}."
        for each in self.old:
            yield f"{each.setting} was seen on {each.seen_at}, longer ago than {self._max_age.days}d: look again."
        if run.ended:
            yield f"The run ended early: {run.reason}"
            yield f"Cases played until then: {self._played()} of {len(run.verdicts)}."


def _findings(verdicts: Iterable[Verdict]) -> list[Finding]:
    by_claim: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        for claim in verdict.case.claims:
            by_claim.setdefault(claim, []).append(verdict)
    return [_finding(claim.id, claim.grade, claim.statement, by_claim.get(claim.id, [])) for claim in ledger()]


def _finding(claim: str, grade: str, statement: str, verdicts: list[Verdict]) -> Finding:
    confirmed = tuple(verdict.case.name for verdict in verdicts if verdict.outcome == CONFIRMED)
    contradicted = {each.case.name: each.differences for each in verdicts if each.outcome == REFUTED}
    unseen = {each.case.name: each.why for each in verdicts if each.outcome == UNSEEN}
    if not verdicts:
        unseen = {"": unseen_claims().get(claim, "no case of this run is about it")}
    outcome = REFUTED if contradicted else UNSEEN if not confirmed else IN_PART if unseen else CONFIRMED
    return Finding(claim, grade, statement, outcome, confirmed, contradicted, unseen)


def _is_played(finding: Finding) -> bool:
    return any(why != NOT_PLAYED for why in finding.unseen.values())


def _reasons(finding: Finding) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for case, why in finding.unseen.items():
        reasons.setdefault(why, []).append(case)
    return [f"{why}{': ' if any(cases) else ''}{'; '.join(cases)}" for why, cases in reasons.items()]


def _cut(statement: str) -> str:
    return statement if len(statement) <= 90 else f"{statement[:90]}…"
