"""Courses: enrol, plan the next lesson, pause, stop. Every act holds the person's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import schedule
from engage.domain.courses import Course
from engage.domain.deciding import COURTESY
from engage.domain.messages import COURSE_LESSON, Channel
from engage.domain.schedule import Due, Progress
from engage.domain.timing import local, usable
from engage.ids import new_id, new_ids
from engage.runtime import Runtime
from engage.services import course_texts
from engage.services.course_texts import Left
from engage.storage import consents, enrolments, messages, people
from engage.storage import course_texts as storage_texts
from engage.storage.claim_facts import FactsRow
from engage.storage.enrolments import Step
from engage.storage.messages import Plan


class NoSuchPerson(LookupError):
    """There is no person with that id or address."""


# Ways in which a lesson's turn can be over.
SENT = "sent"
_PASSED_OVER = frozenset({SENT, "too_late"})
_REMOVED = "lesson_removed"
_MOVES_ON = _PASSED_OVER | {_REMOVED}
# Why a lesson may have been put off at its turn: a new timetable must not bring it back.
DEFERRED = COURTESY | {"decent_hours"}
# Ways that say the person can't be reached for this any more: the course ends.
_UNREACHABLE = {"no_consent": "unsubscribed", "no_address": "stopped"}

# How many people a look for what is not planned is about.
LOOK_AT = 5000


def dedup_key(enrolment: UUID, lesson: str) -> str:
    """One lesson goes to one enrolment once, whatever becomes of the timetable."""
    return f"course/{enrolment}/{lesson}/{COURSE_LESSON.channel}"


def progress_of(row: Any) -> Progress:
    """How far an enrolment's row is."""
    return Progress(row.started_at, tuple(row.done), row.last_day, row.last_on, row.shift_days)


def enrol(
    rt: Runtime, tx: Connection, person: UUID, contact: UUID, course: Course, zone: str, now: datetime
) -> UUID:
    """Starts the course, or finds it running. The first lesson is planned in the same transaction."""
    running = enrolments.living(tx, person, course.slug)
    if running:
        return UUID(str(running[0].id))
    id = new_id()
    enrolments.add(tx, id, person, contact, course.slug, schedule.version(course), now)
    first = schedule.next_lesson(course, Progress(now), zone)
    if first is not None:
        messages.plan(tx, [_plan(id, person, contact, first)], now)
    return id


def _plan(enrolment: UUID, person: UUID, contact: UUID, due: Due, id: UUID | None = None) -> Plan:
    return Plan(
        id=id or new_id(),
        kind=COURSE_LESSON,
        cause="enrolment",
        cause_id=enrolment,
        step=due.lesson.slug,
        person_id=person,
        contact_id=contact,
        dedup_key=dedup_key(enrolment, due.lesson.slug),
        due_at=due.due_at,
        not_after=due.not_after,
    )


def plan_after(rt: Runtime, tx: Connection, gone: Sequence[tuple[FactsRow, str]], now: datetime) -> None:
    """In the claim's transaction: moves enrolments on, plans each one's next lesson, and the texts beside these.

    Whom no email reaches any more, but texts do, goes on by text alone.
    """
    lessons = [
        (row, how) for row, how in gone if row.kind == COURSE_LESSON.name and row.cause_state == "active"
    ]
    texted = storage_texts.contacts(tx, [row.person_id for row, _ in lessons if row.person_id], now)
    steps: list[Step] = []
    next_up: list[tuple[FactsRow, Due]] = []
    told: list[Left] = []
    ended: dict[str, list[UUID]] = {}
    for row, how in lessons:
        contact = texted.get(row.person_id) if row.person_id else None
        unreachable = how.startswith("suppressed_") or how in _UNREACHABLE
        if unreachable and contact is None:
            ended.setdefault(_UNREACHABLE.get(how, "stopped"), []).append(row.cause_id)
            continue
        course = rt.library.courses.get(row.course or "")
        if course is None or row.step in (row.done or ()) or not (unreachable or how in _MOVES_ON):
            continue
        progress = progress_of(row)
        zone = usable(row.zone, rt.clinic.zone)
        lesson = course.lesson(row.step)
        today = local(now, zone).date()
        if lesson is not None:
            progress = schedule.after(progress, lesson, today)
        following = schedule.next_lesson(course, progress, zone)
        day = lesson.day if lesson is not None else progress.last_day
        steps.append(Step(row.cause_id, row.step, day, today, following is None))
        if contact is not None and row.person_id and lesson is not None and (unreachable or how == SENT):
            told.append(Left(row.cause_id, row.person_id, contact, row.step))
        if following is not None:
            next_up.append((row, following))
    enrolments.advance(tx, steps, now)
    messages.plan(tx, _plans(next_up), now)
    course_texts.plan(rt, tx, told, now)
    for state, causes in ended.items():
        enrolments.end(tx, causes, state, now)


