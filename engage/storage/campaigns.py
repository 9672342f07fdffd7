"""Campaigns: their rows, what was done with them, and who may be looking at one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection

from engage.storage.arrays import Uuids
from engage.storage.database import run

# What an editor may change, and what a run keeps. Names of columns never come from outside.
_COLUMNS = frozenset(
    {
        "name", "state", "segment_id", "segment_version", "rules", "subject", "preheader", "body", "waived",
        "rate_per_minute", "begin_wish", "contents", "fingerprint", "audience", "excluded", "frozen_at", "begins_at",
        "useful_until", "released", "phase", "canary_done_at", "progress_at", "paused_reason", "paused_at",
        "watched_since", "watched_since_real", "tally", "tallied_at", "created_by", "submitted_by", "approved_by", "started_by", "ended_at",
    }
)  # fmt: skip
_JSON = frozenset({"rules", "contents", "tally"})


def add(
    tx: Connection,
    id: UUID,
    name: str,
    channel: str,
    by: UUID | None,
    now: datetime,
    cloned_from: UUID | None = None,
) -> None:
    """A new draft."""
    sql = """INSERT INTO campaigns (id, name, channel, created_by, cloned_from, created_at, updated_at)
    VALUES (%(id)s, %(name)s, %(channel)s, %(by)s, %(cloned)s, %(now)s, %(now)s)"""
    values = {"id": id, "name": name, "channel": channel, "by": by, "cloned": cloned_from, "now": now}
    run(tx, sql, values)


def one(tx: Connection, id: UUID) -> Any | None:
    """A campaign's row."""
    return run(tx, "SELECT * FROM campaigns WHERE id = %(id)s", {"id": id}).one_or_none()


def lock(tx: Connection, id: UUID, *, skip: bool = False) -> Any | None:
    """A campaign's row, locked until the transaction ends; with ``skip`` None also when somebody else has it."""
    how = "FOR NO KEY UPDATE SKIP LOCKED" if skip else "FOR NO KEY UPDATE"
    return run(tx, f"SELECT * FROM campaigns WHERE id = %(id)s {how}", {"id": id}).one_or_none()


# Claims and whoever pauses or cancels keep each other out by these, since they are served in the order of their coming:
# row locks let one claim after another pass by somebody who waits.
SHARED = """SELECT pg_advisory_xact_lock_shared(k) FROM (
    SELECT hashtextextended('campaign/' || i::text, 0) AS k FROM unnest(%(ids)b::uuid[]) AS i ORDER BY 1) x"""
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('campaign/' || %(id)s::text, 0))"


def keep_claims_out(tx: Connection, id: UUID) -> None:
    """Waits for claims that are deciding about its messages, and keeps others waiting until the transaction ends: what
    it says is known to the next claim. The caller holds the campaign's row; no claim waits for that."""
    run(tx, ALONE, {"id": str(id)})


