"""Messages whose time of use was over before they could leave: staff get a list, and care is followed up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engage.domain.messages import KINDS
from engage.domain.timing import local
from engage.runtime import Runtime
from engage.services.fallback import ask
from engage.storage import follow_ups, pipe
from engage.storage.pipe import FactsRow

LOOK_WITHIN = timedelta(days=1)


def tell_of_late(rt: Runtime, tx: Connection, rows: Sequence[FactsRow], now: datetime) -> None:
    """One follow-up a day that there is a list, and one for each care message."""
    if not rows:
        return
    day = local(now, rt.clinic.zone).date()
    first = rows[0].id
    follow_ups.add(
        tx, "messages_expired", "message", first, None, now + LOOK_WITHIN, f"messages_expired/{day}", now
    )
    care = [row.id for row in rows if KINDS[row.kind].purpose == "care"]
    for row in pipe.sent(tx, care).values():
        ask(tx, row, "care_not_delivered", now)
