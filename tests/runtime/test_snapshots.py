from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlencode

import pytest
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import __version__
from mockserver.core.errors import ClockBusy, InvalidInput, Refusal
from mockserver.core.faults import Fault
from mockserver.core.webhooks import Answer, WebhookCall
from mockserver.core.world import World
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.double import Double
from mockserver.runtime.forks import fork_world
from mockserver.runtime.pace import Following, Running
from mockserver.runtime.snapshot_controls import SnapshotControls
from mockserver.runtime.snapshot_file import read_snapshot, write_snapshot
from mockserver.runtime.snapshots import MOST_SNAPSHOTS
from mockserver.runtime.worlds import load_world, shipped_worlds
from mockserver.services import SERVICES
from mockserver.services.finding import NotFound
from mockserver.services.securating.model import Securating
from mockserver.services.service import Reply, Request
from mockserver.services.smsvote.model import SmsVote
from tests.conftest import START

SECURATING, SMSVOTE = SERVICES
HOOK = "http://127.0.0.1:9/w"
PHONES = [f"7123456789{digit}" for digit in range(4)]


class Shop(Carrier):
    """Answers webhooks without being called: every third call is not acknowledged at first."""

    def send(self, call: WebhookCall) -> Answer:
        return Answer(200, "ok") if call.number % 3 or call.attempts else Answer(503, "later")


def driven(world: World) -> Double:
    return Double(world, target=Shop())


def ask(double: Double, service: Any, path: str, **asked: object) -> Reply:
    """Make one call of an integrator, with the first credentials of the service."""
    who = service.credentials(double.world)
    row = next(row for row in service.operations(service.settings_of(double.world)) if row.path == path)
    if service is SECURATING:
        body = urlencode(who | asked).encode()
        reply = double.answer(service, row, Request(row.method, path, body=body))
    else:
        query = urlencode({"json": json.dumps(who | asked)})
        reply = double.answer(service, row, Request(row.method, path, query))
    double.answered()
    return reply


def control(double: Double, service: Any, path: str, args: dict[str, str] | None = None, **said: object) -> None:
    """Let people do something, if they may."""
    row = next(row for row in service.controls if (row.method, row.path) == ("POST", path))
    with double.act() as world, suppress(Refusal):
        row.handle(world, Request("POST", path, body=json.dumps(said).encode(), args=args or {}))


def invite(double: Double, number: int) -> None:
    asked = {"email": f"anna{number}@example.com", "first_name": "Anna", "webhook": HOOK, "product": "0001"}
    ask(double, SECURATING, "/invitation/create", **asked, order=f"o{number}", recall_count=2, meta_cart=str(number))


def request_rating(double: Double, number: int) -> None:
    drafts = [{"phone": PHONES[number % 4], "text": "Как вам?", "text_final": "Спасибо"}]
    ask(double, SMSVOTE, "/api/command/send_message.php", transport="sms", message=drafts)


def arm(double: Double, number: int) -> None:
    with double.held() as world:
        world.faults.arm(Fault(0, "http-500", nth=number % 3 + 1, times=1, probability=0.5))


MOVES: dict[str, Callable[[Double, int], object]] = {
    "invite": invite,
    "review": lambda d, n: control(d, SECURATING, "/review", email=f"anna{n}@example.com", rating=n % 5 + 1),
    "cancel": lambda d, n: ask(d, SECURATING, "/invitation/cancel", order=f"o{n}"),
    "crowd": lambda d, n: control(d, SECURATING, "/crowd", answering=0.5, within="3d", ratings={"5": 3, "4": 1}),
    "request": request_rating,
    "reply": lambda d, n: control(d, SMSVOTE, "/phones/<phone>/send", {"phone": PHONES[n % 4]}, text=f"{n % 7} да"),
    "will reply": lambda d, n: control(
        d, SMSVOTE, "/phones/<phone>/will-reply", {"phone": PHONES[n % 4]}, text="5", after="2h"
    ),
    "vote": lambda d, n: control(
        d, SMSVOTE, "/votes/<nr>/ballots", {"nr": "29"}, participant=PHONES[n % 4], option=str(n % 3 + 1)
    ),
    "new vote": lambda d, n: control(d, SMSVOTE, "/votes", name=f"v{n}", question="?", options=["да", "нет"]),
    "fault": arm,
    "hold": lambda d, n: setattr(d.delivery, "is_held", n % 2 == 0),
    "advance": lambda d, n: d.advance_to(d.world.clock.now + timedelta(hours=25 * n + 1)),
}

