"""Thematic survey codes `[V][LL][R][TTT]` and the questions behind them (SPEC §1.1)."""

from __future__ import annotations

import json
from functools import cache

from mockserver.core.errors import Refusal
from mockserver.services.securating.model import Securating, Thematic
from mockserver.shipped import read_shipped


def check_code(state: Securating, code: str) -> None:
    """Refuse a code that breaks the grammar (SEC-T1 to SEC-T4)."""
    settings = state.settings
    if not (len(code) == 7 and code.isascii() and code.isdigit()):
        _refuse(f"{code!r} is no thematic code, exactly 7 digits expected")
    if code[0] not in "12":
        _refuse(f"{code} is visible to nobody, a first digit of 1 or 2 expected")
    known = settings.language_by_code
    if code[1:3] not in known:
        _refuse(f"{code} is in the unknown language {code[1:3]!r}, one of {', '.join(known)} expected")
    if code[3] not in settings.reserved_digits:
        _refuse(f"{code} has the reserved digit {code[3]}, one of {settings.reserved_digits} expected")


def find_thematic(state: Securating, company_id: int, code: str) -> Thematic:
    """Return the question behind a code: the company's own (SEC-T7), or a generic one (SEC-T6, SEC-T9).

    Raises `Refusal` for a code that breaks the grammar or that this company does not know.
    """
    check_code(state, code)
    custom = state.custom_thematics.get((company_id, code))
    return custom or _generic(state, code) or _refuse(f"{code} is not a thematic code of this account")


def is_public(code: str) -> bool:
    """Say whether answers are shown to internet users and not to webmasters only (SEC-T2)."""
    return code.startswith("2")


def _generic(state: Securating, code: str) -> Thematic | None:
    if not state.settings.generic_variants and not code.startswith("100"):
        return None
    language = state.settings.language_by_code[code[1:3]]
    texts = generic_questions().get(code[4:], {}).get(language)
    return Thematic(code, language, *texts) if texts else None


@cache
def generic_questions() -> dict[str, dict[str, list[str]]]:
    """Return question and explanation by topic index and language (SEC-T5, SEC-T6)."""
    catalogue: dict[str, dict[str, list[str]]] = json.loads(read_shipped("thematics.json"))
    return catalogue


def _refuse(why: str) -> Thematic:
    raise Refusal("bad parameter", why, "thematics")
