"""What is old: one statement for each kind of thing, in batches, and where each night's walk stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run
from engage.storage.locks import Lock

# Nothing more is to come of these messages, and they ended before.
OVER = """m.status NOT IN ('planned', 'claimed', 'held')
    AND coalesce(m.ended_at, m.sent_at, m.not_after) < %(before)s AND m.sealed IS NOT NULL"""
PAGE = f"""
WITH page AS MATERIALIZED (
    SELECT id FROM messages WHERE id > %(place)s ORDER BY id LIMIT %(limit)s
), gone AS (
    UPDATE messages m SET sealed = NULL FROM page WHERE m.id = page.id AND {OVER} RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT id FROM page ORDER BY id DESC LIMIT 1)
"""


def message_values(tx: Connection, before: datetime, place: UUID, limit: int) -> tuple[int, UUID | None]:
    """Empties messages of one page after ``place``. Returns how many, and the page's end; None when there is none."""
    count, end = run(tx, PAGE, {"before": before, "place": place, "limit": limit}).one()
    return int(count), end


# Each: which rows are old, and what is done with them. %(id)s bounds by the id where ids grow with the time.
OLD_RECEIPTS = (
    "SELECT id FROM receipts WHERE id < %(id)s AND received_at < %(before)s AND applied_at IS NOT NULL"
)
OLD_INBOUND = """SELECT id FROM inbound WHERE id < %(id)s AND received_at < %(before)s AND sealed IS NOT NULL
    AND understood_at IS NOT NULL"""
OLD_MAILS = "SELECT id FROM inbound_mails WHERE received_at < %(before)s AND sealed IS NOT NULL"
OLD_MAILBOX = "SELECT id FROM mailbox WHERE sent_at < %(before)s"
OLD_REQUESTS = """SELECT id FROM consultations c WHERE state = 'closed' AND closed_at < %(before)s AND (sealed IS NOT NULL
    OR EXISTS (SELECT 1 FROM consultation_events e WHERE e.consultation_id = c.id AND e.sealed IS NOT NULL))"""
OLD_NOTES = "SELECT id FROM follow_ups WHERE state = 'done' AND done_at < %(before)s AND sealed IS NOT NULL"
OLD_ANSWERS = "SELECT id FROM check_ins WHERE answered_at < %(before)s AND sealed IS NOT NULL"
# What an import changed is kept for undoing it; that there was one, and its counts, stay.
OLD_IMPORTS = """SELECT id FROM imports i WHERE at < %(before)s AND state IN ('done', 'running')
    AND EXISTS (SELECT 1 FROM import_rows r WHERE r.import_id = i.id)"""
# What became of a campaign as a whole, and what was done with it, stays.
OLD_CAMPAIGNS = """SELECT id FROM campaigns c WHERE ended_at < %(before)s
    AND EXISTS (SELECT 1 FROM campaign_recipients r WHERE r.campaign_id = c.id)"""
OLD_SIGNUPS = (
    """SELECT id FROM signups WHERE state NOT IN ('confirmed', 'refused') AND created_at < %(before)s"""
)
# An address that somebody typed and that was never confirmed.
OLD_ADDRESSES = (
    "SELECT id FROM contacts WHERE state = 'pending' AND created_at < %(before)s AND sealed IS NOT NULL"
)
# An entry stays as long as it is the state of now, was in effect less than six years ago, or a younger message relied
# on it.
OLD_CONSENTS = """SELECT id FROM consents c WHERE at < %(before)s
    AND NOT EXISTS (SELECT 1 FROM consent_states s WHERE s.consent_id = c.id)
    AND EXISTS (SELECT 1 FROM consents n WHERE n.person_id = c.person_id AND n.channel = c.channel
        AND n.purpose = c.purpose AND (n.at, n.id) > (c.at, c.id) AND n.at < %(before)s)
    AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.person_id = c.person_id AND m.consent_id = c.id
        AND coalesce(m.sent_at, m.created_at) >= %(before)s)"""
# The word that came after it is as old too: it was out of effect so long ago.
OLD_AUTHORIZATIONS = """SELECT id FROM authorizations a WHERE at < %(before)s
    AND EXISTS (SELECT 1 FROM authorizations n WHERE n.person_id = a.person_id
        AND (n.at, n.id) > (a.at, a.id) AND n.at < %(before)s)"""
OLD_AUDIT = """SELECT id FROM audit WHERE at < %(before)s
    AND id <> (SELECT audit_id FROM audit_chain ORDER BY seq DESC LIMIT 1)"""
OLD_MESSAGES = f"SELECT id FROM messages m WHERE {OVER}"


class Rule(NamedTuple):
    """``old`` finds ids; ``acts`` are run with them, the last one tells how many went."""

    old: str
    acts: tuple[str, ...]


