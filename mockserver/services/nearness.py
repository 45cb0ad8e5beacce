"""How near what came is to what was meant: said to developers, never to the caller."""

from __future__ import annotations

from collections.abc import Iterable

MOST_COMPARED = 10_000
"""How many known texts a wrong one is compared with, the newest first."""

FEWEST_ALIKE = 0.75
"""The share of its characters in which a secret must agree to be taken for a misspelt one."""


def find_near_word(given: str, known: Iterable[str]) -> str | None:
    """Find the one of the known words that a misspelt one is nearest to, whatever its case."""
    from difflib import get_close_matches  # noqa: PLC0415 - costs 5 ms of a start

    folded = {word.casefold(): word for word in known}
    near = get_close_matches(given[:200].casefold(), folded, 1)
    return folded[near[0]] if near else None


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest of the known words; empty when none is near."""
    near = find_near_word(given, known)
    return f"did you mean {near}?" if near else ""


def difference(given: str, right: str, whose: str) -> str:
    """Say in what a wrong secret differs from the right one, without giving the right one away."""
    if given.strip() == right:
        return f"differs from {whose} by white space around it"
    if given.casefold() == right.casefold():
        return f"differs from {whose} in upper and lower case"
    if len(given) != len(right):
        return f"has {len(given)} characters, {whose} has {len(right)}"
    places = [index for index, pair in enumerate(zip(given, right, strict=True), 1) if pair[0] != pair[1]]
    if places == [len(right)]:
        return f"differs from {whose} in its last character"
    return f"differs from {whose} in {len(places)} of {len(right)} characters, the first of them character {places[0]}"


def find_nearest(given: str, known: Iterable[str]) -> str | None:
    """Find the secret that a wrong one was probably meant to be: misspelt, cut off, or with something around it."""
    given = given.strip().casefold()
    for secret in known:
        right = secret.casefold()
        if given == right or (len(given) >= 8 and (given in right or right in given)):
            return secret
        alike = sum(one == other for one, other in zip(given, right, strict=False))
        if alike >= FEWEST_ALIKE * max(len(given), len(right)):
            return secret
    return None
