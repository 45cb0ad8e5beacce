"""Snapshots over HTTP: taken, gone back to, forked, saved and loaded."""

from __future__ import annotations

from mockserver.core.errors import InvalidInput
from mockserver.runtime.double import Double
from mockserver.runtime.snapshots import Snapshot
from mockserver.runtime.tenants import Tenants
from mockserver.services.facts import to_json
from mockserver.services.fields import read_limit, read_object, read_query
from mockserver.services.saying import say_nothing
from mockserver.services.service import Reply, Request
from mockserver.web.control.clock import clock_of
from mockserver.web.control.control import FOR_PROGRAMS, Control, listed


def list_snapshots(double: Double, request: Request) -> Reply:
    """List the snapshots that are held, the newest last."""
    limit = read_limit(read_query(request, ("limit",)))
    return Reply.json(listed("snapshots", double.snapshots.list(), _row, limit))


def take_snapshot(double: Double, request: Request) -> Reply:
    """Hold the world as it is, or load what was saved."""
    read_query(request, ())
    fields = read_object(request.body)
    name = fields.take("name", str, "")
    saved = fields.take("snapshot", dict, {}) if "snapshot" in fields else None
    fields.finish()
    if saved is None:
        double.drain()
    before = {each.name: {"replaced": to_json(each.taken_at)} for each in double.snapshots.list()}
    taken = double.snapshots.take(name) if saved is None else double.snapshots.load(saved, name)
    return Reply.json(_row(taken) | before.get(taken.name, {}), 201)


def save_snapshot(double: Double, request: Request) -> Reply:
    """Show a snapshot as the file that `take_snapshot` loads."""
    read_query(request, ())
    return Reply(200, double.snapshots.save(request.args["name"]).encode(), FOR_PROGRAMS)


def drop_snapshot(double: Double, request: Request) -> Reply:
    """Forget a snapshot."""
    read_query(request, ())
    double.snapshots.drop(request.args["name"])
    return Reply.json({"dropped": request.args["name"]})


def restoring(tenants: Tenants) -> Control:
    """Return the row that goes back to a snapshot, unless that would take over the calls of another tenant."""

    def restore(double: Double, request: Request) -> Reply:
        read_object(request.body).finish()
        snapshot = double.snapshots.get(request.args["name"])
        if rival := tenants.find_like(snapshot.world, besides=double):
            why = f"{snapshot.name} has the credentials of tenant {rival.name}; a fork of it has credentials of its own"
            raise InvalidInput("name", why)
        double.snapshots.restore(snapshot.name)
        return Reply.json(clock_of(double))

    return Control("POST", "/snapshots/<name>/restore", "go back to a snapshot", restore, say_nothing)


def _row(snapshot: Snapshot) -> dict[str, object]:
    return {"name": snapshot.name, "taken_at": to_json(snapshot.taken_at)}


CONTROLS = (
    Control("GET", "/snapshots", "the snapshots that are held", list_snapshots),
    Control(
        "POST",
        "/snapshots",
        'hold the world as it is: {"name": …}; with {"snapshot": {…}}, load one',
        take_snapshot,
        said=say_nothing,
    ),
    Control("GET", "/snapshots/<name>", "a snapshot as a file", save_snapshot),
    Control("DELETE", "/snapshots/<name>", "forget a snapshot", drop_snapshot, say_nothing),
)
