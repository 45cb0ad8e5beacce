"""The page of differences is made of the ledger, and stands in the README as it is made."""

from __future__ import annotations

from pathlib import Path

from mockserver.runtime.claims import graded
from mockserver.runtime.differences import differences, differences_as_markdown

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_holds_the_page_as_it_is_made() -> None:
    assert differences_as_markdown() in README.read_text(encoding="utf-8"), (
        "in README.md, under `Where it differs`, put what `mockserver claims --differences` prints"
    )


def test_every_difference_names_claims_of_the_ledger() -> None:
    told = differences()
    for row in told["not_emulated"] + told["open"]:
        assert set(row["claims"]) <= set(graded()), row["sentence"]
        assert row["sentence"].endswith(".")
    assert all(row["claims"] and row["choice"].endswith(".") for row in told["open"])


def test_every_assumed_claim_is_told_with_its_settings() -> None:
    assert [row["id"] for row in differences()["assumed"]] == [
        claim for claim, grade in graded().items() if "A" in grade
    ]
    assert all(row["settings"] for row in differences()["assumed"])


def test_what_the_documents_contradict_themselves_in_is_told() -> None:
    page = differences_as_markdown()
    for words in ("437", "“29”", "votereport.php", "vote_report.php", "These two APIs", "always sms"):
        assert words in page
