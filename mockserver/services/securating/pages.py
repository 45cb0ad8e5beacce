"""Securating's own pages: the form a customer fills in, and the script that shows it over the shop's page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.securating.model import REVIEWED, Invitation, Securating
from mockserver.services.securating.reviews import find_invitation, give_review, open_link
from mockserver.services.service import Reply, Request
from mockserver.services.templates import render

FOLDER = Path(__file__).parent / "templates"

REFUSALS = {
    "unknown link": (404, "Ce lien n'est pas valable.", "This link is not valid."),
    "cancelled": (410, "Cette invitation a été annulée.", "This invitation was cancelled."),
    "reviewed": (409, "Vous avez déjà donné votre avis. Merci !", "You have given your review already. Thank you!"),
}
"""Status, French and English words of what a customer, rather than a program, is refused."""

WORDS = {
    "fr": {
        "title": "Votre avis",
        "hello": "Bonjour",
        "rating": "Votre note",
        "comment": "Votre commentaire",
        "gift": "En échange de votre avis, une contrepartie vous est offerte",
        "send": "Envoyer",
        "thanks": "Merci ! Votre réponse est enregistrée.",
        "problem": "Il manque une note. Choisissez-en une, puis envoyez.",
    },
    "en": {
        "title": "Your review",
        "hello": "Hello",
        "rating": "Your rating",
        "comment": "Your comment",
        "gift": "In return for your review you are offered",
        "send": "Send",
        "thanks": "Thank you! Your answer is saved.",
        "problem": "A rating is missing. Choose one, then send.",
    },
}


def front_page(_world: World, _request: Request) -> Reply:
    """`GET /`: what the published client frames in its shop's administration (SEC-O6)."""
    return Reply.page(render(FOLDER, "front.html"))


def build_script(world: World, _request: Request) -> Reply:
    """`GET /resource/build.js`: shows the form over a page opened with a token (SEC-O6)."""
    settings = world.state(Securating).settings
    script = (FOLDER / "build.js").read_text(encoding="utf-8")
    for name, value in {"PARAMETER": settings.link_parameter, "PATH": settings.form_path}.items():
        script = script.replace(f'"{name}"', json.dumps(value))
    return Reply(200, script.encode(), "text/javascript; charset=utf-8")


def show_form(world: World, request: Request) -> Reply:
    """Show the form to a customer (SEC-R2, SEC-W5), or say that the review was given (SEC-R3)."""
    token = _params(request.query).get(world.state(Securating).settings.link_parameter, "")
    invitation = open_link(world, token)
    if invitation.status == REVIEWED and world.state(Securating).settings.second_review_is_refused:
        return _words_page("reviewed", _language(invitation), 200)
    return _form_page(world, invitation)


def receive_form(world: World, request: Request) -> Reply:
    """Store what the customer filled in (SEC-W6), or show the form again with what is missing."""
    fields = _params(request.body.decode("utf-8", "surrogateescape"))
    token = _params(request.query).get(world.state(Securating).settings.link_parameter, "")
    invitation = find_invitation(world, token)
    try:
        answers = {
            name.removeprefix("thematic_"): _rating(name, value)
            for name, value in fields.items()
            if name.startswith("thematic_") and value
        }
        rating = _rating("rating", fields["rating"]) if fields.get("rating") else None
        give_review(world, token, rating, fields.get("comment", "").replace("\r\n", "\n"), answers)
    except Refusal as refusal:
        if refusal.code in REFUSALS:
            return replace(_words_page(refusal.code, _language(invitation)), notes=(str(refusal),))
        return _form_page(world, invitation, fields, refusal)
    return _message_page(WORDS[_language(invitation)]["thanks"], _language(invitation), 200)


def refused(refusal: Refusal) -> Reply:
    """Word the refusal of a link whose language nobody knows."""
    return replace(_words_page(refusal.code, "fr"), notes=(str(refusal),))


def _params(text: str) -> dict[str, str]:
    try:
        return Request("GET", "/", text).params()
    except ValueError as error:
        raise Refusal("bad parameter", str(error), "form") from None


def _rating(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 3):
        raise Refusal("bad parameter", f"{value[:80]!r}, a rating expected", name)
    return int(value)


def _language(invitation: Invitation) -> str:
    language = invitation.thematics[0].language if invitation.thematics else "fr"
    return language if language in WORDS else "fr"


def _form_page(
    world: World, invitation: Invitation, filled: Mapping[str, str] | None = None, refusal: Refusal | None = None
) -> Reply:
    language = _language(invitation)
    page = render(
        FOLDER,
        "form.html",
        language=language,
        words=WORDS[language],
        asked=invitation.asked,
        thematics=invitation.thematics,
        ratings=range(1, world.state(Securating).settings.highest_rating + 1),
        filled=filled or {},
        problem=refusal,
    )
    return replace(Reply.page(page, 400 if refusal else 200), notes=(str(refusal),) if refusal else ())


def _words_page(code: str, language: str, status: int = 0) -> Reply:
    refused_with, french, english = REFUSALS[code]
    return _message_page(english if language == "en" else french, language, status or refused_with)


def _message_page(message: str, language: str, status: int) -> Reply:
    return Reply.page(render(FOLDER, "message.html", language=language, message=message), status)
