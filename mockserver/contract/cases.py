"""All cases of the contract, those that only read first; and the claims that no case can see."""

from __future__ import annotations

import json
from functools import cache

from mockserver.contract.case import CONTROL, Case
from mockserver.contract.chapters import told_cases
from mockserver.contract.written import written_cases
from mockserver.shipped import read_shipped


@cache
def all_cases() -> tuple[Case, ...]:
    """Return every case: those that read, those that write, and last those that take time or people."""
    cases = [*told_cases(), *written_cases()]
    return tuple(sorted(cases, key=_turn))


def _turn(case: Case) -> tuple[bool, bool, bool]:
    """Sort what teaches before what builds on it."""
    return CONTROL in case.needs, bool(case.spends), not case.learns


@cache
def unseen_claims() -> dict[str, str]:
    """Return the claims that no case can see, each with the reason."""
    reasons: dict[str, str] = json.loads(read_shipped("unseen.json"))
    return reasons
