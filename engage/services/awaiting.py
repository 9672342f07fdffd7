"""Messages about which nobody can tell whether they left: what is known, and until when evidence is awaited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from engage.domain.doubts import Doubtful, Fate, fate
from engage.domain.messages import MAX_TRIES
from engage.runtime import Runtime
from engage.services import gates
from engage.services.deliver import hold_seconds
from engage.storage import clock, senders

# Senders that can't be asked and tell nothing by themselves.
SILENT = frozenset({"smtp"})


def doubtful(rt: Runtime, tx: Connection, attempt: Any) -> Doubtful:
    """What is known about an attempt whose answer never came, for those who settle it and those who tell of it."""
    sender = rt.sender_named(attempt.channel, attempt.sender)
    hold = timedelta(seconds=hold_seconds(rt, sender) if sender is not None else 0)
    key = gates.key_of(sender) if sender is not None else f"{attempt.channel}:{attempt.sender}"
    tells = sender is not None and attempt.sender not in SILENT
    return Doubtful(attempt.channel, attempt.unknown_since, hold, senders.evidence_at(tx, key), tells)


def waits_for(rt: Runtime, tx: Connection, row: Any, tried: Sequence[Any]) -> Fate | None:
    """Until when an unknown message waits for evidence and what follows, None when it does not wait (any more)."""
    attempt = next((a for a in tried if a.id == row.attempt_id), None)
    if row.status != "unknown" or row.reason == "never_known" or attempt is None:
        return None
    if attempt.unknown_since is None or attempt.state != "unknown":
        return None
    real = clock.database_now(tx)
    ahead = rt.now(tx) - real
    found = fate(doubtful(rt, tx, attempt), row.purpose, row.again, row.not_after - ahead, real)
    # Evidence that comes late can make its moment a past one: it is settled at the next look.
    return replace(found, at=max(found.at, attempt.lease_until))


def pending_words(pending: Fate, row: Any, attempt: Any) -> str:
    """What is awaited about a message and what follows, in words for staff."""
    if attempt.sender == "local":
        return "It is looked up within seconds, and settled then."
    if attempt.sender in SILENT:
        awaiting = "Nothing can be asked about it. If nobody knows by then whether it left,"
    elif pending.then == "absent":
        awaiting = (
            "Evidence is awaited until then. The sender told of later messages since: if it tells nothing of this one "
            "by then, it never had it;"
        )
    else:
        awaiting = "Evidence is awaited until then. If nobody knows by then whether it left,"
    if pending.then == "never_known":
        return f"{awaiting} it is not sent again and a person is asked."
    if row.tries >= MAX_TRIES:
        return f"{awaiting} it is held, as it was tried {MAX_TRIES} times, and a person has to look."
    if pending.then == "again":
        return f"{awaiting} it is sent once more."
    return f"{awaiting} it is sent again if it is still of use."
