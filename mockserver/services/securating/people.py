"""What people do, for the control surface: customers open links and review, the shop's staff works in the manager."""

from __future__ import annotations

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.fields import Fields, read_object
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
    return Reply.json(_shown(open_link(world, token)))


def _customer_reviews(world: World, request: Request) -> Reply:
    fields = read_object(request.body)
    token = _invitation(world, fields).token
    rating = fields.take_any("rating", (int, type(None)), None)
    comment = fields.take("comment", str, "")
    thematics = Fields(fields.take("thematics", dict, {}), "thematics")
    answers = {path.rpartition(".")[2]: thematics.take(path.rpartition(".")[2], int) for path in thematics.left()}
    fields.finish()
    review = give_review(world, token, rating, comment, answers)
    return Reply.json(_shown(world.state(Securating).invitations[token]) | {"author": review.author})


def _invitation(world: World, fields: Fields) -> Invitation:
    """Return the invitation named by `token`, or the newest one to `email`."""
    token, email = fields.take("token", str, ""), fields.take("email", str, "")
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


def _list_invitations(world: World, _request: Request) -> Reply:
    invitations = list(world.state(Securating).invitations.values())
    return Reply.json({"invitations": [_shown(one) for one in invitations[-1000:]], "count": len(invitations)})


def _invite_by_hand(world: World, request: Request) -> Reply:
    """Create an invitation as the manager's form does, with its `thematics` field (SEC-T8)."""
    fields = read_object(request.body)
    website = _website(world, fields)
    given = {name: str(fields.take_any(name, (str, int))) for name in fields.left()}
    asked = read_solicitation({"keywebsite": website.key} | given, world.state(Securating).settings)
    if asked.unknown:
        raise Refusal("bad request", "no such parameter", asked.unknown[0][0])
    return Reply.json(_shown(rules.create_invitation(world, website, asked, mailed=True)))


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


def _shown(invitation: Invitation) -> dict[str, object]:
    return {
        "token": invitation.token,
        "email": invitation.asked.email,
        "order": invitation.asked.order,
        "status": invitation.status,
        "link": invitation.link,
    }


CONTROLS = (
    Operation("invitations and their links", "GET", "/invitations", _list_invitations),
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
