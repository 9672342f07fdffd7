"""Sends whose answer never came: looked up, settled once, repeated only where the promise says so."""

from __future__ import annotations

import time
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
from engage.services.deliver import deliver
from engage.storage import attempts, senders
from engage.storage.database import run
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
    state,
    taken,
)
from tests.world import World

# Long, as holds pass by moving what was written down about them.
HOLD = 60.0
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
    rt = in_force(world.rt, sender, email_hold_seconds=0.5)
    began = time.monotonic()
    deliver(rt)
    while state(rt, id) == ("unknown", "no_answer") and time.monotonic() - began < 20:
        recover.recover(rt)
        time.sleep(0.02)
    assert time.monotonic() - began >= 0.5
    assert state(rt, id) == ("accepted", None)
    assert len(sender.doubts) == 1


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


def test_an_event_for_a_later_request_proves_absence_and_it_is_sent_again(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "education")
    sender = vendor()
    rt = in_doubt(world, sender)
    sender.script = taken
    later = plan(rt, somebody(rt, 1), "email", "care")
    rt = in_force(rt, sender)
    deliver(rt)
    with rt.transaction() as tx:
        senders.note_evidence(tx, KEY, attempt_of(rt, later).started_at)
    holds_pass(rt, 2)
    recover.recover(rt)
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
        run(tx, "UPDATE sender_states SET evidence_at = evidence_at - interval '61 s'")
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


def test_a_silent_sender_is_listened_to_for_three_holds_before_it_goes_again(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care")
    sender = vendor()
    rt = in_doubt(world, sender)
    states = []
    for _ in range(3):
        holds_pass(rt, 1.4)
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


def test_an_attempt_whose_sender_is_gone_is_not_looked_up_and_not_forgotten(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "care")
    sender = vendor("sms", absent)
    in_doubt(world, sender)
    rt = world.rt  # the settings name no such sender any more
    holds_pass(rt)
    recover.recover(rt)
    assert sender.doubts == []
    assert state(rt, id) == ("unknown", "no_answer")
