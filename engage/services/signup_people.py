"""Whose sign-up it is that was confirmed from an address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.matching import same_person_key
from engage.domain.patients import same_name
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services.find import index_again
from engage.services.opening import opened
from engage.services.patients import ASKED_FOR
from engage.storage import follow_ups, patients, people


def person_at(
    rt: Runtime, tx: Connection, index: bytes, typed: Mapping[str, str], now: datetime
) -> tuple[UUID, UUID]:
    """The person at this address, with what they told us last; a new one when there is none.

    Families share addresses: of several it is the one of that name. A patient is not given another name by whoever
    reads their mail: that is somebody new, and staff are asked.
    """
    told = {"given_name": typed["given_name"], "main_pain": typed["main_pain"]}
    holders = [row for row in people.contacts_at(tx, "email", index) if row.state == "confirmed"]
    known = {row.id: opened(rt, "people", row.person_id, row.sealed) for row in holders}
    named = [row for row in holders if same_name(known[row.id].get("given_name", ""), typed["given_name"])]
    patients_here = patients.keyed(tx, [row.person_id for row in holders])
    for found in [*named, *(row for row in holders if row.person_id not in patients_here)]:
        if people.lock(tx, found.person_id) is not None:
            family = known[found.id].get("family_name")
            names = {**told, "family_name": family} if family else told
            sealed = rt.sealer.seal("people", found.person_id, names)
            people.update(tx, found.person_id, sealed, typed["zone"], now)
            people.confirm_contact(tx, found.id)
            index_again(rt, tx, found.person_id)
            return found.person_id, found.id
    person, contact = new_id(), new_id()
    people.add(tx, person, rt.sealer.seal("people", person, told), typed["zone"], now)
    sealed = rt.sealer.seal("contacts", contact, {"address": typed["email"]})
    people.add_contact(tx, contact, person, "email", index, sealed, now)
    index_again(rt, tx, person)
    if holders:
        other = holders[0].person_id
        key = same_person_key(person, other)
        follow_ups.add(tx, "same_person", "person", other, person, now + ASKED_FOR, key, now)
    return person, contact
