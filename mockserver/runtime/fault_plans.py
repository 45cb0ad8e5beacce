"""Reading the plan of a fault; every mistake is named, with what was meant perhaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockserver.core.errors import InvalidInput
from mockserver.core.faults import Fault
from mockserver.core.world import World
from mockserver.runtime.fault_catalogue import CATALOGUE, FaultKind
from mockserver.services import SERVICES
from mockserver.services.service import Service

MOST_TIMES = 1_000_000


def plan_fault(world: World, name: object, wanted: Mapping[str, object]) -> Fault:
    """Return the fault that is planned, not yet armed. Raises `InvalidInput`."""
    kind = CATALOGUE.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InvalidInput("name", f"{name!r:.80}, {_one_of(name, CATALOGUE)}")
    own = kind.read_parameters({field: value for field, value in wanted.items() if field in _PARAMETERS})
    matching = {field: _read(field, value, kind) for field, value in wanted.items() if field not in _PARAMETERS}
    fault = Fault(0, **({"name": kind.name, "service": kind.service} | own | matching))
    services = [service for service in SERVICES if fault.service in {"", service.name}]
    _check_persons(fault, services)
    if fault.operation:
        known = {row.name for each in services for row in each.operations(each.settings_of(world))}
        if fault.operation not in known:
            raise InvalidInput("operation", f"{fault.operation!r:.80}, {_one_of(fault.operation, known)}")
    return fault


def _read(field: str, value: object, kind: FaultKind) -> Any:
    if field not in _READERS:
        raise InvalidInput(field, f"no such parameter, {_one_of(field, [*_READERS, *kind.parameters])}")
    return _READERS[field](field, value, kind)


def _check_persons(fault: Fault, services: list[Service]) -> None:
    for field in ("phone", "email"):
        if getattr(fault, field) and field not in {service.person for service in services}:
            raise InvalidInput(field, f"{services[0].title} reaches people by {services[0].person}")
    if fault.phone and fault.email:
        raise InvalidInput("email", "no call names both, phone or email expected")


def _one_of(said: object, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - costs 5 ms of a start

    names = sorted(known)
    near = get_close_matches(str(said)[:80].lower(), names, 1)
    return f"did you mean {near[0]!r}?" if near else f"one of {', '.join(names)} expected"


def _read_service(field: str, value: object, kind: FaultKind) -> str:
    names = [service.name for service in SERVICES if kind.is_of(service)]
    if value not in names:
        raise InvalidInput(field, f"{value!r:.80}, {_one_of(value, names)}")
    return str(value)


def _read_text(field: str, value: object, _kind: FaultKind) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(field, f"{value!r:.80}, a text expected")
    return value.strip()


def _read_phone(field: str, value: object, _kind: FaultKind) -> str:
    digits = str(value).lstrip("+")
    if isinstance(value, bool) or not (digits.isascii() and digits.isdigit()):
        raise InvalidInput(field, f"{value!r:.80}, a phone number expected")
    return digits


def _read_email(field: str, value: object, _kind: FaultKind) -> str:
    if not isinstance(value, str) or "@" not in value:
        raise InvalidInput(field, f"{value!r:.80}, an e-mail address expected")
    return value.strip()


def _read_count(field: str, value: object, _kind: FaultKind) -> int:
    least = 1 if field == "nth" else 0
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST_TIMES:
        raise InvalidInput(field, f"{value!r:.80}, a whole number from {least} to {MOST_TIMES} expected")
    return value


def _read_share(field: str, value: object, _kind: FaultKind) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
        raise InvalidInput(field, f"{value!r:.80}, a number from 0 to 1 expected")
    return value


_READERS: Mapping[str, Callable[[str, object, FaultKind], Any]] = {
    "service": _read_service,
    "operation": _read_text,
    "phone": _read_phone,
    "email": _read_email,
    "nth": _read_count,
    "times": _read_count,
    "probability": _read_share,
}
"""How each parameter is read that every fault takes."""

_PARAMETERS = {name for kind in CATALOGUE.values() for name in kind.parameters}
