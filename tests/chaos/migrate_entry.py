"""``engage db upgrade`` that dies before its n-th statement (``CHAOS_MIGRATION``), or before its commit (-1)."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from engage.cli.main import main


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(place: int) -> None:
    """From now on."""
    from alembic import op

    from engage.storage import schema

    if place < 0:
        migrations = schema._run_migrations

        def all_but_the_commit(connection: Any) -> None:
            migrations(connection)
            _die()

        schema._run_migrations = all_but_the_commit
        return
    come = [0]
    execute = op.execute

    def counted(*args: Any, **words: Any) -> None:
        if come[0] == place:
            _die()
        come[0] += 1
        execute(*args, **words)

    op.execute = counted


if __name__ == "__main__":
    if given := os.environ.get("CHAOS_MIGRATION"):
        arm(int(given))
    sys.argv = ["engage", "db", "upgrade"]
    main()