courses = st.lists(st.tuples(st.sampled_from([*MOVES, "invite", "advance"]), st.integers(0, 9)), max_size=12)


def live(double: Double, course: list[tuple[str, int]]) -> None:
    for move, number in course:
        MOVES[move](double, number)


def everything(world: World) -> dict[str, Any]:
    """Return all there is to know of a world but how long answers took in real time."""
    known: dict[str, Any] = json.loads(write_snapshot(world))
    for entry in known["journal"]["entries"]:
        entry.pop("began", None)
        entry.pop("seconds", None)
    return known


@settings(max_examples=40)
@given(before=courses, after=courses)
def test_a_world_that_was_saved_goes_on_exactly_as_the_original(before: Any, after: Any) -> None:
    original = driven(load_world("demo", START))
    live(original, before)
    text = write_snapshot(original.world)
    loaded = driven(read_snapshot(text))
    loaded.delivery.is_held = original.delivery.is_held
    assert write_snapshot(loaded.world) == text
    live(original, after)
    live(loaded, after)
    assert everything(loaded.world) == everything(original.world)


@settings(max_examples=10)
@given(before=courses, after=courses)
def test_a_snapshot_stays_as_it_was_and_is_gone_back_to_as_often_as_wanted(before: Any, after: Any) -> None:
    double = driven(load_world("demo", START))
    live(double, before)
    double.delivery.is_held = False
    double.drain()
    taken = everything(double.world)
    double.snapshots.take("here")
    ends = []
    for _ in range(2):
        live(double, after)
        ends.append(everything(double.world))
        double.snapshots.restore("here")
        double.delivery.is_held = False
        assert everything(double.world) == taken
    assert ends[0] == ends[1]


@pytest.fixture
def shop(double: Double) -> Double:
    """A double that has seen something of everything."""
    double.delivery.target = Shop()
    course = [(move, number) for number in range(3) for move in MOVES if move not in {"hold", "fault"}]
    live(double, [*course, ("invite", 7), ("advance", 7), ("invite", 8)])
    return double


def test_every_part_of_a_world_is_in_the_file(shop: Double) -> None:
    parts = {"clock": "now", "states": "services"}
    assert {parts.get(slot, slot) for slot in World.__slots__} < set(json.loads(write_snapshot(shop.world)))


@pytest.mark.parametrize("name", shipped_worlds())
def test_every_shipped_world_can_be_saved_and_forked(name: str) -> None:
    world = load_world(name, START)
    text = write_snapshot(world)
    assert write_snapshot(read_snapshot(text)) == text
    assert not identities(fork_world(world, "f")) & identities(world)


def test_the_freezer_goes_back_too(world: World) -> None:
    with freeze_time(START):
        double = Double(world, Following())
        double.snapshots.take("here")
        double.advance_to(START + timedelta(days=3))
        assert datetime.now(timezone.utc) == START + timedelta(days=3)
        double.snapshots.restore("here")
        assert datetime.now(timezone.utc) == START == double.world.clock.now


def changed(path: str, value: object) -> Callable[[Any], object]:
    """Return what puts `value` at a dotted path; the first of a list or an object where it says `*`."""

    def change(file: Any) -> object:
        inner, steps = file, path.split(".")
        for step in steps[:-1]:
            inner = inner[_key(inner, step)]
        inner[_key(inner, steps[-1])] = value
        return file

    return change


def _key(inner: Any, step: str) -> Any:
    if isinstance(inner, list):
        return int(step.replace("*", "0"))
    return next(iter(inner)) if step == "*" else step


