"""Securating: review invitations by e-mail, recalls, webhooks and reviews (SPEC §1)."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.core.outbox import Letter, Sms
from mockserver.core.world import World
from mockserver.services.outcome import Outcome
from mockserver.services.securating.adjusting import adjust
from mockserver.services.securating.chronicle import foresee, lives_of_invitations
from mockserver.services.securating.credentials import (
    credentials,
    credentials_in,
    example,
    owns,
    persons_of,
    renew,
    secrets,
)
from mockserver.services.securating.errors import GROUNDS, REFUSALS
from mockserver.services.securating.model import NAME, Securating
from mockserver.services.securating.panels import PANELS
from mockserver.services.securating.people import CONTROLS
from mockserver.services.securating.retold import FIXTURE, assertions
from mockserver.services.securating.seed import seed
from mockserver.services.securating.settings import SecuratingSettings
from mockserver.services.securating.wire import operations, refuse
from mockserver.services.service import Bearing, Service
from mockserver.services.settings import Settings


def _settings_of(world: World) -> Settings:
    return world.state(Securating).settings


def _compose(world: World, message: Letter | Sms) -> dict[str, str]:
    from mockserver.services.securating.letters import describe  # noqa: PLC0415 - costs 13 ms of a start

    return describe(world, message)


def _words(message: Letter | Sms) -> str:
    from mockserver.services.securating.letters import words  # noqa: PLC0415 - costs 13 ms of a start

    return words(message)


def _outcomes() -> tuple[Outcome, ...]:
    from mockserver.services.securating.outcomes import OUTCOMES  # noqa: PLC0415 - only for a suite that asks

    return OUTCOMES


def _bearings() -> Mapping[str, Bearing]:
    from mockserver.services.securating.bearings import BEARINGS  # noqa: PLC0415 - only for a suite that asks

    return BEARINGS


SERVICE = Service(
    name=NAME,
    title="Securating",
    hosts=("api.securating.io", "securating.io", "www.securating.io"),
    settings=SecuratingSettings,
    state=Securating,
    settings_of=_settings_of,
    operations=operations,
    controls=CONTROLS,
    refuse=refuse,
    refusals=REFUSALS,
    grounds=GROUNDS,
    seed=seed,
    adjust=adjust,
    compose=_compose,
    words=_words,
    credentials=credentials,
    secrets=secrets,
    example=example,
    credentials_in=credentials_in,
    owns=owns,
    person="email",
    persons_of=persons_of,
    renew=renew,
    lives=lives_of_invitations,
    foresee=foresee,
    panels=PANELS,
    fixture=FIXTURE,
    assertions=assertions,
    outcomes=_outcomes,
    pinned=lambda world: world.state(Securating).pinned,
    bearings=_bearings,
)
