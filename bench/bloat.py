"""Sizes of the messages' table, and the housekeeping that lets it stand still under churn."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from bench import people
from engage.domain import schedule
from engage.domain.messages import COURSE_LESSON
from engage.domain.schedule import Progress
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services.courses import dedup_key
from engage.storage import messages
from engage.storage.database import run
from engage.storage.messages import Plan

MIB = 1024.0 * 1024.0
SIZES = """
SELECT pg_table_size('messages'), pg_indexes_size('messages'), pg_relation_size('messages_due'),
    (SELECT count(*) FROM messages), (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'messages')
"""


class Sizes(NamedTuple):
    """MiB, and rows."""

    table: float
    indexes: float
    due_index: float
    rows: int
    dead: int


def sizes(rt: Runtime) -> Sizes:
    """As they are now. Dead rows are PostgreSQL's own estimate."""
    with rt.transaction() as tx:
        table, indexes, due, rows, dead = run(tx, SIZES).one()
    return Sizes(table / MIB, indexes / MIB, due / MIB, rows, dead)


def clear_away(rt: Runtime) -> None:
    """Deletes all but the newest two lessons of each person, and attempts that nobody points to."""
    with rt.transaction() as tx:
        moments = run(
            tx, "SELECT DISTINCT date_trunc('day', sent_at) FROM messages WHERE sent_at IS NOT NULL"
        )
        kept = sorted(row[0] for row in moments)[-2:]
        run(tx, "DELETE FROM messages WHERE status = 'accepted' AND sent_at < %(since)s", {"since": kept[0]})
        run(
            tx,
            """DELETE FROM attempts a WHERE state = 'done'
            AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = a.message_ids[1])""",
        )


def restart(rt: Runtime) -> None:
    """Everybody's course is over: it begins again, as if they had just enrolled."""
    course = people.course(rt)
    with rt.transaction() as tx:
        run(tx, "DELETE FROM messages")
        run(tx, "DELETE FROM attempts")
        now = rt.now(tx)
        start = datetime.combine(now.date() + timedelta(days=1), time(4, 0), UTC)
        people.move_clock(tx, start)
        rows = run(
            tx,
            """UPDATE enrolments e SET state = 'active', done = '{}', last_day = -1, last_on = NULL,
                started_at = %(start)s, ended_at = NULL
            FROM people p WHERE p.id = e.person_id RETURNING e.id, e.person_id, e.contact_id, p.zone""",
            {"start": start},
        ).all()
        plans = []
        for id, row in zip(new_ids(len(rows)), rows, strict=True):
            due = schedule.next_lesson(course, Progress(start), row.zone)
            assert due is not None
            plans.append(
                Plan(
                    id=id,
                    kind=COURSE_LESSON,
                    cause="enrolment",
                    cause_id=row.id,
                    step=due.lesson.slug,
                    person_id=row.person_id,
                    contact_id=row.contact_id,
                    dedup_key=dedup_key(row.id, due.lesson.slug),
                    due_at=due.due_at,
                    not_after=due.not_after,
                )
            )
        messages.plan(tx, plans, start)
