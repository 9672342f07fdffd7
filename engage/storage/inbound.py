"""Text messages that people sent to us, kept until they are understood."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run

ADD = """
INSERT INTO inbound (id, provider_id, number_index, opt_out_type, sealed, received_at)
VALUES (%(id)s, %(provider_id)s, %(number)s, %(opt_out)s, %(sealed)s, %(received_at)s)
ON CONFLICT (provider_id) DO NOTHING
"""


def add(
    tx: Connection,
    id: UUID,
    provider_id: str,
    number_index: bytes,
    opt_out_type: str | None,
    sealed: bytes,
    received_at: datetime,
) -> bool:
    """Keeps one; False when it is kept already."""
    values = {
        "id": id,
        "provider_id": provider_id,
        "number": number_index,
        "opt_out": opt_out_type,
        "sealed": sealed,
        "received_at": received_at,
    }
    return run(tx, ADD, values).rowcount == 1
