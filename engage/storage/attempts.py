"""Attempts: one row for each provider request. Leases and holds run on the database's real clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.ids import first_id
from engage.storage.arrays import Floats, Texts, Uuids
from engage.storage.database import rows, run


class Opened(NamedTuple):
    """An attempt as the claim makes it; a message's place in ``message_ids`` is part of its evidence. All its messages are
    of one lane."""

    id: UUID
    sender: str
    channel: str
    message_ids: list[UUID]
    lane: int | None = None


OPEN = """
INSERT INTO attempts (id, sender, channel, lane, message_ids, lease_until, created_at)
SELECT v.id, %(sender)s, %(channel)s, %(lane)s, array_agg(v.message_id ORDER BY v.n),
    clock_timestamp() + make_interval(secs => %(lease)s), clock_timestamp()
FROM unnest(%(ids)b::uuid[], %(message_ids)b::uuid[]) WITH ORDINALITY AS v(id, message_id, n)
GROUP BY v.id
"""


def open_many(tx: Connection, attempts: Sequence[Opened], lease_seconds: float) -> None:
    """Opens attempts of one sender and lane."""
    if not attempts:
        return
    values = {
        "sender": attempts[0].sender,
        "channel": attempts[0].channel,
        "lane": attempts[0].lane,
        "lease": lease_seconds,
        "ids": Uuids(attempt.id for attempt in attempts for _ in attempt.message_ids),
        "message_ids": Uuids(id for attempt in attempts for id in attempt.message_ids),
    }
    run(tx, OPEN, values)


INHERIT = """
UPDATE attempts n SET claimed_at = coalesce(o.claimed_at, o.created_at)
FROM unnest(%(olds)b::uuid[], %(news)b::uuid[]) AS v(old, new) JOIN attempts o ON o.id = v.old WHERE n.id = v.new
"""


def inherit_claim(tx: Connection, parts: Sequence[tuple[UUID, UUID]]) -> None:
    """(old, new): what is sent in smaller requests was claimed when the greater one was."""
    if parts:
        run(tx, INHERIT, {"olds": Uuids(old for old, _ in parts), "news": Uuids(new for _, new in parts)})


START = """
UPDATE attempts SET state = 'started', started_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE id = ANY(%(ids)b::uuid[]) AND state = 'open' AND lease_until > clock_timestamp() RETURNING id
"""


def start(tx: Connection, ids: Sequence[UUID], lease_seconds: float) -> set[UUID]:
    """Those that may send their first byte: their lease still held. Fences a frozen worker."""
    return {row[0] for row in rows(tx, START, {"ids": Uuids(ids), "lease": lease_seconds})}


class Ended(NamedTuple):
    """How an attempt ended: ``state`` is "done", or "unknown" when nobody can tell; then somebody looks after
    ``hold`` seconds. ``provider_id`` is the vendor's id of a text message, ``code`` a short word or number that
    says why."""

    id: UUID
    state: str
    result: str
    provider_id: str | None = None
    hold: float = 0.0
    code: str | None = None


# In the order of their ids, as everybody who locks several attempts does.
END = """
WITH held AS (
    SELECT id FROM attempts WHERE id = ANY(%(ids)b::uuid[]) AND state IN ('started', 'unknown')
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE attempts a SET state = v.state, result = v.result, provider_id = coalesce(v.provider_id, a.provider_id),
    ended_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => v.hold),
    code = coalesce(v.code, a.code),
    unknown_since = CASE WHEN v.state = 'unknown' THEN clock_timestamp() ELSE a.unknown_since END
FROM held h JOIN unnest(%(ids)b::uuid[], %(states)b::text[], %(results)b::text[], %(provider_ids)b::text[],
    %(holds)b::float8[], %(codes)b::text[]) AS v(id, state, result, provider_id, hold, code) ON v.id = h.id
