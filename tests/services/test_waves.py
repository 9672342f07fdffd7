"""How much a sender is given at once: more while it answers quickly, the least as soon as anything goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from engage.delivery.provider import Batch, Outcome
from engage.domain.breaker import FAILURES
from engage.domain.failures import Failure
from engage.services.deliver import deliver
from engage.services.gates import key_of
from tests.scripted import Scripted, crowd, in_force, lost, refused, sender_state, standing, taken
from tests.world import World

EDUCATION = 2


@dataclass
class Waves(Scripted):
    """Notes the size of each wave. Like a real one it begins no more after some in a row went wrong."""

    waves: list[int] = field(default_factory=list)

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        self.waves.append(len(batches))
        said: list[list[Outcome]] = []
        for batch in batches:
            last = said[-FAILURES:]
            if len(last) == FAILURES and all(outcomes[0].state != "accepted" for outcomes in last):
                said.append(refused("not_begun")(batch))
            else:
                said.append(self._one(batch))
        return said


def _waves(**how: object) -> Waves:
    return Waves("sendgrid", "email", max_batch=1, parallel=2, wave=20, **how)  # type: ignore[arg-type]


def test_a_quick_sender_gets_more_each_time_up_to_its_limit(world: World) -> None:
    sender = _waves()
    rt = in_force(world.rt, sender)
    crowd(rt, 90, "email", "education")
    deliver(rt, (EDUCATION,), seconds=20)
    assert sender.waves[0] == 2
    assert max(sender.waves) == 20
    assert len(sender.arrived) == len(set(sender.to())) == 90


def test_one_request_that_goes_wrong_makes_the_next_wave_small_again(world: World) -> None:
    sender = _waves()
    rt = in_force(world.rt, sender)
    crowd(rt, 90, "email", "education")
    answers = iter([taken] * 30 + [lost])
    sender.script = lambda batch: next(answers, taken)(batch)
    deliver(rt, (EDUCATION,), seconds=20)
    sent, after = 0, []
    for size in sender.waves:
        if sent > 30:
            after.append(size)
        sent += size
    assert after[0] == 2


@pytest.mark.parametrize("failure", ["not_processed", "unknown_code"])
def test_what_was_not_begun_is_planned_again_at_once_and_no_try_of_its_own_is_used_up(
    world: World, failure: Failure
) -> None:
    sender = _waves()
    rt = in_force(world.rt, sender)
    ids = crowd(rt, 60, "email", "education")
    answers = iter([taken] * 20)
    sender.script = lambda batch: next(answers, refused(failure))(batch)
    deliver(rt, (EDUCATION,), seconds=20)
    # So many were tried in vain, whatever the size of the wave.
    assert len(sender.requests) <= 20 + FAILURES + 2
    rows = [standing(rt, id) for id in ids]
    untouched = [row for row in rows if row.status == "planned" and row.tries == 0]
    assert len(untouched) >= 60 - 20 - FAILURES - 2
    assert sender_state(rt, key_of(sender)).rest_until is not None
