"""A clinic's week as rows, for what only looks at them: what was sent and what became of it, what is planned, visits,
sign-ups, opt-outs, and things that wait for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from engage.domain.messages import LANES, Purpose
from engage.ids import new_id, new_ids
from engage.runtime import Runtime
from engage.storage.arrays import Moments, Texts, Uuids
from engage.storage.database import run

DAY = timedelta(days=1)
KINDS: dict[tuple[Purpose, str], str] = {
    ("care", "email"): "visit-reminder",
    ("care", "sms"): "visit-reminder-text",
    ("education", "email"): "course-lesson",
    ("education", "sms"): "course-lesson-text",
    ("marketing", "email"): "campaign",
    ("service", "email"): "signup-confirm",
}
MESSAGES = """
INSERT INTO messages (id, cause, cause_id, kind, channel, purpose, lane, status, reason, not_before, due_at, not_after,
    dedup_key, attempt_id, created_at, sent_at, ended_at)
SELECT id, 'staff', id, %(kind)s, %(channel)s, %(purpose)s, %(lane)s, status, %(reason)s, at, at, at + interval '1 day', id::text,
    attempt, at, CASE WHEN attempt IS NOT NULL THEN at END, CASE WHEN attempt IS NOT NULL THEN at END
FROM unnest(%(ids)b::uuid[], %(attempts)b::uuid[], %(statuses)b::text[], %(ats)b::timestamptz[]) AS x(id, attempt, status, at)
"""


def put(
    rt: Runtime,
    purpose: Purpose,
    channel: str,
    rows: Sequence[tuple[str, datetime]],
    batch: int = 0,
    reason: str | None = None,
) -> list[UUID]:
    """Messages as (status, when they left or are due). ``batch`` of them share a request; 0: none was made."""
    ids = new_ids(len(rows))
    of: list[UUID | None] = [None] * len(ids)
    with rt.transaction() as tx:
        for start in range(0, len(ids), batch) if batch else ():
            attempt = new_id()
            of[start : start + batch] = [attempt] * len(ids[start : start + batch])
            state = "unknown" if rows[start][0] == "unknown" else "done"
            sql = """INSERT INTO attempts (id, state, sender, channel, message_ids, lease_until, created_at, started_at,
                unknown_since) VALUES (%(id)s, %(state)s, 'sendgrid', %(channel)s, %(ids)b::uuid[], now(), now(), now(),
                CASE WHEN %(state)s = 'unknown' THEN now() END)"""
            share = Uuids(ids[start : start + batch])
            run(tx, sql, {"id": attempt, "state": state, "channel": channel, "ids": share})
        values = {
            "ids": Uuids(ids),
            "attempts": Uuids(of),
            "statuses": Texts(status for status, _ in rows),
            "ats": Moments(at for _, at in rows),
            "kind": KINDS[purpose, channel],
            "channel": channel,
            "purpose": purpose,
            "lane": LANES[purpose],
            "reason": reason,
        }
        run(tx, MESSAGES, values)
    return ids


def sent(rt: Runtime, now: datetime, size: int = 1) -> None:
    """The last seven days' messages, ``size`` times about a hundred."""
    for n in range(7):
        at = now - DAY * n - timedelta(minutes=1)
        weekday = (n * 5) % 7 + 3
        put(rt, "education", "email", [("delivered", at)] * (size * weekday * 2), batch=50)
        put(rt, "care", "sms", [("delivered", at)] * (size * weekday), batch=1)
        put(rt, "education", "email", [("accepted", at)] * (size * (7 - n)), batch=50)
        put(rt, "education", "email", [("failed", at)] * (size * (n % 3)), batch=50, reason="bounced")
    put(rt, "care", "sms", [("failed", now - DAY)] * 2, batch=1, reason="not_delivered")
    put(rt, "education", "email", [("held", now - DAY * 2)] * 3, reason="missing_value")
    put(rt, "care", "sms", [("unknown", now - timedelta(hours=3))], batch=1)


