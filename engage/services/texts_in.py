"""Texts that people sent, for staff to read: the words, what they were taken for, what followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.inbound import OUTCOMES
from engage.domain.timing import local
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.services.opening import UNREADABLE, opened
from engage.storage import inbound, people
from engage.storage import person_page as rows

SHOWN = 50
TAKEN_FOR = {
    "stop": "Wants no more texts",
    "start": "Wants texts again",
    "help": "Asks for help",
    "wrong_person": "Says that it is the wrong person",
    "unclear_negative": "Sounds annoyed",
    "other": "Says something else",
    "confirm": "Confirms a visit",
    "reschedule": "Asks for another time",
    "cancel": "Asks to cancel a visit, or can't come",
    "late": "Will be late",
    "score": "Tells how bad the pain is",
    "urgent": "May be in danger",
}


@dataclass(frozen=True, slots=True)
class TextIn:
    """One text. ``at`` is aware, in the clinic's zone. ``words`` is empty where it had none, or was let go."""

    id: UUID
    at: datetime
    words: str
    media: int
    readable: bool
    taken_for: str
    why: str
    followed: str
    answer_id: UUID | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that one number wrote, newest first, and who has it: (id, given name)."""

    number: str
    people: list[tuple[UUID, str]]
    texts: list[TextIn]


@dataclass(frozen=True, slots=True)
class MailIn:
    """A mail to the address for leaving that nobody but a person can answer. ``at`` is in the clinic's zone."""

    at: datetime
    sender: str
    subject: str
    words: str


def of_numbers(rt: Runtime, tx: Connection, indexes: Sequence[bytes]) -> list[TextIn]:
    """What came from these numbers, newest first."""
    return [_text(rt, row) for row in inbound.of_numbers(tx, indexes, SHOWN)]


def conversation(rt: Runtime, actor: Actor, id: UUID) -> Conversation | None:
    """What the number of text ``id`` wrote, with a row of the audit trail. None when there is none such."""
    with rt.transaction() as tx:
        row = inbound.one(tx, id)
        if row is None:
            return None
        index = bytes(row.number_index)
        holders = list(dict.fromkeys(c.person_id for c in people.contacts_at(tx, "sms", index)))
        names = {
            p.id: opened(rt, "people", p.id, p.sealed).get("given_name", "") for p in rows.names(tx, holders)
        }
        for person in holders or [None]:
            note(tx, rt, actor, "view", "text", id, person)
        number = str(opened(rt, "inbound", row.id, row.sealed).get("from", ""))
        return Conversation(
            number, [(person, names.get(person, "")) for person in holders], of_numbers(rt, tx, [index])
        )


def mail(rt: Runtime, actor: Actor, id: UUID) -> MailIn | None:
    """One mail, with a row of the audit trail. None when there is none such."""
    with rt.transaction() as tx:
        row = inbound.mail(tx, id)
        if row is None:
            return None
        note(tx, rt, actor, "view", "mail", id)
        told = opened(rt, "inbound_mails", id, row.sealed)
        at = local(row.received_at, rt.clinic.zone)
        return MailIn(at, told.get("from", ""), told.get("subject", ""), told.get("words", UNREADABLE))


def _text(rt: Runtime, row: Any) -> TextIn:
    told = opened(rt, "inbound", row.id, row.sealed)
    return TextIn(
        id=row.id,
        at=local(row.received_at, rt.clinic.zone),
        words=str(told.get("body", "")),
        media=int(told.get("media", 0)),
        readable="body" in told,
        taken_for=TAKEN_FOR.get(row.intent or "", "Not looked at yet"),
        why=row.why or "",
        followed=OUTCOMES.get(row.outcome or "", ""),
        answer_id=row.answer_id,
    )
