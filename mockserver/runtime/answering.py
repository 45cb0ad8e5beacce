"""Answering one call: as its service does, or as a fault has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus

from mockserver.core.errors import Refusal
from mockserver.core.faults import Fault
from mockserver.core.world import World
from mockserver.runtime.magic_inputs import find_magic, is_magic, may_hold_magic
from mockserver.services.service import (
    CUT,
    DRIBBLED,
    NO_SUCH_CALL,
    RESET,
    SILENT,
    TOO_LARGE,
    WRONG_METHOD,
    Operation,
    Reply,
    Request,
    Service,
)

_NOT_UNDERSTOOD = {NO_SUCH_CALL, WRONG_METHOD, TOO_LARGE}
"""Operations by which the gate itself refuses; no fault is for those."""


def answer_call(
    world: World, service: Service, operation: Operation, request: Request, let_pass: Callable[[float], None]
) -> Reply:
    """Answer a call, with a note where a fault was planned for it; `let_pass` moves the clock by seconds."""
    if not (world.faults.armed or may_hold_magic(service, request)) or operation.name in _NOT_UNDERSTOOD:
        return _answer_as_service(world, service, operation, request)
    fault, note = _planned(world, service, operation, request)
    if fault is None:
        reply = _answer_as_service(world, service, operation, request)
        return replace(reply, notes=(*reply.notes, note)) if note else reply
    if fault.name in service.refusals:
        return replace(service.refuse(world, request, service.refusals[fault.name]), notes=(note,))
    if fault.name in _REPLACES_CALL:
        return replace(_REPLACES_CALL[fault.name](fault), notes=(note,), is_made_up=True)
    reply = _answer_as_service(world, service, operation, request)
    if fault.seconds and not fault.real:
        let_pass(fault.seconds)
    return replace(_SPOILS_ANSWER[fault.name](reply, fault), notes=(*reply.notes, note))


def _answer_as_service(world: World, service: Service, operation: Operation, request: Request) -> Reply:
    try:
        return operation.handle(world, request)
    except Refusal as refusal:
        return service.refuse(world, request, refusal)


def _planned(world: World, service: Service, operation: Operation, request: Request) -> tuple[Fault | None, str]:
    """Return what is to go wrong with a call, if anything is, and what the journal should say of it."""
    persons = {person.casefold() for person in service.persons_of(request)}
    armed = world.faults.fire(lambda fault: fault.fits(service.name, operation.name, persons), world.randomness)
    if armed:
        return armed, f"fault {armed.number} ({armed.name}) was armed for this"
    for person in filter(is_magic, sorted(persons)):
        magic = find_magic(service, person)
        return magic, f"{person} asks for {f'this fault ({magic.name})' if magic else 'no fault that there is'}"
    return None, ""


def _http_error(fault: Fault) -> Reply:
    return Reply(fault.status, f"{fault.status} {_phrase(fault.status)}".encode())


def _html_page(fault: Fault) -> Reply:
    title = _phrase(fault.status) if fault.status >= 400 else "Maintenance"
    head = f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
    return Reply.page(f"{head}<body><h1>{title}</h1><p>Please come back later.</p></body></html>\n", fault.status)


def _phrase(status: int) -> str:
    return next((known.phrase for known in HTTPStatus if known == status), "Error")


_REPLACES_CALL: Mapping[str, Callable[[Fault], Reply]] = {
    "status": _http_error,
    "html": _html_page,
    "reset": lambda _fault: Reply(0, b"", ending=RESET),
    "empty": lambda _fault: Reply(0, b"", ending=SILENT),
}
"""Faults that answer in place of the service, so that the call has no effect; the status of no answer is 0."""


def _recoded(reply: Reply, _fault: Fault) -> Reply:
    """Write the body as its header does not say: in windows-1251, or where that is no other or no way, in UTF-16."""
    text = reply.body.decode("utf-8", "replace")
    cyrillic = text.encode("cp1251", "replace")
    fits = cyrillic != reply.body and cyrillic.decode("cp1251") == text
    return replace(reply, body=cyrillic if fits else text.encode("utf-16"))


def _late(reply: Reply, fault: Fault) -> Reply:
    return replace(reply, delay=fault.seconds if fault.real else 0.0)


_SPOILS_ANSWER: Mapping[str, Callable[[Reply, Fault], Reply]] = {
    "truncated": lambda reply, _fault: replace(reply, ending=CUT),
    "charset": _recoded,
    "slow": _late,
    "dribble": lambda reply, fault: replace(_late(reply, fault), ending=DRIBBLED),
    "lost": lambda reply, _fault: replace(reply, ending=SILENT),
}
"""Faults that spoil the service's answer; the call has had its effect."""
