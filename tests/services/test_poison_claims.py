"""A row that kills whoever looks into it: three workers die, then it waits for a person, and the others go on."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from engage.domain.messages import MAX_TRIES
from engage.runtime import Runtime, build
from engage.services import in_hand, messages, writing
from engage.services.claim import claim
from engage.services.deliver import deliver, deliver_batch
from engage.services.texts import letter
from engage.settings import Settings
from engage.storage import claims, pipe
from engage.storage.database import run
from tests.scripted import Scripted, crowd, in_force, plan, somebody, standing, state
from tests.world import World

EDUCATION = 2


def kill_over(guilty: set[UUID]) -> None:
    """In this process, whoever looks into one of these messages dies as from want of memory."""

    def deadly(rt: Runtime, row: Any, now: datetime) -> Any:
        if row.id in guilty:
            os.kill(os.getpid(), signal.SIGKILL)
        return letter(rt, row, now)

    vars(writing)["letter"] = deadly


def _work(settings: Settings, now: datetime, guilty: set[UUID]) -> None:
    kill_over(guilty)
    deliver(build(settings, pool_size=2).at(now), seconds=60)


def work_until_nothing_is_due(settings: Settings, now: datetime, guilty: set[UUID]) -> int:
    """Workers, one after the other as one dies. Returns how many died."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    deaths = 0
    while True:
        process = context.Process(target=_work, args=(settings, now, guilty), daemon=True)
        process.start()
        process.join(60)
        if process.exitcode == 0:
            return deaths
        assert process.exitcode == -signal.SIGKILL
        deaths += 1
        assert deaths < 20, "it is never found"


@contextmanager
def counting_claims(rt: Runtime) -> Iterator[Callable[[], int]]:
    """How many claims noted what they had in hand meanwhile; those that ended well too."""
    with rt.transaction() as tx:
        run(tx, "CREATE SEQUENCE claims_made")
        run(
            tx,
            """CREATE FUNCTION count_a_claim() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM nextval('claims_made'); RETURN NEW; END $$""",
        )
        run(
            tx, "CREATE TRIGGER counted BEFORE INSERT ON claims FOR EACH ROW EXECUTE FUNCTION count_a_claim()"
        )

    def made() -> int:
        with rt.transaction() as tx:
            return int(run(tx, "SELECT last_value FROM claims_made WHERE is_called").scalar() or 0)

    try:
        yield made
    finally:
        with rt.transaction() as tx:
            run(tx, "DROP FUNCTION count_a_claim CASCADE")
            run(tx, "DROP SEQUENCE claims_made")


def test_one_deadly_row_kills_three_workers_and_a_hundred_others_leave(
    world: World, settings: Settings
) -> None:
    ids = crowd(world.rt, 101, "email", "education")
    guilty = ids[40]
    with counting_claims(world.rt) as claims_made:
        deaths = work_until_nothing_is_due(settings, world.now, {guilty})
        extra = claims_made() - 1
    assert deaths == MAX_TRIES
    assert state(world.rt, guilty) == ("held", "poison")
    mails = world.mail()
    assert len({mail.to for mail in mails}) == len(mails) == 100
    # Among a hundred it was found with a claim for each 16 of them, and for each of the last 16.
    assert 101 // 16 <= extra <= 101 // 16 + 1 + 16 + 3
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM claims").scalar() == 0


def test_two_deadly_rows_are_both_found(world: World, settings: Settings) -> None:
    ids = crowd(world.rt, 40, "email", "education")
    guilty = {ids[3], ids[30]}
    deaths = work_until_nothing_is_due(settings, world.now, guilty)
    assert deaths <= 2 * MAX_TRIES
    assert {state(world.rt, id) for id in guilty} == {("held", "poison")}
    assert len(world.mail()) == 38


@pytest.fixture
def half_dead(world: World) -> World:
    """A worker has died over forty messages; which of them was it?"""
    ids = crowd(world.rt, 40, "email", "education")
    with world.rt.transaction() as tx:
        claims.note(tx, UUID(int=1), ids)
    return world


def test_what_comes_after_a_death_does_not_wait_for_the_suspects_nor_they_for_it(half_dead: World) -> None:
    """New messages come in all the time, fewer at once than suspects stand in front of them."""
    sender = Scripted("sendgrid", "email")
    rt = in_force(half_dead.rt, sender, batch_size=12)
    suspects = set(_ids(rt))
    fresh: list[UUID] = []
    for n in range(40):
        fresh += [plan(rt, somebody(rt, 100 + 10 * n + k), "email", "education") for k in range(3)]
        deliver_batch(rt, EDUCATION, "email")
    arrived = {m for m, _ in sender.arrived}
    assert suspects <= arrived
    assert len(arrived & set(fresh)) >= 60


