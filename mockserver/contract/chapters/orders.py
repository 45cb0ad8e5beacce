"""A shop's orders and products, as the shop names them (SEC-C7, SEC-C23, SEC-O1, SEC-O7)."""

from __future__ import annotations

from mockserver.contract.case import Chapter
from mockserver.contract.exchange import find_link
from mockserver.contract.stage import Stage

CHAPTER = Chapter("securating")


@CHAPTER.case("SEC-O7 SEC-C23", spends=2, learns="repeated_order_gets_its_link")
def an_order_has_one_invitation(stage: Stage) -> None:
    email, order = next(stage.place.emails), f"{stage.run}-twice"
    link, _ = stage.created(email=email, order=order)
    again = stage.create(email=email, order=order)
    stage.saw("securating.repeated_order_gets_its_link", stage.accepts(again), again)
    stage.expect(find_link(again) in {None, link}, "the link of the first call, or a refusal", again)


@CHAPTER.case("SEC-O1 SEC-O7 SEC-C23", spends=2, learns="cancelled_order_is_invited_again")
def a_cancelled_order_is_not_invited_again(stage: Stage) -> None:
    email, order = next(stage.place.emails), f"{stage.run}-cancelled"
    stage.created(email=email, order=order)
    stage.spend(0, f"cancel the order {order}")
    cancelled = stage.form("/invitation/cancel", {"keywebsite": stage.place.key, "order": order})
    stage.expect(cancelled.answer.status < 300, "a cancellation", cancelled)
    again = stage.create(email=email, order=order)
    stage.saw("securating.cancelled_order_is_invited_again", stage.accepts(again), again)


@CHAPTER.case("SEC-O1", "control")
def what_is_pending_for_a_cancelled_order_is_never_sent(stage: Stage) -> None:
    _, seen = stage.created(email="anna@example.com", order="17")
    stage.form("/invitation/cancel", {"keywebsite": stage.place.key, "order": "17"})
    stage.double.clock.advance(days=60)
    stage.expect(not stage.double.securating.customer("anna@example.com").mails, "no mail", seen)


@CHAPTER.case("SEC-C7 SEC-C8", "control")
def an_unknown_product_is_created_on_the_fly(stage: Stage) -> None:
    stage.created(email="anna@example.com", days=0, product="NEW-1", product_desc="A kettle", product_ean="12345670")
    stage.double.securating.customer("anna@example.com").review(5, "Whistles well")
    ref = f"{stage.double.securating.company_id}:NEW-1"
    seen = stage.ask("securating", "GET", "/widgets", query=f"token={stage.place.key}&internal_ref={ref}")
    for text in ("A kettle", "Whistles well", "12345670"):
        stage.expect(text in seen.answer.text, f"a widget with {text}", seen)


@CHAPTER.case("SEC-C7", "control")
def a_product_has_one_name_with_and_without_its_company(stage: Stage) -> None:
    company = stage.double.securating.company_id
    stage.created(email="anna@example.com", days=0, product=f"{company}:0001")
    stage.double.securating.customer("anna@example.com").review(4, "Steeps well")
    for name in ("0001", f"{company}:0001"):
        seen = stage.ask("securating", "GET", "/widgets", query=f"token={stage.place.key}&internal_ref={name}")
        stage.expect("Steeps well" in seen.answer.text, "a widget with the review", seen)
