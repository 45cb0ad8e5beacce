"""Every claim that can be seen has a case, and every assumption can be learned or says why it cannot."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from mockserver.contract.case import CONTROL, WEBHOOK, WEBSITE, Case
from mockserver.contract.cases import all_cases, unseen_claims
from mockserver.contract.written import has_shape
from mockserver.runtime.claims import ledger
from mockserver.runtime.learned import claims_by_setting
from mockserver.services import SERVICES

CASES = {case.name: case for case in all_cases()}


def test_every_claim_has_a_case_or_says_why_it_has_none() -> None:
    seen = {claim for case in all_cases() for claim in case.claims}
    assert seen | set(unseen_claims()) == {claim.id for claim in ledger()}
    assert seen.isdisjoint(unseen_claims())


def test_cases_are_told_apart_by_their_names() -> None:
    assert len(CASES) == len(all_cases()) > 100


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_a_case_says_what_it_needs_and_learns_what_there_is(case: Case) -> None:
    assert case.needs <= {CONTROL, WEBHOOK, WEBSITE}
    assert set(case.learns) <= set(claims_by_setting())
    assert all(setting.startswith(f"{case.service}.") for setting in case.learns)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_assumption_can_be_learned_or_says_why_it_is_hidden(service: object) -> None:
    for setting in fields(service.settings):  # type: ignore[attr-defined]
        about, name = setting.metadata, f"{service.name}.{setting.name}"  # type: ignore[attr-defined]
        assert bool(about["learned_by"]) != bool(about["hidden"]), f"{name}: learned_by or hidden expected"
        if about["learned_by"]:
            case = CASES[about["learned_by"]]
            assert name in case.learns, name
            assert CONTROL not in case.needs, f"{name} is learned from a real account"


def test_cases_that_read_come_before_those_that_write() -> None:
    live = [bool(case.spends) for case in all_cases() if CONTROL not in case.needs]
    assert live == sorted(live)


@pytest.mark.parametrize(
    ("value", "shape", "fits"),
    [
        ({"a": 1}, {"a": "number"}, True),
        ({"a": True}, {"a": "number"}, False),
        ({"a": [{"b": "c"}]}, {"a": [{"b": "text"}]}, True),
        ({"a": [{"b": 1}]}, {"a": [{"b": "text"}]}, False),
        ({}, {"a": "number"}, False),
        ([], {"a": "number"}, False),
        (True, "boolean", True),
    ],
)
def test_a_shape_is_keys_and_kinds(value: object, shape: object, fits: bool) -> None:
    assert has_shape(value, shape) is fits


def test_names_are_sentences() -> None:
    assert [name for name in CASES if not re.fullmatch(r"[a-zA-Z0-9]+( [a-zA-Z0-9.']+)+", name)] == []
