"""Sealed rows to try the keys on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from engage.storage.database import run


def contacts(tx: Connection) -> list[Any]:
    """The oldest and the newest contact that still holds its address: (id, channel, address_index, sealed)."""
    one = "SELECT id, channel, address_index, sealed FROM contacts WHERE sealed IS NOT NULL ORDER BY id"
    return list(run(tx, f"({one} LIMIT 1) UNION ALL ({one} DESC LIMIT 1)"))
