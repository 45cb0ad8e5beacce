"""Services that are unlike the double: what a run learns from them is true, or is said not to be seen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from mockserver.contract.http_call import Caller
from mockserver.contract.run import CONFIRMED, REFUTED, UNSEEN, Run, Verdict
from mockserver.runtime.learned import Learned, write_learned
from mockserver.services.service import HTML, TEXT, Reply, Request
from mockserver.web.server import Server
from tests.contract.conftest import Options, Serve, answering, learn

TODAY = date(2026, 3, 2)

CREATE = "/invitation/create"

FRENCH = {
    "4 codes, at most 3 expected": "trois codes au plus",
    "no website has this key": "clé inconnue",
    "there is nothing at this address": "rien à cette adresse",
    "missing, a value expected": "manque",
}

Word = Callable[[str, str], str]
"""Words a refusal, given the parameter and the double's own words."""


def behind(server: Server, options: Options, change: Callable[[Request, Reply], Reply], **more: Any) -> Run:
    """Hold the contract against a service that answers as a double does, but for what `change` makes of it."""

    def answer(request: Request) -> Reply:
        return change(request, server.gate.answer(request))

    with answering(answer, server.gate.tenants.answered) as url:
        return learn(options(url, **more))


def worded(word: Word) -> Callable[[Request, Reply], Reply]:
    """Word every refusal of Securating otherwise."""

    def change(_request: Request, reply: Reply) -> Reply:
        refused = re.fullmatch(r"error: (\S+): (.*)", reply.body.decode("utf-8", "replace"), re.DOTALL)
        return reply if refused is None else replace(reply, body=word(refused[1], refused[2]).encode())

    return change


def verdict(run: Run, name: str) -> Verdict:
    return next(each for each in run.verdicts if each.case.name == name)


def value(run: Run, setting: str) -> object:
    """Return what was learned; None where nothing was."""
    return next((each.value for key, each in run.learned.items() if key[0] == setting), None)


def in_french(problem: str) -> str:
    return FRENCH.get(problem, f"« {problem.partition(',')[0]} » est faux")


@pytest.mark.parametrize(
    ("word", "template"),
    [
        (lambda name, problem: f"error: {name}: {FRENCH.get(problem, problem)}", "error: {parameter}: {problem}"),
        (lambda name, problem: f"{in_french(problem)} ({name})", "{problem} ({parameter})"),
        (lambda name, problem: f"refus {name} {problem}", "refus {parameter} {problem}"),
        (lambda _name, problem: in_french(problem), "{problem}"),
        (lambda name, _problem: f"{name} ?", "{parameter} ?"),
        (lambda _name, _problem: "KO", "KO"),
        (
            lambda name, problem: json.dumps({"champ": name, "faute": in_french(problem), "code": 7}),
            '{"champ": "{parameter}", "faute": "{problem}", "code": 7}',
        ),
    ],
)  # fmt: skip
def test_what_all_refusals_have_in_common_is_their_template(
    serve: Serve, live_options: Options, tmp_path: Path, word: Word, template: str
) -> None:
    file = tmp_path / "learned.json"
    run = behind(serve(), live_options, worded(word))
    assert run.exit_code in {0, 1}, run.reason
    assert value(run, "securating.refusal_body") == template
    write_learned(file, run.learned_settings())
    unknown = Request("GET", "/widgets/company/zz/id", "", {"host": ""}, b"")
    said = Caller(serve(settings=file).url, 5).call(unknown).text
    expected = re.escape(template.replace("{parameter}", "token")).replace(re.escape("{problem}"), "no website .+")
    assert re.fullmatch(expected, said), "the words of the double itself, in the form of the service"


def test_a_refusal_of_another_kind_is_shown_and_does_not_spoil_the_template(
    serve: Serve, live_options: Options
) -> None:
    def change(request: Request, reply: Reply) -> Reply:
        return reply if request.path == CREATE or reply.status != 404 else Reply(404, b"<h1>Not Found</h1>", HTML)

    run = behind(serve(), live_options, change)
    assert value(run, "securating.refusal_body") == "error: {parameter}: {problem}"
    shown = verdict(run, "a fourth thematic is refused")
    assert shown.outcome == REFUTED
    assert "<h1>Not Found</h1>" in shown.differences[0].seen
    assert "{problem}" in shown.differences[0].expected


