"""The pytest plugin, as its users meet it: each test here runs a small suite of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

APPLICATION = """
import requests

class Shop:
    def __init__(self, service, hook="http://shop.example/hook"):
        self.service, self.hook, self.ratings, self.steps = service, hook, {}, []
    def order_delivered(self, order, **more):
        data = {"keywebsite": self.service.key, "email": "anna@example.com", "first_name": "Anna", "order": order,
                "meta_order": order, "webhook": self.hook, **more}
        return requests.post(self.service.url + "/invitation/create", data=data, timeout=5)
    def receive(self, call):
        params = dict(call.params)
        self.steps.append(call.step)
        if call.step == "review-saved":
            self.ratings[params["meta_order"]] = int(params["rating"])
        return "ok"
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a shop in it."""
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = --strict-markers -p no:cacheprovider")
    pytester.makepyfile(shop=APPLICATION)
    return pytester


def run(suite: pytest.Pytester, body: str, *options: str, **outcomes: int) -> pytest.RunResult:
    suite.makepyfile(body)
    result = suite.runpytest_subprocess(*options)
    result.assert_outcomes(**outcomes)
    return result


def test_the_promised_example_works(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        from shop import Shop

        def test_review_reaches_the_shop(securating):
            shop = Shop(securating)
            securating.webhooks.deliver_to(shop.receive)
            shop.order_delivered("17")
            invitation = securating.invitations.one(email="anna@example.com")

            securating.clock.advance(days=6)
            assert invitation.mail.subject.startswith("Anna")
            invitation.mail.open_link().review(rating=5, comment="Parfait")

            assert shop.ratings == {"17": 5}
            assert [call.step for call in invitation.webhooks] == [
                "invitation-created", "mail-send", "link-opened", "review-saved"]
            assert shop.steps == [call.step for call in invitation.webhooks]
        """,
        passed=1,
    )


