"""What a message about a visit says, made when it is claimed from the visit as it is then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Connection

from engage.content.calendar import Method
from engage.content.sms import fold
from engage.domain import visit_words
from engage.domain.appointments import OFF, OPEN, When
from engage.domain.messages import (
    KINDS,
    PLAN_ENDED,
    VISIT_BOOKED,
    VISIT_CANCELLED,
    VISIT_CANCELLED_TEXT,
    VISIT_MISSED,
    VISIT_MISSED_TEXT,
    VISIT_MOVED,
    VISIT_REMINDER,
    VISITS,
)
from engage.domain.timing import usable
from engage.domain.visit_words import Mentioned
from engage.runtime import Runtime
from engage.services.texts import NAMELESS, Letter, preferences_url
from engage.storage import visit_facts
from engage.storage.claim_facts import FactsRow
from engage.storage.visit_facts import VisitFacts

# How long a visit's page can be opened after the visit.
PAGE_DAYS = 31
NAMES = frozenset(kind.name for kind in VISITS)
_OFF = frozenset({VISIT_CANCELLED.name, VISIT_CANCELLED_TEXT.name})
_MISSED = frozenset({VISIT_MISSED.name, VISIT_MISSED_TEXT.name})
# Emails that bring the visit into a calendar, or out of it.
_CALENDAR: dict[str, Method] = {
    VISIT_REMINDER.name: "REQUEST",
    VISIT_BOOKED.name: "REQUEST",
    VISIT_MOVED.name: "REQUEST",
    VISIT_CANCELLED.name: "CANCEL",
}
INVITING = tuple(kind for kind, method in _CALENDAR.items() if method == "REQUEST")
CHANGED = "visit_changed"


def facts(tx: Connection, rows: Sequence[FactsRow]) -> dict[UUID, VisitFacts]:
    """The visits of those claimed messages that are about one, by message."""
    return visit_facts.fetch(tx, [row.id for row in rows if row.kind in NAMES])


def judged(rows: Sequence[FactsRow], visits: Mapping[UUID, VisitFacts]) -> list[FactsRow]:
    """The same rows; a message that is not true any more has a cause that says so."""
    return [
        row._replace(cause_state=_state(row, visits.get(row.id))) if row.kind in NAMES else row
        for row in rows
    ]


def _state(row: FactsRow, visit: VisitFacts | None) -> str | None:
    if visit is None:
        return None
    if visit.version != visit.told_version:
        return CHANGED
    if row.kind in _OFF:
        return "off" if visit.status in OFF else CHANGED
    if row.kind in _MISSED:
        return "missed" if visit.status == "noshow" else CHANGED
    if row.kind == PLAN_ENDED.name:
        return "over" if visit.status == "fulfilled" else CHANGED
    return "open" if visit.status in OPEN else CHANGED


def when_of(visit: VisitFacts) -> When:
    """When and where it is."""
    return When(visit.starts_at, visit.zone, visit.minutes, visit.location)


def page_url(rt: Runtime, visit: UUID, starts_at: datetime, contact: UUID) -> str:
    """The visit's page: for whoever has the link, until a month after the visit, and while ``contact``, to which the
    link goes, is the person's."""
    return rt.links.url("appointment", visit, starts_at + timedelta(days=PAGE_DAYS), contact.bytes)


def letter(rt: Runtime, row: FactsRow, visits: Sequence[VisitFacts], now: datetime) -> Letter:
    """The personal part of a message about ``visits``: its own first, then those that it carries along. Raises
    SealError."""
    assert row.contact_id is not None and row.contact_sealed is not None and row.person_id is not None
    own = visits[0]
    address = rt.sealer.open("contacts", row.contact_id, row.contact_sealed)["address"]
    whose = {visit.person_id: _given_name(rt, visit) for visit in visits}
    several = len(whose) > 1
    mentioned = [
        Mentioned(when_of(visit), whose[visit.person_id] if several else "")
        for visit in sorted(visits, key=lambda visit: (visit.starts_at, visit.visit_id))
    ]
    home = usable(row.zone, rt.clinic.zone)
    place = place_of(rt, when_of(own))
    same_place = len({visit.location for visit in visits}) == 1
    url = page_url(rt, own.visit_id, own.starts_at, row.contact_id)
    values = {
        "given_name": NAMELESS if several else whose[own.person_id] or NAMELESS,
        "visit_when": visit_words.long(mentioned, home),
        "visit_short": visit_words.short(mentioned, home),
        "visit_was": _was(own, home, row.kind),
        "visit_place": f"{place.name}, {place.address}" if same_place else rt.clinic.name,
        "visit_where": place.name if same_place else rt.clinic.short_name,
        "visit_telephone": place.telephone,
        "visit_url": url,
    }
    if KINDS[row.kind].channel == "sms":
        return Letter(address, {name: fold(value) for name, value in values.items()})
    values["unsubscribe_url"] = rt.links.url("unsubscribe", row.id)
    values["preferences_url"] = preferences_url(rt, row.person_id, now)
    method = _CALENDAR.get(row.kind)
    # A calendar file tells of one visit (RFC 5546, 3.2.2): a message of several leaves each to its own letter.
    if method is None or len(visits) > 1:
        return Letter(address, values)
    return Letter(address, values, calendar_of(rt, own.visit_id, own.version, when_of(own), method, url))


def place_of(rt: Runtime, when: When) -> Any:
    """Where a visit is. Where a place is gone from the clinic's file, its first one answers."""
    return rt.clinic.location(when.location) or rt.clinic.locations[0]


def calendar_of(
    rt: Runtime, visit: UUID, version: int, when: When, method: Method, url: str
) -> dict[str, Any]:
    """What ``visit_files`` makes a calendar file of: the same visit under the same id, whatever becomes of it. ``url``
    is the link to its page of whoever gets the file."""
    host = urlsplit(rt.settings.public_url).hostname
    place = place_of(rt, when)
    return {
        "method": method,
        "uid": f"{visit}@{host}",
        "sequence": version - 1,
        "start": when.starts_at.isoformat(),
        "zone": when.zone,
        "minutes": when.minutes,
        "summary": f"Appointment, {rt.clinic.sender.email_name}",
        "location": f"{place.name}, {place.address}",
        "url": url,
    }


def _given_name(rt: Runtime, visit: VisitFacts) -> str:
    told: dict[str, Any] = (
        rt.sealer.open("people", visit.person_id, visit.person_sealed) if visit.person_sealed else {}
    )
    return str(told.get("given_name") or "")


def _was(visit: VisitFacts, home: str, kind: str) -> str:
    """What the person was told before. Where only the place changed, or nobody knows, there is no time to name."""
    if visit.was_starts_at is None or visit.was_starts_at == visit.starts_at:
        return "as told before"
    before = Mentioned(
        replace(when_of(visit), starts_at=visit.was_starts_at, zone=visit.was_zone or visit.zone)
    )
    say = visit_words.long if KINDS[kind].channel == "email" else visit_words.short
    return say([before], home)
