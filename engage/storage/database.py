"""The engine, transactions, and the one way in which named SQL is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy import Connection, CursorResult, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from engage.storage import arrays

arrays.register()

# A wish for a connection is answered within this many seconds, or refused: a page must not hang.
CONNECT_SECONDS = 5
IDLE_IN_TRANSACTION_MS = 30_000


class DatabaseUrlError(ValueError):
    """DATABASE_URL can't be read. The message does not repeat it, since it may hold a password."""


def make_engine(url: str, *, pool_size: int = 4, single: bool = False) -> Engine:
    """An engine on PostgreSQL 15+ whose sessions run in UTC. Connects on first use.

    ``single`` is for statements that commit by themselves: a round trip each instead of four.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUrlError(
            "DATABASE_URL is no address such as postgresql://user:password@host/name"
        ) from None
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise DatabaseUrlError("DATABASE_URL must start with postgresql://")
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=not single,
        isolation_level="AUTOCOMMIT" if single else None,
        pool_use_lifo=True,
        # Parameters are people's data: they must not be quoted in an error.
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "engage",
            "options": f"-c timezone=UTC -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS} -c random_page_cost=1.1",
        },
    )


def run(tx: Connection, sql: str, values: Mapping[str, Any] | None = None) -> CursorResult[*tuple[Any, ...]]:
    """One statement with ``%(name)s`` places, straight to psycopg: lists become arrays."""
    return tx.exec_driver_sql(sql, dict(values) if values else None)


def rows(tx: Connection, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """As ``run``, for the hot statements that return something: plain tuples, sent as they are stored and not as text.

    Raises what ``run`` raises: whoever handles a lost connection or a doubled id need not know which was used.
    """
    driver = tx.connection.driver_connection
    assert driver is not None
    try:
        with driver.cursor(binary=True) as cursor:
            cursor.execute(sql, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
    except psycopg.Error as error:
        raise DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True) from error


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five letters for what went wrong; None when it said nothing."""
    return getattr(error.orig, "sqlstate", None)


def is_deadlock(error: DBAPIError) -> bool:
    """Two transactions waited for each other and PostgreSQL ended this one: it may be done again as it was."""
    return sqlstate(error) == "40P01"


def lock_value(tx: Connection, index: bytes) -> None:
    """Holds off other transactions that act on the same blind index, until this one ends."""
    run(tx, "SELECT pg_advisory_xact_lock(%(key)s)", {"key": int.from_bytes(index[:8], "big", signed=True)})
