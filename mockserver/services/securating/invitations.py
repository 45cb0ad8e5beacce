"""An invitation on the control surface: how a call names it, how an answer shows it, how a test finds it."""

from __future__ import annotations

import dataclasses

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.facts import to_json
from mockserver.services.fields import Fields
from mockserver.services.saying import call
from mockserver.services.securating.model import NAME, Invitation, Securating
from mockserver.services.service import NO_SUCH_CALL


def meant_invitation(world: World, fields: Fields) -> Invitation:
    """Return the invitation named by `token`, or the newest one to `email`. Raises `Refusal`."""
    token, email = fields.take("token", str, ""), fields.take("email", str, "")
    if not token and not email:
        fields.refuse("email", "missing, the email of a customer or the token of an invitation expected")
    invitations = world.state(Securating).invitations
    if token in invitations:
        return invitations[token]
    for invitation in reversed(invitations.values()):
        if email and not token and invitation.asked.email == email:
            return invitation
    wanted = f"the token {token[:80]!r}" if token else f"the e-mail {email[:80]!r}"
    raise Refusal(
        NO_SUCH_CALL, f"no invitation has {wanted}; there are {len(invitations)}", "token" if token else "email"
    )


def shown_invitation(world: World, invitation: Invitation) -> dict[str, object]:
    """Show an invitation: what was asked beyond the defaults, where its form is on this machine, and its review."""
    state = world.state(Securating)
    asked, review = invitation.asked, state.reviews.get(invitation.token)
    said = {
        field.name: getattr(asked, field.name)
        for field in dataclasses.fields(asked)
        if getattr(asked, field.name) != field.default
    }
    shown: dict[str, object] = to_json(invitation)
    return shown | {
        "email": asked.email,
        "order": asked.order,
        "form": address_of_form(world, invitation),
        "asked": to_json(said),
        "review": to_json(review) | {"thematics": dict(review.answers)} if review else None,
    }


def address_of_form(world: World, invitation: Invitation) -> str:
    """Return where the form of an invitation is on this machine."""
    settings = world.state(Securating).settings
    return f"{settings.form_path}?{settings.link_parameter}={invitation.token}"


def found_invitation(world: World, invitation: Invitation) -> str:
    """Return the expression by which a test finds an invitation: by its order, or else by its customer."""
    all_of_them, asked = world.state(Securating).invitations.values(), invitation.asked
    if asked.order and sum(each.asked.order == asked.order for each in all_of_them) == 1:
        return call(f"{NAME}.invitations.one", order=asked.order)
    theirs = [each.token for each in all_of_them if each.asked.email == asked.email]
    if len(theirs) == 1:
        return call(f"{NAME}.invitations.one", email=asked.email)
    return f"{call(f'{NAME}.invitations.all', email=asked.email)}[{theirs.index(invitation.token)}]"
