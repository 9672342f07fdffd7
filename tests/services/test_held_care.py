"""A care message that waits for a person is somebody's work at once, and does not wait longer than it is of use."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engage.delivery.provider import Absent
from engage.domain.messages import MAX_TRIES, Purpose
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import recover
from engage.services.deliver import deliver
from engage.storage import claims
from engage.storage.database import run
from tests.scripted import (
    Scripted,
    end_leases,
    end_rests,
    follow_ups,
    in_force,
    lost,
    plan,
    refused,
    somebody,
    standing,
    state,
)
from tests.world import World


def busy_until_held(world: World, id: UUID) -> None:
    """The sender processes nothing of it time and again; it never rests, as others go well."""
    sender = Scripted("sendgrid", "email", refused("not_processed", "429"))
    while state(world.rt, id)[0] == "planned":
        world.now = max(world.now, standing(world.rt, id).due_at)
        with world.rt.transaction() as tx:
            run(tx, "DELETE FROM sender_states")
        deliver(in_force(world.rt, sender), seconds=0.2)


def killed_three(world: World, id: UUID) -> None:
    with world.rt.transaction() as tx:
        for _ in range(MAX_TRIES):
            claims.note(tx, new_id(), [id])
    deliver(in_force(world.rt, Scripted("sendgrid", "email")))


def absent_three_times(world: World, id: UUID) -> None:
    sender = Scripted("sendgrid", "email", lost, lambda _: Absent())
    rt = in_force(world.rt, sender)
    for _ in range(MAX_TRIES):
        deliver(rt)
        end_leases(rt)
        recover.resolve(rt)
        end_rests(rt)


def broken(world: World, id: UUID) -> None:
    with world.rt.transaction() as tx:
        run(tx, "UPDATE messages SET sealed = 'broken'::bytea WHERE id = %(id)s", {"id": id})
    deliver(in_force(world.rt, Scripted("sendgrid", "email")))


WAYS = {
    "sender_refuses": (busy_until_held, "sender_refuses"),
    "killed": (killed_three, "poison"),
    "absent": (absent_three_times, "poison"),
    "unreadable": (broken, "unreadable"),
}


def expire(world: World) -> Runtime:
    world.now += timedelta(days=2)
    rt = in_force(world.rt, Scripted("sendgrid", "email"))
    for _ in range(2):
        recover.sweep(rt)
        deliver(rt)
    return rt


@pytest.mark.parametrize("way", WAYS)
def test_held_care_is_followed_up_and_expires_with_a_follow_up(world: World, way: str) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care")
    happens, reason = WAYS[way]
    happens(world, id)
    assert state(world.rt, id) == ("held", reason)
    assert follow_ups(world.rt) == [("care_held", id)]
    rt = expire(world)
    assert state(rt, id) == ("expired", "too_late")
    told = follow_ups(rt)
    assert ("care_not_delivered", id) in told
    assert len(told) == len(set(told))


@pytest.mark.parametrize("purpose", ["education", "marketing", "service"])
def test_what_is_not_care_is_held_and_expires_with_no_more_than_the_list(
    world: World, purpose: Purpose
) -> None:
    id = plan(world.rt, somebody(world.rt), "email", purpose)
    broken(world, id)
    assert (state(world.rt, id), follow_ups(world.rt)) == (("held", "unreadable"), [])
    rt = expire(world)
    assert state(rt, id) == ("expired", "too_late")
    assert follow_ups(rt) == [("messages_expired", id)]


def test_held_care_that_is_still_of_use_goes_on_waiting(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care", useful=timedelta(days=3))
    broken(world, id)
    rt = expire(world)
    assert state(rt, id) == ("held", "unreadable")
    assert follow_ups(rt) == [("care_held", id)]
