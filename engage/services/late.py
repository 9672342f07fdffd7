"""Messages that could not leave within their time of use: staff get a list, and care is followed up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.timing import local
from engage.runtime import Runtime
from engage.services.fallback import ask, matters
from engage.storage import follow_ups, pipe

LOOK_WITHIN = timedelta(days=1)
AT_ONCE = 500


def tell_of_late(rt: Runtime, tx: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """One follow-up a day that there is a list, and one for each care message."""
    if not ids:
        return
    day = local(now, rt.clinic.zone).date()
    follow_ups.add(
        tx, "messages_expired", "message", ids[0], None, now + LOOK_WITHIN, f"messages_expired/{day}", now
    )
    for row in pipe.sent(tx, ids).values():
        if matters(row):
            ask(tx, row, "care_not_delivered", now)


def expire_held(rt: Runtime) -> int:
    """Ends what waited for a person for longer than it could be of use. Returns how many."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        ids = pipe.expire_held(tx, now, AT_ONCE)
        tell_of_late(rt, tx, ids, now)
    return len(ids)
