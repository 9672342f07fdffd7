"""A restored database before a person accepts it: what would leave, and keeping that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engage import log
from engage.domain.messages import PURPOSES
from engage.runtime import Runtime
from engage.services import recover
from engage.storage import restored

logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class LaneDue:
    """What is due now in one lane: ``too_late`` of them expire, the others leave. ``oldest`` is aware UTC."""

    lane: str
    due: int
    too_late: int
    oldest: datetime

    @property
    def leaving(self) -> int:
        """How many would leave at once."""
        return self.due - self.too_late


def would_leave(rt: Runtime) -> list[LaneDue]:
    """What is due now, by lane."""
    with rt.transaction() as tx:
        rows = restored.due_by_lane(tx, rt.now(tx))
    return [LaneDue(PURPOSES[row.lane], row.due, row.too_late, row.oldest) for row in rows]


def hold_due(rt: Runtime) -> int:
    """Holds what would leave at once, for staff to look at one by one. Returns how many.

    What was being sent when the backup was made is given back first: it may have left since.
    """
    recover.recover(rt)
    with rt.transaction() as tx:
        held = restored.hold_due(tx, rt.now(tx))
    logger.warning("held after a restore", count=held)
    return held
