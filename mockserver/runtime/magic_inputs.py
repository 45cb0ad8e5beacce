"""Magic inputs: e-mail addresses and phone numbers that make a call fail, for languages with no control call at hand.

An address is the fault's name at `fault.test`: `lost@fault.test`, `status-503@fault.test`, `slow-30@fault.test`,
`slow-2-real@fault.test`. A phone is `7000000` and four digits: from 0001 the service's refusals in the order of its
documentation, from 1400 to 1599 an HTTP status, from 2001 what can become of any answer, from 3001 to 3300 and from
4001 to 4300 so many real seconds until the answer, and until the last piece of it.
"""

from __future__ import annotations

import re

from mockserver.core.errors import InvalidInput
from mockserver.core.faults import Fault
from mockserver.runtime.fault_catalogue import ANSWER_FAULTS, CATALOGUE, FaultKind
from mockserver.services.service import Request, Service

DOMAIN, PHONES = "fault.test", "7000000"

_ORDERED = [kind.name for kind in ANSWER_FAULTS]

_address = re.compile(rf"([a-z0-9-]+)@{re.escape(DOMAIN)}").fullmatch
_phone = re.compile(rf"{PHONES}(\d)(\d\d\d)", re.ASCII).fullmatch
_late_or_status = re.compile(r"(status|html|slow|dribble)-([0-9]{1,5})(-real)?").fullmatch


_MARKS = {"email": (DOMAIN, DOMAIN.encode()), "phone": (PHONES, PHONES.encode())}


def may_hold_magic(service: Service, request: Request) -> bool:
    """Say, at no cost to speak of, whether a request could hold a magic input."""
    text, encoded = _MARKS[service.person]
    return text in request.query or encoded in request.body


def is_magic(person: str) -> bool:
    """Say whether an address or number, in small letters, is kept for magic."""
    return bool(_address(person) or _phone(person))


def find_magic(service: Service, person: str) -> Fault | None:
    """Return the fault that a magic address or number asks for, of a service that knows such a one."""
    if address := _address(person):
        name, given = _by_address(address[1])
    elif phone := _phone(person):
        name, given = _by_number(service, int(phone[1]), int(phone[2]))
    else:
        return None
    kind = CATALOGUE.get(name)
    if kind is None or not kind.is_of(service):
        return None
    try:
        return Fault(0, name, **kind.read_parameters(given))
    except InvalidInput:
        return None


def _by_address(said: str) -> tuple[str, dict[str, object]]:
    found = _late_or_status(said)
    if not found:
        return said.replace("-", " "), {}
    name, number, real = found[1], int(found[2]), found[3]
    given: dict[str, object] = {next(iter(CATALOGUE[name].parameters)): number}
    return name, given | {"real": True} if real else given


def _by_number(service: Service, group: int, place: int) -> tuple[str, dict[str, object]]:
    if group == 1:
        return "status", {"status": place}
    if group in {3, 4}:
        return ("slow" if group == 3 else "dribble"), {"seconds": place, "real": True}
    names = {0: [*service.refusals], 2: _ORDERED}.get(group, [])
    return (names[place - 1], {}) if 0 < place <= len(names) else ("", {})


def magic_input(service: Service, kind: FaultKind) -> str:
    """Return what brings a fault about in the calls of a service, with the parameters it has by itself."""
    status = f"{kind.parameters['status']:g}" if kind.name == "status" else ""
    if service.person == "email":
        return f"{kind.name.replace(' ', '-')}{status and f'-{status}'}@{DOMAIN}"
    if status:
        return f"{PHONES}1{status}"
    if kind.name in service.refusals:
        return f"{PHONES}0{[*service.refusals].index(kind.name) + 1:03}"
    return f"{PHONES}2{_ORDERED.index(kind.name) + 1:03}"
