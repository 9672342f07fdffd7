"""Whom lessons go to by text as well, and the texts that wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Texts, Uuids
from engage.storage.database import rows, run

# The index on this condition holds those few alone; most claims have none of them, and need not plan the join.
AGREED = """
SELECT k.person_id FROM consent_states k
WHERE k.channel = 'sms' AND k.purpose = 'education' AND k.granted AND k.person_id = ANY(%(ids)b::uuid[])
"""
TEXTED = """
SELECT k.person_id, c.id FROM consent_states k
JOIN contacts c ON c.person_id = k.person_id AND c.channel = 'sms' AND c.state = 'confirmed'
    AND NOT c.care_only
WHERE k.channel = 'sms' AND k.purpose = 'education' AND k.granted AND k.person_id = ANY(%(ids)b::uuid[])
    AND NOT EXISTS (SELECT 1 FROM suppressions x WHERE x.channel = 'sms' AND x.address_index = c.address_index
        AND x.scope IN ('all', 'education') AND x.lifted_at IS NULL
        AND (x.expires_at IS NULL OR x.expires_at > %(now)s))
ORDER BY c.created_at, c.id
"""


def contacts(tx: Connection, people: Sequence[UUID], now: datetime) -> dict[UUID, UUID]:
    """Of these people, those who agreed to lessons by text and can be reached so, each with the contact."""
    agreed = [row[0] for row in rows(tx, AGREED, {"ids": Uuids(people)})] if people else []
    if not agreed:
        return {}
    return {row[0]: row[1] for row in rows(tx, TEXTED, {"ids": Uuids(agreed), "now": now})}


DROP = """
UPDATE messages m SET status = 'cancelled', reason = 'replaced', ended_at = %(now)s
FROM unnest(%(people)b::uuid[], %(causes)b::uuid[], %(steps)b::text[]) AS v(person, cause, step)
WHERE m.person_id = v.person AND m.cause_id = v.cause AND m.kind = 'course-lesson-text' AND m.status = 'planned'
    AND m.step <> v.step
"""


def drop_earlier(tx: Connection, kept: Sequence[tuple[UUID, UUID, str]], now: datetime) -> int:
    """Cancels the waiting texts of these (person, enrolment, lesson) but for the lesson's own. Returns how many."""
    people, causes, steps = zip(*kept, strict=True)
    values = {"now": now, "people": Uuids(people), "causes": Uuids(causes), "steps": Texts(steps)}
    return run(tx, DROP, values).rowcount


def end_planned(tx: Connection, person: UUID, reason: str, now: datetime) -> int:
    """Cancels all of a person's texts that wait. The caller holds the person's lock. Returns how many."""
    sql = """UPDATE messages SET status = 'cancelled', reason = %(reason)s, ended_at = %(now)s
    WHERE person_id = %(person)s AND kind = 'course-lesson-text' AND status IN ('planned', 'held')"""
    return run(tx, sql, {"person": person, "reason": reason, "now": now}).rowcount
