"""What follows for an address when mail to it came back, or when its owner objected at the vendor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.failures import RULES
from engage.domain.messages import BULK
from engage.domain.receipts import Event, objection, suppressed_for, unwanted
from engage.runtime import Runtime
from engage.services import number_checks
from engage.services.courses import leave
from engage.services.refusals import address_index
from engage.storage import consents, merges, people, suppressions
from engage.storage.pipe import Sent

# How each is named in the ledger, beside "unsubscribe, page" of our own link.
SOURCES = {
    "complaint": "complaint, reported by the mailbox provider",
    "unsubscribed": "unsubscribe, at the mail sender",
}


def heed(rt: Runtime, tx: Connection, told: Sequence[tuple[Event, Sent]], now: datetime) -> None:
    """Suppresses addresses, marks contacts as bad, withdraws consents and ends courses. Twice does no harm.

    People are locked in the order of their ids and before contacts, as everybody does.
    """
    for event, row in sorted(told, key=lambda one: (one[1].person_id or UUID(int=0), one[1].id)):
        index = _index(rt, tx, row)
        said = objection(event)
        if said is not None:
            _withdraw(tx, row, index, said, now)
        if event.what == "failed":
            _came_back(rt, tx, event, row, index, now)


def _withdraw(
    tx: Connection, row: Sent, index: bytes | None, said: Literal["complaint", "unsubscribed"], now: datetime
) -> None:
    purposes = unwanted(said, row.purpose)  # type: ignore[arg-type]
    person = merges.lock_kept(tx, row.person_id) if row.person_id is not None else None
    if index is not None:
        people.lock_contacts_at(tx, row.channel, index)
        for purpose in purposes:
            suppressions.add(tx, row.channel, index, purpose, said, now, row.id)
    if person is None:
        return
    for purpose in purposes:
        if purpose in BULK and consents.granted(tx, person, row.channel, purpose):
            consents.enter(
                tx,
                person,
                row.channel,
                purpose,
                "withdrawn",
                actor="person",
                source=SOURCES[said],
                now=now,
                message=row.id,
            )
    leave(tx, person, row.channel, now)  # type: ignore[arg-type]


def _came_back(
    rt: Runtime, tx: Connection, event: Event, row: Sent, index: bytes | None, now: datetime
) -> None:
    rule = RULES[event.failure or "unknown_code"]
    dead = suppressed_for(event)
    for reason in {rule.suppress, dead} - {None}:
        if index is not None and reason is not None:
            suppressions.add(tx, row.channel, index, "all", reason, now, row.id)
    if (rule.flag or dead) and row.contact_id is not None:
        number_checks.mark_bad(rt, tx, row.contact_id, row.id, now)


def _index(rt: Runtime, tx: Connection, row: Sent) -> bytes | None:
    """None also where what is sealed can't be opened: the rest must go on."""
    try:
        return address_index(rt, tx, row)
    except Exception:
        return None
