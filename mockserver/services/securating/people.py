"""What people do, for the control surface: customers open links and review, the shop's staff works in the manager."""

from __future__ import annotations

import dataclasses

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.fields import Fields, read_limit, read_object, read_query
from mockserver.services.securating import rules
from mockserver.services.securating.model import Invitation, Securating, Website
from mockserver.services.securating.pages import FOLDER
from mockserver.services.securating.parameters import read_solicitation
from mockserver.services.securating.reviews import give_review, open_link
from mockserver.services.service import NO_SUCH_CALL, Operation, Reply, Request
from mockserver.services.templates import render


def _customer_opens(world: World, request: Request) -> Reply:
    fields = read_object(request.body)
    token = _invitation(world, fields).token
    fields.finish()
    return Reply.json(_shown(world, open_link(world, token)))


def _customer_reviews(world: World, request: Request) -> Reply:
    fields = read_object(request.body)
    token = _invitation(world, fields).token
    rating = fields.take_any("rating", (int, type(None)), None)
    comment = fields.take("comment", str, "")
    thematics = Fields(fields.take("thematics", dict, {}), "thematics")
    answers = {path.rpartition(".")[2]: thematics.take(path.rpartition(".")[2], int) for path in thematics.left()}
    fields.finish()
    give_review(world, token, rating, comment, answers)
    return Reply.json(_shown(world, world.state(Securating).invitations[token]))


def _invitation(world: World, fields: Fields) -> Invitation:
    """Return the invitation named by `token`, or the newest one to `email`."""
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


def _list_invitations(world: World, request: Request) -> Reply:
    """List invitations, the newest last; `?email=` and `?order=` choose."""
    wanted = read_query(request, ("email", "order", "limit"))
    limit = read_limit(wanted)
    found = [
        invitation
        for invitation in world.state(Securating).invitations.values()
        if all(getattr(invitation.asked, name) == value for name, value in wanted.items() if name != "limit")
    ]
    return Reply.json({"invitations": [_shown(world, one) for one in found[-limit:]], "count": len(found)})


def _invite_by_hand(world: World, request: Request) -> Reply:
    """Create an invitation as the manager's form does, with its `thematics` field (SEC-T8)."""
    fields = read_object(request.body)
    website = _website(world, fields)
    given = {name: str(fields.take_any(name, (str, int))) for name in fields.left()}
    asked = read_solicitation({"keywebsite": website.key} | given, world.state(Securating).settings)
    if asked.unknown:
        raise Refusal("bad request", "no such parameter", asked.unknown[0][0])
    return Reply.json(_shown(world, rules.create_invitation(world, website, asked, mailed=True)))


def _website(world: World, fields: Fields) -> Website:
    websites = world.state(Securating).websites
    key = fields.take("keywebsite", str, next(iter(websites), ""))
    return rules.find_website(world, key)


def _show_test_form(_world: World, _request: Request) -> Reply:
    """Show the documentation's own test form (SEC-R4)."""
    return Reply.page(render(FOLDER, "test_form.html", problem=""))


def _receive_test_form(world: World, request: Request) -> Reply:
    """Send an invitation to whoever answers that five times one is five (SEC-R4)."""
    try:
        given = request.form()
        if given.get("answer", "").strip() != "5":
            raise Refusal("bad parameter", f"{given.get('answer', '')[:20]!r} is not five times one", "answer")
        website = _website(world, Fields({}))
        wanted = {
            "keywebsite": website.key,
            "email": given.get("email", ""),
            "first_name": given.get("first_name", ""),
            "days": "0",
            "force_invitation": "1",
        }
        asked = read_solicitation(wanted, world.state(Securating).settings)
        invitation = rules.create_invitation(world, website, asked, mailed=True)
    except (Refusal, ValueError) as problem:
        return Reply.page(render(FOLDER, "test_form.html", problem=str(problem)), 400)
    sent = f"Une invitation est partie pour {invitation.asked.email}."
    return Reply.page(render(FOLDER, "message.html", language="fr", message=sent))


def _shown(world: World, invitation: Invitation) -> dict[str, object]:
    """Show an invitation: what was asked beyond the defaults, where its form is on this machine, and its review."""
    state = world.state(Securating)
    asked, review = invitation.asked, state.reviews.get(invitation.token)
    said = {
        field.name: getattr(asked, field.name)
        for field in dataclasses.fields(asked)
        if field.name != "email" and getattr(asked, field.name) != field.default
    }
    given = {"rating": review.rating, "comment": review.comment, "thematics": dict(review.answers)} if review else None
    return {
        "token": invitation.token,
        "email": asked.email,
        "order": asked.order,
        "status": invitation.status,
        "link": invitation.link,
        "form": f"{state.settings.form_path}?{state.settings.link_parameter}={invitation.token}",
        "asked": said,
        "review": given,
    }


CONTROLS = (
    Operation(
        "invitations, what was asked, their forms and reviews; ?email= ?order= ?limit=",
        "GET",
        "/invitations",
        _list_invitations,
    ),
    Operation("an invitation made by hand in the manager", "POST", "/invitations", _invite_by_hand),
    Operation('a customer opens the form: {"email": …} or {"token": …}', "POST", "/open", _customer_opens),
    Operation(
        'a customer reviews: {"email": …, "rating": 5, "comment": …, "thematics": {"1000100": 4}}',
        "POST",
        "/review",
        _customer_reviews,
    ),
    Operation("the documentation's test form", "GET", "/test-form", _show_test_form),
    Operation("the documentation's test form, sent", "POST", "/test-form", _receive_test_form),
)