def test_marks_make_the_world_of_a_test(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import os, pytest, requests, json
        from decimal import Decimal

        def command(smsvote, name, **more):
            given = json.dumps({"id": smsvote.id, "secure": smsvote.secure, **more})
            return requests.get(f"{smsvote.url}/api/command/{name}.php", params={"json": given}, timeout=5).text

        @pytest.mark.smsvote(balance="0.50")
        def test_empty_account(smsvote):
            assert smsvote.balance == Decimal("0.50")
            message = [{"phone": "71234567890", "text": "?"}]
            assert command(smsvote, "send_message", transport="sms", message=message) == "Error: not enough balance"
            assert smsvote.phone("71234567890").inbox == []

        @pytest.mark.smsvote(daily_limit=1, prefixes=["БАР"], success_body="QUEUED")
        def test_limits_prefixes_and_settings(smsvote):
            message = [{"phone": 71234567890, "text": "?"}]
            assert command(smsvote, "send_message", transport="sms", message=message) == "QUEUED"
            assert command(smsvote, "send_message", transport="sms", message=message).endswith("per day")
            assert smsvote.phone(71234567890).send("бар 5 вкусно").rating == 5
            assert smsvote.ratings.one(value=5).text == "бар 5 вкусно"

        @pytest.mark.securating(recall_interval="2d", link_path="/lien", url="https://neuf.example/")
        @pytest.mark.mockserver(start="2026-03-01 10:00", env={"KEY": "{securating.key}", "BASE": "{url}"})
        def test_settings_start_and_environment(securating):
            assert os.environ["KEY"] == securating.key
            assert os.environ["BASE"] == securating.url
            assert securating.clock.now.isoformat() == "2026-03-01T10:00:00+00:00"
            answer = requests.post(os.environ["BASE"] + "/lien", data={"keywebsite": securating.key, "email": "a@b.fr"})
            assert answer.text.startswith("https://neuf.example/?securating_token=")

        def test_nothing_of_that_is_left(securating, smsvote):
            assert "KEY" not in os.environ
            assert smsvote.balance == 1000
            assert len(securating.invitations) == 0
        """,
        passed=4,
    )


WRONG_MARKS = [
    ('mockserver(stat="2026-01-01")', "by name, not {'stat'}"),
    ('mockserver(world="nowhere")', "nowhere: No such file"),
    ('mockserver(start="soon")', "start: 'soon', an instant"),
    ("mockserver(freeze=True)", "freeze=True needs start"),
    ('mockserver(env={"X": "{nothing}"})', "env: '{nothing}'"),
    ('securating(recall="2d")', "securating.recall: no such setting"),
    ('smsvote(balance="much")', "an amount such as"),
    ('smsvote("0.50")', "takes everything by name"),
    ('mockserver(allow="crashes")', "a list expected, such as ['crashes']"),
    ('smsvote(balanse="0.50")', "balanse: no such field; there are: balance, price, daily_limit"),
    ('mockserver(allow=["anything"])', "allow: anything; one of unknown-calls"),  # found out at the end
]


def test_a_wrong_mark_is_an_error_that_says_what_was_expected(suite: pytest.Pytester) -> None:
    tests = [f"@pytest.mark.{mark}\ndef test_{n}(mockserver): ..." for n, (mark, _) in enumerate(WRONG_MARKS)]
    suite.makepyfile("\n".join(["import pytest", *tests]))
    result = suite.runpytest_subprocess()
    result.assert_outcomes(errors=len(WRONG_MARKS) - 1, failed=1)
    for number, (_, said) in enumerate(WRONG_MARKS):
        result.stdout.re_match_lines([rf"_+ .*test_{number} _+", ".*" + re.escape(said)])


def test_ini_settings_apply_where_no_mark_says_otherwise(suite: pytest.Pytester) -> None:
    suite.makeini(
        "[pytest]\nmockserver_world = demo\nmockserver_start = 2026-03-01 10:00\n"
        "mockserver_env =\n    KEY={securating.key}"
    )
    run(
        suite,
        """
        import os, pytest
        def test_ini(mockserver):
            assert mockserver.smsvote.votes.latest().nr == 29
            assert mockserver.clock.now.isoformat() == "2026-03-01T10:00:00+00:00"
            assert os.environ["KEY"] == mockserver.securating.key
        @pytest.mark.mockserver(world="empty", start="2026-04-01")
        def test_mark(mockserver):
            assert len(mockserver.smsvote.votes) == 0
            assert mockserver.clock.now.month == 4
        """,
        passed=2,
    )


def test_each_test_has_credentials_of_its_own_and_the_same_ones_in_the_next_run(suite: pytest.Pytester) -> None:
    body = """
        seen = set()
        def test_one(securating, smsvote): print("drawn", securating.key, smsvote.id, smsvote.secure)
        def test_two(securating, smsvote): print("drawn", securating.key, smsvote.id, smsvote.secure)
    """
    runs = [run(suite, body, "-s", passed=2) for _ in range(2)]
    drawn = [[line for line in one.outlines if "drawn" in line] for one in runs]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 2


def test_wider_worlds_live_side_by_side_with_a_tests_own(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import requests
        def create(service, email="a@b.fr"):
            return requests.post(service.url + "/invitation/create", data={"keywebsite": service.key, "email": email})
        def test_first(module_mockserver, session_mockserver, securating):
            for service in (module_mockserver.securating, session_mockserver.securating, securating):
                assert create(service).status_code == 200
        def test_second(module_mockserver, session_mockserver, securating):
            assert create(module_mockserver.securating).status_code == 429
            assert create(session_mockserver.securating).status_code == 429
            assert create(securating).status_code == 200
            assert len(module_mockserver.securating.invitations) == 1
        """,
        passed=2,
    )


STRICT = {
    "unknown-calls": ('requests.get(securating.url + "/invitation/creat")', "did you mean /invitation/create?"),
    "crashes": (
        'monkeypatch.setattr("mockserver.services.securating.rules.create_invitation", None)\n    create(securating)',
        "crashed the double",
    ),
    "bad-webhooks": (
        'securating.webhooks.deliver_to(lambda call: (500, "down"))\n    create(securating, webhook="http://x.example/")',
        "was answered 500 'down'",
    ),
    "unused-faults": ("securating.webhooks.fail_next()", "1 failures or duplicates arranged"),
}


