"""The control surface under `/_mock/`: the clock, what will happen, what was sent, and what people do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mockserver.core.errors import ClockBusy, MockServerError, Refusal
from mockserver.core.instants import parse_duration, parse_instant
from mockserver.core.outbox import Letter, Sms
from mockserver.core.webhooks import WebhookCall
from mockserver.core.world import World
from mockserver.runtime.claims import claims_as_rows
from mockserver.runtime.double import Double
from mockserver.services import SERVICES
from mockserver.services.fields import read_limit, read_object, read_query
from mockserver.services.service import NO_SUCH_CALL, Operation, Reply, Request
from mockserver.web.gate import CONTROL, Gate, host_of, is_foreign
from mockserver.web.shown import rows_of, shown

MOST_FIRED = 1000
"""Tasks that an advance names; it counts them all."""

UNITS = ("weeks", "days", "hours", "minutes", "seconds")

SERVICE_BY_NAME = {service.name: service for service in SERVICES}


@dataclass(frozen=True, slots=True)
class Control:
    """One row of the control surface; `about` is what the list of rows says of it."""

    method: str
    path: str
    about: str
    handle: Callable[[Request], Reply]


def guarded(gate: Gate, handle: Callable[[Request], Reply], request: Request) -> Reply:
    """Answer a control call, unless it comes under a vendor's name or from a page of another origin."""
    if host_of(request) in gate.vendor_hosts:
        return gate.no_such_call(request)
    if gate.token and request.headers.get("x-mock-token") != gate.token:
        return Reply.json({"error": "X-Mock-Token must be the token that the server printed when it started"}, 401)
    if request.method != "GET" and is_foreign(request):
        return Reply.json({"error": "a page of another origin may not change anything here"}, 403)
    try:
        return handle(request)
    except Refusal as refusal:
        status = 404 if refusal.code == NO_SUCH_CALL else 400
        return Reply.json({"error": refusal.why, "field": refusal.field}, status)
    except ClockBusy as busy:
        return Reply.json({"error": str(busy)}, 409)
    except MockServerError as error:
        return Reply.json({"error": str(error)}, 400)


def control_rows(gate: Gate) -> list[Control]:
    """Return the rows of the control surface: the double's own, and those of every service."""
    board = _Board(gate)
    rows = [
        Control("GET", "/", "this list", board.index),
        Control("GET", "/clock", "the present instant and how time runs", board.clock),
        Control("POST", "/clock/advance", 'move time: {"days": 6} or {"to": "2026-03-07T10:00:00Z"}', board.advance),
        Control("GET", "/agenda", "what will happen, and when; ?limit=", board.agenda),
        Control("GET", "/outbox", "letters and text messages that left, newest last; ?to= ?limit=", board.outbox),
        Control("GET", "/outbox/<number>", "one of them, whole", board.message),
        Control("GET", "/webhooks", "calls owed to the application, with every attempt; ?limit=", board.webhooks),
        Control("POST", "/webhooks/drain", "wait until every webhook that can go out has gone", board.drain),
        Control("GET", "/journal", "calls that came in, their answers, and why; ?limit=", board.journal),
        Control(
            "GET", "/claims", "every claim of the two documents, graded", lambda _request: Reply.json(claims_as_rows())
        ),
        Control("POST", "/reset", "begin again with the world as it was given", board.reset),
    ]
    for service in SERVICES:
        rows += [
            Control(row.method, f"/{service.name}{row.path}", row.name, board.carried_out(row))
            for row in service.controls
        ]
    return rows


