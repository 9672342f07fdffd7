"""Decent hours, wishes and caps where messages leave: what a person would have received, and when."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engage.clinic_contact import CapsPolicy
from engage.services.courses import dedup_key
from engage.services.deliver import deliver
from engage.storage import messages
from engage.storage.database import run
from tests.world import COURSE, World

DAY = timedelta(days=1)
NEW_YORK = "America/New_York"


def wish(world: World, **wishes: object) -> None:
    """Everybody here wishes for this."""
    with world.rt.transaction() as tx:
        for name, value in wishes.items():
            run(tx, f"UPDATE people SET {name} = %(value)s", {"value": value})


def times(world: World) -> list[datetime]:
    return [world.local(mail) for mail in world.lessons()]


def whole_course(world: World) -> int:
    return len(world.rt.library.courses[COURSE].lessons)


def waiting(world: World) -> tuple[str, str]:
    with world.rt.transaction() as tx:
        row = run(
            tx, "SELECT status, reason FROM messages WHERE kind = 'course-lesson' AND sent_at IS NULL"
        ).one()
        return row.status, row.reason


def test_nothing_comes_while_a_person_pauses_and_all_of_it_afterwards(world: World) -> None:
    world.enrol()
    world.pass_time(5 * DAY)
    before = len(world.lessons())
    until = world.now + 20 * DAY
    wish(world, paused_until=until)
    world.pass_time(19 * DAY)
    assert len(world.lessons()) == before
    assert waiting(world) == ("planned", "person_paused")
    world.pass_time(60 * DAY)
    assert len(world.lessons()) == whole_course(world)
    assert min(mail.sent_at for mail in world.lessons()[before:]) >= until


@pytest.mark.parametrize(
    ("lines", "hours", "days"),
    [
        (["mon-fri 17:00-20:00"], {17}, {0, 1, 2, 3, 4}),
        # The course's own timetable has no weekends, and its day ends at eight: the person's word counts.
        (["sat 10:00-12:00"], {10}, {5}),
        (["every day 20:30-21:00"], {20}, {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_lessons_come_in_the_hours_that_a_person_asked_for(
    world: World, lines: list[str], hours: set[int], days: set[int]
) -> None:
    world.enrol()
    wish(world, contact_hours=lines)
    world.pass_time(120 * DAY)
    assert len(times(world)) == whole_course(world)
    assert {at.hour for at in times(world)} == hours
    assert {at.weekday() for at in times(world)} <= days


def test_hours_that_nobody_could_meet_leave_a_reason_and_the_course_goes_on_once_they_are_mended(
    world: World,
) -> None:
    world.enrol()
    wish(world, contact_hours=["every day 03:00-05:00"])
    world.pass_time(10 * DAY)
    assert world.lessons() == []
    assert waiting(world) == ("planned", "no_decent_hour")
    wish(world, contact_hours=[])
    world.pass_time(90 * DAY)
    assert len(world.lessons()) == whole_course(world)


def capped(world: World, **caps: int) -> World:
    clinic = world.base.clinic.model_copy(update={"caps": CapsPolicy(**caps)})
    return World(replace(world.base, clinic=clinic), world.now)


def test_lessons_beyond_the_weeks_cap_wait_for_the_next_day_that_has_room(world: World) -> None:
    strict = capped(world, bulk_per_week=1)
    strict.enrol()
    strict.pass_time(200 * DAY)
    days = [at.date() for at in times(strict)]
    assert len(days) == whole_course(strict)
    assert min(b - a for a, b in itertools.pairwise(days)) >= 7 * DAY


def test_fewer_messages_halves_what_is_enough(world: World) -> None:
    strict = capped(world, bulk_per_week=2, fewer_percent=50)
    strict.enrol()
    wish(strict, fewer=True)
    strict.pass_time(200 * DAY)
    days = [at.date() for at in times(strict)]
    assert len(days) == whole_course(strict)
    assert min(b - a for a, b in itertools.pairwise(days)) >= 7 * DAY


def test_two_messages_that_are_due_together_for_one_person_do_not_leave_together(world: World) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        first = run(tx, "SELECT * FROM messages WHERE kind = 'course-lesson'").one()
        # Another course's lesson at the same hour.
        run(
            tx,
            """INSERT INTO messages (id, person_id, contact_id, cause, cause_id, step, kind, channel, purpose, lane,
                not_before, due_at, not_after, dedup_key, created_at)
            SELECT gen_random_uuid(), person_id, contact_id, cause, cause_id, %(step)s, kind, channel, purpose, lane,
                not_before, due_at, not_after, %(key)s, created_at FROM messages WHERE id = %(id)s""",
            {"id": first.id, "step": "two-views", "key": dedup_key(first.cause_id, "another")},
        )
    world.pass_time(2 * DAY)
    one, other = sorted(mail.sent_at for mail in world.lessons())[:2]
    assert other - one >= timedelta(minutes=world.rt.clinic.caps.minutes_apart)


def test_the_next_lesson_that_somebody_asks_for_comes_at_once_whatever_the_cap(world: World) -> None:
    strict = capped(world, bulk_per_week=1)
    strict.enrol()
    strict.pass_time(2 * DAY)
    assert len(strict.lessons()) == 1
    with strict.rt.transaction() as tx:
        run(
            tx,
            "UPDATE messages SET anytime = true, due_at = %(now)s WHERE status = 'planned'",
            {"now": strict.rt.now(tx)},
        )
        assert messages.next_due(tx, strict.now - DAY, strict.now + DAY) is not None
    strict.work()
    assert len(strict.lessons()) == 2


@pytest.mark.parametrize(
    ("status", "sent", "leaves"),
    [
        # In another worker's hands: it leaves now, however long ago it was due.
        ("claimed", None, False),
        # Recorded a moment after this claim looked at the clock.
        ("accepted", timedelta(milliseconds=20), False),
        ("accepted", timedelta(hours=-2), True),
        ("cancelled", None, True),
    ],
)
def test_what_another_worker_sends_at_this_moment_counts(
    world: World, status: str, sent: timedelta | None, leaves: bool
) -> None:
    world.enrol()
    world.pass_time(timedelta(hours=23))
    before = len(world.lessons())
    world.now += 3 * DAY
    with world.rt.transaction() as tx:
        now = world.rt.now(tx)
        run(
            tx,
            """INSERT INTO messages (id, person_id, contact_id, cause, cause_id, step, kind, channel, purpose, lane,
                not_before, due_at, not_after, dedup_key, created_at, status, sent_at)
            SELECT gen_random_uuid(), person_id, contact_id, cause, cause_id, 'other', kind, channel, purpose, lane,
                not_before, %(due)s, not_after, 'another', created_at, %(status)s, %(sent)s
            FROM messages WHERE kind = 'course-lesson' AND status = 'planned'""",
            {"due": now - 2 * DAY, "status": status, "sent": None if sent is None else now + sent},
        )
    deliver(world.rt)
    assert (len(world.lessons()) > before) is leaves
