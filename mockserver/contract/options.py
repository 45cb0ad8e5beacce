"""What a run can be told, on the command line of `mockserver contract` and of pytest alike; and a run made of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.contract.budget import Budget
from mockserver.contract.place import Target
from mockserver.contract.receiver import ListeningReceiver
from mockserver.contract.run import Run
from mockserver.contract.targets.inproc import InProcess
from mockserver.contract.targets.live import Credentials, LiveAccount
from mockserver.contract.targets.server import StartedServer
from mockserver.core.errors import InvalidInput
from mockserver.core.instants import parse_duration
from mockserver.runtime.learned import MAX_AGE, Learned, check_writable, overridden, overrides_of, read_learned
from mockserver.runtime.pace import real_now
from mockserver.services import SERVICES

TARGETS = ("inproc", "server", "live")


class Option(NamedTuple):
    """One option: its name without the dashes, what it says, and the environment variable in its place."""

    name: str
    help: str
    default: Any = ""
    env: str = ""
    is_many: bool = False
    choices: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The name of the same among `Wishes`."""
        return self.name.replace("-", "_")


OPTIONS = (
    Option("target", "Whom to hold it against: the double in process, a started server, a live account.", "inproc",
           choices=TARGETS),
    Option("url", "Where the started server is.", "http://127.0.0.1:8052", "MOCKSERVER_URL"),
    Option("token", "What a server on a wider port printed.", "", "MOCKSERVER_TOKEN"),
    Option("securating-key", "Live: the website's key.", "", "SECURATING_KEY"),
    Option("securating-website", "Live: the website's address.", "", "SECURATING_WEBSITE"),
    Option("securating-url", "Live: where Securating is.", "https://api.securating.io"),
    Option("smsvote-id", "Live: the account's id.", 0, "SMSVOTE_ID"),
    Option("smsvote-secure", "Live: the account's secret.", "", "SMSVOTE_SECURE"),
    Option("smsvote-url", "Live: where sms-vote is.", "http://sms-vote.ru"),
    Option("spend", "Live: how many messages and invitations may be sent in all.", -1),
    Option("phone", "Live: a phone that may be texted.", is_many=True),
    Option("email", "Live: an address that may be invited.", is_many=True),
    Option("webhook", "Live: an address that leads to this machine, for webhooks."),
    Option("listen", "Live: the port of this machine that --webhook leads to.", 0),
    Option("patience", "Real seconds to wait for an answer.", 30),
    Option("settings", "Learned settings to begin with, instead of what is assumed."),
    Option("learn", "Live: write what is seen to this file of learned settings."),
    Option("max-age", "Say so of learned settings that are older.", f"{MAX_AGE.days}d"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a run was told, option by option."""

    target: str
    url: str
    token: str
    securating_key: str
    securating_website: str
    securating_url: str
    smsvote_id: int
    smsvote_secure: str
    smsvote_url: str
    spend: int
    phone: Sequence[str]
    email: Sequence[str]
    webhook: str
    listen: int
    patience: int
    settings: str
    learn: str
    max_age: str

    def check(self) -> None:
        """Raise `InvalidInput` for what does not go together."""
        if self.target not in TARGETS:
            raise InvalidInput("--target", f"{self.target!r}, one of {', '.join(TARGETS)} expected")
        if self.patience <= 0:
            raise InvalidInput("--patience", f"{self.patience}, real seconds expected")
        self.age()
        if self.target == "live":
            self._check_live()
        elif self.learn:
            raise InvalidInput("--learn", "only a live account has something to teach: --target live expected")
        if self.learn:
            check_writable(Path(self.learn))

    def _check_live(self) -> None:
        if self.spend < 0:
            why = "missing, how many messages and invitations may be sent in all expected (0: only read)"
            raise InvalidInput("--spend", why)
        if not (self.securating_key or (self.smsvote_id and self.smsvote_secure)):
            why = "missing, it or --smsvote-id with --smsvote-secure expected: a live account has credentials"
            raise InvalidInput("--securating-key", why)
        if bool(self.smsvote_id) != bool(self.smsvote_secure):
            raise InvalidInput("--smsvote-secure", "--smsvote-id and --smsvote-secure go together")

    def age(self) -> timedelta:
        """Return the age from which on what was learned is old. Raises `InvalidInput`."""
        return parse_duration(self.max_age, "--max-age")

    def given(self) -> list[Learned]:
        """Return the learned settings to begin with. Raises `InvalidInput`."""
        return read_learned(self.settings) if self.settings else []


@contextmanager
def prepared(wishes: Wishes, announce: Callable[[str], None], word: str = "") -> Iterator[Run]:
    """Open the target of a run; close it behind. Raises `InvalidInput`."""
    wishes.check()
    values = overridden(wishes.given())
    assumed = {service.name: service.settings().override(values[service.name], service.name) for service in SERVICES}
    with _opened(wishes) as target:
        budget = Budget(wishes.spend if wishes.target == "live" else None)
        now = real_now()
        word = word or f"mc{now:%y%m%d%H%M%S}"
        yield Run(target, assumed, budget, word=word, today=now.date(), announce=announce)


@contextmanager
def _opened(wishes: Wishes) -> Iterator[Target]:
    if wishes.target == "inproc":
        yield InProcess(overrides_of(wishes.settings) if wishes.settings else ())
    elif wishes.target == "server":
        server = StartedServer(wishes.url, wishes.token, wishes.patience)
        try:
            yield server
        finally:
            server.close()
    else:
        with _receiving(wishes) as receiver:
            yield _account(wishes, receiver)


def _account(wishes: Wishes, receiver: ListeningReceiver | None) -> LiveAccount:
    account = Credentials(
        wishes.securating_key,
        wishes.smsvote_id,
        wishes.smsvote_secure,
        wishes.securating_website,
        tuple(wishes.email),
        tuple(phone.lstrip("+") for phone in wishes.phone),
    )
    urls = {"securating": wishes.securating_url, "smsvote": wishes.smsvote_url}
    return LiveAccount(urls, account, receiver, wishes.patience)


@contextmanager
def _receiving(wishes: Wishes) -> Iterator[ListeningReceiver | None]:
    if not wishes.webhook:
        yield None
        return
    receiver = ListeningReceiver(wishes.webhook, wishes.listen)
    try:
        receiver.start()
    except OSError as error:
        raise InvalidInput("--listen", f"{error.strerror}, a free port expected") from None
    try:
        yield receiver
    finally:
        receiver.stop()


def wish(**told: Any) -> Wishes:
    """Return what a run is told, the rest being as the environment and the defaults say. Raises `InvalidInput`."""
    return Wishes(**({option.field: _default_of(option) for option in OPTIONS} | told))


def _default_of(option: Option) -> Any:
    given = os.environ.get(option.env, "") if option.env else ""
    if not given:
        return () if option.is_many else option.default
    if isinstance(option.default, int):
        if not given.isdigit():
            raise InvalidInput(option.env, f"{given!r}, a whole number expected")
        return int(given)
    return given
