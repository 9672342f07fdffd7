"""Every advisory lock's number, in one place: two of the same would hold off each other for nothing."""

from __future__ import annotations

from enum import IntEnum


class Lock(IntEnum):
    """Session or transaction locks by what they guard. BULK_SLOT is the first of up to 64."""

    UPGRADE = 7_233_000_001
    # Whoever holds this alone (the demo, a restore) keeps all workers from delivering.
    DELIVERING = 7_233_000_002
    # Two weighing forms at once would each find an address within its limits.
    WEIGHING = 7_233_000_003
    AUDIT_CHAIN = 7_233_000_004
    # Two weighing confirmation texts, likewise.
    NUMBERS = 7_233_000_007
    # Many people are made, or two are merged, alone; others make one each beside each other.
    PEOPLE = 7_233_000_008
    # Two files at once would each find what the other has not written yet.
    IMPORTING = 7_233_000_009
    # One walk through what is old at a time.
    RETENTION = 7_233_000_005
    # One makes profiles anew at a time, in the order of what changed.
    PROFILES = 7_233_000_010
    BULK_SLOT = 7_233_100_000
