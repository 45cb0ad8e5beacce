"""The letters Securating mails: real MIME messages, composed when somebody looks at one."""

from __future__ import annotations

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from mockserver.core.outbox import Letter, Sms
from mockserver.core.world import World
from mockserver.services.securating.invitations import address_of_form
from mockserver.services.securating.model import Invitation
from mockserver.services.templates import render

SENDER = Address("", "invitations", "securating.io")

LONGEST_NAME = 78
"""Characters of a name in a header: the e-mail package folds longer ones slowly, and not always rightly."""

_FOLDER = Path(__file__).parent / "templates"


def compose_letter(letter: Letter) -> EmailMessage:
    """Return the MIME message of an invitation or a recall: French, with a text and an HTML part (SEC-C1)."""
    invitation = letter.about
    if not isinstance(invitation, Invitation):
        raise TypeError(f"a letter about {type(invitation).__name__}")
    asked = invitation.asked
    address_is_ascii = asked.email.isascii()
    message = EmailMessage(policy.SMTP if address_is_ascii else policy.SMTPUTF8)
    name = f"{asked.first_name} {asked.last_name}".strip()
    user, _, host = asked.email.rpartition("@")
    message["From"] = Address(asked.company_name[:LONGEST_NAME], SENDER.username, SENDER.domain)
    message["To"] = Address(name[:LONGEST_NAME], user, host)
    message["Subject"] = _subject(letter.kind, invitation)
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{invitation.token[:16]}.{int(letter.at.timestamp())}.{letter.kind}@securating.io>"
    message.set_content(_rendered("letter.txt", letter, invitation))
    message.add_alternative(_rendered("letter.html", letter, invitation), subtype="html")
    message.set_boundary(f"=_{invitation.token[:32]}")
    return message


def _rendered(template: str, letter: Letter, invitation: Invitation) -> str:
    return render(_FOLDER, template, asked=invitation.asked, invitation=invitation, kind=letter.kind)


def words(message: Letter | Sms) -> str:
    """Return what a message says: of a letter its subject and its text."""
    if isinstance(message, Sms):
        return message.text
    if not isinstance(message.about, Invitation):
        return message.kind
    return f"{_subject(message.kind, message.about)}\n{_rendered('letter.txt', message, message.about)}"


def _subject(kind: str, invitation: Invitation) -> str:
    asked = invitation.asked
    company, first_name = asked.company_name[:LONGEST_NAME], asked.first_name[:LONGEST_NAME]
    what = {
        ("invitation", False): f"votre avis compte pour {company}",
        ("invitation", True): f"quelques questions de {company}",
        ("recall", False): f"{company} attend toujours votre avis",
        ("recall", True): f"{company} attend toujours vos réponses",
    }[kind, asked.survey_only]
    return f"{first_name}, {what}" if first_name else what[:1].upper() + what[1:]


def describe(world: World, message: Letter | Sms) -> dict[str, str]:
    """Return what there is to see of a letter: subject, text, HTML, link, token, form and source."""
    if isinstance(message, Sms):
        return {"text": message.text}
    letter = compose_letter(message)
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    return {
        "from": str(letter["From"]),
        "to": str(letter["To"]),
        "subject": str(letter["Subject"]),
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
        "link": message.about.link if isinstance(message.about, Invitation) else "",
        "about": message.about.token if isinstance(message.about, Invitation) else "",
        "form": address_of_form(world, message.about) if isinstance(message.about, Invitation) else "",
        "source": letter.as_bytes().decode("utf-8", "replace"),
    }
