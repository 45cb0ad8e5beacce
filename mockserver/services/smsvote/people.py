"""What people do at sms-vote, as rows of the control surface.

A mistake in a control call raises a `Refusal` that names the field. `account` chooses among several; without it the
first one is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.core.instants import parse_duration
from mockserver.core.world import World
from mockserver.services.crowd import take_crowd
from mockserver.services.facts import to_json
from mockserver.services.fields import Fields, read_limit, read_object, read_query
from mockserver.services.saying import say_crowd
from mockserver.services.service import Operation, Reply, Request
from mockserver.services.smsvote import administration, organisers, phonebook, retold
from mockserver.services.smsvote.incoming import receive_sms
from mockserver.services.smsvote.model import NAME, SmsVote
from mockserver.services.smsvote.phonebook import shown_incoming
from mockserver.services.smsvote.phones import dialled, intend, set_crowd
from mockserver.services.smsvote.ratings import all_ratings
from mockserver.services.smsvote.reading import check_phone, take_sms, take_transport
from mockserver.services.smsvote.rules import messages_to


def send_sms(world: World, request: Request) -> Reply:
    """Let a phone send a text message to the service."""
    phone, fields = _phone(world, request), read_object(request.body)
    text, to, transport = take_sms(fields, "text"), fields.take("to", str, ""), take_transport(fields)
    account_id = fields.take_any("account", (int,), None)
    fields.finish()
    sms = receive_sms(world, phone, text, to=to, transport=transport, account_id=account_id)
    return Reply.json(shown_incoming(sms) | {"sms": to_json(sms)})


def list_messages(world: World, request: Request) -> Reply:
    """List what was sent, the newest last; `?phone=` chooses."""
    given = read_query(request, ("phone", "limit"))
    return _listed("messages", messages_to(world, _queried_phone(world, given)), given)


def list_incoming(world: World, request: Request) -> Reply:
    """List what phones have sent, and what it became; `?phone=` chooses."""
    given = read_query(request, ("phone", "limit"))
    phone = _queried_phone(world, given)
    return _listed("incoming", [sms for sms in world.state(SmsVote).incoming if phone in {"", sms.phone}], given)


def list_ratings(world: World, request: Request) -> Reply:
    """List the ratings, those of each account oldest first."""
    given = read_query(request, ("limit",))
    return _listed("ratings", all_ratings(world.state(SmsVote)), given)


def _listed(name: str, rows: Sequence[object], given: Mapping[str, str]) -> Reply:
    return Reply.json({name: to_json(rows[-read_limit(given) :]), "count": len(rows)})


def expect_reply_of_phone(world: World, request: Request) -> Reply:
    """Decide what a phone's owner will answer to the last open request and to each to come."""
    phone, fields = _phone(world, request), read_object(request.body)
    text, after = take_sms(fields, "text"), fields.take_any("after", (str, int, float, dict), 0)
    fields.finish()
    delay = parse_duration(after, "after")
    intend(world, phone, delay, text)
    return Reply.json({"phone": phone, "will": {"text": text, "after": to_json(delay)}})


def crowd_will_reply(world: World, request: Request) -> Reply:
    """Decide what owners of phones will answer of whom nothing else is said."""
    crowd = take_crowd(read_object(request.body))
    set_crowd(world, crowd)
    return Reply.json(crowd.described())


def _queried_phone(world: World, given: Mapping[str, str]) -> str:
    return _checked(world, given["phone"]) if "phone" in given else ""


def _phone(world: World, request: Request) -> str:
    return _checked(world, request.args["phone"])


def _checked(world: World, phone: str) -> str:
    return check_phone(Fields({}), "phone", dialled(phone), world.state(SmsVote).settings)


CONTROLS = (
    Operation(
        'a phone sends an SMS: {"text": "5 отлично"}', "POST", "/phones/<phone>/send", send_sms, said=retold.say_sent
    ),
    *phonebook.CONTROLS,
    Operation(
        'a phone will answer each request: {"text": "5", "after": "2h"}',
        "POST",
        "/phones/<phone>/will-reply",
        expect_reply_of_phone,
        said=retold.say_will_reply,
    ),
    Operation(
        'everybody else is a crowd: {"answering": 0.4, "within": "3d", "ratings": {"5": 3, "4": 1}}',
        "POST",
        "/crowd",
        crowd_will_reply,
        said=lambda _world, request: say_crowd(NAME, request),
    ),
    Operation("messages that were sent; ?phone= ?limit=", "GET", "/messages", list_messages),
    Operation("messages that phones have sent; ?phone= ?limit=", "GET", "/incoming", list_incoming),
    Operation("ratings, with and without request; ?limit=", "GET", "/ratings", list_ratings),
    *organisers.CONTROLS,
    *administration.CONTROLS,
)
"""The control rows of sms-vote; a name says what somebody does, and the fields it takes."""
