"""How a second terminal finds what ``make run`` started: ``running.json`` in the data directory (0600)."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from engage.dev import identity
from engage.dev.datadir import read_json, write_private

NAME = "running.json"


@dataclass(frozen=True, slots=True)
class Running:
    """What runs: the supervisor's process and the addresses. ``started_at`` is ISO 8601 in UTC."""

    pid: int
    database_url: str
    redis_url: str
    base_url: str
    data_dir: str
    started_at: str
    born: str


def write(running: Running) -> None:
    """Makes it known, whole or not at all. Raises DevError."""
    write_private(Path(running.data_dir) / NAME, asdict(running))


def clear(data_dir: Path) -> None:
    """Nothing runs any more."""
    with suppress(OSError):
        (data_dir / NAME).unlink(missing_ok=True)


def left_behind(data_dir: Path) -> bool:
    """Whether an earlier run was killed before it could tidy up."""
    return (data_dir / NAME).exists()


def find(data_dir: Path) -> Running | None:
    """What runs in ``data_dir``; None when nothing does, also when a killed run left its file behind.

    Raises DevError when the file belongs to another account.
    """
    path = Path(os.path.realpath(data_dir)) / NAME
    try:
        running = Running(**read_json(path))
    except (TypeError, ValueError):
        return None
    return running if running.born and identity.of(running.pid) == running.born else None
