"""The stand: the product as it runs in production, twice as many of everything, and vendors that lie on order."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from engage.dev import child, readiness
from engage.dev.embedded import Servers
from engage.dev.processes import ProcessSpec
from engage.services.health import WAKE_UP
from engage.storage import clock, schema
from engage.storage.database import run
from tests.chaos import crashing
from tests.chaos.points import Column
from tests.chaos.servers import Database, descendants, send
from tests.emptying import TRUNCATE
from tests.fakes.client import Fake
from tests.processes.stack import Stack

LEASE, HOLD = 2.0, 3.0
# Mail waits for its callbacks, and those for a web server that was killed: in production a hold is a hundred times what
# a restart takes. The two holds after which absence is believed must outlast one here, where everything dies at once.
MAIL_HOLD = 5.0
APP = ("web", "worker", "worker2", "beat", "beat2")
# How far behind the message its callbacks come in the column "late": as long as a hold, and some.
LATE = MAIL_HOLD + 1
SETTINGS = {
    "ENGAGE_LEASE_SECONDS": str(LEASE),
    "ENGAGE_SEND_SECONDS": "1",
    "ENGAGE_SMS_HOLD_SECONDS": str(HOLD),
    "ENGAGE_EMAIL_HOLD_SECONDS": str(MAIL_HOLD),
    "ENGAGE_BATCH_SIZE": "10",
    "ENGAGE_LOG_LEVEL": "info",
}
# What is still to move by itself. What waits for a person, or for evidence that will not come, is listed.
MOVING = """SELECT (SELECT count(*) FROM messages WHERE status = 'claimed' OR (status = 'planned' AND due_at <= %(now)s)
        OR (status = 'unknown' AND reason IS DISTINCT FROM 'never_known'))
    + (SELECT count(*) FROM attempts WHERE state <> 'done') + (SELECT count(*) FROM signups WHERE state = 'new')
    + (SELECT count(*) FROM receipts WHERE applied_at IS NULL)"""


class Stand(Stack):
    """Processes by name: web, worker, worker2, beat, beat2, valkey; and ``postgres``. The fakes are never killed.

    Call everything from the main thread: processes end with the thread that started them.
    """

    def __init__(self, directory: Path, servers: Servers, fake: Fake, env: Mapping[str, str]) -> None:
        self.fake, self.database, self.home = fake, Database(servers), directory
        self.armed, self.hit = directory / "armed", directory / "hit"
        for folder in (self.armed, self.hit):
            folder.mkdir()
        given = {**SETTINGS, **fake.environment(), "CHAOS_DIR": str(directory), **env}
        super().__init__(directory, servers.database_url, servers, env=given)
        _quick_texts(directory / "clinic.toml")
        self._specs = _doubled(self._specs, directory)
        self.paused: set[str] = set()
        self.kills = 0
        self._last_kept = 0.0

    def begin(self) -> None:
        """Schema, then all processes, until they answer."""
        self.wait(self.database.ready, "PostgreSQL")
        schema.upgrade(self.rt.engine)
        self.start(*APP)
        self.wait_ready()

    def wait_ready(self) -> None:
        """Until web answers, and beat's word has come through a worker."""
        self.wait(lambda: readiness.why_not(self.port) is None, "web, worker and beat")

    def keep(self) -> None:
        """Starts again what ended, as whoever runs this in production does."""
        if time.monotonic() - self._last_kept < 0.1:
            return
        self._last_kept = time.monotonic()
        for name in tuple(self._children):
            if name not in self.paused and self._children[name].ended():
                self.restart(name)
        if "postgres" not in self.paused and self.database.ended():
            self.database.start()
        if "valkey" not in self.paused and self._child("valkey").ended():
            self.start("valkey")

    def wait(self, true: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
        """Until it is true, with everything kept alive. AssertionError with the logs' ends when it does not come."""
        end = time.monotonic() + seconds
        while True:
            try:
                if value := true():
                    return value
            except (SQLAlchemyError, OSError):
                pass  # Killed just now.
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds:.0f} s for {what}. {self.said()}")
            self.keep()
            time.sleep(0.03)

    def said(self) -> str:
        """The ends of the product's logs."""
        logs = {name: self.log(name) for name in (*APP, "engage")}
        return "\n".join(
            f"--- {name}\n{path.read_text(errors='replace')[-1200:]}"
            for name, path in logs.items()
            if path.exists()
        )

    def diagnosis(self) -> str:
        """Who lives, and who hears whom."""
        with self.rt.transaction() as tx:
            deaf = clock.heartbeat_age(tx, WAKE_UP)
        lives = {
            name: f"{'gone' if one.ended() else 'alive'} with {len(descendants(one.process.pid))} children"
            for name, one in self._children.items()
        }
        queue = self.broker("LLEN", "engage")
        return f"heartbeat {deaf} s ago, {queue} wake-ups in the queue, {lives}"

    # --- crash points

    def arm(self, point: str, token: str, *, how: str = "child", skip: int = 0) -> None:
        """The next process that comes there ``skip`` times more dies."""
        order = {"token": token, "how": how, "skip": skip}
        new = self.home / "arming"
        new.write_text(json.dumps(order))
        new.rename(self.armed / crashing.slug(point))

    def disarm(self, point: str = "") -> None:
        """That point, or all."""
        for path in [self.armed / crashing.slug(point)] if point else list(self.armed.iterdir()):
            path.unlink(missing_ok=True)

    def was_hit(self, token: str) -> bool:
        return (self.hit / token).exists()

    def deaths(self) -> list[dict[str, Any]]:
        """Every death at a crash point, in order."""
        log = self.home / crashing.KILLS
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def thaw(self) -> None:
        """Lets everybody go on who froze at a crash point."""
        send([one["pid"] for one in self.deaths() if one["how"] == "freeze"], signal.SIGCONT)

    # --- kills from outside

    def strike(self, victim: str, dice: Any) -> str:
        """``kill -9`` of one process: a whole service, its first process, or one of its children."""
        self.kills += 1
        if victim == "postgres":
            self.database.kill()
            return victim
        if victim == "valkey":
            self.kill_valkey()
            return victim
        one = self._children.get(victim)
        if one is None or one.ended():
            return f"{victim} (gone)"
        below = descendants(one.process.pid)
        how = dice.choice(("all", "first", "child", "child")) if below else "all"
        if how == "all":
            send([one.process.pid, *below], signal.SIGKILL)
        else:
            send([one.process.pid if how == "first" else dice.choice(below)], signal.SIGKILL)
        return f"{victim} {how}"

    def kill_valkey(self) -> None:
        one = self._child("valkey")
        if not one.ended():
            os.kill(one.process.pid, signal.SIGKILL)
            one.process.wait(10)

    def broker(self, *words: str) -> Any:
        """One command to Valkey, None when it does not answer."""
        with suppress(RedisError, OSError), Redis.from_url(self.env["REDIS_URL"], socket_timeout=2) as client:
            return client.execute_command(*words)
        return None

    # --- what is told

    def tell(self, column: Column) -> None:
        """How callbacks come from now on: at once and some of them twice, late, or never."""
        events = f"{self.base_url}/hooks/sendgrid/events"
        how: dict[str, Any] = {
            "ok": {"copies": 2, "shuffled": 0.5},
            "late": {"late": LATE},
            "lost": {"lost": 1.0},
        }[column]
        # Scaled as the holds are: SendGrid tries for a day, and a hold is ten minutes.
        self.fake.set_callbacks("sendgrid", url=events, pause=1.0, **how)
        self.fake.set_callbacks("twilio", pause=1.0, **how)

    def moving(self) -> int:
        """How much is due or under way, by the product's tables. For waiting, never for judging."""
        with self.rt.transaction() as tx:
            return int(run(tx, MOVING, {"now": self.rt.now(tx)}).scalar_one())

    def told(self) -> bool:
        return not any(self.fake.counts()["pending"].values())

    def clear(self) -> None:
        """An empty database and an empty ledger. Nothing of the product may be sending."""
        with self.rt.transaction() as tx:
            tx.exec_driver_sql(TRUNCATE)
        self.fake.forget()
        self.broker("FLUSHALL")


