"""Where the double differs from the real services, or may: a page made of the ledger and of what stands beside it."""

from __future__ import annotations

import json
from typing import Any

from mockserver.runtime.claims import ledger
from mockserver.shipped import read_shipped


def differences() -> dict[str, Any]:
    """Return what is not emulated, what the documents leave open with the choice made here, and what is assumed."""
    written: dict[str, Any] = json.loads(read_shipped("differences.json"))
    assumed = [
        {"id": claim.id, "statement": claim.statement, "settings": [setting.name for setting in claim.settings]}
        for claim in ledger()
        if "A" in claim.grade
    ]
    return written | {"assumed": assumed}


def differences_as_markdown() -> str:
    """Return the same as the section of the README."""
    told = differences()
    lines = ["<!-- What stands from here to the end mark is what `mockserver claims --differences` prints. -->", ""]
    lines += ["**Not emulated.**", ""]
    lines += [f"- {_plain(row['sentence'])}{_claims(row)}" for row in told["not_emulated"]]
    lines += ["", "**Left open, or contradicted, by the two documents**, and what is done here:", ""]
    lines += [f"- {_plain(row['sentence'])} *{_plain(row['choice'])}*{_claims(row)}" for row in told["open"]]
    lines += ["", f"<details><summary>Assumed: {len(told['assumed'])} claims, each with its settings</summary>", ""]
    lines += ["| claim | what it says; `A:` is the assumption, where not all of it is | settings |", "|---|---|---|"]
    for row in told["assumed"]:
        settings = ", ".join(f"`{name}`" for name in row["settings"])
        lines.append(f"| {row['id']} | {_plain(row['statement'])} | {settings} |")
    return "\n".join([*lines, "", "</details>", "", "<!-- end -->", ""])


def _claims(row: dict[str, Any]) -> str:
    return f" ({', '.join(row['claims'])})" if row["claims"] else ""


def _plain(text: str) -> str:
    """Keep a text from being taken for Markdown."""
    for mark in "\\<|*`":
        text = text.replace(mark, f"\\{mark}")
    return text
