"""Undoing an import: what it added was never meant, what it moved goes back. What was changed since stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OFF, OPEN, TENTATIVE, begins_version
from engage.runtime import Runtime
from engage.services import visit_plans
from engage.services.appointments import named
from engage.services.audit import Actor, note
from engage.services.import_lock import alone
from engage.services.visit_changes import change_back
from engage.storage import appointments
from engage.storage import imports as storage
from engage.storage.appointments import Changed
from engage.storage.imports import Marked

BATCH = 1000
Versions = Mapping[tuple[UUID, int], Any]
_DID = frozenset({"added", "moved", "cancelled", "reinstated", "marked"})


class NoSuchImport(LookupError):
    """There is no import with that id."""


class UndoneAlready(Exception):
    """It was undone before."""


class TooOld(Exception):
    """What it changed is not kept any more."""


def undo(rt: Runtime, actor: Actor, id: UUID) -> Counter[str]:
    """Takes back what an import did to visits: those that it added are entered by mistake, others as they were before.

    Whoever was told something that is not true any more is told so; others hear nothing. Returns how many were taken
    back ("added", "moved" and so on), "left" because they were changed since, and "messages". The people it made stay.
    Broken off, it goes on when it is called again. Raises NoSuchImport, UndoneAlready, TooOld,
    Busy.
    """
    with alone(rt):
        return _undo(rt, actor, id)


def _undo(rt: Runtime, actor: Actor, id: UUID) -> Counter[str]:
    with rt.transaction() as tx:
        found = storage.one(tx, id)
        if found is None:
            raise NoSuchImport(str(id))
        if found.state == "undone":
            raise UndoneAlready
        if found.state == "done" and _DID & found.counts.keys() and not storage.did(tx, id, 1):
            raise TooOld
        storage.set_state(tx, id, "undoing")
    counts: Counter[str] = Counter()
    while True:
        with rt.transaction() as tx:
            now = rt.now(tx)
            did = storage.did(tx, id, BATCH)
            if not did:
                storage.undone(tx, id, now)
                note(tx, rt, actor, "change", "import", id)
                return counts
            _take_back(rt, tx, actor, did, counts, now)
            storage.forget_did(tx, id, [one.appointment_id for one in did])


def _take_back(
    rt: Runtime, tx: Connection, actor: Actor, did: Sequence[Any], counts: Counter[str], now: datetime
) -> None:
    by_id = {one.appointment_id: one for one in did}
    rows = storage.lock_visits(tx, list(by_id))
    earlier = appointments.versions(tx, list(by_id))
    same = [row for row in rows if _as_left(row, by_id[row.id], earlier)]
    counts["left"] += len(rows) - len(same)
    before, changes, marks = [], [], []
    for row in same:
        one = by_id[row.id]
        counts[one.what] += 1
        if one.what == "marked" and not _began(one, earlier):
            marks.append(Marked(row.id, one.was, row.since))
            continue
        before.append(row)
        if one.what == "added":
            changes.append(_changed(row, row, "entered-in-error"))
        else:
            changes.append(_changed(row, earlier[row.id, one.version - 1], one.was))
    change_back(tx, before, changes, named(actor), now)
    storage.mark(tx, marks, now)
    storage.forget_told(tx, [row.id for row in same])
    counts["messages"] += visit_plans.replan(rt, tx, list({row.person_id for row in same}), now)


def _as_left(row: Any, one: Any, versions: Versions) -> bool:
    """Whether the visit is as the import left it. One that is over by now was a real one."""
    if row.version != one.version:
        return False
    if one.what == "added" or (one.what == "marked" and _began(one, versions)):
        return row.status in OPEN | OFF | TENTATIVE
    return True


def _began(one: Any, versions: Versions) -> bool:
    """Whether a version began with what an import marked a visit as."""
    return begins_version(one.was, versions[one.appointment_id, one.version].status)


def _changed(row: Any, when: Any, status: str) -> Changed:
    return Changed(row.id, when.starts_at, when.zone, when.minutes, when.location, status)
