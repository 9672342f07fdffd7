"""Where links to a visit's page may have gone, and which of these addresses are the person's still."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


class WentTo(NamedTuple):
    """A contact that a visit's person has or had. ``theirs``: its address is theirs now, also if nothing arrives there."""

    id: UUID
    theirs: bool


# Two records of one person may each have a row for the same address: that of the record that is kept tells.
WENT_TO = """
WITH RECURSIVE visit AS (
    SELECT person_id FROM appointments WHERE id = %(visit)s
), parts(id) AS (
    SELECT person_id FROM visit
    UNION SELECT g.other FROM parts JOIN person_merges g ON g.kept = parts.id AND g.undone_at IS NULL
)
SELECT c.id, EXISTS (
    SELECT 1 FROM visit v JOIN contacts k ON k.person_id = v.person_id
    WHERE k.channel = c.channel AND k.address_index = c.address_index AND k.state IN ('confirmed', 'bad')
)
FROM contacts c JOIN parts ON parts.id = c.person_id ORDER BY c.id
"""


def went_to(tx: Connection, visit: UUID) -> list[WentTo]:
    """All contacts of a visit's person, with those of records merged into theirs; none where there is no such visit."""
    return [WentTo._make(row) for row in run(tx, WENT_TO, {"visit": visit})]
