"""Who waits for a YES by text before it means anything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from engage.runtime import Runtime

# Given the number's blind index; True when it was waiting for this YES and has heeded it. It runs in the transaction
# that understands the text, with ``lock_value(tx, index)`` held and no other lock.
Waits = Callable[[Runtime, Connection, bytes, datetime], bool]

# In the order in which they are asked. The confirmation of a mobile number belongs here first.
WAITING: tuple[Waits, ...] = ()


def yes(rt: Runtime, tx: Connection, number_index: bytes, now: datetime) -> bool:
    """Whether somebody was waiting for a YES from this number; the first of them has heeded it."""
    return any(waits(rt, tx, number_index, now) for waits in WAITING)
