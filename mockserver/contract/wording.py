"""How a service words its refusals: what they have in common is the template, where they differ is the slot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from mockserver.contract.exchange import Exchange

_NAME = "\0"
"""Stands for the parameter while texts are compared."""

_MARKUP = re.compile(r"[\0{}\[\]<>:=\"]")
"""What makes a form of a text: words alone are what two refusals may share by chance."""

_PUNCTUATION = re.compile(r"[{}\[\]<>\"]")
"""What hardly any words have, and never those of all refusals."""

_LONGEST = 64 << 10
"""Characters of the longest refusal that is compared: what says more is no sentence about a parameter."""

_WORD, _WORD_BACKWARDS = r"(?:\\u[0-9a-fA-F]{4}|\w)", r"(?:[0-9a-fA-F]{4}u\\|\w)"
_HALF_A_WORD = re.compile(rf"^{_WORD}+")
_HALF_A_WORD_BACKWARDS = re.compile(rf"^(?:[0-9a-fA-F]{{0,3}}u?\\)?{_WORD_BACKWARDS}*")
"""The half of a word, and maybe of an escape, with which a text ends, read from there: no other start is tried."""

_HAS_BEGUN, _HAS_NOT_ENDED = re.compile(rf"^{_WORD}"), re.compile(rf"{_WORD}$")


class Refused(NamedTuple):
    """A refusal, and what it is about."""

    seen: Exchange
    parameter: str

    @property
    def text(self) -> str:
        """The body, with the parameter blotted out."""
        return self.seen.answer.text.replace(self.parameter, _NAME)


class Template(NamedTuple):
    """What stands before and after the words of a refusal; `has_slot` where there are such words."""

    before: str
    after: str
    has_slot: bool

    def __str__(self) -> str:
        return f"{self.before}{'{problem}' if self.has_slot else ''}{self.after}".replace(_NAME, "{parameter}")

    def slot_of(self, text: str) -> str:
        """Return the words in a text that is worded so."""
        return text[len(self.before) : len(text) - len(self.after)]

    def has_form(self) -> bool:
        """Say whether more than words is the same in every refusal."""
        return _MARKUP.search(self.before + self.after) is not None

    def is_spoiled_by(self, wider: Template) -> bool:
        """Say whether more than words is lost where another template fits more refusals."""
        lost = self.before[len(wider.before) :] + self.after[: len(self.after) - len(wider.after)]
        return _MARKUP.search(lost) is not None


def find_template(first: Refused, like: Sequence[Refused], others: Sequence[Refused]) -> Template | None:
    """Find how `first` is worded and those `like` it, and as many of the others as are worded in the same form.

    None where that is not one form with one slot: a service that stops at `first` tells nothing of the rest, and two
    places that differ, such as a code beside the words, are more than a template can say. None for pages, too.
    """
    if any(len(refused.seen.answer.text) > _LONGEST for refused in (first, *like)):
        return None
    others = [refused for refused in others if len(refused.seen.answer.text) <= _LONGEST]
    bodies = {refused.seen.answer.text for refused in (first, *like, *others)}
    if len(bodies) == 1:
        return Template(first.seen.answer.text, "", has_slot=False)
    alike = [refused.text for refused in like if refused.seen.answer.text != first.seen.answer.text]
    texts = [first.text, *alike]
    template = _common(texts)
    for other in others:
        wider = _common([*texts, other.text])
        if len(texts) == 1 or not template.is_spoiled_by(wider):
            template = wider
            texts.append(other.text)
    slots = [template.slot_of(text) for text in texts]
    is_known = alike or template.has_form()
    is_all_in_the_slot = all(_NAME in slot for slot in slots[: 1 + len(alike)])
    return template if is_known and not is_all_in_the_slot and not all(map(_PUNCTUATION.search, slots)) else None


def fits(template: Template, refused: Refused) -> bool:
    """Say whether a refusal is worded by a template."""
    text, (before, after, has_slot) = refused.text, template
    if not has_slot:
        return text == before
    return len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after)


def _common(texts: Sequence[str]) -> Template:
    before = _beginning(texts)
    rests = [text[len(before) :] for text in texts]
    if not any(rests):
        return Template(before, "", has_slot=False)
    after = _beginning([rest[::-1] for rest in rests])[::-1]
    slots = [rest[: len(rest) - len(after)] for rest in rests]
    if before.endswith("\\") or any(_HAS_BEGUN.match(slot) for slot in slots):
        before = _HALF_A_WORD_BACKWARDS.sub("", before[::-1])[::-1]
    if any(_HAS_NOT_ENDED.search(slot) for slot in slots):
        after = _HALF_A_WORD.sub("", after)
    return Template(before, after, has_slot=True)


def _beginning(texts: Sequence[str]) -> str:
    """Return what all texts begin with: what the first and the last of them in their order do."""
    pairs = zip(min(texts), max(texts), strict=False)
    return "".join(letter for letter, other in takewhile(lambda pair: pair[0] == pair[1], pairs))