OF = "WHERE id = ANY(%(ids)b::uuid[])"
RULES: dict[str, Rule] = {
    "raw_events": Rule(OLD_RECEIPTS, (f"DELETE FROM receipts {OF}",)),
    "received_texts": Rule(OLD_INBOUND, (f"UPDATE inbound SET sealed = NULL {OF}",)),
    "received_mails": Rule(OLD_MAILS, (f"UPDATE inbound_mails SET sealed = NULL {OF}",)),
    "waiting_addresses": Rule(
        OLD_ADDRESSES, (f"UPDATE contacts SET sealed = NULL, state = 'replaced' {OF} AND state = 'pending'",)
    ),
    "mailbox": Rule(OLD_MAILBOX, (f"DELETE FROM mailbox {OF}",)),
    "closed_requests": Rule(
        OLD_REQUESTS,
        (
            """UPDATE consultation_events SET sealed = NULL
            WHERE consultation_id = ANY(%(ids)b::uuid[]) AND sealed IS NOT NULL""",
            f"UPDATE consultations SET sealed = NULL {OF} AND state = 'closed'",
        ),
    ),
    "follow_up_notes": Rule(OLD_NOTES, (f"UPDATE follow_ups SET sealed = NULL {OF}",)),
    "check_in_answers": Rule(OLD_ANSWERS, (f"UPDATE check_ins SET sealed = NULL {OF}",)),
    "imports": Rule(OLD_IMPORTS, ("DELETE FROM import_rows WHERE import_id = ANY(%(ids)b::uuid[])",)),
    "campaigns": Rule(
        OLD_CAMPAIGNS, ("DELETE FROM campaign_recipients WHERE campaign_id = ANY(%(ids)b::uuid[])",)
    ),
    "consent": Rule(OLD_CONSENTS, (f"DELETE FROM consents {OF}",)),
    "authorizations": Rule(OLD_AUTHORIZATIONS, (f"DELETE FROM authorizations {OF}",)),
}
COUNTED: dict[str, str] = {
    **{name: rule.old for name, rule in RULES.items()},
    "message_values": OLD_MESSAGES,
    "unconfirmed": OLD_SIGNUPS,
    "audit": OLD_AUDIT,
}


def let_go(tx: Connection, name: str, before: datetime, id: UUID, limit: int) -> int:
    """Lets go of a batch of what one of RULES finds. Returns how many."""
    rule = RULES[name]
    values = {"before": before, "id": id, "limit": limit}
    ids = [
        row[0]
        for row in run(tx, f"{rule.old} ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED", values)
    ]
    if not ids:
        return 0
    return [run(tx, sql, {"ids": ids}).rowcount for sql in rule.acts][-1]


def count(tx: Connection, name: str, before: datetime, id: UUID) -> int:
    """How many would go now."""
    sql = f"SELECT count(*) FROM ({COUNTED[name]}) old"
    return int(run(tx, sql, {"before": before, "id": id}).scalar_one())


def alone(tx: Connection) -> bool:
    """True when nobody else lets go of anything until this transaction ends."""
    return bool(run(tx, "SELECT pg_try_advisory_xact_lock(%(key)s)", {"key": Lock.RETENTION}).scalar_one())


def walk(tx: Connection, step: str) -> Any | None:
    """Where a step's walk stands; ``ended_at`` is None while it goes on."""
    return run(tx, "SELECT * FROM retention_walks WHERE step = %(step)s", {"step": step}).one_or_none()


def ended_since(tx: Connection, moment: datetime) -> set[str]:
    """Steps whose walk began after ``moment`` (real time) and is over."""
    sql = "SELECT step FROM retention_walks WHERE begun_at >= %(moment)s AND ended_at IS NOT NULL"
    return {row[0] for row in run(tx, sql, {"moment": moment})}


def begin(tx: Connection, step: str, place: UUID) -> None:
    """A new walk from ``place``."""
    sql = """INSERT INTO retention_walks (step, begun_at, place) VALUES (%(step)s, clock_timestamp(), %(place)s)
    ON CONFLICT (step) DO UPDATE SET begun_at = excluded.begun_at, place = excluded.place, ended_at = NULL, count = 0"""
    run(tx, sql, {"step": step, "place": place})


def go_on(tx: Connection, step: str, count: int, place: UUID | None, *, ended: bool) -> None:
    """The walk has come so far, and is over or goes on there."""
    sql = """UPDATE retention_walks SET count = count + %(count)s, place = coalesce(%(place)s::uuid, place),
        ended_at = CASE WHEN %(ended)s THEN clock_timestamp() END WHERE step = %(step)s"""
    run(tx, sql, {"step": step, "count": count, "place": place, "ended": ended})
