"""Thematic survey codes `[V][LL][R][TTT]` and the questions behind them (SPEC §1.1)."""

from __future__ import annotations

import json
from functools import cache

from mockserver.core.errors import Refusal
from mockserver.services.securating.errors import BAD_PARAMETER
from mockserver.services.securating.model import Securating, Thematic
from mockserver.shipped import read_shipped


def check_code(state: Securating, code: str) -> None:
    """Refuse a code that breaks the grammar (SEC-T1 to SEC-T4)."""
    settings = state.settings
    if not (len(code) == 7 and code.isascii() and code.isdigit()):
        _refuse(f"{code!r} is no thematic code, exactly 7 digits expected", claim="SEC-T1")
    if code[0] not in "12":
        _refuse(f"{code} is visible to nobody, a first digit of 1 or 2 expected", claim="SEC-T2")
    known = settings.language_by_code
    if code[1:3] not in known:
        why = f"{code} is in the unknown language {code[1:3]!r}, one of {', '.join(known)} expected"
        _refuse(why, claim="SEC-T3")
    if code[3] not in settings.reserved_digits:
        why = f"{code} has the reserved digit {code[3]}, one of {settings.reserved_digits} expected"
        _refuse(why, claim="SEC-T4")


def find_thematic(state: Securating, company_id: int, code: str) -> Thematic:
    """Return the question behind a code: the company's own (SEC-T7), or a generic one (SEC-T6, SEC-T9).

    Raises `Refusal` for a code that breaks the grammar or that this company does not know.
    """
    check_code(state, code)
    custom = state.custom_thematics.get((company_id, code))
    return custom or _generic(state, code) or _unknown(state, company_id, code)


def _unknown(state: Securating, company_id: int, code: str) -> Thematic:
    theirs = [own for company, own in state.custom_thematics if company == company_id]
    near = [known for known in (*theirs, *(code[:4] + topic for topic in generic_questions())) if _is_near(code, known)]
    hint = f"did you mean {' or '.join(near[:3])}?" if near else ""
    claim = "SEC-T7" if any(own == code for _, own in state.custom_thematics) else "SEC-T6"
    return _refuse(f"{code} is not a thematic code of this account", hint, claim=claim)


def is_public(code: str) -> bool:
    """Say whether answers are shown to internet users and not to webmasters only (SEC-T2)."""
    return code.startswith("2")


def _generic(state: Securating, code: str) -> Thematic | None:
    if not state.settings.generic_variants and not code.startswith("100"):
        return None
    language = state.settings.language_by_code[code[1:3]]
    texts = generic_questions().get(code[4:], {}).get(language)
    return Thematic(code, language, *texts) if texts else None


def generic_thematics(state: Securating) -> list[Thematic]:
    """Return the generic questions, in every language and visibility that they may be asked in (SEC-T6, SEC-T9)."""
    codes = [
        f"{visible}{language}0{topic}"
        for visible in "12"
        for language in state.settings.language_by_code
        for topic in generic_questions()
    ]
    return [thematic for code in codes if (thematic := _generic(state, code))]


@cache
def generic_questions() -> dict[str, dict[str, list[str]]]:
    """Return question and explanation by topic index and language (SEC-T5, SEC-T6)."""
    catalogue: dict[str, dict[str, list[str]]] = json.loads(read_shipped("thematics.json"))
    return catalogue


def _is_near(code: str, known: str) -> bool:
    return sum(one != other for one, other in zip(code, known, strict=True)) == 1


def _refuse(why: str, hint: str = "", *, claim: str) -> Thematic:
    raise Refusal(BAD_PARAMETER, why, "thematics", hint, (claim,))
