"""People as booking systems tell of them, and a picture of all that is kept, for comparing before and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from engage.runtime import Runtime
from engage.services.audit import SYSTEM
from engage.services.patients import Matched, PersonIn, match_or_create
from engage.storage.database import run

ADA = PersonIn(
    source="cliniko",
    given_name="Ada",
    family_name="Lovelace",
    external_id="17",
    email="ada@example.org",
    mobile="(518) 555-0101",
    consent=("email", "sms"),
    consent_source="intake form",
)
# Every table that people from booking systems are kept in.
TABLES = (
    "people",
    "contacts",
    "person_keys",
    "consents",
    "consent_states",
    "follow_ups",
    "person_tokens",
    "wordings",
)


def tell(rt: Runtime, *persons: PersonIn, now: datetime | None = None) -> list[Matched]:
    """A booking system tells of people, in one batch."""
    with rt.transaction() as tx:
        return match_or_create(rt, tx, SYSTEM, persons, now or rt.now(tx))


def who(rt: Runtime, person: PersonIn) -> UUID:
    """The person that one is found or made as."""
    id = tell(rt, person)[0].person_id
    assert id is not None
    return id


def rows(rt: Runtime, sql: str, **values: Any) -> list[Any]:
    with rt.transaction() as tx:
        return list(run(tx, sql, values or None))


def versions(rt: Runtime, tables: Sequence[str] = TABLES) -> set[tuple[str, str, str]]:
    """(table, place, transaction) of every row: a row that is written anew has others."""
    sql = " UNION ALL ".join(f"SELECT '{t}' AS t, ctid::text AS c, xmin::text AS x FROM {t}" for t in tables)
    return {(row[0], row[1], row[2]) for row in rows(rt, sql)}


def told(rt: Runtime, person: UUID) -> dict[str, Any]:
    """What is sealed of a person."""
    (row,) = rows(rt, "SELECT sealed FROM people WHERE id = %(id)s", id=person)
    return rt.sealer.open("people", person, row.sealed)


def addresses(rt: Runtime, person: UUID) -> dict[str, str]:
    """Each of a person's addresses with its state."""
    found = rows(rt, "SELECT id, sealed, state FROM contacts WHERE person_id = %(id)s", id=person)
    return {rt.sealer.open("contacts", row.id, row.sealed)["address"]: row.state for row in found}


def agreed(rt: Runtime, person: UUID) -> set[tuple[str, str]]:
    """(channel, purpose) that a person agrees to now."""
    sql = "SELECT channel, purpose FROM consent_states WHERE person_id = %(id)s AND granted"
    return {(row.channel, row.purpose) for row in rows(rt, sql, id=person)}


def asked(rt: Runtime) -> list[tuple[str, UUID, UUID]]:
    """(kind, person, other) of what staff are asked."""
    found = rows(rt, "SELECT kind, person_id, cause_id FROM follow_ups ORDER BY created_at, id")
    return [(row.kind, row.person_id, row.cause_id) for row in found]
