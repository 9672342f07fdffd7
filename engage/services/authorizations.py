"""Patients' written authorizations for marketing that is chosen by treatment or visit.

The law asks for one on paper or signed electronically, with a last day or an event that ends it, and lets the patient
take it back at any time (45 CFR 164.508). What is recorded here is that the clinic has it, and how it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.consultations import BadMessage, clean_message
from engage.domain.forms import InvalidInput
from engage.domain.merging import BACK, NOT_ASKED, SOURCE, stricter
from engage.domain.timing import instant, local
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.services.opening import opened
from engage.services.wishes import SOURCES as TOLD
from engage.storage import authorizations as rows
from engage.storage import people

Action = Literal["granted", "withdrawn"]
# How it came, as it stands in the ledger. A withdrawal is heeded however it is said.
GIVEN = {
    "paper": "signed on paper at the clinic",
    "mail": "a signed paper that came by mail",
    "electronic": "signed electronically",
}
SOURCES: dict[Action, dict[str, str]] = {"granted": GIVEN, "withdrawn": TOLD}
MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. ``at`` is aware, in the clinic's zone; ``until`` is the last day on which it holds."""

    action: str
    source: str
    actor: str
    at: datetime
    until: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a person's authorization holds now, and the ledger, newest first."""

    holds: bool
    ledger: list[Entry]


def record(
    rt: Runtime,
    actor: Actor,
    person: UUID,
    action: Action,
    source: str,
    until: date | None = None,
    words: str = "",
) -> bool | None:
    """Notes that a patient gave or took back an authorization; ``source`` is a key of SOURCES[action] (KeyError else),
    ``until`` the last day on which it holds, None where an event ends it. Leaves a row in the audit trail.

    False when that was known; None when there is no such (living) person. Raises InvalidInput.
    """
    said = SOURCES[action][source]
    try:
        words = clean_message(words, MAX_NOTE)
    except BadMessage as error:
        raise InvalidInput({"note": str(error)}) from None
    with rt.transaction() as tx:
        found = people.lock(tx, person)
        if found is None or found.state != "active":
            return None
        now = rt.now(tx)
        ends = _ends(rt, until, now) if action == "granted" else None
        before = rows.latest(tx, person)
        if before is None and action == "withdrawn":
            return False
        if before is not None and (before.action, before.expires_at) == (action, ends) and not words:
            return False
        id = new_id()
        sealed = rt.sealer.seal("authorizations", id, {"note": words}) if words else None
        rows.enter(
            tx,
            id,
            person,
            action,
            actor=actor.label,
            staff=actor.staff_id,
            source=said,
            now=now,
            expires=ends,
            sealed=sealed,
        )
        note(tx, rt, actor, "change", "authorization", id, person)
        return True


def _ends(rt: Runtime, until: date | None, now: datetime) -> datetime | None:
    if until is None:
        return None
    ends = instant(until + timedelta(days=1), time(0), rt.clinic.zone)
    if ends <= now:
        raise InvalidInput({"until": "That day is over. Please give the last day that stands on the paper."})
    return ends


def standing(rt: Runtime, tx: Connection, ids: Sequence[UUID], now: datetime) -> Standing:
    """As a person's page shows it; ``ids`` are the person first, then records that were found to be theirs."""
    latest = rows.latest(tx, ids[0])
    return Standing(bool(_holds(latest, now)), [_entry(rt, row) for row in rows.ledger(tx, ids)])


def _entry(rt: Runtime, row: Any) -> Entry:
    zone = rt.clinic.zone
    until = (local(row.expires_at, zone) - timedelta(days=1)).date() if row.expires_at is not None else None
    words = str(opened(rt, "authorizations", row.id, row.sealed).get("note", ""))
    return Entry(row.action, row.source, row.actor.partition(":")[0], local(row.at, zone), until, words)


def _holds(row: Any | None, now: datetime) -> bool | None:
    """None where nobody ever asked."""
    if row is None or row.source == NOT_ASKED:
        return None
    return row.action == "granted" and (row.expires_at is None or row.expires_at > now)


def withdraw(tx: Connection, person: UUID, actor: Actor, source: str, now: datetime) -> None:
    """Ends what stands; the caller holds the person's lock."""
    found = rows.latest(tx, person)
    if found is not None and found.action == "granted":
        _enter(tx, person, "withdrawn", actor, source, now)


def merge(tx: Connection, keep: UUID, other: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    """Two records become one person's: whoever took it back is heeded. Returns what ``part`` needs."""
    before, theirs = rows.latest(tx, keep), rows.latest(tx, other)
    was, both = _holds(before, now), stricter(_holds(before, now), _holds(theirs, now))
    told: dict[str, Any] = {"said": before.id if before is not None else None}
    if both is not None and both != was:
        ends = theirs.expires_at if both and theirs is not None else None
        told |= {"entry": _enter(tx, keep, _action(both), actor, SOURCE, now, ends), "before": was}
        told["until"] = before.expires_at.isoformat() if was and before and before.expires_at else None
    return told


def part(
    tx: Connection, keep: UUID, other: UUID, told: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Takes back what ``merge`` entered, where nothing was said since; what was taken back since holds for both."""
    latest, theirs = rows.latest(tx, keep), rows.latest(tx, other)
    if latest is None or str(latest.id) == told.get("said"):
        return
    if str(latest.id) == told.get("entry"):
        ends = datetime.fromisoformat(told["until"]) if told.get("until") else None
        source = NOT_ASKED if told["before"] is None else BACK
        _enter(tx, keep, _action(bool(told["before"])), actor, source, now, ends)
    elif latest.action == "withdrawn" and _holds(theirs, now):
        _enter(tx, other, "withdrawn", actor, BACK, now)


def _action(granted: bool) -> Action:
    return "granted" if granted else "withdrawn"


def _enter(
    tx: Connection,
    person: UUID,
    action: Action,
    actor: Actor,
    source: str,
    now: datetime,
    ends: datetime | None = None,
) -> UUID:
    id = new_id()
    rows.enter(
        tx,
        id,
        person,
        action,
        actor=actor.label,
        staff=actor.staff_id,
        source=source,
        now=now,
        expires=ends,
    )
    return id
