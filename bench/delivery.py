"""Lessons a second: the service in one process, in two, and through Celery."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self
from uuid import UUID

from bench import cpu, people
from bench.place import PROJECT, BenchError, Memory, Place, memory, module
from engage.dev import processes
from engage.dev.child import Child
from engage.ids import new_id
from engage.services.health import WAKE_UP
from engage.storage import clock
from engage.storage.database import run
from engage.storage.locks import Lock
from tests.fakes.client import Fake

DRAIN_SECONDS = 120.0
DELIVERER = module("bench.deliverer")
KEPT = "SELECT count(*) FROM messages WHERE kind = 'course-lesson' AND status = 'accepted'"
LEFT = """
SELECT EXISTS (SELECT 1 FROM messages WHERE queued AND lane = 2 AND channel = 'email' AND due_at <= %(now)s)
    OR EXISTS (SELECT 1 FROM attempts WHERE running)
"""


class Crew:
    """Processes that deliver when told to, and otherwise sleep.

    ``cost`` is the microseconds of CPU that each message of the latest delivery took: in them, in PostgreSQL and at
    the ``vendor``.
    """

    def __init__(
        self,
        place: Place,
        count: int,
        argv: Sequence[str] = DELIVERER,
        env: Mapping[str, str] | None = None,
        vendor: Fake | None = None,
    ) -> None:
        self._members = [
            subprocess.Popen(
                argv,
                cwd=PROJECT,
                env={**place.env, **(env or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,  # Ctrl-C is for us alone
            )
            for _ in range(count)
        ]
        self.cost = 0.0
        postgres = place.servers.postgres.child if place.servers.postgres else None
        beside = (postgres.process if postgres else None, vendor.child if vendor else None)
        self._weighed = [*self.pids, *(process.pid for process in beside if process is not None)]
        for member in self._members:
            self._hear(member, "ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """They go."""
        for member in self._members:
            assert member.stdin and member.stdout
            member.stdin.close()  # which is how they learn that it is over
            try:
                member.wait(20)
            except subprocess.TimeoutExpired:
                member.kill()
                member.wait()
            member.stdout.close()

    @property
    def pids(self) -> list[int]:
        return [member.pid for member in self._members]

    def deliver(self, count: int | None = None, words: str = "") -> tuple[int, float]:
        """``count`` of them (all) deliver what is due. Returns messages and seconds."""
        spent, began = cpu.used(self._weighed), time.perf_counter()
        for member in self._members[:count]:
            assert member.stdin
            print(words, file=member.stdin, flush=True)
        sent = sum(int(self._hear(member)) for member in self._members[:count])
        took = time.perf_counter() - began
        self.cost = (cpu.used(self._weighed) - spent) * 1e6 / max(1, sent)
        return sent, took

    @staticmethod
    def _hear(member: subprocess.Popen[str], wanted: str = "") -> str:
        assert member.stdout
        line = member.stdout.readline().strip()
        if not line or not line.startswith(wanted):
            raise BenchError(f"a delivering process ended by itself (exit code {member.wait(20)})")
        return line


@contextmanager
def held_back(place: Place) -> Iterator[None]:
    """Keeps the service's workers from delivering, by the service's own lock."""
    with place.rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        run(own, "SELECT pg_advisory_lock(%(key)s)", {"key": Lock.DELIVERING})
        try:
            yield
        finally:
            run(own, "SELECT pg_advisory_unlock_all()")


class Lessons:
    """Everybody's course, day by day: each round delivers one lesson to everybody. ``steady`` is the latest round's
    messages a second between its first claim and its last answer.

    ``last``: each round is the last lesson of ``count`` people who are new, so there is no next one to plan.
    """

    def __init__(self, place: Place, count: int, *, last: bool = False) -> None:
        self._place = place
        self._count = count
        self._last = last
        self.steady = 0.0
        if not last:
            people.enrol(place.rt, count)

    def next_day(self) -> None:
        """Makes the next lesson due for everybody."""
        if self._last:
            people.enrol(self._place.rt, self._count, last=True)
        due = people.next_lesson_day(self._place.rt)
        if due != self._count:
            raise BenchError(f"{due} lessons are due, not {self._count}")

    def by_processes(self, crew: Crew, count: int = 2) -> float:
        """Messages a second with ``count`` processes that call the service's function while workers rest."""
        before, floor = self._kept(), new_id()
        with held_back(self._place):
            self.next_day()
            sent, took = crew.deliver(count)
        self._check(before, sent)
        self.steady = sent / self._took(floor)
        return sent / took

    def by_celery(self) -> float:
        """Messages a second with the service's own worker and beat, waiting for wake-ups included."""
        before, floor = self._kept(), new_id()
        with held_back(self._place):
            self.next_day()
        began = time.perf_counter()
        with self._place.rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
            now = self._place.rt.now(own)
            self._place.wait(
                "delivery through Celery",
                lambda: not run(own, LEFT, {"now": now}).scalar(),
                DRAIN_SECONDS,
                tick=0.05,
            )
        took = time.perf_counter() - began
        self._check(before, self._count)
        self.steady = self._count / self._took(floor)
        return self._count / took

    def _took(self, floor: UUID) -> float:
        """Seconds from the first attempt to the last answer of those made since ``floor``, by the database's clock."""
        sql = "SELECT extract(epoch FROM max(ended_at) - min(created_at))::float8 FROM attempts WHERE id > %(floor)s"
        with self._place.rt.transaction() as tx:
            return float(run(tx, sql, {"floor": floor}).scalar_one())

    def _kept(self) -> int:
        with self._place.rt.transaction() as tx:
            return int(run(tx, KEPT).scalar_one())

    def _check(self, before: int, sent: int) -> None:
        stored = self._kept() - before
        if not stored == sent == self._count:
            raise BenchError(f"{self._count} lessons were due, {sent} reported sent, {stored} stored")


def start_workers(place: Place) -> tuple[Child, Child]:
    """The service's worker and beat, as `make run` starts them, once they do their rounds."""
    specs = {spec.name: spec for spec in processes.engage(PROJECT, place.directory, 0).processes}
    worker, beat = (place.start(name, specs[name].argv, specs[name].env) for name in ("worker", "beat"))
    place.wait("the worker's first round", lambda: _awake(place), 60.0)
    # Both of its children have opened their texts and connections by then.
    time.sleep(3.0)
    return worker, beat


def _awake(place: Place) -> bool:
    with place.rt.transaction() as tx:
        age = clock.heartbeat_age(tx, WAKE_UP)
    return age is not None and age < 5.0


def idle_memory(worker: Child, beat: Child) -> dict[str, Memory | None]:
    """What worker and beat hold while they find nothing to do."""
    return {"worker": memory(worker), "beat": memory(beat)}
