from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from mockserver.core.webhooks import Attempt, Policy, WebhookCall
from mockserver.core.world import World

START = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
HOURS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


def policy(*, in_order: bool = True, retries: tuple[timedelta, ...] = HOURS) -> Policy:
    return Policy("GET", ("ok", "success"), True, (200, 299), retries, in_order)


def owe(world: World, step: str, subject: str = "anna", **how: object) -> None:
    number = len(world.webhooks.calls) + 1
    call = WebhookCall(number, world.clock.now, "x", subject, step, "http://127.0.0.1/", (), policy(**how))  # type: ignore[arg-type]
    world.webhooks.owe(call)


def carry(world: World, status: int | None = 200, body: str = "ok") -> str:
    call = world.webhooks.take()
    assert call is not None
    world.webhooks.settle(world, call.number, Attempt(world.clock.now, status, body))
    return call.step


def run(world: World, until: datetime) -> None:
    while world.step(until):
        pass


@pytest.mark.claim("SEC-W8")
@pytest.mark.parametrize(
    ("status", "body", "accepted"),
    [(200, "ok", True), (204, "SUCCESS", True), (200, "<b>Ok</b>", True), (200, "", False), (500, "ok", False)],
)
def test_an_answer_acknowledges_by_its_status_and_its_words(status: int, body: str, accepted: bool) -> None:
    assert policy().accepts(status, body) is accepted


@pytest.mark.claim("SEC-W9")
def test_a_call_nobody_acknowledges_is_tried_again_after_one_six_and_twenty_four_hours() -> None:
    world = World(START)
    owe(world, "created")
    for hours in (0, 1, 6, 24):
        run(world, START + timedelta(hours=hours))
        assert carry(world, 500, "down") == "created"
        assert world.webhooks.take() is None
    assert world.webhooks.calls[1].status == "given up"
    assert [attempt.at - START for attempt in world.webhooks.calls[1].attempts] == [timedelta(0), *HOURS]
    assert world.next_due() is None


@pytest.mark.claim("SEC-W9")
def test_with_an_empty_ladder_a_call_is_never_tried_again() -> None:
    world = World(START)
    owe(world, "created", retries=())
    carry(world, None, "")
    assert world.webhooks.calls[1].status == "given up"
    assert world.next_due() is None


@pytest.mark.claim("SEC-W10")
def test_steps_about_one_subject_wait_for_each_other_and_for_nobody_else() -> None:
    world = World(START)
    owe(world, "created")
    owe(world, "sent")
    owe(world, "created", subject="boris")
    assert carry(world, 500) == "created"
    assert carry(world) == "created"
    assert world.webhooks.take() is None
    run(world, START + timedelta(hours=1))
    assert carry(world) == "created"
    assert carry(world) == "sent"
    assert not world.webhooks.is_waiting


@pytest.mark.claim("SEC-W10")
def test_where_the_setting_says_so_a_step_goes_without_waiting() -> None:
    world = World(START)
    owe(world, "created", in_order=False)
    owe(world, "sent", in_order=False)
    assert carry(world, 500) == "created"
    assert carry(world) == "sent"


def test_a_captured_call_lets_the_next_one_go() -> None:
    world = World(START)
    owe(world, "created")
    owe(world, "sent")
    call = world.webhooks.take()
    assert call is not None
    world.webhooks.capture(call.number, "shop.example is not on this machine")
    assert carry(world) == "sent"
    assert world.webhooks.calls[1].status == "captured, not sent"


def redeliver(world: World, number: int, status: int) -> None:
    assert world.webhooks.take(number)
    world.webhooks.settle(world, number, Attempt(world.clock.now, status, "ok"))


def attempts_until(world: World, until: datetime, status: int = 500) -> list[timedelta]:
    """Let every call that goes out until then be answered so; return when they went."""
    went = []
    while world.step(until):
        while world.webhooks.is_waiting:
            went.append(world.clock.now - START)
            carry(world, status)
    return went


@pytest.mark.claim("SEC-W9")
def test_a_call_first_delivered_before_its_turn_goes_up_the_ladder_from_there_and_only_once() -> None:
    world = World(START)
    owe(world, "created")
    owe(world, "sent")
    redeliver(world, 2, 500)
    assert carry(world) == "created"
    assert not world.webhooks.is_waiting
    redeliver(world, 2, 500)
    assert attempts_until(world, START + timedelta(days=9)) == [*HOURS]
    sent = world.webhooks.calls[2]
    assert (sent.status, sent.tries, len(sent.attempts)) == ("given up", 4, 5)


@pytest.mark.claim("SEC-W9")
def test_a_retry_that_is_picked_out_of_those_that_wait_is_the_next_on_the_ladder() -> None:
    world = World(START)
    owe(world, "created")
    carry(world, 500)
    run(world, START + HOURS[0])
    assert world.webhooks.is_waiting
    redeliver(world, 1, 500)
    assert not world.webhooks.is_waiting
    assert attempts_until(world, START + timedelta(days=9)) == [*HOURS[1:]]


def test_a_call_acknowledged_out_of_turn_does_not_go_out_once_its_retry_is_due() -> None:
    world = World(START)
    owe(world, "created")
    carry(world, 500)
    taken = world.webhooks.take(1)
    run(world, START + HOURS[0])
    assert taken is not None
    world.webhooks.settle(world, 1, Attempt(world.clock.now, 200, "ok"))
    assert world.webhooks.take() is None


def test_a_call_that_is_put_back_goes_before_the_others() -> None:
    world = World(START)
    for subject in ("anna", "boris"):
        owe(world, f"created {subject}", subject)
    assert world.webhooks.take()
    world.webhooks.put_back(1)
    assert [carry(world), carry(world)] == ["created anna", "created boris"]


@pytest.mark.parametrize("status", [200, 500], ids=["acknowledged", "promised again"])
def test_a_call_whose_turn_it_was_not_is_put_back_to_where_it_was(status: int) -> None:
    world = World(START)
    owe(world, "created")
    carry(world, status)
    before = world.copy()
    assert world.webhooks.take(1)
    world.webhooks.put_back(1)
    assert world.webhooks == before.webhooks
    assert world.webhooks.take() is None


def test_a_call_interrupted_before_its_turn_goes_when_that_comes() -> None:
    world = World(START)
    owe(world, "created")
    owe(world, "sent")
    assert world.webhooks.take(2)
    world.webhooks.put_back(2)
    assert [carry(world), carry(world)] == ["created", "sent"]
    assert world.webhooks.take() is None
