from __future__ import annotations

import ast
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.journal import Deed, Exchange
from mockserver.core.world import World
from mockserver.runtime.python_layout import WIDTH, wrap_python
from mockserver.runtime.requests_calls import Credentials, as_requests
from mockserver.runtime.retelling import Step, Story, retell, told_in_order
from mockserver.services.saying import call, literal

NOW = datetime(2026, 3, 1, 10, tzinfo=timezone.utc)
FORM = "application/x-www-form-urlencoded"


def exchange(**other: object) -> Exchange:
    told: dict[str, object] = {
        "number": 1, "at": NOW, "service": "smsvote", "operation": "balance", "method": "GET",
        "target": "/api/command/balance.php", "request_body": "", "status": 200, "reply_body": "1000.00", "notes": (),
        "crashed": False, "refusal": "", "claims": (), "grade": "", "tenant": "main", "origin": "", "request_type": "",
        "reply_type": "text/plain; charset=utf-8", "is_exact": True, "began": 0.0, "seconds": 0.0,
    }  # fmt: skip
    return Exchange(**(told | other))  # type: ignore[arg-type]


def story(*steps: Step, **other: object) -> Story:
    told: dict[str, object] = {
        "world": "demo", "start": NOW, "end": max([NOW, *(step.by for step in steps)]), "settings": {}, "steps": steps,
        "sent": (), "outcomes": (),
    }  # fmt: skip
    return Story(**(told | other))  # type: ignore[arg-type]


def body(told: str) -> list[str]:
    """Return the lines of the test function."""
    lines = told.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("def "))
    return [line.strip() for line in lines[start + 1 :] if line]


def test_calls_and_deeds_stand_in_the_order_in_which_they_were_made() -> None:
    deeds = [Deed(0, NOW, NOW, "first"), Deed(1, NOW, NOW, "third"), Deed(1, NOW, NOW, "fourth")]
    calls = [(exchange(number=1), ("second",)), (exchange(number=2), ()), (exchange(number=3), ("fifth",))]
    steps = told_in_order(calls, deeds)
    assert [line for step in steps for line in step.lines] == ["first", "second", "third", "fourth", "fifth"]


def test_time_that_passed_by_itself_is_moved_on_where_it_matters() -> None:
    def told(after: timedelta, *sent: datetime) -> list[str]:
        then = NOW + after
        return body(retell(story(Step(then, then, ("mockserver.clock.now",)), sent=sent)))

    day = 'mockserver.clock.advance_to("2026-03-02 10:00")'
    assert told(timedelta(days=1)) == [day, "mockserver.clock.now"]
    assert told(timedelta(seconds=2)) == ["mockserver.clock.now"]
    assert told(timedelta(seconds=2), NOW + timedelta(seconds=1)) == [
        'mockserver.clock.advance_to("2026-03-01 10:00:02")',
        "mockserver.clock.now",
    ]


def test_a_move_that_was_said_is_not_said_twice_and_the_end_is_reached() -> None:
    later = NOW + timedelta(days=6)
    moved = Step(NOW, later, ("mockserver.clock.advance(days=6)",))
    assert body(retell(story(moved, end=later))) == ["mockserver.clock.advance(days=6)"]
    assert body(retell(story(end=later)))[0] == 'mockserver.clock.advance_to("2026-03-07 10:00")'


def test_a_story_names_its_world_its_settings_and_what_it_asks_for() -> None:
    told = retell(
        story(
            Step(NOW, NOW, ("requests.get(smsvote.url, timeout=5)",)),
            world="/tmp/shop.json",
            settings={"securating": {"recall_interval": 172800}},
            allowed=["unknown-calls"],
            left_out=7,
            outcomes=["assert 1 == 1"],
        )
    )
    assert '@pytest.mark.mockserver(world="/tmp/shop.json", start="2026-03-01 10:00", allow=["unknown-calls"])' in told
    assert "@pytest.mark.securating(recall_interval=172800)\ndef test_what_was_done(smsvote):" in told
    assert "no longer holds the first 7 entries" in told
    assert told.endswith("    # What came of it:\n    assert 1 == 1\n")
    assert "import json" not in told


def test_credentials_are_those_of_the_fixtures_wherever_they_stand(world: World) -> None:
    credentials = Credentials.of(world)
    secure = "05ea83436373cae23787455c5fd1de87"
    asked = literal({"id": 52, "secure": secure, "order": 52})
    (line, *expected) = as_requests(exchange(target=f"/api/command/balance.php?json={asked}"), credentials)
    assert 'json.dumps({"id": smsvote.id, "secure": smsvote.secure, "order": 52})' in line
    assert expected == ["assert answer.status_code == 200", 'assert answer.text == "1000.00"']
    key = next(value for name, value in credentials.by_name if name == "keywebsite")
    (line, *_) = as_requests(exchange(service="securating", target=f"/widgets/company/{key}/id"), credentials)
    assert 'securating.url + "/widgets/company/" + securating.key + "/id"' in line


def test_a_form_is_told_as_one_and_another_body_as_it_was(world: World) -> None:
    credentials = Credentials.of(world)
    form = exchange(method="POST", target="/invitation/create", request_type=FORM, request_body="email=a%40b&url=")
    assert 'data={"email": "a@b", "url": ""}' in as_requests(form, credentials)[0]
    other = exchange(method="POST", target="/x", request_type="application/json", request_body='{"a": 1}')
    line = as_requests(other, credentials)[0]
    assert 'data=("{\\"a\\": 1}").encode(), headers={"Content-Type": "application/json"}' in line
    assert 'requests.request("BREW"' in as_requests(exchange(method="BREW"), credentials)[0]


def test_what_cannot_be_made_again_is_a_remark(world: World) -> None:
    credentials = Credentials.of(world)
    assert as_requests(exchange(is_exact=False), credentials)[0].startswith(
        "# GET /api/command/balance.php is left out"
    )
    strange = Credentials(credentials.by_name, credentials.anywhere, ("somebody-elses-secret",))
    assert "credentials that no fixture knows" in as_requests(exchange(target="/?v=somebody-elses-secret"), strange)[0]


@pytest.mark.parametrize("other", [{"status": 0}, {"notes": ("fault 1 (lost) was armed for this",)}])
def test_an_answer_that_did_not_arrive_is_expected_not_to(world: World, other: dict[str, object]) -> None:
    lines = as_requests(exchange(**other), Credentials.of(world))
    assert lines[0] == "with pytest.raises(requests.RequestException):"


@pytest.mark.parametrize("text", ["at 10:00", "x" * 300, "https://a.example/?securating_token=" + "a" * 64])
def test_what_another_run_words_otherwise_is_not_compared(world: World, text: str) -> None:
    assert len(as_requests(exchange(reply_body=text), Credentials.of(world))) == 2


@given(st.recursive(st.text(max_size=30), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner)))
def test_a_line_that_is_wrapped_means_the_same(value: object) -> None:
    for line in (call("f", value, named=value), f"x = {literal(value)}", f"assert f() == {literal(value)}"):
        opened = wrap_python(line)
        assert ast.dump(ast.parse(opened)) == ast.dump(ast.parse(line))
        assert opened == line or len(line) > WIDTH
