from __future__ import annotations

from mockserver.core.instants import parse_instant
from mockserver.core.journal import Journal

NOW = parse_instant("2026-03-02", "now")


def test_the_journal_keeps_the_newest_and_counts_what_it_no_longer_holds() -> None:
    journal = Journal(capacity=3)
    for number in range(5):
        journal.note(NOW, "securating", f"event {number}")
    assert [entry.number for entry in journal.entries()] == [3, 4, 5]
    assert (journal.written, journal.evicted) == (5, 2)


def test_a_snapshot_keeps_its_own_entries_and_its_bound() -> None:
    journal = Journal(capacity=3)
    journal.note(NOW, "securating", "before")
    twin = journal.copy()
    for number in range(5):
        twin.note(NOW, "securating", f"event {number}")
    assert len(journal.entries()) == 1
    assert len(twin.entries()) == 3
