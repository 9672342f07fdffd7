"""The state machine, on the real database. ENGAGE_MACHINE_EXAMPLES and ENGAGE_MACHINE_STEPS make it longer."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from engage.runtime import Runtime
from tests.machine.model import MessageLife
from tests.scripted import somebody
from tests.world import MONDAY

EXAMPLES = int(os.environ.get("ENGAGE_MACHINE_EXAMPLES", "30"))
STEPS = int(os.environ.get("ENGAGE_MACHINE_STEPS", "40"))


@pytest.mark.timeout(0 if EXAMPLES > 200 else 120)
@pytest.mark.parametrize("get_lost", [False, True], ids=["callbacks arrive", "callbacks get lost"])
def test_no_message_is_lost_and_none_is_doubled_when(rt: Runtime, get_lost: bool) -> None:
    world = rt.at(MONDAY)
    people = tuple(somebody(world, n) for n in range(3))

    class Here(MessageLife):
        base, cast, callbacks_get_lost = world, people, get_lost

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
