"""Plans the messages of visits: compares what should go out with what is planned, and mends it, many people at a time."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import reminders as rules
from engage.domain.appointments import Status, Visit, When
from engage.domain.deciding import COURTESY
from engage.domain.messages import (
    KINDS,
    PLAN_ENDED,
    VISIT_CANCELLED,
    VISIT_CANCELLED_TEXT,
    VISIT_MISSED,
    VISIT_MISSED_TEXT,
    Channel,
)
from engage.domain.reminders import CANCELLED, MOVED, Outcome, Policy, Told
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services import check_in_plans
from engage.services.fallback import FALLBACK
from engage.services.ways import ways
from engage.storage import appointments, follow_ups, messages, visit_plans
from engage.storage.appointments import VisitMessage, VisitRow
from engage.storage.messages import Plan
from engage.storage.visit_plans import Move

# Visits that began longer ago bring no messages any more.
LOOK_BACK = timedelta(days=30)
# No message about a visit is due earlier before it; a moved one may have been told of since.
MESSAGES_BACK = timedelta(days=400)
# What would have been due longer ago is not sent when it becomes possible.
PASSED = timedelta(hours=1)
LEFT = frozenset({"claimed", "accepted", "delivered", "unknown"})
WAITING = frozenset({"planned", "held"})
NOTICES = frozenset({MOVED, CANCELLED})
SAYS_OFF = frozenset({VISIT_CANCELLED.name, VISIT_CANCELLED_TEXT.name})
SAYS_NO_TIME = frozenset({VISIT_MISSED.name, VISIT_MISSED_TEXT.name, PLAN_ENDED.name})
DEFERRED = COURTESY | {"decent_hours"}
BATCH = 500
# Others wait for the worker meanwhile, and a task that takes a minute is ended.
SWEEP_SECONDS = 5.0
# A visit that no message tells of is somebody's call so long before it.
CALL_AHEAD = timedelta(days=1)


def dedup_key(visit: UUID, version: int, rule: str, channel: str) -> str:
    """One rule tells of one version of a visit once on a channel, whatever becomes of the policy."""
    return f"visit/{visit}/{version}/{rule}/{channel}"


def policy_of(rt: Runtime, tx: Connection) -> Policy:
    """The clinic's rules as staff have switched them."""
    return rt.clinic.reminders.policy.switched(visit_plans.switches(tx))


def visit_of(row: VisitRow) -> Visit:
    """A row as the rules weigh it."""
    when = When(row.starts_at, row.zone, row.minutes, row.location)
    return Visit(
        row.id,
        row.version,
        when,
        cast(Status, row.status),
        row.since,
        row.first,
        row.last_of_plan,
        row.unagreed,
    )


