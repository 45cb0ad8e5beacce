"""sms-vote: ratings by SMS, votes and questionnaires, with the service's commands for them."""

from __future__ import annotations

from mockserver.core.outbox import Letter, Sms
from mockserver.core.world import World
from mockserver.services.service import Service
from mockserver.services.smsvote.credentials import claims_of, credentials, example, owns, renew
from mockserver.services.smsvote.model import NAME, SmsVote
from mockserver.services.smsvote.people import CONTROLS
from mockserver.services.smsvote.seed import seed
from mockserver.services.smsvote.settings import SmsVoteSettings
from mockserver.services.smsvote.wire import operations, refuse


def settings_of(world: World) -> SmsVoteSettings:
    """Return the assumptions that a world runs sms-vote under."""
    return world.state(SmsVote).settings


def compose(world: World, message: Letter | Sms) -> dict[str, str]:  # noqa: ARG001 - an SMS is kept as it was
    """Return the text of a message that left."""
    return {"text": message.text} if isinstance(message, Sms) else {}


SERVICE = Service(
    name=NAME,
    title="sms-vote",
    hosts=("sms-vote.ru",),
    settings=SmsVoteSettings,
    new_state=SmsVote,
    settings_of=settings_of,
    operations=operations,
    controls=CONTROLS,
    refuse=refuse,
    seed=seed,
    compose=compose,
    credentials=credentials,
    example=example,
    claims_of=claims_of,
    owns=owns,
    renew=renew,
)
"""The service as the rest of the house sees it."""
