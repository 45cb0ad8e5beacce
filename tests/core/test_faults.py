from __future__ import annotations

from mockserver.core.faults import Fault, Faults
from mockserver.core.randomness import Randomness
from mockserver.core.world import World

NOBODY: frozenset[str] = frozenset()


def fire(faults: Faults, calls: int, seed: str = "seed", service: str = "smsvote", **named: str) -> list[int]:
    """Return the numbers of the failures that so many calls meet, 0 for a call that goes well."""
    randomness = Randomness(seed)
    fired = []
    for _ in range(calls):
        fault = faults.fire(lambda each: each.fits(service, "send_message", named.values()), randomness)
        fired.append(fault.number if fault else 0)
    return fired


def test_a_fault_happens_once_unless_it_is_told_otherwise() -> None:
    for times, expected in ((1, [1, 0, 0]), (2, [1, 1, 0]), (0, [1, 1, 1])):
        faults = Faults()
        faults.arm(Fault(0, "reset", times=times))
        assert fire(faults, 3) == expected
        assert faults.armed[1].used == sum(expected)


def test_the_nth_call_that_fits_is_counted_from_when_the_fault_was_armed() -> None:
    faults = Faults()
    faults.arm(Fault(0, "reset", service="smsvote", nth=3))
    assert fire(faults, 5, service="securating") == [0] * 5
    assert fire(faults, 5) == [0, 0, 1, 0, 0]


def test_of_several_the_first_that_was_armed_goes_first_and_each_counts_every_call() -> None:
    faults = Faults()
    faults.arm(Fault(0, "reset"))
    faults.arm(Fault(0, "empty", nth=2))
    faults.arm(Fault(0, "lost"))
    assert fire(faults, 4) == [1, 2, 3, 0]


def test_a_fault_fits_by_service_operation_phone_and_e_mail_in_any_case() -> None:
    assert Fault(1, "reset").fits("smsvote", "balance", NOBODY)
    assert not Fault(1, "reset", service="smsvote").fits("securating", "balance", NOBODY)
    assert not Fault(1, "reset", operation="balance").fits("smsvote", "send_message", NOBODY)
    assert Fault(1, "reset", email="Anna@Example.com").fits("securating", "create invitation", {"anna@example.com"})
    assert Fault(1, "reset", phone="71").fits("smsvote", "send_message", {"70", "71"})
    assert not Fault(1, "reset", phone="71").fits("smsvote", "send_message", {"711"})


def test_probability_is_drawn_from_the_seed_and_certainty_draws_nothing() -> None:
    def flaky(seed: str) -> list[int]:
        faults = Faults()
        faults.arm(Fault(0, "reset", times=0, probability=0.3))
        return fire(faults, 1000, seed)

    assert flaky("a") == flaky("a") != flaky("b")
    assert 250 < sum(flaky("a")) < 350
    certain, randomness = Faults(), Randomness("seed")
    certain.arm(Fault(0, "reset"))
    certain.fire(lambda _fault: True, randomness)
    assert randomness.token() == Randomness("seed").token()


def test_a_fault_that_never_happens_can_be_planned() -> None:
    faults = Faults()
    faults.arm(Fault(0, "reset", times=0, probability=0))
    assert fire(faults, 100) == [0] * 100


def test_a_snapshot_of_a_world_has_faults_of_its_own(world: World) -> None:
    world.faults.arm(Fault(0, "reset"))
    twin = world.copy()
    assert fire(twin.faults, 1) == [1]
    twin.faults.arm(Fault(0, "empty"))
    assert [(fault.name, fault.used) for fault in world.faults.armed.values()] == [("reset", 0)]
    assert (world.faults.numbered, twin.faults.numbered) == (1, 2)
