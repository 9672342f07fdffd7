"""The lines of a message's life stand in their order, whichever of the two clocks dates them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from engage.delivery.provider import Found
from engage.domain.failures import RULES, Failure
from engage.domain.message_words import REASONS, RECEIPT_FAILURES
from engage.runtime import Runtime
from engage.services import recover
from engage.services.deliver import deliver
from engage.storage import clock
from engage.storage.database import run
from tests.services.test_explain import explained, story, tell
from tests.stand import Stand, plan, routed
from tests.world import World

FIRST = "Attempt 1 by the sender “twilio”: the sender answered."
SECOND = "Attempt 2 by the sender “twilio”: the sender answered."
TOOK = "The sender took it."


def real(world: World, ahead: timedelta = timedelta(0)) -> datetime:
    """Lets the movable clock show the real time, or so far ahead of it."""
    with world.rt.transaction() as tx:
        world.now = clock.database_now(tx) + ahead
    return world.now


def change(rt: Runtime, id: UUID, **columns: object) -> None:
    """Writes columns of a message."""
    sets = ", ".join(f"{name} = %({name})s" for name in columns)
    with rt.transaction() as tx:
        run(tx, f"UPDATE messages SET {sets} WHERE id = %(id)s", {**columns, "id": id})


def shift(rt: Runtime, id: UUID, seconds: float) -> None:
    """As if all of the message's attempts had been made so much earlier."""
    sql = """UPDATE attempts SET created_at = created_at - make_interval(secs => %(s)s),
        started_at = started_at - make_interval(secs => %(s)s), ended_at = ended_at - make_interval(secs => %(s)s)
    WHERE message_ids @> ARRAY[%(id)s::uuid]"""
    with rt.transaction() as tx:
        run(tx, sql, {"s": seconds, "id": id})


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=40)])
def test_that_it_was_taken_stands_beside_its_attempt_and_before_the_receipts(
    world: World, ahead: timedelta
) -> None:
    real(world, ahead)
    rt = routed(world.rt, Stand("sms", "twilio"))
    id = plan(rt, "sms", late=timedelta(minutes=2))
    deliver(rt)
    shift(rt, id, 60)
    tell(rt, id, "accepted", 1, code="sent")
    tell(rt, id, "failed", 56, "not_delivered", "30003", "temporary")
    change(rt, id, status="failed", reason="not_delivered", ended_at=real(world, ahead))
    assert [words.split(" (")[0] for words in story(rt, id)] == [
        "Planned.",
        "Due.",
        FIRST,
        TOOK,
        "Receipt about attempt 1: the sender has it",
        "Receipt about attempt 1: not delivered",
        "Failed. The carrier could not deliver it.",
    ]


def test_what_is_told_after_the_end_stands_behind_it(world: World) -> None:
    real(world)
    rt = routed(world.rt, Stand("sms", "twilio"))
    id = plan(rt, "sms", late=timedelta(minutes=2))
    deliver(rt)
    shift(rt, id, 60)
    change(rt, id, status="delivered", ended_at=real(world) - timedelta(seconds=50))
    tell(rt, id, "complaint", 30)
    assert [words.split(":")[0] for words in story(rt, id)][-2:] == ["Delivered.", "Receipt about attempt 1"]


def tried_again(world: World, ahead: timedelta) -> tuple[Runtime, UUID]:
    """A message that was refused a minute ago and waits for its second try."""
    real(world, ahead)
    rt = routed(world.rt, Stand("sms", "twilio", "failed", failure="temporary"))
    id = plan(rt, "sms")
    deliver(rt)
    assert explained(rt, id).status == "planned"
    return rt, id


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=40)])
def test_what_is_tried_again_is_due_again_behind_its_attempt(world: World, ahead: timedelta) -> None:
    rt, id = tried_again(world, ahead)
    said = story(rt, id)
    assert said[:2] == ["Planned.", FIRST]
    assert said[2].startswith("Due again. ")


def test_of_two_attempts_the_due_time_stands_between(world: World) -> None:
    rt, id = tried_again(world, timedelta(0))
    shift(rt, id, 60)
    change(rt, id, due_at=real(world) - timedelta(seconds=30))
    with rt.transaction() as tx:  # the stand gives both attempts one id, which no vendor does
        run(tx, "UPDATE attempts SET provider_id = NULL")
    rt = routed(world.rt, Stand("sms", "twilio"))
    deliver(rt)
    assert story(rt, id) == ["Planned.", FIRST, "Due again.", SECOND, TOOK]
    # Planned and taken by the test's clock, which stands still.
    times = [line.at for line in explained(rt, id).lines[1:-1]]
    assert times == sorted(times)


def test_what_was_cancelled_before_it_was_due_says_so_last(world: World) -> None:
    now = real(world)
    rt = routed(world.rt, Stand("sms", "twilio"))
    id = plan(rt, "sms")
    change(rt, id, status="cancelled", reason="booked", ended_at=now, due_at=now + timedelta(days=1))
    assert story(rt, id)[0] == "Planned."
    assert story(rt, id)[1].startswith("Cancelled before it was sent.")
    assert story(rt, id)[2] == "It would have been due."


@pytest.mark.parametrize("failure", get_args(Failure))
def test_a_receipt_says_what_was_so_at_its_moment_and_not_how_it_will_end(
    world: World, failure: Failure
) -> None:
    rt = routed(world.rt, Stand("sms", "twilio"))
    id = plan(rt, "sms")
    deliver(rt)
    tell(rt, id, "failed", 0, code="30034", failure=failure)
    (said,) = [words for words in story(rt, id) if words.startswith("Receipt")]
    assert said == f"Receipt about attempt 1: not delivered (code 30034). {RECEIPT_FAILURES[failure]}"
    assert "a person has to look" not in said and "for hours" not in said
    if RULES[failure].status == "held":
        assert REASONS[RULES[failure].reason] not in said


def test_a_receipt_that_ends_a_doubt_is_told_once_and_not_as_taken_again(world: World) -> None:
    real(world)
    stand = Stand("email", "sendgrid", "unknown")
    rt = routed(world.rt, stand)
    id = plan(rt)
    deliver(rt)
    stand.lookup_says = Found({id: "x"})
    with rt.transaction() as tx:
        run(tx, "UPDATE attempts SET lease_until = clock_timestamp()")
    recover.resolve(rt)
    tell(rt, id, "delivered", 0.001)
    assert story(rt, id)[2:] == [
        "Attempt 1 by the sender “sendgrid”: no answer came back.",
        "Receipt about attempt 1: delivered.",
        "Attempt 1, looked into: the sender has it.",
    ]
