"""Securating's own pages: the form a customer fills in, and the script that shows it over the shop's page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.securating.errors import ALREADY_REVIEWED, BAD_PARAMETER, CANCELLED_LINK, UNKNOWN_LINK
from mockserver.services.securating.model import REVIEWED, Invitation, Securating
from mockserver.services.securating.reviews import find_invitation, give_review, open_link
from mockserver.services.service import Reply, Request
from mockserver.services.templates import read_block, render

FOLDER = Path(__file__).parent / "templates"

_POLICY = "Content-Security-Policy"

REFUSALS = {
    UNKNOWN_LINK: (404, "Ce lien n’est pas valable.", "This link is not valid."),
    CANCELLED_LINK: (410, "Cette invitation a été annulée.", "This invitation was cancelled."),
    ALREADY_REVIEWED: (
        409,
        "Vous avez déjà donné votre avis. Merci !",
        "You have given your review already. Thank you!",
    ),
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
        "rating_missing": "Il manque une note. Choisissez-en une, puis envoyez.",
        "no_rating": "Cette note n’existe pas. Choisissez une des étoiles, puis envoyez.",
        "no_answer": "La note d’une question n’existe pas. Choisissez une de ses étoiles, puis envoyez.",
        "not_asked": "Vous avez noté une question que nous n’avons pas posée. Relisez vos réponses, puis envoyez.",
        "bad_comment": "Votre commentaire est trop long, ou contient des caractères invisibles que nous ne pouvons pas"
        " enregistrer. Corrigez-le, puis envoyez.",
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
        "rating_missing": "A rating is missing. Choose one, then send.",
        "no_rating": "There is no such rating. Choose one of the stars, then send.",
        "no_answer": "There is no such rating for a question. Choose one of its stars, then send.",
        "not_asked": "You rated a question that we did not ask. Look through your answers, then send.",
        "bad_comment": "Your comment is too long, or has invisible characters that we cannot save. Correct it, then"
        " send.",
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
        shown = _words_page(ALREADY_REVIEWED, _language(invitation), 200)
        noted = replace(shown, notes=("a review was given through this link already",), claims=("SEC-R3",))
        return _in_its_place(noted, request)
    return _in_its_place(_form_page(world, invitation), request)


def receive_form(world: World, request: Request) -> Reply:
    """Store what the customer filled in (SEC-W6), or show the form again with what is missing."""
    return _in_its_place(_answer_to_form(world, request), request)


def _answer_to_form(world: World, request: Request) -> Reply:
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
        raise Refusal(BAD_PARAMETER, str(error), "form") from None


def _rating(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 3):
        raise Refusal(BAD_PARAMETER, f"{value[:80]!r}, a rating expected", name, claims=("SEC-R2",))
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
        problem=_problem(invitation, filled or {}, refusal) if refusal else "",
    )
    return replace(page, status=400).because(refusal) if refusal else page


def _problem(invitation: Invitation, filled: Mapping[str, str], refusal: Refusal) -> str:
    """Return under which name `WORDS` has what a customer is told of a refusal."""
    if refusal.field == "rating":
        return "no_rating" if filled.get("rating") else "rating_missing"
    if refusal.field in {"thematics", "comment"}:
        return "answers_missing" if refusal.field == "thematics" else "bad_comment"
    code = refusal.field.removeprefix("thematic_")
    return "no_answer" if code in invitation.asked.thematics else "not_asked"


def _in_its_place(page: Reply, request: Request) -> Reply:
    """Return a page as it is; in a frame with one script, which tells the page around it of Escape."""
    if request.headers.get("sec-fetch-dest") != "iframe":
        return page
    script = read_block(FOLDER, "framed.js")
    policy = f"{dict(page.headers)[_POLICY]}; script-src {script.hash}"
    body = page.body.replace(b"</head>", f"<script>{script.text}</script>\n</head>".encode(), 1)
    return replace(page, body=body, headers=((_POLICY, policy),))


def _words_page(code: str, language: str, status: int = 0) -> Reply:
    refused_with, french, english = REFUSALS[code]
    message = english if language == "en" else french
    return _message_page(message, language, status or refused_with, is_good=code == ALREADY_REVIEWED)


def _message_page(message: str, language: str, status: int = 200, *, is_good: bool = True) -> Reply:
    then = WORDS[language]["close"]
    return replace(_page("message.html", language=language, message=message, then=then, is_good=is_good), status=status)


def _page(template: str, **values: object) -> Reply:
    """Return a page that wears its own style, runs nothing, and may be framed by the shop (SEC-O10)."""
    style = read_block(FOLDER, "page.css")
    policy = f"default-src 'none'; base-uri 'none'; form-action 'self'; img-src data:; style-src {style.hash}"
    page = Reply.page(render(FOLDER, template, style=style.text, **values))
    return replace(page, headers=((_POLICY, policy),))
