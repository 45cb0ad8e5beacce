"""Securating's own pages: the form a customer fills in, and the script that shows it over the shop's page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.securating.model import REVIEWED, Invitation, Securating
from mockserver.services.securating.reviews import find_invitation, give_review, open_link
from mockserver.services.service import Reply, Request
from mockserver.services.templates import read_block, render

FOLDER = Path(__file__).parent / "templates"

REFUSALS = {
    "unknown link": (404, "Ce lien n’est pas valable.", "This link is not valid."),
    "cancelled": (410, "Cette invitation a été annulée.", "This invitation was cancelled."),
    "reviewed": (409, "Vous avez déjà donné votre avis. Merci !", "You have given your review already. Thank you!"),
}
"""Status, French and English words of what a customer, rather than a program, is refused."""

WORDS: Mapping[str, Mapping[str, Any]] = {
    "fr": {
        "title": "Votre avis",
        "wrong": "À corriger",
        "hello": "Bonjour",
        "invitation": ", qu’avez-vous pensé de nous ?",
        "survey": ", nous aimerions vous poser quelques questions.",
        "rating": "Votre note",
        "of": "sur",
        "degrees": ("Mauvais", "Passable", "Bien", "Très bien", "Excellent"),
        "choose": "Choisissez vos étoiles",
        "comment": "Votre commentaire",
        "optional": "facultatif",
        "gift": "En échange de votre avis, une contrepartie vous est offerte",
        "some_gift": "En échange de votre avis, une contrepartie vous est offerte",
        "colon": " : ",
        "send": "Envoyer",
        "thanks": "Merci ! Votre réponse est enregistrée.",
        "close": "Vous pouvez fermer cette page.",
        "problem": "Il manque une note. Choisissez-en une, puis envoyez.",
        "answers_missing": "Répondez au moins à une question, puis envoyez.",
        "double": "Page d’une doublure hors ligne de Securating : rien n’est publié.",
    },
    "en": {
        "title": "Your review",
        "wrong": "Please correct",
        "hello": "Hello",
        "invitation": ", what did you think of us?",
        "survey": ", we would like to ask you a few questions.",
        "rating": "Your rating",
        "of": "of",
        "degrees": ("Poor", "Fair", "Good", "Very good", "Excellent"),
        "choose": "Choose your stars",
        "comment": "Your comment",
        "optional": "optional",
        "gift": "In return for your review you are offered",
        "some_gift": "In return for your review you are offered something",
        "colon": ": ",
        "send": "Send",
        "thanks": "Thank you! Your answer is saved.",
        "close": "You may close this page.",
        "problem": "A rating is missing. Choose one, then send.",
        "answers_missing": "Answer at least one question, then send.",
        "double": "A page of an offline double of Securating: nothing is published.",
    },
}


def front_page(_world: World, _request: Request) -> Reply:
    """`GET /`: what the published client frames in its shop's administration (SEC-O6)."""
    return _page("front.html", language="fr")


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
        shown = _words_page("reviewed", _language(invitation), 200)
        return replace(shown, notes=("a review was given through this link already",), claims=("SEC-R3",))
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
            return _words_page(refusal.code, _language(invitation)).because(refusal)
        return _form_page(world, invitation, fields, refusal)
    language = _language(invitation)
    return _message_page(WORDS[language]["thanks"], language)


def refused(refusal: Refusal) -> Reply:
    """Word the refusal of a link whose language nobody knows."""
    return _words_page(refusal.code, "fr").because(refusal)


def _params(text: str) -> dict[str, str]:
    try:
        return Request("GET", "/", text).params()
    except ValueError as error:
        raise Refusal("bad parameter", str(error), "form") from None


def _rating(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 3):
        raise Refusal("bad parameter", f"{value[:80]!r}, a rating expected", name, claims=("SEC-R2",))
    return int(value)


def _language(invitation: Invitation) -> str:
    language = invitation.thematics[0].language if invitation.thematics else "fr"
    return language if language in WORDS else "fr"


def _form_page(
    world: World, invitation: Invitation, filled: Mapping[str, str] | None = None, refusal: Refusal | None = None
) -> Reply:
    language = _language(invitation)
    page = _page(
        "form.html",
        language=language,
        words=WORDS[language],
        asked=invitation.asked,
        thematics=invitation.thematics,
        ratings=range(1, world.state(Securating).settings.highest_rating + 1),
        filled=filled or {},
        problem=refusal,
    )
    return replace(page, status=400).because(refusal) if refusal else page


def _words_page(code: str, language: str, status: int = 0) -> Reply:
    refused_with, french, english = REFUSALS[code]
    message = english if language == "en" else french
    return _message_page(message, language, status or refused_with, is_good=code == "reviewed")


def _message_page(message: str, language: str, status: int = 200, *, is_good: bool = True) -> Reply:
    then = WORDS[language]["close"]
    return replace(_page("message.html", language=language, message=message, then=then, is_good=is_good), status=status)


def _page(template: str, **values: object) -> Reply:
    """Return a page that wears its own style, runs nothing, and may be framed by the shop (SEC-O10)."""
    style = read_block(FOLDER, "page.css")
    policy = f"default-src 'none'; base-uri 'none'; form-action 'self'; img-src data:; style-src {style.hash}"
    page = Reply.page(render(FOLDER, template, style=style.text, **values))
    return replace(page, headers=(("Content-Security-Policy", policy),))
