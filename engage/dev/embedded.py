"""PostgreSQL and Valkey from wheels, below a data directory: no system packages, no Docker."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from engage.dev import child, place
from engage.dev.account import for_servers
from engage.dev.child import Child
from engage.dev.datadir import DataDir
from engage.dev.errors import DevError
from engage.dev.postgres import OWNER, Postgres
from engage.dev.valkey import Valkey

START_SECONDS = 60.0


def _nothing() -> None:
    """The default of ``check``."""


@dataclass(slots=True)
class Servers:
    """Running servers. ``owner_url`` is the superuser's address of the embedded PostgreSQL, else empty."""

    database_url: str
    redis_url: str
    owner_url: str
    children: tuple[Child, ...]
    postgres: Postgres | None
    valkey: Valkey | None
    _data: DataDir
    _own_data: bool

    @classmethod
    def start(
        cls,
        data_dir: Path | DataDir,
        *,
        fast: bool = False,
        database_url: str = "",
        redis_url: str = "",
        check: Callable[[], None] = _nothing,
    ) -> Servers:
        """Starts what isn't given as an address and waits until it answers, or raises DevError.

        ``data_dir`` keeps data and passwords between runs. ``fast`` gives up safety of data for speed and is
        for tests. ``check`` is called while waiting and may raise. Call from the main thread, and ``stop``.
        """
        own = not isinstance(data_dir, DataDir)
        data = DataDir.hold(data_dir) if isinstance(data_dir, Path) else data_dir
        servers = cls(database_url, redis_url, "", (), None, None, data, own)
        try:
            data.end_leftovers()
            servers._start(fast, check)
        except BaseException:
            servers.stop(at_once=True)
            raise
        return servers

    def _start(self, fast: bool, check: Callable[[], None]) -> None:
        if fast:
            place.sweep_tests()
        if self.redis_url and self.database_url:
            return
        secrets = self._data.secrets()
        outside = place.outside("postgres", self._data.path, secrets["id"], throwaway=fast)
        account = for_servers((self._data.path / "postgres", outside))
        if not self.redis_url:
            self.valkey = Valkey.at(self._data, account, fast=fast)
            self.valkey.begin()
            self._note()
        if not self.database_url:
            self.postgres = Postgres.at(self._data, account, fast=fast)
            check()
            self.postgres.begin()
            self._note()
        for server in (self.valkey, self.postgres):
            until = time.monotonic() + START_SECONDS
            while server is not None and not server.ready():
                check()
                if time.monotonic() > until:
                    raise DevError(
                        f"{type(server).__name__} didn't answer in {START_SECONDS:.0f} s: see {server.log}."
                    )
                time.sleep(0.02)
        self._note()
        if self.valkey is not None:
            self.redis_url = self.valkey.url()
        if self.postgres is not None:
            self.postgres.make_database(secrets["owner"], secrets["engage"])
            self.database_url = self.postgres.url(secrets["engage"])
            self.owner_url = self.postgres.url(secrets["owner"], OWNER, "postgres")

    def _note(self) -> None:
        servers = [s.child for s in (self.valkey, self.postgres) if s is not None and s.child is not None]
        self.children = tuple(servers)
        self._data.remember(self.children)

    def stop(self, *, at_once: bool = False) -> None:
        """Stops what was started. ``at_once`` doesn't wait for a checkpoint."""
        if self.postgres is not None and self.postgres.child is not None and (at_once or self.postgres.fast):
            # Its "immediate" way; kill -9 would leave shared memory behind.
            self.postgres.child.stop_signal = signal.SIGQUIT
        child.stop([s.child for s in (self.valkey, self.postgres) if s is not None and s.child is not None])
        self._data.forget()
        for server in (self.valkey, self.postgres):
            if server is not None and server.fast:
                directory = server.directory if isinstance(server, Valkey) else server.cluster
                if place.ROOT_PLACE in directory.parents:
                    shutil.rmtree(directory.parent, ignore_errors=True)
        self.valkey = self.postgres = None
        self.children = ()
        if self._own_data:
            self._data.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
