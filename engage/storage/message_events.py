"""What vendors told about a message."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def of_message(tx: Connection, message_id: UUID) -> list[Any]:
    """Every event about a message, in the order in which they came. ``at`` is the vendor's time."""
    sql = """SELECT attempt_id, what, reason, code, failure, at, received_at FROM receipt_events
    WHERE message_id = %(id)s ORDER BY received_at, at, event_key"""
    return list(run(tx, sql, {"id": message_id}))
