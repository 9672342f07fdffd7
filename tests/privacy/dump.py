"""All that a database holds, as bytes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from engage.dev.embedded import Servers


def dump(servers: Servers, database_url: str) -> dict[str, bytes]:
    """Every table as ``COPY`` gives it in binary, where bytes are bytes, and what pg_dump writes if it is there."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        found = {}
        for (table,) in rows:
            words = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
            with connection.cursor().copy(words) as copied:
                found[f"table {table}"] = b"".join(bytes(part) for part in copied)
    if servers.postgres is not None:
        found["pg_dump"] = _pg_dump(servers.postgres.binaries, database_url)
    return found


def _pg_dump(binaries: Path, database_url: str) -> bytes:
    done = subprocess.run([binaries / "pg_dump", "--inserts", database_url], capture_output=True, check=True)
    return done.stdout
