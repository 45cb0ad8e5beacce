from __future__ import annotations

from mockserver.core.instants import parse_instant
from mockserver.core.journal import Journal
from mockserver.core.world import World

NOW = parse_instant("2026-03-02", "now")


def noted(journal: Journal, count: int) -> Journal:
    for number in range(count):
        journal.note(NOW, "securating", f"event {number}")
    return journal


def test_the_journal_keeps_the_newest_and_counts_what_it_no_longer_holds() -> None:
    journal = noted(Journal(capacity=3), 5)
    assert [entry.number for entry in journal.entries()] == [3, 4, 5]
    assert (journal.written, journal.evicted) == (5, 2)


def test_a_snapshot_keeps_its_own_entries_and_its_bound() -> None:
    journal = noted(Journal(capacity=3), 1)
    twin = noted(journal.copy(), 5)
    assert len(journal.entries()) == 1
    assert len(twin.entries()) == 3


def test_a_copy_of_a_world_keeps_the_bound_of_its_journal() -> None:
    world = World(NOW)
    world.journal = world.journal.copy(2)
    twin = world.copy().copy()
    noted(twin.journal, 5)
    assert (twin.journal.capacity, twin.journal.evicted) == (2, 3)
    assert world.journal.written == 0


def test_a_journal_bounded_anew_counts_what_it_lets_go() -> None:
    journal = noted(Journal(), 10)
    tighter = journal.copy(4)
    assert [entry.number for entry in tighter.entries()] == [7, 8, 9, 10]
    assert (tighter.written, tighter.evicted) == (10, 6)
    assert journal.evicted == 0
