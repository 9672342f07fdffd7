"""Texts that staff must know of at once: somebody may be in danger, or is late. An alert repeats until somebody takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import ANSWER_URGENT, ANSWER_URGENT_STOPPED
from engage.runtime import Runtime
from engage.services import alerts, follow_ups
from engage.services.sms_answers import Text, answer
from engage.storage import inbound

# A text on from one that nobody has taken yet is read together with it.
TOGETHER = timedelta(hours=12)


def urgent(
    rt: Runtime, tx: Connection, text: Text, person: UUID | None, now: datetime, stopped: UUID | None = None
) -> UUID | None:
    """Alerts staff, and sends the emergency numbers. ``stopped`` is the opt-out that the same text made, which the
    answer then confirms. Returns the answer's id, None where none goes out."""
    key = str(stopped) if stopped is not None else ""
    kind = ANSWER_URGENT_STOPPED if stopped is not None else ANSWER_URGENT
    reply = answer(rt, tx, text, kind, person, now, key)
    _tell(rt, tx, "urgent", text, person, now)
    return reply


def late(
    rt: Runtime, tx: Connection, text: Text, person: UUID | None, near_since: datetime, now: datetime
) -> None:
    """Tells staff that somebody is late, or will be tomorrow. Who says so again when the visit is near (``near_since``)
    is told of again, whatever they said the day before."""
    since = near_since if near_since <= now else now - TOGETHER
    _tell(rt, tx, "running_late", text, person, now, max(since, now - TOGETHER))


def _tell(
    rt: Runtime,
    tx: Connection,
    kind: str,
    text: Text,
    person: UUID | None,
    now: datetime,
    since: datetime | None = None,
) -> None:
    """Once somebody has taken it, the next text is told of anew. ``since``: what came before is not read with it."""
    if inbound.nobody_has(tx, text.index, kind, since or now - TOGETHER):
        return
    follow_ups.add(tx, rt, kind, "inbound", text.id, person, now, f"{kind}/{text.id}")
    alerts.raise_alert(rt, tx, kind, str(text.id), f"/staff/texts/{text.id}")