DAMAGES: list[tuple[Callable[[Any], object], str]] = [
    (lambda _: [], "snapshot: a list, an object expected"),
    (lambda _: {}, "snapshot.format: no text, 'mockserver-snapshot/2' expected"),
    (changed("format", "mockserver-world/1"), "snapshot.format:"),
    (
        lambda f: f | {"format": "mockserver-snapshot/3", "version": "9.1"},
        f"'mockserver-snapshot/3' was written by mockserver 9.1; {__version__} reads 'mockserver-snapshot/2': load it",
    ),
    (
        lambda f: f | {"format": "mockserver-snapshot/1", "version": "0.0.9"},
        f"'mockserver-snapshot/1' was written by mockserver 0.0.9; {__version__} reads 'mockserver-snapshot/2': load "
        "it with the version that wrote it, or take the snapshot anew with this one",
    ),
    (lambda f: f | {"format": "mockserver-snapshot/3", "version": 9}, "snapshot.version: 9, a text expected"),
    (changed("now", "yesterday"), "snapshot.now:"),
    (changed("extra", 1), "snapshot.extra: no such field"),
    (lambda f: {name: part for name, part in f.items() if name != "outbox"}, "snapshot.outbox: missing"),
    (changed("services.billing", {}), "snapshot.services.billing: no such service; there are: securating, smsvote"),
    (lambda f: f["services"].pop("smsvote") and f, "snapshot.services.smsvote: missing"),
    (changed("services.smsvote.accounts.*.1.balance", 5), "snapshot.services.smsvote.accounts[0][1].balance: 5, "),
    (changed("services.smsvote.settings.reply_matches", "any"), "snapshot.services.smsvote.settings.reply_matches"),
    (changed("services.securating.invitations.*.asked.days", "6"), ".asked.days:"),
    (changed("services.securating.crowd.answering", 7), "snapshot.services.securating.crowd.answering: 7"),
    (changed("agenda.heap.*.task.task", "SellHouse"), "snapshot.agenda.heap[0].task.task: 'SellHouse', one of"),
    (changed("agenda.heap.*.task.token", "gone"), "which this snapshot does not hold"),
    (changed("agenda.heap.*.order", 10**6), "snapshot.agenda: "),
    (lambda f: f["agenda"]["heap"].append(f["agenda"]["heap"][0]) or f, "snapshot.agenda: "),
    (changed("outbox.sent.-1.about.fact", "House"), ".about.fact: 'House', one of"),
    (changed("webhooks.calls.*.1.policy.retries.0", "1h"), ".policy.retries[0]: "),
    (changed("webhooks.calls.*.1.number", 7), "snapshot.webhooks.calls: "),
    (changed("webhooks.ready", [99]), "snapshot.webhooks: there is no call 99"),
    (changed("journal.written", 3), "snapshot.journal: "),
    (changed("journal.capacity", -1), "snapshot.journal: "),
    (changed("journal.capacity", 10**12), "snapshot.journal: "),
    (changed("journal.entries.*.number", 3), "snapshot.journal.entries: "),
    (changed("randomness.drawn", -1), "snapshot.randomness.drawn"),
    (changed("randomness.drawn", 1 << 64), "snapshot.randomness.drawn"),
    (changed("randomness.seed", "\ud800"), "snapshot.randomness.seed"),
    (changed("faults.armed", [[1, {}]]), "snapshot.faults.armed[0][1].number: missing"),
    (changed("faults.numbered", -1), "snapshot.faults.numbered: -1, "),
]


@pytest.mark.parametrize(("damage", "complaint"), DAMAGES)
def test_a_damaged_file_is_refused_saying_where_and_why(
    shop: Double, damage: Callable[[Any], object], complaint: str
) -> None:
    before = everything(shop.world)
    damaged = damage(json.loads(write_snapshot(shop.world)))
    with pytest.raises(InvalidInput) as refused:
        shop.snapshots.load(json.dumps(damaged))
    assert complaint in str(refused.value)
    with pytest.raises(InvalidInput):
        shop.snapshots.load(damaged)
    assert (everything(shop.world), shop.snapshots.list()) == (before, [])


