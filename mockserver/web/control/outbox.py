"""The outbox over HTTP: letters and text messages that left."""

from __future__ import annotations

from functools import cache

from mockserver.core.errors import Refusal
from mockserver.core.outbox import Letter, Sms
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.outbox_controls import SENT, opened
from mockserver.services import SERVICE_BY_NAME
from mockserver.services.facts import to_json
from mockserver.services.fields import read_limit, read_query
from mockserver.services.service import NO_SUCH_CALL, Reply, Request
from mockserver.web.control.control import Control, check_choice, found_within, listed, read_range

_SUMMARY = SENT | {"about"}

NumberedMessage = tuple[int, Letter | Sms]


def list_messages(double: Double, request: Request) -> Reply:
    """List what left, the newest last."""
    given = read_query(request, ("to", "service", "kind", "contains", "after", "before", "limit", "wait"))
    limit, numbers = read_limit(given), read_range(given)
    check_choice(given, "service", SERVICE_BY_NAME)
    contains = given.get("contains", "").casefold()
    wanted = {name: given[name] for name in ("service", "kind") if name in given}

    @cache  # whoever waits has this asked again at each change
    def says(message: Letter | Sms) -> bool:
        return _says(message, contains)

    def find() -> list[NumberedMessage]:
        with double.present() as world:
            sent = world.outbox.to(given.get("to", ""))
        fits = [row for row in sent if row[0] in numbers]
        for name, value in wanted.items():
            fits = [row for row in fits if getattr(row[1], name) == value]
        return [row for row in fits if says(row[1])] if contains else fits

    found = found_within(double, given, find)
    # Letters are composed while nobody waits for the world: what they are about never changes.
    return Reply.json(listed("outbox", found, lambda row: _summary(double.world, *row), limit))


def _says(message: Letter | Sms, contains: str) -> bool:
    """Say whether something stands in a message, or on its envelope, which is looked at first: that is cheap."""
    if contains in f"{message.recipient} {message.kind}".casefold():
        return True
    return contains in SERVICE_BY_NAME[message.service].words(message).casefold()


def show_message(double: Double, request: Request) -> Reply:
    """Show one of them, whole."""
    read_query(request, ())
    number = request.args["number"]
    with double.present() as world:
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        message = world.outbox.get(int(number)) if is_number else None
        if message is None:
            left = f"the newest is {len(world.outbox)}" if len(world.outbox) else "none has left"
            raise Refusal(NO_SUCH_CALL, f"there is no message {number[:80]}; {left}", "number")
    return Reply.json(to_json(opened(world, int(number), message)))


def _summary(world: World, number: int, message: Letter | Sms) -> dict[str, object]:
    return {name: to_json(value) for name, value in opened(world, number, message).items() if name in _SUMMARY}


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
