"""A care message that can't reach its number goes by email; where that is not possible, a person is asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engage.domain.messages import KINDS, Kind
from engage.ids import new_id
from engage.runtime import Runtime
from engage.storage import follow_ups, messages, people, suppressions
from engage.storage.messages import Plan
from engage.storage.pipe import Sent

# What a message's key ends with that took a failed text's place.
FALLBACK = "/fallback"
# Who is asked has until the message's end of use, at most this long.
ASKED_WITHIN = timedelta(days=1)


def go_on(rt: Runtime, tx: Connection, over: Iterable[Sent], now: datetime) -> None:
    """For each care message that is over: the email in its place, planned at once, else a follow-up."""
    for row in over:
        if not matters(row):
            continue
        kind = KINDS.get(KINDS[row.kind].fallback) if row.kind in KINDS else None
        if kind is None or not _by_email(rt, tx, row, kind, now):
            ask(tx, row, "care_not_delivered", now)


def ask_about_held(tx: Connection, rows: Iterable[Sent], now: datetime) -> None:
    """A follow-up for each care message that waits for a person: it must not wait unseen."""
    for row in rows:
        if matters(row):
            ask(tx, row, "care_held", now)


def matters(row: Sent) -> bool:
    """Whether somebody has to act when it can't arrive: care that is not only a question of ours."""
    return row.purpose == "care" and not (row.kind in KINDS and KINDS[row.kind].may_fail)


def ask(tx: Connection, row: Sent, kind: str, now: datetime) -> bool:
    """A follow-up about a message; the same twice is one."""
    due = min(max(row.not_after, now), now + ASKED_WITHIN)
    return follow_ups.add(tx, kind, "message", row.id, row.person_id, due, f"{kind}/{row.id}", now)


def _by_email(rt: Runtime, tx: Connection, row: Sent, kind: Kind, now: datetime) -> bool:
    if row.person_id is None or row.not_after <= now:
        return False
    contacts = [c for c in people.contacts_of(tx, row.person_id) if c.channel == "email"]
    contact = next((c for c in contacts if c.state == "confirmed"), None)
    if contact is None or contact.sealed is None:
        return False
    index = bytes(contact.address_index)
    if suppressions.standing(tx, "email", [index], kind.purpose, now):
        return False
    if row.cause == "appointment" and messages.stands(tx, f"{row.dedup_key.removesuffix('/sms')}/email"):
        return True
    id, sealed = new_id(), None
    if row.sealed is not None:
        told = rt.sealer.open("messages", row.id, row.sealed)
        address = rt.sealer.open("contacts", contact.id, contact.sealed)["address"]
        sealed = rt.sealer.seal("messages", id, {**told, "to": address})
    plan = Plan(
        id=id,
        kind=kind,
        cause=row.cause,
        cause_id=row.cause_id,
        step=row.step,
        person_id=row.person_id,
        contact_id=contact.id,
        dedup_key=f"{row.dedup_key}{FALLBACK}",
        due_at=now,
        not_after=row.not_after,
        sealed=sealed,
    )
    messages.plan(tx, [plan], now)
    return True
