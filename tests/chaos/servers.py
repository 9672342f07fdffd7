"""PostgreSQL and Valkey that may be killed: PostgreSQL keeps what it has committed, Valkey loses all."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from engage.dev import child, identity
from engage.dev.child import Child
from engage.dev.embedded import Servers
from engage.dev.postgres import ENV, SETTINGS, Postgres

CONNECTIONS = 100
# Commits are on disk before they are confirmed, as in production.
SAFE = (f"max_connections={CONNECTIONS}", "fsync=on", "synchronous_commit=on", "full_page_writes=on")


class Database:
    """The PostgreSQL of one stand; always on the same port."""

    def __init__(self, servers: Servers) -> None:
        assert servers.postgres is not None
        self.postgres: Postgres = servers.postgres
        self.owner_url = servers.owner_url
        self.postgres.child = self._begin(settle=True)

    def _begin(self, settle: bool = False) -> Child:
        postgres = self.postgres
        if settle and postgres.child is not None:
            postgres.child.stop_signal = signal.SIGINT
            child.stop([postgres.child])
        postgres._clear_stale_pid()
        argv = [str(postgres.binaries / "postgres"), "-D", str(postgres.cluster), "-p", str(postgres.port)]
        for option in (*SETTINGS, *SAFE):
            argv += ["-c", option]
        return child.start(
            "postgres",
            argv,
            log=postgres.log,
            env=ENV,
            cwd=Path("/"),
            account=postgres.account,
            stop_signal=signal.SIGINT,
            grace_seconds=20.0,
        )

    @property
    def pid(self) -> int:
        assert self.postgres.child is not None
        return self.postgres.child.process.pid

    def ended(self) -> bool:
        """Whether the server is gone."""
        return self.postgres.child is None or self.postgres.child.ended()

    def kill(self) -> None:
        """The whole server at once, as when the machine loses its power."""
        assert self.postgres.child is not None
        # It must not fork while we look: a session that is left alone may wait for ever for a lock of a dead one.
        send([self.pid], signal.SIGSTOP)
        send([self.pid, *descendants(self.pid)], signal.SIGKILL)
        self.postgres.child.process.wait(10)

    def start(self) -> None:
        """Begins; ``ready`` tells when it takes connections."""
        self.postgres.child = self._begin()

    def ready(self) -> bool:
        """Whether it answers. Begins again where only the last one's memory was in the way."""
        assert self.postgres.child is not None
        if self.postgres.child.ended():
            self.start()
            return False
        try:
            with psycopg.connect(self.owner_url, connect_timeout=2):
                return True
        except psycopg.Error:
            return False

    def freeze(self) -> None:
        send([self.pid, *descendants(self.pid)], signal.SIGSTOP)

    def thaw(self) -> None:
        send([self.pid, *descendants(self.pid)], signal.SIGCONT)

    def cut(self) -> None:
        """Ends all sessions but its own."""
        sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'engage'"
        with psycopg.connect(self.owner_url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(sql)

    @contextmanager
    def crowded(self) -> Iterator[int]:
        """Somebody else has taken all connections that an application may have; how many."""
        taken: list[psycopg.Connection[tuple[object, ...]]] = []
        try:
            with suppress(psycopg.OperationalError):
                while len(taken) < CONNECTIONS:
                    taken.append(psycopg.connect(self.owner_url, connect_timeout=5))
            yield len(taken)
        finally:
            for connection in taken:
                connection.close()


def send(pids: Sequence[int], number: int) -> None:
    """A signal to each that still lives."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def descendants(pid: int) -> list[int]:
    """All processes below one, by /proc."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
                below.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        children = below.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


assert identity.LINUX, "the chaos runs look into /proc"
