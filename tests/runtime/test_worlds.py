from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.errors import InvalidInput
from mockserver.core.journal import Event
from mockserver.core.world import World
from mockserver.runtime.openings import open_world
from mockserver.runtime.places import place_of
from mockserver.runtime.worlds import begin, census, load_world, shipped_worlds
from mockserver.services.facts import to_json
from mockserver.services.securating.model import Securating
from mockserver.services.smsvote.model import SmsVote
from mockserver.shipped import read_shipped

START = datetime(2026, 3, 1, 10, tzinfo=timezone.utc)
STRANGE: list[Any] = [None, True, 0, -1, 1e300, 10**30, "", "x", "\x00", "9" * 400, [], [[]], {}, {"": {}}, [None, 7]]


@pytest.fixture(scope="module")
def busy() -> World:
    return load_world("busy", START)


def written(world: World) -> str:
    """Return everything there is in a world, as text."""
    about = [world.clock.now, world.upcoming(), [row for _, row in world.outbox.to()], world.webhooks.calls]
    states = [
        [getattr(state, name) for name in state.__slots__ if name != "cabinets"] for state in world.states.values()
    ]
    cabinet = next(iter(world.state(SmsVote).cabinets.values()))
    return json.dumps(to_json([about, states, cabinet.ratings, cabinet.votes, world.randomness.drawn]))


def test_busy_has_invitations_in_every_state(busy: World) -> None:
    statuses = Counter(invitation.status for invitation in busy.state(Securating).invitations.values())
    assert set(statuses) == {"scheduled", "sent", "issued", "opened", "reviewed", "cancelled"}
    assert statuses.total() == 600
    kinds = {letter.kind for _, letter in busy.outbox.to()}
    assert kinds >= {"invitation", "recall", "request", "final"}


def test_busy_has_a_vote_running_and_one_that_is_over(busy: World) -> None:
    state = busy.state(SmsVote)
    votes = state.cabinets[52].votes.values()
    assert [vote.status for vote in votes] == ["finished", "active"]
    assert all(state.tally[option.global_id] for vote in votes for option in vote.options)
    ratings = state.cabinets[52].ratings
    assert {rating.value for rating in ratings} == {1, 2, 3, 4, 5}
    assert any(rating.text.startswith("КАФЕ") for rating in ratings)


def test_busy_has_webhooks_that_were_taken_repeated_and_given_up(busy: World) -> None:
    calls = busy.webhooks.calls.values()
    assert {"acknowledged", "given up"} <= {call.status for call in calls}
    assert any(len(call.attempts) > 1 for call in calls if call.status == "acknowledged")


def test_busy_ends_at_its_beginning_and_goes_on_from_there(busy: World) -> None:
    assert busy.clock.now == START
    assert all(promise.due > START for promise in busy.upcoming())
    assert {type(promise.task).__name__ for promise in busy.upcoming()} >= {
        "SendInvitation",
        "SendRecall",
        "GiveReview",
    }
    past = [letter.at for _, letter in busy.outbox.to()]
    assert past == sorted(past)
    assert START - timedelta(days=31) < past[0] < past[-1] <= START
    assert not busy.journal.exchanges()  # nobody called
    twin = busy.copy()
    while twin.step(START + timedelta(days=60)):
        pass
    assert not twin.upcoming()


def test_the_same_start_gives_the_same_bytes(busy: World) -> None:
    assert written(load_world("busy", START)) == written(busy)


def test_tenants_of_busy_share_neither_credentials_nor_tokens(busy: World) -> None:
    def opened(seed: str) -> World:
        world, own_start = open_world("busy", seed, {})
        begin(world, own_start or START)
        return world

    first, again, other = opened("a"), opened("a"), opened("b")
    assert written(first) == written(again)
    assert first.clock.now == START
    tokens, theirs = (set(world.state(Securating).invitations) for world in (first, other))
    assert len(tokens) == 600
    assert not tokens & theirs
    account = next(iter(first.state(SmsVote).accounts))
    assert account != 52
    assert {message.account for message in first.state(SmsVote).messages.values()} == {account}
    assert census(first)["smsvote"]["votes"] == 2


def test_chance_is_the_files_own_or_of_the_seed_and_never_of_who_opens_it(busy: World) -> None:
    def lived(owner: str, seed: str = "") -> list[object]:
        world, _ = open_world("busy", owner, {}, seed=seed)
        begin(world, START)
        return chances(world)

    assert lived("a") == lived("b") == chances(busy)
    assert lived("a", "s") == lived("b", "s") != lived("a")


def chances(world: World) -> list[object]:
    sent = [(message.at, message.kind, message.recipient) for _, message in world.outbox.to()]
    balances = [account.balance for account in world.state(SmsVote).accounts.values()]
    return [sent, balances, world.randomness.seed, world.randomness.fraction()]


def past(**changed: object) -> dict[str, Any]:
    traffic = {"days": 3, "per_day": 2} | changed
    company = {"id": 1, "name": "x", "websites": [{"url": "https://x.example/"}], "traffic": traffic}
    return {"format": "mockserver-world/1", "securating": {"companies": [company]}}


def sms_past(**changed: object) -> dict[str, Any]:
    account = {"id": 1, "secure": "s", "traffic": {"days": 3, "per_day": 2, "text": "?"} | changed}
    return {"format": "mockserver-world/1", "smsvote": {"accounts": [account]}}


def load(tmp_path: Path, world: object, start: datetime = START) -> World:
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world), encoding="utf-8")
    return load_world(str(file), start)


