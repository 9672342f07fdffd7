"""An account that takes text messages and says by receipt, later, that it can't send them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from engage.runtime import Runtime
from engage.services import alerts, doctor_senders, gates
from engage.services.deliver import deliver
from engage.storage.database import run
from tests.scripted import (
    Scripted,
    crowd,
    end_rests,
    follow_ups,
    in_force,
    plan,
    refused,
    sender_state,
    somebody,
    standing,
    state,
    taken,
)
from tests.vendors import Vendors
from tests.world import World

KEY = "sms:twilio"
UNREGISTERED = "30034"
DAY = timedelta(days=1)


def refill(rt: Runtime) -> None:
    """Whoever waits now is let through: neither rest nor rate keeps it."""
    end_rests(rt)
    with rt.transaction() as tx:
        run(tx, "UPDATE sender_states SET tokens = 5, filled_at = clock_timestamp()")


def newest_attempt(rt: Runtime) -> UUID:
    with rt.transaction() as tx:
        return UUID(
            str(run(tx, "SELECT id FROM attempts ORDER BY created_at DESC, id DESC LIMIT 1").scalar())
        )


def send_and_hear_no(world: World, sender: Scripted) -> None:
    """What is due leaves, and its callback says that the account may not send."""
    rt = in_force(world.rt, sender)
    refill(rt)
    before = len(sender.requests)
    deliver(rt, seconds=0.2)
    if len(sender.requests) > before:
        sid = f"SM{len(sender.requests):032}"
        Vendors(rt).text_status(newest_attempt(rt), sid, "undelivered", UNREGISTERED)


def test_a_text_refused_by_receipt_uses_up_no_try_and_waits_longer_each_time(world: World) -> None:
    sender = Scripted("twilio", "sms", taken, max_batch=1)
    id = plan(in_force(world.rt, sender), somebody(world.rt), "sms", "care", useful=2 * DAY)
    end, left = world.now + DAY / 2, list[datetime]()
    while world.now < end:
        before = len(sender.requests)
        send_and_hear_no(world, sender)
        left += [world.now] * (len(sender.requests) - before)
        row = standing(world.rt, id)
        assert (row.status, row.reason, row.tries) == ("planned", "channel_down", 0)
        world.now += timedelta(minutes=1)
    assert 10 < len(left) < 20
    waits = [later - earlier for earlier, later in pairwise(left)]
    assert waits == sorted(waits)
    assert timedelta(minutes=2) < waits[0] < waits[-1] <= timedelta(hours=1, minutes=1)
    assert follow_ups(world.rt) == []


def test_a_text_refused_by_receipt_is_over_once_it_is_of_no_use_any_more(world: World) -> None:
    sender = Scripted("twilio", "sms", taken, max_batch=1)
    id = plan(in_force(world.rt, sender), somebody(world.rt), "sms", "care", useful=timedelta(minutes=20))
    for _ in range(30):
        send_and_hear_no(world, sender)
        world.now += timedelta(minutes=1)
    assert state(world.rt, id) == ("expired", "too_late")


@pytest.mark.parametrize(
    ("status", "code", "works"),
    [
        ("delivered", "", True),
        ("undelivered", "30003", True),
        ("sent", "", False),
        ("undelivered", UNREGISTERED, False),
    ],
)
def test_after_a_receipt_that_says_no_one_text_leaves_at_a_time_until_a_receipt_proves_that_it_works(
    world: World, status: str, code: str, works: bool
) -> None:
    sender = Scripted("twilio", "sms", taken, max_batch=1)
    plan(in_force(world.rt, sender), somebody(world.rt, 99), "sms", "service")
    send_and_hear_no(world, sender)
    rt = in_force(world.rt, sender)
    waiting = crowd(rt, 4, "sms", "service")
    sender.arrived.clear()
    for count in (1, 2):
        refill(rt)
        deliver(rt, seconds=0.3)
        deliver(rt, seconds=0.3)
        assert len(sender.arrived) == count
        assert down(rt)
    Vendors(rt).text_status(newest_attempt(rt), f"SM{9:032}", status, code)
    assert down(rt) is not works
    deliver(rt, seconds=0.5)
    got = {message for message, _ in sender.arrived}
    assert len(sender.arrived) == (4 if works else 2)
    assert got <= set(waiting)


def down(rt: Runtime) -> bool:
    """Whether operators are told, and the doctor names the account."""
    alerts.watch(rt)
    with rt.transaction() as tx:
        sql = "SELECT 1 FROM alerts WHERE kind = 'sender_down' AND state = 'open'"
        told = run(tx, sql).first() is not None
    check = doctor_senders.breakers(rt)
    assert check.ok is not told
    assert ("refuses our account" in check.detail and "TWILIO_AUTH_TOKEN" in check.detail) is told
    return told


def test_what_was_sent_before_the_receipt_that_said_no_proves_nothing_when_it_arrives(world: World) -> None:
    sender = Scripted("twilio", "sms", taken, max_batch=1)
    rt = in_force(world.rt, sender)
    plan(rt, somebody(rt), "sms", "service")
    refill(rt)
    deliver(rt, seconds=0.2)
    earlier = newest_attempt(rt)
    plan(rt, somebody(rt, 1), "sms", "service")
    send_and_hear_no(world, sender)
    Vendors(rt).text_status(earlier, f"SM{8:032}", "delivered")
    assert down(rt)


def test_each_rest_is_longer_although_every_request_was_taken_first(world: World) -> None:
    sender = Scripted("twilio", "sms", taken, max_batch=1)
    counts = []
    for n in range(4):
        plan(in_force(world.rt, sender), somebody(world.rt, n), "sms", "service")
        send_and_hear_no(world, sender)
        counts.append(sender_state(world.rt, KEY).rests)
    assert counts == [1, 2, 3, 4]
    row = sender_state(world.rt, KEY)
    assert row.rest_until - row.changed_at >= timedelta(seconds=20)


def test_without_receipts_two_texts_that_were_taken_an_hour_later_are_proof_enough(world: World) -> None:
    sender = Scripted("twilio", "sms", taken, max_batch=1)
    rt = in_force(world.rt, sender)
    plan(rt, somebody(rt), "sms", "service")
    send_and_hear_no(world, sender)
    crowd(rt, 5, "sms", "service")
    sender.arrived.clear()
    with rt.transaction() as tx:
        sql = "UPDATE sender_states SET changed_at = changed_at - %(hour)s"
        run(tx, sql, {"hour": gates.FORGIVEN_AFTER})
    refill(rt)
    deliver(rt, seconds=0.3)
    assert len(sender.arrived) == 1
    refill(rt)
    deliver(rt, seconds=0.5)
    assert len(sender.arrived) == 5
    assert not down(rt)


def test_an_account_that_says_so_at_once_still_uses_up_no_try(world: World) -> None:
    sender = Scripted("twilio", "sms", refused("channel_down", "20003"), max_batch=1)
    id = plan(world.rt, somebody(world.rt), "sms", "care")
    for _ in range(6):
        rt = in_force(world.rt, sender)
        refill(rt)
        deliver(rt, seconds=0.2)
        assert (state(rt, id), standing(rt, id).tries) == (("planned", "channel_down"), 0)
        world.now += timedelta(seconds=2)
    sender.script = taken
    rt = in_force(world.rt, sender)
    refill(rt)
    deliver(rt)
    assert [m for m, _ in sender.arrived] == [id]


def test_tries_never_go_below_none_and_such_a_message_leaves(world: World) -> None:
    """A person let it go on, so it has no try; then the account refuses the copy that nobody counted."""
    sender = Scripted("twilio", "sms", refused("channel_down", "20003"), max_batch=1)
    rt = in_force(world.rt, sender)
    id = plan(rt, somebody(rt), "sms", "care")

    def forget_tries(batch: object) -> list:  # type: ignore[type-arg]
        with rt.transaction() as tx:
            run(tx, "UPDATE messages SET tries = 0")
        return refused("channel_down", "20003")(batch)  # type: ignore[arg-type]

    sender.script = forget_tries
    deliver(rt, seconds=0.2)
    assert (state(rt, id), standing(rt, id).tries) == (("planned", "channel_down"), 0)
    # One that went below before this was mended leaves as well.
    with rt.transaction() as tx:
        run(tx, "UPDATE messages SET tries = -1")
    sender.script = taken
    world.now += timedelta(seconds=2)
    rt = in_force(world.rt, sender)
    refill(rt)
    deliver(rt, seconds=0.5)
    assert [m for m, _ in sender.arrived] == [id]
