"""Plans check-ins: compares what should be asked with what is planned, and mends it, many people at a time."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import check_ins as rules
from engage.domain.appointments import Status
from engage.domain.caps import WEEK_DAYS
from engage.domain.check_ins import KIND_OF, Asked, Facts, Policy, Visit, Wanted
from engage.domain.messages import KINDS, Channel
from engage.domain.outcomes import Asks
from engage.domain.reminders import Way
from engage.domain.timing import usable
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services.ways import ways
from engage.storage import check_in_plans, check_ins, messages, visit_plans
from engage.storage.check_in_plans import MessageRow, WishRow
from engage.storage.check_ins import New
from engage.storage.messages import Plan
from engage.storage.visit_plans import Move

# Others wait for the worker meanwhile, and a task that takes a minute is ended.
SWEEP_SECONDS = 5.0
BATCH = 500
WAITING = frozenset({"planned", "held"})
# Texts of a week before the first day that may be chosen.
TEXTS_BACK = timedelta(days=2 * WEEK_DAYS)


def dedup_key(person: UUID, slug: str, channel: str) -> str:
    """One visit, week or plan is asked about once on a channel."""
    return f"check-in/{person}/{slug}/{channel}"


def policy_of(rt: Runtime) -> Policy:
    """The clinic's choices, with the caps that they have to leave room for."""
    return rt.clinic.check_ins.policy(rt.clinic.caps.caps)


@dataclass(slots=True)
class _Changes:
    """What one round of planning writes."""

    plans: list[tuple[UUID, Channel, UUID | None, Wanted]] = field(default_factory=list)
    ends: list[tuple[UUID, str]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    looks: list[tuple[UUID, datetime | None]] = field(default_factory=list)


def replan(rt: Runtime, tx: Connection, people: Sequence[UUID], now: datetime) -> int:
    """Plans the check-ins of those of these people who ever said anything about them; the caller holds their locks.
    Returns how many messages were added, moved or cancelled; twice in a row the second changes nothing."""
    wishes = check_in_plans.wishes(tx, people)
    if not wishes:
        return 0
    whose = [wish.person_id for wish in wishes]
    policy = policy_of(rt)
    reach = ways(rt, tx, whose, now)
    visits: dict[UUID, list[Visit]] = defaultdict(list)
    for row in check_in_plans.visits(tx, whose):
        visit = Visit(row.id, row.starts_at, row.minutes, cast(Status, row.status), row.since, row.ends_plan)
        visits[row.person_id].append(visit)
    found: dict[UUID, list[MessageRow]] = defaultdict(list)
    for message in check_in_plans.messages(tx, whose):
        found[message.person_id].append(message)
    texts = _texts(tx, wishes, now)
    changes = _Changes()
    for wish in wishes:
        id, channel = wish.person_id, cast(Channel, wish.channel)
        way, wanted, look = reach.open[id][channel], list[Wanted](), None
        if wish.agreed and wish.state == "active" and way.refused is None:
            facts = _facts(rt, wish, way, visits[id], found[id], texts.get(id, ()))
            wanted = rules.plan(facts, policy, now)
            look = rules.look_again(facts, wanted, now)
        reason = _why_not(wish, way)
        _compare(changes, wish, wanted, found[id], reach.contacts[id, channel], reason, now)
        if look != wish.look_at:
            changes.looks.append((id, look))
    return _write(tx, changes, now)


def _facts(
    rt: Runtime,
    wish: WishRow,
    way: Way,
    visits: Sequence[Visit],
    found: Sequence[MessageRow],
    texts: Sequence[datetime],
) -> Facts:
    over = {one.slug: one for one in found if one.answered or one.status not in WAITING | {"cancelled"}}
    return Facts(
        zone=usable(wish.zone, rt.clinic.zone),
        since=wish.at,
        visits=visits,
        asked=[Asked(one.slug, cast(Asks, one.asks), one.left_at) for one in over.values()],
        decent=way.decent,
        texts=texts if wish.channel == "sms" else None,
        planned={one.slug: one.planned_for for one in found if one.status in WAITING},
    )


def _texts(tx: Connection, wishes: Iterable[WishRow], now: datetime) -> Mapping[UUID, list[datetime]]:
    """What the caps count of other texts, of those who are asked by text."""
    found: dict[UUID, list[datetime]] = defaultdict(list)
    whose = [wish.person_id for wish in wishes if wish.channel == "sms" and wish.agreed]
    for person, kind, moment in check_in_plans.texts(tx, whose, now - TEXTS_BACK) if whose else ():
        if kind in KINDS and KINDS[kind].about == "plan":
            found[person].append(moment)
    return found


def _why_not(wish: WishRow, way: Way) -> str:
    """Why what is planned is not to be."""
    if not wish.agreed:
        return "no_check_ins"
    return way.refused or "visit_changed"


def _compare(
    changes: _Changes,
    wish: WishRow,
    wanted: Sequence[Wanted],
    found: Sequence[MessageRow],
    contact: UUID | None,
    reason: str,
    now: datetime,
) -> None:
    by_slug = {one.slug: one for one in wanted}
    there: set[str] = set()
    for message in found:
        one = by_slug.get(message.slug) if message.channel == wish.channel else None
        if message.status not in WAITING:
            continue
        if one is None:
            # What is too late by now is ended, with that reason, by the claim.
            if message.not_after > now or reason != "visit_changed":
                other = message.channel != wish.channel
                changes.ends.append((message.id, "no_check_ins" if other else reason))
            continue
        if message.slug in there:
            # Two records of one person were to be asked the same.
            changes.ends.append((message.id, "one_person"))
            continue
        there.add(message.slug)
        if message.status == "planned" and _differs(message, one, contact):
            changes.moves.append(Move(message.id, one.due_at, one.not_after, contact))
    channel = cast(Channel, wish.channel)
    changes.plans += [(wish.person_id, channel, contact, one) for one in wanted if one.slug not in there]


def _differs(message: MessageRow, one: Wanted, contact: UUID | None) -> bool:
    there = (message.contact_id, message.planned_for, message.not_after)
    return there != (contact, one.due_at, one.not_after)


def _write(tx: Connection, changes: _Changes, now: datetime) -> int:
    changed = visit_plans.cancel(tx, changes.ends, now) + visit_plans.move(tx, changes.moves)
    new = [
        New(id, person, one.visit, one.asks, one.slug, one.due_at)
        for id, (person, _, _, one) in zip(new_ids(len(changes.plans)), changes.plans, strict=True)
    ]
    kept = check_ins.keep(tx, new, now)
    plans = [
        Plan(
            id=id,
            kind=KIND_OF[one.asks, channel],
            cause="check_in",
            cause_id=kept[person, one.slug],
            person_id=person,
            contact_id=contact,
            dedup_key=dedup_key(person, one.slug, channel),
            due_at=one.due_at,
            not_after=one.not_after,
        )
        for id, (person, channel, contact, one) in zip(
            new_ids(len(changes.plans)), changes.plans, strict=True
        )
    ]
    changed += messages.plan(tx, plans, now)
    check_ins.asked_by(tx, [plan.dedup_key for plan in plans])
    check_in_plans.look_at(tx, changes.looks)
    return changed


def sweep(rt: Runtime, limit: int = BATCH) -> int:
    """Plans what time alone brings: the next week's score. Returns how many messages changed. A round goes on
    for about five seconds, in short transactions."""
    total, until = 0, time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < until:
        with rt.transaction() as tx:
            now = rt.now(tx)
            people = check_in_plans.lock_due(tx, now, limit)
            if not people:
                return total
            total += replan(rt, tx, people, now)
    return total
