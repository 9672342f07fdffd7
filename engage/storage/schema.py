"""Bringing a database to the schema that this code needs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from engage.storage.database import sqlstate
from engage.storage.locks import Lock

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
# Whoever waits for a table keeps everybody out of it who comes later: sending would stand still behind a backup.
_LOCK_SECONDS = 3
_TRIES = 60
_PAUSE_SECONDS = 2.0
_LOCK_NOT_AVAILABLE = "55P03"


class UpgradeInTheWayError(RuntimeError):
    """Another session kept a table in use until patience was over. What was upgraded before stays."""


def wanted() -> str:
    """The newest revision in the code: migrations are numbered by their files' names."""
    return max(path.name[:4] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def current(engine: Engine) -> str | None:
    """The revision of the database, None when it was never upgraded."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Runs what is missing, once even when called twice at a time. Returns (before, after). Raises UpgradeInTheWayError.

    It never waits long for a table in use, and tries again between those who use it.
    """
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": int(Lock.UPGRADE)})
        connection.commit()
        try:
            before = _revision(connection)
            connection.rollback()
            if before != wanted():
                _run_patiently(connection)
        finally:
            connection.rollback()
            connection.execute(text("RESET lock_timeout"))
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": int(Lock.UPGRADE)})
            connection.commit()
    return before, wanted()


def _run_patiently(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{_LOCK_SECONDS}s'"))
    connection.commit()
    for tries in range(1, _TRIES + 1):
        try:
            _run_migrations(connection)
            connection.commit()
            return
        except OperationalError as error:
            connection.rollback()
            if sqlstate(error) != _LOCK_NOT_AVAILABLE:
                raise
            if tries < _TRIES:
                time.sleep(_PAUSE_SECONDS)
    raise UpgradeInTheWayError(
        "another session has been using a table all the while: let a running backup end, or stop the workers; "
        "then upgrade again"
    )


def _run_migrations(connection: Connection) -> None:
    # Slow to import, and only an upgrade needs it: the web server and workers start without.
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