@contextmanager
def stand(
    directory: Path | None = None, env: Mapping[str, str] | None = None, *, run_now: bool = True
) -> Iterator[Stand]:
    """A stand that runs. Everything that it made is gone afterwards, unless ``directory`` is given."""
    with TemporaryDirectory(prefix="engage-chaos-") as temporary:
        place = directory or Path(temporary)
        place.chmod(0o711)
        with (
            Servers.start(place / "servers", fast=True) as servers,
            Fake(place / "fake", tls=True, process=True) as fake,
        ):
            (home := place / "home").mkdir(exist_ok=True)
            made = Stand(home, servers, fake, env or {})
            try:
                if run_now:
                    made.begin()
                yield made
            finally:
                made.paused.update(
                    APP,
                )
                made.close()


def _doubled(specs: Mapping[str, ProcessSpec], directory: Path) -> dict[str, ProcessSpec]:
    """The product's own command lines, through our entries; workers and beats twice."""
    entries = {"web:app": "tests.chaos.web_entry:app", "worker:app": "tests.chaos.worker_entry:app"}
    made = {}
    for name in APP:
        spec = specs[name.rstrip("2")]
        argv = [entries.get(word, word) for word in spec.argv]
        if name == "beat2":
            argv[argv.index("--schedule") + 1] = str(directory / "beat2-schedule")
        if name.startswith("worker"):
            argv[argv.index("--concurrency") + 1] = "2"
        made[name] = ProcessSpec(name, tuple(argv), spec.env, spec.grace_seconds)
    return made


def _quick_texts(clinic: Path) -> None:
    """Numbers that carry as much as we send, forms and mails without a limit, and campaigns that lose no time."""
    text = clinic.read_text(encoding="utf-8")
    for name, value in (
        ("segments_per_second", "100.0"),
        ("numbers", "100"),
        ("anonymous_mail_per_day", "100000"),
        ("undo_seconds", "1"),
        ("canary_minutes", "0.05"),
        ("stop_percent", "100.0"),
    ):
        text, count = re.subn(rf"(?m)^({name} = ).*$", rf"\g<1>{value}", text)
        assert count, name
    clinic.write_text(text, encoding="utf-8")


__all__ = ["APP", "HOLD", "LATE", "LEASE", "Stand", "child", "shutil", "stand"]
