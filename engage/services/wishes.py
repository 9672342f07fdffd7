"""What a person said to staff about messages: stop texts, stop emails, start again. Each is a line of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.inbound import STOP_SOURCE
from engage.domain.messages import BULK, Channel, Purpose
from engage.runtime import Runtime
from engage.services import number_proof, opt_outs
from engage.services.audit import Actor, note
from engage.services.courses import end_courses
from engage.storage import consents, people, suppressions
from engage.storage import opt_outs as rows

Wish = Literal["stop", "start"]
WISHES: tuple[Wish, ...] = get_args(Wish)
# How the person said it, as it stands in the ledger: no free text, since the ledger is kept for years.
SOURCES = {
    "telephone": "told by telephone",
    "in-person": "told at the clinic",
    "letter": "told in a letter",
    "email": "told by email",
}
# What ends with "stop emails". Answers to what a person asks for stay.
EMAILS: tuple[Purpose, ...] = ("care", *BULK)
# Withdrawals of email that a spoken "start again" may end: those that were spoken, and the links of our own mails.
_ENDED_BY_WORD = (STOP_SOURCE, "unsubscribe, ")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What followed: how many consents were withdrawn or came back (1 where only the number did)."""

    wish: Wish
    channel: Channel
    changed: int


def record(
    rt: Runtime, actor: Actor, person: UUID, channel: Channel, wish: Wish, source: str
) -> Recorded | None:
    """Records a spoken wish, with a row of the audit trail. None when there is no such (living) person.

    ``source`` is a key of SOURCES (KeyError else). "start" brings back what was agreed to before a stop, nothing else.
    Texts: a number is stopped, and started, for everybody who has it.
    """
    said = SOURCES[source]
    with rt.transaction() as tx:
        found = people.one(tx, person)
        if found is None or found.state != "active":
            return None
        now = rt.now(tx)
        indexes = _lock(tx, person, channel, wish)
        if channel == "sms":
            changed = _texts(rt, tx, person, indexes, wish, said, now)
        else:
            changed = _emails(tx, person, indexes, wish, said, now)
        note(tx, rt, actor, "change", "consent", None, person)
        return Recorded(wish, channel, changed)


def _lock(tx: Connection, person: UUID, channel: Channel, wish: Wish) -> list[bytes]:
    """In everybody's order: the numbers, then all people, then contacts."""
    indexes = _indexes(tx, person, channel, wish)
    rows.lock_people_at(tx, channel, indexes if channel == "sms" else [], person)
    for index in indexes:
        people.lock_contacts_at(tx, channel, index)
    return indexes


def _indexes(tx: Connection, person: UUID, channel: Channel, wish: Wish) -> list[bytes]:
    """Addresses that are the person's: one that was replaced may be somebody else's by now, whose word counts there."""
    theirs = ("confirmed",) if wish == "start" else ("confirmed", "bad", "quarantined")
    contacts = [
        row for row in people.contacts_of(tx, person) if row.channel == channel and row.state in theirs
    ]
    return sorted({bytes(row.address_index) for row in contacts})


def _texts(
    rt: Runtime, tx: Connection, person: UUID, indexes: list[bytes], wish: Wish, said: str, now: datetime
) -> int:
    changed = 0
    for index in indexes:
        holders = opt_outs.lock(tx, index, now)
        if wish == "stop":
            number_proof.stop(tx, index, now)
            changed += opt_outs.stop(tx, holders, said, "staff", now).withdrawn
        else:
            started = opt_outs.start(rt, tx, holders, said, "staff", now, by="staff")
            changed += len(started.resumed) or int(started.episode is not None)
    if wish == "stop":
        changed += _withdraw(tx, person, "sms", said, now)
    return changed


def _emails(tx: Connection, person: UUID, indexes: list[bytes], wish: Wish, said: str, now: datetime) -> int:
    if wish == "start":
        for index in indexes:
            for scope in EMAILS:
                suppressions.lift(tx, "email", index, scope, [opt_outs.REASON], "staff", now)
        found = [row for prefix in _ENDED_BY_WORD for row in rows.stopped_by(tx, "email", [person], prefix)]
        return len(opt_outs.resume(tx, "email", found, said, "staff", now))
    for index in indexes:
        for scope in EMAILS:
            suppressions.add(tx, "email", index, scope, opt_outs.REASON, now)
    changed = _withdraw(tx, person, "email", said, now)
    end_courses(tx, person, "unsubscribed", now)
    rows.cancel_emails(tx, person, EMAILS, now)
    return changed


def _withdraw(tx: Connection, person: UUID, channel: Channel, said: str, now: datetime) -> int:
    granted = rows.granted(tx, channel, [person])
    for _, purpose in granted:
        source = STOP_SOURCE + said
        consents.enter(tx, person, channel, purpose, "withdrawn", actor="staff", source=source, now=now)
    return len(granted)
