"""A batch of rows: what each means for the visit that it is about, and all of it written in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OPEN, When
from engage.domain.imports.cells import Problem
from engage.domain.imports.changes import Change, Refused, check, decide, since
from engage.domain.imports.survey import minute, short
from engage.domain.imports.visit_cells import VisitIn
from engage.domain.timing import local
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services import appointments as service
from engage.services import import_people, visit_plans
from engage.services.appointments import Booking
from engage.services.import_rows import Heeded, Job, changed
from engage.services.patients import stop_courses
from engage.services.visit_changes import change_unseen
from engage.storage import appointments
from engage.storage import imports as storage
from engage.storage.appointments import Changed
from engage.storage.imports import Did, Marked

_FORGOTTEN = "The person of this visit asked to be forgotten."


@dataclass(slots=True)
class _Work:
    """What one batch writes."""

    adds: list[tuple[Heeded, UUID, VisitIn]] = field(default_factory=list)
    changes: list[tuple[Any, Change]] = field(default_factory=list)
    taken_away: list[Any] = field(default_factory=list)
    words: list[tuple[Any, str]] = field(default_factory=list)
    told: dict[bytes, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class _Calendar:
    """Whose visits are when, as the batch leaves them: person to visit's index to its time."""

    of: dict[UUID, dict[bytes | UUID, When]]

    def put(self, person: UUID, index: bytes, when: When, status: str) -> None:
        """A visit is then, or is not any more."""
        if status in OPEN:
            self.of[person][index] = when
        else:
            self.of[person].pop(index, None)


def take(rt: Runtime, job: Job, rows: Sequence[Heeded], tx: Connection, now: datetime) -> None:
    """Does what these rows say, with the messages that follow. Rows that say what they said before cost a look-up."""
    before = storage.told(tx, [row.key for row in rows])
    news = [row for row in rows if before.get(row.key) != row.told]
    job.counts["unchanged"] += len(rows) - len(news)
    news = [read for row in news if (read := _read(job, row)) is not None]
    if not news:
        return
    known = appointments.by_external(tx, [row.key for row in news])
    about_people = [row for row in news if row.key not in known or changed(before.get(row.key), row.told)[0]]
    # Nobody is made for a visit that can't be: what else a row is refused for has to do with visits that somebody has.
    possible = [row for row in about_people if _possible(job, row, now)]
    who = import_people.find(rt, tx, job, possible, now)
    refused = {row.row for row in about_people} - who.keys()
    news = [row for row in news if row.row not in refused]
    for row in news:
        who.setdefault(row.row, known[row.key].person_id if row.key in known else who[row.row])
    owners = {one.person_id for one in known.values()} | set(who.values())
    appointments.lock_people(tx, list(owners))
    known = appointments.by_external(tx, [row.key for row in news])
    work = _decide(tx, job, news, who, known, before, now)
    _write(rt, tx, job, work, now)


def _read(job: Job, row: Heeded) -> Heeded | None:
    """The row with its visit; None for one that is refused."""
    if row.visit is not None:
        return row
    visit, problems = job.reader.visit(row.cells)
    job.note(row.row, problems)
    return row._replace(visit=visit) if visit is not None else None


def _possible(job: Job, row: Heeded, now: datetime) -> bool:
    assert row.visit is not None
    try:
        check(row.visit, now)
    except Refused as error:
        _refuse(job, row, error)
        return False
    return True


def _refuse(job: Job, row: Heeded, error: Refused) -> None:
    job.note(row.row, [job.reader.row_problem(row.cells, error.field, str(error), error.cure)])


def _decide(
    tx: Connection,
    job: Job,
    rows: Sequence[Heeded],
    who: Mapping[int, UUID],
    known: Mapping[bytes, Any],
    before: Mapping[bytes, bytes],
    now: datetime,
) -> _Work:
    work = _Work()
    living = import_people.living(tx, list(set(who.values())))
    calendar = _calendar(tx, list(living), now)
    for row in rows:
        person, there = who[row.row], known.get(row.key)
        if person not in living:
            job.note(row.row, [Problem("", "", _FORGOTTEN, "Please take the row out.")])
            continue
        # The booking system gave the visit to somebody else: for one it is off, for the other it is new.
        former, there = (there, None) if there is not None and there.person_id != person else (None, there)
        try:
            told = _told(row, there, before.get(row.key))
            change = decide((service.when_of(there), there.status) if there else None, told, now)
            _check_free(job, calendar, row, person, change, now)
        except Refused as error:
            _refuse(job, row, error)
            continue
        if former is not None:
            work.taken_away.append(former)
        calendar.put(person, row.key, change.when, change.status)
        _note(work, job, row, person, there, told, change)
    return work


def _note(
    work: _Work, job: Job, row: Heeded, person: UUID, there: Any | None, told: VisitIn, change: Change
) -> None:
    work.told[row.key] = row.told
    if there is None:
        work.adds.append((row, person, told))
        if job.clashes:
            job.added.add(row.row)
    else:
        if change.what != "nothing":
            work.changes.append((there, change))
        work.words.append((there, told.practitioner))
    job.counts[change.what if change.what != "nothing" else "unchanged"] += 1


