"""Which database this is. A restored copy has another fingerprint, or its pulse is behind."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from engage.ids import new_id
from engage.storage.database import run

# A restore from a dump makes a new cluster, a new database or at least a new table, and so a new number.
FINGERPRINT = """
SELECT (SELECT system_identifier FROM pg_control_system())::text
    || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())
    || '/' || 'instance'::regclass::oid
"""
# What the fingerprint reads once somebody has seen that the database's time went back.
WENT_BACK = "went back"
# What it reads while a person holds everything back.
HELD = "held"


def look(tx: Connection) -> Any | None:
    """The instance's row with the database's own ``found`` fingerprint; None when nobody ever asked."""
    sql = f"SELECT id, epoch, fingerprint, pulse, accepted_at, accepted_by, ({FINGERPRINT}) AS found FROM instance"
    return run(tx, sql).one_or_none()


def one(tx: Connection) -> Any:
    """As ``look``; the first asker makes the row."""
    row = look(tx)
    if row is None:
        run(
            tx,
            f"""INSERT INTO instance (id, epoch, fingerprint, accepted_at, accepted_by)
            VALUES (%(id)s, 1, ({FINGERPRINT}), clock_timestamp(), 'installation') ON CONFLICT DO NOTHING""",
            {"id": new_id()},
        )
        row = look(tx)
    return row


def beat(tx: Connection) -> int:
    """Counts the pulse on; its new value."""
    return int(run(tx, "UPDATE instance SET pulse = pulse + 1 RETURNING pulse").scalar() or 0)


def went_back(tx: Connection) -> None:
    """Notes that this is an older state of a database that went on elsewhere."""
    run(tx, "UPDATE instance SET fingerprint = %(back)s", {"back": WENT_BACK})


def hold(tx: Connection) -> None:
    """Nothing leaves until somebody accepts."""
    run(tx, "UPDATE instance SET fingerprint = %(held)s", {"held": HELD})


def accept(tx: Connection, by: str) -> int:
    """From now on this database is the one, and begins a life of its own. Returns the new epoch."""
    sql = f"""UPDATE instance SET id = %(id)s, epoch = epoch + 1, fingerprint = ({FINGERPRINT}), pulse = 0,
        accepted_at = clock_timestamp(), accepted_by = %(by)s RETURNING epoch"""
    return int(run(tx, sql, {"id": new_id(), "by": by}).scalar_one())
