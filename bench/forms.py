"""Sign-up forms a second through the real web server, and through a bare Flask app beside it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from bench import people
from bench.load import Load
from bench.peer.tables import Base, Signup
from bench.place import PROJECT, BenchError, Memory, Place, memory, module
from engage.dev import ports, processes, readiness
from engage.dev.child import Child
from engage.storage.database import run

CONNECTIONS = 16
WARM_UP_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Site:
    """A running web server, the form's path and what counts the rows that it made."""

    name: str
    child: Child
    port: int
    path: str
    rows: Callable[[], int]

    def memory(self) -> Memory | None:
        """What all its processes hold now."""
        return memory(self.child)


def open_sites(place: Place) -> tuple[Site, Site]:
    """Ours, with production's settings, and the bare app: the same granian with the same words."""
    Base.metadata.create_all(place.rt.engine)

    def plain() -> int:
        with place.rt.transaction() as tx:
            return int(tx.execute(select(func.count()).select_from(Signup)).scalar_one())

    return open_ours(place), open_peer(place, "bench.peer.web:app", "/signup", plain)


def open_ours(place: Place) -> Site:
    """Our web server, with production's settings."""

    def signups() -> int:
        with place.rt.transaction() as tx:
            return int(run(tx, "SELECT count(*) FROM signups").scalar_one())

    course = people.course(place.rt).slug
    return open_web(place, f"/courses/{course}", signups)


def open_web(place: Place, path: str, rows: Callable[[], int]) -> Site:
    """Our web server, for another address than the form's."""
    return _open(place, "web", "web:app", path, rows, {"ENGAGE_ENV": "production"})


def open_peer(place: Place, app: str, path: str, rows: Callable[[], int]) -> Site:
    """A bare app under the same granian with the same words."""
    return _open(place, "bare-web", app, path, rows, {})


def _open(place: Place, name: str, app: str, path: str, rows: Callable[[], int], env: dict[str, str]) -> Site:
    port = ports.free()
    specs = {spec.name: spec for spec in processes.engage(PROJECT, place.directory, port).processes}
    argv = (*specs["web"].argv[:-1], app)
    site = Site(name, place.start(name, argv, env), port, path, rows)
    place.wait(f"the start of {name}", lambda: _listens(site))
    return site


def _listens(site: Site) -> bool:
    said = readiness.why_not(site.port)
    return said is None or "answers" in said


def measure(site: Site, seconds: float) -> Load:
    """One round. Raises BenchError unless every answer was right and every row is there."""
    before = site.rows()
    words = (str(site.port), site.path, str(CONNECTIONS), str(seconds))
    done = subprocess.run(
        module("bench.load", *words),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=seconds + 30,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"{site.name}: {done.stderr.strip().splitlines()[-1]}\n{site.child.said(2000)}")
    load = Load(**json.loads(done.stdout))
    made = site.rows() - before
    if load.wrong or made != load.answered:
        raise BenchError(f"{site.name}: {load.wrong} wrong answers, {load.answered} right ones, {made} rows")
    return load
