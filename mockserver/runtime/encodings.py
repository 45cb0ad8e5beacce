"""A text in whatever form a request may hold it: as it is, in JSON, in a query, or in JSON in a query."""

from __future__ import annotations

import json
import re
from urllib.parse import quote


def pattern_of(text: str) -> str:
    """Return a regular expression for every form of a text, to be compiled so that case is ignored."""
    return "".join(
        letter if letter.isascii() and letter.isalnum() else f"(?:{'|'.join(map(re.escape, _forms(letter)))})"
        for letter in text
    )


def _forms(letter: str) -> list[str]:
    """Return the forms of a letter, the longest first, so that nothing of one is left over."""
    cases = {letter, letter.lower(), letter.upper()}
    in_json = {json.dumps(case, ensure_ascii=plain)[1:-1] for case in cases for plain in (True, False)}
    in_json |= cases | ({r"\/"} if letter == "/" else set())
    forms = in_json | {quote(form, safe="", errors="replace") for form in in_json} | ({"+"} if letter == " " else set())
    return sorted(forms, key=len, reverse=True)
