"""Whether the migrations need to run: not when the database and the migrations are as the last run left them."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from engage.dev.datadir import read_json, write_private
from engage.dev.errors import DevError

NAME = "migrated.json"


def still(data_dir: Path, migrations: Path, database_url: str) -> bool:
    """Whether the database itself is at the revision noted, and no migration has changed since."""
    try:
        noted = read_json(data_dir / NAME)
    except (DevError, ValueError):
        return False
    return noted is not None and noted == _state(migrations, database_url)


def note(data_dir: Path, migrations: Path, database_url: str) -> None:
    """Notes the state that a successful migration left; without it the next start takes a second longer."""
    state = _state(migrations, database_url)
    with suppress(DevError):
        if state is not None:
            write_private(data_dir / NAME, state)


def _state(migrations: Path, database_url: str) -> dict[str, str] | None:
    """What is there now; None when the database can't say."""
    import psycopg

    digest = hashlib.sha256()
    for path in sorted(migrations.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            found = connection.execute("SELECT string_agg(version_num, ',') FROM alembic_version").fetchone()
    except (psycopg.Error, UnicodeError):
        return None
    return {"migrations": digest.hexdigest(), "revision": str(found[0]) if found else ""}
