"""Visits to look at, and what each brought, will bring and will not, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from engage.domain.message_words import REASONS, STATUS_WORDS
from engage.domain.messages import Status
from engage.domain.timing import local, spoken
from engage.runtime import Runtime
from engage.services.appointments import Appointment, opened
from engage.storage import appointments

MOST = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """One rule on one channel: a message with its status, or none. ``due_at`` is aware UTC."""

    rule: str
    channel: str
    status: str | None
    due_at: datetime | None
    message_id: UUID | None
    words: str


def ahead(rt: Runtime, span: timedelta) -> list[Appointment]:
    """Visits that start from now on, for so long."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        return [opened(rt, row) for row in appointments.between(tx, now, now + span, MOST)]


def messages_of(rt: Runtime, visit: Appointment) -> list[Told]:
    """What the visit brought and brings, and why the rest of the policy does not apply."""
    with rt.transaction() as tx:
        rows = appointments.messages_about(tx, visit.person_id, visit.id)
    told = []
    for row in rows:
        moment = spoken(local(row.sent_at or row.due_at, visit.when.zone))
        words = f"{moment}: {STATUS_WORDS[cast(Status, row.status)]}"
        if row.reason:
            words += f". {REASONS.get(row.reason, row.reason)}"
        if row.version != visit.version:
            words += f" (about version {row.version})"
        told.append(Told(row.rule, row.channel, row.status, row.due_at, row.id, words))
    for key, reason in sorted(visit.unplanned.items()):
        rule, _, channel = key.partition("/")
        told.append(Told(rule, channel, None, None, None, f"Not sent. {REASONS.get(reason, reason)}"))
    return told
