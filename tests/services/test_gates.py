"""What holds a sender's messages back: its breaker, and what its numbers can carry. The queue goes on by itself."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from engage.delivery.provider import Sender
from engage.domain.breaker import FAILURES
from engage.domain.failures import RULES
from engage.runtime import Runtime
from engage.services.claim import claim
from engage.services.deliver import deliver, deliver_batch
from engage.services.gates import BUCKET_SECONDS
from engage.storage import senders
from engage.storage.database import run
from tests.scripted import (
    Scripted,
    carried,
    crowd,
    end_rests,
    in_force,
    lost,
    plan,
    refused,
    sender_state,
    somebody,
    standing,
    state,
    taken,
)
from tests.world import World

SERVICE, CARE, EDUCATION = 0, 1, 2
dead = refused("not_processed", "connect")
suspended = refused("channel_down", "401")


def dead_until_it_rests(rt: Runtime, sender: Scripted) -> None:
    """Its requests fail one by one until it rests."""
    sender.script = dead
    for n in range(FAILURES):
        plan(rt, somebody(rt, 900 + n), sender.channel, "service")
        deliver(rt, (SERVICE,))
    assert sender_state(rt, f"{sender.channel}:{sender.name}").rest_until is not None


def test_five_failures_in_a_row_make_a_sender_rest_and_one_success_between_does_not(world: World) -> None:
    sender = Scripted("sendgrid", "email", max_batch=1, parallel=1)
    rt = in_force(world.rt, sender)
    for script in (*[dead] * 4, taken, *[dead] * 5, dead, dead):
        sender.script = script
        plan(rt, somebody(rt), "email", "service")
        deliver_batch(rt, SERVICE, "email")
    assert len(sender.requests) == 10
    row = sender_state(rt, "email:sendgrid")
    assert (row.failures, row.rests, row.reason) == (5, 1, "failing")


def test_a_dead_sender_of_courses_does_not_hold_up_care_that_goes_another_way(world: World) -> None:
    courses, care = Scripted("sendgrid", "email", dead, max_batch=1), Scripted("smtp", "email")
    rt = in_force(world.rt, care, courses)
    assert (rt.settings.care_email, rt.settings.email) == ("smtp", "sendgrid")
    lessons = crowd(rt, 30, "email", "education")
    urgent = [plan(rt, somebody(rt, n), "email", "care") for n in range(5)]
    deliver(rt)
    assert sorted(m for m, _ in care.arrived) == sorted(urgent)
    assert len(courses.requests) < 10  # it rests
    # And while it rests, care goes on as if nothing were wrong.
    before = len(courses.requests)
    later = plan(rt, somebody(rt), "email", "care")
    deliver(rt)
    assert state(rt, later) == ("accepted", None)
    assert len(courses.requests) == before
    assert {standing(rt, id).status for id in lessons} == {"planned"}
    assert sender_state(rt, "email:smtp") is None


def test_after_its_rest_one_message_tries_and_then_all_go(world: World) -> None:
    sender = Scripted("sendgrid", "email", parallel=4)
    rt = in_force(world.rt, sender)
    dead_until_it_rests(rt, sender)
    ids = crowd(rt, 50, "email", "education")
    sender.requests.clear()
    deliver(rt)
    assert sender.requests == []
    end_rests(rt)
    deliver(rt)
    assert sender.sizes == [1]  # the probe, in vain
    assert sender_state(rt, "email:sendgrid").rests == 2
    end_rests(rt)
    sender.script = taken
    deliver(rt)
    assert sender.sizes == [1, 1, 48]
    states = [state(rt, id) for id in ids]
    assert sorted(set(states)) == [("accepted", None), ("planned", "sender_busy")]
    assert len(set(sender.arrived)) == len(sender.arrived) == states.count(("accepted", None)) == 49
    row = sender_state(rt, "email:sendgrid")
    assert (row.failures, row.rests, row.rest_until, row.reason) == (0, 0, None, None)


def test_a_probe_is_for_one_worker_alone(world: World) -> None:
    sender = Scripted("sendgrid", "email")
    rt = in_force(world.rt, sender)
    dead_until_it_rests(rt, sender)
    crowd(rt, 20, "email", "education")
    end_rests(rt)
    first, second = claim(rt, EDUCATION, "email"), claim(rt, EDUCATION, "email")
    assert [len(batch.entries) for batch in first.batches] == [1]
    assert second.batches == []
    # The worker that probed died: another one may after its lease.
    end_rests(rt)
    assert len(claim(rt, EDUCATION, "email").batches) == 1


def test_what_is_too_late_does_not_use_up_the_probes(world: World) -> None:
    """After a long outage the oldest of the queue are of no use any more."""
    sender = Scripted("sendgrid", "email")
    rt = in_force(world.rt, sender)
    dead_until_it_rests(rt, sender)
    stale = [plan(rt, somebody(rt, n), "email", "service", useful=timedelta(minutes=5)) for n in range(30)]
    world.now += timedelta(hours=2)
    rt = in_force(world.rt, sender)
    fresh = plan(rt, somebody(rt, 99), "email", "service")
    sender.script = taken
    with rt.transaction() as tx:
        run(tx, "UPDATE messages SET status = 'cancelled' WHERE reason = 'sender_busy'")
    end_rests(rt)
    deliver(rt)
    assert {state(rt, id) for id in stale} == {("expired", "too_late")}
    assert state(rt, fresh) == ("accepted", None)


def test_a_wave_of_an_account_that_is_refused_uses_up_no_try_and_goes_on_by_itself(world: World) -> None:
    ids = crowd(world.rt, 40, "sms", "service")
    sender = Scripted("bulk", "sms", suspended, max_batch=1, parallel=40)
    rt = carried(world.rt, sender, sms="bulk")
    deliver(rt)
    assert len(sender.requests) == 40
    rows = [standing(rt, id) for id in ids]
    assert {(row.status, row.reason, row.tries) for row in rows} == {("planned", "channel_down", 0)}
    kept = sender_state(rt, "sms:bulk")
    # Forty refusals of one wave are one: it does not rest for minutes on the first.
    assert (kept.rests, kept.reason) == (1, "refused")
    assert kept.rest_until - kept.changed_at < timedelta(seconds=6)
    for _ in range(12):  # many more times than it has tries
        world.now += timedelta(minutes=2)
        end_rests(rt)
        rt = carried(world.rt, sender, sms="bulk")
        deliver(rt)
    assert len(sender.requests) == 40 + 12
    sender.script = taken
    world.now += timedelta(minutes=2)
    end_rests(rt)
    deliver(carried(world.rt, sender, sms="bulk"))
    assert sorted(m for m, _ in sender.arrived) == sorted(ids)


def test_the_rest_ends_without_anybody_doing_anything(world: World) -> None:
    sender = Scripted("sendgrid", "email", suspended)
    rt = in_force(world.rt, sender)
    ids = crowd(rt, 3, "email", "care")
    deliver(rt)
    with rt.transaction() as tx:
        run(
            tx,
            "UPDATE sender_states SET rest_until = clock_timestamp() + interval '0.4 s' WHERE rest_until IS NOT NULL",
        )
    sender.script = taken
    world.now += timedelta(seconds=5)
    rt = in_force(world.rt, sender)
    until = time.monotonic() + 5
    while len(sender.arrived) < 3 and time.monotonic() < until:
        deliver(rt)
        time.sleep(0.05)
    assert sorted(m for m, _ in sender.arrived) == sorted(ids)


def test_a_lost_answer_counts_against_a_sender_and_a_bad_address_does_not(world: World) -> None:
    sender = Scripted("sendgrid", "email", max_batch=1, parallel=1)
    rt = in_force(world.rt, sender)
    failures = [failure for failure, rule in RULES.items() if rule.breaks == "no"]
    for n, failure in enumerate(failures * 2):
        sender.script = refused(failure)
        plan(rt, somebody(rt, n), "email", "service")
        deliver_batch(rt, SERVICE, "email")
    taken = len(failures) * 2
    assert len(sender.requests) == taken
    row = sender_state(rt, "email:sendgrid")
    assert row is None or (row.failures, row.rest_until) == (0, None)
    sender.script = lost
    for n in range(8):
        plan(rt, somebody(rt, 50 + n), "email", "service")
        deliver_batch(rt, SERVICE, "email")
    assert len(sender.requests) == taken + FAILURES


# --- what numbers can carry ---


def texts(rt: Runtime, rate: float, *others: Sender, parallel: int = 50) -> tuple[Runtime, Scripted]:
    """A route of text messages whose numbers carry ``rate`` segments a second."""
    sender = Scripted("twilio", "sms", max_batch=1, parallel=parallel)
    sms = rt.clinic.sms.model_copy(update={"numbers": 1, "segments_per_second": rate})
    rt = in_force(rt, sender, *others)
    return replace(rt, clinic=rt.clinic.model_copy(update={"sms": sms})), sender


def fill(rt: Runtime, tokens: float) -> None:
    """The route's bucket holds so many tokens now."""
    with rt.transaction() as tx:
        senders.lock(tx, "sms:twilio")
        run(
            tx,
            "UPDATE sender_states SET tokens = %(tokens)s, filled_at = clock_timestamp()",
            {"tokens": tokens},
        )


