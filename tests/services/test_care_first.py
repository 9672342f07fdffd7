"""What a number carries is care's first; and what a resting sender's probe is for."""

from __future__ import annotations

import pytest

from engage.domain.messages import Purpose
from engage.runtime import Runtime
from engage.services.deliver import BULK_LANES, CARE_LANES, deliver
from engage.storage.database import run
from tests.scripted import (
    Scripted,
    crowd,
    end_rests,
    in_force,
    plan,
    refused,
    sender_state,
    somebody,
    standing,
    state,
    taken,
)
from tests.services.test_gates import fill, texts
from tests.world import World

KEY = "sms:twilio"


@pytest.mark.parametrize("urgent", ["service", "care"])
def test_bulk_takes_no_token_while_care_is_due(world: World, urgent: Purpose) -> None:
    rt, sender = texts(world.rt, 1.0)
    lessons = crowd(rt, 5, "sms", "education") + crowd(rt, 5, "sms", "marketing")
    care = [plan(rt, somebody(rt, 50 + n), "sms", urgent) for n in range(8)]
    fill(rt, 5)
    deliver(rt, BULK_LANES, seconds=0.3)
    assert sender.arrived == []
    deliver(rt, CARE_LANES, seconds=0.3)
    assert {m for m, _ in sender.arrived} <= set(care)
    assert len(sender.arrived) >= 5
    # Some care still waits for tokens: bulk doesn't snatch those that come meanwhile.
    fill(rt, 2)
    deliver(rt, BULK_LANES, seconds=0.3)
    fill(rt, 5)
    deliver(rt, CARE_LANES, seconds=0.3)
    assert sorted(m for m, _ in sender.arrived) == sorted(care)
    fill(rt, 5)
    deliver(rt, BULK_LANES, seconds=0.3)
    assert {m for m, _ in sender.arrived} & set(lessons)


def test_care_by_email_or_later_keeps_no_lesson_back(world: World) -> None:
    rt, sender = texts(world.rt, 1.0, Scripted("sendgrid", "email"))
    who = somebody(rt, 50)
    plan(rt, who, "email", "care")
    plan(rt, who, "sms", "care", due=world.now.replace(hour=23))
    lesson = plan(rt, somebody(rt), "sms", "education")
    fill(rt, 5)
    deliver(rt, BULK_LANES, seconds=0.3)
    assert [m for m, _ in sender.arrived] == [lesson]


def rest_is_over(rt: Runtime, tokens: float) -> None:
    """The sender rested after failures; now one message may try. Its bucket holds so many tokens."""
    fill(rt, tokens)
    with rt.transaction() as tx:
        run(
            tx,
            """UPDATE sender_states SET failures = 5, rests = 1, reason = 'failing',
            rest_until = clock_timestamp()""",
        )


def test_a_probe_is_given_back_when_the_bucket_is_empty(world: World) -> None:
    rt, sender = texts(world.rt, 1.0)
    ids = crowd(rt, 3, "sms", "care")
    rest_is_over(rt, -30)
    deliver(rt, seconds=0.2)
    assert sender.arrived == []
    # Without tokens nobody tried, so the next one may at once, and not only when a lease is over.
    fill(rt, 5)
    deliver(rt, seconds=0.5)
    assert sorted(m for m, _ in sender.arrived) == sorted(ids)


def test_bulk_does_not_take_the_probe_of_a_sender_that_care_waits_for(world: World) -> None:
    rt, sender = texts(world.rt, 1.0)
    crowd(rt, 3, "sms", "marketing")
    care = plan(rt, somebody(rt, 50), "sms", "care")
    rest_is_over(rt, 5)
    deliver(rt, BULK_LANES, seconds=0.2)
    assert sender.arrived == []
    deliver(rt, CARE_LANES, seconds=0.3)
    assert [m for m, _ in sender.arrived] == [care]


def test_probes_in_vain_use_up_no_try_however_long_the_outage_is(world: World) -> None:
    sender = Scripted("twilio", "sms", refused("not_processed", "connect"), max_batch=1)
    rt, _ = texts(world.rt, 1.0)
    rt = in_force(rt, sender)
    id = plan(rt, somebody(rt), "sms", "care")
    for _ in range(12):
        rest_is_over(rt, 5)
        world.now = max(world.now, standing(rt, id).due_at)
        rt = in_force(world.rt, sender)
        deliver(rt, seconds=0.1)
    assert len(sender.requests) == 12
    assert (state(rt, id), standing(rt, id).tries) == (("planned", "sender_busy"), 0)
    sender.script = taken
    world.now = standing(rt, id).due_at
    rt = in_force(world.rt, sender)
    fill(rt, 5)
    end_rests(rt)
    deliver(rt, seconds=0.3)
    assert [m for m, _ in sender.arrived] == [id]
    assert sender_state(rt, KEY).rest_until is None
