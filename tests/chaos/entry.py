"""What the product's processes load before the product: planted bugs, crash points, and time that runs faster."""

from __future__ import annotations

import importlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.chaos import crashing, planted
from tests.chaos.points import Role

# A value of a message that kills whoever looks at it.
DEADLY = "chaos-deadly"


def prepare(role: Role) -> None:
    """Call before the product's own entry is imported."""
    hurry()
    planted.plant()
    crashing.wrap_points(role)
    if role == "worker":
        _deadly_rows()


def hurry() -> None:
    """What the settings can't shorten: waits of seconds and minutes become waits of a second or so."""
    from engage import tasks
    from engage.domain import backoff, breaker
    from engage.services import poll, recover

    tasks.SWEEP_SECONDS = 3.0
    tasks.DEAF_SECONDS = 8.0
    poll.ASK_AFTER = timedelta(seconds=3)
    recover.LOOKING_SECONDS = 3.0
    breaker.FIRST_REST = timedelta(seconds=0.5)
    breaker.LONGEST_REST = timedelta(seconds=4)
    backoff.wait.__defaults__ = (timedelta(seconds=1), timedelta(seconds=6))


def _deadly_rows() -> None:
    writing: Any = importlib.import_module("engage.services.writing")
    letter = writing.letter

    def read(rt: Any, row: Any, now: Any) -> Any:
        written = letter(rt, row, now)
        if DEADLY in written.values:
            crashing.die(Path(os.environ["CHAOS_DIR"]), "a row that kills", "child")
        return written

    writing.letter = read
