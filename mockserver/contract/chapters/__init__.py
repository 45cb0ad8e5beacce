"""The cases of the contract that are behaviour, chapter by chapter; the name of each function is what it says."""

from __future__ import annotations

from mockserver.contract.case import Case
from mockserver.contract.chapters import (
    codes,
    commands,
    creating,
    customers,
    lengths,
    mailing,
    orders,
    published_client,
    rating,
    reporting,
    sending,
    voting,
    webhooks,
)

CHAPTERS = (
    creating.CHAPTER,
    codes.CHAPTER,
    lengths.CHAPTER,
    orders.CHAPTER,
    mailing.CHAPTER,
    webhooks.CHAPTER,
    customers.CHAPTER,
    published_client.CHAPTER,
    commands.CHAPTER,
    voting.CHAPTER,
    reporting.CHAPTER,
    sending.CHAPTER,
    rating.CHAPTER,
)


def told_cases() -> list[Case]:
    """Return the cases of every chapter."""
    return [case for chapter in CHAPTERS for case in chapter.cases]
