"""The consent ledger, which only grows, and the current state kept in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.ids import new_id
from engage.storage.database import run

ENTRY = """
INSERT INTO consents (id, person_id, channel, purpose, action, actor, source, wording_hash, message_id, sealed, at)
VALUES (%(id)s, %(person)s, %(channel)s, %(purpose)s, %(action)s, %(actor)s, %(source)s, %(wording)s, %(message)s,
    %(sealed)s, %(now)s)
"""
STATE = """
INSERT INTO consent_states (person_id, channel, purpose, granted, consent_id)
VALUES (%(person)s, %(channel)s, %(purpose)s, %(granted)s, %(id)s)
ON CONFLICT (person_id, channel, purpose) DO UPDATE SET granted = excluded.granted, consent_id = excluded.consent_id
"""


def keep_wording(tx: Connection, hash: bytes, wording: str, now: datetime) -> None:
    """Keeps the exact words that somebody agreed to."""
    run(
        tx,
        "INSERT INTO wordings (hash, wording, created_at) VALUES (%(hash)s, %(wording)s, %(now)s) ON CONFLICT DO NOTHING",
        {"hash": hash, "wording": wording, "now": now},
    )


def enter(
    tx: Connection,
    person: UUID,
    channel: str,
    purpose: str,
    action: str,
    *,
    actor: str,
    source: str,
    now: datetime,
    wording: bytes | None = None,
    message: UUID | None = None,
    id: UUID | None = None,
    sealed: bytes | None = None,
) -> UUID:
    """Adds an entry and moves the current state with it. The caller holds the person's lock."""
    values = {
        "id": id or new_id(),
        "person": person,
        "channel": channel,
        "purpose": purpose,
        "action": action,
        "actor": actor,
        "source": source,
        "wording": wording,
        "message": message,
        "sealed": sealed,
        "now": now,
        "granted": action == "granted",
    }
    run(tx, ENTRY, values)
    run(tx, STATE, values)
    return UUID(str(values["id"]))


def granted(tx: Connection, person: UUID, channel: str, purpose: str) -> bool:
    """Whether the person agrees now."""
    sql = """SELECT granted FROM consent_states WHERE person_id = %(person)s AND channel = %(channel)s
    AND purpose = %(purpose)s"""
    return bool(run(tx, sql, {"person": person, "channel": channel, "purpose": purpose}).scalar())


def one(tx: Connection, id: UUID) -> Any | None:
    """One ledger entry with its wording."""
    sql = """SELECT c.*, w.wording FROM consents c LEFT JOIN wordings w ON w.hash = c.wording_hash
    WHERE c.id = %(id)s"""
    return run(tx, sql, {"id": id}).one_or_none()
