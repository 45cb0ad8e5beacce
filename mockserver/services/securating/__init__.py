"""Securating: review invitations by e-mail, recalls, webhooks and reviews (SPEC §1)."""

from __future__ import annotations

from mockserver.core.outbox import Letter, Sms
from mockserver.core.settings import Settings
from mockserver.core.world import World
from mockserver.services.securating.credentials import claims_of, credentials, example, owns, renew
from mockserver.services.securating.model import NAME, Securating
from mockserver.services.securating.people import CONTROLS
from mockserver.services.securating.seed import seed
from mockserver.services.securating.settings import SecuratingSettings
from mockserver.services.securating.wire import operations, refuse
from mockserver.services.service import Service


def _settings_of(world: World) -> Settings:
    return world.state(Securating).settings


def _compose(world: World, message: Letter | Sms) -> dict[str, str]:
    from mockserver.services.securating.letters import describe  # noqa: PLC0415 - costs 13 ms of a start

    return describe(world, message)


SERVICE = Service(
    name=NAME,
    title="Securating",
    hosts=("api.securating.io", "securating.io", "www.securating.io"),
    settings=SecuratingSettings,
    new_state=Securating,
    settings_of=_settings_of,
    operations=operations,
    controls=CONTROLS,
    refuse=refuse,
    seed=seed,
    compose=_compose,
    credentials=credentials,
    example=example,
    claims_of=claims_of,
    owns=owns,
    renew=renew,
)
