"""What customers do, for the control surface: they open links and review; and what there is to see of it."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.core.errors import Refusal
from mockserver.core.instants import parse_duration
from mockserver.core.world import World
from mockserver.services.crowd import take_crowd
from mockserver.services.facts import to_json
from mockserver.services.fields import BAD_REQUEST, Fields, read_limit, read_object, read_query, shown
from mockserver.services.saying import say_crowd
from mockserver.services.securating import manager, retold
from mockserver.services.securating.customers import intend, set_crowd
from mockserver.services.securating.invitations import meant_invitation, shown_invitation
from mockserver.services.securating.mailing import envelopes, mailing_of
from mockserver.services.securating.model import NAME, STATUSES, Intention, Securating
from mockserver.services.securating.reviews import open_and_review, open_link
from mockserver.services.service import Operation, Reply, Request


def _customer_opens(world: World, request: Request) -> Reply:
    fields = read_object(request.body)
    token = meant_invitation(world, fields).token
    fields.finish()
    return Reply.json(shown_invitation(world, open_link(world, token)))


def _customer_reviews(world: World, request: Request) -> Reply:
    fields = read_object(request.body)
    token = meant_invitation(world, fields).token
    rating, comment, answers = _review(fields)
    fields.finish()
    open_and_review(world, token, rating, comment, answers)
    return Reply.json(shown_invitation(world, world.state(Securating).invitations[token]))


def _review(fields: Fields) -> tuple[int | None, str, dict[str, int]]:
    """Take what a customer says, or will say, in the form."""
    rating = fields.take_any("rating", (int, type(None)), None)
    comment = fields.take("comment", str, "")
    given: dict[str, object] = fields.take("thematics", dict, {})
    thematics = Fields(given, "thematics")
    return rating, comment, {code: thematics.take(code, int) for code in given}


def _customer_will_review(world: World, request: Request) -> Reply:
    fields = read_object(request.body)
    email, after = fields.take("email", str), fields.take_any("after", (str, int, float, dict), 0)
    rating, comment, answers = _review(fields)
    fields.finish()
    intention = Intention(parse_duration(after, "after"), rating, comment, tuple(answers.items()))
    intend(world, email, intention)
    return Reply.json({"email": email, "will": to_json(intention)})


def _customer_will_ignore(world: World, request: Request) -> Reply:
    fields = read_object(request.body)
    email = fields.take("email", str)
    fields.finish()
    intend(world, email, None)
    return Reply.json({"email": email, "will": None})


def _crowd_will_review(world: World, request: Request) -> Reply:
    crowd = take_crowd(read_object(request.body))
    set_crowd(world, crowd)
    return Reply.json(crowd.described())


def _list_invitations(world: World, request: Request) -> Reply:
    """List invitations, the newest last; `?email=`, `?order=` and `?status=` choose."""
    wanted = read_query(request, ("email", "order", "status", "limit"))
    limit, status = read_limit(wanted), wanted.get("status", "")
    if status not in {"", *STATUSES}:
        raise Refusal(BAD_REQUEST, f"{shown(status)}, one of {', '.join(STATUSES)} expected", "status")
    asked = [(name, wanted[name]) for name in ("email", "order") if name in wanted]
    found = [
        invitation
        for invitation in world.state(Securating).invitations.values()
        if status in {"", invitation.status} and all(getattr(invitation.asked, name) == value for name, value in asked)
    ]
    return Reply.json({"invitations": [shown_invitation(world, one) for one in found[-limit:]], "count": len(found)})


def _show_invitation(world: World, request: Request) -> Reply:
    """Show one invitation, and when its mail will leave."""
    read_query(request, ())
    invitation = meant_invitation(world, Fields({"token": request.args["token"]}))
    return Reply.json(shown_invitation(world, invitation) | {"mailing": to_json(mailing_of(world, invitation.token))})


def _list_letters(world: World, request: Request) -> Reply:
    """List what left for customers, about one invitation with `?token=`; the outbox has what is in a letter."""
    wanted = read_query(request, ("token", "limit"))
    return _listed("letters", envelopes(world, wanted.get("token", "")), wanted)


def _list_reviews(world: World, request: Request) -> Reply:
    wanted = read_query(request, ("token", "limit"))
    token = wanted.get("token", "")
    reviews = [review for review in world.state(Securating).reviews.values() if token in {"", review.token}]
    return _listed("reviews", reviews, wanted)


def _listed(name: str, rows: Sequence[object], wanted: dict[str, str]) -> Reply:
    return Reply.json({name: to_json(rows[-read_limit(wanted) :]), "count": len(rows)})


CONTROLS = (
    Operation(
        "invitations, what was asked, their forms and reviews; ?email= ?order= ?status= ?limit=",
        "GET",
        "/invitations",
        _list_invitations,
    ),
    Operation("one invitation, and when it will be mailed", "GET", "/invitations/<token>", _show_invitation),
    Operation("letters that left for customers; ?token= ?limit=", "GET", "/letters", _list_letters),
    Operation("reviews that were given; ?token= ?limit=", "GET", "/reviews", _list_reviews),
    Operation(
        'a customer opens the form: {"email": …} or {"token": …}',
        "POST",
        "/open",
        _customer_opens,
        said=retold.say_opened,
    ),
    Operation(
        'a customer opens the form and reviews: {"email": …, "rating": 5, "comment": …, "thematics": {"1000100": 4}}',
        "POST",
        "/review",
        _customer_reviews,
        said=retold.say_reviewed,
    ),
    Operation(
        'a customer will review each mail: {"email": …, "rating": 5, "comment": …, "after": "2d"}',
        "POST",
        "/will-review",
        _customer_will_review,
        said=retold.say_will_review,
    ),
    Operation(
        'a customer will never review: {"email": …}',
        "POST",
        "/will-ignore",
        _customer_will_ignore,
        said=retold.say_will_ignore,
    ),
    Operation(
        'everybody else is a crowd: {"answering": 0.4, "within": "3d", "ratings": {"5": 3, "4": 1}}',
        "POST",
        "/crowd",
        _crowd_will_review,
        said=lambda _world, request: say_crowd(NAME, request),
    ),
    *manager.CONTROLS,
)
