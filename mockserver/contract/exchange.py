"""One call on a service and its answer, as bytes; and how they are shown without giving anybody away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote_plus

from mockserver.services.service import Request

MOST_SHOWN = 400
"""Characters of a call or of an answer that are shown."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

_PERSON = re.compile(r"(?<!\d)\d{11,15}(?!\d)|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class Answer(NamedTuple):
    """What came back."""

    status: int
    content_type: str
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 as `\\x…`."""
        return self.body.decode("utf-8", "backslashreplace")

    def __str__(self) -> str:
        return f"{self.status} {self.content_type}\n{self.text}"


class Exchange(NamedTuple):
    """A call and its answer."""

    service: str
    request: Request
    answer: Answer

    def __str__(self) -> str:
        sent = self.request.body.decode("utf-8", "backslashreplace")
        call = f"{self.request.method} {unquote_plus(self.request.target)}{'  ' if sent else ''}{unquote_plus(sent)}"
        return f"{_cut(call)}\n-> {_cut(str(self.answer))}"


def find_link(seen: Exchange) -> str | None:
    """Find the address in an answer that is an invitation's link: one with a token of 16 letters and digits or more."""
    for match in re.finditer(r"https?://[^\s\"'<>]+", seen.answer.text):
        if re.search(r"[?&][^=&#]+=[A-Za-z0-9_-]{16,}(?:[&#]|$)", match[0]):
            return match[0]
    return None


def printable(text: str) -> str:
    """Return a text in which no character but a line's end moves anything on a terminal; others stand as `\\x…`."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return a text with no more than the beginning of each secret, and of each phone and e-mail in it."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, f"{secret[:6]}…")
    return _PERSON.sub(lambda match: f"{match[0][:3]}…", text)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
