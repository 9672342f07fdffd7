"""Words on our own pages that may mean danger: staff are told at once, as of a text."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.replies import classify
from engage.storage import follow_ups

KIND = "urgent"


def look(tx: Connection, words: str, cause: str, cause_id: UUID, person: UUID, now: datetime) -> bool:
    """Whether ``words`` sound like danger. Then a follow-up is open, of which staff are alerted until somebody takes it."""
    if classify(words).intent != KIND:
        return False
    if not follow_ups.is_open(tx, KIND, cause_id):
        key = f"{KIND}/{cause_id}/{now.isoformat()}"
        follow_ups.add(tx, KIND, cause, cause_id, person, now, key, now)
    return True
