"""Finding a person by what staff have in hand."""

from __future__ import annotations

from uuid import UUID

from engage.domain.people import normal_email
from engage.runtime import Runtime
from engage.services.courses import NoSuchPerson
from engage.storage import people


def find(rt: Runtime, who: str) -> list[UUID]:
    """Ids of the people that ``who`` (an id or a confirmed email address) names. Raises NoSuchPerson."""
    with rt.transaction() as tx:
        if "@" in who:
            index = rt.sealer.index("email", normal_email(who))
            found = [
                row.person_id for row in people.contacts_at(tx, "email", index) if row.state == "confirmed"
            ]
        else:
            try:
                row = people.one(tx, UUID(who))
            except ValueError:
                row = None
            found = [row.id] if row is not None else []
    if not found:
        raise NoSuchPerson
    return found
