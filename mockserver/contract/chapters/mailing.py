"""The mails of an invitation: when they leave, and when no longer (SPEC §1.2, §1.4)."""

from __future__ import annotations

from itertools import pairwise

from mockserver.contract.case import Chapter
from mockserver.contract.stage import Stage

CHAPTER = Chapter("securating")
ANNA = "anna@example.com"


def _kinds(stage: Stage) -> list[str]:
    return [mail.kind for mail in stage.double.securating.customer(ANNA).mails]


@CHAPTER.case("SEC-C14 SEC-C1", "control")
def the_mail_leaves_after_six_days(stage: Stage) -> None:
    link, seen = stage.created(email=ANNA)
    stage.double.clock.advance("5d23h59m59s")
    stage.expect(_kinds(stage) == [], "no mail before six days are over", seen)
    stage.double.clock.advance("1s")
    stage.expect(_kinds(stage) == ["invitation"], "a mail after six days", seen)
    stage.expect(stage.double.securating.customer(ANNA).mails[0].link == link, f"a mail with {link}", seen)


@CHAPTER.case("SEC-C14", "control")
def the_mail_leaves_at_once_after_no_days(stage: Stage) -> None:
    _, seen = stage.created(email=ANNA, days=0)
    stage.expect(_kinds(stage) == ["invitation"], "a mail at once", seen)


@CHAPTER.case("SEC-C15 SEC-C16", "control")
def three_recalls_follow_six_days_apart(stage: Stage) -> None:
    _, seen = stage.created(email=ANNA, days=0)
    stage.double.clock.advance(stage.securating.recall_interval * 3)
    stage.expect(_kinds(stage) == ["invitation", "recall", "recall", "recall"], "three recalls", seen)
    mails = stage.double.securating.customer(ANNA).mails
    gaps = {later.at - earlier.at for earlier, later in pairwise(mails)}
    stage.expect(gaps == {stage.securating.recall_interval}, "recalls at equal distances", seen)
    stage.double.clock.advance(days=365)
    stage.expect(len(_kinds(stage)) == 4, "no fourth recall", seen)


@CHAPTER.case("SEC-C15", "control")
def recalls_can_be_counted(stage: Stage) -> None:
    _, seen = stage.created(email=ANNA, days=0, recall_count=1)
    stage.double.clock.advance(days=365)
    stage.expect(_kinds(stage) == ["invitation", "recall"], "one recall", seen)


@CHAPTER.case("SEC-R1", "control")
def recalls_stop_once_a_review_is_given(stage: Stage) -> None:
    _, seen = stage.created(email=ANNA, days=0)
    stage.double.securating.customer(ANNA).review(5, "Parfait")
    stage.double.clock.advance(days=365)
    stage.expect(_kinds(stage) == ["invitation"], "no recall after a review", seen)


@CHAPTER.case("SEC-C17", "control")
def a_moderator_may_be_named(stage: Stage) -> None:
    stage.created(profile_id="7")


@CHAPTER.case("SEC-C26", "control")
def an_empty_company_name_is_the_accounts(stage: Stage) -> None:
    if "company_name" in stage.securating.required_parameters:
        return
    _, seen = stage.created(email=ANNA, days=0, company_name="")
    name = stage.securating.default_company_name.replace("{company}", "Maison Demo")
    stage.expect(name in stage.double.securating.customer(ANNA).mails[0].text, f"a mail that names {name}", seen)
