"""A campaign's recipients: planning messages for the next ones, counting what became of them, taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import Kind
from engage.storage.arrays import Uuids
from engage.storage.database import run

# The campaign's row is locked by the caller. A recipient whose message was planned before keeps it by its dedup key.
# Three statements without a join: to the planner a list that was just written may be a row or two, and a join that is
# right for those takes hours for a hundred thousand.
NEXT = """
SELECT place, person_id, contact_id FROM campaign_recipients
WHERE campaign_id = %(id)s AND place > %(after)s AND excluded IS NULL ORDER BY place LIMIT %(limit)s
"""
ADD = """
INSERT INTO messages (id, kind, cause, cause_id, person_id, contact_id, channel, purpose, lane, not_before, due_at,
    not_after, dedup_key, created_at)
SELECT message, %(kind)s, 'campaign', %(id)s, person, contact, %(channel)s, %(purpose)s, %(lane)s,
    %(now)s, %(now)s, %(not_after)s, %(prefix)s || person::text, %(now)s
FROM unnest(%(messages)b::uuid[], %(people)b::uuid[], %(contacts)b::uuid[]) AS x(message, person, contact)
ON CONFLICT (dedup_key) DO NOTHING
"""
# One id for each place of the stretch; those of places that are left out are used by nobody.
NAME = """
UPDATE campaign_recipients SET message_id = (%(by_place)b::uuid[])[place - %(after)s]
WHERE campaign_id = %(id)s AND place > %(after)s AND place <= %(last)s AND excluded IS NULL
"""


def release(
    tx: Connection, id: UUID, kind: Kind, after: int, ids: Sequence[UUID], not_after: datetime, now: datetime
) -> tuple[int, int]:
    """Plans messages for the next recipients behind place ``after``, at most one for each of ``ids``. Returns the place
    reached and how many. The caller holds the campaign."""
    found = list(run(tx, NEXT, {"id": id, "after": after, "limit": len(ids)}))
    if not found:
        return after, 0
    last = int(found[-1].place)
    values = {
        "id": id, "messages": Uuids(ids[: len(found)]), "people": Uuids(row.person_id for row in found),
        "contacts": Uuids(row.contact_id for row in found), "now": now, "not_after": not_after,
        "kind": kind.name, "channel": kind.channel, "purpose": kind.purpose, "lane": kind.lane, "prefix": dedup_prefix(id),
    }  # fmt: skip
    run(tx, ADD, values)
    by_place = [ids[0]] * (last - after)
    for row, message in zip(found, ids, strict=False):
        by_place[row.place - after - 1] = message
    run(tx, NAME, {"id": id, "after": after, "last": last, "by_place": Uuids(by_place)})
    return last, len(found)


def dedup_prefix(id: UUID) -> str:
    """What the dedup keys of a campaign's messages begin with; the person's id follows."""
    return f"campaign/{id}/"


def waiting_in_queue(tx: Connection, kind: Kind, now: datetime, limit: int) -> int:
    """How many messages of the kind's lane and channel are due, counted up to ``limit``."""
    sql = """SELECT count(*) FROM (SELECT 1 FROM messages WHERE queued AND lane = %(lane)s AND channel = %(channel)s
        AND due_at <= %(now)s LIMIT %(limit)s) x"""
    values = {"lane": kind.lane, "channel": kind.channel, "now": now, "limit": limit}
    return int(run(tx, sql, values).scalar_one())


class Tallied(NamedTuple):
    """Messages of a campaign by status and reason; ``later``: planned ones whose time has not come; ``left``: those that
    a sender took, whatever came of them; ``failed_lately``: those that failed since a person looked last."""

    status: str
    reason: str | None
    later: bool
    left: bool
    failed_lately: bool
    number: int


TALLY = """
SELECT m.status, m.reason, m.status = 'planned' AND m.due_at > %(now)s, m.sent_at IS NOT NULL,
    m.status = 'failed' AND m.ended_at >= %(since)s, count(*)
FROM campaign_recipients r JOIN messages m ON m.id = r.message_id
WHERE r.campaign_id = %(id)s AND r.message_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5
"""