def strict_tests(kind: str, action: str) -> str:
    name = kind.replace("-", "_")
    return f"""
def test_strict_{name}(securating, monkeypatch):
    {action}
@pytest.mark.mockserver(allow=["{kind}"])
def test_allowed_{name}(securating, monkeypatch):
    {action}
def test_own_failure_first_{name}(securating, monkeypatch):
    {action}
    raise RuntimeError("my own, not {kind}")
"""


def test_what_should_not_pass_in_silence_fails_the_test_unless_it_is_allowed(suite: pytest.Pytester) -> None:
    body = """
import pytest, requests
def create(service, **more):
    data = {"keywebsite": service.key, "email": "anna@example.com", **more}
    return requests.post(service.url + "/invitation/create", data=data)
"""
    suite.makepyfile(body + "".join(strict_tests(kind, action) for kind, (action, _) in STRICT.items()))
    result = suite.runpytest_subprocess("-p", "no:warnings")
    result.assert_outcomes(passed=len(STRICT), failed=2 * len(STRICT))
    for kind, (_, said) in STRICT.items():
        result.stdout.re_match_lines(
            [
                rf"_+ test_strict_{kind.replace('-', '_')} _+",
                rf".*{re.escape(said)}.*\[allow='{kind}'\]",
                f".*RuntimeError: my own, not {kind}",
            ]
        )
    result.stdout.no_fnmatch_line("*ERROR at teardown*")


def test_a_bad_answer_counts_even_when_a_later_attempt_is_acknowledged(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from shop import Shop
        def answering(securating, *answers):
            left = list(answers)
            securating.webhooks.deliver_to(lambda call: left.pop(0) if left else "ok")
            return Shop(securating)
        def test_retried(securating):
            answering(securating, (500, "boom")).order_delivered("17")
            securating.clock.advance(days=1)
        def test_duplicated(securating):
            securating.webhooks.duplicate()
            answering(securating, "ok", (500, "boom")).order_delivered("17")
        def test_arranged_and_then_well(securating):
            securating.webhooks.fail_next(2)
            answering(securating).order_delivered("17")
            securating.clock.advance(days=1)
        """
    )
    result = suite.runpytest_subprocess("-rN")  # the summary says it again where CI is set
    result.assert_outcomes(passed=1, failed=2)
    assert result.stdout.str().count("was answered 500 'boom'") == 2


def test_strictness_reaches_a_fixture_that_is_asked_for_on_the_way(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import requests
        def test_it(request):
            securating = request.getfixturevalue("securating")
            requests.get(securating.url + "/nonsense?keywebsite=" + securating.key)
        """,
        failed=1,
    )
    result.stdout.fnmatch_lines(["*mockserver objects: GET /nonsense[?]keywebsite=??????…: /nonsense: no such call*"])


def test_in_a_modules_world_each_test_answers_for_itself_only(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import pytest
        from shop import Shop
        def test_bad(module_mockserver):
            module_mockserver.webhooks.deliver_to(lambda call: (500, "x"))
            Shop(module_mockserver.securating).order_delivered("17")
            module_mockserver.webhooks.duplicate(3)
        def test_after(module_mockserver): ...
        """,
        passed=1,
        failed=1,
    )


def test_what_pytest_refuses_it_still_refuses(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        def test_returns_a_coroutine(securating):
            async def never_run(): ...
            coroutine = never_run()
            coroutine.close()
            return coroutine
        """
    )
    result = suite.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*async def functions are not natively supported*"])


def test_no_world_outlives_its_test(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import gc, pytest
        from mockserver.testing import MockServer
        @pytest.mark.parametrize("number", range(20))
        def test_it(securating, number): ...
        def test_count(securating):
            gc.collect()
            assert sum(isinstance(one, MockServer) for one in gc.get_objects()) <= 2
        """,
        passed=21,
    )


def test_a_mark_on_one_parameter_leaves_the_others_alone(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import pytest
        @pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.mockserver(start="2026-03-01")), 2])
        def test_it(request, n):
            assert ("mockserver" in request.fixturenames) == (n == 1)
        """,
        passed=2,
    )


