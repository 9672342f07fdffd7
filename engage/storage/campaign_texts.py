"""What staff wrote for a campaign."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def text_of(tx: Connection, id: UUID) -> Any | None:
    """The channel, subject, preheader, body and waived words of a campaign, None when there is no such id."""
    sql = "SELECT id, channel, subject, preheader, body, waived FROM campaigns WHERE id = %(id)s"
    return run(tx, sql, {"id": id}).one_or_none()