def test_suspects_go_a_few_at_a_time_and_are_cleared(half_dead: World) -> None:
    sizes = []
    while (found := claim(half_dead.rt, EDUCATION, "email")).seen:
        sizes.append(found.seen)
    assert sizes == [16, 16, 8]
    with half_dead.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM claims").scalar() == 0


def test_after_a_second_death_they_go_alone_and_after_a_third_they_wait(half_dead: World) -> None:
    rt, ids = half_dead.rt, sorted(_ids(half_dead.rt))
    with rt.transaction() as tx:
        claims.note(tx, UUID(int=2), ids[:3])
        claims.note(tx, UUID(int=3), ids[:1])
    seen = [claim(rt, EDUCATION, "email").seen for _ in range(3)]
    assert state(rt, ids[0]) == ("held", "poison")
    assert seen == [1, 1, 16]
    assert standing(rt, ids[1]).status == "claimed"


def test_a_claim_that_an_exception_undid_leaves_no_death_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = crowd(world.rt, 5, "email", "education")

    def broken(*_: Any) -> None:
        raise RuntimeError("in the middle of the claim")

    with monkeypatch.context() as patched:
        patched.setattr(pipe, "mark_claimed", broken)
        for _ in range(MAX_TRIES + 1):
            with pytest.raises(RuntimeError):
                claim(world.rt, EDUCATION, "email")
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM claims").scalar() == 0
    assert {(state(world.rt, id), standing(world.rt, id).tries) for id in ids} == {(("planned", None), 0)}
    assert claim(world.rt, EDUCATION, "email").seen == 5


def test_a_row_that_only_raises_is_held_at_once_and_stops_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = crowd(world.rt, 5, "email", "education")

    def picky(rt: Runtime, row: Any, now: datetime) -> Any:
        if row.id == ids[2]:
            raise ValueError("unreadable")
        return letter(rt, row, now)

    monkeypatch.setattr(writing, "letter", picky)
    deliver(world.rt)
    assert [state(world.rt, id)[0] for id in ids] == ["accepted", "accepted", "held", "accepted", "accepted"]
    assert state(world.rt, ids[2]) == ("held", "unreadable")


def test_a_note_is_there_while_a_claim_looks_and_gone_with_its_commit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = crowd(world.rt, 3, "email", "education")
    noted: list[set[UUID]] = []

    def watching(rt: Runtime, row: Any, now: datetime) -> Any:
        with rt.transaction() as other:
            noted.append({id for r in run(other, "SELECT message_ids FROM claims") for id in r[0]})
        return letter(rt, row, now)

    monkeypatch.setattr(writing, "letter", watching)
    claim(world.rt, EDUCATION, "email")
    assert noted == [set(ids)] * 3
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM claims").scalar() == 0


def test_old_notes_about_what_has_ended_are_forgotten_and_others_kept(world: World) -> None:
    waits, gone = crowd(world.rt, 2, "email", "education")
    with world.rt.transaction() as tx:
        for n, id in enumerate((waits, gone), 1):
            claims.note(tx, UUID(int=n), [id])
        run(tx, "UPDATE messages SET status = 'cancelled' WHERE id = %(id)s", {"id": gone})
        assert claims.forget_old(tx, 60) == 0
        run(tx, "UPDATE claims SET at = at - interval '2 min'")
        assert claims.forget_old(tx, 60) == 1
        assert run(tx, "SELECT message_ids FROM claims").scalar_one() == [waits]


def test_three_deaths_are_what_the_company_is_made_for() -> None:
    """The last but one death leaves it alone, so that the last one is proof."""
    assert in_hand.COMPANY[MAX_TRIES - 1] == 1


def _ids(rt: Runtime) -> list[UUID]:
    with rt.transaction() as tx:
        return list(run(tx, "SELECT id FROM messages ORDER BY due_at, id").scalars())


def test_a_person_lets_a_held_one_go_on_and_its_deaths_are_forgotten(world: World) -> None:
    (id,) = crowd(world.rt, 1, "email", "education")
    with world.rt.transaction() as tx:
        for n in range(MAX_TRIES):
            claims.note(tx, UUID(int=n + 1), [id])
    deliver(world.rt)
    assert state(world.rt, id) == ("held", "poison")
    assert messages.release(world.rt, id)
    deliver(world.rt)
    assert state(world.rt, id) == ("accepted", None)
