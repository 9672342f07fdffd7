"""What a person wishes for: a pause, fewer messages, hours, a zone. The caller holds the person's lock to write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def of(tx: Connection, person: UUID) -> Any:
    """``paused_until``, ``fewer`` and ``contact_hours`` of a person who is there."""
    sql = "SELECT paused_until, fewer, contact_hours FROM people WHERE id = %(person)s"
    return run(tx, sql, {"person": person}).one()


def set_pause(tx: Connection, person: UUID, until: datetime | None, now: datetime) -> None:
    """Lessons and news wait until then; None ends the pause."""
    _set(tx, person, "paused_until", until, now)


def set_fewer(tx: Connection, person: UUID, fewer: bool, now: datetime) -> None:
    """Fewer lessons and news a week, or the usual number."""
    _set(tx, person, "fewer", fewer, now)


def set_zone(tx: Connection, person: UUID, zone: str, now: datetime) -> None:
    """Where the person's clocks are."""
    _set(tx, person, "zone", zone, now)


def set_hours(tx: Connection, person: UUID, lines: Sequence[str], now: datetime) -> None:
    """Lines for ``domain.weeks.week``; none is any decent hour."""
    sql = (
        """UPDATE people SET contact_hours = %(lines)b::text[], updated_at = %(now)s WHERE id = %(person)s"""
    )
    run(tx, sql, {"person": person, "lines": list(lines), "now": now})


def _set(tx: Connection, person: UUID, column: str, value: object, now: datetime) -> None:
    sql = f"UPDATE people SET {column} = %(value)s, updated_at = %(now)s WHERE id = %(person)s"
    run(tx, sql, {"person": person, "value": value, "now": now})


def wake(tx: Connection, person: UUID, reasons: Sequence[str], now: datetime) -> None:
    """Lets what waits for these reasons be looked at again now."""
    sql = """UPDATE messages SET due_at = greatest(not_before, %(now)s::timestamptz), reason = NULL
    WHERE person_id = %(person)s AND status = 'planned' AND reason = ANY(%(reasons)b::text[])"""
    run(tx, sql, {"person": person, "reasons": list(reasons), "now": now})


def lock_contacts(tx: Connection, person: UUID, channels: Sequence[str]) -> list[Any]:
    """The person's contacts on these channels and all others at the same addresses, locked, in the order of their
    ids as everybody does; lock the person first. Returns the person's own."""
    sql = """SELECT c.id, c.person_id, c.channel, c.address_index, c.state, c.care_only FROM contacts c
    WHERE c.channel = ANY(%(channels)b::text[]) AND c.address_index IN (SELECT o.address_index FROM contacts o
        WHERE o.person_id = %(person)s AND o.channel = c.channel)
    ORDER BY c.id FOR NO KEY UPDATE OF c"""
    found = run(tx, sql, {"person": person, "channels": list(channels)})
    return [row for row in found if row.person_id == person]


def end_planned(tx: Connection, person: UUID, channel: str, purposes: Sequence[str], now: datetime) -> int:
    """Ends what was planned of these purposes on a channel, since the person does not want it any more."""
    sql = """UPDATE messages SET status = 'cancelled', reason = 'unsubscribed', ended_at = %(now)s
    WHERE person_id = %(person)s AND channel = %(channel)s AND purpose = ANY(%(purposes)b::text[])
        AND status IN ('planned', 'held')"""
    values = {"person": person, "channel": channel, "purposes": list(purposes), "now": now}
    return run(tx, sql, values).rowcount


def hindrances(
    tx: Connection, channel: str, indexes: Sequence[bytes], purpose: str, now: datetime
) -> set[str]:
    """Reasons for which a purpose may not go to these addresses, less what agreeing again lifts: that the owner
    once left this very purpose."""
    sql = """SELECT DISTINCT reason FROM suppressions WHERE channel = %(channel)s
    AND address_index = ANY(%(indexes)b::bytea[]) AND scope IN ('all', %(purpose)s) AND lifted_at IS NULL
    AND (expires_at IS NULL OR expires_at > %(now)s) AND NOT (reason = 'unsubscribed' AND scope = %(purpose)s)"""
    values = {"channel": channel, "indexes": list(indexes), "purpose": purpose, "now": now}
    return {row[0] for row in run(tx, sql, values)}


def last_of_kind(tx: Connection, person: UUID, kind: str) -> Any | None:
    """The latest message of a kind to a person: ``status`` and ``due_at``."""
    sql = """SELECT status, due_at FROM messages WHERE person_id = %(person)s AND kind = %(kind)s
    AND status NOT IN ('cancelled', 'skipped') ORDER BY due_at DESC, id DESC LIMIT 1"""
    return run(tx, sql, {"person": person, "kind": kind}).one_or_none()
