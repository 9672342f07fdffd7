"""The processes of the app: which, with which words, and what runs before them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PYTHON = sys.executable
ENGAGE = "import sys; sys.argv[0] = 'engage'; from engage.cli.main import main; sys.exit(main())"


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process. ``argv`` begins with an absolute path; ``env`` is added to the common environment."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    grace_seconds: float = 6.0


@dataclass(frozen=True, slots=True)
class App:
    """``migrate`` must succeed first; then ``processes`` run side by side. ``migrations`` is where the former's
    files lie. One of the processes answers ``/healthz`` and ``/readyz`` on the port. ``project`` is their working directory.
    """

    project: Path
    migrate: ProcessSpec | None
    processes: tuple[ProcessSpec, ...]
    migrations: Path


def engage(project: Path, data_dir: Path, port: int) -> App:
    """The real app: migrations, then web, worker and beat."""
    web = (
        *(
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ),
        *(
            "--workers",
            "2",
            "--blocking-threads",
            "4",
            "--workers-kill-timeout",
            "4",
            "--respawn-failed-workers",
            "--respawn-interval",
            "0.5",
            "--no-ws",
        ),
        *("--log-level", "warning", "web:app"),
    )
    celery = ("-m", "celery", "--app", "worker:app", "--quiet", "--no-color")
    worker = (
        *(*celery, "worker", "--concurrency", "4", "--loglevel", "WARNING"),
        *("--without-mingle", "--without-gossip"),
    )
    beat = (
        *celery,
        "beat",
        "--schedule",
        str(data_dir / "beat-schedule"),
        "--loglevel",
        "WARNING",
    )
    # On one's own machine root is no news, and Celery's warning about it is longer than a day's log.
    quiet = {"PYTHONWARNINGS": "ignore::UserWarning:celery.platforms"}
    return App(
        project,
        migrate=ProcessSpec("migrate", (PYTHON, "-c", ENGAGE, "db", "upgrade")),
        migrations=project / "engage" / "storage" / "migrations",
        processes=(
            ProcessSpec("web", (PYTHON, *web)),
            ProcessSpec("worker", (PYTHON, *worker), quiet),
            ProcessSpec("beat", (PYTHON, *beat), quiet),
        ),
    )
