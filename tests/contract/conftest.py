from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.cases import all_cases
from mockserver.contract.options import prepared, wish
from mockserver.contract.run import Run
from mockserver.services.service import Reply, Request
from mockserver.shipped import read_shipped
from mockserver.web.connection import Limits
from mockserver.web.port import Port
from mockserver.web.server import Server

START = "2026-03-02T09:00:00Z"

OTHERWISE: dict[str, Any] = {
    "securating.reserved_digits": "0",
    "securating.generic_variants": False,
    "securating.link_parameter": "t",
    "securating.link_status": 201,
    "securating.link_content_type": "text/html; charset=utf-8",
    "securating.link_body": '<a href="{link}">avis</a>',
    "securating.required_parameters": ["keywebsite", "email", "first_name", "product"],
    "securating.default_url": "{website}/merci",
    "securating.survey_needs_thematic": False,
    "securating.same_email_ignores_case": False,
    "securating.longest_line": 100,
    "securating.longest_text": 12345,
    "securating.longest_url": 512,
    "securating.most_days": 365,
    "securating.most_recalls": 150,
    "securating.refusal_statuses": {
        "bad parameter": 422,
        "unknown key": 401,
        "too soon": 409,
        "too large": 400,
        "no such call": 410,
    },
    "securating.refusal_content_type": "text/html",
    "securating.refusal_body": "<p>{problem} [{parameter}]</p>",
    "securating.unknown_parameters_are_accepted": False,
    "securating.wrong_method_status": 400,
    "securating.wrong_media_status": 415,
    "securating.repeated_order_gets_its_link": False,
    "securating.cancelled_order_is_invited_again": True,
    "securating.webhook_method": "POST",
    "securating.webhook_meta_steps": ["mail-send", "mail-recall", "link-opened", "review-saved"],
    "securating.websites_are_verified": False,
    "smsvote.accepts_post": False,
    "smsvote.error_status": 400,
    "smsvote.error_content_type": "text/html; charset=windows-1251",
    "smsvote.check_order": ["json", "fields", "account", "api", "day", "balance", "month"],
    "smsvote.bad_fields_error": "wrong vote",
    "smsvote.date_format": "%d.%m.%Y %H:%M:%S",
    "smsvote.transports": ["sms", "whatsapp"],
    "smsvote.text_final_required": True,
    "smsvote.numbers_as_texts": False,
    "smsvote.batch_refused_whole": False,
    "smsvote.success_status": 202,
    "smsvote.success_body": '{"result": "принято"}',
    "smsvote.success_content_type": "application/json",
    "smsvote.default_price": "2.50",
    "smsvote.date_to_inclusive": False,
    "smsvote.report_fields": {
        "phone": "tel",
        "rating": "grade",
        "employee": "staff",
        "order": "nr",
        "date": "when",
        "text": "сообщение",
    },
    "smsvote.json_content_type": "text/json",
    "smsvote.csv_content_type": "application/csv",
    "smsvote.csv_separator": ",",
    "smsvote.csv_encoding": "cp1251",
    "smsvote.csv_header": False,
    "smsvote.csv_line_end": "\n",
    "smsvote.vote_keys": {
        "id": "nr",
        "name": "title",
        "hash": "code",
        "multiple": "many",
        "status": "state",
        "date_start": "begin",
        "date_end": "end",
        "question": "ask",
        "answers": "options",
        "option_global_id": "gid",
        "option_id": "key",
        "option_text": "label",
        "option_votes": "count",
    },
    "smsvote.multiple_is_number": True,
    "smsvote.zero_date": "-",
    "smsvote.balance_places": 3,
}
"""Something else than what is assumed, for every setting that a real account can teach."""

HIDDEN: dict[str, Any] = {
    "securating.languages": ["00:fr", "01:en", "02:de"],
    "securating.link_path": "/invitation/url",
    "securating.default_company_name": "a shop",
    "securating.same_email_window": "48h",
    "securating.same_email_window_is_closed": True,
    "securating.same_email_per_website": False,
    "securating.recall_interval": "3d",
    "securating.webhook_words": ["ok", "yes"],
    "securating.webhook_words_ignore_case": False,
    "securating.webhook_statuses": [200, 200],
    "securating.webhook_retries": ["2h"],
    "securating.webhook_steps_wait_for_each_other": False,
    "securating.form_path": "/avis",
    "securating.highest_rating": 10,
    "securating.second_review_is_refused": False,
    "securating.link_opened_once": False,
    "smsvote.api_needed_for": ["send_message", "balance"],
    "smsvote.utc_offset": "4h",
    "smsvote.phone_digits": [10, 12],
    "smsvote.max_messages": 900,
    "smsvote.account_final_text_wins": False,
    "smsvote.final_text_without_request": True,
    "smsvote.final_texts_cost": False,
    "smsvote.questions_cost": False,
    "smsvote.charged_on_acceptance": False,
    "smsvote.final_texts_count": True,
    "smsvote.rating_pattern": r"\s*([0-9])",
    "smsvote.reply_matches": "oldest",
    "smsvote.one_rating_per_request": False,
    "smsvote.sms_routes": ["vote", "request"],
    "smsvote.first_ballot_counts": False,
    "smsvote.reported_statuses": ["active", "finished"],
}
"""Something else than what is assumed, for every setting that no real account shows."""

Serve = Callable[..., Server]

Options = Callable[..., dict[str, Any]]


def learn(options: dict[str, Any]) -> Run:
    """Play the whole contract."""
    with prepared(wish(**options), lambda _line: None, word="run-1") as run:
        run.play_all(all_cases(), lambda _verdict: None)
    return run


@contextmanager
def answering(answer: Callable[[Request], Reply], answered: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Run a small server that answers so; yield its address."""
    with Port(answer, answered, limits=Limits(finish_seconds=0.05)) as port:
        yield port.url


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    """The demo world of an account with little money and a small limit, as a file."""
    world = json.loads(read_shipped("worlds/demo.json"))
    world["smsvote"]["accounts"][0] |= {"balance": "40.00", "daily_limit": 10}
    file = tmp_path / "account.json"
    file.write_text(json.dumps(world), encoding="utf-8")
    return file


@pytest.fixture
def serve(world_file: Path) -> Iterator[Serve]:
    """Start servers of that account, under settings as `--settings` and `--set` take them; time stands."""
    servers: list[Server] = []

    def start(settings: Path | None = None, **overrides: Any) -> Server:
        given = [
            f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in overrides.items()
        ]
        server = Server(
            port=0, world=str(world_file), start=START, speed=0, explains=False, overrides=given,
            settings=str(settings) if settings else None,
        )  # fmt: skip
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def live_options(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """What a run against a server as if it were a real account is told."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def options(url: str, **more: Any) -> dict[str, Any]:
        return {
            "target": "live",
            "securating_url": url,
            "smsvote_url": url,
            "securating_key": "Demoafddfc8da3ace15a0144b295a4b8595ba2186112500ae8e8562c955aee4b",
            "securating_website": "https://maison-demo.example/avis",
            "smsvote_id": 52,
            "smsvote_secure": "05ea83436373cae23787455c5fd1de87",
            "spend": 80,
            "email": ("anna@example.com",),
            "phone": ("79010009999",),
            "webhook": f"http://127.0.0.1:{port}/hook",
            "patience": 5,
        } | more

    return options