def test_no_more_texts_leave_than_the_numbers_carry_and_the_rest_stays_planned(world: World) -> None:
    rate = 20.0
    rt, sender = texts(world.rt, rate)
    ids = crowd(rt, 200, "sms", "care")
    started = time.monotonic()
    counts = []
    while time.monotonic() - started < 1.2:
        deliver(rt, seconds=0.1)
        counts.append((time.monotonic() - started, len(sender.arrived)))
        time.sleep(0.02)
    for passed, count in counts:
        assert count <= rate * BUCKET_SECONDS + rate * passed
    # And it keeps up with what they carry.
    assert len(sender.arrived) >= rate * BUCKET_SECONDS + rate * 1.0 - 2
    rest = set(ids) - {m for m, _ in sender.arrived}
    rows = [standing(rt, id) for id in rest]
    assert {(row.status, row.tries) for row in rows} == {("planned", 0)}


def test_a_slow_number_still_sends_one_at_a_time(world: World) -> None:
    rt, sender = texts(world.rt, 0.01)
    crowd(rt, 3, "sms", "care")
    deliver(rt)
    deliver(rt)
    assert len(sender.arrived) == 1


def test_every_segment_of_a_long_text_is_charged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rt, sender = texts(world.rt, 1.0)
    long = replace(rt.library.text_message("test-message"), text="word " * 80, hash=b"long")  # 3 segments
    monkeypatch.setitem(rt.library._texts, "test-message", long)
    crowd(rt, 10, "sms", "care")
    fill(rt, 5)
    deliver_batch(rt, CARE, "sms")
    assert len(sender.arrived) == 5
    assert -10.1 < sender_state(rt, "sms:twilio").tokens <= -9.8  # 15 segments were sent for 5
    deliver_batch(rt, CARE, "sms")
    assert len(sender.arrived) == 5


