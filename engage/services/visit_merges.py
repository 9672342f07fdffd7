"""Visits that one number or address is told of at once: one message tells of all, the others end with it.

Two children's reminders of one day to a parent's telephone, or two visits of one person, are one message that names
them; so are visits of any days that are called off together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.domain.deciding import Send
from engage.domain.messages import (
    KINDS,
    VISIT_CANCELLED,
    VISIT_CANCELLED_TEXT,
    VISIT_REMINDER,
    VISIT_REMINDER_TEXT,
)
from engage.domain.timing import local
from engage.runtime import Runtime
from engage.services import fallback, visit_letters
from engage.storage import claim_facts, pipe, visit_facts
from engage.storage.claim_facts import FactsRow
from engage.storage.visit_facts import Merged, VisitFacts

logger = log.get(__name__)

# Of one day's visits, and of any.
BY_DAY = frozenset({VISIT_REMINDER.name, VISIT_REMINDER_TEXT.name})
AT_ONCE = frozenset({VISIT_CANCELLED.name, VISIT_CANCELLED_TEXT.name})
MERGED = BY_DAY | AT_ONCE
# Reminders of one day's visits are due within a day of one another.
AHEAD = timedelta(days=1)
BATCH = 500

Key = tuple[str, bytes, date | None]


@dataclass(slots=True)
class Together:
    """What the claimed messages carry: all visits of each carrier, its own first, and what ends with it."""

    visits: dict[UUID, list[VisitFacts]] = field(default_factory=dict)
    merged: list[Merged] = field(default_factory=list)

    @property
    def gone(self) -> frozenset[UUID]:
        """Claimed messages that go by no request of their own."""
        return frozenset(one.id for one in self.merged)


@dataclass(frozen=True, slots=True)
class Going:
    """A claimed message that is to leave, relying on a ledger entry."""

    row: FactsRow
    consent_id: UUID | None


def together(
    rt: Runtime,
    tx: Connection,
    going: Sequence[Going],
    visits: Mapping[UUID, VisitFacts],
    may_go: Callable[[FactsRow], object],
    now: datetime,
) -> Together:
    """Puts what goes to one address about visits of one day into one message, also what is due a little later.

    ``may_go`` decides about one that is not due yet, its hour and the caps aside. The caller holds the claim's locks.
    """
    result = Together()
    candidates = [one for one in going if one.row.kind in MERGED and one.row.address_index is not None]
    candidates = _without_calendars(tx, candidates, visits)
    if not candidates:
        return result
    found = {one.row.id: visits[one.row.id] for one in candidates}
    carried = visit_facts.carried(tx, list(found))
    parties: dict[Key, list[Going]] = defaultdict(list)
    for one in candidates:
        _join(parties[_key(one.row, found[one.row.id])], one, found)
    for one in _companions(rt, tx, candidates, may_go, now, found):
        key = _key(one.row, found[one.row.id])
        if key in parties:
            _join(parties[key], one, found)
    ids = {one.row.id for one in candidates}
    before = _carried_before(tx, carried, now)
    for party in parties.values():
        # The one that carries must be in this claim, and one that carried before carries again.
        party.sort(
            key=lambda one: (one.row.id not in ids, one.row.id not in before, found[one.row.id].starts_at)
        )
        carrier, others = party[0].row.id, party[1:]
        along = [found[one.row.id] for one in others] + before.get(carrier, [])
        if along:
            result.visits[carrier] = [found[carrier], *along]
        result.merged += [Merged(one.row.id, carrier, one.consent_id) for one in others]
    return result


def _without_calendars(
    tx: Connection, going: Sequence[Going], visits: Mapping[UUID, VisitFacts]
) -> list[Going]:
    """Those that no calendar waits for: a letter of several brings no calendar file, and what a letter put into a
    calendar only a letter of its own takes out."""
    letters = [visits[one.row.id].visit_id for one in going if one.row.kind == VISIT_CANCELLED.name]
    kept = visit_facts.in_calendars(tx, letters, visit_letters.INVITING)
    return [
        one
        for one in going
        if one.row.kind != VISIT_CANCELLED.name or visits[one.row.id].visit_id not in kept
    ]


def _join(party: list[Going], one: Going, found: Mapping[UUID, VisitFacts]) -> None:
    """Two reminders of one visit are two: only visits are put together."""
    visit = found[one.row.id].visit_id
    if all(found[other.row.id].visit_id != visit for other in party):
        party.append(one)


def _key(row: FactsRow, visit: VisitFacts) -> Key:
    assert row.address_index is not None
    day = local(visit.starts_at, visit.zone).date() if row.kind in BY_DAY else None
    return row.kind, bytes(row.address_index), day


def _companions(
    rt: Runtime,
    tx: Connection,
    candidates: Sequence[Going],
    may_go: Callable[[FactsRow], object],
    now: datetime,
    found: dict[UUID, VisitFacts],
) -> Iterable[Going]:
    # What is off waits for a change of mind: nothing tells of it before that is over.
    ids = _lock(tx, candidates, BY_DAY, now + AHEAD) + _lock(tx, candidates, AT_ONCE, now)
    if not ids:
        return
    rows = claim_facts.fetch(tx, ids, now)
    visits = visit_letters.facts(tx, rows)
    others = [
        Going(row, None)
        for row in visit_letters.judged(rows, visits)
        if row.address_index is not None and row.id in visits
    ]
    for row in (one.row for one in _without_calendars(tx, others, visits)):
        try:
            decision = may_go(row._replace(anytime=True))
            visit_letters.letter(rt, row, [visits[row.id]], now)
        except Exception as error:
            # It is told by itself: its own claim finds out what is wrong with it.
            logger.error("unreadable", message_id=str(row.id), error=type(error).__name__)
            continue
        if isinstance(decision, Send):
            found[row.id] = visits[row.id]
            yield Going(row, decision.consent_id)


def _lock(tx: Connection, candidates: Sequence[Going], kinds: frozenset[str], until: datetime) -> list[UUID]:
    rows = [one.row for one in candidates if one.row.kind in kinds]
    if not rows:
        return []
    return visit_facts.lock_companions(
        tx,
        [row.id for row in rows],
        [bytes(row.address_index or b"") for row in rows],
        [KINDS[row.kind].channel for row in rows],
        [row.kind for row in rows],
        until,
    )


def _carried_before(
    tx: Connection, carried: Sequence[tuple[UUID, UUID]], now: datetime
) -> dict[UUID, list[VisitFacts]]:
    """What a message carried when it was claimed before and did not leave: as far as it still is so, and may still be
    told there."""
    if not carried:
        return {}
    open_ = [
        row.id
        for row in claim_facts.fetch(tx, [id for id, _ in carried], now)
        if row.contact_state == "confirmed" and row.consent_id is not None and row.suppressed is None
    ]
    visits = visit_facts.fetch(tx, open_)
    before: dict[UUID, list[VisitFacts]] = defaultdict(list)
    for id, carrier in carried:
        visit = visits.get(id)
        if visit is not None and visit.version == visit.told_version:
            before[carrier].append(visit)
    return before


def revive(rt: Runtime) -> int:
    """Lets go by itself what another message was to carry and did not bring. Returns how many."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        found = visit_facts.revive(tx, now, BATCH)
        failed = [id for id, status in found if status == "failed"]
        for row in pipe.sent(tx, failed).values():
            fallback.ask(tx, row, "care_not_delivered", now)
        return len(found)
