"""What a text message from a phone becomes: a rating, an answer, a ballot, or nothing."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.core.world import World
from mockserver.services.smsvote.model import IncomingSms, SmsVote
from mockserver.services.smsvote.questionnaires import answer_question
from mockserver.services.smsvote.ratings import rate_by_prefix, rate_request
from mockserver.services.smsvote.rules import find_account, note
from mockserver.services.smsvote.votes import vote_by_sms

_ROUTES: dict[str, Callable[[World, IncomingSms], IncomingSms | None]] = {
    "prefix": rate_by_prefix,
    "request": rate_request,
    "questionnaire": answer_question,
    "vote": vote_by_sms,
}


def receive_sms(
    world: World, phone: str, text: str, *, to: str = "", transport: str = "sms", account_id: int | None = None
) -> IncomingSms:
    """Receive an SMS or WhatsApp message from a phone, and keep it with what it became (SMS-F1 to SMS-F3, SMS-V9).

    It is tried as what `sms_routes` names, in that order. It belongs to `account_id`, else to the account that sent to
    the phone last, else to the first one, unless a prefix or an open request says otherwise.
    Refuses an account that does not exist.
    """
    state = world.state(SmsVote)
    account = find_account(state, state.last_sender.get(phone) if account_id is None else account_id)
    sms = IncomingSms(world.clock.now, phone, text, to, transport, len(world.outbox), account.id)
    taken = None
    for route in state.settings.sms_routes:
        taken = taken or _ROUTES[route](world, sms)
    if taken is None:
        note(world, f"{text[:80]!r} from {phone} is no rating, answer or ballot that anybody waits for")
    state.incoming.append(taken or sms)
    return taken or sms
