"""Finding people over sealed rows, as staff type."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import search_tokens
from engage.domain.people import full_name
from engage.domain.search_tokens import Wanted
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.services.opening import opened
from engage.storage import people, person_tokens

SHOWN = 20
# The start of a hash finds as well as all of it; what it finds by chance is compared after opening.
TOKEN_BYTES = 8
# How many are opened at most to compare words that are longer than the index's.
_OPENED = 400
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Address:
    """An address or number of a person, opened."""

    channel: str
    address: str
    state: str


@dataclass(frozen=True, slots=True)
class Found:
    """One person in a list of results. ``since`` is aware UTC."""

    id: UUID
    given_name: str
    family_name: str
    addresses: list[Address]
    zone: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Results:
    """The first 20, and whether there are more."""

    people: list[Found]
    more: bool


def index_person(rt: Runtime, tx: Connection, person_id: UUID, name: str, addresses: Iterable[str]) -> None:
    """Lets a person be found by name and addresses, and no more by former ones. Call it where they are written."""
    forms = search_tokens.forms_of(name, list(addresses))
    person_tokens.replace(tx, person_id, {_token(rt, form) for form in forms})


def index_people(
    rt: Runtime, tx: Connection, people: Mapping[UUID, tuple[str, Sequence[str]]], new: Container[UUID]
) -> None:
    """As ``index_person``, for many at once: each with name and addresses. Those in ``new`` were not known before."""
    tokens = {
        id: {_token(rt, form) for form in search_tokens.forms_of(name, addresses)}
        for id, (name, addresses) in people.items()
    }
    person_tokens.replace_many(tx, tokens, new)


def index_again(rt: Runtime, tx: Connection, person_id: UUID) -> None:
    """As ``index_person``, with what is kept of the person now."""
    row = people.one(tx, person_id)
    if row is not None:
        _index_row(rt, tx, row)


def search(rt: Runtime, actor: Actor, query: str) -> Results:
    """As ``find``, for staff: a row of the audit trail for each person shown."""
    with rt.transaction() as tx:
        found = find(rt, tx, query)
        _note(rt, tx, actor, found.people)
        return found


def newcomers(rt: Runtime, actor: Actor, limit: int = 10) -> list[Found]:
    """Those who came last, for staff, noted as ``search`` does."""
    with rt.transaction() as tx:
        found = newest(rt, tx, limit)
        _note(rt, tx, actor, found)
        return found


def _note(rt: Runtime, tx: Connection, actor: Actor, shown: Iterable[Found]) -> None:
    for person in shown:
        note(tx, rt, actor, "view", "person in a list", person.id, person.id)


def find(rt: Runtime, tx: Connection, query: str) -> Results:
    """People who match every word of ``query``. Nothing typed finds nobody."""
    wishes = search_tokens.wanted(query)
    if not wishes:
        return Results([], False)
    words = [[_token(rt, form) for form in wish.forms] for wish in wishes]
    found: list[Found] = []
    for row in person_tokens.find(tx, words, _OPENED):
        person = _open(rt, tx, row)
        if _matches(wishes, person):
            found.append(person)
        if len(found) > SHOWN:
            break
    return Results(found[:SHOWN], len(found) > SHOWN)


def newest(rt: Runtime, tx: Connection, limit: int = 10) -> list[Found]:
    """Those who came last."""
    return [_open(rt, tx, row) for row in person_tokens.newest(tx, limit)]


def reindex(rt: Runtime) -> int:
    """Makes the whole index again, in batches. Returns how many people it holds; twice changes nothing."""
    count, after = 0, None
    while True:
        with rt.transaction() as tx:
            rows = person_tokens.next_people(tx, after, _BATCH)
            for row in rows:
                _index_row(rt, tx, row)
        count += len(rows)
        if len(rows) < _BATCH:
            return count
        after = rows[-1].id


def _index_row(rt: Runtime, tx: Connection, row: Any) -> None:
    told = opened(rt, "people", row.id, row.sealed)
    addresses = [a.address for a in addresses_of(rt, tx, row.id)]
    index_person(rt, tx, row.id, full_name(told), addresses)


def addresses_of(rt: Runtime, tx: Connection, person_id: UUID) -> list[Address]:
    """A person's addresses, opened, oldest first."""
    rows = people.contacts_of(tx, person_id)
    return [
        Address(row.channel, opened(rt, "contacts", row.id, row.sealed).get("address", ""), row.state)
        for row in rows
        if row.sealed is not None
    ]


def _open(rt: Runtime, tx: Connection, row: Any) -> Found:
    told = opened(rt, "people", row.id, row.sealed)
    addresses = addresses_of(rt, tx, row.id)
    names = told.get("given_name", ""), told.get("family_name", "")
    return Found(row.id, *names, addresses, row.zone, row.created_at)


def _matches(wishes: Sequence[Wanted], person: Found) -> bool:
    addresses = [a.address for a in person.addresses]
    words = search_tokens.words_of(f"{person.given_name} {person.family_name}", addresses)
    return all(search_tokens.is_there(wish, words, addresses) for wish in wishes)


def _token(rt: Runtime, form: str) -> bytes:
    return rt.sealer.index("token", form)[:TOKEN_BYTES]