class _Board:
    """The double's own rows."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    @property
    def _double(self) -> Double:
        return self._gate.tenants.newest

    def index(self, _request: Request) -> Reply:
        controls = [
            {"method": row.method, "path": CONTROL + row.path, "about": row.about} for row in control_rows(self._gate)
        ]
        calls = [
            {"service": service.name, "method": row.method, "path": row.path, "about": row.name}
            for service, row in self._gate.rows
        ]
        return Reply.json({"control": controls, "services": calls})

    def clock(self, _request: Request) -> Reply:
        with self._double.present() as world:
            return Reply.json(self._clock(world))

    def _clock(self, world: World) -> dict[str, object]:
        rate = self._double.pace.rate
        return {"now": shown(world.clock.now), "mode": "running" if rate else "frozen", "rate": rate}

    def advance(self, request: Request) -> Reply:
        fields = read_object(request.body)
        instant = fields.take("to", str, "")
        duration = {unit: fields.take_any(unit, (int, float), 0) for unit in UNITS}
        fields.finish()
        if instant and any(duration.values()):
            raise Refusal("bad request", "to and a duration, one of them expected", "to")
        with self._double.present() as world:
            target = _target(world.clock.now, instant, duration)
        fired = self._double.advance_to(target)
        with self._double.present() as world:
            return Reply.json(self._clock(world) | rows_of("fired", fired[:MOST_FIRED], shown, fired))

    def agenda(self, request: Request) -> Reply:
        limit = read_limit(read_query(request, ("limit",)))
        with self._double.present() as world:
            upcoming = world.upcoming()
            return Reply.json(self._clock(world) | rows_of("agenda", upcoming[:limit], shown, upcoming))

    def outbox(self, request: Request) -> Reply:
        wanted = read_query(request, ("to", "limit"))
        limit = read_limit(wanted)
        with self._double.present() as world:
            sent = world.outbox.to(wanted.get("to", ""))
        # Letters are composed while nobody waits for the world: what they are about never changes.
        return Reply.json(rows_of("outbox", sent[-limit:], lambda row: _message(world, *row, whole=False), sent))

    def message(self, request: Request) -> Reply:
        number = request.args["number"]
        with self._double.present() as world:
            message = (
                world.outbox.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
            )
            if message is None:
                raise Refusal(NO_SUCH_CALL, f"{number[:80]!r}; {len(world.outbox)} messages have left", "number")
            return Reply.json(_message(world, int(number), message, whole=True))

    def webhooks(self, request: Request) -> Reply:
        limit = read_limit(read_query(request, ("limit",)))
        with self._double.present() as world:
            calls = list(world.webhooks.calls.values())
            return Reply.json(rows_of("webhooks", calls[-limit:], _call, calls))

    def drain(self, _request: Request) -> Reply:
        self._double.drain()
        return self.webhooks(_request)

    def journal(self, request: Request) -> Reply:
        limit = read_limit(read_query(request, ("limit",)))
        with self._double.present() as world:
            held = world.journal.entries()
            entries = rows_of("journal", held[-limit:], shown, held)
            return Reply.json({"written": world.journal.written, "evicted": world.journal.evicted} | entries)

    def reset(self, _request: Request) -> Reply:
        self._double.reset()
        return self.clock(_request)

    def carried_out(self, row: Operation) -> Callable[[Request], Reply]:
        def handle(request: Request) -> Reply:
            with self._double.present() as world:
                return row.handle(world, request)

        return handle


def _target(now: datetime, instant: str, duration: dict[str, float]) -> datetime:
    if instant:
        return parse_instant(instant, "to")
    length = parse_duration(duration, "duration")
    if not length:
        raise Refusal("bad request", f"nothing to advance by; {', '.join(UNITS)} or to expected", "duration")
    return now + length


def _call(call: WebhookCall) -> dict[str, object]:
    return {name: value for name, value in shown(call).items() if name != "policy"}


def _message(world: World, number: int, message: Letter | Sms, *, whole: bool) -> dict[str, object]:
    content = SERVICE_BY_NAME[message.service].compose(world, message)
    if not whole:
        content = {name: text for name, text in content.items() if name in {"subject", "text", "link"}}
    envelope: dict[str, object] = {
        "number": number,
        "at": shown(message.at),
        "service": message.service,
        "channel": message.transport if isinstance(message, Sms) else "email",
        "kind": message.kind,
        "recipient": message.recipient,
    }
    return envelope | content
