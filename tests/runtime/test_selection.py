from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest

from mockserver.core.errors import Evicted
from mockserver.core.journal import Journal
from mockserver.runtime.double import Double
from mockserver.runtime.selection import Selection, check_none_evicted, find_entry, select
from mockserver.services import SERVICES
from mockserver.services.service import Reply, Request

SECURATING, SMSVOTE = SERVICES
FORM = {"content-type": "application/x-www-form-urlencoded"}


def balance(double: Double, **fields: object) -> Reply:
    operations = SMSVOTE.operations(SMSVOTE.settings_of(double.world))
    row = next(row for row in operations if row.name == "balance")
    command = json.dumps(SMSVOTE.credentials(double.world) | fields)
    return double.answer(SMSVOTE, row, Request("GET", row.path, f"json={quote(command)}"))


def invite(double: Double, **fields: str) -> Reply:
    row = SECURATING.operations(SECURATING.settings_of(double.world))[0]
    sent = {"email": "anna@example.com", **SECURATING.credentials(double.world), **fields}
    return double.answer(SECURATING, row, Request("POST", row.path, headers=FORM, body=urlencode(sent).encode()))


@pytest.fixture
def journal(double: Double) -> Journal:
    """Three calls, of which the last two are refused, and an event."""
    balance(double)
    invite(double, email="anna", first_name="Анна & Фирма")
    balance(double, id=53)
    double.world.journal.note(double.world.clock.now, "smsvote", "nobody waited for 71234567890's answer")
    return double.world.journal


def numbers(journal: Journal, **how: object) -> list[int]:
    return [entry.number for entry in select(journal, Selection(**how))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"after": 2}, [3, 4]),
        ({"before": 3}, [1, 2]),
        ({"after": 1, "before": 4}, [2, 3]),
        ({"after": 4}, []),
        ({"after": 99}, []),
        ({"before": 1}, []),
        ({"before": 0}, []),
        ({"service": "smsvote"}, [1, 3, 4]),
        ({"operation": "balance"}, [1, 3]),
        ({"status": 200}, [1, 3]),
        ({"status": 400}, [2]),
        ({"refused": True}, [2, 3]),
        ({"refused": False}, [1]),
        ({"contains": "WRONG USER ID"}, [3]),
        ({"contains": "no account 53"}, [3]),
        ({"contains": "71234567890"}, [4]),
        ({"contains": '"id": 52'}, [1]),
        ({"contains": "email=anna"}, [2]),
        ({"contains": "Анна & фирма"}, [2]),
        ({"contains": "анна и"}, []),
        ({"service": "smsvote", "refused": True, "contains": "53"}, [3]),
    ],
)
def test_entries_are_chosen_by_what_they_are(journal: Journal, how: dict[str, object], expected: list[int]) -> None:
    assert numbers(journal, **how) == expected


def test_asking_for_what_was_evicted_is_an_error_that_says_what_is_held(double: Double) -> None:
    double.world.journal = double.world.journal.copy(3)
    for _ in range(5):
        balance(double)
    journal = double.world.journal
    assert numbers(journal) == [3, 4, 5]
    assert numbers(journal, after=2) == [3, 4, 5]
    assert numbers(journal, before=4) == [3]
    with pytest.raises(Evicted, match="entries 1 to 2 are no longer held; the journal holds the newest 3, from 3 on"):
        numbers(journal, after=0)
    assert numbers(journal, after=1, before=2) == numbers(journal, after=1, before=0) == []
    with pytest.raises(Evicted, match="entries 2 to 2 are no longer held"):
        numbers(journal, after=1, before=4)
    with pytest.raises(Evicted, match="entries 1 to 1 are no longer held"):
        numbers(journal, before=2)


def test_that_nothing_fits_is_known_only_of_what_is_held(double: Double) -> None:
    double.world.journal = double.world.journal.copy(3)
    for _ in range(5):
        balance(double)
    for wanted in (Selection(), Selection(service="securating"), Selection(before=9), Selection(after=1)):
        with pytest.raises(Evicted, match="none of the newest 3 entries fits, and whether an older one did is no"):
            check_none_evicted(double.world.journal, wanted)
    for wanted in (Selection(after=2), Selection(after=9), Selection(before=1), Selection(before=0)):
        check_none_evicted(double.world.journal, wanted)


def test_one_entry_is_found_by_its_number_unless_it_was_evicted_or_never_written(double: Double) -> None:
    double.world.journal = double.world.journal.copy(1)
    balance(double)
    balance(double)
    journal = double.world.journal
    assert find_entry(journal, 2) == journal.entries()[0]
    assert find_entry(journal, 3) is None
    assert find_entry(journal, 0) is None
    with pytest.raises(Evicted):
        find_entry(journal, 1)
