"""Pausing, going on, asking for the next one, leaving, stopping, editing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engage.content.library import Library
from engage.domain.courses import Course
from engage.services import courses, lessons, people, unsubscribe
from engage.services.courses import NoSuchPerson
from engage.storage import enrolments
from tests.world import COURSE, World

DAYS = timedelta(days=1)


def arrived(world: World) -> list[str]:
    by_subject = {world.rt.library.lesson(COURSE, x.slug).subject: x.slug for x in course_of(world).lessons}
    return [by_subject[mail.subject] for mail in world.lessons()]


def course_of(world: World) -> Course:
    return world.rt.library.courses[COURSE]


def slugs(world: World) -> list[str]:
    return [lesson.slug for lesson in course_of(world).lessons]


def token(world: World) -> str:
    return world.token("lessons", world.lessons()[-1])


@pytest.mark.parametrize(
    "zone", ["America/New_York", "America/Phoenix", "Pacific/Honolulu", "Asia/Kolkata", "Australia/Lord_Howe"]
)
@pytest.mark.parametrize("start", ["2026-03-02T15:00", "2026-10-28T02:00"])
def test_it_is_nine_in_every_zone_on_both_sides_of_a_change_of_clocks(
    world: World, zone: str, start: str
) -> None:
    world.now = datetime.fromisoformat(start).replace(tzinfo=UTC)
    world.enrol(zone=zone)
    world.pass_time(40 * DAYS)
    assert arrived(world) == slugs(world)
    assert {world.local(mail, zone).strftime("%H:%M") for mail in world.lessons()} == {"09:00"}


def test_one_click_stops_it_for_good_and_twice_does_no_harm(world: World) -> None:
    world.enrol()
    world.pass_time(5 * DAYS)
    before = len(world.lessons())
    link = world.lessons()[0].headers["List-Unsubscribe"].split(">")[0].rsplit("/", 1)[1]
    for _ in range(2):
        unsubscribe.unsubscribe(world.rt, link, "one-click")
    world.pass_time(60 * DAYS)
    assert len(world.lessons()) == before
    assert unsubscribe.page(world.rt, link).state == "unsubscribed"
    with world.rt.transaction() as tx:
        ledger = tx.execute(text("SELECT action, source FROM consents ORDER BY at, id")).all()
        assert [row.action for row in ledger] == ["granted", "withdrawn"]
        assert tx.execute(text("SELECT reason FROM messages WHERE status = 'cancelled'")).scalars().all() == [
            "unsubscribed"
        ]


def test_who_left_can_come_back_and_starts_anew(world: World) -> None:
    world.enrol()
    world.pass_time(5 * DAYS)
    unsubscribe.unsubscribe(world.rt, world.token("unsubscribe", world.lessons()[-1]), "page")
    world.now += 2 * DAYS
    before = len(world.lessons())
    world.enrol()
    world.pass_time(60 * DAYS)
    assert arrived(world)[before:] == slugs(world)


def test_after_the_end_a_new_sign_up_starts_anew(world: World) -> None:
    world.enrol()
    world.pass_time(60 * DAYS)
    world.enrol()
    world.pass_time(60 * DAYS)
    assert arrived(world) == slugs(world) * 2


def test_a_pause_moves_everything_and_loses_nothing(world: World) -> None:
    world.enrol()
    world.pass_time(3 * DAYS)
    assert arrived(world) == slugs(world)[:2]
    lessons.pause(world.rt, token(world), 14)
    lessons.pause(world.rt, token(world), 14)
    assert lessons.lesson_page(world.rt, token(world)).state == "paused"
    world.pass_time(13 * DAYS)
    assert arrived(world) == slugs(world)[:2]
    world.pass_time(60 * DAYS)
    assert arrived(world) == slugs(world)
    assert {f"{world.local(mail):%H:%M}" for mail in world.lessons()} == {"09:00"}


def test_going_on_early_gives_the_days_back(world: World) -> None:
    world.enrol()
    world.pass_time(3 * DAYS)
    planned = lessons.lesson_page(world.rt, token(world)).next_at
    lessons.pause(world.rt, token(world), 28)
    lessons.resume(world.rt, token(world))
    page = lessons.lesson_page(world.rt, token(world))
    assert (page.state, page.next_at) == ("active", planned)


@pytest.mark.parametrize("days", [0, -7, 1, 365])
def test_a_pause_of_another_length_is_refused(world: World, days: int) -> None:
    world.enrol()
    world.pass_time(DAYS)
    with pytest.raises(ValueError, match="7, 14 or 28"):
        lessons.pause(world.rt, token(world), days)


def test_the_next_lesson_comes_at_once_when_asked_for_and_only_one(world: World) -> None:
    world.enrol()
    world.pass_time(DAYS)
    world.now += timedelta(hours=12)  # at night, but they asked
    page = lessons.lesson_page(world.rt, token(world))
    assert page.next_slug == slugs(world)[1]
    first = token(world)
    assert lessons.next_now(world.rt, first, page.next_slug)
    world.work()
    assert not lessons.next_now(world.rt, first, page.next_slug)
    world.work()
    assert arrived(world) == slugs(world)[:2]
    world.pass_time(60 * DAYS)
    assert arrived(world) == slugs(world)


def test_booking_a_visit_stops_the_course(world: World) -> None:
    world.enrol()
    world.pass_time(3 * DAYS)
    (person,) = people.find(world.rt, "Ada@Example.org")
    assert courses.stop(world.rt, person, "booked") == 1
    assert courses.stop(world.rt, person, "booked") == 0
    world.pass_time(60 * DAYS)
    assert arrived(world) == slugs(world)[:2]
    assert lessons.lesson_page(world.rt, token(world)).state == "stopped"


@pytest.mark.parametrize("who", ["nobody@example.org", "01a20805-bc3f-7365-890b-eaac754431fa", "rubbish", ""])
def test_stopping_somebody_unknown_says_so(world: World, who: str) -> None:
    with pytest.raises(NoSuchPerson):
        people.find(world.rt, who)


def test_a_consultation_request_pauses_the_course_for_the_time_the_clinic_set(world: World) -> None:
    world.enrol()
    world.pass_time(3 * DAYS)
    (person,) = people.find(world.rt, "ada@example.org")
    with world.rt.transaction() as tx:
        assert courses.pause_for_consultation(world.rt, tx, person, world.now) == 1
    world.pass_time(13 * DAYS)
    assert len(world.lessons()) == 2
    world.pass_time(60 * DAYS)
    assert arrived(world) == slugs(world)


def edited(world: World, change: Course) -> World:
    """The same world after somebody edited the course's files."""
    library = world.rt.library
    copied: Library = object.__new__(Library)
    copied.__dict__.update(library.__dict__)
    copied.courses = {COURSE: change}
    return World(replace(world.base, library=copied), world.now)


