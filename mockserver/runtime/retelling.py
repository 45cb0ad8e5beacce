"""What was done to a world, told again as a test of pytest that does the same and says what comes of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from mockserver.core.journal import Deed, Exchange
from mockserver.runtime.python_layout import wrap_python
from mockserver.services import SERVICES
from mockserver.services.saying import Code, call

SMALLEST_GAP = timedelta(minutes=1)
"""Time that passed by itself and is worth a line, even if nothing happened in it."""

_FIXTURES = ("mockserver", *(service.name for service in SERVICES))
_INDENT = "    "


class Step(NamedTuple):
    """One step of a story: what to do, or a call with what is expected of its answer, over as many lines."""

    at: datetime
    by: datetime
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that a test is made of.

    It begins at `start`, in the world of that name, under the chance of a `seed` (or its own), with `settings` by
    service; `sent` are the instants at which something left a service, `outcomes` the assertions at the end. `allowed`
    is what the test must not object to, `left_out` how many entries the journal no longer holds, and `unkept` how many
    calls had an effect but cannot be made again.
    """

    world: str
    start: datetime
    end: datetime
    settings: dict[str, dict[str, object]]
    steps: Sequence[Step]
    sent: Sequence[datetime]
    outcomes: Sequence[str]
    allowed: Sequence[str] = ()
    has_webhooks: bool = False
    left_out: int = 0
    unkept: int = 0
    seed: str = ""


def told_in_order(exchanges: Sequence[tuple[Exchange, tuple[str, ...]]], deeds: Sequence[Deed]) -> list[Step]:
    """Return calls, each with its lines, and deeds as steps, in the order in which they were made."""
    calls = [((each.number, 0), Step(each.at, each.at, lines)) for each, lines in exchanges if lines]
    acts = [((deed.place, 1), Step(deed.at, deed.by, (deed.said,))) for deed in deeds]
    return [step for _, step in sorted([*calls, *acts], key=lambda told: told[0])]


def retell(story: Story) -> str:
    """Return the text of a test file."""
    code = "\n".join(_body(story))
    named = {node.id for node in ast.walk(ast.parse(f"if True:\n{code}")) if isinstance(node, ast.Name)}
    fixtures = ", ".join(name for name in _FIXTURES if name in named)
    head = [f"# What was done, from {story.start:%Y-%m-%d %H:%M} UTC (virtual) on, as a test.", ""]
    head += ["import json", ""] if "json" in named else []
    head += ["import pytest", *(["import requests"] if "requests" in named else []), "", "", *_marks(story)]
    return "\n".join([*head, f"def test_what_was_done({fixtures}):", code, ""])


def _marks(story: Story) -> Iterator[str]:
    about: dict[str, object] = {"world": story.world, "start": _write_instant(story.start)}
    about |= {"seed": story.seed} if story.seed else {}
    about |= {"allow": story.allowed} if story.allowed else {}
    yield wrap_python(call("pytest.mark.mockserver", **about), before="@")
    for service, settings in story.settings.items():
        yield wrap_python(call(f"pytest.mark.{service}", **settings), before="@")


def _body(story: Story) -> Iterator[str]:
    yield from _warnings(story)
    if story.has_webhooks:
        yield f'{_INDENT}mockserver.webhooks.deliver_to(lambda call: "ok")  # your application instead'
    now = story.start
    for index, step in enumerate(story.steps):
        if index or story.has_webhooks or story.left_out or story.unkept:
            yield ""
        if _is_gap(story, now, step.at):
            yield wrap_python(_move_to(step.at), _INDENT)
            now = step.at
        for line in step.lines:
            bare = line.lstrip()
            yield wrap_python(bare, _INDENT + line[: len(line) - len(bare)])
        now += step.by - step.at
    if _is_gap(story, now, story.end):
        yield from ("", wrap_python(_move_to(story.end), _INDENT))
    yield from _ending(story)


def _warnings(story: Story) -> Iterator[str]:
    """Say what the test cannot tell, and what of the rest may come out otherwise for that."""
    if story.left_out:
        yield f"{_INDENT}# The journal no longer holds the first {story.left_out} entries: what came before is missing."
    if story.unkept:
        calls = "A call is" if story.unkept == 1 else f"{story.unkept} calls are"
        yield f"{_INDENT}# {calls} left out below: what rests on that, be it money or chance, may come out otherwise."


def _ending(story: Story) -> Iterator[str]:
    if story.outcomes:
        yield from ("", f"{_INDENT}# What came of it:")
    elif not story.steps:
        yield f"{_INDENT}# Nothing has been done yet."
        yield f"{_INDENT}assert mockserver.clock.now"
    yield from (wrap_python(line, _INDENT) for line in story.outcomes)


def _is_gap(story: Story, now: datetime, then: datetime) -> bool:
    """Say whether time must be moved on: a good deal of it passed, or something left a service meanwhile."""
    return then - now >= SMALLEST_GAP or any(now < at <= then for at in story.sent)


def _move_to(instant: datetime) -> Code:
    return call("mockserver.clock.advance_to", _write_instant(instant))


def _write_instant(instant: datetime) -> str:
    """Write an instant as people do, with no more of it than there is."""
    whole = instant.replace(tzinfo=None)
    return whole.isoformat(" ", "minutes" if not (whole.second or whole.microsecond) else "auto")
