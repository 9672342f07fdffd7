"""Who else may know about a doubtful send while it is looked up: other reconcilers, receipts, the worker itself."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from engage.delivery.provider import Absent, CannotSay, Doubt, Lookup, Several
from engage.runtime import Runtime
from engage.services import recover
from engage.services.claim import claim
from engage.services.deliver import deliver, record
from engage.storage import attempts, pipe
from engage.storage.database import run
from engage.storage.pipe import Accepted
from tests.scripted import (
    crowd,
    end_leases,
    follow_ups,
    in_force,
    plan,
    somebody,
    standing,
    state,
    taken,
)
from tests.services.test_doubtful_sends import (
    HOLD,
    absent,
    attempt_of,
    holds_pass,
    in_doubt,
    never_tells,
    vendor,
)
from tests.world import World


def test_two_reconcilers_at_once_settle_it_once(world: World) -> None:
    ids = crowd(world.rt, 5, "sms", "care")
    both = threading.Barrier(2)

    def slow(_: Doubt) -> Lookup:
        time.sleep(0.01)
        return Absent()

    sender = vendor("sms", slow, parallel=5)
    rt = in_doubt(world, sender)
    holds_pass(rt)

    def reconcile(_: int) -> int:
        both.wait()
        return recover.resolve(rt)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(reconcile, range(2))) == 5
    # Each attempt was one reconciler's alone.
    assert len(sender.doubts) == 5
    assert {state(rt, id) for id in ids} == {("planned", "absent")}
    sender.script = taken
    with rt.transaction() as tx:
        run(tx, "DELETE FROM sender_states")  # neither its rest nor its tokens are in question
    deliver(rt)
    assert sorted(m for m, _ in sender.arrived) == sorted(ids)


def test_two_that_look_at_the_very_same_attempt_settle_it_once(world: World) -> None:
    """The first was so slow that the attempt was somebody else's meanwhile."""
    id = plan(world.rt, somebody(world.rt), "email", "care")
    both = threading.Barrier(2)

    def together(_: Doubt) -> Lookup:
        both.wait(20)
        return CannotSay(ever=False)

    sender = vendor(asked=together)
    rt = in_doubt(world, sender)
    holds_pass(rt)
    with rt.transaction() as tx:
        (row,) = attempts.unresolved(tx, 10, 60)
    with ThreadPoolExecutor(2) as pool:
        settled = list(pool.map(lambda _: recover._resolve(rt, row), range(2)))
    assert sorted(settled) == [0, 1]
    sender.script = taken
    deliver(rt)
    deliver(rt)
    assert len(sender.arrived) == 1
    assert standing(rt, id).tries == 2


@pytest.mark.parametrize(
    "answer", [Absent(), CannotSay(ever=False), Several()], ids=lambda a: type(a).__name__
)
def test_a_receipt_that_arrives_while_the_sender_is_asked_wins(world: World, answer: Lookup) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care")
    rts: list[Runtime] = []

    def overtaken(doubt: Doubt) -> Lookup:
        # What a receipt does, in its own transaction: the attempt first, then its messages.
        attempt = doubt.batch.attempt_id
        with rts[0].transaction() as tx:
            run(tx, "UPDATE attempts SET state = 'done', result = 'found' WHERE id = %(id)s", {"id": attempt})
            pipe.accept(tx, [Accepted(id, attempt, "x")], world.now)
        return answer

    sender = vendor(asked=overtaken)
    rts.append(in_doubt(world, sender))
    holds_pass(rts[0])
    assert recover.recover(rts[0]) == 0
    assert state(rts[0], id) == ("accepted", None)
    assert deliver(rts[0]).seen == 0
    assert follow_ups(rts[0]) == []
    assert attempt_of(rts[0], id).result == "found"


def test_a_receipt_under_way_and_a_reconciler_do_not_wait_in_a_circle(world: World) -> None:
    """The receipt's transaction holds the attempt while the reconciler wants to settle it."""
    id = plan(world.rt, somebody(world.rt), "email", "care")
    sender = vendor(asked=absent)
    rt = in_doubt(world, sender)
    holds_pass(rt)
    looking, holding = threading.Event(), threading.Event()

    def asked(_: Doubt) -> Lookup:
        looking.set()
        assert holding.wait(20)
        return Absent()

    sender.asked = asked

    def receipt() -> None:
        assert looking.wait(20)
        with rt.transaction() as tx:
            attempt = attempt_of(rt, id).id
            run(tx, "SELECT 1 FROM attempts WHERE id = %(id)s FOR NO KEY UPDATE", {"id": attempt})
            holding.set()
            time.sleep(0.2)  # the reconciler waits for the attempt now
            run(tx, "UPDATE attempts SET state = 'done', result = 'found' WHERE id = %(id)s", {"id": attempt})
            assert pipe.accept(tx, [Accepted(id, attempt, "x")], world.now) == 1

    with ThreadPoolExecutor(2) as pool:
        told, settled = pool.submit(receipt), pool.submit(recover.resolve, rt)
        told.result(40)
        assert settled.result(40) == 0
    assert state(rt, id) == ("accepted", None)


def test_an_answer_that_comes_after_all_beats_the_plan_to_send_once_more(world: World) -> None:
    """The worker was frozen with the sender's yes in its hands; nobody could tell meanwhile."""

    id = plan(world.rt, somebody(world.rt), "email", "care")
    sender = vendor(asked=never_tells)
    sender.script = taken
    rt = in_force(world.rt, sender, email_hold_seconds=HOLD)
    (batch,) = claim(rt, 1, "email").batches
    with rt.transaction() as tx:
        attempts.start(tx, [batch.attempt_id], 1)
    answers = sender.send([batch], 0)
    end_leases(rt)
    recover.recover(rt)
    holds_pass(rt, 3)
    recover.recover(rt)
    assert state(rt, id) == ("planned", "no_evidence")
    assert record(rt, sender, [batch], answers).accepted == 1
    deliver(rt)
    assert state(rt, id) == ("accepted", None)
    assert len(sender.arrived) == 1


def test_what_a_receipt_settled_of_a_request_is_out_of_question(world: World) -> None:
    settled, open_ = crowd(world.rt, 2, "email", "care")
    rts: list[Runtime] = []

    def overtaken(doubt: Doubt) -> Lookup:
        with rts[0].transaction() as tx:
            pipe.accept(tx, [Accepted(settled, doubt.batch.attempt_id, "x")], world.now)
        return Several()

    sender = vendor(asked=overtaken)
    rts.append(in_doubt(world, sender))
    holds_pass(rts[0])
    recover.recover(rts[0])
    assert state(rts[0], settled) == ("accepted", None)
    assert state(rts[0], open_) == ("held", "two_candidates")
    # Nobody is asked about the one that has arrived.
    assert follow_ups(rts[0]) == [("two_candidates", open_)]
