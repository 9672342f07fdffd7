"""Saved audiences and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection

from engage.storage.database import run

ONE = """
SELECT s.id, s.name, s.version, s.created_at, s.archived_at, v.rules, v.actor, v.staff_id, v.at
FROM segments s JOIN segment_versions v ON v.segment_id = s.id AND v.version = s.version
"""


def listing(tx: Connection) -> list[Any]:
    """Segments in use, by name, with the rules in force."""
    return list(run(tx, f"{ONE} WHERE s.archived_at IS NULL ORDER BY lower(s.name), s.id"))


def one(tx: Connection, id: UUID) -> Any | None:
    """A segment with the rules in force, also one that was put away."""
    return run(tx, f"{ONE} WHERE s.id = %(id)s", {"id": id}).one_or_none()


def lock(tx: Connection, id: UUID) -> Any | None:
    """A segment's row, locked until the transaction ends."""
    return run(tx, "SELECT * FROM segments WHERE id = %(id)s FOR UPDATE", {"id": id}).one_or_none()


def versions(tx: Connection, id: UUID) -> list[Any]:
    """All versions, newest first: version, rules, actor, staff_id, at."""
    sql = """SELECT version, rules, actor, staff_id, at FROM segment_versions WHERE segment_id = %(id)s
    ORDER BY version DESC"""
    return list(run(tx, sql, {"id": id}))


def add(tx: Connection, id: UUID, name: str, now: datetime) -> bool:
    """A new segment; ``add_version`` follows. False when one in use has the name."""
    sql = """INSERT INTO segments (id, name, created_at) VALUES (%(id)s, %(name)s, %(now)s)
    ON CONFLICT (lower(name)) WHERE archived_at IS NULL DO NOTHING"""
    return run(tx, sql, {"id": id, "name": name, "now": now}).rowcount == 1


def taken(tx: Connection, name: str, but: UUID) -> bool:
    """Whether another segment in use has the name."""
    sql = """SELECT EXISTS (SELECT FROM segments WHERE lower(name) = lower(%(name)s) AND archived_at IS NULL
        AND id <> %(but)s)"""
    return bool(run(tx, sql, {"name": name, "but": but}).scalar_one())


def set_version(tx: Connection, id: UUID, name: str, version: int) -> None:
    """The version in force, and the name."""
    sql = "UPDATE segments SET name = %(name)s, version = %(version)s WHERE id = %(id)s"
    run(tx, sql, {"id": id, "name": name, "version": version})


def add_version(
    tx: Connection,
    id: UUID,
    version: int,
    rules: Mapping[str, Any],
    actor: str,
    staff: UUID | None,
    now: datetime,
) -> None:
    """Rules as they were saved; they never change."""
    sql = """INSERT INTO segment_versions (segment_id, version, rules, actor, staff_id, at)
    VALUES (%(id)s, %(version)s, %(rules)s::jsonb, %(actor)s, %(staff)s, %(now)s)"""
    told = orjson.dumps(rules).decode()
    values = {"id": id, "version": version, "rules": told, "actor": actor, "staff": staff, "now": now}
    run(tx, sql, values)


def archive(tx: Connection, id: UUID, now: datetime) -> bool:
    """Offered no more. False when it was not."""
    sql = "UPDATE segments SET archived_at = %(now)s WHERE id = %(id)s AND archived_at IS NULL"
    return run(tx, sql, {"id": id, "now": now}).rowcount == 1
