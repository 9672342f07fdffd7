"""An account that takes text messages and says by receipt, later, that it can't send them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from engage.domain.messages import Purpose
from engage.runtime import Runtime
from engage.services import gates
from engage.services.deliver import deliver
from engage.storage.database import run
from tests.scripted import (
    Scripted,
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


@pytest.mark.parametrize(("purpose", "asked"), [("care", True), ("service", False)])
def test_a_text_refused_by_receipt_leaves_four_times_at_most_and_then_waits_for_a_person(
    world: World, purpose: Purpose, asked: bool
) -> None:
    sender = Scripted("twilio", "sms", taken, max_batch=1)
    id = plan(in_force(world.rt, sender), somebody(world.rt), "sms", purpose, useful=2 * DAY)
    end, left = world.now + DAY, list[datetime]()
    while world.now < end:
        before = len(sender.requests)
        send_and_hear_no(world, sender)
        left += [world.now] * (len(sender.requests) - before)
        world.now += timedelta(minutes=1) if state(world.rt, id)[0] == "planned" else DAY
    assert len(left) == 4
    assert state(world.rt, id) == ("held", "sender_refuses")
    waits = [later - earlier for earlier, later in pairwise(left)]
    assert waits[0] >= timedelta(minutes=2)
    assert waits == sorted(set(waits))
    assert follow_ups(world.rt) == ([("care_held", id)] if asked else [])


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


def test_a_sender_that_did_well_for_an_hour_begins_anew(world: World) -> None:
    sender = Scripted("twilio", "sms", taken, max_batch=1)
    rt = in_force(world.rt, sender)
    plan(rt, somebody(rt), "sms", "service")
    send_and_hear_no(world, sender)
    refill(rt)
    for n, rests in ((1, 1), (2, 0)):
        plan(rt, somebody(rt, n), "sms", "service")
        deliver(rt, seconds=0.2)
        assert sender_state(rt, KEY).rests == rests
        with rt.transaction() as tx:
            run(
                tx,
                "UPDATE sender_states SET changed_at = changed_at - %(hour)s",
                {"hour": gates.FORGIVEN_AFTER},
            )


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
