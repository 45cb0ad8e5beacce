"""The table of the README is the catalogue."""

from __future__ import annotations

import json
import re
from pathlib import Path

from mockserver.runtime.fault_catalogue import CATALOGUE, FaultKind
from mockserver.runtime.magic_inputs import magic_input
from mockserver.services import SERVICES

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def row_of(kind: FaultKind) -> str:
    magic = [f"`{magic_input(service, kind)}`" for service in SERVICES if kind.is_of(service)]
    takes = [f"`{name}` {json.dumps(default)}" for name, default in kind.parameters.items()]
    effect = "yes" if kind.has_effect else "no"
    return f"| `{kind.name}` | {kind.meaning} | {effect} | {', '.join(takes).replace('.0', '')} | {', '.join(magic)} |"


def test_the_readme_lists_the_catalogue() -> None:
    _, table = re.split(r"\| fault \|.*\n\|[-|]+\n", README)
    assert table.split("\n\n")[0].split("\n") == [row_of(kind) for kind in CATALOGUE.values()]
