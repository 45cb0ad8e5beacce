"""A real account: no time, no people, and every message to somebody is paid for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import quote

from mockserver.contract.case import CONTROL, WEBHOOK, WEBSITE, Case
from mockserver.contract.exchange import Answer, masked, printable
from mockserver.contract.http_call import Caller
from mockserver.contract.place import Place, Receiver, Target
from mockserver.contract.verdicts import CredentialsRefused, NoAnswer, Unseen
from mockserver.interception.wall import OFF, WALL
from mockserver.services import SERVICES
from mockserver.services.service import Request
from mockserver.services.smsvote.errors import ERRORS, WRONG_USER

SEND = {"securating": ("/invitation/create", "email"), "smsvote": ("/api/command/send_message.php", "phone")}
"""The call of each service that writes to people, and by what."""

_DENIED = (401, 403)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a user has of both services; what is missing is empty."""

    key: str = ""
    id: int = 0
    secure: str = ""
    website: str = ""
    emails: Sequence[str] = ()
    phones: Sequence[str] = ()


class _People:
    """Those who may be written to, in turn; raises `Unseen` where nobody is listed."""

    def __init__(self, listed: Sequence[str], option: str) -> None:
        self._turns, self._option = cycle(listed), option

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for person in self._turns:
            return person
        raise Unseen(f"no --{self._option} is listed")


class LiveAccount(Target):
    """A real account, at the base address of each service in `urls`.

    Nobody is written to but those whom the credentials list. Within pytest the wall against the vendors' hosts is
    down for each call, and for no longer.
    """

    name = "live"

    def __init__(
        self, urls: dict[str, str], account: Credentials, receiver: Receiver | None = None, seconds: float = 30.0
    ) -> None:
        self._callers = {name: Caller(url, seconds) for name, url in urls.items()}
        self._account = account
        self._place = Place(
            ask=self._ask,
            key=account.key,
            id=account.id,
            secure=account.secure,
            website=account.website,
            receiver=receiver,
            emails=_People(account.emails, "email"),
            phones=_People(account.phones, "phone"),
        )

    def check(self) -> None:
        """See that both services know the account, by calls that only read. Raises `EndOfRun`."""
        account = self._account
        if account.secure:
            asked = quote(json.dumps({"id": account.id, "secure": account.secure}))
            answer = self._first("smsvote", Request("GET", "/api/command/balance.php", f"json={asked}"))
            if answer.text == ERRORS[WRONG_USER] or answer.status in _DENIED:
                raise CredentialsRefused(f"sms-vote does not know --smsvote-id and --smsvote-secure: {_line(answer)}")
        if account.key:
            answer = self._first("securating", Request("GET", f"/widgets/company/{quote(account.key, safe='')}/id"))
            if 400 <= answer.status < 500:
                raise CredentialsRefused(f"Securating does not know --securating-key: {_line(answer)}")

    def _first(self, service: str, request: Request) -> Answer:
        """Call a service that may not be there: raise `NoAnswer` where it leads elsewhere, or is out of order."""
        answer = self._ask(service, request)
        if answer.status // 100 in {3, 5}:
            raise NoAnswer(f"no answer of the service at --{service}-url, but {_line(answer)}")
        return answer

    @contextmanager
    def place(self, case: Case) -> Iterator[Place]:  # noqa: ARG002 - there is but one
        """Return the account."""
        yield self._place

    def objection(self, case: Case) -> str:
        """Return what a case lacks here."""
        account, people = self._account, {"securating": self._account.emails, "smsvote": self._account.phones}
        lacks = {
            "it takes time or people": CONTROL in case.needs,
            "--securating-key is not given": case.service == "securating" and not account.key,
            "--smsvote-id and --smsvote-secure are not given": case.service == "smsvote" and not account.secure,
            f"no --{SEND[case.service][1]} is listed": bool(case.spends) and not people[case.service],
            "--webhook is not given": WEBHOOK in case.needs and self._place.receiver is None,
            "--securating-website is not given": WEBSITE in case.needs and not account.website,
        }
        return next((why for why, is_lacking in lacks.items() if is_lacking), "")

    def _ask(self, service: str, request: Request) -> Answer:
        self._check_persons(service, request)
        WALL.put_up(OFF)
        try:
            return self._callers[service].call(request)
        except NoAnswer as silence:
            raise NoAnswer(masked(str(silence), (self._account.key, self._account.secure))) from None
        finally:
            WALL.take_down()

    def _check_persons(self, service: str, request: Request) -> None:
        """Raise `Unseen` for a call that would write to somebody who is not listed."""
        path, option = SEND[service]
        listed = {person.lower() for person in (*self._account.emails, *self._account.phones)}
        named = next(each for each in SERVICES if each.name == service).persons_of(request)
        strangers = sorted(person for person in named if person.lower() not in listed)
        if request.path == path and strangers:
            raise Unseen(f"it would write to {', '.join(strangers)}, whom no --{option} lists")


def _line(answer: Answer) -> str:
    return printable(f"{answer.status} {answer.text[:80]}")
