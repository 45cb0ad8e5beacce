"""Webhooks over HTTP: the calls owed to the application, and every way in which delivery may go wrong."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.core.agenda import Promise
from mockserver.core.errors import Refusal
from mockserver.core.webhooks import ACKNOWLEDGED, CAPTURED, GIVEN_UP, WAITING, RetryWebhook, WebhookCall
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.foresight import foreseen
from mockserver.runtime.webhook_controls import WebhookControls
from mockserver.services.facts import to_json
from mockserver.services.fields import BAD_REQUEST, Fields, read_limit, read_object, read_query, shown
from mockserver.services.saying import call, say_call, say_nothing, say_number
from mockserver.services.service import NO_SUCH_CALL, Reply, Request
from mockserver.web.control.control import Control, check_choice, found_within, listed, read_range

MOST_TIMES = 10_000

STATUSES = (WAITING, ACKNOWLEDGED, GIVEN_UP, CAPTURED)

_FILTERS = ("step", "status", "subject")


def list_calls(double: Double, request: Request) -> Reply:
    """List the calls owed, with every attempt, the newest last."""
    given = read_query(request, (*_FILTERS, "after", "before", "limit", "wait"))
    limit, numbers = read_limit(given), read_range(given)
    check_choice(given, "status", STATUSES)
    wanted = {name: given[name] for name in _FILTERS if name in given}

    def find() -> list[WebhookCall]:
        with double.present() as world:
            calls = [call for call in world.webhooks.calls.values() if call.number in numbers]
        return [call for call in calls if all(getattr(call, name) == value for name, value in wanted.items())]

    return _reply_with(double, found_within(double, given, find), limit)


def _show_all(double: Double) -> Reply:
    with double.present() as world:
        calls = list(world.webhooks.calls.values())
    return _reply_with(double, calls, 100)


def _reply_with(double: Double, calls: list[WebhookCall], limit: int) -> Reply:
    """Show calls, and what is arranged for those to come."""
    delivery = double.delivery
    arranged = {"held": delivery.is_held, "failing": len(delivery.failures), "doubled": delivery.repeats}
    with double.held() as world:
        return Reply.json(listed("webhooks", calls, lambda call: _row(world, call), limit) | arranged)


def _row(world: World, call: WebhookCall) -> dict[str, object]:
    """Return a call with whom it is about: whom another try of it would be about."""
    another = Promise(call.created_at, 0, RetryWebhook(call.number))
    return {**to_json(call), "who": foreseen(world, another).who}


Change = Callable[[WebhookControls, Fields], None]


def _changing(change: Change) -> Callable[[Double, Request], Reply]:
    """Return the handle of a row that reads a body, changes how calls are delivered, and shows the calls."""

    def handle(double: Double, request: Request) -> Reply:
        fields = read_object(request.body)
        change(WebhookControls(double), fields)
        return _show_all(double)

    return handle


def _drain(controls: WebhookControls, fields: Fields) -> None:
    fields.finish()
    controls.deliver()


def _hold(controls: WebhookControls, fields: Fields) -> None:
    fields.finish()
    controls.hold()


def _release(controls: WebhookControls, fields: Fields) -> None:
    fields.finish()
    controls.release()


def _reorder(controls: WebhookControls, fields: Fields) -> None:
    steps = fields.take("steps", list)
    fields.finish()
    for index, step in enumerate(steps):
        if not isinstance(step, str):
            raise Refusal(BAD_REQUEST, f"{shown(step)}, a text expected", f"steps[{index}]")
    controls.reorder(*steps)


def _duplicate(controls: WebhookControls, fields: Fields) -> None:
    times = _times(fields)
    fields.finish()
    controls.duplicate(times)


def _fail(controls: WebhookControls, fields: Fields) -> None:
    times, body = _times(fields), fields.take("body", str, "")
    status = fields.take_any("status", (int, type(None)), 503)
    if status is not None and not 100 <= status <= 599:
        fields.refuse("status", f"{shown(status)}, an HTTP status from 100 to 599, or null for no answer, expected")
    fields.finish()
    controls.fail_next(times, status=status, body=body)


def _times(fields: Fields) -> int:
    times = fields.take("times", int, 1)
    if not 0 < times <= MOST_TIMES:
        fields.refuse("times", f"{times}, a whole number from 1 to {MOST_TIMES} expected")
    return times


def _deliver_to(controls: WebhookControls, fields: Fields) -> None:
    url = fields.take("url", str)
    fields.finish()
    controls.deliver_to(url)


def redeliver(double: Double, request: Request) -> Reply:
    """Deliver a call once more, out of turn."""
    read_object(request.body).finish()
    number = request.args["number"]
    with double.present() as world:
        call = world.webhooks.calls.get(int(number)) if number.isdecimal() and len(number) < 10 else None
        count = len(world.webhooks.calls)
    if call is None:
        raise Refusal(NO_SUCH_CALL, f"{number[:80]!r}; calls owed: {count}", "number")
    WebhookControls(double).redeliver(call)
    with double.held() as world:
        return Reply.json(_row(world, world.webhooks.calls[call.number]))


def say_reordered(_world: World, request: Request) -> str:
    """Say which calls were let go first."""
    return call("mockserver.webhooks.reorder", *read_object(request.body).take("steps", list))


def say_redelivered(_world: World, request: Request) -> str:
    """Say which call was delivered once more."""
    found = call("mockserver.webhooks.one", number=say_number(request.args["number"]))
    return call("mockserver.webhooks.redeliver", found)


CONTROLS = (
    Control(
        "GET",
        "/webhooks",
        "calls owed to the application, with every attempt; ?step= ?status= ?subject= ?after= ?before= ?limit= ?wait=",
        list_calls,
    ),
    Control(
        "POST",
        "/webhooks/drain",
        "wait until every webhook that can go out has gone",
        _changing(_drain),
        said=say_nothing,
    ),
    Control("POST", "/webhooks/hold", "keep calls back", _changing(_hold), say_call("mockserver.webhooks.hold")),
    Control(
        "POST",
        "/webhooks/release",
        "let go what was kept back",
        _changing(_release),
        say_call("mockserver.webhooks.release"),
    ),
    Control(
        "POST",
        "/webhooks/reorder",
        'let it go, these first: {"steps": ["mail-send"]}',
        _changing(_reorder),
        say_reordered,
    ),
    Control(
        "POST",
        "/webhooks/duplicate",
        'deliver the next calls twice: {"times": 1}',
        _changing(_duplicate),
        say_call("mockserver.webhooks.duplicate"),
    ),
    Control(
        "POST",
        "/webhooks/fail",
        'fail the next calls: {"times": 1, "status": 503, "body": ""}',
        _changing(_fail),
        say_call("mockserver.webhooks.fail_next"),
    ),
    Control(
        "POST",
        "/webhooks/deliver-to",
        'deliver to one address: {"url": …}',
        _changing(_deliver_to),
        said=say_nothing,
    ),
    Control("POST", "/webhooks/<number>/redeliver", "deliver a call once more", redeliver, say_redelivered),
)
