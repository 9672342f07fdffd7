"""People's rows as other systems see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def many(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """Living people by id."""
    sql = """SELECT id, sealed, zone, created_at, updated_at FROM people
    WHERE id = ANY(%(ids)b::uuid[]) AND state = 'active'"""
    return list(run(tx, sql, {"ids": list(ids)}))
