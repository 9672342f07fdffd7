"""Row ids: UUIDv7, made here and not by the database, so that a row can be sealed before it is inserted."""

from __future__ import annotations

import os
import time
from datetime import datetime
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_RAND_A = 0xFFF << 64
_RAND_B = (1 << 62) - 1


def new_id() -> UUID:
    """One UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, 74 random bits."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[UUID]:
    """``count`` UUIDv7 values of one millisecond, from one read of the system's randomness."""
    stamp = (time.time_ns() // 1_000_000) << 80
    noise = os.urandom(10 * count)
    ids = []
    for at in range(0, 10 * count, 10):
        random = int.from_bytes(noise[at : at + 10], "big")
        ids.append(UUID(int=stamp | _VERSION | (random & _RAND_A) | _VARIANT | (random & _RAND_B)))
    return ids


def first_id(moment: datetime) -> UUID:
    """The smallest id that can be made at ``moment`` (aware): what was made before has a smaller one."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