def test_a_past_of_next_to_nothing_is_a_past(tmp_path: Path) -> None:
    assert census(load(tmp_path, past()))["securating"]["invitations"] == 6
    world = load(tmp_path, sms_past())
    assert "messages" not in {name for name, count in census(world)["smsvote"].items() if count}
    assert "balance" in str(world.journal.entries()[0])  # an account without money asks nobody


@pytest.mark.parametrize(
    ("more", "settings", "said"),
    [
        ({"products": [{"sku": "1:"}]}, {}, "was not invited: product: '1:' names no product"),
        ({}, {"highest_rating": 3}, "gave no review: rating: 5, a rating from 1 to 3 expected"),
    ],
)
def test_what_the_service_refuses_to_people_of_the_past_is_in_the_journal(
    tmp_path: Path, more: dict[str, Any], settings: dict[str, Any], said: str
) -> None:
    written = past(answering=1, within=1)
    written["securating"]["companies"][0] |= more
    written["securating"]["settings"] = settings
    world = load(tmp_path, written)
    while world.step(START + timedelta(days=60)):
        pass
    events = [entry for entry in world.journal.entries() if isinstance(entry, Event)]
    assert len(events) == 6
    assert all(event.service == "securating" and said in event.what for event in events)
    assert census(world)["securating"].get("reviews", 0) == 0


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (past(days=0), "securating.companies[0].traffic.days: 0, a number from 1 to 20000 expected"),
        (past(days=300, per_day=300), "traffic.per_day: 300 days of 300, at most 20000 in all expected"),
        (past(answering=1.5), "traffic.answering: 1.5, a share from 0 to 1 expected"),
        (past(within="soon"), "traffic.within: 'soon', a duration such as"),
        (past(ratings={"6": 1}), "traffic.ratings.6: no such field; there are: 1, 2, 3, 4, 5"),
        (past(ratings={"5": -1}), "traffic.ratings: "),
        (past(ratings={}), "traffic.ratings: "),
        (past(comments={"5": "Parfait"}), 'traffic.comments.5: "Parfait", a list expected'),
        (past(comments={"5": [""]}), 'traffic.comments.5: [""], a list of texts expected'),
        (past(webhook="nowhere"), "traffic.webhook: 'nowhere', an address such as"),
        (past(customer="Anna"), "traffic.customer: no such field; there are: "),
        (sms_past(text=""), 'smsvote.accounts[0].traffic.text: "", a text of 1 to 1000 characters expected'),
        (sms_past(votes=[{"name": "n"}]), "smsvote.accounts[0].traffic.votes[0].question: missing, a text expected"),
        (sms_past(ballots_per_day=10**9), "traffic.ballots_per_day: 1000000000, a number from 1 to 20000 expected"),
    ],
)
def test_a_mistake_in_a_past_is_named(tmp_path: Path, world: object, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(tmp_path, world)
    assert said in str(caught.value)


def test_a_past_before_the_calendar_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"traffic\.days: 3, fewer than there are before"):
        load(tmp_path, past(), datetime(1, 1, 2, tzinfo=timezone.utc))


def test_a_tenant_whose_past_does_not_fit_into_the_calendar_is_refused() -> None:
    world, _ = open_world("busy", "a", {})
    before = world.upcoming()
    with pytest.raises(InvalidInput, match="start: the past of this world does not fit"):
        begin(world, datetime(1, 1, 2, tzinfo=timezone.utc))
    assert world.upcoming() == before


def test_a_member_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text('{"format": "mockserver-world/1", "smsvote": {}, "smsvote": {"accounts": []}}')
    with pytest.raises(InvalidInput, match='"smsvote" stands more than once in one object'):
        load_world(str(file), datetime(2026, 3, 1, tzinfo=timezone.utc))


def test_the_place_of_a_value_is_its_line_and_column() -> None:
    text = '{\n  "a": {"b": [1,\n    {"c": 2, "c": 3}]},\n "d" : 4 }'
    assert place_of(text, "a") == "2:8"
    assert place_of(text, "a.b[1].c") == "3:19"
    assert place_of(text, "d") == "4:8"
    assert place_of(text, "a.b[7]") == "2:14"  # what was to hold it
    assert place_of(text, "a.x") == "2:8"
    assert place_of(text, "") == place_of(text, "x[0].y") == "1:1"
    assert place_of("[]", "[0].a") == "1:1"
    assert place_of("{}", "a") == "1:1"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the way to every value there is."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from places(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copied = value.copy()
    copied[path[0]] = replaced(value[path[0]], path[1:], by)
    return copied


def small(name: str) -> Any:
    """Return a shipped world with short pasts and lists, so that a hundred of them are loaded in a second."""
    world = json.loads(read_shipped(f"worlds/{name}.json"))
    for row in (*world["securating"]["companies"], *world["smsvote"]["accounts"]):
        for key, value in row.get("traffic", {}).items():
            if key in {"days", "per_day", "ballots_per_day"}:
                row["traffic"][key] = 2
            elif key == "customers":
                row["traffic"][key] = value[:2]
    return world


@pytest.mark.parametrize("name", shipped_worlds())
def test_whatever_stands_anywhere_is_read_or_refused_with_its_place(name: str, tmp_path: Path) -> None:
    world = small(name)
    refused = 0
    for number, path in enumerate(places(world)):
        for strange in (STRANGE[number % len(STRANGE)], STRANGE[(number * 7 + 3) % len(STRANGE)]):
            try:
                load(tmp_path, replaced(world, path, strange))
            except InvalidInput as mistake:
                refused += 1
                assert str(mistake).startswith(str(tmp_path))
                assert mistake.problem
    assert refused
