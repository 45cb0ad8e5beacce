"""Tables, facts and lines for a terminal: eighty columns, texts from outside made harmless, no dependency."""

from __future__ import annotations

import json
import shutil
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

import click

GAP = "  "

WIDE, NARROW = 36, 10
"""Columns wider than that (an e-mail address is not) give way first, then the last one down to that: it tells the most
and matters least."""

ENDLESS = 1_000_000
"""Columns where there is no terminal: what a file or another program reads is not cut."""

Row = Mapping[str, object]


def width(otherwise: int = 80) -> int:
    """Return how many columns there are: the terminal's, or `COLUMNS`, or `otherwise` where there is no terminal."""
    return max(shutil.get_terminal_size((otherwise, 24)).columns, 40)


def table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Write rows under bold titles; where they do not fit a terminal, what is cut ends in `…`."""
    cells = [[plain(value) for value in row] for row in rows]
    columns = list(zip(titles, *cells, strict=True))
    widths = _fitted([min(max(map(columns_of, column)), width(ENDLESS)) for column in columns])
    numeric = [all(isinstance(row[place], (int, float)) for row in rows) for place in range(len(titles))]
    for line in [list(titles), *cells]:
        padded = [_padded(*cell) for cell in zip(line, widths, numeric, strict=True)]
        text = GAP.join(padded).rstrip()
        yield click.style(text, bold=True) if line == list(titles) else text


def _fitted(widths: list[int]) -> list[int]:
    while sum(widths) + len(GAP) * (len(widths) - 1) > width(ENDLESS):
        widest = widths.index(max(widths))
        gives_way = widest if widths[widest] > WIDE or widths[-1] <= NARROW else -1
        widths[gives_way] -= 1
    return widths


def _padded(text: str, columns: int, to_the_right: bool) -> str:
    text = cut(text, columns)
    filling = " " * (columns - columns_of(text))
    return filling + text if to_the_right else text + filling


def facts(row: Row) -> Iterator[str]:
    """Write one thing: a line for each of its members and of theirs that says something, longer ones folded."""
    members = dict(_members(row))
    longest = max((columns_of(plain(name)) for name in members), default=0)
    for name, value in members.items():
        label = _padded(plain(name), longest, to_the_right=False) + GAP
        yield from folded(plain(value), label, " " * len(label))


def _members(row: Row, before: str = "") -> Iterator[tuple[str, object]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _members(value, f"{before}{name}.")
        elif isinstance(value, list) and all(isinstance(each, dict) for each in value):
            yield from ((f"{before}{name}[{place}]", about(each)) for place, each in enumerate(value))
        elif value not in (None, ""):
            yield f"{before}{name}", value


def folded(text: str, first: str = "", others: str = "") -> list[str]:
    """Fold a text into the width, after what its lines begin with; a key stays whole, so that it can be copied."""
    lines = textwrap.wrap(
        text, width(), initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
    return lines or [first.rstrip()]


def plain(value: object) -> str:
    """Return a value as one line of text in which nothing steers the terminal."""
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return "".join(letter if letter.isprintable() else " " for letter in str(value))


def instant(value: object) -> str:
    """Return an instant without its letters: `2026-03-01 10:00:00`."""
    return plain(value)[:19].replace("T", " ")


def about(row: Row, *without: str) -> str:
    """Return the members of a row as `name=value`, but for those named."""
    named = {name: plain(value) for name, value in row.items() if name not in without and value not in ("", None)}
    return " ".join(f'{name}="{text}"' if " " in text else f"{name}={text}" for name, text in named.items())


def columns_of(text: str) -> int:
    """Return how many columns a text takes: two for wide letters, none for marks upon others."""
    return sum(map(_columns_of_letter, text))


def _columns_of_letter(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """Return as much of a text as fits; `…` stands for the rest."""
    if columns_of(text) <= columns:
        return text
    taken, left = "", columns - 1
    for letter in text:
        left -= _columns_of_letter(letter)
        if left < 0:
            break
        taken += letter
    return f"{taken.rstrip()}…"
