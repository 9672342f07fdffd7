"""Sends whose answer never came: looked up, settled once, repeated only where the promise says so."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.delivery.provider import (
    Absent,
    CannotSay,
    Doubt,
    Found,
    Lookup,
    Outcome,
    Several,
)
from engage.domain.messages import MAX_TRIES, Purpose
from engage.runtime import Runtime
from engage.services import recover
from engage.services.claim import claim
from engage.services.deliver import deliver, record
from engage.storage import attempts, pipe, senders
from engage.storage.database import run
from engage.storage.pipe import Accepted
from tests.scripted import (
    Asked,
    Scripted,
    crowd,
    end_leases,
    end_rests,
    follow_ups,
    in_force,
    lost,
    plan,
    somebody,
    standing,
    state,
    taken,
)
from tests.world import World

HOLD = 0.3
KEY = "email:sendgrid"


def found(doubt: Doubt) -> Lookup:
    return Found({e.message_id: f"SM{e.message_id.hex}" for e in doubt.batch.entries})


def absent(_: Doubt) -> Lookup:
    return Absent()


def several(_: Doubt) -> Lookup:
    return Several()


def silent(_: Doubt) -> Lookup:
    return CannotSay()


def never_tells(_: Doubt) -> Lookup:
    return CannotSay(ever=False)


def vendor(channel: str = "email", asked: Asked = silent, **how: Any) -> Scripted:
    name, most = ("sendgrid", 1000) if channel == "email" else ("twilio", 1)
    return Scripted(name, channel, lost, asked, **{"max_batch": most, **how})  # type: ignore[arg-type]


def in_doubt(world: World, sender: Scripted) -> Runtime:
    """Sends what is due and gets no answer. Returns the world in which short holds are in force."""
    rt = in_force(world.rt, sender, email_hold_seconds=HOLD, sms_hold_seconds=HOLD)
    deliver(rt)
    assert sender.requests
    return rt


def holds_pass(rt: Runtime, count: float = 1) -> None:
    """As if so many holds had passed since each doubt began, and its next look were due."""
    with rt.transaction() as tx:
        run(
            tx,
            """UPDATE attempts SET lease_until = clock_timestamp() - interval '1 ms',
            started_at = started_at - make_interval(secs => %(s)s),
            unknown_since = unknown_since - make_interval(secs => %(s)s) WHERE state = 'unknown'""",
            {"s": HOLD * count},
        )


def attempt_of(rt: Runtime, id: UUID) -> Any:
    with rt.transaction() as tx:
        return run(
            tx,
            "SELECT a.* FROM attempts a JOIN messages m ON a.id = m.attempt_id WHERE m.id = %(id)s",
            {"id": id},
        ).one()


@pytest.mark.parametrize(
    ("channel", "asked", "expected"),
    [
        ("sms", found, ("accepted", None)),
        ("sms", absent, ("planned", "absent")),
        ("sms", several, ("held", "two_candidates")),
        ("sms", silent, ("unknown", "no_answer")),
        ("sms", never_tells, ("unknown", "no_answer")),
        ("email", found, ("accepted", None)),
        ("email", absent, ("planned", "absent")),
        ("email", silent, ("unknown", "no_answer")),
        ("email", never_tells, ("planned", "no_evidence")),
    ],
)
def test_what_a_look_up_says_settles_it(
    world: World, channel: str, asked: Asked, expected: tuple[str, str | None]
) -> None:
    id = plan(world.rt, somebody(world.rt), channel, "care")  # type: ignore[arg-type]
    sender = vendor(channel, asked)
    rt = in_doubt(world, sender)
    holds_pass(rt)
    recover.recover(rt)
    assert state(rt, id) == expected
    assert len(sender.doubts) == 1
    doubt = sender.doubts[0]
    # The request is put together again as it was sent.
    sent = sender.requests[0]
    assert doubt.batch.attempt_id == sent.attempt_id
    assert list(doubt.batch.entries) == list(sent.entries)
    assert doubt.batch.shared == sent.shared


def test_nobody_is_asked_before_the_hold_is_over(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care")
    sender = vendor(asked=found)
    rt = in_doubt(world, sender)
    began = time.monotonic()
    while state(rt, id) == ("unknown", "no_answer") and time.monotonic() - began < 5:
        recover.recover(rt)
        time.sleep(0.02)
    assert HOLD <= time.monotonic() - began < HOLD + 2
    assert state(rt, id) == ("accepted", None)


def test_a_worker_that_died_while_sending_is_doubted_after_its_lease_and_looked_up_after_the_hold(
    world: World,
) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care")
    sender = vendor(asked=found)
    rt = in_force(world.rt, sender, email_hold_seconds=60.0)
    (batch,) = claim(rt, 1, "email").batches
    with rt.transaction() as tx:
        attempts.start(tx, [batch.attempt_id], 60)
    recover.recover(rt)
    assert state(rt, id) == ("claimed", None)
    end_leases(rt)
    recover.recover(rt)
    recover.recover(rt)
    assert (state(rt, id), sender.doubts) == (("unknown", "no_answer"), [])
    end_leases(rt)
    recover.recover(rt)
    assert state(rt, id) == ("accepted", None)


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
    end_rests(rt)
    deliver(rt)
    assert sorted(m for m, _ in sender.arrived) == sorted(ids)


def test_two_that_look_at_the_very_same_attempt_settle_it_once(world: World) -> None:
    """The first was so slow that the attempt was somebody else's meanwhile."""
    id = plan(world.rt, somebody(world.rt), "email", "care")
    both = threading.Barrier(2)

    def together(_: Doubt) -> Lookup:
        both.wait(5)
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


