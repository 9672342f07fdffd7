"""Claim, start, send, record: with workers that race, freeze and die."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import get_args
from uuid import UUID

import pytest
from sqlalchemy import text

from engage.delivery.provider import Batch, CannotSay, Doubt, Lookup, Outcome, Sender
from engage.domain.failures import Failure
from engage.domain.messages import Channel
from engage.runtime import Runtime
from engage.services import messages as told
from engage.services import recover, unsubscribe
from engage.services.claim import claim
from engage.services.deliver import deliver, deliver_batch, send
from engage.services.slot import Slot
from engage.storage.database import run
from engage.storage.locks import Lock
from tests.world import World

EDUCATION = 2
DAY = timedelta(days=1)


def statuses(world: World) -> dict[str, int]:
    with world.rt.transaction() as tx:
        sql = "SELECT status, count(*) FROM messages WHERE kind = 'course-lesson' GROUP BY status"
        return {row[0]: row[1] for row in tx.execute(text(sql))}


def reasons(world: World) -> set[tuple[str, str | None]]:
    with world.rt.transaction() as tx:
        sql = "SELECT status, reason FROM messages WHERE kind = 'course-lesson'"
        return {(row[0], row[1]) for row in tx.execute(text(sql))}


def crowd(world: World, size: int) -> None:
    """People whose first lesson is due."""
    for n in range(size):
        world.sign_up(email=f"p{n}@example.org")
    world.work()
    from engage.services import signups

    for mail in world.mail():
        signups.confirm(world.rt, world.token("confirm", mail))
    world.now += DAY


def expire_leases(world: World) -> None:
    with world.rt.transaction() as tx:
        tx.execute(text("UPDATE attempts SET lease_until = clock_timestamp() - interval '1 s'"))


class Stand(Sender):
    """A sender that does what the test says, around the real local one."""

    def __init__(self, inner: Sender, answer: str) -> None:
        self.name, self.channel, self.max_batch = inner.name, inner.channel, inner.max_batch
        self.parallel, self.wave = inner.parallel, inner.wave
        self.inner, self.answer = inner, answer
        self.batches: list[Batch] = []

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        return [self._send(batch, until) for batch in batches]

    def _send(self, batch: Batch, until: float) -> list[Outcome]:
        self.batches.append(batch)
        if self.answer == "taken":
            return self.inner.send([batch], until)[0]
        if self.answer == "taken, answer lost":
            self.inner.send([batch], until)
            return [Outcome(e.message_id, "unknown") for e in batch.entries]
        if self.answer in get_args(Failure):
            failure: Failure = self.answer  # type: ignore[assignment]
            return [Outcome(e.message_id, "failed", code="1", failure=failure) for e in batch.entries]
        return [Outcome(e.message_id, self.answer) for e in batch.entries]  # type: ignore[arg-type]

    def lookup(self, doubt: Doubt) -> Lookup:
        return CannotSay() if self.answer == "cannot say" else self.inner.lookup(doubt)


def with_sender(rt: Runtime, answer: str) -> tuple[Runtime, Stand]:
    stand = Stand(rt.senders["email:local"], answer)
    return replace(rt, senders={**rt.senders, "email:local": stand}), stand


def test_eight_workers_at_once_send_each_lesson_once(world: World) -> None:
    crowd(world, 40)
    rt = replace(world.rt, settings=world.rt.settings.model_copy(update={"batch_size": 7}))
    gate = threading.Barrier(8)

    def worker(_: int) -> None:
        gate.wait()
        for _ in range(6):
            deliver_batch(rt, EDUCATION, "email")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(worker, range(8)))
    world.work()
    got = [mail.to for mail in world.lessons()]
    assert sorted(got) == sorted(f"p{n}@example.org" for n in range(40))


def test_a_message_is_not_claimed_while_its_person_is_locked(world: World) -> None:
    world.enrol()
    world.now += DAY
    with world.rt.engine.begin() as other:
        other.execute(text("SELECT 1 FROM people FOR NO KEY UPDATE"))
        assert claim(world.rt, EDUCATION, "email").batches == []
    assert len(claim(world.rt, EDUCATION, "email").batches) == 1


def test_no_lesson_is_claimed_after_an_unsubscribe_has_committed(world: World) -> None:
    crowd(world, 30)
    dice = random.Random(7)
    links = {}
    with world.rt.transaction() as tx:
        for row in tx.execute(text("SELECT id FROM messages WHERE kind = 'course-lesson'")):
            links[row.id] = world.rt.links.token("unsubscribe", row.id)
    committed: dict[UUID, float] = {}
    clock = iter(range(10**9))
    lock = threading.Lock()

    def leave(id: UUID) -> None:
        unsubscribe.unsubscribe(world.rt, links[id], "one-click")
        with lock:
            committed[id] = next(clock)

    claimed_after: list[UUID] = []

    def work(_: int) -> None:
        for _ in range(10):
            with lock:
                gone = set(committed)
            found = claim(world.rt, EDUCATION, "email", limit=dice.randint(1, 5))
            claimed_after.extend(
                e.message_id for b in found.batches for e in b.entries if e.message_id in gone
            )

    leavers = dice.sample(list(links), 15)
    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(leave, id) for id in leavers] + [pool.submit(work, n) for n in range(3)]
        for future in done:
            future.result()
    assert claimed_after == []


def test_a_frozen_worker_that_wakes_after_its_lease_sends_nothing(world: World) -> None:
    world.enrol()
    world.now += DAY
    claimed = claim(world.rt, EDUCATION, "email")
    (batch,) = claimed.batches
    expire_leases(world)
    assert claimed.gate is not None and send(world.rt, claimed.sender, claimed.gate, [batch]) == 0
    assert world.lessons() == []
    world.work()
    assert len(world.lessons()) == 1


def test_a_worker_that_died_before_it_sent_gives_its_messages_back(world: World) -> None:
    world.enrol()
    world.now += DAY
    claim(world.rt, EDUCATION, "email")
    expire_leases(world)
    assert recover.recover(world.rt) == 1
    world.work()
    assert len(world.lessons()) == 1


@pytest.mark.parametrize("moment", ["before it was taken", "after it was taken"])
def test_a_worker_that_died_while_sending_leaves_one_copy(world: World, moment: str) -> None:
    from engage.storage import attempts

    world.enrol()
    world.now += DAY
    claimed = claim(world.rt, EDUCATION, "email")
    (batch,) = claimed.batches
    with world.rt.transaction() as tx:
        assert attempts.start(tx, [batch.attempt_id], 1)
    if moment == "after it was taken":
        claimed.sender.send([batch], time.monotonic() + 10)
    expire_leases(world)
    world.work()
    assert len(world.lessons()) == 1
    assert statuses(world) == {"accepted": 1, "planned": 1}


def test_a_worker_that_wakes_after_its_attempt_was_found_absent_is_refused_by_the_sender(
    world: World,
) -> None:
    from engage.storage import attempts

    world.enrol()
    world.now += DAY
    claimed = claim(world.rt, EDUCATION, "email")
    (batch,) = claimed.batches
    with world.rt.transaction() as tx:
        attempts.start(tx, [batch.attempt_id], 1)
    expire_leases(world)
    world.work()  # found absent, sent again
    (outcomes,) = claimed.sender.send([batch], time.monotonic() + 10)
    assert {outcome.failure for outcome in outcomes} == {"not_processed"}
    assert len(world.lessons()) == 1


def test_a_lost_answer_is_looked_up_and_never_repeated(world: World) -> None:
    world.enrol()
    world.now += DAY
    rt, stand = with_sender(world.rt, "taken, answer lost")
    deliver(rt)
    assert statuses(world) == {"unknown": 1, "planned": 1}
    assert recover.recover(world.rt) == 1
    assert recover.recover(world.rt) == 0
    assert len(stand.batches) == len(world.lessons()) == 1


def test_a_lesson_of_which_nobody_can_tell_goes_once_more_and_no_third_time(world: World) -> None:
    world.enrol()
    world.now += DAY
    rt, first = with_sender(world.rt, "unknown")
    deliver(rt)
    doubtful, second = with_sender(world.rt, "cannot say")
    recover.recover(doubtful)
    assert reasons(world) == {("planned", "no_evidence"), ("planned", None)}
    second.answer = "unknown"
    deliver(doubtful)
    second.answer = "cannot say"
    for _ in range(3):
        recover.recover(doubtful)
        deliver(doubtful)
    assert reasons(world) == {("unknown", "never_known"), ("planned", None)}
    assert len(first.batches) == len(second.batches) == 1
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT kind FROM follow_ups").scalars().all() == ["never_known"]


def test_a_refusal_ends_the_message_and_says_so(world: World) -> None:
    world.enrol()
    world.now += DAY
    rt, _ = with_sender(world.rt, "invalid")
    deliver(rt)
    with world.rt.transaction() as tx:
        row = tx.execute(text("SELECT id, status, reason FROM messages WHERE status = 'failed'")).one()
    assert row.reason == "rejected"
    explained = told.explain(world.rt, row.id)
    assert explained is not None
    assert "The sender refused it." in explained.words


def test_a_busy_sender_is_asked_again_later_and_later_and_then_a_person_looks(world: World) -> None:
    world.enrol()
    world.now += DAY
    rt, stand = with_sender(world.rt, "not_processed")
    deliver(rt)
    deliver(rt)
    assert len(stand.batches) == 1
    waits = []
    while statuses(world) == {"planned": 2} and len(stand.batches) < 20:
        with world.rt.transaction() as tx:
            due = tx.execute(text("SELECT due_at FROM messages WHERE reason = 'sender_busy'")).scalar_one()
            # That the sender as a whole rests meanwhile is another matter.
            run(tx, "DELETE FROM sender_states")
        waits.append(due - world.now)
        world.now = due
        rt, again = with_sender(world.rt, "not_processed")
        deliver(rt)
        stand.batches += again.batches
    assert waits == sorted(waits)
    assert timedelta(seconds=10) <= waits[0] < timedelta(seconds=20)
    assert len(waits) == 7
    assert statuses(world) == {"held": 1, "planned": 1}
    with world.rt.transaction() as tx:
        run(tx, "DELETE FROM sender_states")
        held = tx.execute(text("SELECT id FROM messages WHERE status = 'held'")).scalar_one()
    assert told.release(world.rt, held)
    world.work()
    assert len(world.lessons()) == 1


def test_attempts_that_nobody_can_tell_about_do_not_hide_one_that_can_be_told(world: World) -> None:
    crowd(world, 60)
    rt, _ = with_sender(world.rt, "taken, answer lost")
    rt = replace(rt, settings=rt.settings.model_copy(update={"batch_size": 1}))
    while deliver(rt).seen:
        with world.rt.transaction() as tx:
            run(tx, "DELETE FROM sender_states")
    with world.rt.transaction() as tx:
        tx.execute(
            text(
                """UPDATE attempts SET sender = 'gone' WHERE id IN (SELECT id FROM attempts
                WHERE state = 'unknown' ORDER BY lease_until LIMIT 55)"""
            )
        )
    for _ in range(3):
        recover.recover(world.rt)
    assert statuses(world)["accepted"] == 5


def test_an_answer_that_comes_while_its_lease_ends_is_kept(world: World) -> None:
    """Both lock the attempt before its messages, so neither waits for the other in a circle."""
    crowd(world, 30)
    rt = replace(
        world.rt, settings=world.rt.settings.model_copy(update={"batch_size": 1, "lease_seconds": 0.02})
    )
    stop = threading.Event()

    def upkeep() -> None:
        while not stop.is_set():
            recover.recover(rt)

    with ThreadPoolExecutor(3) as pool:
        keepers = [pool.submit(upkeep) for _ in range(2)]
        deliver(rt, (EDUCATION,), seconds=5)
        stop.set()
        for keeper in keepers:
            keeper.result()
    # Those whose lease was over before the first byte were not sent: they come later.
    with world.rt.transaction() as tx:
        run(tx, "DELETE FROM sender_states")
    world.now += timedelta(hours=1)
    world.work()
    assert sorted(mail.to for mail in world.lessons()) == sorted(f"p{n}@example.org" for n in range(30))


def test_two_messages_to_one_address_never_share_a_request(world: World) -> None:
    crowd(world, 3)
    with world.rt.transaction() as tx:
        tx.execute(text("UPDATE contacts SET address_index = (SELECT address_index FROM contacts LIMIT 1)"))
    batches = claim(world.rt, EDUCATION, "email").batches
    assert [len(batch.entries) for batch in batches] == [1, 1, 1]


def test_one_text_is_kept_once_for_everyone(world: World) -> None:
    crowd(world, 20)
    world.work()
    with world.rt.transaction() as tx:
        assert tx.execute(text("SELECT count(*) FROM contents")).scalar() == 2


def test_care_is_served_before_courses(world: World) -> None:
    crowd(world, 5)
    world.sign_up(email="new@example.org")
    from engage.services import signups

    signups.answer_new(world.rt)
    rt, stand = with_sender(world.rt, "taken")
    deliver(rt)
    assert [batch.kind for batch in stand.batches] == ["signup-confirm", "course-lesson"]


def test_a_bulk_slot_is_for_one_and_care_is_never_kept_out(world: World) -> None:
    with (
        Slot(world.rt, bulk_slots=1) as first,
        Slot(world.rt, bulk_slots=1) as second,
        Slot(world.rt) as care,
    ):
        assert (first, second, care) == (True, False, True)
    with Slot(world.rt, bulk_slots=1) as again:
        assert again


def test_nobody_delivers_while_delivery_is_held_back(world: World) -> None:
    with world.rt.engine.connect() as hold:
        run(hold, "SELECT pg_advisory_lock(%(key)s)", {"key": Lock.DELIVERING})
        with Slot(world.rt) as free:
            assert not free
        # A lock of the session outlives its transaction, and the pool would keep it.
        run(hold, "SELECT pg_advisory_unlock_all()")


def test_planning_twice_plans_once(world: World) -> None:
    world.enrol()
    for _ in range(3):
        recover.sweep(world.rt)
    assert statuses(world) == {"planned": 1}


def test_an_unknown_message_explains_itself_by_ids_only(world: World) -> None:
    world.enrol(given_name="Grabthar", email="grabthar@example.org")
    world.pass_time(DAY)
    for row in told.listing(world.rt, 10, None, None):
        explained = told.explain(world.rt, row.id)
        assert explained is not None
        assert "rabthar" not in str(explained)
    channel: Channel = "email"
    assert world.rt.sender_named(channel, "local") is not None
