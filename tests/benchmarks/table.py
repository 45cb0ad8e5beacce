"""A benchmark's result: named rows of numbers, printed as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Options:
    """What a benchmark is asked for: fewer and shorter windows; the peers that come from npm."""

    quick: bool = False
    all_peers: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One benchmark's medians; `notes` say how they were taken and what is aimed at."""

    title: str
    columns: Sequence[str]
    rows: Mapping[str, Sequence[float]]
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        lines = [["", *self.columns], *([name, *map(_shown, figures)] for name, figures in self.rows.items())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join([self.title, "-" * len(self.title), *(_aligned(line, widths) for line in lines), *self.notes])


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    name, *cells = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
    return "  ".join([line[0].ljust(len(name)), *cells])


def ratio_row(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]) -> list[float]:
    """Return, for each column, the median of the ratios that the rounds gave one by one."""
    rounds = [[our / their for our, their in zip(*pair, strict=True)] for pair in zip(ours, theirs, strict=True)]
    return [median(column) for column in zip(*rounds, strict=True)]
