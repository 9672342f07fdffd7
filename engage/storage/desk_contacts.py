"""Addresses and numbers as the front desk corrects them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def put(
    tx: Connection, id: UUID, person: UUID, channel: str, index: bytes, sealed: bytes, now: datetime
) -> UUID:
    """A contact that counts from now on for care: a new row, or the one that the person had with this address, under
    its old id; one that its owner confirmed stays good for all. Returns the id. The caller holds the person's lock."""
    sql = """INSERT INTO contacts (id, person_id, channel, address_index, sealed, created_at, care_only)
    VALUES (%(id)s, %(person)s, %(channel)s, %(index)s, %(sealed)s, %(now)s, true)
    ON CONFLICT (person_id, channel, address_index) DO UPDATE SET state = 'confirmed', created_at = excluded.created_at,
        care_only = contacts.care_only OR contacts.state <> 'confirmed'
    RETURNING id"""
    values = {"id": id, "person": person, "channel": channel, "index": index, "sealed": sealed, "now": now}
    return UUID(str(run(tx, sql, values).scalar_one()))


def replace_others(tx: Connection, person: UUID, channel: str, contact: UUID, now: datetime) -> int:
    """The others of the channel count no more; what of care is planned for them follows, and links that went there
    open nothing any more. Returns how many counted. The caller holds the locks of person and contacts."""
    sql = """UPDATE contacts SET state = 'replaced' WHERE person_id = %(person)s AND channel = %(channel)s
    AND id <> %(contact)s AND state IN ('confirmed', 'pending', 'bad') RETURNING id"""
    values = {"person": person, "channel": channel, "contact": contact}
    gone = [row[0] for row in run(tx, sql, values)]
    if not gone:
        return 0
    sql = """UPDATE messages SET contact_id = %(contact)s WHERE person_id = %(person)s
    AND contact_id = ANY(%(gone)b::uuid[]) AND status IN ('planned', 'held') AND purpose = 'care' AND sealed IS NULL"""
    run(tx, sql, {"contact": contact, "person": person, "gone": gone})
    if channel == "email":
        sql = "UPDATE people SET links_since = %(now)s WHERE id = %(person)s"
        run(tx, sql, {"now": now, "person": person})
    return len(gone)