def test_words_that_differ_each_time_are_no_template(serve: Serve, live_options: Options) -> None:
    numbers = iter(range(1000, 100_000))
    run = behind(serve(), live_options, worded(lambda name, problem: f"{next(numbers)}: {name}: {problem}"))
    assert value(run, "securating.refusal_body") is None


@pytest.mark.parametrize(
    "word",
    [
        lambda name, problem: json.dumps({"code": 10 + len(name), "message": problem}),
        lambda _name, problem: json.dumps({"error": problem, "detail": problem}),
    ],
)
def test_words_in_two_places_are_more_than_a_template_can_say(serve: Serve, live_options: Options, word: Word) -> None:
    run = behind(serve(), live_options, worded(word))
    assert value(run, "securating.refusal_body") is None
    assert verdict(run, "a fourth thematic is refused").outcome == UNSEEN


def test_one_refusal_alone_teaches_no_words(serve: Serve, live_options: Options) -> None:
    def word(name: str, _problem: str) -> str:
        return "Demande refusée" if name in {"keywebsite", f"{CREATE[:11]}/nothing-here"} else "Trop de codes"

    run = behind(serve(), live_options, worded(word))
    assert value(run, "securating.refusal_body") in {None, "{problem}"}


ALIKE = {"securating.refusal_body": "KO", "securating.unknown_parameters_are_accepted": False}


def test_refusals_that_all_read_alike_make_no_facts(serve: Serve, live_options: Options) -> None:
    limits = {"securating.longest_line": 100, "securating.most_days": 100}
    run = learn(live_options(serve(**ALIKE, **limits).url))
    assert run.ended is None
    assert value(run, "securating.unknown_parameters_are_accepted") is False
    assert value(run, "securating.required_parameters") == ["keywebsite", "email"]
    for name in ("a line of text has a longest length", "the wait before the mail has a longest length"):
        assert verdict(run, name).outcome == UNSEEN
        assert "cannot be told" in verdict(run, name).why
    assert value(run, "securating.refusal_body") == "KO"


def test_what_is_required_is_found_where_no_refusal_names_it(serve: Serve, live_options: Options) -> None:
    required = ["keywebsite", "email", "last_name"]
    run = learn(live_options(serve(**ALIKE, **{"securating.required_parameters": required}).url))
    assert run.exit_code in {0, 1}
    assert value(run, "securating.required_parameters") == required


