"""``make run``: servers, migrations, then web, worker and beat, until Ctrl-C or until one of them ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

from engage import settings as settings_module
from engage.dev import child, guarded, identity, migrated, ports, processes, readiness, running
from engage.dev.child import Child
from engage.dev.console import Console, Tail
from engage.dev.datadir import DataDir
from engage.dev.embedded import Servers
from engage.dev.errors import DevError, log_says
from engage.dev.processes import App, ProcessSpec
from engage.dev.running import Running
from engage.settings import Settings, SettingsError

PROJECT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
TICK = 0.05
ASK_AGAIN = 0.25
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def default_welcome(running: Running, staff: str = "", vendors: Collection[str] = ()) -> str:
    """Where to look first. ``staff`` is what there is to say about signing in, as lines; ``vendors`` carry messages for
    real."""
    leaves = (
        f"what {' and '.join(sorted(vendors))} carry leaves for real"
        if vendors
        else "nothing leaves this machine"
    )
    return (
        f"\n  {running.base_url}/              the clinic's public pages\n"
        f"  {running.base_url}/dev/mailbox   every email and text message: {leaves}\n"
        f"{staff}"
        "  Ctrl-C stops everything; data is kept.\n"
    )


class _Stop(Exception):
    """Somebody asked us to end."""


def run(
    environ: Mapping[str, str] | None = None,
    *,
    project: Path = PROJECT,
    app: Callable[[Path, Path, int], App] = processes.engage,
    welcome: Callable[[Running], str] = default_welcome,
    ready_seconds: float = READY_SECONDS,
) -> int:
    """Runs everything in the foreground. Returns 0 after Ctrl-C or SIGTERM, 1 after anything else, having
    said in one sentence what was wrong and where."""
    environ = dict(os.environ if environ is None else environ)
    console = Console(sys.stdout, environ)
    supervisor = Supervisor(environ, console, project, app, welcome, ready_seconds)
    before = {number: signal.signal(number, supervisor.asked_to_stop) for number in SIGNALS}
    if environ.get("MAKELEVEL"):
        guarded.end_with_parent(signal.SIGTERM)  # kill -9 of make leaves nothing behind either
    try:
        return supervisor.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        console.let_go()


class Supervisor:
    """One run. Single-threaded: it looks at everything every ``TICK`` seconds."""

    def __init__(
        self,
        environ: dict[str, str],
        console: Console,
        project: Path,
        app: Callable[[Path, Path, int], App],
        welcome: Callable[[Running], str],
        ready_seconds: float,
    ) -> None:
        self._environ = environ
        self._console = console
        self._project = project
        self._app = app
        self._welcome = welcome
        self._ready_seconds = ready_seconds
        self._children: list[Child] = []
        self._tails: list[Tail] = []
        self._servers: Servers | None = None
        self._stop_asked = False

    def asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        """The signal handler; the loop sees it within ``TICK`` seconds."""
        self._stop_asked = True

    def run(self) -> int:
        """All of it, from the lock to the last process stopped."""
        begun = time.monotonic()
        try:
            settings = self._settings()
            with DataDir.hold(settings.data_dir) as data:
                try:
                    self._start(settings, data, begun)
                    self._watch()
                finally:
                    self._end(data)
        except _Stop:
            self._console.line("engage", "stopped")
            return 0
        except DevError as error:
            print(f"engage: {error}", file=sys.stderr)
        return 1

    def _start(self, settings: Settings, data: DataDir, begun: float) -> None:
        killed_before = running.left_behind(data.path)
        running.clear(data.path)
        # What a killed run left takes a moment to end.
        if killed_before and data.end_leftovers():
            self._console.line("engage", "ended what an earlier run, killed, had left running")
        ports.check_free(settings.port, wait_seconds=5.0 if killed_before else 0.0)
        self._console.line("engage", f"starting; data and logs are in {data.path}")
        self._servers = Servers.start(
            data,
            database_url=settings.database_url,
            redis_url=settings.redis_url,
            check=self._check,
        )
        env = self._common_env(settings, data, self._servers)
        app = self._app(self._project, data.path, settings.port)
        if app.migrate and not migrated.still(data.path, app.migrations, self._servers.database_url):
            self._run_first(app.migrate, app, data, env)
            migrated.note(data.path, app.migrations, self._servers.database_url)
        for spec in app.processes:
            self._children.append(self._spawn(spec, app, data, env))
        data.remember([*self._servers.children, *self._children])
        self._wait_until_ready(settings.port)
        found = Running(
            pid=os.getpid(),
            database_url=self._servers.database_url,
            redis_url=self._servers.redis_url,
            base_url=settings.public_url,
            data_dir=str(data.path),
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            born=identity.of(os.getpid()) or "",
        )
        running.write(found)
        self._console.line("engage", f"ready after {time.monotonic() - begun:.1f} s")
        self._console.raw(self._welcome(found))

    def _settings(self) -> Settings:
        try:
            settings = settings_module.load(self._environ)
        except SettingsError as error:
            raise DevError(str(error)) from error
        if not settings.development:
            raise DevError(
                "ENGAGE_ENV is production, and this runs a development machine: unset it, "
                "or start web, worker and beat as docker-compose.yml does."
            )
        return settings

    def _common_env(self, settings: Settings, data: DataDir, servers: Servers) -> dict[str, str]:
        # The addresses are read already; with NAME_FILE left in place they would be set twice.
        env = {k: v for k, v in self._environ.items() if k not in {"DATABASE_URL_FILE", "REDIS_URL_FILE"}}
        return env | {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "ENGAGE_DATA_DIR": str(data.path),
            "PORT": str(settings.port),
            "PYTHONUNBUFFERED": "1",
        }

    def _spawn(self, spec: ProcessSpec, app: App, data: DataDir, env: dict[str, str]) -> Child:
        started = child.start(
            spec.name,
            spec.argv,
            log=data.log(spec.name),
            env=env | dict(spec.env),
            cwd=app.project,
            grace_seconds=spec.grace_seconds,
        )
        self._tails.append(Tail(started))
        return started

    def _run_first(self, spec: ProcessSpec, app: App, data: DataDir, env: dict[str, str]) -> None:
        step = self._spawn(spec, app, data, env)
        try:
            while not step.ended():
                self._check()
                time.sleep(0.01)
        except BaseException:
            child.stop([step])
            raise
        self._show_logs(all_of_it=True)
        if step.process.returncode != 0:
            cause = log_says(step.said(), data.path)
            raise DevError(f"{spec.name} failed ({step.how()}): {cause} (its log is {step.log})")

    def _wait_until_ready(self, port: int) -> None:
        until = time.monotonic() + self._ready_seconds
        while True:
            self._check()
            reason = readiness.why_not(port)
            if reason is None:
                return
            if time.monotonic() > until:
                raise DevError(
                    f"Not ready after {self._ready_seconds:.0f} s: {reason} (logs are in "
                    f"{self._children[0].log.parent})"
                )
            # Often until the web server is there, then seldom: each answer is work for it.
            time.sleep(TICK if reason.startswith(readiness.PATHS[0]) else ASK_AGAIN)

    def _watch(self) -> NoReturn:
        while True:
            self._check()
            time.sleep(TICK)

    def _check(self) -> None:
        """Shows what was logged; raises when somebody wants us to end, or one of ours has ended."""
        self._show_logs()
        if self._stop_asked or self._console.gone:
            raise _Stop
        servers = self._servers.children if self._servers else ()
        for one in (*self._children, *servers):
            if one.ended():
                self._show_logs(all_of_it=True)
                said = one.said().strip()
                cause = f"; it ends: {log_says(said, one.log)}" if said else ", but it wrote nothing"
                raise DevError(
                    f"{one.name} ended by itself ({one.how()}), so everything was stopped. "
                    f"Its log is {one.log}{cause}"
                )

    def _show_logs(self, *, all_of_it: bool = False) -> None:
        for tail in self._tails:
            tail.show(self._console, all_of_it=all_of_it)

    def _end(self, data: DataDir) -> None:
        """The app first, then what it talks to."""
        data.ending()
        running.clear(data.path)
        child.stop(self._children)
        self._show_logs(all_of_it=True)
        if self._servers is not None:
            self._servers.stop()
        data.forget()
