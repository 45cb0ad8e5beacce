"""Phones and their conversations, as rows of the control surface."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from mockserver.core.agenda import Promise
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.facts import to_json
from mockserver.services.fields import Fields, read_limit, read_query
from mockserver.services.service import Operation, Reply, Request
from mockserver.services.smsvote.model import NAME, IncomingSms, SmsVote
from mockserver.services.smsvote.phones import SendReply, dialled
from mockserver.services.smsvote.reading import check_phone
from mockserver.services.smsvote.sending import SendRequest


class Line(NamedTuple):
    """A text message, and its place: after so many that the service had sent, its own among them."""

    place: tuple[int, int]
    at: datetime
    phone: str
    text: str
    is_ours: bool


def list_phones(world: World, request: Request) -> Reply:
    """List the phones that were written to, or wrote, with the last line of each, the newest last."""
    given = read_query(request, ("contains", "limit"))
    limit, wanted = read_limit(given), dialled(given.get("contains", ""))
    last: dict[str, Line] = {}
    counts: dict[str, int] = {}
    for line in _lines(world):
        counts[line.phone] = counts.get(line.phone, 0) + 1
        last[line.phone] = max(last.get(line.phone, line), line, key=lambda each: each.place)
    found = sorted((line for line in last.values() if wanted in line.phone), key=lambda line: (line.at, line.place))
    shown = [_as_row(world, line, counts[line.phone]) for line in found[-limit:]]
    return Reply.json({"phones": shown, "count": len(found)})


def _lines(world: World) -> Iterator[Line]:
    for number, message in enumerate(world.outbox.sent, 1):
        if isinstance(message, Sms) and message.service == NAME:
            yield Line((number, 0), message.at, message.recipient, message.text, is_ours=False)
    for sms in world.state(SmsVote).incoming:
        yield Line((sms.after, 1), sms.at, sms.phone, sms.text, is_ours=True)


def _as_row(world: World, line: Line, count: int) -> dict[str, object]:
    return {
        "phone": line.phone,
        "at": to_json(line.at),
        "text": line.text,
        "direction": "from the phone" if line.is_ours else "to the phone",
        "messages": count,
        "is_asked": line.phone in world.state(SmsVote).newest_request,
    }


def show_conversation(world: World, request: Request) -> Reply:
    """Show what a phone has received and sent, in the order in which it happened, and what is still to come."""
    read_query(request, ())
    state = world.state(SmsVote)
    phone = check_phone(Fields({}), "phone", dialled(request.args["phone"]), state.settings)
    lines = [((sms.after, 1), shown_incoming(sms)) for sms in state.incoming if sms.phone == phone]
    lines += [
        ((number, 0), _outgoing(message))
        for number, message in world.outbox.to(phone)
        if isinstance(message, Sms) and message.service == NAME
    ]
    lines.sort(key=lambda line: line[0])
    coming = (_coming(state, promise, phone) for promise in world.upcoming())
    return Reply.json(
        {
            "phone": phone,
            "messages": [line for _, line in lines],
            "coming": [each for each in coming if each],
            "will": to_json(_intention(state, phone)),
            "is_asked": phone in state.newest_request,
        }
    )


def _outgoing(sms: Sms) -> dict[str, object]:
    about = {"text": sms.text, "transport": sms.transport, "kind": sms.kind}
    return {"direction": "to the phone", "at": to_json(sms.at), **about}


def shown_incoming(sms: IncomingSms) -> dict[str, object]:
    """Show what a phone has sent, and what it became."""
    about = {"text": sms.text, "transport": sms.transport, "to": sms.to}
    became = {"account": sms.account, "became": sms.became, "rating": sms.rating}
    return {"direction": "from the phone", "at": to_json(sms.at), **about, **became}


def _coming(state: SmsVote, promise: Promise, phone: str) -> dict[str, object] | None:
    """Show a text message that is still to come to, or from, a phone; None for anything else."""
    task, due = promise.task, to_json(promise.due)
    if isinstance(task, SendRequest) and state.messages[task.number].draft.phone == phone:
        return {"direction": "to the phone", "due": due, "text": state.messages[task.number].draft.text}
    if isinstance(task, SendReply) and task.phone == phone:
        return {"direction": "from the phone", "due": due, "text": task.text}
    return None


def _intention(state: SmsVote, phone: str) -> dict[str, object] | None:
    if phone not in state.will_reply:
        return None
    after, text = state.will_reply[phone]
    return {"text": text, "after": after}


CONTROLS = (
    Operation("phones, with the last line of each; ?contains= ?limit=", "GET", "/phones", list_phones),
    Operation("what a phone has received and sent, and what is to come", "GET", "/phones/<phone>", show_conversation),
)
"""The control rows about phones."""