@dataclass(slots=True)
class _Changes:
    """What one round of planning writes."""

    plans: list[tuple[Visit, UUID, UUID | None, Outcome]] = field(default_factory=list)
    ends: list[tuple[UUID, str]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    noted: list[tuple[UUID, str]] = field(default_factory=list)
    calls: list[tuple[Visit, UUID]] = field(default_factory=list)


def replan(rt: Runtime, tx: Connection, people: Sequence[UUID], now: datetime) -> int:
    """Plans all visits of these people, whose locks the caller holds, and what they are asked before and after. Returns
    how many messages were added, moved or cancelled; twice in a row the second changes nothing."""
    if not people:
        return 0
    # Reminders first: check-ins leave them their room.
    return _replan(rt, tx, people, now) + check_in_plans.replan(rt, tx, people, now)


def _replan(rt: Runtime, tx: Connection, people: Sequence[UUID], now: datetime) -> int:
    visits = appointments.to_plan(tx, people, now - LOOK_BACK)
    if not visits:
        return 0
    policy = policy_of(rt, tx)
    found = defaultdict(list)
    for message in appointments.messages_of(tx, people, now - MESSAGES_BACK):
        found[message.visit_id].append(message)
    told = _told(tx, visits, found)
    reach = ways(rt, tx, people, now)
    changes = _Changes()
    version = policy.version
    for row in visits:
        visit = visit_of(row)
        outcomes = rules.plan(visit, policy, reach.open[row.person_id], told.get(row.id, ()), now)
        unplanned = _compare(changes, row, visit, outcomes, found[row.id], reach.contacts, now)
        if row.planned_with != version or row.unplanned != unplanned:
            changes.noted.append((row.id, json.dumps(unplanned, sort_keys=True)))
    return _write(rt, tx, changes, version, now)


def _told(
    tx: Connection, visits: Sequence[VisitRow], found: Mapping[UUID, Sequence[VisitMessage]]
) -> dict[UUID, list[Told]]:
    left = {
        row.id: [one for one in found[row.id] if one.status in LEFT and one.kind not in SAYS_NO_TIME]
        for row in visits
        if row.id in found
    }
    earlier = [row.id for row in visits if any(one.version != row.version for one in left.get(row.id, ()))]
    versions = appointments.versions(tx, earlier)
    told: dict[UUID, list[Told]] = {}
    for row in visits:
        here = When(row.starts_at, row.zone, row.minutes, row.location)
        for one in left.get(row.id, ()):
            when: When | None = here
            if one.kind in SAYS_OFF:
                when = None
            elif one.version != row.version:
                was = versions[row.id, one.version]
                when = When(was.starts_at, was.zone, was.minutes, was.location)
            channel = cast(Channel, one.channel)
            told.setdefault(row.id, []).append(
                Told(channel, one.rule, one.version, when, one.sent_at or one.due_at)
            )
    return told


def _compare(
    changes: _Changes,
    row: VisitRow,
    visit: Visit,
    outcomes: Sequence[Outcome],
    found: Iterable[VisitMessage],
    contacts: Mapping[tuple[UUID, str], UUID | None],
    now: datetime,
) -> dict[str, str]:
    """Notes what has to change. Returns why what goes out on no way does not: rule/channel to reason."""
    unplanned = {f"{one.rule}/{one.channel}": one.reason for one in outcomes if one.kind is None}
    wanted = {(one.rule, one.channel): one for one in outcomes if one.kind is not None}
    there: dict[tuple[str, str], VisitMessage] = {}
    # A rule that has told, or has tried, tells no more on another way; a notice is for each way by itself.
    done: set[str] = set()
    given_up: set[str] = set()
    for message in found:
        key = (message.rule, message.channel)
        if message.version != visit.version:
            if message.status in WAITING:
                changes.ends.append((message.id, "visit_changed"))
            continue
        there[key] = message
        if message.status not in WAITING and message.status != "cancelled":
            done.add(message.rule)
        elif message.status in WAITING and key not in wanted and not _by_itself(message):
            reason = unplanned.get(f"{message.rule}/{message.channel}", "visit_changed")
            changes.ends.append((message.id, reason))
            given_up.add(message.rule)
    for (rule, channel), one in wanted.items():
        assert one.due_at is not None and one.not_after is not None
        message_there = there.get((rule, channel))
        contact = contacts[row.person_id, channel]
        if message_there is not None and message_there.status != "cancelled":
            if message_there.status == "planned" and _differs(message_there, one, contact):
                changes.moves.append(Move(message_there.id, one.due_at, one.not_after, contact))
            continue
        if rule in done and rule not in NOTICES:
            continue
        recent = one.due_at >= now - PASSED or visit.since >= now - PASSED
        if recent or rule in NOTICES or rule in given_up:
            changes.plans.append((visit, row.person_id, contact, one))
        else:
            unplanned[f"{rule}/{channel}"] = "passed"
    if any(one.kind is None and one.rule in NOTICES for one in outcomes):
        changes.calls.append((visit, row.person_id))
    return unplanned


def _by_itself(message: VisitMessage) -> bool:
    """What staff sent again, or what took a failed text's place, is in no plan: the claim judges it."""
    return rules.is_resent(message.rule) or message.dedup_key.endswith(FALLBACK)


def _differs(message: VisitMessage, one: Outcome, contact: UUID | None) -> bool:
    if message.contact_id != contact or message.not_after != one.not_after:
        return True
    return message.due_at != one.due_at and message.reason not in DEFERRED


def _write(rt: Runtime, tx: Connection, changes: _Changes, version: str, now: datetime) -> int:
    changed = visit_plans.cancel(tx, changes.ends, now)
    changed += visit_plans.move(tx, changes.moves)
    plans = []
    for id, (visit, person, contact, one) in zip(new_ids(len(changes.plans)), changes.plans, strict=True):
        assert one.kind is not None and one.due_at is not None and one.not_after is not None
        plans.append(
            Plan(
                id=id,
                kind=KINDS[one.kind.name],
                cause="appointment",
                cause_id=visit.id,
                step=one.rule,
                person_id=person,
                contact_id=contact,
                dedup_key=dedup_key(visit.id, visit.version, one.rule, one.channel),
                due_at=one.due_at,
                not_after=one.not_after,
            )
        )
    changed += messages.plan(tx, plans, now)
    appointments.planned(tx, changes.noted, version)
    for visit, person in changes.calls:
        # Somebody believes something that is not true any more, and no message can tell.
        key = f"call_about_change/{visit.id}/{visit.version}"
        due = min(max(visit.when.starts_at, now), now + timedelta(days=1))
        follow_ups.add(tx, "call_about_change", "appointment", visit.id, person, due, key, now)
    return changed


def sweep(rt: Runtime, limit: int = BATCH) -> int:
    """Plans again what something has changed for since: a STOP, a new number, another policy. Returns how many
    messages changed. A round goes on for about five seconds, in
    short transactions."""
    total, until = 0, time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < until:
        with rt.transaction() as tx:
            people = visit_plans.take_changed(tx, limit)
            if not people:
                people = visit_plans.lock_outdated(tx, policy_of(rt, tx).version, limit)
            if not people:
                return total
            now = rt.now(tx)
            total += replan(rt, tx, people, now)
            appointments.close_old(tx, people, now - LOOK_BACK, policy_of(rt, tx).version)
    return total


def ask_to_call(rt: Runtime) -> int:
    """A follow-up for each visit of the next day of which no message tells. Returns how many."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        found = appointments.untold(tx, now, now + CALL_AHEAD, BATCH)
        for row in found:
            key = f"call_about_visit/{row.id}/{row.version}"
            due = min(row.starts_at, now + timedelta(hours=4))
            follow_ups.add(tx, "call_about_visit", "appointment", row.id, row.person_id, due, key, now)
        return len(found)
