"""Which lesson comes next, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.domain.courses import Course, Lesson
from engage.domain.schedule import Progress, after, decent_moment, next_lesson, version, whole
from engage.domain.timing import instant, local

WORKDAYS = frozenset(range(5))
NEW_YORK = "America/New_York"


def lesson(slug: str, day: int, weekdays: frozenset[int] = WORKDAYS) -> Lesson:
    return Lesson(slug, slug.title(), "", day, time(9), weekdays)


def course(*lessons: Lesson) -> Course:
    return Course("c", "C", "", lessons, (time(8), time(20)))


COURSE = course(lesson("one", 0), lesson("two", 2), lesson("three", 4), lesson("four", 7))


def local_days(found: Course, progress: Progress, zone: str = NEW_YORK) -> list[tuple[str, str]]:
    return [(d.lesson.slug, f"{local(d.due_at, zone):%a %d %H:%M}") for d in whole(found, progress, zone)]


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        ("2026-11-02T08:00", ["Mon 02 09:00", "Wed 04 09:00", "Fri 06 09:00", "Mon 09 09:00"]),
        ("2026-11-02T09:00", ["Mon 02 09:00", "Wed 04 09:00", "Fri 06 09:00", "Mon 09 09:00"]),
        # In the afternoon the first lesson waits for the next morning, and the gaps stay.
        ("2026-11-02T15:00", ["Tue 03 09:00", "Thu 05 09:00", "Mon 09 09:00", "Tue 10 09:00"]),
        # Day 2 falls on a Saturday and day 4 on the Monday that it moves to: never two on one day.
        ("2026-11-05T08:00", ["Thu 05 09:00", "Mon 09 09:00", "Tue 10 09:00", "Thu 12 09:00"]),
        ("2026-11-06T17:00", ["Mon 09 09:00", "Wed 11 09:00", "Fri 13 09:00", "Mon 16 09:00"]),
    ],
)
def test_lessons_keep_their_days_but_not_weekends(started: str, expected: list[str]) -> None:
    begun = datetime.fromisoformat(started)
    progress = Progress(instant(begun.date(), begun.time(), NEW_YORK))
    assert [when for _, when in local_days(COURSE, progress)] == expected


@pytest.mark.parametrize("started", ["2026-03-05T12:00:00+00:00", "2026-10-29T12:00:00+00:00"])
def test_the_hour_is_the_same_on_both_sides_of_a_change_of_clocks(started: str) -> None:
    progress = Progress(datetime.fromisoformat(started))
    assert {when[-5:] for _, when in local_days(COURSE, progress)} == {"09:00"}


def at(day: int) -> Progress:
    """Someone who got the first two lessons, the second on 4 November."""
    return Progress(
        datetime(2026, 11, 2, 13, tzinfo=UTC), ("one", "two"), last_day=2, last_on=date(2026, 11, day)
    )


def slugs(found: Course, progress: Progress) -> list[str]:
    return [slug for slug, _ in local_days(found, progress)]


def test_an_inserted_lesson_before_a_persons_place_shifts_nothing() -> None:
    edited = course(lesson("zero", 0), lesson("one", 0), lesson("half", 1), *COURSE.lessons[1:])
    assert local_days(edited, at(4)) == local_days(COURSE, at(4))


def test_an_inserted_lesson_ahead_comes_in_its_turn_and_the_rest_stay() -> None:
    edited = course(*COURSE.lessons[:3], lesson("new", 5), COURSE.lessons[3])
    assert slugs(edited, at(4)) == ["three", "new", "four"]
    before, now = dict(local_days(COURSE, at(4))), dict(local_days(edited, at(4)))
    assert now["three"] == before["three"]


def test_a_removed_lesson_is_passed_over() -> None:
    assert slugs(course(COURSE.lessons[0], COURSE.lessons[1], COURSE.lessons[3]), at(4)) == ["four"]


def test_removing_a_lesson_that_was_sent_sends_nothing_twice() -> None:
    assert slugs(course(COURSE.lessons[0], *COURSE.lessons[2:]), at(4)) == ["three", "four"]


def test_a_lesson_that_was_sent_and_then_moved_to_a_later_day_is_not_sent_again() -> None:
    assert slugs(course(COURSE.lessons[0], COURSE.lessons[2], replace(COURSE.lessons[1], day=6)), at(4)) == [
        "three"
    ]


def test_a_pause_moves_the_rest_by_its_days() -> None:
    moved = whole(COURSE, replace(at(4), shift_days=14), NEW_YORK)
    assert [f"{local(d.due_at, NEW_YORK):%d}" for d in moved] == ["20", "23"]


def test_after_an_outage_the_late_lessons_come_one_a_day() -> None:
    late = local_days(COURSE, at(18))
    assert late == [("three", "Thu 19 09:00"), ("four", "Fri 20 09:00")]


def test_the_course_is_over_after_its_last_lesson() -> None:
    done = replace(at(4), done=("one", "two", "three", "four"), last_day=7)
    assert next_lesson(COURSE, done, NEW_YORK) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-04T10:30", "2026-11-04T10:30"),  # late, but decent
        ("2026-11-04T03:00", "2026-11-04T09:00"),  # never in the night
        ("2026-11-04T20:00", "2026-11-05T09:00"),
        ("2026-11-07T12:00", "2026-11-09T09:00"),  # never on a Saturday
    ],
)
def test_a_late_lesson_waits_for_a_decent_hour(now: str, expected: str) -> None:
    moment = instant(date.fromisoformat(now[:10]), time.fromisoformat(now[11:]), NEW_YORK)
    found = decent_moment(COURSE, COURSE.lessons[1], moment, NEW_YORK)
    assert f"{local(found, NEW_YORK):%Y-%m-%dT%H:%M}" == expected


def test_the_version_follows_the_timetable_and_not_the_words() -> None:
    assert version(course(*(replace(x, title="Other words") for x in COURSE.lessons))) == version(COURSE)
    assert version(course(*COURSE.lessons[:3])) != version(COURSE)


ZONES = st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Auckland", "Asia/Tehran", "UTC"])
DAYS = st.lists(st.integers(0, 30), min_size=1, max_size=12).map(sorted)


@settings(max_examples=150, deadline=None)
@given(days=DAYS, zone=ZONES, start=st.integers(0, 3 * 365 * 24), shift=st.integers(0, 40))
def test_whatever_the_course_each_lesson_comes_once_in_order_on_its_own_day_at_its_hour(
    days: list[int], zone: str, start: int, shift: int
) -> None:
    found = course(*(lesson(f"l{n}", day) for n, day in enumerate(days)))
    begun = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=start)
    coming = whole(found, Progress(begun, shift_days=shift), zone)
    assert [d.lesson.slug for d in coming] == [x.slug for x in found.lessons]
    there = [local(d.due_at, zone) for d in coming]
    assert all(x.time() == time(9) and x.weekday() in WORKDAYS for x in there)
    assert len({x.date() for x in there}) == len(there)
    assert there == sorted(there)
    assert all(d.due_at >= begun and d.not_after > d.due_at for d in coming)


def test_progress_does_not_count_a_lesson_twice() -> None:
    progress = at(4)
    assert after(progress, COURSE.lessons[1], date(2026, 11, 9)) is progress
