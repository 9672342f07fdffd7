"""Whether a check-in is still to be asked, looked at when it is claimed, and the link in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OPEN
from engage.domain.messages import CHECK_INS, KINDS
from engage.domain.timing import local, usable
from engage.runtime import Runtime
from engage.storage import check_in_plans
from engage.storage.check_in_plans import ClaimFacts
from engage.storage.claim_facts import FactsRow

NAMES = frozenset(kind.name for kind in CHECK_INS)
# How long an answer may be given, and changed.
LINK_LASTS = timedelta(days=14)


def url(rt: Runtime, check_in: UUID, now: datetime) -> str:
    """The page where it is answered."""
    return rt.links.url("check-in", check_in, now + LINK_LASTS)


def judged(rt: Runtime, tx: Connection, rows: Sequence[FactsRow], now: datetime) -> list[FactsRow]:
    """The same rows; a check-in that is not to be asked any more, or not today, has a cause that says why."""
    facts = check_in_plans.claim_facts(tx, [row.id for row in rows if row.kind in NAMES], now)
    if not facts:
        return list(rows)
    found = []
    for row in rows:
        if row.kind in NAMES:
            one = facts.get(row.id)
            row = row._replace(cause_state=_state(rt, row, one, now) if one is not None else None)
            if one is not None and row.cause_state == "asked":
                # Nobody is asked twice on one day, also not by one claim.
                facts = {
                    id: other._replace(last_at=now) if other.person_id == one.person_id else other
                    for id, other in facts.items()
                }
        found.append(row)
    return found


def _state(rt: Runtime, row: FactsRow, facts: ClaimFacts, now: datetime) -> str:
    if not rt.clinic.check_ins.on:
        return "switched_off"
    if not facts.wanted or facts.channel != KINDS[row.kind].channel:
        return "no_check_ins"
    if facts.answered:
        return "answered"
    if facts.visit is not None and not _as_planned(facts.slug, facts.visit):
        return "visit_changed"
    zone = usable(row.zone, rt.clinic.zone)
    if facts.last_at is not None and local(facts.last_at, zone).date() == local(now, zone).date():
        return "asked_today"
    return "asked"


def _as_planned(slug: str, status: str) -> bool:
    """Before a first visit it has to be going to take place; after a visit it has to have done so."""
    return status in OPEN if slug.startswith("first/") else status == "fulfilled"
