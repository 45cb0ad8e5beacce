"""What a case has in its hands: calls, what is assumed of their answers, and a notebook for what is seen instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from mockserver.client.server import RemoteMockServer
from mockserver.contract.budget import Budget
from mockserver.contract.exchange import Exchange, find_link
from mockserver.contract.place import Place
from mockserver.contract.solicitation import EVERYBODYS, FOUR_CODES, HARMLESS, MISTAKES, find_lacking, is_refused
from mockserver.contract.verdicts import Contradicted, UnknownShape, Unseen
from mockserver.core.errors import InvalidInput
from mockserver.services.facts import to_json
from mockserver.services.fields import shown
from mockserver.services.securating.settings import SecuratingSettings
from mockserver.services.service import Request
from mockserver.services.settings import Settings
from mockserver.services.smsvote.errors import ERRORS
from mockserver.services.smsvote.settings import SmsVoteSettings
from mockserver.testing import MockServer

FORM = "application/x-www-form-urlencoded"
_OF_A_GATEWAY = (502, 503, 504)

Assumptions = dict[str, Any]
"""The settings of each service, by its name: assumed until something else is seen."""

Note = Callable[[str, object, Exchange], None]
"""Takes down what was seen of a setting, and where."""


class Stage:
    """One case being played. `run` is a word that no other run has, for orders and texts."""

    def __init__(
        self,
        place: Place,
        assumed: Assumptions,
        budget: Budget,
        run: str,
        announce: Callable[[str], None],
        note: Note,
    ) -> None:
        self.place = place
        self.run = run
        self.exchanges: list[Exchange] = []
        self.surprises: list[Contradicted] = []
        self._assumed = assumed
        self._budget = budget
        self._announce = announce
        self._note = note
        self._has_probed = False

    @property
    def securating(self) -> SecuratingSettings:
        """What is assumed of Securating, as far as nothing else was seen."""
        settings: SecuratingSettings = self._assumed["securating"]
        return settings

    @property
    def smsvote(self) -> SmsVoteSettings:
        """What is assumed of sms-vote, as far as nothing else was seen."""
        settings: SmsVoteSettings = self._assumed["smsvote"]
        return settings

    @property
    def double(self) -> MockServer | RemoteMockServer:
        """Time and people, for cases that need them."""
        if self.place.double is None:
            raise Unseen("it takes time or people")
        return self.place.double

    def ask(
        self,
        service: str,
        method: str,
        path: str,
        *,
        query: str = "",
        body: bytes = b"",
        media: str = "",
    ) -> Exchange:
        """Call a service. Raises `EndOfRun` where no answer comes."""
        headers = {"host": "", **({"content-type": media} if media else {})}
        request = Request(method, path, query, headers, body)
        exchange = Exchange(service, request, self.place.ask(service, request))
        self.exchanges.append(exchange)
        return exchange

    def spend(self, count: int, doing: str) -> None:
        """Say what is about to be sent, and count it. Raises `Unseen` where that is too much."""
        self._budget.take(count)
        self._announce(f"about to {doing}")

    def settle(self, count: int, seen: Exchange) -> None:
        """Count no longer what a documented refusal shows not to have been sent; anything else may have been."""
        if seen.answer.text in ERRORS.values() if seen.service == "smsvote" else is_refused(seen):
            self._budget.give_back(count)

    def command(self, name: str, method: str = "GET", **fields: Any) -> Exchange:
        """Call a command of sms-vote that sends nothing."""
        asked = {"id": self.place.id, "secure": self.place.secure} | fields
        written = urlencode({"json": json.dumps(asked, ensure_ascii=False)})
        path = f"/api/command/{name}.php"
        if method == "GET":
            return self.ask("smsvote", "GET", path, query=written)
        return self.ask("smsvote", method, path, body=written.encode(), media=FORM)

    def send(self, *messages: Mapping[str, object], **fields: Any) -> Exchange:
        """Send messages: each is given a phone, a text and the like where it names none."""
        drafts = [self._draft() | dict(message) for message in messages or ({},)]
        drafts = [{name: value for name, value in draft.items() if value is not None} for draft in drafts]
        phones = ", ".join(dict.fromkeys(str(draft["phone"]) for draft in drafts))
        times = f"{len(drafts)} text messages" if len(drafts) > 1 else "a text message"
        self.spend(len(drafts), f"send {times} to {phones}")
        seen = self.command("send_message", **{"transport": "sms", "message": drafts, **fields})
        if len(drafts) == 1:
            self.settle(1, seen)
        return seen

    def _draft(self) -> dict[str, object]:
        texts = {"text": "mockserver contract: 1-5?", "text_final": "Спасибо!"}
        return {"phone": next(self.place.phones), "employee": "Анна", "order": self.run, **texts}

    def form(self, path: str, fields: Mapping[str, object]) -> Exchange:
        """Send a form to Securating that creates nothing; None leaves a parameter out."""
        given = {name: value for name, value in fields.items() if value is not None}
        return self.ask("securating", "POST", path, body=urlencode(given).encode(), media=FORM)

    def solicitation(self, **fields: object) -> dict[str, object]:
        """Return the parameters of an invitation: what anybody gives, what is asked for beside, what is given here."""
        email = fields.get("email") or next(self.place.emails)
        return {"keywebsite": self.place.key, "email": email, **EVERYBODYS} | self.asked_for() | fields

    def wants(self, name: str) -> bool:
        """Say whether this service wants a parameter, as far as is known."""
        return name in self.securating.required_parameters or name in self.place.asked_for

    def asked_for(self) -> dict[str, object]:
        """Return what this service wants of an invitation, but for the key and the e-mail."""
        return {name: self._harmless(name) for name in HARMLESS if self.wants(name)}

    def _harmless(self, name: str) -> str:
        """Return a value for a parameter; an order is another one each time."""
        return f"{self.run}-{next(self.place.numbers)}" if name == "order" else HARMLESS[name]

    def _completed(self, ask: Callable[[dict[str, object]], Exchange], fields: Mapping[str, object]) -> Exchange:
        """Ask for an invitation, and where a refusal names the one parameter that it lacks, ask again with it.

        Nothing is sent twice by that: what was refused has not been sent.
        """
        asked = self.solicitation(**fields)
        seen = ask(asked)
        while lacking := find_lacking(seen, asked):
            asked[lacking] = self._harmless(lacking)
            again = ask(asked)
            if again.answer == seen.answer:
                break
            self.place.asked_for.append(lacking)
            seen = again
        return seen

    def create(self, path: str = "/invitation/create", *, forced: bool = True, **fields: Any) -> Exchange:
        """Create an invitation, whatever was invited before where it is `forced`."""
        force = {"force_invitation": "1"} if forced else {}
        return self._completed(partial(self._create, path), force | fields)

    def _create(self, path: str, asked: Mapping[str, object]) -> Exchange:
        self.spend(1, f"invite {asked['email'] or 'nobody'}")
        seen = self.form(path, asked)
        self.settle(1, seen)
        return seen

    def probe(self, **fields: Any) -> Exchange:
        """Ask for an invitation that is refused in any case, last: another answer tells of something before that.

        Raises `Contradicted` where there is an invitation after all.
        """
        return self._completed(self._probe, {**fields, "force_invitation": "1", "thematics": FOUR_CODES})

    def _probe(self, asked: Mapping[str, object]) -> Exchange:
        self._budget.take(1)
        if not self._has_probed:
            self._announce(f"about to ask for invitations of {asked['email']} that are to be refused")
            self._has_probed = True
        seen = self.form("/invitation/create", asked)
        self.expect(find_link(seen) is None, "a refusal: these are four thematics", seen)
        if seen.answer.status >= 500:
            raise UnknownShape("a refusal: these are four thematics", seen)
        self._budget.give_back(1)
        return seen

    def guard(self) -> Exchange:
        """Return the refusal of a probe. Raises `Unseen` where that of any other mistake reads like it."""
        guard = self.probe()
        if all(self.probe(**mistake).answer == guard.answer for mistake in MISTAKES):
            raise Unseen("a refusal of another parameter cannot be told from that of four thematics")
        return guard

    def accepts(self, seen: Exchange) -> bool:
        """Say whether an invitation was created, or was refused. Raises `UnknownShape` where neither is certain."""
        if not is_refused(seen) and find_link(seen) is None and seen.answer.status >= 300:
            raise UnknownShape("the link of an invitation, or a refusal", seen)
        return find_link(seen) is not None

    def created(self, **fields: Any) -> tuple[str, Exchange]:
        """Create an invitation, and return its link. Raises `Contradicted` where there is none."""
        seen = self.create(**fields)
        return self.link(seen), seen

    def link(self, seen: Exchange) -> str:
        """Return the link in an answer. Raises `Contradicted` where there is none."""
        link = find_link(seen)
        if link is None:
            raise Contradicted("an answer with the link of an invitation", seen)
        return link

    def saw(self, name: str, value: object, seen: Exchange, expected: str = "") -> None:
        """Take down what a setting is seen to be; where that was not assumed, it is from now on.

        `expected` says what the answer would have been. Of a mapping, `value` holds the keys that were seen.
        """
        service, _, setting = name.partition(".")
        before = self._assumed[service]
        try:
            now: Settings = before.override({setting: to_json(value)}, service)
        except InvalidInput as wrong:
            raise Contradicted(f"what {name} can be: {wrong.problem}", seen) from None
        self._note(name, to_json(value), seen)
        if now != before:
            was = getattr(before, setting)
            was = {key: was[key] for key in value} if isinstance(value, Mapping) else was
            self.surprises.append(Contradicted(expected or f"{name} {shown(to_json(was))}", seen))
            self._assumed[service] = now

    def saw_status(self, name: str, seen: Exchange, key: str = "") -> None:
        """Take down a setting that is the status of an answer; of a mapping, the one under `key`.

        Raises `UnknownShape` for a status that tells of what stands before the service.
        """
        if seen.answer.status in _OF_A_GATEWAY:
            raise UnknownShape("an answer of the service itself", seen)
        assumed = self._assumed_of(name)
        status, assumed = seen.answer.status, assumed[key] if key else assumed
        self.saw(name, {key: status} if key else status, seen, str(seen.answer._replace(status=assumed)))

    def saw_content_type(self, name: str, seen: Exchange) -> None:
        """Take down a setting that is the content type of an answer."""
        expected = seen.answer._replace(content_type=self._assumed_of(name))
        self.saw(name, seen.answer.content_type, seen, str(expected))

    def _assumed_of(self, name: str) -> Any:
        service, _, setting = name.partition(".")
        return getattr(self._assumed[service], setting)

    def expect(self, holds: object, expected: str, seen: Exchange) -> None:
        """Raise `Contradicted` where something does not hold."""
        if not holds:
            raise Contradicted(expected, seen)

    def error(self, code: str, seen: Exchange) -> None:
        """Expect one of the seven errors of sms-vote (SMS-G3, SMS-G4)."""
        settings, answer = self.smsvote, seen.answer
        right = (settings.error_status, settings.error_content_type, ERRORS[code].encode())
        self.expect(answer == right, f"{right[0]} {right[1]}\n{ERRORS[code]}", seen)

    def refusal(self, kind: str, seen: Exchange, parameter: str = "") -> None:
        """Expect a refusal of Securating that names the parameter, where the wording does (SEC-C24)."""
        settings, answer = self.securating, seen.answer
        status = settings.refusal_statuses[kind]
        self.expect(answer.status == status, f"status {status}", seen)
        self.expect(answer.content_type == settings.refusal_content_type, settings.refusal_content_type, seen)
        if "{parameter}" in settings.refusal_body:
            self.expect(parameter in answer.text, f"a refusal that names {parameter}", seen)
