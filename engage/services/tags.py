"""Tags that staff put on people. What one says may be about somebody's health, so it is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.forms import InvalidInput
from engage.domain.segments import clean_name
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.services.opening import UNREADABLE
from engage.storage import people
from engage.storage import tags as rows
from engage.storage.sealed import SealError

# More than that nobody finds in a list.
MOST = 200


class Tag(NamedTuple):
    """A tag and what it says."""

    id: UUID
    name: str


def listing(rt: Runtime) -> list[Tag]:
    """All tags in the order of the alphabet."""
    with rt.transaction() as tx:
        return _named(rt, rows.listing(tx, MOST))


def names(rt: Runtime, tx: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What those of these tags say that there are."""
    return dict(_named(rt, rows.known(tx, ids)))


def of_people(rt: Runtime, tx: Connection, ids: Sequence[UUID]) -> list[Tag]:
    """Tags of a person and of records that were found to be theirs, in the order of the alphabet."""
    return _named(rt, rows.of_people(tx, ids))


def add(rt: Runtime, actor: Actor, name: str) -> UUID:
    """The tag with this name, made where there is none; capitals make no other tag. Raises InvalidInput."""
    with rt.transaction() as tx:
        return _add(rt, tx, actor, clean_name(name), rt.now(tx))


def put(rt: Runtime, actor: Actor, person: UUID, name: str) -> bool | None:
    """Puts a tag on a person, a new one where there is none of this name. False when they had it; None when there is no
    such (living) person. Raises InvalidInput."""
    clean = clean_name(name)
    with rt.transaction() as tx:
        found = people.lock(tx, person)
        if found is None or found.state != "active":
            return None
        now = rt.now(tx)
        tag = _add(rt, tx, actor, clean, now)
        changed = rows.put(tx, person, tag, actor.label, now)
        if changed:
            note(tx, rt, actor, "change", "tag", tag, person)
        return changed


def take_off(rt: Runtime, actor: Actor, person: UUID, tag: UUID) -> bool | None:
    """Takes a tag off a person. False when they had it not; None when there is no such (living) person."""
    with rt.transaction() as tx:
        found = people.lock(tx, person)
        if found is None or found.state != "active":
            return None
        changed = rows.take_off(tx, person, tag)
        if changed:
            note(tx, rt, actor, "change", "tag", tag, person)
        return changed


def _add(rt: Runtime, tx: Connection, actor: Actor, name: str, now: datetime) -> UUID:
    index = rt.sealer.index("tag", name.casefold())
    if (found := rows.find(tx, index)) is not None:
        return found
    if len(rows.listing(tx, MOST)) >= MOST:
        raise InvalidInput({"name": f"There are {MOST} tags, which is the most: please use one of them."})
    id = new_id()
    if rows.add(tx, id, index, rt.sealer.seal("tags", id, {"name": name}), now):
        note(tx, rt, actor, "change", "tag", id)
        return id
    # Somebody made it a moment ago.
    made = rows.find(tx, index)
    assert made is not None
    return made


def _named(rt: Runtime, found: Sequence[Any]) -> list[Tag]:
    return sorted(
        {Tag(row.id, _name(rt, row)) for row in found}, key=lambda tag: (tag.name.casefold(), tag.id)
    )


def _name(rt: Runtime, row: Any) -> str:
    try:
        return str(rt.sealer.open("tags", row.id, row.sealed).get("name", ""))
    except SealError:
        return UNREADABLE