def test_the_contract_holds_under_what_was_learned_to_be_required(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    required = Learned("securating.required_parameters", ["keywebsite", "email", "product", "order"], TODAY, "", ())
    write_learned(file, [required])
    run = learn({"target": "inproc", "settings": str(file)})
    assert [(each.case.name, each.why, each.differences) for each in run.verdicts if each.outcome != CONFIRMED] == []


def test_a_service_that_looks_at_thematics_first_makes_no_facts(serve: Serve, live_options: Options) -> None:
    others: dict[str, Any] = {
        "securating.unknown_parameters_are_accepted": False,
        "securating.required_parameters": ["keywebsite", "email", "first_name"],
        "securating.longest_line": 100,
    }

    def change(request: Request, reply: Reply) -> Reply:
        fields = parse_qs(request.body.decode())
        if fields.get("thematics", [""])[0].count(",") < 3 or len(fields.get("keywebsite", [""])[0]) < 64:
            return reply
        return Reply(400, b"error: thematics: 4 codes, at most 3 expected", TEXT)

    run = behind(serve(**others), live_options, change)
    assert value(run, "securating.required_parameters") == others["securating.required_parameters"]
    assert value(run, "securating.unknown_parameters_are_accepted") is False
    assert value(run, "securating.refusal_body") == "error: {parameter}: {problem}"
    lengths = verdict(run, "a line of text has a longest length")
    assert (lengths.outcome, value(run, "securating.longest_line")) == (UNSEEN, None)
    assert "nothing is refused" not in lengths.why


@pytest.mark.parametrize("required", [["keywebsite", "email", "product"], ["keywebsite", "email", "order", "days"]])
def test_a_parameter_that_is_required_beside_is_given_once_it_is_named(
    serve: Serve, live_options: Options, required: list[str]
) -> None:
    run = learn(live_options(serve(**{"securating.required_parameters": required}).url))
    assert run.exit_code in {0, 1}, [each for each in run.verdicts if each.is_unreadable]
    assert value(run, "securating.required_parameters") == required
    assert value(run, "securating.refusal_body") == "error: {parameter}: {problem}"
    differing = [each.case.name for each in run.verdicts if each.outcome == REFUTED]
    assert differing == ["some parameters are required"]


def test_nothing_is_sent_twice_for_a_refusal_that_names_nothing(serve: Serve, live_options: Options) -> None:
    settings: dict[str, Any] = {
        "securating.refusal_body": "KO",
        "securating.required_parameters": ["keywebsite", "product"],
    }
    run = learn(live_options(serve(**settings).url))
    assert run.exit_code == 5
    assert value(run, "securating.required_parameters") is None


@pytest.mark.parametrize(("status", "left"), [(500, 1), (422, 2)])
def test_what_a_broken_service_may_have_sent_is_counted(
    serve: Serve, live_options: Options, status: int, left: int
) -> None:
    def change(request: Request, reply: Reply) -> Reply:
        is_sending = request.path in {CREATE, "/api/command/send_message.php"} and b"no-such-key" not in request.body
        return Reply(status, b"Oops", TEXT) if is_sending else reply

    run = behind(serve(), live_options, change, spend=2, smsvote_id=0, smsvote_secure="")
    assert run.budget.left == left


def test_a_message_that_met_an_error_of_another_kind_is_counted(serve: Serve, live_options: Options) -> None:
    def change(request: Request, reply: Reply) -> Reply:
        return Reply(422, b"Oops", TEXT) if request.path == "/api/command/send_message.php" else reply

    run = behind(serve(), live_options, change, spend=9, securating_key="")
    assert run.budget.spent == 1


@pytest.mark.parametrize(
    "written",
    ["%d.%m.%y %H:%M:%S", "%y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%m/%d/%y %H:%M:%S", "%d/%m/%Y %H:%M:%S",
     "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S", "%H:%M:%S %d.%m.%Y"],
)  # fmt: skip
def test_dates_are_learned_however_they_are_written(serve: Serve, live_options: Options, written: str) -> None:
    run = learn(live_options(serve(**{"smsvote.date_format": written}).url, spend=0))
    assert run.exit_code == 1
    assert value(run, "smsvote.date_format") == written
    assert verdict(run, "ratings are reported as json").outcome == CONFIRMED


@pytest.mark.parametrize("most", [1, 3])
def test_a_batch_that_is_too_large_for_one_command_tells_nothing_of_money(
    serve: Serve, live_options: Options, most: int
) -> None:
    run = learn(live_options(serve(**{"smsvote.max_messages": most}).url))
    batch = verdict(run, "a batch that cannot be paid is refused")
    assert (batch.outcome, run.exit_code) == (UNSEEN, 0)
    assert "as many" in batch.why


def test_a_service_that_breaks_teaches_nothing_about_what_it_takes(serve: Serve, live_options: Options) -> None:
    def change(request: Request, reply: Reply) -> Reply:
        is_told = any(word in request.body for word in (b"shoe_size", b"2000100", b"survey_only=1"))
        return Reply(500, b"Oops", TEXT) if is_told and request.path == CREATE else reply

    run = behind(serve(), live_options, change)
    taught = {"unknown_parameters_are_accepted", "generic_variants", "survey_needs_thematic"}
    assert [name for name in taught if value(run, f"securating.{name}") is not None] == []
    assert run.exit_code == 5


def test_a_long_limit_is_found(serve: Serve, live_options: Options) -> None:
    run = learn(live_options(serve(**{"securating.longest_text": 100_000, "securating.most_days": 99_999_999}).url))
    assert value(run, "securating.longest_text") == 100_000
    assert verdict(run, "the wait before the mail has a longest length").outcome == UNSEEN
