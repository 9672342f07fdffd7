"""Merging two records of one person, and parting them again. Both take the locks that a claim needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.merging import BACK, NOT_ASKED, SOURCE, stricter, together
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import authorizations
from engage.services.audit import Actor, note
from engage.services.find import index_again
from engage.services.opening import opened
from engage.storage import (
    check_ins,
    consents,
    enrolments,
    erasure,
    merges,
    patients,
    people,
    profiles,
    tags,
    visit_plans,
)
from engage.storage.database import lock_value


class NotMerged(Exception):
    """Nothing was changed; the message says why, and what to do."""


class Merged(NamedTuple):
    """A merge that stands: ``id`` undoes it."""

    id: UUID
    kept: UUID
    other: UUID


def given_names(rt: Runtime, ids: Sequence[UUID]) -> list[str]:
    """Whom staff are about to make one, in the order of the ids. Raises NotMerged for an id of nobody."""
    with rt.transaction() as tx:
        rows = [people.one(tx, id) for id in ids]
    for id, row in zip(ids, rows, strict=True):
        if row is None:
            raise NotMerged(f"There is no person {id}; the page of a person shows the id in its address.")
    told = [opened(rt, "people", row.id, row.sealed) for row in rows if row is not None]
    return [str(one.get("given_name") or "somebody without a name") for one in told]


def merge(rt: Runtime, actor: Actor, keep: UUID, other: UUID) -> Merged:
    """Makes ``other`` a part of ``keep``, in one transaction.

    Visits, courses, requests, addresses, ids of booking systems and what waits to be sent move; what was sent stays
    where it was and is shown with the kept person. Of what both agreed to the stricter counts. What moved is noted, so
    that ``unmerge`` puts it back. Raises NotMerged.
    """
    if keep == other:
        raise NotMerged("That is the same person twice. Please give the ids of two people.")
    with rt.transaction() as tx:
        now = rt.now(tx)
        _lock(tx, keep, other, {keep: "active", other: "active"})
        moved: dict[str, Any] = {}
        twins = _contacts(tx, keep, other, moved)
        _courses_and_messages(tx, keep, other, twins, moved, now)
        moved |= {table: merges.move_all(tx, table, other, keep) for table in merges.MOVED}
        _agree(tx, keep, other, moved, actor, now)
        _questions(tx, keep, other, moved, actor, now)
        moved["tags"] = tags.move(tx, other, keep)
        moved["authorization"] = authorizations.merge(tx, keep, other, actor, now)
        profiles.drop(tx, [other])
        merges.carry_links_since(tx, keep, other)
        merges.set_state(tx, other, "merged")
        merges.settle(tx, keep, other, now)
        visit_plans.want(tx, [keep, other])
        id = new_id()
        merges.add(tx, id, keep, other, moved, actor.name, actor.staff_id, now)
        index_again(rt, tx, keep)
        for person in (keep, other):
            note(tx, rt, actor, "change", "merge", id, person)
        return Merged(id, keep, other)


def unmerge(rt: Runtime, actor: Actor, id: UUID, kept: UUID | None = None) -> Merged:
    """Puts back what a merge moved, as far as it is still there; what came since stays with the kept person, but for
    opt-outs, which hold for both. ``kept`` is whose page asks, if any. Raises NotMerged."""
    with rt.transaction() as tx:
        found = merges.one(tx, id)
        if found is None or kept not in (None, found.kept):
            raise NotMerged("There is no merge with that id; the page of the kept person shows it.")
        keep, other, now = found.kept, found.other, rt.now(tx)
        if found.undone_at is None:
            _lock(tx, keep, other, {keep: "active", other: "merged"})
            found = merges.one(tx, id, lock=True)
        if found is None or found.undone_at is not None:
            raise NotMerged("That merge was undone before.")
        moved: Mapping[str, Any] = found.moved
        _back(tx, keep, other, moved)
        _disagree(tx, keep, other, moved, actor, now)
        _questions_back(tx, keep, other, moved, actor, now)
        tags.move_back(tx, [UUID(id) for id in moved.get("tags", [])], keep, other)
        authorizations.part(tx, keep, other, moved.get("authorization", {}), actor, now)
        merges.set_state(tx, other, "active")
        merges.undone(tx, id, now)
        visit_plans.want(tx, [keep, other])
        for person in (keep, other):
            index_again(rt, tx, person)
            note(tx, rt, actor, "change", "unmerge", id, person)
        return Merged(id, keep, other)


def _lock(tx: Connection, keep: UUID, other: UUID, wanted: Mapping[UUID, str]) -> None:
    """All locks, in everybody's order. Raises NotMerged when one of them is not in the wanted state."""
    both = [keep, other]
    patients.lock_alone(tx)
    for index in sorted(merges.indexes(tx, both)):
        lock_value(tx, index)
    merges.lock_consultations(tx, both)
    rows = merges.lock_people(tx, both)
    for person, state in wanted.items():
        row = rows.get(person)
        if row is None:
            raise NotMerged(f"There is no person {person}; the page of a person shows the id in its address.")
        if row.state == "erased":
            raise NotMerged(f"{person} was forgotten at their own wish: nothing is left to merge or to part.")
        if row.state != state:
            raise NotMerged(_in_the_way(tx, person, str(row.state)))
    erasure.lock_contacts(tx, merges.indexes(tx, both))
    if merges.under_way(tx, both):
        raise NotMerged(
            "A message to one of them is being sent, or nobody knows yet whether it left. Please try again in a few "
            "minutes."
        )


