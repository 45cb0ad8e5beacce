from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.errors import Refusal
from mockserver.services.fields import Fields, parse_object, read_object


def refused(fields: Fields, name: str, kind: type) -> str:
    with pytest.raises(Refusal) as refusal:
        fields.take(name, kind)
    return str(refusal.value)


def test_what_is_taken_has_exactly_its_kind() -> None:
    fields = Fields({"text": "a", "number": 1, "flag": True, "list": [], "object": {}, "nothing": None})
    assert fields.take("text", str) == "a"
    assert fields.take("number", int) == 1
    assert fields.take("flag", bool) is True
    assert fields.take("list", list) == []
    assert fields.take("object", dict) == {}
    assert fields.take_any("nothing", (str, type(None))) is None
    assert fields.take("missing", str, "default") == "default"
    fields.finish()


def test_the_rest_is_whatever_nobody_took_before() -> None:
    rest = {"number": 1.5, "flag": True, "list": [None], "object": {"a": 1}, "nothing": None}
    fields = Fields({"text": "a"} | rest)
    assert fields.take("text", str) == "a"
    assert fields.take_rest() == rest
    assert fields.take_rest() == {}
    fields.finish()


@pytest.mark.parametrize(
    ("value", "kind", "why"),
    [
        (True, int, "a: true, a whole number expected"),
        (1, bool, "a: 1, true or false expected"),
        (1.0, int, "a: 1.0, a whole number expected"),
        (None, str, "a: null, a text expected"),
        ("\x00", str, 'a: "\\u0000", a text without control characters expected'),
        ("\ud800", str, 'a: "\\ud800", a text without control characters expected'),
        ("x" * 100, int, f"a: {chr(34)}{'x' * 79}…, a whole number expected"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_its_path(value: object, kind: type, why: str) -> None:
    assert refused(Fields({"a": value}), "a", kind) == why


def test_tabs_and_line_breaks_are_no_control_characters() -> None:
    assert Fields({"a": "\t\r\n"}).take("a", str) == "\t\r\n"


def test_a_missing_field_is_refused_with_those_that_are_there() -> None:
    assert (
        refused(Fields({"tetx": "a", "b": 1}), "text", str)
        == "text: missing, a text expected; also there: tetx, b; is tetx misspelt?"
    )


def test_paths_reach_into_lists_of_objects() -> None:
    (first, second) = Fields({"message": [{"phone": 1}, {}]}, "command").take_objects("message")
    assert first.take("phone", int) == 1
    assert refused(second, "phone", int).startswith("command.message[1].phone: missing")
    with pytest.raises(Refusal, match=r"^message\[0\]: 5, an object expected$"):
        Fields({"message": [5]}).take_objects("message")


def test_what_nobody_took_is_known_and_refused() -> None:
    fields = Fields({"a": 1, "b": 2}, "object")
    assert "a" in fields
    fields.take("a", int)
    assert fields.left() == ["object.b"]
    with pytest.raises(Refusal, match=r"^object\.b: no such field; there are: a$"):
        fields.finish()
    with pytest.raises(Refusal, match=r"^a: no such field; there are: none$"):
        Fields({"a": 1}).finish()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1",
        "null",
        "{",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": "\\ud800"}',
        '{"a": 1' + "0" * 19 + "}",
        '{"a":' * 50_000,
        "[" * 50_000,
    ],
    ids=lambda text: text[:20],
)
def test_what_php_would_not_take_for_an_object_is_no_object(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_object(text)


def test_pairs_of_surrogates_are_characters() -> None:
    assert parse_object('{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


@pytest.mark.parametrize("body", [b"[]", b"\xff", b"{", b'{"a": "\\udc00"}', b"5"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        read_object(body)
    assert refusal.value.field == "body"


def test_an_empty_body_is_an_empty_object() -> None:
    assert read_object(b"").left() == []


@given(st.text())
def test_any_text_is_an_object_or_a_value_error(text: str) -> None:
    try:
        assert isinstance(parse_object(text), dict)
    except ValueError as problem:
        assert str(problem)
