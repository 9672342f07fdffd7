"""How far the movable clock runs ahead, and the heartbeats, which are real time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from engage.storage.database import run


def ahead(tx: Connection) -> timedelta:
    """How far the movable clock is ahead of the real one."""
    moved: timedelta | None = run(tx, "SELECT ahead FROM movable_clock").scalar()
    return moved or timedelta(0)


def set_ahead(tx: Connection, moved: timedelta) -> None:
    """Moves the clock."""
    run(
        tx,
        "INSERT INTO movable_clock (ahead) VALUES (%(moved)s) ON CONFLICT (one) DO UPDATE SET ahead = excluded.ahead",
        {"moved": moved},
    )


def beat(tx: Connection, name: str) -> None:
    """Leaves a sign of life."""
    run(
        tx,
        """INSERT INTO heartbeats (name, at) VALUES (%(name)s, clock_timestamp())
        ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE heartbeats.at < clock_timestamp() - interval '1 s'""",
        {"name": name},
    )


def heartbeat_age(tx: Connection, name: str) -> float | None:
    """Seconds since the last sign of life, None when there was none."""
    sql = "SELECT extract(epoch FROM clock_timestamp() - at) FROM heartbeats WHERE name = %(name)s"
    age = run(tx, sql, {"name": name}).scalar()
    return None if age is None else float(age)


def database_now(tx: Connection) -> datetime:
    """The database's real clock, aware UTC."""
    moment: datetime = run(tx, "SELECT clock_timestamp()").scalar_one()
    return moment
