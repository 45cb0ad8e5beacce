"""Every claim has a test, and every assumption a setting."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from mockserver.runtime.claims import GRADES, ledger
from mockserver.services import SERVICES


def claimed() -> set[str]:
    """Return the ids in every `@pytest.mark.claim(...)` of the tests."""
    found: set[str] = set()
    for path in Path(__file__).parent.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.claim"):
                found |= {str(ast.literal_eval(argument)) for argument in node.args}
    return found


CLAIMED = claimed()


@pytest.mark.parametrize("claim", ledger(), ids=lambda claim: claim.id)
def test_every_claim_has_a_test(claim: object) -> None:
    assert getattr(claim, "id", None) in CLAIMED


def test_no_test_claims_what_is_not_in_the_ledger() -> None:
    assert {claim.id for claim in ledger()} >= CLAIMED


def test_every_claim_is_graded_and_says_what_it_is() -> None:
    for claim in ledger():
        assert set(claim.grade.split("+")) <= set(GRADES)
        assert claim.statement
    assert len({claim.id for claim in ledger()}) == len(ledger()) == 91


def test_every_assumed_claim_has_a_setting_that_changes_it() -> None:
    assert [claim.id for claim in ledger() if "A" in claim.grade and not claim.settings] == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_setting_answers_for_a_claim_of_the_ledger_and_says_what_it_decides(service: object) -> None:
    known = {claim.id for claim in ledger()}
    for setting in fields(service.settings):  # type: ignore[attr-defined]
        assert set(setting.metadata["claims"]) <= known, setting.name
        assert setting.metadata["claims"], setting.name
        assert setting.metadata["meaning"], setting.name
