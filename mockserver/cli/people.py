"""`mockserver people`: what customers and phones do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.remote import Remote, given, remote
from mockserver.cli.table import facts, folded, instant, plain
from mockserver.client.wire import quoted
from mockserver.services import SERVICES


def _place(method: str, path: str) -> str:
    """Return where the row of a service stands in the control plane."""
    rows = {(row.method, row.path): f"/{service.name}{row.path}" for service in SERVICES for row in service.controls}
    return rows[method, path]


@click.group()
def people() -> None:
    """Be a customer with an e-mail address, or somebody with a phone."""


@people.command("open")
@click.argument("email")
@remote
def open_link(server: Remote, email: str) -> None:
    """Open the link in the newest letter to EMAIL."""
    server.tell(server.wire.post(_place("POST", "/open"), {"email": email}), facts)


@people.command()
@click.argument("email")
@click.argument("rating", type=int)
@click.option("--comment", help="What the customer writes.")
@remote
def review(server: Remote, email: str, rating: int, comment: str | None) -> None:
    """Give a review as EMAIL: a RATING from 1 to 5."""
    body = {"email": email, "rating": rating, **given(comment=comment)}
    server.tell(server.wire.post(_place("POST", "/review"), body), facts)


@people.command("text")
@click.argument("phone")
@click.argument("text")
@click.option("--to", help="The number it goes to. [default: the one that wrote last]")
@remote
def send_text(server: Remote, phone: str, text: str, to: str | None) -> None:
    """Send TEXT from PHONE, such as "5 отлично"."""
    path = _place("POST", "/phones/<phone>/send").replace("<phone>", quoted(phone))
    server.tell(server.wire.post(path, {"text": text, **given(to=to)}), lambda sms: _received(server, phone, sms))


def _received(server: Remote, phone: str, sms: dict[str, Any]) -> Iterator[str]:
    rating = f" of {sms['rating']}" if sms["rating"] else ""
    yield f"Account {sms['account']} has received it; it became {plain(sms['became'])}{rating}."
    conversation = _place("GET", "/phones/<phone>").replace("<phone>", quoted(phone))
    if sms["became"] == "nothing" and not server.wire.get(conversation)["is_asked"]:
        accounts = server.wire.get(_place("GET", "/accounts"))["accounts"]
        prefixes = [plain(prefix) for account in accounts for prefix in account["prefixes"]]
        such = f" ({prefixes[0]} 5)" if prefixes else ""
        yield from folded(f"No rating: no request to this phone is unanswered; without one, begin with a prefix{such}.")


@people.command("phone")
@click.argument("phone")
@remote
def show_phone(server: Remote, phone: str) -> None:
    """Show what PHONE has received and sent."""
    path = _place("GET", "/phones/<phone>").replace("<phone>", quoted(phone))
    server.tell(server.wire.get(path), _conversation)


def _conversation(answer: dict[str, Any]) -> Iterator[str]:
    for line in answer["messages"]:
        way = "received" if line["direction"] == "to the phone" else "sent    "
        start = f"{instant(line['at'])}  {way}  "
        yield from folded(plain(line["text"]), start, " " * len(start))
    if not answer["messages"]:
        yield f"{plain(answer['phone'])} has neither received nor sent anything."


@people.command()
@click.argument("nr", type=int)
@click.argument("phone")
@click.argument("option")
@remote
def vote(server: Remote, nr: int, phone: str, option: str) -> None:
    """Vote in vote NR as PHONE: OPTION is its code, such as 1."""
    path = _place("POST", "/votes/<nr>/ballots").replace("<nr>", str(nr))
    server.tell(server.wire.post(path, {"participant": phone, "option": option}), facts)