def tally(tx: Connection, id: UUID, now: datetime, since: datetime) -> list[Tallied]:
    """What has become of its messages; ``since``: when a person looked last."""
    return [Tallied._make(row) for row in run(tx, TALLY, {"id": id, "now": now, "since": since})]


class Unwelcome(NamedTuple):
    """How many of its messages were reported as spam, and how many of their people opted out after."""

    complaints: int
    stops: int


# The first condition is the partial index's.
UNWELCOME = """
SELECT
    (SELECT count(DISTINCT e.message_id) FROM receipt_events e
        JOIN messages m ON m.id = e.message_id AND m.cause = 'campaign' AND m.cause_id = %(id)s
        WHERE (e.what = 'complaint' OR e.reason = 'bounced') AND e.what = 'complaint' AND e.received_at >= %(real_since)s),
    (SELECT count(DISTINCT c.person_id) FROM consents c
        JOIN messages m ON m.person_id = c.person_id AND m.cause = 'campaign' AND m.cause_id = %(id)s
        WHERE c.action = 'withdrawn' AND c.at >= %(since)s AND c.channel = %(channel)s AND c.at >= m.sent_at)
"""


def unwelcome(tx: Connection, id: UUID, channel: str, since: datetime, real_since: datetime) -> Unwelcome:
    """Counted since then: ``since`` by the clinic's clock, ``real_since`` by the real one."""
    values = {
        "id": id,
        "channel": channel,
        "since": since,
        "real_since": real_since,
    }
    return Unwelcome._make(run(tx, UNWELCOME, values).one())


def oldest_due(tx: Connection, id: UUID, kind: Kind, before: datetime) -> datetime | None:
    """Since when a message of it is due that nobody has claimed, None where none is since ``before``."""
    sql = """SELECT due_at FROM messages WHERE queued AND lane = %(lane)s AND channel = %(channel)s
    AND due_at < %(before)s AND cause = 'campaign' AND cause_id = %(id)s ORDER BY due_at LIMIT 1"""
    values = {"id": id, "lane": kind.lane, "channel": kind.channel, "before": before}
    found: datetime | None = run(tx, sql, values).scalar()
    return found


def last_place(tx: Connection, id: UUID) -> int:
    """The highest place of its recipients."""
    sql = "SELECT coalesce(max(place), 0) FROM campaign_recipients WHERE campaign_id = %(id)s AND excluded IS NULL"
    return int(run(tx, sql, {"id": id}).scalar_one())


TAKE_BACK = """
WITH chosen AS (
    SELECT id FROM messages WHERE queued AND lane = %(lane)s AND channel = %(channel)s AND cause = 'campaign'
        AND cause_id = %(id)s ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE messages m SET status = 'cancelled', reason = 'campaign_cancelled', ended_at = %(now)s FROM chosen s WHERE m.id = s.id
"""


def take_back(tx: Connection, id: UUID, kind: Kind, limit: int, now: datetime) -> int:
    """Cancels some of what is still planned. Returns how many; what another has in its hands is left."""
    values = {"id": id, "lane": kind.lane, "channel": kind.channel, "limit": limit, "now": now}
    return run(tx, TAKE_BACK, values).rowcount


WAKE = """
WITH chosen AS (
    SELECT id FROM messages WHERE queued AND lane = %(lane)s AND channel = %(channel)s AND cause = 'campaign'
        AND cause_id = %(id)s AND (reason = 'campaign_paused' OR due_at <= %(now)s) ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE messages m SET due_at = %(now)s, reason = NULL,
    not_after = greatest(m.not_after, %(not_after)s::timestamptz) FROM chosen s WHERE m.id = s.id
"""


def wake(tx: Connection, id: UUID, kind: Kind, not_after: datetime, now: datetime) -> int:
    """Lets what waited for the end of a pause be looked at now. Returns how many."""
    values = {"id": id, "lane": kind.lane, "channel": kind.channel, "now": now, "not_after": not_after}
    return run(tx, WAKE, values).rowcount