def _in_the_way(tx: Connection, person: UUID, state: str) -> str:
    if state == "merged":
        into = merges.kept(tx, person)
        return f"{person} was merged into {into}: please name that one, or undo that merge first."
    return f"{person} is not merged any more."


def _contacts(tx: Connection, keep: UUID, other: UUID, moved: dict[str, Any]) -> dict[UUID, UUID]:
    """Moves addresses that the kept person has not. Returns, of the rest, the kept person's for each of the other's.

    Of an address that both have, what is proven counts; one that came back or is in doubt stays so.
    """
    rows = merges.contacts(tx, [keep, other])
    mine = {(row.channel, bytes(row.address_index)): row for row in rows if row.person_id == keep}
    theirs = [row for row in rows if row.person_id == other]
    twins: dict[UUID, UUID] = {}
    restated = []
    for row in theirs:
        twin = mine.get((row.channel, bytes(row.address_index)))
        if twin is None:
            continue
        twins[row.id] = twin.id
        state = (
            "confirmed" if row.state == "confirmed" and twin.state in ("pending", "replaced") else twin.state
        )
        proven = row.state == twin.state == "confirmed" and not row.care_only
        care_only = row.care_only if state != twin.state else twin.care_only and not proven
        if (state, care_only) != (twin.state, twin.care_only):
            merges.restate(tx, twin.id, state, care_only)
            restated.append([twin.id, twin.state, twin.care_only])
    moved["restated"] = restated
    moved["contacts"] = [row.id for row in theirs if row.id not in twins]
    merges.move(tx, "contacts", moved["contacts"], other, keep)
    return twins


def _courses_and_messages(
    tx: Connection,
    keep: UUID,
    other: UUID,
    twins: Mapping[UUID, UUID],
    moved: dict[str, Any],
    now: datetime,
) -> None:
    """A course that both take goes on once, the kept person's; whatever else waits moves."""
    rows = merges.enrolments(tx, [keep, other])
    running = {row.course for row in rows if row.person_id == keep and row.state == "active"}
    theirs = [row for row in rows if row.person_id == other]
    twice = [row.id for row in theirs if row.state == "active" and row.course in running]
    waiting = merges.waiting(tx, other)
    ended = [row for row in waiting if row.cause_id in twice]
    going = [row for row in waiting if row.cause_id not in twice]
    moved["twice"] = twice
    moved["cancelled"] = [[row.id, row.status, row.reason] for row in ended]
    moved["messages"] = [[row.id, row.contact_id] for row in going]
    moved["enrolments"] = [[row.id, row.contact_id] for row in theirs if row.id not in twice]
    enrolments.end(tx, twice, "stopped", now)
    merges.cancel(tx, [row.id for row in ended], now)
    for table in ("enrolments", "messages"):
        pairs = [(id, twins.get(contact, contact)) for id, contact in moved[table]]
        merges.repoint(tx, table, pairs, other, keep)


def _agree(
    tx: Connection, keep: UUID, other: UUID, moved: dict[str, Any], actor: Actor, now: datetime
) -> None:
    """Enters what both agree to together, and notes what was said before: [channel, purpose, entry, before]."""
    states = merges.consent_states(tx, [keep, other])
    said: dict[UUID, dict[tuple[str, str], Any]] = {keep: {}, other: {}}
    for row in states:
        said[row.person_id][row.channel, row.purpose] = row
    granted = {
        person: {subject: row.granted for subject, row in mine.items() if row.granted is not None}
        for person, mine in said.items()
    }
    moved["said"] = [row.consent_id for row in said[keep].values()]
    entries: list[list[Any]] = []
    for one in together(granted[keep], granted[other]):
        words = said[other][one.channel, one.purpose].wording_hash if one.granted else None
        entry = _enter(tx, keep, one.channel, one.purpose, one.granted, words, SOURCE, actor, now)
        entries.append([one.channel, one.purpose, entry, one.before])
    moved["consents"] = entries


