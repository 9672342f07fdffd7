"""Which lesson comes next, and when: a pure function of the course, how far a person is, and now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256

from engage.domain.courses import Course, Lesson
from engage.domain.timing import Window, first_open_day, inside, instant, local, next_start

# A lesson that could not leave keeps its worth for a long time: it waits rather than being left out.
USEFUL_DAYS = 365


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one enrolment is.

    ``started_at`` is aware UTC. ``done`` holds the slugs that were planned away, in order;
    ``last_day`` is the day number of the latest (-1 for none) and ``last_on`` the local date on
    which it left. ``shift_days`` is how many days pauses have moved the rest.
    """

    started_at: datetime
    done: tuple[str, ...] = ()
    last_day: int = -1
    last_on: date | None = None
    shift_days: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A lesson and its moment. Both times are aware UTC; ``wanted_on`` is the local day before weekends moved it."""

    lesson: Lesson
    due_at: datetime
    not_after: datetime
    wanted_on: date


def next_lesson(course: Course, progress: Progress, zone_name: str) -> Due | None:
    """The lesson to plan, or None when the course is over.

    Lessons are told apart by slug. One that was put in before a person's place, or moved there,
    is not sent to them after all; the rest stay where they are. Never two on one local day.
    """
    for lesson in course.lessons:
        if lesson.slug in progress.done or lesson.day < progress.last_day:
            continue
        return _due(course, lesson, progress, zone_name)
    return None


def _due(course: Course, lesson: Lesson, progress: Progress, zone_name: str) -> Due:
    first = course.lessons[0]
    day = _first_morning(first, progress.started_at, zone_name)
    day += timedelta(days=lesson.day - first.day + progress.shift_days)
    if progress.last_on is not None:
        day = max(day, progress.last_on + timedelta(days=1))
    open_day = first_open_day(day, lesson.weekdays)
    due_at = instant(open_day, lesson.at, zone_name)
    return Due(lesson, due_at, due_at + timedelta(days=USEFUL_DAYS), day)


def _first_morning(first: Lesson, started_at: datetime, zone_name: str) -> date:
    """The local day of lesson one, from which all the others count: whoever confirms in the afternoon
    or on a weekend gets it on the next open morning, and the gaps between the lessons stay."""
    day = first_open_day(local(started_at, zone_name).date(), first.weekdays)
    while instant(day, first.at, zone_name) < started_at:
        day = first_open_day(day + timedelta(days=1), first.weekdays)
    return day


def after(progress: Progress, lesson: Lesson, left_on: date) -> Progress:
    """Progress once ``lesson`` has left on the local date ``left_on``."""
    if lesson.slug in progress.done:
        return progress
    done = (*progress.done, lesson.slug)
    return Progress(progress.started_at, done, lesson.day, left_on, progress.shift_days)


def whole(course: Course, progress: Progress, zone_name: str) -> list[Due]:
    """Everything still to come, as it would go if nothing interferes."""
    coming = []
    while due := next_lesson(course, progress, zone_name):
        coming.append(due)
        progress = after(progress, due.lesson, local(due.due_at, zone_name).date())
    return coming


def decent_moment(course: Course, lesson: Lesson, now: datetime, zone_name: str) -> datetime:
    """``now`` when a late lesson may leave at once, else the next decent moment for it."""
    return _decent(course.window, lesson.weekdays, lesson.at, now, zone_name)


# A claim asks the same for everybody in a zone.
@lru_cache(maxsize=4096)
def _decent(
    hours: tuple[time, time], weekdays: frozenset[int], at: time, now: datetime, zone_name: str
) -> datetime:
    window = Window(hours[0], hours[1], weekdays)
    return now if inside(window, now, zone_name) else next_start(window, now, zone_name, at)


def version(course: Course) -> str:
    """Changes when the timetable changes (not when words do): plans made with another one are made again."""
    lines = [f"{x.slug} {x.day} {x.at:%H:%M} {sorted(x.weekdays)}" for x in course.lessons]
    return sha256("\n".join(lines).encode()).hexdigest()[:12]