def test_what_does_not_leave_costs_no_token(world: World) -> None:
    rt, sender = texts(world.rt, 1.0)
    for n in range(20):
        plan(rt, somebody(rt, n), "sms", "care", useful=timedelta(minutes=1))
    world.now += timedelta(hours=1)
    rt, sender = texts(world.rt, 1.0)
    fresh = [plan(rt, somebody(rt, 100 + n), "sms", "care") for n in range(3)]
    deliver(rt, (CARE,), seconds=3)
    assert [m for m, _ in sender.arrived] == fresh


def test_email_in_the_same_lane_is_not_slowed(world: World) -> None:
    mail = Scripted("sendgrid", "email")
    rt, sender = texts(world.rt, 0.01, mail)
    crowd(rt, 20, "sms", "care")
    mails = crowd(rt, 40, "email", "care")
    deliver(rt)
    assert len(sender.arrived) == 1
    assert sorted(m for m, _ in mail.arrived) == sorted(mails)
    assert sender_state(rt, "email:sendgrid") is None


def test_workers_that_take_tokens_at_once_share_one_bucket(world: World) -> None:
    rt, _ = texts(world.rt, 0.1)
    fill(rt, 9)

    def take(_: int) -> int:
        with rt.transaction() as tx:
            return senders.take_tokens(tx, "sms:twilio", 4, 0.1, 9.0)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(6))) == [0, 0, 0, 1, 4, 4]


def test_while_all_goes_well_nothing_is_written_down_about_a_sender(world: World) -> None:
    sender = Scripted("sendgrid", "email", max_batch=2)
    rt = in_force(world.rt, sender)
    crowd(rt, 9, "email", "care")
    deliver(rt)
    assert len(sender.arrived) == 9
    assert sender_state(rt, "email:sendgrid") is None
