"""What a user's suite rests on, and what it has met: each test here runs a small suite of its own."""

from __future__ import annotations

import json

import pytest

SHOP = """
import requests

def create(securating, **more):
    form = {"keywebsite": securating.key, "email": "anna@example.com", **more}
    return requests.post(securating.url + "/invitation/create", data=form, timeout=5)
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a shop in it."""
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = --strict-markers -p no:cacheprovider")
    pytester.makepyfile(shop=SHOP)
    return pytester


def test_what_rests_on_an_assumption_fails_where_that_is_asked_for(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from shop import create

        SEEN = {"link_status": 200, "link_content_type": "text/plain; charset=utf-8", "link_body": "{link}"}

        def test_assumed(securating):
            create(securating)

        def test_in_a_world_of_all(session_mockserver):
            create(session_mockserver.securating)

        @pytest.mark.securating(**SEEN)
        def test_pinned(securating):
            create(securating)

        @pytest.mark.mockserver(world="world.json")
        def test_pinned_by_a_file(securating):
            create(securating)

        @pytest.mark.mockserver(allow=["assumed"])
        def test_allowed(securating):
            create(securating)

        @pytest.mark.mockserver(fail_on_assumed=False)
        def test_not_asked_for(securating):
            create(securating)

        @pytest.mark.mockserver(fail_on_assumed="yes")
        def test_mistyped(securating):
            pass
        """
    )
    seen = {"link_status": 200, "link_content_type": "text/plain; charset=utf-8", "link_body": "{link}"}
    company = {"id": 25, "name": "A", "websites": [{"url": "https://a.example"}]}
    section = {"settings": seen, "companies": [company]}
    world = {"format": "mockserver-world/1", "securating": section}
    (suite.path / "world.json").write_text(json.dumps(world), encoding="utf-8")
    result = suite.runpytest_subprocess("--fail-on-assumed", "-rN")  # the summary says it again where CI is set
    result.assert_outcomes(passed=4, failed=2, errors=1)
    text = result.stdout.str()
    assert text.count("POST /invitation/create: the answer rests on SEC-C2, which is assumed (The answer is 200") == 2
    assert "'securating.link_status=200', 'securating.link_content_type=text/plain; charset=utf-8'" in text
    assert "200 [assumed: SEC-C1 SEC-C2 SEC-C3] https://" in text  # the journal, with what each answer rests on
    assert "fail_on_assumed: 'yes', True or False expected" in text


def test_it_is_asked_for_in_the_ini_file_too(suite: pytest.Pytester) -> None:
    suite.makepyfile("from shop import create\n\ndef test_assumed(securating):\n    create(securating)")
    suite.runpytest_subprocess("-o", "mockserver_fail_on_assumed=true").assert_outcomes(failed=1)


COVERED = """
import pytest
from shop import create

def test_fails(securating):
    create(securating, days="0")
    assert False

def test_course(securating):
    securating.webhooks.deliver_to(lambda call: "ok")
    create(securating, webhook="https://shop.example/")
    securating.clock.advance(days=13)
    securating.customer("anna@example.com").review(5)

def test_in_a_wider_world(module_mockserver):
    module_mockserver.smsvote.phone("71234567890").send("?")

def test_without_a_world():
    pass
"""

MET = {
    "invitation created": "test_fails",
    "mail at once": "test_fails",
    "invitation mailed": "test_fails",
    "recall sent": "test_course",
    "good review": "test_course",
    "webhook mail-recall": "test_course",
    "no rating": "test_in_a_wider_world",
}


@pytest.mark.parametrize("processes", [[], ["-p", "xdist", "-n", "2"]], ids=["one process", "several processes"])
def test_what_a_suite_has_met_is_told_at_its_end(suite: pytest.Pytester, processes: list[str]) -> None:
    suite.makepyfile(test_covered=COVERED)
    told = ["--mockserver-coverage", "--mockserver-coverage-json", "outcomes.json", "--mockserver-fail-under", "5"]
    result = suite.runpytest_subprocess(*told, *processes)
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        ["*= mockserver: outcomes of the services =*", "Securating: * of 54 met", "  recall sent *::test_course"]
    )
    result.stdout.no_fnmatch_line("FAILED: * of the outcomes were met*")
    rows = json.loads((suite.path / "outcomes.json").read_text(encoding="utf-8"))["outcomes"]
    met = {row["name"]: row["met_by"] for row in rows}
    assert {name: met[name] for name in MET} == {name: f"test_covered.py::{test}" for name, test in MET.items()}
    assert met["webhook given up"] is None


def test_a_suite_that_has_met_too_little_fails(suite: pytest.Pytester) -> None:
    suite.makepyfile("from shop import create\n\ndef test_one(securating):\n    create(securating)")
    result = suite.runpytest_subprocess("-o", "mockserver_fail_under=99.5")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAILED: 1.1 % of the outcomes were met, mockserver-fail-under is 99.5"])
    suite.makefile(".ini", pytest="[pytest]\nmockserver_fail_under = 99.5")
    result = suite.runpytest_subprocess("--collect-only")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*outcomes of the services*")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--mockserver-fail-under", "half"], "mockserver-fail-under: 'half', a percentage from 0 to 100 expected"),
        (["--mockserver-coverage-json", "."], "mockserver-coverage-json: .: a file in a folder that exists expected"),
        (["-o", "mockserver_coverage=maybe"], "mockserver_coverage: *maybe*true or false expected"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_first_test(
    suite: pytest.Pytester, options: list[str], said: str
) -> None:
    suite.makepyfile("def test_one(): pass")
    result = suite.runpytest_subprocess(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{said}*"])
