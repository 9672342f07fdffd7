"""Who else listens to texts: they heed a YES before it means anything else, and hear of every STOP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from engage.runtime import Runtime
from engage.services import number_proof

# Both run in the transaction that understands the text, with ``lock_value(tx, index)`` held and no other lock.
# Given the number's blind index: True when it was waiting for this YES and has heeded it.
Heeds = Callable[[Runtime, Connection, bytes, datetime], bool]
# Given the number's blind index: nothing that waits for this number may be confirmed any more.
Hears = Callable[[Connection, bytes, datetime], object]

# In the order in which they are asked.
HEED_YES: tuple[Heeds, ...] = (number_proof.yes,)
HEAR_STOP: tuple[Hears, ...] = (number_proof.stop,)


def yes(rt: Runtime, tx: Connection, number_index: bytes, now: datetime) -> bool:
    """Whether somebody was waiting for a YES from this number; the first of them has heeded it."""
    return any(heed(rt, tx, number_index, now) for heed in HEED_YES)


def stop(tx: Connection, number_index: bytes, now: datetime) -> None:
    """STOP or WRONG came from this number, or was spoken: what waits for its confirmation ends."""
    for hear in HEAR_STOP:
        hear(tx, number_index, now)
