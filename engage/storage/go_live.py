"""Whether this installation has gone live, who ticked what on the way, and what proves the rest. Times are real."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from engage.storage.database import run

REASON = "trial_mode"


class Standing(NamedTuple):
    """``live_at`` None while on trial. ``ticked`` by item: ``at``, ``by`` (a role), ``staff_id``, ``about``."""

    live_at: datetime | None
    live_by: str | None
    ticked: dict[str, dict[str, Any]]


_LOOK = "SELECT live_at, live_by, ticked FROM go_live"


def look(tx: Connection) -> Standing:
    """How it stands."""
    row = run(tx, _LOOK).one_or_none()
    return Standing(*row) if row is not None else Standing(None, None, {})


def look_and_stay(tx: Connection) -> Standing:
    """As ``look``; nobody lets the installation go live before the transaction ends."""
    return _locked(tx, "FOR SHARE")


def lock(tx: Connection) -> Standing:
    """As ``look``, locked against changes until the transaction ends."""
    return _locked(tx, "FOR UPDATE")


def _locked(tx: Connection, how: str) -> Standing:
    row = run(tx, f"{_LOOK} {how}").one_or_none()
    if row is None:
        run(tx, "INSERT INTO go_live DEFAULT VALUES ON CONFLICT DO NOTHING")
        row = run(tx, f"{_LOOK} {how}").one()
    return Standing(*row)


def keep_ticked(tx: Connection, ticked: dict[str, dict[str, Any]]) -> None:
    """What is ticked from now on."""
    run(tx, "UPDATE go_live SET ticked = %(ticked)s", {"ticked": Jsonb(ticked)})


def start(tx: Connection, by: str) -> datetime:
    """From now on messages go to everybody. Returns the moment."""
    sql = "UPDATE go_live SET live_at = clock_timestamp(), live_by = %(by)s RETURNING live_at"
    at: datetime = run(tx, sql, {"by": by}).scalar_one()
    return at


WAKE = """
WITH waiting AS (
    SELECT id FROM messages WHERE queued AND reason = 'trial_mode' ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE messages m SET due_at = %(now)s, reason = NULL FROM waiting w WHERE m.id = w.id
"""


def wake(tx: Connection, now: datetime) -> int:
    """Lets all that waited for the end of trial mode be looked at. ``now`` is the clinic's clock. Returns how many."""
    return run(tx, WAKE, {"now": now}).rowcount


class Waiting(NamedTuple):
    """Messages of a purpose that only trial mode holds up; ``first`` falls out of use first (aware UTC)."""

    purpose: str
    messages: int
    first: datetime


def waiting(tx: Connection) -> list[Waiting]:
    """What waits for the end of trial mode, by purpose."""
    sql = """SELECT purpose, count(*), min(not_after) FROM messages WHERE queued AND reason = 'trial_mode'
    GROUP BY purpose ORDER BY min(lane)"""
    return [Waiting._make(row) for row in run(tx, sql)]


# Mail servers tell nothing after they took a mail.
DELIVERED = """
SELECT DISTINCT a.channel, a.sender FROM messages m JOIN attempts a ON a.id = m.attempt_id
WHERE m.kind = ANY(%(kinds)s) AND (m.status = 'delivered' OR m.status = 'accepted' AND a.sender = ANY(%(silent)s))
"""


def delivered(tx: Connection, kinds: list[str], silent: list[str]) -> set[tuple[str, str]]:
    """By which (channel, sender) a message of these kinds arrived; taken is enough where the sender is ``silent``."""
    return {(row[0], row[1]) for row in run(tx, DELIVERED, {"kinds": kinds, "silent": silent})}


def heard_of(tx: Connection) -> set[str]:
    """The vendors whose callbacks came in and were what they said they are."""
    sql = """SELECT v FROM unnest(ARRAY['sendgrid', 'twilio']) AS v
    WHERE EXISTS (SELECT 1 FROM receipts WHERE vendor = v AND what IN ('events', 'status', 'inbound'))"""
    return {row[0] for row in run(tx, sql)}