def _enter(
    tx: Connection,
    person: UUID,
    channel: str,
    purpose: str,
    granted: bool,
    words: Any,
    source: str,
    actor: Actor,
    now: datetime,
) -> UUID:
    return consents.enter(
        tx,
        person,
        channel,
        purpose,
        "granted" if granted else "withdrawn",
        actor="system" if actor.name == "system" else "staff",
        source=source,
        now=now,
        wording=bytes(words) if words is not None else None,
    )


def _back(tx: Connection, keep: UUID, other: UUID, moved: Mapping[str, Any]) -> None:
    for table in ("enrolments", "messages"):
        merges.repoint(tx, table, _pairs(moved[table]), keep, other)
    # Lessons that were planned since for courses that go back.
    courses = dict(_pairs(moved["enrolments"]))
    since = [(row.id, courses[row.cause_id]) for row in merges.waiting(tx, keep) if row.cause_id in courses]
    merges.repoint(tx, "messages", since, keep, other)
    for table in ("contacts", *merges.MOVED):
        merges.move(tx, table, [UUID(id) for id in moved[table]], keep, other)
    for id, state, care_only in moved["restated"]:
        merges.restate(tx, UUID(id), state, care_only)
    merges.reopen_courses(tx, [UUID(id) for id in moved["twice"]])
    merges.revive(tx, [(UUID(id), status, reason) for id, status, reason in moved["cancelled"]])


def _pairs(rows: Sequence[Sequence[str | None]]) -> list[tuple[UUID, UUID | None]]:
    return [(UUID(id), UUID(contact) if contact else None) for id, contact in rows]


def _disagree(
    tx: Connection, keep: UUID, other: UUID, moved: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Takes back what the merge entered, where nothing was said since; what was taken back since holds for both."""
    states = {
        (row.person_id, row.channel, row.purpose): row for row in merges.consent_states(tx, [keep, other])
    }
    old = {UUID(entry) for entry in [*moved["said"], *(entry for _, _, entry, _ in moved["consents"])]}
    for channel, purpose, entry, before in moved["consents"]:
        row = states[keep, channel, purpose]
        if row.consent_id == UUID(entry) and row.granted != bool(before):
            words = row.wording_hash if before else None
            source = NOT_ASKED if before is None else BACK
            _enter(tx, keep, channel, purpose, bool(before), words, source, actor, now)
    for (person, channel, purpose), row in states.items():
        theirs = states.get((other, channel, purpose))
        since = person == keep and row.granted is False and row.consent_id not in old
        if since and theirs is not None and theirs.granted:
            _enter(tx, other, channel, purpose, False, None, BACK, actor, now)


def _questions(
    tx: Connection, keep: UUID, other: UUID, moved: dict[str, Any], actor: Actor, now: datetime
) -> None:
    """Check-ins move; of whether they are to be asked the stricter counts, and what was said before is noted."""
    moved["check_ins"] = check_ins.move(tx, other, keep)
    before, theirs = check_ins.wish(tx, keep), check_ins.wish(tx, other)
    both = stricter(_said(before), _said(theirs))
    way = next((wish.channel for wish in (before, theirs) if wish is not None), "email")
    if both is not None and both != _said(before):
        check_ins.set_wish(tx, keep, way, both, SOURCE, actor.name, now)
        moved["wish"] = [before.channel, before.agreed, before.source] if before is not None else None
    check_ins.look_now(tx, [keep], now)


def _questions_back(
    tx: Connection, keep: UUID, other: UUID, moved: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """What the person has said since stays with the kept one."""
    merges.move(tx, "check_ins", [UUID(id) for id in moved.get("check_ins", [])], keep, other)
    said = check_ins.wish(tx, keep)
    if "wish" in moved and said is not None and said.source == SOURCE:
        way, agreed, source = moved["wish"] or (said.channel, False, BACK)
        check_ins.set_wish(tx, keep, way, agreed, source, actor.name, now)
    check_ins.look_now(tx, [keep, other], now)


def _said(wish: Any | None) -> bool | None:
    return wish.agreed if wish is not None else None
