"""What only the remote has: tenants, an end, and things that cannot be done from another process."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from mockserver.client import Declined, RemoteMockServer, Unreachable, Wire
from mockserver.client import clock as clocks
from mockserver.core.errors import EndlessCascade, Evicted, InvalidInput
from mockserver.runtime import clock_controls
from mockserver.services.finding import NotFound
from mockserver.web.server import Server as StandAlone
from tests.controls.conftest import PHONE, START, Mock, Receiver, ask, invite

UTC = dt.timezone.utc


def test_the_main_world_is_held_until_another_is_asked_for(remote: RemoteMockServer, stand_alone: StandAlone) -> None:
    assert (remote.url, remote.tenant_id) == (stand_alone.url, "main")
    assert repr(remote) == f"<main at {stand_alone.url}>"
    invite(remote)
    remote.clock.advance(days=6)
    remote.reset()
    assert (len(remote.securating.invitations), len(remote.outbox)) == (0, 0)
    assert remote.clock.now == dt.datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_a_tenant_is_reset_to_how_it_began(remote: RemoteMockServer) -> None:
    with remote.tenant(start="2026-05-01", smsvote={"balance": "2.00"}) as tenant:
        ask(tenant)
        tenant.reset()
        assert str(tenant.smsvote.balance) == "2.00"
        assert tenant.clock.now == dt.datetime(2026, 5, 1, tzinfo=UTC)


def test_calls_that_are_no_longer_held_are_not_passed_over(remote: RemoteMockServer, stand_alone: StandAlone) -> None:
    ask(remote)
    with stand_alone.double.held() as world:
        world.journal = world.journal.copy(1)
    assert len(remote.calls) == 1
    ask(remote)
    with pytest.raises(Evicted, match="entries 1 to 1 are no longer held"):
        remote.calls.all(status=404)


def test_a_tenant_is_forgotten_at_its_end(remote: RemoteMockServer) -> None:
    with remote.tenant() as tenant:
        assert tenant.tenant_id != "main"
        same = RemoteMockServer(remote.url, tenant=tenant.tenant_id)
        assert same.securating.key == tenant.securating.key
        same.close()
        assert tenant.clock.agenda == []
    with pytest.raises(NotFound, match="tenant"), RemoteMockServer(remote.url, tenant=tenant.tenant_id) as gone:
        _ = gone.clock.now
    tenant.close()


def test_the_same_seed_gives_the_same_credentials(remote: RemoteMockServer) -> None:
    with remote.tenant(seed="a") as first:
        key = first.securating.key
    with remote.tenant(seed="a") as second, remote.tenant(seed="b") as third:
        assert second.securating.key == key != third.securating.key


@pytest.mark.parametrize(("how", "path"), [({"world": "nowhere"}, "world"), ({"start": "soon"}, "start"),
                                           ({"smsvote": {"reply_matches": "x"}}, "smsvote.reply_matches"),
                                           ({"securating": {"colour": "x"}}, "securating.colour")])  # fmt: skip
def test_a_tenant_that_cannot_be_is_refused(remote: RemoteMockServer, how: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        remote.tenant(**how)  # type: ignore[arg-type]
    assert refused.value.path == path


def test_an_application_in_this_process_cannot_be_called_from_another(remote: RemoteMockServer) -> None:
    with pytest.raises(InvalidInput, match=r"function; the server is another process.*such as http://127.0.0.1:8000"):
        remote.webhooks.deliver_to(lambda call: "ok")


def test_time_may_run_by_itself_and_is_waited_for(remote: RemoteMockServer) -> None:
    with remote.tenant(speed=1e7) as tenant:
        invite(tenant)
        assert tenant.securating.mails.wait_for(kind="recall").link


@pytest.mark.parametrize("mock", ["over http"], indirect=True)
@pytest.mark.parametrize(
    ("broken", "error", "said"),
    [
        ("MOST_UNTIL_IDLE", EndlessCascade, "^more than 0 tasks were performed, and no end is in sight$"),
        ("_check_bound", Declined, r"'int' object is not callable \(500 internal\)$"),
    ],
)
def test_what_ends_a_long_move_has_its_class(
    mock: Mock, shop: Receiver, monkeypatch: pytest.MonkeyPatch, broken: str, error: type[Exception], said: str
) -> None:
    invite(mock, webhook="https://shop.example/hook")
    mock.webhooks.deliver()
    looked, get = Event(), Wire.get

    def look(wire: Wire, path: str, **query: object) -> Any:
        looked.set()
        return get(wire, path, **query)

    shop.reacts = lambda: looked.wait(10)
    monkeypatch.setattr(Wire, "get", look)
    monkeypatch.setattr(clocks, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(clock_controls, broken, 0)
    with pytest.raises(error, match=said):
        mock.clock.run_until_idle()


def test_a_snapshot_that_cannot_be_saved_is_not_left_behind(
    remote: RemoteMockServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    get = Wire.get

    def break_off(wire: Wire, path: str, **query: object) -> Any:
        if path.startswith("/snapshots/"):
            raise Unreachable("the connection broke")
        return get(wire, path, **query)

    with remote.tenant() as tenant, Wire(remote.url, tenant.tenant_id) as wire:
        with monkeypatch.context() as patch:
            patch.setattr(Wire, "get", break_off)
            with pytest.raises(Unreachable):
                tenant.snapshots.save(tmp_path / "saved.json")
        assert wire.get("/snapshots")["snapshots"] == []
    assert not list(tmp_path.iterdir())


def test_what_waits_is_delivered_after_every_act(remote: RemoteMockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    call = Wire._call

    def noting(wire: Wire, method: str, path: str, *rest: Any) -> Any:
        done.append(f"{method} {path}")
        return call(wire, method, path, *rest)

    with remote.tenant() as tenant:
        fault = tenant.smsvote.faults.arm("not enough balance", phone=PHONE)
        monkeypatch.setattr(Wire, "_call", noting)
        tenant.smsvote.faults.disarm(fault)
        assert done[-2:] == [f"DELETE /faults/{fault.number}", "POST /webhooks/drain"]


def test_a_server_that_is_not_there_is_named() -> None:
    with RemoteMockServer("http://127.0.0.1:1") as nobody, pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:1"):
        _ = nobody.clock.now


def test_a_server_that_others_can_reach_wants_its_token() -> None:
    server = StandAlone(port=0, host="0.0.0.0", world="empty", start=START, speed=0)
    server.start()
    url = f"http://127.0.0.1:{server.url.rpartition(':')[2]}"
    try:
        with RemoteMockServer(url) as stranger, pytest.raises(Declined, match="X-Mock-Token") as declined:
            stranger.reset()
        assert (declined.value.kind, declined.value.status) == ("unauthorized", 401)
        with RemoteMockServer(url, token=server.gate.token) as known, known.tenant() as tenant:
            assert tenant.clock.agenda == []
    finally:
        server.stop()


def test_the_client_stands_on_the_standard_library_alone() -> None:
    code = (
        "import sys, mockserver.client\n"
        "foreign = {'flask', 'werkzeug', 'click', 'jinja2', 'pytest'} & {*sys.modules}\n"
        "ours = {name.split('.')[1] for name in sys.modules if name.startswith('mockserver.')}\n"
        "print(sorted(foreign), sorted(ours))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[] ['client', 'controls', 'core', 'services', 'shipped']"
