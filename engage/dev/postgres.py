"""The embedded PostgreSQL: SCRAM passwords, loopback only, no sockets in the file system."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engage.dev import child, identity, place, ports
from engage.dev.account import Account, popen
from engage.dev.child import Child
from engage.dev.datadir import DataDir
from engage.dev.errors import DevError, explained, log_says

OWNER = "postgres"
ROLE = DATABASE = "engage"
ENV = {
    "PATH": os.defpath,
    "LC_ALL": "C",
    "TZ": "UTC",
}  # nothing of PGPORT, PGDATA and their kind
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "timezone=UTC",
    "log_timezone=UTC",
    # Values of a failing statement are personal data; they stay out of the log.
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
)
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=4GB",
    "checkpoint_timeout=30min",
    "autovacuum_naptime=10min",
)


@dataclass(slots=True)
class Postgres:
    """A cluster and, once ``begin`` was called, the server process that serves it."""

    binaries: Path
    cluster: Path
    account: Account | None
    fast: bool
    log: Path
    port: int = 0
    child: Child | None = None

    @classmethod
    def at(cls, data: DataDir, account: Account | None, *, fast: bool) -> Postgres:
        """The cluster of ``data``, made if need be; nothing runs yet. Raises DevError."""
        secrets = data.secrets()
        binaries = place.program(place.POSTGRES, account).parent
        cluster = place.data("postgres", data.path, secrets["id"], account, throwaway=fast)
        postgres = cls(binaries, cluster, account, fast, data.log("postgres"))
        if not (cluster / "PG_VERSION").exists():
            postgres._initdb(secrets["owner"])
        return postgres

    def begin(self) -> Child:
        """Starts the server on a free port, without waiting for it."""
        self._clear_stale_pid()
        self.port = ports.free()
        options = [*SETTINGS, *(FAST if self.fast else ())]
        argv = [
            str(self.binaries / "postgres"),
            "-D",
            str(self.cluster),
            "-p",
            str(self.port),
        ]
        for option in options:
            argv += ["-c", option]
        self.child = child.start(
            "postgres",
            argv,
            log=self.log,
            env=ENV,
            cwd=Path("/"),
            account=self.account,
            stop_signal=signal.SIGINT,  # its "fast" way: ends sessions, then writes a checkpoint
            grace_seconds=20.0,
        )
        return self.child

    def ready(self) -> bool:
        """Whether it takes connections. Starts again by itself where only a passing obstacle stopped it."""
        assert self.child is not None
        if self.child.ended():
            said = self.child.said()
            # After kill -9 its old sessions hold the shared memory for a moment longer.
            if "Address already in use" in said or "shared memory block" in said:
                time.sleep(0.1)
                self.begin()
                return False
            raise DevError(f"PostgreSQL didn't start: {log_says(said, self.cluster)} (its log is {self.log})")
        return self._run("pg_isready", "-q", "-h", ports.LOOPBACK, "-p", str(self.port)).returncode == 0

    def url(self, password: str, role: str = ROLE, database: str = DATABASE) -> str:
        """The address for ``role``."""
        return f"postgresql://{role}:{password}@{ports.LOOPBACK}:{self.port}/{database}"

    def make_database(self, owner_password: str, password: str) -> None:
        """Makes the role and database of the app, unless they exist. The role owns its database, no more."""
        made = self.cluster / "engage.made"
        with suppress(OSError):
            if made.exists():
                return
        import psycopg
        from psycopg import sql

        try:
            with psycopg.connect(
                self.url(owner_password, OWNER, "postgres"),
                autocommit=True,
                connect_timeout=10,
            ) as connection:
                verifier = connection.pgconn.encrypt_password(
                    password.encode(), ROLE.encode(), b"scram-sha-256"
                )
                role, name = sql.Identifier(ROLE), sql.Identifier(DATABASE)
                has = "SELECT 1 FROM pg_roles WHERE rolname = %s"
                verb = "ALTER" if connection.execute(has, [ROLE]).fetchone() else "CREATE"
                connection.execute(
                    sql.SQL("{} ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                        sql.SQL(verb), role, sql.Literal(verifier.decode())
                    )
                )
                if not connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, role))
        except psycopg.Error as error:
            cause = log_says(str(error), self.cluster)
            raise DevError(
                f"The database couldn't be made in {self.cluster}: {cause} (see {self.log})"
            ) from error
        with explained(made):
            made.touch(mode=0o600)
            if self.account is not None:
                os.chown(made, self.account.uid, self.account.gid)

    def _initdb(self, owner_password: str) -> None:
        partial = self.cluster.with_name("postgres.partial")
        password = self.cluster.with_name("postgres.password")
        shutil.rmtree(partial, ignore_errors=True)
        place.prepare(partial, self.account)
        try:
            with explained(password):
                password.unlink(missing_ok=True)
                descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="ascii") as out:
                    out.write(owner_password + "\n")
                if self.account is not None:
                    os.chown(password, self.account.uid, self.account.gid)
            made = self._run(
                "initdb",
                *(
                    "-D",
                    str(partial),
                    "-U",
                    OWNER,
                    "-E",
                    "UTF8",
                    "--no-locale",
                    "-A",
                    "scram-sha-256",
                ),
                *("--pwfile", str(password), "--no-instructions", "--no-sync"),
                seconds=120,
            )
            if made.returncode != 0:
                shutil.rmtree(partial, ignore_errors=True)
                cause = log_says(made.stderr or made.stdout, self.cluster)
                raise DevError(f"PostgreSQL couldn't prepare {self.cluster}: {cause}")
            with explained(self.cluster):
                if not self.fast:
                    os.sync()
                partial.rename(self.cluster)
        finally:
            password.unlink(missing_ok=True)

    def _clear_stale_pid(self) -> None:
        """Removes a postmaster.pid that kill -9 left. PostgreSQL itself would take any process that has that
        number by now for a server still running, and refuse. Ends one that really runs here."""
        path = self.cluster / "postmaster.pid"
        try:
            pid = abs(int(path.read_text(encoding="utf-8").split(maxsplit=1)[0]))
        except FileNotFoundError:
            return
        except (OSError, ValueError, IndexError):
            pid = 0
        if pid and identity.alive(pid):
            if identity.works_in(pid, self.cluster):
                child.stop_leftover(pid, identity.of(pid) or "", signal.SIGINT, 20.0)
            elif not identity.LINUX:
                return  # can't tell here; PostgreSQL's own check decides
        with explained(path):
            path.unlink(missing_ok=True)

    def _run(self, name: str, *words: str, seconds: float = 10) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [str(self.binaries / name), *words],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                env=ENV,
                cwd="/",
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us alone: half a cluster is of no use
                check=False,
                **popen(self.account),
            )
        except OSError as error:
            raise DevError(f"{self.binaries / name} can't be run: {error.strerror}.") from error
        except subprocess.TimeoutExpired as error:
            raise DevError(
                f"{name} in {self.cluster} gave no answer in {seconds:.0f} s: is the disk very slow?"
            ) from error
