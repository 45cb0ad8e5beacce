"""How the double knows what it answers: the weakest grade among the claims that an answer rests on."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from mockserver.runtime.claims import GRADES, graded

NOT_GRADED = ""
"""The grade of what rests on no claim, such as a crash of the double."""


class Provenance(NamedTuple):
    """A grade (`documented`, `observed`, `assumed`, or none), and the headers that tell of it and of the claims."""

    grade: str
    headers: tuple[tuple[str, str], ...]


@cache  # the tuples of claims are few: they all stand in the services' own tables
def provenance_of(claims: tuple[str, ...]) -> Provenance:
    """Return how well what rests on these claims is known."""
    if not claims:
        return Provenance(NOT_GRADED, ())
    letters = "".join(graded()[claim] for claim in claims)
    grade = GRADES[max(letters.replace("+", ""), key="DOA".index)]
    return Provenance(grade, (("X-Mock-Grade", grade), ("X-Mock-Claims", " ".join(dict.fromkeys(claims)))))
