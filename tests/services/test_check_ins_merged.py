"""Two records of one person made one: what they were asked, answered, and agreed to, and all of it back again."""

from __future__ import annotations

from uuid import UUID

import pytest

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import outcomes
from engage.services.audit import CLI
from engage.services.merges import merge, unmerge
from engage.storage import check_ins
from tests.services.test_merges import pair
from tests.world import World


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def wish(world: World, person: UUID) -> bool | None:
    with world.rt.transaction() as tx:
        found = check_ins.wish(tx, person)
        return found.agreed if found is not None else None


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [(None, None, None), (None, True, True), (True, None, True), (True, False, False), (False, True, False)],
)
def test_whoever_took_back_being_asked_is_not_asked(
    world: World, mine: bool | None, theirs: bool | None, both: bool | None
) -> None:
    keep, other = pair(world)
    with world.rt.transaction() as tx:
        for person, said in ((keep, mine), (other, theirs)):
            if said is not None:
                check_ins.set_wish(tx, person, "email", said, "told at the clinic", "staff", world.now)
    merged = merge(world.rt, CLI, keep, other)
    assert wish(world, keep) is both
    unmerge(world.rt, CLI, merged.id)
    # Who never was asked has not agreed.
    assert wish(world, keep) is (mine if mine is not None or both is None else False)
    assert wish(world, other) is theirs


def test_answers_of_both_records_are_the_kept_persons_and_go_back(world: World) -> None:
    keep, other = pair(world)
    ids = [new_id() for _ in range(3)]
    with world.rt.transaction() as tx:
        check_ins.keep(
            tx,
            [
                check_ins.New(ids[0], keep, None, "pain-score", "week/2026-11-02", world.now),
                check_ins.New(ids[1], other, None, "pain-score", "week/2026-11-02", world.now),
                check_ins.New(ids[2], other, None, "pain-score", "week/2026-11-09", world.now),
            ],
            world.now,
        )
        for n, id in enumerate(ids):
            check_ins.answer(tx, id, world.rt.sealer.seal("check_ins", id, {"score": n}), world.now)

    def scores(person: UUID) -> list[int]:
        with world.rt.transaction() as tx:
            told = outcomes.of_person(world.rt, tx, person, "America/New_York", world.now)
        return sorted(one.answer.score or 0 for one in told.outcomes if one.answer)

    merged = merge(world.rt, CLI, keep, other)
    assert scores(keep) == [0, 1, 2]
    unmerge(world.rt, CLI, merged.id)
    assert (scores(keep), scores(other)) == ([0], [1, 2])
