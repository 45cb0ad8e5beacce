"""The steps of an invitation that the robots tell its webhook (SPEC §1.3)."""

from __future__ import annotations

from mockserver.core.webhooks import Policy, WebhookCall
from mockserver.core.world import World
from mockserver.services.securating.model import NAME, Invitation, Securating


def tell(world: World, invitation: Invitation, step: str, *extra: tuple[str, str]) -> None:
    """Owe the invitation's webhook a call (SPEC §1.3)."""
    asked = invitation.asked
    if not asked.webhook:
        return
    settings = world.state(Securating).settings
    meta = asked.meta if step in settings.webhook_meta_steps else ()
    world.webhooks.owe(
        WebhookCall(
            number=len(world.webhooks.calls) + 1,
            created_at=world.clock.now,
            service=NAME,
            subject=invitation.token,
            step=step,
            url=asked.webhook,
            params=(("step", step), *extra, *meta),
            policy=Policy(
                settings.webhook_method,
                settings.webhook_words,
                settings.webhook_words_ignore_case,
                settings.webhook_statuses,
                tuple(wait for wait in settings.webhook_retries if wait),  # 0 is never (SEC-W9)
                settings.webhook_steps_wait_for_each_other,
            ),
        )
    )
