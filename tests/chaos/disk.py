"""F11: PostgreSQL's disk is full for a while. Nothing half-written, nothing lost, and all goes on by itself afterwards."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from engage.dev import child
from tests.chaos.outages import CHUNK, Web
from tests.chaos.points import Column
from tests.chaos.rounds import Result, Round
from tests.chaos.stand import Stand

# What the small disk has left when it is not full.
ROOM = 200_000_000
FULL_SECONDS = 5.0
MEBIBYTE = bytes(1 << 20)


def full_disk(stand: Stand, column: Column, seed: int, times: int = 2) -> Result:
    """The disk fills up ``times`` times while messages are due. Needs root, for a disk of its own."""
    round = Round(stand, "F11", column, seed)
    web = Web(round)
    if os.geteuid() != 0:
        round.notes["not tried"] = "only root may mount a small disk"
        return round.result()
    with _small_disk(stand) as disk:
        for _ in range(times):
            round.feed(2 * CHUNK, within=FULL_SECONDS)
            with _filled(disk):
                round.faults["disk full 5 s"] += 1
                _ask_for_room(stand)
                round.during(FULL_SECONDS, web.ask)
            stand.wait(stand.database.ready, "PostgreSQL after there was room again")
        round.settle()
    web.judge({200, 303, 429, 503}, 12.0)
    return round.result()


def _ask_for_room(stand: Stand) -> None:
    """A new piece of the log, for which there is no room: the server stops at once rather than to lose a commit."""
    with suppress(psycopg.Error), psycopg.connect(stand.database.owner_url, autocommit=True) as own:
        own.execute("CREATE TABLE IF NOT EXISTS chaos_room (n bigint)")
        for _ in range(3):
            own.execute("INSERT INTO chaos_room VALUES (1)")
            own.execute("SELECT pg_switch_wal()")


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(MEBIBYTE)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _small_disk(stand: Stand) -> Iterator[Path]:
    """The cluster moves to a disk of its own, and back."""
    cluster = stand.database.postgres.cluster
    with TemporaryDirectory(prefix="engage-chaos-disk-") as place:
        disk = Path(place)
        with _still(stand):
            size = int(subprocess.check_output(["du", "-sb", str(cluster)]).split()[0])
            _run("mount", "-t", "tmpfs", "-o", f"size={size + ROOM}", "tmpfs", str(disk))
            _run("cp", "-a", f"{cluster}/.", str(disk))
            _run("mount", "--bind", str(disk), str(cluster))
        try:
            yield disk
        finally:
            with _still(stand):
                _run("umount", str(cluster))
                # Nothing may stay of what the server has removed since.
                _run("find", str(cluster), "-mindepth", "1", "-delete")
                _run("cp", "-a", f"{disk}/.", str(cluster))
                _run("umount", str(disk))


@contextmanager
def _still(stand: Stand) -> Iterator[None]:
    """PostgreSQL is stopped in good order while the block runs."""
    stand.paused.add("postgres")
    postgres = stand.database.postgres
    if postgres.child is not None:
        child.stop([postgres.child])
    try:
        yield
    finally:
        stand.paused.discard("postgres")
        stand.database.start()
        stand.wait(stand.database.ready, "PostgreSQL")


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
