"""What staff are told about a message in doubt is what then becomes of it, for every kind and every evidence."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from engage.domain.messages import LANES, MAX_TRIES, Purpose
from engage.runtime import Runtime
from engage.services import doctor_pipe, recover
from engage.storage import clock, senders
from engage.storage.database import run
from tests.scripted import plan, somebody, state
from tests.services.test_doubtful_sends import (
    HOLD,
    KEY,
    attempt_of,
    holds_pass,
    in_doubt,
    never_tells,
    vendor,
)
from tests.services.test_explain import explained
from tests.world import World

AGAIN = "it is sent once more."
ABSENT = "it is sent again if it is still of use."
PERSON = "it is not sent again and a person is asked."
HELD = "it is held, as it was tried 3 times, and a person has to look."
BECOMES = {
    AGAIN: ("planned", "no_evidence"),
    ABSENT: ("planned", "absent"),
    PERSON: ("unknown", "never_known"),
    HELD: ("held", "poison"),
}


def told(rt: Runtime, id: UUID) -> tuple[float, str]:
    """Seconds until it is settled, and what is said to follow."""
    found = explained(rt, id)
    assert found.awaited_until is not None
    with rt.transaction() as tx:
        left = found.awaited_until - clock.database_now(tx)
    (said,) = [words for words in BECOMES if found.lines[-1].words.endswith(words)]
    return left.total_seconds(), said


def hear(rt: Runtime, id: UUID) -> None:
    """An event came for a request that was made after this one's."""
    with rt.transaction() as tx:
        senders.note_evidence(tx, KEY, attempt_of(rt, id).unknown_since + timedelta(seconds=1))


def unknown(rt: Runtime) -> Any:
    with rt.transaction() as tx:
        return doctor_pipe.unknown(rt, tx)


@pytest.mark.parametrize(
    ("purpose", "evidence", "tries"), list(product(LANES, (False, True), (1, MAX_TRIES)))
)
def test_it_waits_as_long_as_is_told_and_becomes_what_is_told(
    world: World, purpose: Purpose, evidence: bool, tries: int
) -> None:
    id = plan(world.rt, somebody(world.rt), "email", purpose)
    rt = in_doubt(world, vendor())
    with rt.transaction() as tx:
        run(tx, "UPDATE messages SET tries = %(tries)s", {"tries": tries})
    if evidence:
        hear(rt, id)
    attempt = attempt_of(rt, id).id
    first, said = told(rt, id)
    quarters = round(first / HOLD * 4)
    for n in range(1, quarters):
        holds_pass(rt, 0.25)
        recover.resolve(rt)
        assert state(rt, id) == ("unknown", "no_answer")
        left, says = told(rt, id)
        assert abs(left - (first - n * HOLD / 4)) < 5 and says == said
        assert unknown(rt).ok
    holds_pass(rt, 0.25)
    recover.resolve(rt)
    assert state(rt, id) == BECOMES[said]
    with rt.transaction() as tx:
        result = run(tx, "SELECT result FROM attempts WHERE id = %(id)s", {"id": attempt}).scalar_one()
    assert result == ("absent" if evidence else "no_proof")
    assert explained(rt, id).awaited_until is None


def end_of_look(rt: Runtime) -> None:
    """The next look is due."""
    with rt.transaction() as tx:
        run(tx, "UPDATE attempts SET lease_until = clock_timestamp()")


def test_evidence_that_comes_late_makes_no_moment_that_was_missed(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care")
    rt = in_doubt(world, vendor())
    holds_pass(rt, 2.9)
    recover.resolve(rt)
    hear(rt, id)
    left, said = told(rt, id)
    assert left > 0 and said == ABSENT
    assert unknown(rt).ok
    end_of_look(rt)
    recover.resolve(rt)
    assert state(rt, id) == BECOMES[said]


def test_a_sender_that_never_tells_is_told_of_and_settled_after_one_hold(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care")
    sender = vendor(asked=never_tells)
    sender.name = "smtp"
    rt = in_doubt(world, sender)
    left, said = told(rt, id)
    assert HOLD - 5 < left <= HOLD and said == AGAIN
    holds_pass(rt, 1)
    recover.resolve(rt)
    assert state(rt, id) == BECOMES[said]