def _plans(next_up: Sequence[tuple[FactsRow, Due]]) -> list[Plan]:
    return [
        _plan(row.cause_id, row.person_id, row.contact_id, due, id)
        for id, (row, due) in zip(new_ids(len(next_up)), next_up, strict=True)
        if row.person_id and row.contact_id
    ]


def replan(rt: Runtime, tx: Connection, rows: Sequence[Any], now: datetime) -> int:
    """Compares what is planned for these enrolments with what should be, and mends it.

    Returns how many were changed; twice in a row the second changes nothing. The rows are locked
    together with their people and carry the person's ``zone``.
    """
    changed = 0
    for row in rows:
        course = rt.library.courses.get(row.course)
        if course is None:
            continue
        zone = usable(row.zone, rt.clinic.zone)
        wanted = schedule.next_lesson(course, progress_of(row), zone)
        changed += _mend(tx, row, wanted, now)
        if wanted is None:
            enrolments.end(tx, [row.id], "completed", now)
    return changed


def _mend(tx: Connection, row: Any, wanted: Due | None, now: datetime) -> int:
    """Makes the one planned row of an enrolment the wanted one."""
    planned = messages.planned_for(tx, row.person_id, row.id)
    # A lesson whose turn is over and that was given back by a worker still has to leave.
    waiting = [m for m in planned if m.step not in row.done]
    outdated = [m for m in waiting if wanted is None or m.step != wanted.lesson.slug]
    changed = messages.cancel(tx, [m.id for m in outdated], "replaced", now)
    if wanted is None:
        return changed
    same = [m for m in waiting if m.step == wanted.lesson.slug]
    if not same:
        return changed + messages.plan(tx, [_plan(row.id, row.person_id, row.contact_id, wanted)], now)
    if same[0].due_at != wanted.due_at and not same[0].anytime and same[0].reason not in DEFERRED:
        messages.move_planned(tx, dedup_key(row.id, same[0].step), wanted.due_at, wanted.not_after)
        changed += 1
    return changed


def replan_outdated(rt: Runtime, limit: int = 500) -> int:
    """Plans again what was planned with another timetable, or is not planned at all. The latter is looked for among
    LOOK_AT people at a time, by chance: planning is part of what makes it due, so there are none."""
    changed = 0
    for course in rt.library.courses.values():
        version = schedule.version(course)
        with rt.transaction() as tx:
            rows = enrolments.lock_outdated(tx, course.slug, version, limit)
            changed += replan(rt, tx, rows, rt.now(tx))
            if rows:
                enrolments.set_timetable(tx, [row.id for row in rows], version)
    with rt.transaction() as tx:
        rows = enrolments.lock_unplanned(tx, limit, LOOK_AT)
        changed += replan(rt, tx, rows, rt.now(tx))
    return changed


def stop(rt: Runtime, person: UUID, reason: str, course: str | None = None) -> int:
    """Ends a person's courses, with what was planned. Returns how many ended; twice ends nothing.

    ``reason`` is "booked" or "stopped". Raises NoSuchPerson.
    """
    with rt.transaction() as tx:
        if people.lock(tx, person) is None:
            raise NoSuchPerson(str(person))
        return end_courses(tx, person, reason, rt.now(tx), course)


def end_courses(tx: Connection, person: UUID, reason: str, now: datetime, course: str | None = None) -> int:
    """As ``stop``, within a transaction that holds the person's lock."""
    running = enrolments.unfinished(tx, person, course)
    messages.end_planned(tx, person, running, "cancelled", reason, now)
    return enrolments.end(tx, running, reason, now)


