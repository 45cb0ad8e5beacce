"""Every case of the contract as a test: `pytest --pyargs mockserver.contract --target=inproc`."""

from __future__ import annotations

import pytest

from mockserver.contract.case import Case
from mockserver.contract.cases import all_cases
from mockserver.contract.run import REFUTED, UNSEEN, Run


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_the_service_keeps_its_contract(case: Case, contract_run: Run) -> None:
    """Play one case; what cannot be seen is skipped, and a run that has ended ends the session."""
    verdict = contract_run.play(case)
    if contract_run.ended:
        pytest.exit(contract_run.reason)
    if verdict.outcome == UNSEEN:
        pytest.skip(verdict.why)
    if verdict.outcome == REFUTED:
        told = (f"expected {each.expected}\nseen     {each.seen}" for each in verdict.differences)
        pytest.fail("\n".join(told), pytrace=False)