def test_a_changed_timetable_moves_what_is_not_sent_and_repeats_nothing(world: World) -> None:
    world.enrol()
    world.pass_time(3 * DAYS)
    course = course_of(world)
    later = tuple(replace(x, day=x.day + 10) if n >= 2 else x for n, x in enumerate(course.lessons))
    world = edited(world, replace(course, lessons=later))
    world.pass_time(9 * DAYS)
    assert arrived(world) == slugs(world)[:2]
    world.pass_time(60 * DAYS)
    assert arrived(world) == slugs(world)


def test_a_lesson_taken_out_is_not_sent_and_the_rest_come(world: World) -> None:
    world.enrol()
    world.pass_time(3 * DAYS)
    course = course_of(world)
    world = edited(world, replace(course, lessons=course.lessons[:2] + course.lessons[3:]))
    world.pass_time(60 * DAYS)
    assert arrived(world) == slugs(world)


def test_an_enrolment_that_lost_its_plan_gets_it_back(world: World) -> None:
    world.enrol()
    world.pass_time(3 * DAYS)
    with world.rt.transaction() as tx:
        tx.execute(text("DELETE FROM messages WHERE status = 'planned'"))
    assert courses.replan_outdated(world.rt) == 1
    assert courses.replan_outdated(world.rt) == 0
    world.pass_time(60 * DAYS)
    assert arrived(world) == slugs(world)


def test_after_an_outage_late_lessons_come_one_a_day_at_decent_hours(world: World) -> None:
    world.enrol()
    world.pass_time(DAYS)
    world.now += timedelta(days=12, hours=10)  # nothing ran; it is night when it comes back
    world.work()
    assert len(world.lessons()) == 1
    world.pass_time(60 * DAYS)
    assert arrived(world) == slugs(world)
    there = [world.local(mail) for mail in world.lessons()]
    assert len({x.date() for x in there}) == len(there)
    assert all(8 <= x.hour < 20 and x.weekday() < 5 for x in there)


def test_the_web_shows_the_part_for_what_they_told_and_the_mail_does_not(world: World) -> None:
    world.enrol(email="neck@example.org", main_pain="neck")
    world.enrol(email="knee@example.org", main_pain="osteoarthritis")
    world.pass_time(5 * DAYS)
    branch = next(x for x in course_of(world).lessons if x.branch)
    subject = world.rt.library.lesson(COURSE, branch.slug).subject
    pages, texts = [], []
    for who in ("neck@example.org", "knee@example.org"):
        mail = next(m for m in world.lessons(who) if m.subject == subject)
        pages.append(lessons.lesson_page(world.rt, world.token("lessons", mail)).html)
        texts.append("".join(line for line in mail.text.splitlines() if "http" not in line))
    assert pages[0] != pages[1]
    assert texts[0] == texts[1]


def test_an_enrolment_holds_each_lesson_once(world: World) -> None:
    world.enrol()
    world.pass_time(60 * DAYS)
    with world.rt.transaction() as tx:
        id = tx.execute(text("SELECT id FROM enrolments")).scalar_one()
        row = enrolments.one(tx, id)
    assert row is not None
    assert (row.state, row.done) == ("completed", slugs(world))


def test_among_many_whoever_has_nothing_planned_is_found_a_share_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courses, "LOOK_AT", 4)
    for n in range(12):
        world.enrol(email=f"p{n}@example.org")
    with world.rt.transaction() as tx:
        tx.execute(text("DELETE FROM messages WHERE status = 'planned' AND kind = 'course-lesson'"))
    found = []
    for _ in range(200):
        found.append(courses.replan_outdated(world.rt))
    assert sum(found) == 12 and max(found) < 12
