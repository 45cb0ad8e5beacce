"""sms-vote: ratings by SMS, votes and questionnaires, with the service's commands for them."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.core.outbox import Letter, Sms
from mockserver.core.world import World
from mockserver.services.outcome import Outcome
from mockserver.services.service import Bearing, Service
from mockserver.services.smsvote.adjusting import adjust
from mockserver.services.smsvote.chronicle import foresee, lives_of_phones
from mockserver.services.smsvote.credentials import (
    credentials,
    credentials_in,
    example,
    owns,
    persons_of,
    renew,
    secrets,
)
from mockserver.services.smsvote.errors import GROUNDS, REFUSALS
from mockserver.services.smsvote.model import NAME, SmsVote
from mockserver.services.smsvote.panels import PANELS
from mockserver.services.smsvote.people import CONTROLS
from mockserver.services.smsvote.retold import FIXTURE, assertions
from mockserver.services.smsvote.seed import seed
from mockserver.services.smsvote.settings import SmsVoteSettings
from mockserver.services.smsvote.wire import operations, refuse


def settings_of(world: World) -> SmsVoteSettings:
    """Return the assumptions that a world runs sms-vote under."""
    return world.state(SmsVote).settings


def compose(world: World, message: Letter | Sms) -> dict[str, str]:  # noqa: ARG001 - an SMS is kept as it was
    """Return the text of a message that left."""
    return {"text": words(message)}


def words(message: Letter | Sms) -> str:
    """Return what a message says."""
    return message.text if isinstance(message, Sms) else ""


def _outcomes() -> tuple[Outcome, ...]:
    from mockserver.services.smsvote.outcomes import OUTCOMES  # noqa: PLC0415 - only for a suite that asks

    return OUTCOMES


def _bearings() -> Mapping[str, Bearing]:
    from mockserver.services.smsvote.bearings import BEARINGS  # noqa: PLC0415 - only for a suite that asks

    return BEARINGS


SERVICE = Service(
    name=NAME,
    title="sms-vote",
    hosts=("sms-vote.ru",),
    settings=SmsVoteSettings,
    state=SmsVote,
    settings_of=settings_of,
    operations=operations,
    controls=CONTROLS,
    refuse=refuse,
    refusals=REFUSALS,
    grounds=GROUNDS,
    seed=seed,
    adjust=adjust,
    compose=compose,
    words=words,
    credentials=credentials,
    secrets=secrets,
    example=example,
    credentials_in=credentials_in,
    owns=owns,
    person="phone",
    persons_of=persons_of,
    renew=renew,
    lives=lives_of_phones,
    foresee=foresee,
    panels=PANELS,
    fixture=FIXTURE,
    assertions=assertions,
    outcomes=_outcomes,
    pinned=lambda world: world.state(SmsVote).pinned,
    bearings=_bearings,
)
"""The service as the rest of the house sees it."""
