"""The clock over HTTP: the present, what will happen, and moving there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from mockserver.core.agenda import Promise
from mockserver.core.errors import BackwardsInTime, InvalidInput, Refusal
from mockserver.core.instants import LAST_INSTANT, UNITS, parse_duration, parse_instant, parse_units
from mockserver.core.world import World
from mockserver.runtime.advances import Advance, Course
from mockserver.runtime.clock_controls import run_until_idle
from mockserver.runtime.double import Double
from mockserver.runtime.foresight import foreseen
from mockserver.services.facts import to_json
from mockserver.services.fields import BAD_REQUEST, Fields, read_limit, read_object, read_query
from mockserver.services.saying import NOTHING, call, say_nothing
from mockserver.services.service import NO_SUCH_CALL, Reply, Request
from mockserver.web.control.control import Control, check_wait, read_wait
from mockserver.web.control.problems import details_of
from mockserver.web.timeline import MOST_LIVES, draw

NEXT_EVENT, IDLE = "next-event", "idle"


def show_clock(double: Double, request: Request) -> Reply:
    """Show the present instant, how time runs, and when the next thing happens."""
    read_query(request, ())
    return Reply.json(clock_of(double))


def clock_of(double: Double) -> dict[str, object]:
    """Return what a clock shows."""
    with double.present() as world:
        return _clock(double, world)


def _clock(double: Double, world: World) -> dict[str, object]:
    shown = {"now": world.clock.now, "mode": double.pace.mode, "rate": double.pace.rate, "next_due": world.next_due()}
    return {name: to_json(value) for name, value in shown.items()}


def show_agenda(double: Double, request: Request) -> Reply:
    """Show what will happen if nobody acts, the first things first."""
    limit = read_limit(read_query(request, ("limit",)))
    with double.present() as world:
        upcoming = world.upcoming()
        shown = {"agenda": [_row(world, promise) for promise in upcoming[:limit]], "count": len(upcoming)}
        return Reply.json(_clock(double, world) | shown)


def _row(world: World, promise: Promise) -> dict[str, object]:
    """Return a promise with what it brings about, and to whom."""
    coming = foreseen(world, promise)
    return {**to_json(promise), "who": coming.who, "what": coming.moment.label}


def show_timeline(double: Double, request: Request) -> Reply:
    """Show the lines of a timeline, the place of each moment on them in percent, and what will happen first."""
    given = read_query(request, ("contains", "limit"))
    most = read_limit({"limit": str(MOST_LIVES)} | given)
    with double.present() as world:
        return Reply.json(to_json(draw(world, most, given.get("contains", ""))))


def advance(double: Double, request: Request) -> Reply:
    """Move time, performing everything that falls due on the way."""
    fields = read_object(request.body)
    wait = fields.take_any("wait", (int, float), None)
    patience = None if wait is None else check_wait(wait, wait)
    double.advances.check_free()
    begun = double.advances.begin(*_goal(double, fields))
    if not begun.wait(patience):
        return Reply.json(_progress(double, begun), 202)
    if begun.error:
        raise begun.error
    return Reply.json(clock_of(double) | _progress(double, begun))


def _goal(double: Double, fields: Fields) -> tuple[datetime | None, Callable[[Course], object]]:
    """Return until when time is to move, where that is known, and what moves it. Raises `Refusal` and the like."""
    units = {unit: fields.take_any(unit, (int, float)) for unit in UNITS if unit in fields}
    ways = {name: fields.take_any(name, kinds) for name, kinds in _WAYS.items() if name in fields}
    fields.finish()
    if len(ways) + bool(units) != 1:
        _refuse_ways([*units, *ways])
    if "until" in ways:
        return None, _moves_until(double, ways["until"])
    with double.present() as world:
        now = world.clock.now
    if "to" in ways:
        instant = parse_instant(ways["to"], "to")
        if instant < now:
            raise BackwardsInTime(f"it is {to_json(now.replace(microsecond=0))} already; a later instant expected")
        return instant, lambda course: double.advance_to(instant, course=course)
    name = "duration" if ways or len(units) > 1 else next(iter(units))
    instant = now + (parse_units(units, name) if units else parse_duration(ways["duration"], name))
    if instant > LAST_INSTANT:
        raise InvalidInput(name, f"{to_json(instant)}, an instant before the year 9000 expected")
    return instant, lambda course: double.advance_to(instant, relative=True, course=course)


def _refuse_ways(given: list[str]) -> NoReturn:
    """Refuse to move time in several ways at once, or in none."""
    expected = f"one of {', '.join(UNITS)}, or {', '.join(_WAYS)} expected"
    if not given:
        raise Refusal(BAD_REQUEST, f"missing, {expected}", "duration")
    *others, last = given
    raise Refusal(BAD_REQUEST, f"does not go together with {' and '.join(others)}; {expected}", last)


_WAYS: dict[str, tuple[type, ...]] = {"duration": (str, int, float), "to": (str,), "until": (str,)}
"""How to say where time is to go, beside the units, and what each is said with."""


def _moves_until(double: Double, until: str) -> Callable[[Course], object]:
    if until not in {NEXT_EVENT, IDLE}:
        raise Refusal(BAD_REQUEST, f"{until[:80]!r}, {NEXT_EVENT!r} or {IDLE!r} expected", "until")

    if until == IDLE:
        return lambda course: run_until_idle(double, course)

    def move(course: Course) -> None:
        if due := double.next_due():
            double.advance_to(due, relative=True, course=course)

    return move


def show_progress(double: Double, request: Request) -> Reply:
    """Show how far the advance under way has come, or how the last one ended."""
    wait = read_wait(read_query(request, ("wait",)))
    latest = _latest(double)
    latest.wait(wait)
    return Reply.json(_progress(double, latest))


def cancel_advance(double: Double, _request: Request) -> Reply:
    """End the advance under way where it stands."""
    latest = _latest(double)
    latest.cancel()
    return Reply.json(_progress(double, latest))


def _latest(double: Double) -> Advance:
    if double.advances.latest is None:
        raise Refusal(NO_SUCH_CALL, 'nothing has been advanced yet; POST {"days": 6} advances')
    return double.advances.latest


def _progress(double: Double, advance: Advance) -> dict[str, object]:
    course, done = advance.course, advance.is_done
    about = {"done": done, "cancelled": course.is_cancelled, "count": course.count}
    instants = {"from": advance.begun_at, "to": advance.until, "now": double.world.clock.now}
    with double.held() as world:
        fired = [_row(world, promise) for promise in course.fired] if done else []
    ended_by = advance.error if done else None
    error = {"error": str(ended_by), "problem": details_of(ended_by)} if ended_by else {}
    return about | {name: to_json(instant) for name, instant in instants.items()} | {"fired": fired} | error


def say_advanced(_world: World, request: Request) -> str:
    """Say that so much time passed; where it was moved to an instant, or an event, the next step says so."""
    fields = read_object(request.body)
    units = {unit: fields.take_any(unit, (int, float)) for unit in UNITS if unit in fields}
    given = (fields.take_any("duration", (str, int, float)),) if "duration" in fields else ()
    return call("mockserver.clock.advance", *given, **units) if given or units else NOTHING


CONTROLS = (
    Control("GET", "/clock", "the present instant, how time runs, and when the next thing happens", show_clock),
    Control(
        "POST",
        "/clock/advance",
        'move time: {"days": 6}, {"duration": "6d"}, {"to": "2026-03-07T10:00:00Z"} or {"until": "next-event"}',
        advance,
        said=say_advanced,
    ),
    Control("GET", "/clock/advance", "how far an advance has come; ?wait=", show_progress),
    Control("DELETE", "/clock/advance", "end an advance where it stands", cancel_advance, said=say_nothing),
    Control(
        "GET",
        "/timeline",
        "what happened to each thing, and what will, as a picture; ?contains= ?limit=",
        show_timeline,
    ),
    Control("GET", "/agenda", "what will happen, and when; ?limit=", show_agenda),
)