def _told(row: Heeded, there: Any | None, before: bytes | None) -> VisitIn:
    """What is new in the row; of what the booking system left as it was, what is here stays."""
    assert row.visit is not None
    if there is None:
        return row.visit
    _, when, status, _ = changed(before, row.told)
    return replace(
        row.visit,
        when=row.visit.when if when else service.when_of(there),
        status=row.visit.status if status else there.status,
    )


def _calendar(tx: Connection, people: Sequence[UUID], now: datetime) -> _Calendar:
    found: dict[UUID, dict[bytes | UUID, When]] = defaultdict(dict)
    for row in appointments.open_of(tx, people, now):
        key = bytes(row.external_index) if row.external_index is not None else row.id
        found[row.person_id][key] = service.when_of(row)
    return _Calendar(found)


def _check_free(
    job: Job, calendar: _Calendar, row: Heeded, person: UUID, change: Change, now: datetime
) -> None:
    """Raises Refused for a visit at the time of another one of the person, as the whole file leaves them."""
    if not change.anew or change.status not in OPEN or change.when.ends_at <= now:
        return
    starts, ends = minute(change.when.starts_at), minute(change.when.ends_at)
    if job.clashes.get(row.row, 0) in job.added:
        raise Refused(
            "start",
            f"The person has another visit then (row {job.clashes[row.row]}).",
            "Move or cancel one of them in the booking system.",
        )
    for key, other in calendar.of[person].items():
        if key == row.key:
            continue
        listed = job.survey.find(short(key)) if isinstance(key, bytes) else None
        if listed is not None and listed.read and (job.dry or listed.row > row.row):
            clash = listed.live and listed.starts < ends and starts < listed.ends
        else:
            clash = minute(other.starts_at) < ends and starts < minute(other.ends_at)
        if clash:
            there = local(other.starts_at, other.zone)
            where = f" (row {listed.row})" if listed is not None else ""
            raise Refused(
                "start",
                f"The person has another visit then, from {there:%H:%M} on {there:%Y-%m-%d}{where}.",
                "Move or cancel one of them in the booking system.",
            )


def _write(rt: Runtime, tx: Connection, job: Job, work: _Work, now: datetime) -> None:
    did: list[Did] = []
    actor = service.named(job.actor)
    _take_away(tx, job, work.taken_away, actor, now)
    ids = new_ids(len(work.adds))
    source = job.reader.meaning.source
    appointments.add(
        tx,
        [
            service.row_of(
                rt,
                id,
                Booking(person, told.when, told.status, source, told.external_id, None, told.practitioner),
                since(told.when, now),
            )
            for id, (_, person, told) in zip(ids, work.adds, strict=True)
        ],
        actor,
        now,
    )
    did += [Did(id, "added", 1, None) for id in ids]
    moved = [(row, one) for row, one in work.changes if one.anew]
    change_unseen(
        tx,
        [row for row, _ in moved],
        [
            Changed(
                row.id, one.when.starts_at, one.when.zone, one.when.minutes, one.when.location, one.status
            )
            for row, one in moved
        ],
        actor,
        now,
    )
    did += [Did(row.id, one.what, row.version + 1, row.status) for row, one in moved]
    marked = [(row, one) for row, one in work.changes if not one.anew]
    storage.mark(tx, [Marked(row.id, one.status, since(one.when, now)) for row, one in marked], now)
    did += [Did(row.id, one.what, row.version, row.status) for row, one in marked]
    storage.reseal(tx, _words(rt, work.words), now)
    if did or work.told:
        job.begin(tx, now)
    storage.keep_told(tx, work.told)
    storage.note(tx, job.import_id, did)
    live = [person for _, person, told in work.adds if told.status in OPEN]
    live += [row.person_id for row, one in moved if one.status in OPEN]
    stop_courses(tx, live, now)
    touched = {person for _, person, _ in work.adds} | {row.person_id for row, _ in work.changes}
    touched |= {row.person_id for row in work.taken_away}
    job.counts["messages"] += visit_plans.replan(rt, tx, list(touched), now)


def _take_away(tx: Connection, job: Job, rows: Sequence[Any], actor: str, now: datetime) -> None:
    """Visits that are somebody else's from now on: whoever was told of one is told that it is off. For good, since their
    ids in the booking system are others' now."""
    standing = [row for row in rows if row.status in OPEN]
    changes = [
        Changed(row.id, row.starts_at, row.zone, row.minutes, row.location, "entered-in-error")
        for row in standing
    ]
    change_unseen(tx, standing, changes, actor, now)
    storage.release(tx, [row.id for row in rows], now)
    job.counts["given_away"] += len(rows)


def _words(rt: Runtime, words: Sequence[tuple[Any, str]]) -> dict[UUID, bytes]:
    """What is sealed of visits with whom they are now, where that is news."""
    found = {}
    for row, practitioner in words:
        told = rt.sealer.open("appointments", row.id, row.sealed) if row.sealed is not None else {}
        if told.get("practitioner", "") != practitioner:
            found[row.id] = rt.sealer.seal("appointments", row.id, {**told, "practitioner": practitioner})
    return found
