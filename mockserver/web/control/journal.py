"""The journal over HTTP: what came in, what was answered, why, and each call as a command line or an archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from mockserver.core.errors import Refusal
from mockserver.core.journal import Event, Exchange
from mockserver.runtime.curl import as_curl
from mockserver.runtime.double import Double
from mockserver.runtime.har import as_har
from mockserver.runtime.selection import Selection, check_none_evicted, find_entry, select
from mockserver.runtime.shortening import shorten_entry, shortener
from mockserver.services import SERVICES
from mockserver.services.facts import to_json
from mockserver.services.fields import BAD_REQUEST, read_limit, read_query, shown
from mockserver.services.service import NO_SUCH_CALL, Reply, Request
from mockserver.web.control.control import FOR_PROGRAMS, Control, check_choice, found_within, listed, read_number

Entry = Exchange | Event

_NUMBERS, _TEXTS = ("after", "before", "status"), ("service", "operation", "contains")
_FILTERS = (*_NUMBERS, *_TEXTS, "refused")


def list_entries(double: Double, request: Request) -> Reply:
    """List what came in, the newest last."""
    given = read_query(request, (*_FILTERS, "limit", "wait", "secrets"))
    limit, selection, as_asked = read_limit(given), _selection(given), _shortening(double, given)

    def find() -> list[Entry]:
        with double.present() as world:
            journal = world.journal.copy()
        return select(journal, selection)  # while nobody waits for the world

    found = found_within(double, given, find)
    with double.held() as world:
        if not found:
            check_none_evicted(world.journal, selection)
        counts = {"written": world.journal.written, "evicted": world.journal.evicted}
    return Reply.json(counts | listed("journal", found, lambda entry: _row(as_asked(entry)), limit))


def show_entry(double: Double, request: Request) -> Reply:
    """Show one entry."""
    as_asked = _shortening(double, read_query(request, ("secrets",)))
    return Reply.json(_row(as_asked(_found(double, request))))


def show_curl(double: Double, request: Request) -> Reply:
    """Show one call as a command line that makes it again."""
    as_asked = _shortening(double, read_query(request, ("secrets",)))
    entry = _found(double, request)
    told = as_asked(entry)
    if not isinstance(told, Exchange):
        raise Refusal(NO_SUCH_CALL, f"entry {entry.number} is no call", "number")
    warning = "" if told == entry else "# Its secrets are shortened; secrets=true has them whole.\n"
    return Reply(200, f"{warning}{as_curl(told, request.origin)}\n".encode("utf-8", "replace"))


def show_archive(double: Double, request: Request) -> Reply:
    """Show every call that is held as an HTTP archive."""
    as_asked = _shortening(double, read_query(request, ("secrets",)))
    with double.present() as world:
        entries = world.journal.entries()
    archive = as_har(told for entry in entries if isinstance(told := as_asked(entry), Exchange))
    return replace(Reply.json(archive), content_type=FOR_PROGRAMS)


def _found(double: Double, request: Request) -> Entry:
    text = request.args["number"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    with double.present() as world:
        entry, written = find_entry(world.journal, number), world.journal.written
    if entry is None:
        raise Refusal(NO_SUCH_CALL, f"{shown(text)}; entries written: {written}", "number")
    return entry


def _shortening(double: Double, given: Mapping[str, str]) -> Callable[[Entry], Entry]:
    """Return what shortens the secrets of an entry, unless they were asked for."""
    if _flag(given, "secrets"):
        return lambda entry: entry
    with double.held() as world:
        shorten = shortener(world)
    return lambda entry: shorten_entry(entry, shorten)


def _row(entry: Entry) -> dict[str, object]:
    row: dict[str, object] = to_json(entry)
    return row | {"real_at": to_json(entry.real_at)} if isinstance(entry, Exchange) else row


def _selection(given: Mapping[str, str]) -> Selection:
    check_choice(given, "service", [service.name for service in SERVICES])
    after, before, status = (read_number(given, name) if name in given else None for name in _NUMBERS)
    refused = _flag(given, "refused") if "refused" in given else None
    service, operation, contains = (given.get(name, "") for name in _TEXTS)
    return Selection(after, before, service, operation, status, refused, contains)


def _flag(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "false")
    if text not in {"true", "false"}:
        raise Refusal(BAD_REQUEST, f"{shown(text)}, true or false expected", name)
    return text == "true"


CONTROLS = (
    Control(
        "GET",
        "/journal",
        "calls that came in, their answers, and why; ?after= ?before= ?service= ?operation= ?status= ?refused= "
        "?contains= ?limit= ?wait= ?secrets=",
        list_entries,
    ),
    Control("GET", "/journal.har", "all of them as an HTTP archive; ?secrets=", show_archive),
    Control("GET", "/journal/<number>", "one of them; ?secrets=", show_entry),
    Control("GET", "/journal/<number>/curl", "a command that makes the call again; ?secrets=", show_curl),
)
