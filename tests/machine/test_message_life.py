"""The state machine, on the real database. ENGAGE_MACHINE_EXAMPLES and ENGAGE_MACHINE_STEPS make it longer."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from engage.runtime import Runtime
from tests.machine.life import MessageLife
from tests.machine.model import Dice
from tests.scripted import somebody
from tests.world import MONDAY

# The ordinary suite takes the same sample each time, so that whoever breaks something is the one who is told.
SAMPLE, SEED = 32, 4
EXAMPLES = int(os.environ.get("ENGAGE_MACHINE_EXAMPLES", SAMPLE))
STEPS = int(os.environ.get("ENGAGE_MACHINE_STEPS", "40"))


# Finding the shortest story of a failure takes minutes.
@pytest.mark.timeout(600 if EXAMPLES == SAMPLE else 0)
@pytest.mark.parametrize("get_lost", [False, True], ids=["callbacks arrive", "callbacks get lost"])
def test_no_message_is_lost_and_none_is_doubled_when(
    rt: Runtime, get_lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = rt.at(MONDAY)
    people = tuple(somebody(world, n) for n in range(6))
    steady = Dice()
    # Waits and turns are by ids: a run that is done again must go the same way.
    monkeypatch.setattr("engage.ids.os", steady)
    monkeypatch.setattr("engage.ids.time", steady)

    came: Counter[str] = Counter()

    class Here(MessageLife):
        base, cast, dice, callbacks_get_lost = world, people, steady, get_lost
        reached = came

    if EXAMPLES == SAMPLE:
        seed(SEED + get_lost)(Here)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert came["left"] > 2 * EXAMPLES
    assert came["too_late"] and came["suppressed_unsubscribed"]
    assert bool(came["twice"]) is get_lost
