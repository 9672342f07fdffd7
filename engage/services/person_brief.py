"""Whom staff are about to do something for: enough to be sure that it is the right person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engage.domain.people import full_name
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.services.desk_visits import Brief as Visit
from engage.services.desk_visits import of_person
from engage.services.find import Address, addresses_of
from engage.services.opening import opened
from engage.storage import people


@dataclass(frozen=True, slots=True)
class Brief:
    """A person with their addresses that count, and their visits to come, the next first."""

    id: UUID
    name: str
    active: bool
    addresses: list[Address]
    visits: list[Visit]


def see(rt: Runtime, actor: Actor, id: UUID) -> Brief | None:
    """A person in brief, None when there is no such id. Leaves a row of the audit trail."""
    with rt.transaction() as tx:
        row = people.one(tx, id)
        if row is None:
            return None
        note(tx, rt, actor, "view", "person", id, id)
        active = row.state == "active"
        addresses = [one for one in addresses_of(rt, tx, id) if one.state == "confirmed"] if active else []
        visits = [one for one in of_person(rt, tx, id, rt.now(tx)) if one.to_come]
        return Brief(id, full_name(opened(rt, "people", id, row.sealed)), active, addresses, visits[::-1])
