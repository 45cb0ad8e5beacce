"""The ledger: every claim of the two documents, its grade, and the settings that change what is assumed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from functools import cache

from mockserver.services import SERVICES
from mockserver.shipped import read_shipped

GRADES = {"D": "documented", "O": "observed", "A": "assumed"}


@dataclass(frozen=True, slots=True)
class Assumption:
    """A setting that changes a claim: its name such as `securating.recall_interval`, its default, what it decides."""

    name: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. `grade` holds the letters of `GRADES` that apply (`D`, `O`, `A`, `D+A`)."""

    id: str
    grade: str
    statement: str
    settings: tuple[Assumption, ...]


def ledger() -> list[Claim]:
    """Return every claim in the order of the documents, with the settings that change it."""
    written, settings = json.loads(read_shipped("claims.json")), _settings()
    return [
        Claim(claim["id"], claim["grade"], claim["statement"], tuple(settings.get(claim["id"], ())))
        for claim in written
    ]


@cache
def graded() -> dict[str, str]:
    """Return the grade of every claim."""
    return {claim["id"]: claim["grade"] for claim in json.loads(read_shipped("claims.json"))}


def claims_as_rows() -> list[dict[str, object]]:
    """Return the ledger as plain rows, for JSON."""
    return [asdict(claim) for claim in ledger()]


def _settings() -> dict[str, list[Assumption]]:
    found: dict[str, list[Assumption]] = {}
    for service in SERVICES:
        defaults = service.settings()
        for setting in fields(service.settings):
            default = _as_option(getattr(defaults, setting.name))
            assumption = Assumption(f"{service.name}.{setting.name}", default, setting.metadata["meaning"])
            for claim in setting.metadata["claims"]:
                found.setdefault(claim, []).append(assumption)
    return found


def _as_option(value: object) -> str:
    """Write a default as the command line takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f"{value / timedelta(hours=1):g}h"
    if isinstance(value, tuple):
        return ",".join(_as_option(item) for item in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
