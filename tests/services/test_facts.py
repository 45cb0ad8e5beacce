from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.agenda import Promise, Task
from mockserver.core.errors import InvalidInput
from mockserver.core.instants import LAST_INSTANT
from mockserver.core.outbox import Letter, Sms
from mockserver.core.tables import Tables
from mockserver.services.crowd import Crowd
from mockserver.services.facts import from_json, to_json
from mockserver.services.securating.mailing import SendRecall
from mockserver.services.securating.model import ISSUED, Invitation, Solicitation
from mockserver.services.smsvote.model import NO_FINAL_TEXTS, SmsVote

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


class Place(NamedTuple):
    street: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One of everything that a fact may hold."""

    at: datetime
    day: date
    wait: timedelta
    price: Decimal
    weight: float
    place: Place
    labels: tuple[str, ...] = ()
    size: tuple[int, str] = (0, "")
    stamps: frozenset[tuple[str, str]] = frozenset()
    codes: set[int] = field(default_factory=set)
    queue: deque[int] = field(default_factory=deque)
    by_name: dict[str, bool] = field(default_factory=dict)
    by_pair: dict[tuple[int, str], Decimal] = field(default_factory=dict)
    message: Letter | Sms | None = None
    about: object = None
    steps: Sequence[str] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Depot(Tables):
    parcels: dict[int, Parcel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deliver(Task):
    parcel: int
    tries: int = 1


INVITATION = Invitation("t", "k", Solicitation("anna@example.com"), (), "https://shop.example", NOON, ISSUED)
PARCEL = Parcel(
    NOON, NOON.date(), timedelta(days=1), Decimal("1.00"), 0.5, Place("Main"), by_pair={(1, "a"): Decimal(2)}
)

whole = st.integers(-(1 << 63), 1 << 63)
instants = st.datetimes(max_value=LAST_INSTANT.replace(tzinfo=None)).map(
    lambda instant: instant.replace(tzinfo=timezone.utc, fold=0)
)
texts = st.text(max_size=5) | st.just("half a pair: \udcff")
parcels = st.builds(
    Parcel,
    at=instants,
    day=st.dates(),
    wait=st.timedeltas(),
    price=st.decimals(min_value=-(10**12), max_value=10**12, places=4),
    weight=st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 9),
    place=st.builds(Place, texts, st.none() | whole),
    labels=st.lists(texts, max_size=3).map(tuple),
    size=st.tuples(whole, texts),
    stamps=st.frozensets(st.tuples(texts, texts), max_size=3),
    codes=st.sets(whole, max_size=3),
    queue=st.lists(whole, max_size=3).map(deque),
    by_name=st.dictionaries(texts, st.booleans(), max_size=3),
    by_pair=st.dictionaries(st.tuples(whole, texts), st.just(Decimal("1.50")), max_size=3),
    message=st.none()
    | st.builds(Letter, instants, texts, texts, texts, st.just(INVITATION) | st.none() | texts)
    | st.builds(Sms, instants, texts, texts, texts, texts),
    about=st.none() | st.booleans() | st.just(INVITATION) | st.just(Crowd(0.5, timedelta(1), ((5, 1.5),))),
)


def through_text(value: Any) -> Any:
    return json.loads(json.dumps(to_json(value), allow_nan=False))


@settings(max_examples=50)
@given(st.dictionaries(whole, parcels, max_size=3))
def test_what_is_written_is_read_as_an_equal_fact(held: dict[int, Parcel]) -> None:
    depot = Depot(held)
    again = from_json(Depot, through_text(depot))
    assert again == depot
    assert repr(again) == repr(depot) or any(parcel.codes or parcel.stamps for parcel in held.values())


def test_facts_are_written_as_people_would() -> None:
    written = to_json(PARCEL)
    assert written["at"] == "2026-03-02T12:00:00Z"
    assert (written["day"], written["wait"], written["price"]) == ("2026-03-02", 86400, "1.00")
    assert written["place"] == {"street": "Main", "number": None}
    assert written["by_pair"] == [[[1, "a"], "2"]]
    assert to_json(Promise(NOON, 7, SendRecall("abc", 2))) == {
        "due": "2026-03-02T12:00:00Z",
        "order": 7,
        "task": {"task": "SendRecall", "token": "abc", "number": 2},
    }


def test_a_task_is_found_by_its_name_wherever_it_is_defined() -> None:
    promises = [Promise(NOON, 1, Deliver(3)), Promise(NOON, 2, SendRecall("abc", 1))]
    assert from_json(list[Promise], through_text(promises)) == promises
    assert from_json(Deliver, through_text(Deliver(3))) == Deliver(3)


def tasks(base: type[Any]) -> Iterator[type[Any]]:
    for task in base.__subclasses__():
        yield task
        yield from tasks(task)


@pytest.mark.parametrize("task", [task for task in tasks(Task) if task.__module__.startswith("mockserver.")])
def test_every_task_can_be_read(task: type[Any]) -> None:
    with pytest.raises(InvalidInput, match=r"task\.x: no such field"):
        from_json(Task, {"task": task.__name__, "x": 1}, "task")


def test_the_subject_of_a_letter_is_found_by_the_name_of_its_class() -> None:
    letter = Letter(NOON, "securating", "anna@example.com", "invitation", INVITATION)
    assert to_json(letter)["about"]["fact"] == "Invitation"
    assert from_json(Letter | Sms, through_text(letter)) == letter


def test_a_frozen_test_reads_and_writes_the_same() -> None:
    with freeze_time("2026-03-02"):
        frozen = Parcel(datetime.now(timezone.utc), date.today(), *[getattr(PARCEL, name) for name in REST])
        assert from_json(Parcel, through_text(frozen)) == frozen
    assert to_json(frozen)["day"] == "2026-03-02"


REST = ("wait", "price", "weight", "place")

DAMAGES: list[tuple[Any, tuple[Any, ...], object, str]] = [
    (Parcel, ("at",), "2026-03-02T12:00:00", 'at: "2026-03-02T12:00:00", an instant such as 2026-03-01T10:00:00Z'),
    (Parcel, ("at",), "9999-12-31T23:59:59Z", "an instant"),
    (Parcel, ("at",), 5, "at: 5, an instant"),
    (Parcel, ("day",), "2026-02-30", "day:"),
    (Parcel, ("wait",), "6d", "wait:"),
    (Parcel, ("wait",), 1e300, "a number of seconds expected"),
    (Parcel, ("wait",), "9" * 5000 + "us", "a number of seconds expected"),
    (Parcel, ("price",), "NaN", "price:"),
    (Parcel, ("price",), 1.5, "price: 1.5, a decimal number as a text"),
    (Parcel, ("price",), "1E+999999", "price:"),
    (Parcel, ("weight",), float("inf"), "weight:"),
    (Parcel, ("weight",), True, "weight: true, a number expected"),
    (Parcel, ("place",), None, "place: null, an object expected"),
    (Parcel, ("place", "number"), True, "place.number: true, a whole number expected"),
    (Parcel, ("place", "number"), 10**30, "place.number"),
    (Parcel, ("labels",), {"a": 1}, "labels: an object, a list expected"),
    (Parcel, ("labels",), ["a", 2], "labels[1]: 2, a text expected"),
    (Parcel, ("size",), [1], "size: a list, a list of 2 expected"),
    (Parcel, ("codes",), [1, "2"], "codes[1]"),
    (Parcel, ("by_name",), [["a", True]], "by_name: a list, an object expected"),
    (Parcel, ("by_name",), {"a": 1}, "by_name.a: 1, true or false expected"),
    (Parcel, ("by_pair",), {"a": 1}, "by_pair: an object, a list expected"),
    (Parcel, ("by_pair",), [[[1, "a"], "2"], [[1, "a"], "3"]], "different keys"),
    (Parcel, ("by_pair",), [[[1, "a"], "x"]], "by_pair[0][1]"),
    (Parcel, ("message",), {"at": "2026-03-02T12:00:00Z", "text": "hi"}, "message.service: missing"),
    (Parcel, ("message",), 5, "message: 5, Letter or Sms or null expected"),
    (Parcel, ("about",), [1], "about: a list, an object expected"),
    (Parcel, ("about",), {"a": 1}, "about.fact: null, the name of its class expected"),
    (Parcel, ("about",), {"fact": "Popen"}, "about.fact: 'Popen', one of"),
    (Parcel, ("extra",), 1, "extra: no such field; there are: at, day"),
    (Crowd, ("answering",), 2.0, "answering: 2.0, a share from 0 to 1 expected"),
    (Promise, ("task", "task"), "Nothing", "task.task: 'Nothing', one of"),
    (Promise, ("task", "task"), ["SendRecall"], "task.task"),
    (Promise, ("task", "number"), None, "task.number: null, a whole number expected"),
    (Promise, ("order",), 1.0, "order: 1.0, a whole number expected"),
]
WHOLE: dict[Any, Any] = {
    Parcel: PARCEL,
    Crowd: Crowd(0.5, timedelta(1), ((5, 1),)),
    Promise: Promise(NOON, 1, SendRecall("abc", 2)),
}


@pytest.mark.parametrize(("kind", "place", "value", "complaint"), DAMAGES)
def test_damage_is_refused_naming_its_place(kind: Any, place: tuple[Any, ...], value: object, complaint: str) -> None:
    written = inner = to_json(WHOLE[kind])
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(InvalidInput) as refused:
        from_json(kind, written)
    assert complaint in str(refused.value)
    with pytest.raises(InvalidInput) as refused:
        from_json(list[kind], [to_json(WHOLE[kind]), written], "file")
    assert refused.value.path.startswith("file[1].")


@pytest.mark.parametrize("name", to_json(PARCEL))
def test_a_missing_field_is_refused_even_where_there_is_a_default(name: str) -> None:
    written = to_json(PARCEL)
    del written[name]
    with pytest.raises(InvalidInput, match="missing") as refused:
        from_json(Parcel, written, "parcel")
    assert refused.value.path == f"parcel.{name}"


def test_a_lenient_reader_passes_over_what_it_does_not_know_and_has_defaults_for_what_is_missing() -> None:
    written = to_json(Promise(NOON, 1, Deliver(3, tries=2))) | {"new": 1}
    del written["task"]["tries"]
    written["task"]["newer"] = 2
    assert from_json(Promise, written, strict=False) == Promise(NOON, 1, Deliver(3))
    with pytest.raises(InvalidInput, match=r"due: missing; there are: order"):
        from_json(Promise, {"order": 1}, strict=False)


def test_data_nested_beyond_all_measure_is_refused_like_any_other() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for kind in (Parcel, Promise, Letter | Sms, dict[str, int], tuple[int, ...], object, str, datetime):
        with pytest.raises(InvalidInput):
            from_json(kind, deep, "file")


def test_a_state_is_read_by_its_annotations() -> None:
    state = SmsVote(last_sender={"79001112233": 52}, will_reply={"79001112233": (timedelta(minutes=5), "5")})
    assert NO_FINAL_TEXTS
    assert from_json(SmsVote, through_text(state)) == state
    with pytest.raises(InvalidInput, match=r"will_reply\.79001112233\[0\]: \"5m\", a number of seconds expected"):
        from_json(SmsVote, to_json(state) | {"will_reply": {"79001112233": ["5m", "5"]}})
