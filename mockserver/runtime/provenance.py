"""How the double knows what it answers: the weakest grade among the claims that an answer rests on."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from mockserver.runtime.claims import GRADES, graded

NOT_GRADED = ""
"""The grade of what rests on no claim, such as a crash of the double."""


class Provenance(NamedTuple):
    """How well the claims behind an answer are known, and the `headers` of the answer that say so and name them.

    The `grade` is the weakest of theirs: `documented`, `observed` or `assumed`; `NOT_GRADED` where there is no claim.
    """

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
