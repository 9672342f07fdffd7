"""Audiences: saved with versions, counted and looked through as they are now, and frozen for a campaign."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.messages import Channel
from engage.domain.reach import UNREACHED
from engage.domain.segments import EXCLUDED, Excluded, Rules, clean_name, in_words, read, refusals
from engage.domain.timing import local
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import profiles, tags
from engage.services.audit import Actor, note
from engage.storage import audience as rows
from engage.storage import segments

# What waits to be looked at again is waited for so long; a page must not hang, a campaign may take its time.
COUNT_SECONDS = 1.0
FREEZE_SECONDS = 20.0
NAME_TAKEN = "There is an audience with this name already. Please choose another one, or change that one."


class Unsettled(Exception):
    """More has changed about people than could be looked at in time: nothing was frozen. Try again in a moment."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many would get something, and how many of those whom the rules choose would not, by reason. ``waiting``:
    about how many people something has just changed about, so that the figures are not final; 0 as a rule."""

    chosen: int
    excluded: dict[Excluded, int]
    waiting: int = 0


class Frozen(NamedTuple):
    """A frozen audience. ``fingerprint`` is the same whenever the same people are chosen."""

    audience: int
    excluded: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Version:
    """Rules as they were saved. ``at`` is aware, in the clinic's zone; ``staff_id`` is None where a command did it."""

    version: int
    rules: Rules
    words: list[str]
    actor: str
    staff_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved audience with the version in force."""

    id: UUID
    name: str
    archived: bool
    now: Version


def listing(rt: Runtime) -> list[Segment]:
    """Audiences in use, by name."""
    with rt.transaction() as tx:
        return [_segment(rt, tx, row) for row in segments.listing(tx)]


def one(rt: Runtime, id: UUID) -> Segment | None:
    """A saved audience, also one that was put away; None when there is no such id."""
    with rt.transaction() as tx:
        row = segments.one(tx, id)
        return _segment(rt, tx, row) if row is not None else None


def versions(rt: Runtime, id: UUID) -> list[Version]:
    """All versions of a saved audience, newest first."""
    with rt.transaction() as tx:
        return [_version(rt, tx, row) for row in segments.versions(tx, id)]


def save(
    rt: Runtime, actor: Actor, name: str, rules: Rules, id: UUID | None = None, seen: int | None = None
) -> UUID:
    """Saves rules under a name: a new audience, or with ``id`` the next version of one. Rules and name that are there
    already make no version. Returns the id.

    ``seen`` is the version that the editor had before them. Raises InvalidInput; ChangedMeanwhile where somebody saved
    another version since, or put it away.
    """
    clean = clean_name(name)
    with rt.transaction() as tx:
        now = rt.now(tx)
        _check(rt, tx, rules)
        if id is None:
            id, version = new_id(), 1
            if not segments.add(tx, id, clean, now):
                raise InvalidInput({"name": NAME_TAKEN})
        else:
            found = segments.lock(tx, id)
            if found is None or found.archived_at is not None or found.version != seen:
                raise ChangedMeanwhile
            before = segments.one(tx, id)
            if before is not None and (before.name, before.rules) == (clean, rules.kept()):
                return id
            if segments.taken(tx, clean, id):
                raise InvalidInput({"name": NAME_TAKEN})
            version = found.version + 1
            segments.set_version(tx, id, clean, version)
        segments.add_version(tx, id, version, rules.kept(), actor.label, actor.staff_id, now)
        note(tx, rt, actor, "change", "segment", id)
        return id


def archive(rt: Runtime, actor: Actor, id: UUID) -> bool:
    """Puts an audience away: campaigns that used it keep their rules. False when it is not in use."""
    with rt.transaction() as tx:
        done = segments.archive(tx, id, rt.now(tx))
        if done:
            note(tx, rt, actor, "change", "segment", id)
        return done


def problems(rt: Runtime, rules: Rules) -> dict[str, str]:
    """Why these rules can't be used, by field; empty where they can."""
    with rt.transaction() as tx:
        return _problems(rt, tx, rules)


