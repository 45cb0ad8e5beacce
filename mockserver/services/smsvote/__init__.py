"""sms-vote: ratings by SMS, votes and questionnaires, with the service's commands for them."""

from __future__ import annotations

import json
from urllib.parse import quote

from mockserver.core.outbox import Letter, Sms
from mockserver.core.world import World
from mockserver.services.service import Service
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


def credentials(world: World) -> dict[str, object]:
    """Return what a command authenticates with: `id` and `secure` of the first account (SMS-G2)."""
    return next(({"id": each.id, "secure": each.secure} for each in world.state(SmsVote).accounts.values()), {})


def example(world: World, base_url: str) -> str:
    """Return a command line that asks for the balance, quoted so that any shell takes it."""
    command = quote(json.dumps(credentials(world), separators=(",", ":")), safe="")
    return f'curl -g "{base_url.rstrip("/")}/api/command/balance.php?json={command}"'


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
)
"""The service as the rest of the house sees it."""
