from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from click.testing import Result

from mockserver.cli import advance
from mockserver.core.webhooks import Answer, WebhookCall
from mockserver.web.server import Server

Run = Callable[..., Result]
Lines = Callable[..., list[str]]
DAY_LATER = "2026-03-03 09:00:00"


class Patient:
    """A receiver of webhooks that answers once it is let go."""

    def __init__(self) -> None:
        self.may_answer = Event()

    def objection(self, _call: WebhookCall) -> str:
        return ""

    def send(self, _call: WebhookCall) -> Answer:
        assert self.may_answer.wait(10)
        return Answer(200, "ok")


@pytest.fixture
def patient(server: Server, run: Run, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """A receiver that keeps an advance waiting, and a command that looks at it every hundredth of a second."""
    patient = Patient()
    monkeypatch.setattr(server.double.delivery, "target", patient)
    monkeypatch.setattr(advance, "LOOKS", {True: 0.01, False: 0.01})
    return patient


@contextmanager
def at_the_first_look(patient: Patient, then: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let the receiver go when progress is shown for the first time, and do something else too."""
    show = advance._Progress.show

    def show_and_release(progress: Any, course: dict[str, Any]) -> None:
        show(progress, course)
        patient.may_answer.set()
        then()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(advance._Progress, "show", show_and_release)
        yield


def test_time_passes_by_a_duration_and_what_was_performed_is_listed(lines: Lines, invite: Callable[..., None]) -> None:
    invite(days=1, recall_count=1)
    first, _, titles, row = lines("advance", "1d")
    assert first == f"It is {DAY_LATER} now, 1 day later; 1 task was performed."
    assert titles.split() == ["DUE", "WHO", "WHAT"]
    assert row == f"{DAY_LATER}  anna@example.com  invitation mail"


def test_time_passes_until_an_instant_until_something_happens_and_until_nothing_is_left(
    lines: Lines, invite: Callable[..., None]
) -> None:
    invite(days=1, recall_count=30)
    assert lines("advance", "--to", "2026-03-02T10:00:00Z") == [
        "It is 2026-03-02 10:00:00 now, 1 hour later; nothing was due.",
        f"Next: invitation mail, anna@example.com, at {DAY_LATER}.",
    ]
    assert lines("advance", "--next")[0] == f"It is {DAY_LATER} now, 23 hours later; 1 task was performed."
    rest = lines("advance", "--until-idle")
    assert rest[0].endswith("30 tasks were performed.")
    assert rest[-1] == "… and 10 more"


def test_a_number_alone_is_seconds_and_the_answer_shows_it(lines: Lines) -> None:
    assert lines("advance", "6") == ["It is 2026-03-02 09:00:06 now, 6 seconds later; nothing was due."]
    assert lines("advance", "6 days")[0] == "It is 2026-03-08 09:00:06 now, 6 days later; nothing was due."
    assert lines("advance", "90061")[0].startswith("It is 2026-03-09 10:01:07 now, 1 day 1 hour later; ")


def test_json_is_what_the_server_says(answer: Callable[..., Any], invite: Callable[..., None]) -> None:
    invite(days=1, recall_count=0)
    said = answer("advance", "1d")
    assert said["done"] is True
    assert said["fired"][0]["task"]["task"] == "SendInvitation"


@pytest.mark.parametrize("words", [[], ["1d", "--next"], ["--next", "--to", "2027-01-01"]])
def test_one_goal_is_expected(run: Run, server: Server, words: list[str]) -> None:
    now = server.double.world.clock.now
    result = run("advance", *words)
    assert result.exit_code == 2
    assert "one of DURATION, --to, --next and --until-idle expected" in result.output
    assert server.double.world.clock.now == now


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["6x"], "Error: duration: '6x', a duration such as"),
        (["--to", "2020-01-01"], "Error: it is 2026-03-02T09:00:00Z already; a later instant expected"),
        (["--to", "soon"], "Error: to: 'soon', an instant such as"),
    ],
)
def test_a_goal_that_makes_no_sense_is_one_line(run: Run, server: Server, words: list[str], said: str) -> None:
    now = server.double.world.clock.now
    result = run("advance", *words)
    assert result.exit_code == 1
    assert result.output.startswith(said)
    assert result.output.count("\n") == 1
    assert server.double.world.clock.now == now


def test_a_long_advance_shows_its_progress(run: Run, patient: Patient, invite: Callable[..., None]) -> None:
    invite(days=1, recall_count=0, webhook="http://127.0.0.1:9/hook")
    with at_the_first_look(patient):
        result = run("advance", "3d")
    assert result.exit_code == 0
    assert "tasks performed: 0, on the way to 2026-03-05 09:00:00" in result.stderr
    assert result.stdout.startswith("It is 2026-03-05 09:00:00 now, 3 days later; 1 task was performed.")


def test_a_terminal_shows_progress_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", screen)
    with advance._Progress() as progress:
        for count in (1, 2):
            progress.show({"now": "2026-03-02T09:00:00Z", "to": None, "count": count})
    assert screen.getvalue() == "".join(f"\r{f'2026-03-02 09:00:00  tasks performed: {n}':<79}" for n in (1, 2)) + "\n"


def test_ctrl_c_ends_an_advance_and_says_where_the_clock_stands(
    run: Run, server: Server, patient: Patient, invite: Callable[..., None]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    invite(days=1, recall_count=300, webhook="http://127.0.0.1:9/hook")
    with at_the_first_look(patient, interrupt):
        result = run("advance", "--to", "2030-01-01")
    now = server.double.world.clock.now
    assert result.exit_code == 130
    assert result.stdout.startswith(f"Cancelled: it is {now:%Y-%m-%d %H:%M:%S} now, ")
    assert now.year < 2030
    assert run("agenda").stdout.startswith(f"It is {now:%Y-%m-%d %H:%M:%S} (frozen); ")