def count(rt: Runtime, rules: Rules | Mapping[str, Any], channel: Channel) -> Counted:
    """Counts as things are now: what waits to be looked at again is waited for, about a second at most."""
    rules = _rules(rules)
    settled = profiles.fresh(rt, COUNT_SECONDS)
    with rt.transaction() as tx:
        found = rows.count(tx, _choose(rt, tx, rules, rt.now(tx)), channel)
    needed = rules.needs_authorization
    excluded: dict[Excluded, int] = dict.fromkeys(EXCLUDED, 0)
    chosen = sharing = 0
    for case, people in found.cases.items():
        reach = case // rows.REACH
        if reach:
            excluded[UNREACHED[reach - 1]] += people
        elif needed and case & rows.UNAUTHORIZED:
            excluded["not_authorized"] += people
        elif case & rows.SHARED:
            sharing += people
        else:
            chosen += people
    excluded["same_address"] = sharing - found.addresses
    told = {reason: people for reason, people in excluded.items() if people}
    return Counted(chosen + found.addresses, told, 0 if settled else profiles.waiting(rt))


def sample(
    rt: Runtime,
    rules: Rules | Mapping[str, Any],
    channel: Channel,
    limit: int,
    after: UUID | None = None,
    excluded: Excluded | None = None,
) -> list[UUID]:
    """Some people who would get something, or would not for a reason, ``after`` one of them, in a steady order."""
    profiles.fresh(rt, COUNT_SECONDS)
    with rt.transaction() as tx:
        chosen = _choose(rt, tx, _rules(rules), rt.now(tx))
        if excluded is not None:
            return rows.left_out(tx, chosen, channel, excluded, limit, after)
        return rows.sample(tx, chosen, channel, limit, after)


def freeze(
    rt: Runtime,
    tx: Connection,
    campaign_id: UUID,
    rules: Rules | Mapping[str, Any],
    channel: Channel,
    now: datetime,
) -> Frozen:
    """Writes down who is in the audience now, and who is left out and why, in place of what was frozen before.

    A row in ``campaign_recipients`` for everybody whom the rules choose: those who get something first, in the order of
    their addresses' blind indexes, which is as good as shuffled. What waits to be looked at again is made in
    transactions of its own before. Raises Unsettled, and InvalidInput for rules that may not be used.
    """
    rules = _rules(rules)
    _check(rt, tx, rules)
    if not profiles.fresh(rt, FREEZE_SECONDS):
        raise Unsettled
    found = rows.freeze(tx, campaign_id, _choose(rt, tx, rules, now), channel)
    print_ = hashlib.sha256(f"{found.audience}:{found.one}:{found.two}:{found.three}".encode()).digest()
    return Frozen(found.audience, found.excluded, print_)


def _choose(rt: Runtime, tx: Connection, rules: Rules, now: datetime) -> rows.Chosen:
    return rows.choose(tx, rules, local(now, rt.clinic.zone).date())


def _rules(told: Rules | Mapping[str, Any]) -> Rules:
    return told if isinstance(told, Rules) else read(told)


def _check(rt: Runtime, tx: Connection, rules: Rules) -> None:
    if errors := _problems(rt, tx, rules):
        raise InvalidInput(errors)


def _problems(rt: Runtime, tx: Connection, rules: Rules) -> dict[str, str]:
    known = tags.names(rt, tx, sorted(rules.any_tags | rules.no_tags))
    locations = [place.name for place in rt.clinic.locations]
    return refusals(rules, locations, list(rt.library.courses), list(known))


def _segment(rt: Runtime, tx: Connection, row: Any) -> Segment:
    return Segment(row.id, row.name, row.archived_at is not None, _version(rt, tx, row))


def _version(rt: Runtime, tx: Connection, row: Any) -> Version:
    rules = read(row.rules)
    return Version(
        row.version,
        rules,
        words(rt, tx, rules),
        row.actor.partition(":")[0],
        row.staff_id,
        local(row.at, rt.clinic.zone),
    )


def words(rt: Runtime, tx: Connection, rules: Rules) -> list[str]:
    """A sentence for each rule."""
    titles = {slug: course.title for slug, course in rt.library.courses.items()}
    return in_words(rules, titles, tags.names(rt, tx, sorted(rules.any_tags | rules.no_tags)))
