from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.services.saying import Code, call, literal

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_literal_means_what_it_was_made_of(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(st.text())
def test_a_literal_shows_hidden_characters_and_stays_on_its_line(text: str) -> None:
    assert literal(text).isprintable()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (call("f"), "f()"),
        (call("f", "é", after="2h"), 'f("é", after="2h")'),
        (call("f", {"key": Code("securating.key")}), 'f({"key": securating.key})'),
        (call("f", call("g", 1)), "f(g(1))"),
        (literal("\u202eevil\x00"), '"\\u202eevil\\u0000"'),
    ],
)
def test_calls_are_said_as_people_write_them(said: Code, expected: str) -> None:
    assert said == expected
