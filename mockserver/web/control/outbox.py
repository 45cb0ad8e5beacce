"""The outbox over HTTP: letters and text messages that left."""

from __future__ import annotations

from mockserver.core.errors import Refusal
from mockserver.core.outbox import Letter, Sms
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.services import SERVICES
from mockserver.services.facts import to_json
from mockserver.services.fields import read_limit, read_query
from mockserver.services.service import NO_SUCH_CALL, Reply, Request
from mockserver.web.control.row import Control, check_choice, found_within, listed, read_range

_SERVICE_BY_NAME = {service.name: service for service in SERVICES}
_SUMMARY = {"subject", "text", "link", "about"}

Row = tuple[int, Letter | Sms]


def list_messages(double: Double, request: Request) -> Reply:
    """List what left, the newest last."""
    given = read_query(request, ("to", "service", "kind", "contains", "after", "before", "limit", "wait"))
    limit, numbers = read_limit(given), read_range(given)
    check_choice(given, "service", _SERVICE_BY_NAME)
    contains = given.get("contains", "").casefold()
    wanted = {name: given[name] for name in ("service", "kind") if name in given}

    def find() -> list[Row]:
        with double.present() as world:
            sent = world.outbox.to(given.get("to", ""))
        fits = [row for row in sent if row[0] in numbers]
        if contains:
            fits = [row for row in fits if contains in _searched(row[1])]
        for name, value in wanted.items():
            fits = [row for row in fits if getattr(row[1], name) == value]
        return fits

    found = found_within(double, given, find)
    # Letters are composed while nobody waits for the world: what they are about never changes.
    return Reply.json(listed("outbox", found, lambda row: _message(double.world, *row, whole=False), limit))


def _searched(message: Letter | Sms) -> str:
    """Return what is searched of a message; what a letter says is composed for whoever opens it."""
    text = message.text if isinstance(message, Sms) else message.kind
    return f"{message.recipient} {text}".casefold()


def show_message(double: Double, request: Request) -> Reply:
    """Show one of them, whole."""
    read_query(request, ())
    number = request.args["number"]
    with double.present() as world:
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        message = world.outbox.get(int(number)) if is_number else None
        if message is None:
            raise Refusal(NO_SUCH_CALL, f"{number[:80]!r}; {len(world.outbox)} messages have left", "number")
    return Reply.json(_message(world, int(number), message, whole=True))


def _message(world: World, number: int, message: Letter | Sms, *, whole: bool) -> dict[str, object]:
    content = _SERVICE_BY_NAME[message.service].compose(world, message)
    if not whole:
        content = {name: text for name, text in content.items() if name in _SUMMARY}
    envelope: dict[str, object] = {
        "number": number,
        "at": to_json(message.at),
        "service": message.service,
        "channel": message.transport if isinstance(message, Sms) else "email",
        "kind": message.kind,
        "recipient": message.recipient,
    }
    return envelope | content


CONTROLS = (
    Control(
        "GET",
        "/outbox",
        "letters and text messages that left, newest last; ?to= ?service= ?kind= ?contains= ?after= ?before= "
        "?limit= ?wait=",
        list_messages,
    ),
    Control("GET", "/outbox/<number>", "one of them, whole", show_message),
)
