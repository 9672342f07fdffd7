"""People of an audience, for staff to look at before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from engage.domain.people import full_name
from engage.runtime import Runtime
from engage.services.audit import Actor, note_each
from engage.services.opening import opened
from engage.storage import people


class Shown(NamedTuple):
    """A person in a list; ``name`` is empty where none is known."""

    id: UUID
    name: str


def show(rt: Runtime, actor: Actor, ids: Sequence[UUID]) -> list[Shown]:
    """These people by name, in the order of ``ids``, each with a row of the audit trail."""
    with rt.transaction() as tx:
        found = []
        for id in ids:
            row = people.one(tx, id)
            found.append(
                Shown(id, full_name(opened(rt, "people", id, row.sealed)) if row is not None else "")
            )
        note_each(tx, actor, "view", "person in a list", list(ids))
        return found
