"""Whether a check-in is still to be asked, looked at when it is claimed, and the link in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OPEN
from engage.domain.messages import CHECK_INS, KINDS
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


def judged(rt: Runtime, tx: Connection, rows: Sequence[FactsRow]) -> list[FactsRow]:
    """The same rows; a check-in that is not to be asked any more has a cause that says why."""
    facts = check_in_plans.claim_facts(tx, [row.id for row in rows if row.kind in NAMES])
    if not facts:
        return list(rows)
    on = rt.clinic.check_ins.on
    return [
        row._replace(cause_state=_state(on, row, facts.get(row.id))) if row.kind in NAMES else row
        for row in rows
    ]


def _state(on: bool, row: FactsRow, facts: ClaimFacts | None) -> str | None:
    if facts is None:
        return None
    if not on:
        return "switched_off"
    if not facts.wanted or facts.channel != KINDS[row.kind].channel:
        return "no_check_ins"
    if facts.answered:
        return "answered"
    if facts.visit is not None and not _as_planned(facts.slug, facts.visit):
        return "visit_changed"
    return "asked"


def _as_planned(slug: str, status: str) -> bool:
    """Before a first visit it has to be going to take place; after a visit it has to have done so."""
    return status in OPEN if slug.startswith("first/") else status == "fulfilled"