WHERE a.id = h.id RETURNING a.id
"""


def end(tx: Connection, ended: Sequence[Ended]) -> set[UUID]:
    """Records how attempts ended. Returns those that had not ended before; the others keep what they have."""
    if not ended:
        return set()
    values = {
        "ids": Uuids(e.id for e in ended),
        "states": Texts(e.state for e in ended),
        "results": Texts(e.result for e in ended),
        "provider_ids": Texts(e.provider_id for e in ended),
        "holds": Floats(e.hold for e in ended),
        "codes": Texts(e.code for e in ended),
    }
    return {row[0] for row in rows(tx, END, values)}


LATE = """SELECT id FROM attempts WHERE running AND state = 'open' AND lease_until <= clock_timestamp()
    ORDER BY lease_until LIMIT 500 FOR UPDATE SKIP LOCKED"""
OURS = """SELECT id FROM attempts WHERE id = ANY(%(ids)b::uuid[]) AND state = 'open'
    AND lease_until > clock_timestamp() ORDER BY id FOR UPDATE"""
RELEASE = """
WITH chosen AS ({chosen}), closed AS (
    UPDATE attempts a SET state = 'done', result = %(why)s, ended_at = clock_timestamp()
    FROM chosen WHERE a.id = chosen.id RETURNING a.id, a.message_ids
), belonging AS (
    SELECT c.id AS attempt_id, m.id FROM closed c, unnest(c.message_ids) AS m(id)
)
UPDATE messages m SET status = 'planned', reason = %(why)s, attempt_id = NULL, tries = greatest(0, m.tries - 1)
FROM belonging b WHERE m.id = b.id AND m.attempt_id = b.attempt_id AND m.status = 'claimed'
"""


def release_unstarted(tx: Connection) -> int:
    """Gives back messages whose worker never started to send. It does not count as a try."""
    return run(tx, RELEASE.format(chosen=LATE), {"why": "lease_expired"}).rowcount


def give_back(tx: Connection, ids: Sequence[UUID]) -> int:
    """Gives back the messages of attempts whose worker is not going to start them. It does not count as a try."""
    if not ids:
        return 0
    return run(tx, RELEASE.format(chosen=OURS), {"why": "sender_busy", "ids": list(ids)}).rowcount


DOUBT = """
WITH late AS (
    SELECT id FROM attempts WHERE running AND state = 'started' AND lease_until <= clock_timestamp()
    ORDER BY lease_until LIMIT 500 FOR UPDATE SKIP LOCKED
), doubted AS (
    UPDATE attempts a SET state = 'unknown', result = 'no_answer', unknown_since = clock_timestamp(),
        lease_until = clock_timestamp() + make_interval(secs => CASE WHEN a.sender = 'local' THEN 0
            WHEN a.channel = 'sms' THEN %(sms)s ELSE %(email)s END)
    FROM late WHERE a.id = late.id RETURNING a.id, a.message_ids
), belonging AS (
    SELECT d.id AS attempt_id, m.id FROM doubted d, unnest(d.message_ids) AS m(id)
)
UPDATE messages m SET status = 'unknown', reason = 'no_answer'
FROM belonging b WHERE m.id = b.id AND m.attempt_id = b.attempt_id AND m.status = 'claimed'
"""


def doubt_unanswered(tx: Connection, sms_hold: float, email_hold: float) -> int:
    """Messages whose worker stopped after it started to send become ``unknown``: never a blind retry.

    Somebody looks when the hold (seconds) is over; what the local sender took is known at once.
    """
    return run(tx, DOUBT, {"sms": sms_hold, "email": email_hold}).rowcount


# The lease of an unknown attempt is the time until somebody looks at it again, so that one about which
# nobody can tell anything does not stand in front of the others.
UNRESOLVED = """
WITH due AS (
    SELECT id FROM attempts WHERE running AND state = 'unknown' AND lease_until <= clock_timestamp()
    ORDER BY lease_until LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE attempts a SET lease_until = clock_timestamp() + make_interval(secs => %(again)s)
FROM due WHERE a.id = due.id
RETURNING a.id, a.sender, a.channel, a.message_ids, a.started_at, a.unknown_since,
    extract(epoch FROM clock_timestamp() - a.unknown_since)::float8 AS unknown_for
"""


def unresolved(tx: Connection, limit: int, again_seconds: float) -> list[Any]:
    """Attempts whose hold is over and that wait for evidence, for this caller alone during ``again_seconds``."""
    return list(run(tx, UNRESOLVED, {"limit": limit, "again": again_seconds}))


def hold(tx: Connection, id: UUID) -> Any | None:
    """An attempt that is still unknown, locked until the transaction ends. None when it is not (any more)."""
    sql = "SELECT id FROM attempts WHERE id = %(id)s AND state = 'unknown' FOR NO KEY UPDATE"
    return run(tx, sql, {"id": id}).one_or_none()


def look_again(tx: Connection, id: UUID, seconds: float) -> None:
    """Sets when an unknown attempt is looked at next."""
    sql = """UPDATE attempts SET lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
    WHERE id = %(id)s AND state = 'unknown'"""
    run(tx, sql, {"id": id, "seconds": seconds})


def opened_since(tx: Connection, since: datetime) -> bool:
    """Whether any was opened after ``since`` (real time, aware)."""
    return bool(
        run(tx, "SELECT EXISTS (SELECT 1 FROM attempts WHERE id > %(id)s)", {"id": first_id(since)}).scalar()
    )


def held_ids(tx: Connection, provider_ids: Sequence[str]) -> set[str]:
    """Of these ids of text messages, those that attempts have already."""
    sql = "SELECT provider_id FROM attempts WHERE channel = 'sms' AND provider_id = ANY(%(ids)b::text[])"
    return {row[0] for row in run(tx, sql, {"ids": list(provider_ids)})}


def of_message(tx: Connection, message_id: UUID) -> list[Any]:
    """All attempts that carried a message, oldest first. Ids grow with time, so none before the message's."""
    sql = """SELECT id, state, sender, channel, message_ids, lease_until, created_at, started_at, ended_at, result,
        provider_id, unknown_since, seen_at, final_at, claimed_at, code
    FROM attempts WHERE id > %(id)s AND message_ids @> ARRAY[%(id)s::uuid] ORDER BY created_at"""
    return list(run(tx, sql, {"id": message_id}))
