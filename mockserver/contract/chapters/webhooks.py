"""What the robots tell the shop (SPEC §1.3)."""

from __future__ import annotations

from base64 import b64decode

from mockserver.contract.case import Chapter
from mockserver.contract.exchange import Exchange
from mockserver.contract.stage import Stage
from mockserver.contract.verdicts import Unseen
from mockserver.core.webhooks import WebhookCall

CHAPTER = Chapter("securating")

ANNA = "anna@example.com"
HOOK = "https://shop.example/hook?id=123456"
PATIENCE = 20.0
"""Real seconds in which a real account's robots are expected to call."""


def _invited(stage: Stage) -> tuple[list[WebhookCall], Exchange]:
    _, seen = stage.created(email=ANNA, days=0, recall_count=1, webhook=HOOK, meta_order="17")
    stage.double.clock.advance(stage.securating.recall_interval)
    stage.double.securating.customer(ANNA).review(4, "Très bien")
    return stage.double.webhooks.all(), seen


@CHAPTER.case("SEC-W1 SEC-W2 SEC-W3 SEC-W4 SEC-W5 SEC-W6", "control")
def every_step_is_told_in_its_order(stage: Stage) -> None:
    calls, seen = _invited(stage)
    steps = ["invitation-created", "mail-send", "mail-recall", "link-opened", "review-saved"]
    stage.expect([call.step for call in calls] == steps, ", ".join(steps), seen)
    stage.expect({call.url for call in calls} == {HOOK}, f"calls on {HOOK}", seen)
    stage.expect(
        {call.policy.method for call in calls} == {stage.securating.webhook_method}, "calls by one method", seen
    )


@CHAPTER.case("SEC-W6", "control")
def a_review_comes_with_its_rating_and_comment(stage: Stage) -> None:
    calls, seen = _invited(stage)
    params = dict(calls[-1].params)
    stage.expect(params["rating"] == "4", "the rating 4", seen)
    stage.expect(b64decode(params["comment"]).decode() == "Très bien", "the comment in base64", seen)


@CHAPTER.case("SEC-W7 SEC-C19", "control")
def meta_parameters_come_back_as_they_were_sent(stage: Stage) -> None:
    calls, seen = _invited(stage)
    told = tuple(call.step for call in calls if dict(call.params).get("meta_order") == "17")
    stage.expect(set(told) == set(stage.securating.webhook_meta_steps), "meta_order on its steps", seen)


@CHAPTER.case("SEC-W1 SEC-W2 SEC-W3 SEC-W7", "webhook", spends=1, learns="webhook_method webhook_meta_steps")
def the_robots_tell_the_first_steps_at_once(stage: Stage) -> None:
    receiver = stage.place.receiver
    if receiver is None:
        raise Unseen("--webhook is not given")
    _, seen = stage.created(days=0, webhook=receiver.url, meta_order=stage.run)
    steps: dict[str, dict[str, str]] = {}
    while "mail-send" not in steps and (call := receiver.wait_for(PATIENCE)):
        method, params = call
        if params.get("step"):
            steps[params["step"]] = params
            stage.saw("securating.webhook_method", method, seen)
    if not steps:
        raise Unseen(f"no call came within {PATIENCE:g} s")
    stage.expect("invitation-created" in steps, "a call with step=invitation-created", seen)
    assumed = stage.securating.webhook_meta_steps
    silent = {step for step, params in steps.items() if "meta_order" not in params}
    told = [step for step in assumed if step not in silent]
    told += [step for step in steps if step not in silent and step not in told]
    stage.saw("securating.webhook_meta_steps", told, seen)


def _answered(stage: Stage, status: int, body: str) -> str:
    stage.double.webhooks.fail_next(1, status=status, body=body)
    stage.created(email=ANNA, webhook="http://localhost:9/hook")
    return stage.double.webhooks.all()[0].status


@CHAPTER.case("SEC-W8", "control")
def an_answer_with_the_right_word_acknowledges(stage: Stage) -> None:
    _, seen = stage.created()
    lowest, _ = stage.securating.webhook_statuses
    status = _answered(stage, lowest, f"<p>{stage.securating.webhook_words[0]}</p>")
    stage.expect(status == "acknowledged", "an acknowledged call", seen)


@CHAPTER.case("SEC-W8 SEC-W9", "control")
def a_call_that_is_not_acknowledged_is_repeated(stage: Stage) -> None:
    _, seen = stage.created()
    stage.expect(_answered(stage, 503, "busy") == "waiting", "a call that waits for its repetition", seen)
    for wait in stage.securating.webhook_retries:
        stage.double.webhooks.fail_next(1, status=503)
        stage.double.clock.advance_to(stage.double.webhooks.all()[0].created_at + wait)
    call = stage.double.webhooks.all()[0]
    stage.expect(len(call.attempts) == 1 + len(stage.securating.webhook_retries), "as many repetitions", seen)
    stage.expect(call.status == "given up", "a call that was given up", seen)


@CHAPTER.case("SEC-W10", "control")
def a_step_waits_for_the_one_before_it(stage: Stage) -> None:
    stage.double.webhooks.fail_next(1, status=503)
    _, seen = stage.created(email=ANNA, days=0, webhook="http://localhost:9/hook")
    first, second = stage.double.webhooks.all()
    waits = stage.securating.webhook_steps_wait_for_each_other
    stage.expect(bool(second.attempts) is not waits, "steps in their order", seen)
    stage.expect(len(first.attempts) == 1, "one attempt at the first step", seen)