def test_a_journal_is_loaded_as_far_as_this_double_holds_one(shop: Double) -> None:
    saved = write_snapshot(shop.world)
    shop.world.journal = shop.world.journal.copy(1)
    journal = shop.snapshots.load(saved).world.journal
    assert (journal.capacity, len(journal.entries()), journal.written) == (1, 1, shop.world.journal.written)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"now": NaN}', '{"now": ' + "9" * 5000 + "}", "null", '"x"'])
def test_what_is_no_snapshot_at_all_is_refused(double: Double, text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^snapshot"):
        double.snapshots.load(text)
    assert double.snapshots.list() == []


def test_a_file_that_was_cut_anywhere_is_refused(double: Double) -> None:
    text = write_snapshot(double.world).rstrip()
    for length in range(0, len(text), 97):
        with pytest.raises(InvalidInput, match=r"^snapshot:"):
            read_snapshot(text[:length])


def test_snapshots_are_listed_replaced_and_dropped_by_name(double: Double) -> None:
    snapshots = double.snapshots
    assert snapshots.take().name == "snapshot-1"
    assert snapshots.take("before-Payment_1.0").taken_at == START
    double.advance_to(START + timedelta(days=1))
    assert snapshots.take("snapshot-1").taken_at == START + timedelta(days=1)
    assert [snapshot.name for snapshot in snapshots.list()] == ["before-Payment_1.0", "snapshot-1"]
    assert snapshots.load(snapshots.save("before-Payment_1.0")).name == "snapshot-2"
    snapshots.drop("snapshot-1")
    for act in (snapshots.drop, snapshots.restore, snapshots.save, lambda name: snapshots.fork(name, "f")):
        with pytest.raises(Refusal, match=r"snapshot-1.*there are: before-Payment_1.0, snapshot-2"):
            act("snapshot-1")
    assert double.world.clock.now == START + timedelta(days=1)


@pytest.mark.parametrize("name", ["a b", "../x", "x" * 65, "é", "a\n"])
def test_a_name_that_is_none_is_refused(double: Double, name: str) -> None:
    with pytest.raises(InvalidInput, match=r"^name: .*letters, digits"):
        double.snapshots.take(name)
    assert double.snapshots.list() == []


def test_so_many_snapshots_are_held_and_no_more(double: Double) -> None:
    for _ in range(MOST_SNAPSHOTS):
        double.snapshots.take()
    with pytest.raises(InvalidInput, match=r"100 snapshots are held already"):
        double.snapshots.take()
    double.snapshots.take("snapshot-7")
    assert len(double.snapshots.list()) == MOST_SNAPSHOTS


def test_nothing_is_restored_in_the_middle_of_an_advance(double: Double) -> None:
    refused: list[str] = []

    class Restoring(Shop):
        def send(self, call: WebhookCall) -> Answer:
            with pytest.raises(ClockBusy) as busy:
                double.snapshots.restore("here")
            refused.append(str(busy.value))
            return Answer(200, "ok")

    double.delivery.target = Restoring()
    double.snapshots.take("here")
    invite(double, 1)
    double.advance_to(START + timedelta(days=7))
    assert len(refused) == 2
    assert double.world.clock.now == START + timedelta(days=7)


class Slow(Carrier):
    """Holds the first call that it sends until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.was_called, self.may_answer = Event(), Event()
        self.sent: list[int] = []

    def send(self, call: WebhookCall) -> Answer:
        self.sent.append(call.number)
        if len(self.sent) == 1:
            self.was_called.set()
            assert self.may_answer.wait(5)
        return Answer(200, "ok")


@pytest.fixture
def slow(world: World) -> Iterator[tuple[Double, Slow]]:
    target = Slow()
    double = Double(world, Running(START), target)
    double.start()
    yield double, target
    target.may_answer.set()
    double.stop()


def test_a_webhook_on_its_way_while_a_snapshot_is_taken_is_sent_again_after_it(slow: tuple[Double, Slow]) -> None:
    double, target = slow
    double.delivery.is_held = True
    invite(double, 1)
    double.snapshots.take("before")
    double.delivery.is_held = False
    double.catch_up()
    invite(double, 2)
    assert target.was_called.wait(5)
    double.snapshots.take("in-flight")
    target.may_answer.set()
    double.drain()
    assert target.sent == [1, 2]
    for name, sent in (("in-flight", [1, 2, 1, 2]), ("before", [1, 2, 1, 2, 1])):
        double.snapshots.restore(name)
        double.drain()
        assert target.sent == sent
        assert {call.status for call in double.world.webhooks.calls.values()} == {"acknowledged"}
        assert {len(call.attempts) for call in double.world.webhooks.calls.values()} == {1}


def test_an_answer_that_comes_after_a_restore_belongs_to_the_world_that_was_left(slow: tuple[Double, Slow]) -> None:
    double, target = slow
    double.snapshots.take("empty")
    invite(double, 1)
    assert target.was_called.wait(5)
    double.snapshots.restore("empty")
    invite(double, 2)
    target.may_answer.set()
    double.drain()
    (call,) = double.world.webhooks.calls.values()
    assert (call.status, len(call.attempts)) == ("acknowledged", 1)
    assert target.sent == [1, 1]


def test_webhooks_set_aside_for_an_answer_are_forgotten_with_their_world(slow: tuple[Double, Slow]) -> None:
    double, target = slow
    target.may_answer.set()
    double.snapshots.take("empty")
    row = SECURATING.operations(SECURATING.settings_of(double.world))[0]
    body = urlencode(SECURATING.credentials(double.world) | {"email": "anna@example.com", "webhook": HOOK}).encode()
    double.answer(SECURATING, row, Request("POST", row.path, body=body))
    double.snapshots.take("set-aside")
    double.snapshots.restore("empty")
    double.answered()
    double.drain()
    assert (target.sent, len(double.world.webhooks.calls)) == ([], 0)
    double.snapshots.restore("set-aside")
    double.drain()
    assert target.sent == [1]


def test_time_runs_on_from_the_instant_of_a_snapshot(slow: tuple[Double, Slow]) -> None:
    double, target = slow
    target.may_answer.set()
    double.snapshots.take("here")
    taken_at = double.snapshots.get("here").taken_at
    double.advance_to(START + timedelta(days=30))
    double.snapshots.restore("here")
    with double.present() as world:
        assert taken_at <= world.clock.now < taken_at + timedelta(minutes=5)


def identities(world: World) -> set[str]:
    """Return everything by which somebody outside may name something of a world."""
    securating, smsvote = world.state(Securating), world.state(SmsVote)
    secures = {account.secure for account in smsvote.accounts.values()}
    return {*securating.websites, *securating.invitations, *smsvote.votes_by_hash, *secures}


def test_a_fork_shares_no_name_with_its_original(shop: Double) -> None:
    before = everything(shop.world)
    shop.snapshots.take("here")
    forks = [shop.snapshots.fork("here", seed) for seed in ("t-1", "t-2")]
    assert everything(shop.world) == before
    worlds = [shop.world, *forks]
    for world in worlds:
        text = write_snapshot(world)
        for other in worlds:
            if other is not world:
                assert not any(name in text for name in identities(other))
                assert not world.state(SmsVote).accounts.keys() & other.state(SmsVote).accounts.keys()
    assert write_snapshot(shop.snapshots.fork("here", "t-1")) == write_snapshot(forks[0])


def test_a_fork_is_the_same_world_under_other_names(shop: Double) -> None:
    fork = fork_world(shop.world, "f")
    names = dict(zip(sorted_names(fork), sorted_names(shop.world), strict=True))
    numbers = zip(fork.state(SmsVote).accounts, shop.world.state(SmsVote).accounts, strict=True)
    text = write_snapshot(fork)
    for new, old in names.items():
        text = text.replace(new, old)
    for number, old_number in numbers:
        text = text.replace(str(number), str(old_number))
    original = json.loads(write_snapshot(shop.world))
    assert json.loads(text) | {"names": None} == original | {"names": None}


def sorted_names(world: World) -> list[str]:
    """Return the names of a world in the order of its tables, which a fork keeps."""
    securating, smsvote = world.state(Securating), world.state(SmsVote)
    secures = [account.secure for account in smsvote.accounts.values()]
    return [*securating.websites, *securating.invitations, *smsvote.votes_by_hash, *secures]


def test_a_fork_goes_on_by_itself(shop: Double) -> None:
    fork = driven(fork_world(shop.world, "f"))
    before = everything(shop.world)
    course = [(move, number) for number in range(3, 6) for move in MOVES if move not in {"hold", "fault"}]
    live(fork, course)
    assert everything(shop.world) == before
    assert not any(exchange.crashed for exchange in fork.world.journal.exchanges())
    assert not identities(fork.world) & identities(shop.world)
    mailed = [call.subject for call in fork.world.webhooks.calls.values()]
    assert set(mailed) <= fork.world.state(Securating).invitations.keys()
    assert {message.account for message in fork.world.state(SmsVote).messages.values()} == {
        SMSVOTE.credentials(fork.world)["id"]
    }


def test_a_name_is_renamed_within_a_longer_run_of_letters_too(shop: Double) -> None:
    key = str(SECURATING.credentials(shop.world)["keywebsite"])
    with shop.held() as world:
        last = world.journal.exchanges()[-1]
        world.journal.write(last._replace(number=world.journal.written + 1, request_body=f"x\n{key}{key}y"))
    fork = fork_world(shop.world, "f")
    new = SECURATING.credentials(fork)["keywebsite"]
    assert fork.journal.exchanges()[-1].request_body == f"x\n{new}{new}y"


def test_a_test_takes_restores_saves_and_loads(shop: Double, tmp_path: Path) -> None:
    snapshots = SnapshotControls(shop)
    name, before = snapshots.take(), everything(shop.world)
    snapshots.save(tmp_path / "world.json")
    live(shop, [("invite", 8), ("advance", 9)])
    with pytest.raises(NotFound, match=f"other.*{name}"):
        snapshots.restore("other")
    snapshots.restore(name)
    assert everything(shop.world) == before
    live(shop, [("invite", 8), ("advance", 9)])
    snapshots.load(tmp_path / "world.json")
    assert everything(shop.world) == before


def test_a_file_that_cannot_be_read_is_refused(shop: Double, tmp_path: Path) -> None:
    snapshots, before = SnapshotControls(shop), everything(shop.world)
    (tmp_path / "latin").write_bytes(b"\xe9")
    (tmp_path / "cut").write_text(write_snapshot(shop.world)[:1000])
    for name, complaint in (("none", "No such file"), ("latin", "not UTF-8"), ("cut", "not JSON"), ("", "directory")):
        with pytest.raises(InvalidInput, match=complaint):
            snapshots.load(tmp_path / name)
    assert everything(shop.world) == before


def test_new_credentials_reach_everything_that_named_the_old_ones(world: World) -> None:
    double = driven(world)
    live(double, [("request", 1), ("reply", 1), ("vote", 1), ("request", 2)])
    SMSVOTE.renew(world)
    state = world.state(SmsVote)
    (number,) = state.accounts
    owners = {message.account for message in state.messages.values()} | {sms.account for sms in state.incoming}
    owners |= {prefix.account for prefix in state.prefixes.values()} | set(state.last_sender.values())
    owners |= {account for account, _ in state.votes_by_hash.values()} | set(state.cabinets)
    owners |= {each.account for each in state.questionnaires.values()} | {state.accounts[number].id}
    assert owners == {number}
    assert {vote.hash for vote in state.cabinets[number].votes.values()} == set(state.votes_by_hash)
    assert replace(state.accounts[number], id=52) != state.accounts[number]
