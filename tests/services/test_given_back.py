"""Messages that a dying worker gave back, and what may happen to them meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from engage.services import courses, lessons, people, recover, signups
from engage.services.claim import claim
from engage.storage.locks import Lock
from tests.services.test_course_rules import edited
from tests.services.test_pipe import EDUCATION, expire_leases, statuses
from tests.world import COURSE, World

DAY = timedelta(days=1)


def given_back(world: World) -> None:
    """A worker claims what is due and dies before it sends."""
    assert claim(world.rt, EDUCATION, "email").batches
    expire_leases(world)
    recover.recover(world.rt)


def test_a_lesson_given_back_survives_a_change_of_the_timetable(world: World) -> None:
    world.enrol()
    world.now += DAY
    given_back(world)
    course = world.rt.library.courses[COURSE]
    later = tuple(replace(x, day=x.day + 3) if n else x for n, x in enumerate(course.lessons))
    world = edited(world, replace(course, lessons=later))
    world.pass_time(60 * DAY)
    assert len(world.lessons()) == len(course.lessons)


def test_booking_also_stops_a_last_lesson_that_was_given_back(world: World) -> None:
    world.enrol()
    total = len(world.rt.library.courses[COURSE].lessons)
    while len(world.lessons()) < total - 1:
        world.pass_time(DAY)
    with world.rt.transaction() as tx:
        world.now = tx.execute(text("SELECT due_at FROM messages WHERE status = 'planned'")).scalar_one()
    assert claim(world.rt, EDUCATION, "email").batches
    (person,) = people.find(world.rt, "ada@example.org")
    assert courses.stop(world.rt, person, "booked") == 1
    expire_leases(world)
    world.pass_time(10 * DAY)
    assert len(world.lessons()) == total - 1


def test_a_lesson_given_back_before_a_pause_comes_when_the_person_goes_on(world: World) -> None:
    world.enrol()
    world.pass_time(DAY)
    token = world.token("lessons", world.lessons()[-1])
    world.now += 2 * DAY
    given_back(world)
    lessons.pause(world.rt, token, 28)
    world.work()
    world.now += DAY
    lessons.resume(world.rt, token)
    world.pass_time(60 * DAY)
    course = world.rt.library.courses[COURSE]
    order = [world.rt.library.lesson(COURSE, lesson.slug).subject for lesson in course.lessons]
    assert [mail.subject for mail in world.lessons()] == order


def test_a_held_confirmation_whose_sign_up_is_gone_ends_instead_of_waiting_for_ever(world: World) -> None:
    world.sign_up()
    signups.answer_new(world.rt)
    with world.rt.transaction() as tx:
        tx.execute(text("DELETE FROM signups"))
    world.work()
    with world.rt.transaction() as tx:
        row = tx.execute(text("SELECT status, reason FROM messages")).one()
    assert (row.status, row.reason) == ("cancelled", "cause_gone")


def test_what_is_forgotten_takes_its_held_letter_with_it(world: World) -> None:
    world.sign_up()
    signups.answer_new(world.rt)
    with world.rt.transaction() as tx:
        tx.execute(text("UPDATE messages SET status = 'held', reason = 'render_error'"))
    world.now += 31 * DAY
    world.work()
    with world.rt.transaction() as tx:
        row = tx.execute(text("SELECT status, reason, ended_at, sealed FROM messages")).one()
    assert (row.status, row.reason, row.ended_at, row.sealed) == (
        "cancelled",
        "not_confirmed_in_time",
        world.now,
        None,
    )


def test_a_zone_that_no_longer_exists_holds_nobody_up(world: World) -> None:
    world.enrol(email="ada@example.org")
    world.enrol(email="ben@example.org")
    with world.rt.transaction() as tx:
        tx.execute(
            text("UPDATE people SET zone = 'Mars/Base' WHERE id = (SELECT min(id::text)::uuid FROM people)")
        )
        tx.execute(text("UPDATE enrolments SET timetable = 'old'"))
    world.pass_time(60 * DAY)
    total = len(world.rt.library.courses[COURSE].lessons)
    assert len(world.lessons("ada@example.org")) == len(world.lessons("ben@example.org")) == total
    assert statuses(world) == {"accepted": 2 * total}


def test_no_two_advisory_locks_share_a_number() -> None:
    assert len({lock.value for lock in Lock}) == len(Lock.__members__)
    assert max(lock.value for lock in Lock) == Lock.BULK_SLOT