def planned(rt: Runtime, now: datetime, size: int = 1) -> None:
    """What goes out within a day, most of it in the morning."""
    for hour, lessons, reminders, answers in (
        (1, 3, 2, 1),
        (4, 0, 3, 0),
        (9, 12, 4, 0),
        (16, 40, 9, 0),
        (22, 8, 1, 0),
    ):
        at = now + timedelta(hours=hour, minutes=5)
        put(rt, "education", "email", [("planned", at)] * (lessons * size))
        put(rt, "care", "email", [("planned", at)] * reminders)
        put(rt, "care", "sms", [("planned", at)] * (reminders // 2))
        put(rt, "service", "email", [("planned", at)] * answers)


def visits(rt: Runtime, now: datetime) -> None:
    """A week's visits, and those of today that are still to come."""
    person = new_id()
    sql = """INSERT INTO people (id, zone, created_at, updated_at) VALUES (%(id)s, 'America/New_York', now(), now())"""
    one = """INSERT INTO appointments (id, person_id, starts_at, zone, minutes, location, status, since, source, created_at,
        updated_at, planned_with) VALUES (%(id)s, %(person)s, %(at)s, 'America/New_York', 60, 'Larkspur Lane', %(status)s, now(),
        'desk', now(), now(), '')"""
    rows = [
        *(("fulfilled", now - DAY * n - timedelta(hours=2)) for n in range(7) for _ in range(8 - n % 4)),
        *(("noshow", now - DAY * n - timedelta(hours=2)) for n in (1, 3)),
        *(("cancelled", now - DAY * n - timedelta(hours=2)) for n in (1, 2, 2, 5)),
        *(("booked", now - timedelta(hours=2)) for _ in range(2)),
        *(("booked", now + timedelta(minutes=30 * n)) for n in range(1, 4)),
    ]
    with rt.transaction() as tx:
        run(tx, sql, {"id": person})
        for status, at in rows:
            run(tx, one, {"id": new_id(), "person": person, "at": at, "status": status})


def joined_and_left(rt: Runtime, now: datetime) -> None:
    """Sign-ups that were confirmed, and addresses that opted out."""
    signup = """INSERT INTO signups (id, course, address_index, state, created_at, ended_at) VALUES (%(id)s, 'chronic-pain',
        %(index)s, 'confirmed', %(at)s, %(at)s)"""
    left = """INSERT INTO suppressions (id, channel, address_index, scope, reason, created_at) VALUES (%(id)s, 'email',
        %(index)s, %(scope)s, %(reason)s, %(at)s)"""
    with rt.transaction() as tx:
        for n in range(7):
            for _ in range((n * 3) % 7 + 1):
                id = new_id()
                run(tx, signup, {"id": id, "index": id.bytes, "at": now - DAY * n - timedelta(minutes=1)})
        for n, reason in (
            (1, "unsubscribed"),
            (1, "unsubscribed"),
            (3, "complaint"),
            (4, "opted_out"),
            (4, "hard_bounce"),
        ):
            id = new_id()
            for scope in ("education", "marketing"):
                values = {"id": new_id(), "index": id.bytes, "scope": scope, "reason": reason}
                run(tx, left, {**values, "at": now - DAY * n})


def campaign(rt: Runtime, name: str, state: str, sent: int = 0, **columns: object) -> UUID:
    """A campaign in a state, which ``sent`` people have had."""
    id = new_id()
    tally = orjson.dumps({"statuses": {"accepted": sent}}).decode()
    values = {"id": id, "name": name, "channel": "email", "state": state, "tally": tally, **columns}
    names = [*values, "created_at", "updated_at"]
    places = [*(f"%({column})s" for column in values), "now()", "now()"]
    with rt.transaction() as tx:
        run(tx, f"INSERT INTO campaigns ({', '.join(names)}) VALUES ({', '.join(places)})", values)
    return id


def follow_up(
    rt: Runtime, kind: str, waited: timedelta, due_in: timedelta, taken_by: UUID | None = None
) -> None:
    """Something for a person to do, that has waited so long already."""
    now = rt.now()
    sql = """INSERT INTO follow_ups (id, kind, dedup_key, cause, cause_id, assignee, created_at, due_at) VALUES (%(id)s, %(kind)s,
        %(key)s, 'message', %(id)s, %(taken)s, %(at)s, %(due)s)"""
    id = new_id()
    values = {
        "id": id,
        "kind": kind,
        "key": f"{kind}/{id}",
        "taken": taken_by,
        "at": now - waited,
        "due": now + due_in,
    }
    with rt.transaction() as tx:
        run(tx, sql, values)


def fill(rt: Runtime, size: int = 1) -> None:
    """All of it."""
    now = rt.now().astimezone(UTC)
    sent(rt, now, size)
    planned(rt, now, size)
    visits(rt, now)
    joined_and_left(rt, now)
