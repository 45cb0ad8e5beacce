"""Every answer knows the claims that it rests on."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from mockserver.core.errors import Refusal
from mockserver.runtime.claims import GRADES, ledger
from mockserver.runtime.provenance import provenance_of
from mockserver.services import SERVICES
from mockserver.services.fields import BAD_REQUEST
from mockserver.services.securating.parameters import CLAIMS, READERS
from mockserver.services.service import NO_SUCH_CALL, TOO_LARGE, WRONG_METHOD, Service

KNOWN = {claim.id for claim in ledger()}
ROOT = Path(__file__).parents[2]

each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


def modules(service: Service) -> list[tuple[str, ast.Module]]:
    """Return name and tree of every module of a service."""
    folder = ROOT / "mockserver" / "services" / service.name
    return [
        (f"mockserver.services.{service.name}.{path.stem}", ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.py"))
        if path.stem != "__init__"
    ]


def codes_of(service: Service) -> set[str]:
    """Return the code of every refusal that stands in the code of a service."""
    found = {NO_SUCH_CALL, TOO_LARGE, WRONG_METHOD} | {refusal.code for refusal in service.refusals.values()}
    for name, tree in modules(service):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    found.add(str(code.value))
                elif isinstance(code, ast.Name) and hasattr(import_module(name), code.id):
                    found.add(getattr(import_module(name), code.id))
    return found - {BAD_REQUEST}  # which is for control calls and world files


@each_service
def test_every_operation_says_which_claims_describe_its_answer(service: Service) -> None:
    for row in service.operations(service.settings()):
        assert row.claims, row.name
        assert set(row.claims) <= KNOWN, row.name


@each_service
def test_every_refusal_says_which_claims_it_rests_on(service: Service) -> None:
    codes = codes_of(service)
    assert len(codes) > 8
    assert {code for code in codes if not service.grounds.get(code)} == set()
    assert {claim for claims in service.grounds.values() for claim in claims} <= KNOWN


@each_service
def test_whatever_looks_like_a_claim_in_a_service_is_one(service: Service) -> None:
    named = {
        node.value
        for _, tree in modules(service)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"S..-[A-Z]\d+", node.value)
    }
    assert len(named) > 20
    assert named <= KNOWN


def test_every_parameter_of_an_invitation_has_its_claim() -> None:
    assert set(READERS) <= set(CLAIMS)
    assert {claim for claims in CLAIMS.values() for claim in claims} <= KNOWN


@pytest.mark.parametrize(
    ("claims", "grade"),
    [
        ((), ""),
        (("SEC-O4",), "observed"),
        (("SEC-O4", "SEC-C10"), "observed"),
        (("SEC-C10", "SEC-C11"), "documented"),
        (("SEC-C10", "SEC-C12", "SEC-C24"), "assumed"),
        (("SMS-B1",), "assumed"),
    ],
)
def test_the_grade_is_the_weakest_of_the_claims(claims: tuple[str, ...], grade: str) -> None:
    assert provenance_of(claims).grade == grade
    assert grade in {"", *GRADES.values()}


def test_a_refusal_says_more_than_its_code() -> None:
    refusal = Refusal("bad parameter", "wrong", "thematics", "did you mean another?", ("SEC-T1",))
    assert str(refusal) == "thematics: wrong; did you mean another?"
    assert refusal.claims == ("SEC-T1",)
