"""The product as it really runs: web, worker and beat as processes, on a database and a Valkey of their own.

Every process can be killed and started again by the test, and what it writes is kept in a file.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from engage.dev import child, ports, processes, readiness
from engage.dev.child import Child
from engage.dev.embedded import Servers
from engage.dev.processes import ENGAGE, PYTHON, ProcessSpec
from engage.dev.valkey import Valkey
from engage.runtime import Runtime, build
from engage.services.health import WAKE_UP
from engage.settings import Settings, load
from engage.storage import clock, schema
from engage.storage.database import make_engine, run
from tests.processes.visitor import Visitor

PROJECT = Path(__file__).resolve().parents[2]
APP = ("web", "worker", "beat")
DEAF_SECONDS = 8.0


def until(true: Callable[[], Any], what: str, seconds: float = 30.0, log: Path | None = None) -> Any:
    """Waits for a true value and returns it. ``log`` is quoted if it does not come."""
    end = time.monotonic() + seconds
    while not (value := true()):
        if time.monotonic() > end:
            said = log.read_text(encoding="utf-8")[-2000:] if log is not None else ""
            raise AssertionError(f"waited {seconds:.0f} s for {what}. {said}")
        time.sleep(0.03)
    return value


@contextmanager
def database(servers: Servers) -> Iterator[str]:
    """A database of one's own at the newest schema; its address."""
    url = make_url(servers.database_url)
    name = f"engage_stack_{uuid4().hex[:12]}"
    admin(servers, f'CREATE DATABASE {name} OWNER "{url.username}"')
    try:
        address = url.set(database=name).render_as_string(hide_password=False)
        engine = make_engine(address)
        schema.upgrade(engine)
        engine.dispose()
        yield address
    finally:
        admin(servers, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def admin(servers: Servers, sql: str) -> None:
    """One statement as the server's owner."""
    url = make_url(servers.owner_url or servers.database_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(sql))
    engine.dispose()


class Stack:
    """Processes by name: ``web``, ``worker``, ``beat`` and ``valkey``. Start it from the main thread."""

    def __init__(
        self,
        directory: Path,
        database_url: str,
        broker: Servers,
        *,
        env: Mapping[str, str],
        loud: bool = False,
    ) -> None:
        assert broker.valkey is not None
        self.logs = directory / "logs"
        self.logs.mkdir()
        self.port = ports.free()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.valkey: Valkey = broker.valkey
        self.env = {
            "DATABASE_URL": database_url,
            "REDIS_URL": broker.redis_url,
            "ENGAGE_DATA_DIR": str(directory),
            "ENGAGE_CLINIC": str(_busy_clinic(directory)),
            "ENGAGE_TEMPLATES": str(PROJECT / "templates"),
            "PORT": str(self.port),
            **env,
        }
        self.settings: Settings = load(self.env)
        self.rt: Runtime = build(self.settings, pool_size=2)
        specs = processes.engage(PROJECT, directory, self.port).processes
        self._specs = {spec.name: _loud(spec) if loud else spec for spec in specs}
        self._children: dict[str, Child] = {}
        self._killed: set[str] = set()
        self._born: dict[str, float] = {}

    def start(self, *names: str) -> None:
        """Starts processes; all of the app's without names."""
        for name in names or APP:
            if name == "valkey":
                self._start_valkey()
                continue
            spec = self._specs[name]
            env = self._whole_env() | dict(spec.env)
            self._born[name] = time.monotonic()
            self._children[name] = child.start(name, spec.argv, log=self.log(name), env=env, cwd=PROJECT)

    def _start_valkey(self) -> None:
        """On the port and with the password it had; what it held is gone."""
        valkey = self.valkey
        words = [str(valkey.binary), str(valkey.directory / "valkey.conf")]
        env = {"PATH": os.defpath, "LC_ALL": "C"}
        valkey.child = child.start(
            "valkey", words, log=valkey.log, env=env, cwd=Path("/"), account=valkey.account
        )

    def wait_ready(self) -> None:
        """Until web answers, and beat's word has come through a worker."""

        def ready() -> bool:
            for name, one in self._children.items():
                assert not one.ended(), f"{name} ended ({one.how()}): {one.said()[-2000:]}"
            return readiness.why_not(self.port) is None

        until(ready, "web, worker and beat")

    def kill(self, name: str, *, whole: bool = True) -> None:
        """``kill -9`` of a process with all its children, or of its first process only."""
        one = self._child(name)
        self._killed.add(name)
        if one.ended():
            return  # By itself, a moment ago.
        (os.killpg if whole else os.kill)(one.process.pid, signal.SIGKILL)
        one.process.wait(10)

    def restart(self, name: str) -> None:
        """Ends what is left of a killed process, as an init system does, and starts it again."""
        one = self._child(name)
        one.stop_signal = signal.SIGKILL
        child.stop([one])
        self.start(name)
        self._killed.discard(name)

    def revive(self) -> None:
        """Starts again what ended by itself, and a worker that is deaf, as whoever runs this watches ``/readyz``:
        when its broker dies in the wrong moment, Celery may meet an AttributeError of kombu's and hang."""
        with self.rt.transaction() as tx:
            deaf = (clock.heartbeat_age(tx, WAKE_UP) or 0) > DEAF_SECONDS
        for name in ("worker", "beat"):
            if name not in self._children or name in self._killed:
                continue
            if self._children[name].ended() or (deaf and name == "worker" and self._older_than_deaf(name)):
                self.restart(name)

    def _older_than_deaf(self, name: str) -> bool:
        return time.monotonic() - self._born[name] > DEAF_SECONDS

    def stop(self, *names: str) -> None:
        """Ends processes at once; nothing here is worth a graceful end."""
        ending = [self._children.pop(name) for name in names or tuple(self._children)]
        for one in ending:
            one.stop_signal = signal.SIGKILL
        child.stop(ending)

    def close(self) -> None:
        """Stops everything."""
        self.stop()
        self.rt.engine.dispose()

    def log(self, name: str) -> Path:
        """The file that takes what a process writes, over all its lives."""
        return self.valkey.log if name == "valkey" else self.logs / f"{name}.log"

    def command(self, *words: str) -> Popen[bytes]:
        """``engage ...`` in a second terminal."""
        with self.log("engage").open("ab") as out:
            return Popen(
                (PYTHON, "-c", ENGAGE, *words),
                cwd=PROJECT,
                env=self._whole_env(),
                stdin=DEVNULL,
                stdout=out,
                stderr=STDOUT,
            )

    def engage(self, *words: str, seconds: float = 180.0) -> None:
        """As ``command``, until it ends well."""
        code = self.command(*words).wait(seconds)
        assert code == 0, self.log("engage").read_text()[-2000:]

    def visitor(self, **headers: str) -> Visitor:
        """Somebody who comes by HTTP."""
        return Visitor(self.base_url, {name.replace("_", "-"): value for name, value in headers.items()})

    def letters(self, visitor: Visitor, to: str, count: int) -> list[dict[str, Any]]:
        """What arrived at an address, once that is at least ``count``."""

        def arrived() -> list[dict[str, Any]]:
            self.revive()
            mails = visitor.mailbox(to)
            return mails if len(mails) >= count else []

        found: list[dict[str, Any]] = until(arrived, f"letter {count}", log=self.log("worker"))
        return found

    def count(self, table: str, where: str = "true") -> int:
        """Rows of a table."""
        with self.rt.transaction() as tx:
            return int(run(tx, f"SELECT count(*) FROM {table} WHERE {where}").scalar_one())

    def _child(self, name: str) -> Child:
        if name == "valkey":
            assert self.valkey.child is not None
            return self.valkey.child
        return self._children[name]

    def _whole_env(self) -> dict[str, str]:
        ours = ("DATABASE_URL", "REDIS_URL", "ENGAGE_", "PORT")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return kept | {"PYTHONUNBUFFERED": "1"} | self.env


def _busy_clinic(directory: Path) -> Path:
    """The clinic's file, where many may sign up from one address: all tests come from this machine."""
    text = (PROJECT / "clinic.toml").read_text(encoding="utf-8")
    path = directory / "clinic.toml"
    path.write_text(re.sub(r"(forms_per_ip_per_hour = )\d+", r"\g<1>10000", text), encoding="utf-8")
    return path


def _loud(spec: ProcessSpec) -> ProcessSpec:
    """The same process, telling all it can."""
    louder = {"warning": "debug", "WARNING": "DEBUG"}
    argv = tuple(louder.get(word, word) for word in spec.argv if word != "--quiet")
    return ProcessSpec(spec.name, argv, spec.env, spec.grace_seconds)


@contextmanager
def stack(
    directory: Path,
    servers: Servers,
    *,
    env: Mapping[str, str] | None = None,
    loud: bool = False,
) -> Iterator[Stack]:
    """A stack on a fresh database; nothing of the app runs yet.

    Its Valkey is always one of its own, also where REDIS_URL names one: it is going to be killed.
    """
    (home := directory / "home").mkdir()
    with (
        database(servers) as url,
        Servers.start(directory / "broker", fast=True, database_url=url) as broker,
    ):
        made = Stack(home, url, broker, env=env or {}, loud=loud)
        try:
            yield made
        finally:
            made.close()
