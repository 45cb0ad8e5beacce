"""Planned failures over HTTP: arming, listing, disarming, and the catalogue of what there is."""

from __future__ import annotations

from mockserver.core.errors import Refusal
from mockserver.core.faults import Fault
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.fault_catalogue import CATALOGUE, FaultKind
from mockserver.runtime.fault_controls import FaultControls
from mockserver.runtime.magic_inputs import magic_input
from mockserver.services import SERVICES
from mockserver.services.facts import to_json
from mockserver.services.fields import BAD_REQUEST, read_limit, read_object, read_query
from mockserver.services.saying import call, say_call, say_number
from mockserver.services.service import NO_SUCH_CALL, Reply, Request
from mockserver.web.control.control import Control, listed


def list_faults(double: Double, request: Request) -> Reply:
    """List what is planned, and how often each has happened."""
    limit = read_limit(read_query(request, ("limit",)))
    return Reply.json(listed("faults", FaultControls(double).all(), to_json, limit))


def arm_fault(double: Double, request: Request) -> Reply:
    """Plan a fault."""
    read_query(request, ())
    wanted = read_object(request.body).take_rest()
    name = wanted.pop("name", None)
    if not isinstance(name, str):
        raise Refusal(BAD_REQUEST, "a name of the catalogue expected; GET /_mock/v1/faults/catalogue lists it", "name")
    return Reply.json(to_json(FaultControls(double).arm(name, **wanted)), 201)


def show_catalogue(_double: Double, request: Request) -> Reply:
    """List everything that can go wrong, with the magic inputs that bring it about."""
    read_query(request, ())
    return Reply.json(listed("catalogue", list(CATALOGUE.values()), kind_as_row, len(CATALOGUE)))


def kind_as_row(kind: FaultKind) -> dict[str, object]:
    """Return an entry of the catalogue; `magic` has the input for each service whose calls can fail so."""
    magic = {service.person: magic_input(service, kind) for service in SERVICES if kind.is_of(service)}
    row = {name: getattr(kind, name) for name in ("name", "meaning", "service", "has_effect")}
    return row | {"parameters": dict(kind.parameters), "magic": magic}


def disarm_all(double: Double, request: Request) -> Reply:
    """Take back everything that is planned."""
    read_object(request.body).finish()
    FaultControls(double).clear()
    return Reply.json(listed("faults", FaultControls(double).all(), to_json, 1))


def disarm_fault(double: Double, request: Request) -> Reply:
    """Take back one failure, and show it as it was."""
    read_object(request.body).finish()
    fault = _find(double, request.args["number"])
    FaultControls(double).disarm(fault)
    return Reply.json(to_json(fault))


def _find(double: Double, number: str) -> Fault:
    armed = FaultControls(double).all()
    for fault in armed:
        if str(fault.number) == number:
            return fault
    raise Refusal(NO_SUCH_CALL, f"{number[:80]!r}; faults planned: {len(armed)}", "number")


def say_disarmed(_world: World, request: Request) -> str:
    """Say which failure was taken back."""
    return call("mockserver.faults.disarm", say_number(request.args["number"]))


CONTROLS = (
    Control("GET", "/faults", "failures that are planned, and how often each has happened; ?limit=", list_faults),
    Control(
        "POST",
        "/faults",
        'plan a failure: {"name": "not enough balance", "phone": "71234567890", "times": 1}; also service, operation, '
        "email, nth, probability, seconds, real, status",
        arm_fault,
        say_call("mockserver.faults.arm", "name"),
    ),
    Control("GET", "/faults/catalogue", "everything that can go wrong, with its magic inputs", show_catalogue),
    Control("DELETE", "/faults", "take back all of them", disarm_all, say_call("mockserver.faults.clear")),
    Control("DELETE", "/faults/<number>", "take back one", disarm_fault, say_disarmed),
)