def test_an_event_for_a_later_request_proves_absence_and_it_is_sent_again(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "marketing")
    sender = vendor()
    rt = in_doubt(world, sender)
    sender.script = taken
    later = plan(rt, somebody(rt, 1), "email", "care")
    rt = in_force(rt, sender)
    deliver(rt)
    with rt.transaction() as tx:
        senders.note_evidence(tx, KEY, attempt_of(rt, later).started_at)
    holds_pass(rt, 0.0)
    recover.recover(rt)
    # Not of marketing alone: evidence is proof, so it may go again although nothing else would allow it.
    assert state(rt, id) == ("planned", "absent")
    deliver(rt)
    assert [m for m, _ in sender.arrived] == [later, id]


def test_an_event_for_an_earlier_request_proves_nothing(world: World) -> None:
    sender = vendor()
    sender.script = taken
    rt = in_force(world.rt, sender)
    earlier = plan(rt, somebody(rt, 1), "email", "care")
    deliver(rt)
    with rt.transaction() as tx:
        senders.note_evidence(tx, KEY, attempt_of(rt, earlier).started_at)
    sender.script = lost
    id = plan(rt, somebody(rt), "email", "care")
    rt = in_doubt(world, sender)
    holds_pass(rt)
    # The earlier one lies as far back as it did.
    with rt.transaction() as tx:
        run(tx, "UPDATE sender_states SET evidence_at = evidence_at - interval '1 s'")
    recover.recover(rt)
    assert state(rt, id) == ("unknown", "no_answer")


@pytest.mark.parametrize("purpose", ["service", "care", "education"])
@pytest.mark.parametrize("asked", [silent, never_tells])
def test_without_any_proof_an_email_goes_once_more_and_no_third_time(
    world: World, purpose: Purpose, asked: Asked
) -> None:
    id = plan(world.rt, somebody(world.rt), "email", purpose)
    sender = vendor(asked=asked)
    rt = in_doubt(world, sender)
    for _ in range(6):
        holds_pass(rt, 3)
        recover.recover(rt)
        deliver(rt)
    assert sender.sizes == [1, 1]
    assert state(rt, id) == ("unknown", "never_known")
    assert follow_ups(rt) == [("never_known", id)]


