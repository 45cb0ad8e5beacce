"""Writing down what is done through the control surface, and telling it again as a test."""

from __future__ import annotations

from contextlib import suppress

from mockserver.core.errors import MockServerError
from mockserver.core.journal import Deed
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.requests_calls import Credentials
from mockserver.runtime.retelling import retell
from mockserver.runtime.stories import story_of
from mockserver.runtime.unkept import Unkept, remark_on
from mockserver.services.fields import read_object, read_query
from mockserver.services.saying import NOTHING, THE_CALL_ITSELF, over_http
from mockserver.services.service import Reply, Request
from mockserver.web.control.control import Control


def answer_and_record(double: Double, control: Control, request: Request) -> Reply:
    """Answer a control call, and write down what it did where a test could do it too."""
    if request.method == "GET":
        return control.handle(double, request)
    with double.held() as world:
        place, at = world.journal.written, world.clock.now
        said, unkept = _said(world, control, request), Unkept.of(world)
        kept = _said(unkept.without(world), control, request) if unkept.made else said
    reply = control.handle(double, request)
    if said and reply.status in {200, 201}:
        if kept != said:
            is_left_out = not kept or unkept.are_named_in(reply.body.decode())
            said = remark_on(request.method, request.path) if is_left_out else kept
        with double.held() as world:
            world.journal.deeds.append(Deed(place, at, world.clock.now, str(said)))
    double.changes.tell()
    return reply


def _said(world: World, control: Control, request: Request) -> str:
    """Say a call in Python; what cannot be said is not understood either, and will be refused."""
    with suppress(MockServerError):
        said = control.said(world, request) if control.said else THE_CALL_ITSELF
        return _over_http(world, request) if said is THE_CALL_ITSELF else said
    return NOTHING


def _over_http(world: World, request: Request) -> str:
    return over_http(request, Credentials.of(world).told(read_object(request.body).take_rest()))


def show_test(double: Double, request: Request) -> Reply:
    """Tell what was done as a test of pytest."""
    read_query(request, ())
    story = story_of(double)
    return Reply.json({"test": retell(story), "steps": len(story.steps), "left_out": story.left_out})


def save_test(double: Double, request: Request) -> Reply:
    """Do the same as a file."""
    read_query(request, ())
    name = (("Content-Disposition", 'attachment; filename="test_what_was_done.py"'),)
    return Reply(200, retell(story_of(double)).encode("utf-8", "backslashreplace"), headers=name)


CONTROLS = (
    Control("GET", "/test", "what was done, as a test of pytest", show_test),
    Control("GET", "/test.py", "the same as a file", save_test),
)
