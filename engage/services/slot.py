"""Who may deliver now: places for courses and campaigns, and nobody while somebody holds delivery back."""

from __future__ import annotations

from sqlalchemy import Connection

from engage.runtime import Runtime
from engage.services import instance
from engage.storage.database import run
from engage.storage.locks import Lock


class Slot:
    """A place among those who may deliver, held on a connection of its own while the block runs.

    Entering gives False when the place is taken: bulk has ``bulk_slots`` of them, care as many as
    it likes, and nobody has one while somebody holds delivery back or this is a restored copy that
    nobody has accepted.
    """

    def __init__(self, rt: Runtime, bulk_slots: int | None = None) -> None:
        self._rt = rt
        self._bulk_slots = bulk_slots
        self._connection: Connection | None = None

    def __enter__(self) -> bool:
        self._connection = self._rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            return self._take(self._connection)
        except BaseException:
            self._connection.close()
            raise

    def _take(self, connection: Connection) -> bool:
        if not instance.may_send(self._rt, connection):
            return False
        if not _try(connection, "pg_try_advisory_lock_shared", Lock.DELIVERING):
            return False
        slots = range(self._bulk_slots) if self._bulk_slots is not None else None
        return slots is None or any(
            _try(connection, "pg_try_advisory_lock", Lock.BULK_SLOT + n) for n in slots
        )

    def __exit__(self, *_: object) -> None:
        assert self._connection is not None
        try:
            run(self._connection, "SELECT pg_advisory_unlock_all()")
        finally:
            self._connection.close()


def _try(connection: Connection, function: str, key: int) -> bool:
    return bool(run(connection, f"SELECT {function}(%(key)s)", {"key": key}).scalar())