def test_a_silent_sender_is_listened_to_for_two_holds_before_it_goes_again(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care")
    sender = vendor()
    rt = in_doubt(world, sender)
    states = []
    for _ in range(3):
        holds_pass(rt, 0.9)
        recover.recover(rt)
        states.append(state(rt, id))
    assert states == [("unknown", "no_answer")] * 2 + [("planned", "no_evidence")]


@pytest.mark.parametrize(("channel", "asked"), [("email", silent), ("email", never_tells), ("sms", silent)])
def test_marketing_never_goes_again_without_proof(world: World, channel: str, asked: Asked) -> None:
    id = plan(world.rt, somebody(world.rt), channel, "marketing")  # type: ignore[arg-type]
    sender = vendor(channel, asked)
    rt = in_doubt(world, sender)
    for _ in range(4):
        holds_pass(rt, 400_000)
        world.now += timedelta(days=2)
        rt = in_force(world.rt, sender, email_hold_seconds=HOLD, sms_hold_seconds=HOLD)
        recover.recover(rt)
        deliver(rt)
    assert sender.sizes == [1]
    assert state(rt, id) == ("unknown", "never_known")
    assert follow_ups(rt) == [("never_known", id)]


def test_a_text_is_asked_about_again_and_again_and_never_repeated_without_proof(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "care")
    sender = vendor("sms")
    rt = in_doubt(world, sender)
    for _ in range(10):
        holds_pass(rt, 50)
        recover.recover(rt)
        deliver(rt)
    assert (sender.sizes, len(sender.doubts)) == ([1], 10)
    assert state(rt, id) == ("unknown", "no_answer")
    sender.asked = absent
    sender.script = taken
    holds_pass(rt)
    recover.recover(rt)
    deliver(rt)
    assert [m for m, _ in sender.arrived] == [id]


def test_an_email_that_is_of_no_use_any_more_is_listed_and_not_sent_again(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care", useful=timedelta(hours=1))
    sender = vendor()
    in_doubt(world, sender)
    world.now += timedelta(hours=2)
    rt = in_force(world.rt, sender, email_hold_seconds=HOLD)
    holds_pass(rt, 3)
    recover.recover(rt)
    deliver(rt)
    assert (sender.sizes, state(rt, id)) == ([1], ("unknown", "never_known"))
    assert follow_ups(rt) == [("never_known", id)]


def test_what_was_absent_and_is_too_late_expires_with_a_follow_up(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "care", useful=timedelta(hours=1))
    sender = vendor("sms", absent)
    in_doubt(world, sender)
    world.now += timedelta(hours=2)
    rt = in_force(world.rt, sender, sms_hold_seconds=HOLD)
    holds_pass(rt)
    recover.recover(rt)
    deliver(rt)
    assert (sender.sizes, state(rt, id)) == ([1], ("expired", "too_late"))
    assert ("care_not_delivered", id) in follow_ups(rt)


def test_what_is_absent_time_and_again_waits_for_a_person(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "care")
    sender = vendor("sms", absent)
    rt = in_doubt(world, sender)
    for _ in range(5):
        holds_pass(rt)
        recover.recover(rt)
        end_rests(rt)
        deliver(rt)
    assert sender.sizes == [1] * MAX_TRIES
    assert state(rt, id) == ("held", "poison")


def test_two_candidates_wait_for_a_person_who_is_asked_once(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "care")
    sender = vendor("sms", several)
    rt = in_doubt(world, sender)
    for _ in range(3):
        holds_pass(rt)
        recover.recover(rt)
        deliver(rt)
    assert sender.sizes == [1]
    assert state(rt, id) == ("held", "two_candidates")
    assert follow_ups(rt) == [("two_candidates", id)]


def test_of_a_request_that_was_partly_found_the_rest_goes_again(world: World) -> None:
    ids = crowd(world.rt, 6, "email", "care")
    half = set(ids[:3])

    def some(doubt: Doubt) -> Lookup:
        return Found({e.message_id: "x" for e in doubt.batch.entries if e.message_id in half})

    sender = vendor(asked=some)
    rt = in_doubt(world, sender)
    holds_pass(rt)
    recover.recover(rt)
    assert [state(rt, id) for id in ids] == [("accepted", None)] * 3 + [("planned", "absent")] * 3
    sender.script = taken
    deliver(rt)
    assert sorted(m for m, _ in sender.arrived) == sorted(ids[3:])


def test_only_those_entries_are_in_doubt_of_which_nothing_was_said(world: World) -> None:
    ids = crowd(world.rt, 4, "email", "care")

    def partly(batch: Any) -> list[Outcome]:
        return [
            Outcome(e.message_id, "unknown" if e.message_id == ids[2] else "accepted", "x")
            for e in batch.entries
        ]

    sender = vendor(asked=absent)
    sender.script = partly
    rt = in_doubt(world, sender)
    holds_pass(rt)
    recover.recover(rt)
    assert [e.message_id for e in sender.doubts[0].batch.entries] == [ids[2]]
    assert [state(rt, id)[0] for id in ids] == ["accepted", "accepted", "planned", "accepted"]


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
    holding, looked = threading.Event(), threading.Event()

    def asked(_: Doubt) -> Lookup:
        assert holding.wait(5)
        looked.set()
        return Absent()

    sender.asked = asked

    def receipt() -> None:
        with rt.transaction() as tx:
            attempt = attempt_of(rt, id).id
            run(tx, "SELECT 1 FROM attempts WHERE id = %(id)s FOR NO KEY UPDATE", {"id": attempt})
            holding.set()
            assert looked.wait(5)
            time.sleep(0.1)  # the reconciler waits for the attempt now
            run(tx, "UPDATE attempts SET state = 'done', result = 'found' WHERE id = %(id)s", {"id": attempt})
            assert pipe.accept(tx, [Accepted(id, attempt, "x")], world.now) == 1

    with ThreadPoolExecutor(2) as pool:
        told, settled = pool.submit(receipt), pool.submit(recover.resolve, rt)
        told.result(20)
        assert settled.result(20) == 0
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


def test_an_attempt_whose_sender_is_gone_is_not_looked_up_and_not_forgotten(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "care")
    sender = vendor("sms", absent)
    in_doubt(world, sender)
    rt = world.rt  # the settings name no such sender any more
    holds_pass(rt)
    recover.recover(rt)
    assert sender.doubts == []
    assert state(rt, id) == ("unknown", "no_answer")