def shared(tx: Connection, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """State, texts and audience rules of campaigns, held as they are until the transaction ends."""
    run(tx, SHARED, {"ids": Uuids(ids)})
    sql = "SELECT id, state, contents, rules FROM campaigns WHERE id = ANY(%(ids)b::uuid[])"
    return {row.id: row for row in run(tx, sql, {"ids": Uuids(ids)})}


# Weighed anew for each message: a patient may take it back, or it ends, after the audience was fixed.
UNAUTHORIZED = """
SELECT m.id FROM messages m
LEFT JOIN LATERAL (
    SELECT action, expires_at FROM authorizations WHERE person_id = m.person_id ORDER BY at DESC, id DESC LIMIT 1
) a ON true
WHERE m.id = ANY(%(ids)b::uuid[]) AND NOT coalesce(a.action = 'granted' AND (a.expires_at IS NULL OR a.expires_at > %(now)s), false)
    AND (EXISTS (SELECT FROM appointments v WHERE v.person_id = m.person_id AND v.status <> 'entered-in-error')
        OR EXISTS (SELECT FROM person_keys y WHERE y.person_id = m.person_id))
"""


def unauthorized(tx: Connection, messages: Sequence[UUID], now: datetime) -> set[UUID]:
    """Those of these messages whose person is or was a patient and has no authorization for marketing that stands."""
    if not messages:
        return set()
    return {row[0] for row in run(tx, UNAUTHORIZED, {"ids": Uuids(messages), "now": now})}


# Only who was merged can be two recipients of one campaign.
TWICE = """
SELECT m.id FROM messages m WHERE m.id = ANY(%(ids)b::uuid[])
    AND EXISTS (SELECT FROM person_merges g WHERE g.kept = m.person_id AND g.undone_at IS NULL)
    AND EXISTS (SELECT FROM messages o WHERE o.person_id IN (SELECT person_and_merged(m.person_id)) AND o.cause = 'campaign'
        AND o.cause_id = m.cause_id AND o.id <> m.id AND (o.status IN ('claimed', 'accepted', 'delivered', 'unknown')
            OR o.status = 'planned' AND o.id < m.id))
"""


def twice(tx: Connection, messages: Sequence[UUID]) -> set[UUID]:
    """Those of these messages of campaigns that their person, who was two, has by another one."""
    return {row[0] for row in run(tx, TWICE, {"ids": Uuids(messages)})}


def change(
    tx: Connection, id: UUID, now: datetime, changes: Mapping[str, Any], *, edited: bool = True
) -> None:
    """Writes columns of a locked campaign. ``edited``: a person's page from before it is outdated now."""
    unknown = set(changes) - _COLUMNS
    assert not unknown, unknown
    sets = [f"{name} = %({name})s{'::jsonb' if name in _JSON else ''}" for name in changes]
    sets.append("updated_at = %(updated_at)s")
    if edited:
        sets.append("version = version + 1")
    values = {
        name: orjson.dumps(value).decode() if name in _JSON and value is not None else value
        for name, value in changes.items()
    }
    run(
        tx,
        f"UPDATE campaigns SET {', '.join(sets)} WHERE id = %(id)s",
        {**values, "id": id, "updated_at": now},
    )


def listing(tx: Connection, limit: int) -> list[Any]:
    """Campaigns, those that are under way first, then the newest."""
    sql = """SELECT * FROM campaigns ORDER BY state IN ('done', 'cancelled'), updated_at DESC, id DESC LIMIT %(limit)s"""
    return list(run(tx, sql, {"limit": limit}))


def live(tx: Connection, states: Sequence[str]) -> list[UUID]:
    """Ids of campaigns in these states that are not over, oldest first."""
    sql = """SELECT id FROM campaigns WHERE state = ANY(%(states)s::text[]) AND ended_at IS NULL ORDER BY created_at, id"""
    return [row[0] for row in run(tx, sql, {"states": list(states)})]


# Half of them are enough: of those who had it somebody has left meanwhile, and somebody has come. INTERSECT hashes or
# sorts both lists however few rows the planner believes in.
SAME = """
SELECT c.id, c.name, c.begins_at FROM campaigns c WHERE c.fingerprint = %(print)s AND c.id <> %(id)s
    AND (c.state IN ('starting', 'running', 'paused', 'done') OR c.released > 0)
    AND 2 * (SELECT count(*) FROM (
        SELECT person_id FROM campaign_recipients WHERE campaign_id = c.id AND excluded IS NULL
        INTERSECT SELECT person_id FROM campaign_recipients WHERE campaign_id = %(id)s AND excluded IS NULL
    ) x) >= %(audience)s
ORDER BY c.begins_at DESC NULLS LAST LIMIT 1
"""


def same(tx: Connection, id: UUID, fingerprint: bytes, audience: int) -> Any | None:
    """The newest other campaign that brought, or brings, the same text to at least half of the same people."""
    return run(tx, SAME, {"id": id, "print": fingerprint, "audience": audience}).one_or_none()


def next_moment(tx: Connection, after: datetime, until: datetime) -> datetime | None:
    """The first moment in that time at which a campaign is to begin."""
    sql = """SELECT min(begins_at) FROM campaigns WHERE state = 'starting' AND begins_at > %(after)s
    AND begins_at <= %(until)s"""
    moment: datetime | None = run(tx, sql, {"after": after, "until": until}).scalar()
    return moment


def note(
    tx: Connection,
    id: UUID,
    what: str,
    actor: str,
    staff_id: UUID | None,
    told: Mapping[str, Any],
    now: datetime,
) -> None:
    """One line of what was done with it."""
    sql = """INSERT INTO campaign_events (campaign_id, what, actor, staff_id, told, at)
    VALUES (%(id)s, %(what)s, %(actor)s, %(staff)s, %(told)s::jsonb, %(now)s)"""
    values = {"id": id, "what": what, "actor": actor, "staff": staff_id, "now": now}
    run(tx, sql, {**values, "told": orjson.dumps(dict(told)).decode()})


def events(tx: Connection, id: UUID) -> list[Any]:
    """What was done with it, oldest first."""
    sql = "SELECT * FROM campaign_events WHERE campaign_id = %(id)s ORDER BY place"
    return list(run(tx, sql, {"id": id}))


def hands(tx: Connection, id: UUID) -> set[UUID]:
    """Members of staff who wrote it, changed it, let a word pass or submitted it."""
    sql = """SELECT DISTINCT staff_id FROM campaign_events WHERE campaign_id = %(id)s AND staff_id IS NOT NULL
    AND what IN ('created', 'edited', 'waived', 'submitted')"""
    return {row[0] for row in run(tx, sql, {"id": id})}


def count_events(tx: Connection, id: UUID, what: str, since: datetime) -> int:
    """How often something was done with it since then."""
    sql = "SELECT count(*) FROM campaign_events WHERE campaign_id = %(id)s AND what = %(what)s AND at >= %(since)s"
    return int(run(tx, sql, {"id": id, "what": what, "since": since}).scalar_one())
