"""The ledger: every claim of the two documents, its grade, and the settings that change what is assumed."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

from mockserver.services import SERVICES
from mockserver.shipped import read_shipped

GRADES = {"D": "documented", "O": "observed", "A": "assumed"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. `grade` holds the letters of `GRADES` that apply (`D`, `O`, `A`, `D+A`)."""

    id: str
    grade: str
    statement: str
    settings: tuple[str, ...]


def ledger() -> list[Claim]:
    """Return every claim in the order of the documents; `settings` are names such as `securating.recall_interval`."""
    written = json.loads(read_shipped("claims.json"))
    return [
        Claim(claim["id"], claim["grade"], claim["statement"], tuple(_settings().get(claim["id"], ())))
        for claim in written
    ]


def claims_as_rows() -> list[dict[str, object]]:
    """Return the ledger as plain rows, for JSON."""
    return [
        {"id": claim.id, "grade": claim.grade, "statement": claim.statement, "settings": list(claim.settings)}
        for claim in ledger()
    ]


def _settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for service in SERVICES:
        for setting in fields(service.settings):
            for claim in setting.metadata["claims"]:
                found.setdefault(claim, []).append(f"{service.name}.{setting.name}")
    return found
