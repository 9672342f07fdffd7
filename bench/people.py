"""Many people in the middle of a course, sealed for real, put in with a few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from engage.domain import schedule
from engage.domain.courses import Course
from engage.domain.messages import COURSE_LESSON
from engage.domain.people import normal_email
from engage.domain.schedule import Progress
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services.courses import dedup_key
from engage.storage import clock, messages
from engage.storage.database import run
from engage.storage.messages import Plan

NAMES = ("Ada", "Bao", "Chiara", "Elif", "Farid", "Grace", "José", "Keiko", "Noor", "Yusuf")
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
# At this hour it is the middle of the day in all of them.
NOON = time(18, 0, tzinfo=UTC)
CHUNK = 5000


def course(rt: Runtime) -> Course:
    """The course that they follow."""
    return next(iter(rt.library.courses.values()))


def enrol(rt: Runtime, count: int, *, last: bool = False) -> None:
    """``count`` more people who agreed, each with the first lesson planned, or with the ``last`` one.

    Their night begins now.
    """
    # In these zones it is evening, so nobody's first lesson is due before tomorrow.
    start = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), time(4, 0), UTC)
    lessons = course(rt).lessons
    progress = Progress(start)
    if last:
        progress = Progress(start, tuple(one.slug for one in lessons[:-1]), lessons[-2].day, start.date())
    with rt.transaction() as tx:
        move_clock(tx, start)
        for first in range(0, count, CHUNK):
            _enrol(rt, tx, range(first, min(first + CHUNK, count)), start, progress)
    with rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        run(own, "ANALYZE")


def _enrol(rt: Runtime, tx: Connection, numbers: range, now: datetime, progress: Progress) -> None:
    chosen = course(rt)
    version = schedule.version(chosen)
    wording = b"\0" * 32
    run(
        tx,
        "INSERT INTO wordings VALUES (%(hash)s, 'Yes, please.', %(now)s) ON CONFLICT DO NOTHING",
        {"hash": wording, "now": now},
    )
    n = len(numbers)
    people, contacts, consents = new_ids(n), new_ids(n), new_ids(n)
    enrolments, lessons = new_ids(n), new_ids(n)
    zones = [ZONES[number % len(ZONES)] for number in numbers]
    addresses = [f"person.{number}@example.org" for number in numbers]
    told = [{"given_name": NAMES[number % len(NAMES)], "main_pain": "neck"} for number in numbers]
    _copy(
        tx,
        "people (id, sealed, zone, created_at, updated_at)",
        (
            (id, rt.sealer.seal("people", id, what), zone, now, now)
            for id, what, zone in zip(people, told, zones, strict=True)
        ),
    )
    _copy(
        tx,
        "contacts (id, person_id, channel, address_index, sealed, created_at)",
        (
            (
                id,
                person,
                "email",
                rt.sealer.index("email", normal_email(address)),
                rt.sealer.seal("contacts", id, {"address": address}),
                now,
            )
            for id, person, address in zip(contacts, people, addresses, strict=True)
        ),
    )
    ledger = ("email", "education", "granted", "person", "bench", wording, now)
    _copy(
        tx,
        "consents (id, person_id, channel, purpose, action, actor, source, wording_hash, at)",
        ((id, person, *ledger) for id, person in zip(consents, people, strict=True)),
    )
    _copy(
        tx,
        "consent_states (person_id, channel, purpose, granted, consent_id)",
        ((person, "email", "education", True, id) for id, person in zip(consents, people, strict=True)),
    )
    _copy(
        tx,
        "enrolments (id, person_id, contact_id, course, timetable, started_at, done, last_day, last_on)",
        (
            (
                *(id, person, contact, chosen.slug, version, now),
                *(list(progress.done), progress.last_day, progress.last_on),
            )
            for id, person, contact in zip(enrolments, people, contacts, strict=True)
        ),
    )
    plans = []
    for n, id in enumerate(lessons):
        due = schedule.next_lesson(chosen, progress, zones[n])
        assert due is not None
        plans.append(
            Plan(
                id=id,
                kind=COURSE_LESSON,
                cause="enrolment",
                cause_id=enrolments[n],
                step=due.lesson.slug,
                person_id=people[n],
                contact_id=contacts[n],
                dedup_key=dedup_key(enrolments[n], due.lesson.slug),
                due_at=due.due_at,
                not_after=due.not_after,
            )
        )
    messages.plan(tx, plans, now)


def _copy(tx: Connection, where: str, rows: Iterable[Sequence[Any]]) -> None:
    driver = tx.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f"COPY {where} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def move_clock(tx: Connection, moment: datetime) -> None:
    """Puts the movable clock at ``moment``."""
    clock.set_ahead(tx, moment - datetime.now(UTC))


LESSONS_DUE = """
SELECT count(*) FROM messages WHERE kind = 'course-lesson' AND (status = 'planned' AND due_at <= %(now)s
    OR status IN ('claimed', 'unknown'))
"""


def next_lesson_day(rt: Runtime) -> int:
    """Moves the clock to noon of the day on which the next lesson is due. Returns how many are."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        due = messages.next_due(tx, now, now + timedelta(days=60))
        if due is None:
            return 0
        noon = datetime.combine(due.date(), NOON)
        move_clock(tx, noon)
        # Operators may be sent an alert meanwhile: that is no lesson.
        return int(run(tx, LESSONS_DUE, {"now": noon}).scalar_one())


def in_work(rt: Runtime) -> int:
    """How many messages are due or under way."""
    with rt.transaction() as tx:
        return messages.in_work(tx, rt.now(tx))


def lessons_in(rt: Runtime) -> int:
    """How many times everybody can be sent a lesson."""
    return len(course(rt).lessons)
