"""Visits changed many at once, and what becomes of what their people wished of them. Plans no messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engage.domain.appointments import OPEN
from engage.domain.follow_ups import MOVE, WISHES
from engage.storage import appointments, follow_ups
from engage.storage.appointments import Changed


def change_rows(tx: Connection, changes: Sequence[Changed], by: str, now: datetime) -> None:
    """One new version of each of these locked visits by somebody who saw what their people wished: nobody has to see to
    that any more. ``by`` is who did it, as ``named`` tells. Plans no messages."""
    appointments.change(tx, changes, by, now)
    follow_ups.settle_kinds(tx, [one.id for one in changes], WISHES, "done", now)


def change_unseen(
    tx: Connection, rows: Sequence[Any], changes: Sequence[Changed], by: str, now: datetime
) -> None:
    """As ``change_rows``, where nobody looked: ``rows`` are the visits as they were, in the same order. A visit that is
    off answers every wish, another time that for another time; another room answers none."""
    appointments.change(tx, changes, by, now)
    off = [one.id for one in changes if one.status not in OPEN]
    moved = [one.id for row, one in zip(rows, changes, strict=True) if one.starts_at != row.starts_at]
    follow_ups.settle_kinds(tx, off, WISHES, "done", now)
    follow_ups.settle_kinds(tx, moved, [MOVE], "done", now)


def change_back(
    tx: Connection, rows: Sequence[Any], changes: Sequence[Changed], by: str, now: datetime
) -> None:
    """Undoes what made the visits what ``rows`` say: wishes that it answered wait again, unless newer ones do."""
    appointments.change(tx, changes, by, now)
    off = [one.id for one in changes if one.status not in OPEN]
    back = [(row.id, row.since) for row, one in zip(rows, changes, strict=True) if one.status in OPEN]
    follow_ups.settle_kinds(tx, off, WISHES, "done", now)
    follow_ups.reopen(tx, back, WISHES)