def leave(tx: Connection, person: UUID, channel: Channel, now: datetime) -> None:
    """What follows for courses when lessons are not wanted on ``channel`` any more: they end, unless they go on by the
    other channel. The caller holds the person's lock and has made the entry."""
    if channel == "email":
        if not consents.granted(tx, person, "sms", COURSE_LESSON.purpose):
            end_courses(tx, person, "unsubscribed", now)
        return
    ended = enrolments.not_by_email(tx, person, now)
    messages.end_planned(tx, person, ended, "cancelled", "unsubscribed", now)
    enrolments.end(tx, ended, "unsubscribed", now)
    storage_texts.end_planned(tx, person, "unsubscribed", now)


def take_up(rt: Runtime, tx: Connection, person: UUID, left_at: datetime, now: datetime) -> int:
    """Goes on with the courses that a person left at that very moment, where they stopped and as many days later.
    Returns how many. The caller holds the person's lock."""
    found = people.lock(tx, person)
    if found is None:
        return 0
    zone = usable(found.zone, rt.clinic.zone)
    away = max(0, (local(now, zone).date() - local(left_at, zone).date()).days)
    rows = enrolments.take_up(tx, person, left_at, away)
    replan(rt, tx, rows, now)
    return len(rows)


def pause(rt: Runtime, tx: Connection, row: Any, zone: str, until: datetime, now: datetime) -> None:
    """Moves the rest of a course behind ``until``. The caller holds the person's lock."""
    start = row.paused_until if row.paused_until is not None and row.paused_until > now else now
    days = max(0, (local(until, zone).date() - local(start, zone).date()).days)
    enrolments.set_pause(tx, row.id, max(until, start), row.shift_days + days)
    follow(rt, tx, row.id, zone)


def resume(rt: Runtime, tx: Connection, row: Any, zone: str, now: datetime) -> None:
    """Ends a pause early: the rest moves back by the days that were not used."""
    if row.paused_until is None or row.paused_until <= now:
        return
    unused = max(0, (local(row.paused_until, zone).date() - local(now, zone).date()).days)
    enrolments.set_pause(tx, row.id, None, row.shift_days - unused)
    messages.wake_paused(tx, row.person_id, row.id, now)
    follow(rt, tx, row.id, zone)


def pause_for_consultation(rt: Runtime, tx: Connection, person: UUID, now: datetime) -> int:
    """A consultation request pauses the person's courses for the time that the clinic set."""
    found = people.lock(tx, person)
    if found is None:
        return 0
    until = now + timedelta(days=rt.clinic.course.consultation_pause_days)
    running = enrolments.living(tx, person)
    for row in running:
        pause(rt, tx, row, found.zone, until, now)
    return len(running)


def follow(rt: Runtime, tx: Connection, enrolment: UUID, zone: str) -> None:
    """Gives the one planned lesson the time that the timetable, a pause and the zone ask for."""
    row = enrolments.one(tx, enrolment)
    course = rt.library.courses.get(row.course) if row is not None else None
    wanted = schedule.next_lesson(course, progress_of(row), zone) if course is not None else None
    if row is not None and wanted is not None:
        due = max(wanted.due_at, row.paused_until or wanted.due_at)
        if due != wanted.due_at and course is not None:
            due = schedule.decent_moment(course, wanted.lesson, due, zone)
        messages.move_planned(tx, dedup_key(row.id, wanted.lesson.slug), due, max(wanted.not_after, due))


@dataclass(frozen=True, slots=True)
class Simulated:
    """One lesson that a person would get; ``due_at`` is aware UTC, ``local`` the same moment there."""

    lesson: str
    title: str
    channel: str
    due_at: datetime
    local: datetime
    reason: str


def simulate(course: Course, zone: str, started_at: datetime) -> list[Simulated]:
    """What a person who starts at ``started_at`` would get and when. Touches no data."""
    told = []
    for due in schedule.whole(course, Progress(started_at), zone):
        there = local(due.due_at, zone)
        moved = "" if there.date() == due.wanted_on else f", moved from {due.wanted_on:%A} to {there:%A}"
        reason = f"day {due.lesson.day} at {due.lesson.at:%H:%M} local time{moved}"
        told.append(
            Simulated(due.lesson.slug, due.lesson.title, COURSE_LESSON.channel, due.due_at, there, reason)
        )
    return told