def test_a_failing_test_shows_journal_and_agenda_with_secrets_shortened(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import requests
        from shop import Shop
        def test_it(securating):
            Shop(securating).order_delivered("17")
            Shop(securating).order_delivered("18", days="x")
            assert len(securating.key) == 64
            assert False
        """,
        failed=1,
    )
    result.stdout.fnmatch_lines(
        [
            "*journal (2 written*",
            "*POST /invitation/create keywebsite=??????…&email=anna*",
            "*because days: 'x', a whole number*",
            "*agenda at *",
            "*:?? invitation mail · anna@example.com",
        ]
    )


def test_an_error_of_the_application_surfaces_with_its_own_traceback(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        from flask import Flask
        from shop import Shop
        def test_it(securating):
            app = Flask("shop")
            app.testing = True
            @app.route("/hook")
            def hook():
                raise ZeroDivisionError("in the view")
            securating.webhooks.deliver_to(app.test_client())
            Shop(securating).order_delivered("17")
            securating.clock.advance(hours=1)
        """,
        failed=1,
    )
    result.stdout.fnmatch_lines(["*raise ZeroDivisionError*", "*ZeroDivisionError: in the view"])


def test_what_still_waits_is_delivered_inside_whatever_surrounds_the_test_function(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import unittest, pytest
        from shop import Shop
        log = []
        class TestShop(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def double(self, securating):
                self.securating = securating
            def tearDown(self):
                log.append("rolled back")
            def test_it(self):
                self.securating.webhooks.deliver_to(lambda call: log.append(call.step))
                Shop(self.securating).order_delivered("17")
        def test_afterwards():
            assert log == ["invitation-created", "rolled back"]
        """,
        passed=2,
    )


def test_the_mark_brings_its_fixture_before_any_other(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import os, pytest
        @pytest.fixture
        def application():
            return os.environ["KEY"]
        @pytest.mark.mockserver(env={"KEY": "{securating.key}", "N": 5})
        def test_it(application, securating):
            assert application == securating.key
            assert os.environ["N"] == "5"
        @pytest.mark.mockserver(env={"KEY": "{securating.key}"})
        def test_without_naming_the_fixture(application):
            assert len(application) == 64
        """,
        passed=2,
    )


def test_a_worlds_own_start_holds_and_its_file_is_found_beside_the_test(suite: pytest.Pytester) -> None:
    folder = suite.mkdir("sub")
    world = '{"format": "mockserver-world/1", "start": "2027-05-05T00:00:00Z"}'
    (folder / "own.json").write_text(world, encoding="utf-8")
    (folder / "test_own.py").write_text(
        """
import pytest
from mockserver.testing import NotFound
@pytest.mark.mockserver(world="own.json")
def test_it(mockserver):
    assert mockserver.clock.now.isoformat() == "2027-05-05T00:00:00+00:00"
    with pytest.raises(NotFound, match="no website"):
        mockserver.securating.key
    with pytest.raises(NotFound, match="no account"):
        mockserver.smsvote.id
""",
        encoding="utf-8",
    )
    suite.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_failing_test_says_where_its_webhooks_went(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        from shop import Shop
        def test_it(mockserver):
            Shop(mockserver.securating).order_delivered("17")
            assert mockserver.calls.one().status == 200
            assert mockserver.webhooks.one(step="invitation-created").status == "acknowledged"
        """,
        failed=1,
    )
    result.stdout.fnmatch_lines(["*webhooks (1)*", "*captured, not sent: shop.example*deliver_to*"])


def test_freeze_shares_one_clock_with_the_application(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import datetime, time, pytest
        from shop import Shop
        pytestmark = pytest.mark.mockserver(start="2026-03-01 10:00", freeze=True)

        def test_application_sees_each_events_own_instant(securating):
            shop, seen = Shop(securating), []
            securating.webhooks.deliver_to(lambda call: seen.append((call.step, datetime.datetime.now().day)))
            shop.order_delivered("17", recall_count="1")
            securating.clock.advance(days=20)
            assert seen == [("invitation-created", 1), ("mail-send", 7), ("mail-recall", 13)]
            assert datetime.datetime.now() == datetime.datetime(2026, 3, 21, 10)
            assert datetime.date.today() == datetime.date(2026, 3, 21)

        def test_the_next_one_begins_again(securating):
            assert datetime.datetime.now() == datetime.datetime(2026, 3, 1, 10)
            assert time.time() == securating.clock.now.timestamp()
        """,
        passed=2,
    )


def test_frozen_tests_that_share_a_world_go_on_where_its_clock_stands(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        shared="""
        import datetime as dt
        import requests
        def create(server, email="anna@example.com"):
            data = {"keywebsite": server.securating.key, "email": email}
            assert requests.post(server.url + "/invitation/create", data=data).status_code == 200
        def today(*servers):
            days = {server.clock.now for server in servers} | {dt.datetime.now(dt.timezone.utc)}
            assert len(days) == 1
            return days.pop().isoformat(" ", "minutes")[:16]
        """,
        test_module="""
        import pytest
        from shared import create, today
        pytestmark = pytest.mark.mockserver(start="2026-03-01 10:00", freeze=True)
        def test_advances(module_mockserver):
            create(module_mockserver)
            module_mockserver.clock.advance(days=3)
            assert today(module_mockserver) == "2026-03-04 10:00"
        def test_looks(module_mockserver):
            assert today(module_mockserver) == "2026-03-04 10:00"
        def test_advances_at_once(module_mockserver):
            module_mockserver.clock.advance(days=1)
            assert today(module_mockserver) == "2026-03-05 10:00"
        def test_has_a_world_of_its_own_beside_it(module_mockserver, mockserver):
            mockserver.clock.advance(days=1)
            assert today(module_mockserver, mockserver) == "2026-03-06 10:00"
        @pytest.mark.mockserver(start="2026-03-09 08:00", freeze=True)
        def test_starts_later(module_mockserver):
            assert today(module_mockserver) == "2026-03-09 08:00"
        def test_shares_nothing(securating):
            assert today(securating) == "2026-03-01 10:00"
        """,
        test_session="""
        import pytest
        from shared import create, today
        def test_advances(session_mockserver):
            create(session_mockserver)
            session_mockserver.clock.advance(days=3)
        def test_looks(session_mockserver):
            assert today(session_mockserver) == "2026-05-04 10:00"
        @pytest.mark.mockserver(start="2026-03-01 10:00", freeze=True)
        def test_opens_another(session_mockserver, module_mockserver):
            assert today(session_mockserver, module_mockserver) == "2026-05-04 10:00"
            module_mockserver.clock.advance(days=1)
            assert today(session_mockserver, module_mockserver) == "2026-05-05 10:00"
        """,
    )
    suite.makeini(
        "[pytest]\naddopts = --strict-markers -p no:cacheprovider\nfilterwarnings = error\n"
        "mockserver_start = 2026-05-01 10:00\nmockserver_freeze = true"
    )
    suite.runpytest_subprocess().assert_outcomes(passed=9)


def test_the_ini_freezes_nobody_who_uses_no_fixture(suite: pytest.Pytester) -> None:
    suite.makeini("[pytest]\naddopts = -p no:cacheprovider\nmockserver_freeze = true\nmockserver_start = 2001-02-03")
    run(
        suite,
        """
        import datetime, sys, pytest
        def test_no_fixture():
            assert "freezegun" not in sys.modules
            assert datetime.date.today().year > 2001
        @pytest.fixture
        def application(securating): ...
        def test_fixture_of_a_fixture(application):
            assert datetime.date.today().year == 2001
        def test_again_none():
            assert datetime.date.today().year > 2001
        """,
        passed=3,
    )


def test_a_world_that_follows_real_time_is_neither_stopped_by_a_frozen_test_nor_moves_it(
    suite: pytest.Pytester,
) -> None:
    suite.makepyfile(
        shared="""
        import datetime as dt
        import requests
        def create(server):
            data = {"keywebsite": server.securating.key, "email": "anna@example.com"}
            assert requests.post(server.url + "/invitation/create", data=data).status_code == 200
        def months(*servers):
            return {f"{now:%Y-%m}" for now in [dt.datetime.now(dt.timezone.utc), *(one.clock.now for one in servers)]}
        """,
        test_a_first_frozen="""
        import pytest
        from shared import create, months
        frozen = pytest.mark.mockserver(start="2001-03-01 10:00", freeze=True)
        @frozen
        def test_frozen(session_mockserver, module_mockserver):
            create(module_mockserver)
            assert months(session_mockserver, module_mockserver) == {"2001-03"}
        @frozen
        def test_goes_on_where_a_frozen_one_has_left(module_mockserver):
            assert months(module_mockserver) == {"2001-03"}
        @pytest.mark.mockserver(start="2001-02-01", freeze=True)
        def test_shares_that_time(module_mockserver):
            assert months(module_mockserver) == {"2001-03"}
        def test_real(session_mockserver, module_mockserver):
            assert "2001-03" not in months(session_mockserver, module_mockserver)
        @frozen
        def test_of_a_world_that_nobody_has_used(session_mockserver, mockserver):
            assert months(session_mockserver, mockserver) == {"2001-03"}
        @frozen
        def test_of_a_world_that_has_lived(module_mockserver): ...
        """,
        test_b_first_real="""
        import pytest
        from shared import create, months
        frozen = pytest.mark.mockserver(start="2001-03-01 10:00", freeze=True)
        def test_real(session_mockserver):
            assert session_mockserver.clock.now.year > 2001
        @frozen
        def test_frozen(session_mockserver):
            assert months(session_mockserver) == {"2001-03"}
        def test_lives(session_mockserver):
            create(session_mockserver)
        @frozen
        def test_of_a_world_that_has_lived(session_mockserver): ...
        """,
    )
    result = suite.runpytest_subprocess()
    result.assert_outcomes(passed=8, errors=2)
    said = (
        "*UsageError: freeze=True, start=2001-03-01 10:00: {} has lived by real time until *; {}, or use the fixture *"
    )
    result.stdout.fnmatch_lines(said.format("module_mockserver", "give the mark of the module a start"))
    result.stdout.fnmatch_lines(said.format("session_mockserver", "give that world a start by ini (mockserver_start)"))


def test_the_ini_freezes_who_requests_a_fixture_on_the_way(suite: pytest.Pytester) -> None:
    suite.makeini("[pytest]\naddopts = -p no:cacheprovider\nmockserver_freeze = true\nmockserver_start = 2001-02-03")
    result = run(
        suite,
        """
        import datetime as dt, freezegun, pytest
        def test_on_the_way(request):
            assert dt.date.today().year > 2001
            mockserver = request.getfixturevalue("mockserver")
            mockserver.clock.advance(days=1)
            assert dt.datetime.now(dt.timezone.utc) == mockserver.clock.now
            assert dt.date.today() == dt.date(2001, 2, 4)
        def test_afterwards():
            assert dt.date.today().year > 2001
        @freezegun.freeze_time("2002-02-02")
        def test_frozen_by_itself(request):
            assert request.getfixturevalue("securating").clock.now.year == dt.date.today().year == 2002
        @pytest.mark.mockserver(freeze=False)
        def test_against_it(request):
            request.getfixturevalue("module_mockserver")
            assert dt.date.today().year > 2001
        def test_of_a_world_that_others_share(request):
            request.getfixturevalue("session_mockserver")
        """,
        passed=4,
        failed=1,
    )
    result.stdout.fnmatch_lines(["*UsageError: freeze: *test_of_a_world_that_others_share is to be frozen before *"])


UNHEARD = [
    ('smsvote(balance="5.00")', "module_mockserver", "smsvote(balance=…) makes a test's own world"),
    ('securating(recall_interval="2d")', "session_mockserver", "describe that world by ini (mockserver_world …)"),
    ('mockserver(world="demo", start="2026-01-01")', "module_mockserver", "mockserver(world=…, start=…) makes"),
    (
        'mockserver(start="2026-01-01")',
        "module_mockserver, session_mockserver",
        "module_mockserver and session_mockserver only",
    ),
    ('securating(recall_interval="2d")', "", "this one uses none; ask for the fixture securating"),
    ('smsvote(balance="5.00")', "tmp_path", "this one uses none; ask for the fixture smsvote"),
]
HEARD = [
    ('smsvote(balance="5.00")', "module_mockserver, smsvote"),
    ('mockserver(world="demo")', "module_mockserver, mockserver"),
    ('mockserver(start="2026-03-01", freeze=True)', "module_mockserver"),
    ('mockserver(allow=["crashes"])', "session_mockserver"),
    ('mockserver(world="demo", env={"KEY": "{securating.key}"})', "session_mockserver"),
    ('smsvote(balance="5.00")', "request"),  # which may ask for a world on the way
    ('smsvote(balance="5.00")', "of_this_project"),
]


def test_a_mark_that_no_world_hears_of_is_an_error_that_says_what_to_do(suite: pytest.Pytester) -> None:
    tests = [f"@pytest.mark.{mark}\ndef test_unheard_{n}({names}): ..." for n, (mark, names, _) in enumerate(UNHEARD)]
    tests += [f"@pytest.mark.{mark}\ndef test_heard_{n}({names}): ..." for n, (mark, names) in enumerate(HEARD)]
    of_module = """
import pytest
pytestmark = [pytest.mark.smsvote(balance="5.00"), pytest.mark.mockserver(world="demo")]
def test_heard(module_mockserver):
    assert module_mockserver.smsvote.balance == 5
    assert len(module_mockserver.smsvote.votes) > 0
class TestMarked:
    pytestmark = pytest.mark.smsvote(balance="6.00")
    def test_unheard(self, module_mockserver): ...
"""
    of_this_project = """
import pytest
@pytest.fixture
def of_this_project(request):
    return request.node.get_closest_marker("smsvote")
"""
    suite.makeconftest(of_this_project)
    suite.makepyfile(test_each="\n".join(["import pytest", *tests]), test_module=of_module)
    result = suite.runpytest_subprocess()
    result.assert_outcomes(errors=len(UNHEARD) + 1, passed=len(HEARD) + 1)
    for number, (_, _, said) in enumerate(UNHEARD):
        result.stdout.re_match_lines([rf"_+ .*test_unheard_{number} _+", ".*" + re.escape(said)])
    result.stdout.fnmatch_lines(["*UsageError: @pytest.mark.smsvote(balance=…) makes *; mark the module, or use*"])


def test_unused_it_imports_nothing_but_pytest(tmp_path: Path) -> None:
    test = tmp_path / "test_empty.py"
    test.write_text("def test_empty(): pass\n", encoding="utf-8")
    program = """
import sys, pytest
class Spy:
    def pytest_sessionfinish(self):
        ours = {name for name in sys.modules if name.startswith("mockserver.")}
        heavy = {"flask", "werkzeug", "jinja2", "freezegun", "ssl", "importlib.util", "threading"} - before
        print("loaded:", sorted((ours | heavy) & set(sys.modules)))
before = set(sys.modules)
pytest.main(["-q", "-p", "mockserver.pytest_plugin", "-p", "no:cacheprovider", "test_empty.py"], plugins=[Spy()])
"""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-c", program]
    shown = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=True).stdout
    assert "1 passed" in shown
    wall = ["", ".domains", ".hooks", ".latecomers", ".proxies", ".wall"]  # what keeps tests from the real services
    light = [
        *(f"mockserver.interception{name}" for name in wall),
        "mockserver.pytest_options",
        "mockserver.pytest_plugin",
        "mockserver.pytest_wall",
        "mockserver.pytest_worlds",
    ]
    assert f"loaded: {light}" in shown


@pytest.mark.parametrize(("setting", "expected"), [("true", True), ("false", False)])
def test_the_headers_that_explain_an_answer_are_a_setting(suite: pytest.Pytester, setting: str, expected: bool) -> None:
    suite.makeini(f"[pytest]\naddopts = -p no:cacheprovider\nmockserver_explain = {setting}")
    run(
        suite,
        f"""
        import requests

        def test_it(smsvote):
            answer = requests.get(smsvote.url + "/api/command/balance.php", timeout=5)
            assert ("X-Mock-Why" in answer.headers) is {expected}
        """,
        passed=1,
    )
