"""How a service words its refusals is learned from several of them."""

from __future__ import annotations

import pytest

from mockserver.contract.exchange import Answer, Exchange
from mockserver.contract.wording import Refused, find_template
from mockserver.services.service import Request


def refused(text: str, parameter: str) -> Refused:
    return Refused(Exchange("securating", Request("POST", "/"), Answer(400, "text/plain", text.encode())), parameter)


def template_of(*texts: str) -> str | None:
    """Return the template of refusals for `thematics`, `days` and `url`."""
    first, *like = map(refused, texts, ("thematics", "days", "url"))
    template = find_template(first, like, [])
    return template and str(template)


@pytest.mark.parametrize(
    ("texts", "template"),
    [
        (("thematics: too many", "days: no number"), "{parameter}: {problem}"),
        (("Error: thematics too many", "Error: days too big"), "Error: {parameter} too {problem}"),
        (("thematics: thematics has 4", "days: days is no number"), "{parameter}: {parameter} {problem}"),
        (("thematics: wrong", "days: wrong"), "{parameter}: wrong"),
        (('{"e":"\\u00e9tude"}', '{"e":"\\u00e8re"}'), '{"e":"{problem}"}'),
        (("a caf\\u00e9 thematics", "a caf\\u00e8 days"), "a {problem} {parameter}"),
        (("caf\\u00e9 e thematics", "caf\\u00e9 a days"), "caf\\u00e9 {problem} {parameter}"),
        (("too late", "too big"), "too {problem}"),
    ],
)
def test_what_refusals_have_in_common_is_the_template(texts: tuple[str, ...], template: str) -> None:
    assert template_of(*texts) == template


@pytest.mark.parametrize(
    "texts",
    [
        ("E1 thematics: too many", "E2 days: too big"),
        ("The field thematics has too many", "Too big: days"),
        ("E1 thematics: too many", "E2 days: too big", "E3 url: none"),
    ],
)
def test_there_is_no_template_where_the_parameter_would_be_lost_in_the_words(texts: tuple[str, ...]) -> None:
    assert template_of(*texts) is None


def test_a_word_of_any_length_is_read_once() -> None:
    assert template_of("x" * 60_000 + " a", "x" * 60_000 + " !") == "x" * 60_000 + " {problem}"
    assert template_of("x" * 60_000 + "a", "x" * 60_000 + "b") == "{problem}"


def test_a_page_is_no_refusal_to_learn_from() -> None:
    page = "x " * (40 << 10)
    assert template_of(f"{page}thematics: too many", f"{page}days: no number") is None
    first, like = refused("thematics: too many", "thematics"), [refused("days: no number", "days")]
    assert str(find_template(first, like, [refused(page, "/nowhere")])) == "{parameter}: {problem}"
