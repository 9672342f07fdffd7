"""A place to measure in: real servers with real fsync in a temporary directory, gone afterwards."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg
from sqlalchemy import make_url

from engage import keys
from engage.dev import child, identity
from engage.dev.child import Child
from engage.dev.embedded import Servers
from engage.dev.place import ROOT_PLACE
from engage.runtime import Runtime, build
from engage.settings import load
from engage.storage import schema

PROJECT = Path(__file__).resolve().parents[1]
# Settings of the person who runs this must not reach what is measured.
OURS = ("ENGAGE_", "DATABASE_URL", "REDIS_URL", "PORT", "PEER_", "SENDGRID_", "TWILIO_", "SMTP_", "SSL_CERT_")
# A database at the newest schema from which every part's own is copied.
TEMPLATE = "bench_template"
_numbers = count(1)


class BenchError(Exception):
    """Something that was to be measured did not do its work."""


@dataclass
class Place:
    """Servers, settings and processes of one run. ``directory`` goes when the run ends."""

    directory: Path
    servers: Servers
    rt: Runtime
    env: dict[str, str]
    _children: list[Child] = field(default_factory=list)

    @contextmanager
    def fresh(self, **env: str) -> Iterator[Place]:
        """The same servers with an empty database and queue of its own, and ``env`` added."""
        number = next(_numbers)
        name, user = f"bench_{number}", make_url(self.env["DATABASE_URL"]).username
        directory = self.directory / name
        directory.mkdir()
        redis = urlsplit(self.env["REDIS_URL"])
        words = {
            **self.env,
            "DATABASE_URL": _named(self.env["DATABASE_URL"], name),
            "REDIS_URL": urlunsplit(redis._replace(path=f"/{number % 16}")),
            **env,
        }
        self._admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {user}")
        rt = build(load(words), pool_size=4)
        place = Place(directory, self.servers, rt, words)
        try:
            yield place
        finally:
            place.stop()
            rt.transport.close()
            rt.engine.dispose()
            rt.single.dispose()
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def _admin(self, sql: str) -> None:
        # As their owner: an autovacuum that is under way yields to no one else.
        with psycopg.connect(plain_url(self.servers.owner_url), autocommit=True) as own:
            own.execute(sql)

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> Child:
        """Starts a process in the project's directory; it ends with us, whatever happens."""
        started = child.start(
            name,
            argv,
            log=self.directory / f"{name}.log",
            env={**self.env, **(env or {})},
            cwd=PROJECT,
            grace_seconds=10.0,
        )
        self._children.append(started)
        return started

    def stop(self, *children: Child) -> None:
        """Stops some of them, or all that still run."""
        chosen = list(children or self._children)
        child.stop(chosen)
        self._children = [one for one in self._children if one not in chosen]

    def wait(self, what: str, done: Callable[[], bool], seconds: float = 30.0, tick: float = 0.05) -> None:
        """Waits until ``done``. Raises BenchError when that takes too long or a process has ended."""
        until = time.monotonic() + seconds
        while not done():
            for one in self._children:
                if one.ended():
                    raise BenchError(f"{one.name} ended by itself ({one.how()}):\n{one.said(2000)}")
            if time.monotonic() > until:
                raise BenchError(f"{what} took longer than {seconds:.0f} s")
            time.sleep(tick)


@contextmanager
def open_place() -> Iterator[Place]:
    """Starts PostgreSQL and Valkey, and brings the database to the newest schema."""
    with TemporaryDirectory(prefix="engage-bench-") as name:
        directory = Path(name)
        # The servers' own account passes through when root runs this.
        directory.chmod(0o711)
        with Servers.start(directory / "data") as servers:
            outside = _kept_outside(servers)
            env = _environment(servers, directory)
            rt = build(load(env), pool_size=4)
            place = Place(directory, servers, rt, env)
            try:
                schema.upgrade(rt.engine)
                rt.engine.dispose()
                place._admin(f"CREATE DATABASE {TEMPLATE} TEMPLATE {make_url(servers.database_url).database}")
                yield place
            finally:
                place.stop()
                rt.engine.dispose()
        for left in outside:
            shutil.rmtree(left, ignore_errors=True)


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def plain_url(url: str) -> str:
    """The database's address as psycopg itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _environment(servers: Servers, directory: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {
        **kept,
        **keys.fresh(),
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "ENGAGE_DATA_DIR": str(directory / "keys"),
        "ENGAGE_CLINIC": str(PROJECT / "clinic.toml"),
        "ENGAGE_TEMPLATES": str(PROJECT / "templates"),
        "ENGAGE_BASE_URL": "https://engage.example.org",
        "ENGAGE_LOG_LEVEL": "warning",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",
    }


def _kept_outside(servers: Servers) -> list[Path]:
    """Data that the servers keep elsewhere, since their account can't reach the temporary directory."""
    used = [servers.postgres.cluster] if servers.postgres else []
    used += [servers.valkey.directory] if servers.valkey else []
    return [path.parent for path in used if ROOT_PLACE in path.parents]


def module(name: str, *words: str) -> tuple[str, ...]:
    """The command line of one of our own modules."""
    return (sys.executable, "-m", name, *words)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process and all that it started hold, in MiB. ``pss`` shares out what several map."""

    processes: int
    pss: float
    rss: float


def pss(pid: int) -> float | None:
    """What one process holds, in MiB; None where the system does not tell."""
    held = _held(pid)
    return held[0] / 1024 if held is not None else None


def memory(of: Child) -> Memory | None:
    """Memory of a process's session; None where the system does not tell."""
    pids = identity.session(of.process.pid)
    held = [found for pid in pids if (found := _held(pid)) is not None]
    if not held:
        return None
    return Memory(len(held), sum(pss for pss, _ in held) / 1024, sum(rss for _, rss in held) / 1024)


def _held(pid: int) -> tuple[float, float] | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    told = {name.rstrip(":"): float(kib) for name, kib, *_ in (line.split() for line in lines)}
    return told["Pss"], told["Rss"]
