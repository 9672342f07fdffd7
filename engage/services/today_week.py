"""The figures of the last seven days: counted by workers every now and then, and read by the staff's first page."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from engage.domain import today_week as rules
from engage.domain.messages import KINDS, LANES
from engage.domain.timing import local
from engage.ids import first_id
from engage.runtime import Runtime
from engage.storage import clock, today_week

# What takes longer is given up, and tried again much later. A task's own end is at 60 s.
LONGEST = timedelta(seconds=20)
_MAY_FAIL = tuple(kind.name for kind in KINDS.values() if kind.may_fail)


@dataclass(frozen=True, slots=True)
class Week:
    """Figures by day and series, as they were at ``counted_at`` (aware, by the clinic's clocks; None before the first)."""

    counts: rules.Counts
    counted_at: datetime | None


def count(rt: Runtime, *, at_once: bool = False) -> bool:
    """Counts anew where it is time for it, or ``at_once``. False when it was not, or somebody else is at it."""
    with rt.transaction() as tx:
        now, real = rt.now(tx), clock.database_now(tx)
        row = today_week.kept(tx)
        seen = row.tried_at if row is not None else None
        took = timedelta(milliseconds=row.took_ms) if row is not None else timedelta(0)
        if not (at_once or rules.is_due(seen, took, now)):
            return False
        if not today_week.take(tx, seen, now, LONGEST // timedelta(milliseconds=1)):
            return False
    began = time.monotonic()
    with rt.transaction() as tx:
        today_week.limit(tx, LONGEST)
        counts = _count(rt, tx, now, real)
        today_week.keep(tx, counts, now, timedelta(seconds=time.monotonic() - began))
    return True


def read(rt: Runtime, tx: Connection) -> Week:
    """The figures as they were counted last."""
    row = today_week.kept(tx)
    if row is None or row.counted_at is None:
        return Week({}, None)
    counts = {date.fromisoformat(day): told for day, told in row.counts.items()}
    return Week(counts, local(row.counted_at, rt.clinic.zone))


def _count(rt: Runtime, tx: Connection, now: datetime, real: datetime) -> dict[str, dict[str, int]]:
    these = rules.days(now, rt.clinic.zone)
    edges = rules.edges(these, rt.clinic.zone)
    # Ids carry real time, which the movable clock never lags behind: what happened since a moment by that clock happened
    # no longer ago in truth.
    since = (real - (now - edges[0])).astimezone(UTC)
    confirmable = timedelta(days=rt.clinic.signup.unconfirmed_kept_days)
    sent = today_week.messages(tx, edges, first_id(since), LANES["care"], _MAY_FAIL)
    asked = today_week.signups(tx, edges, first_id(since - confirmable))
    left = today_week.opt_outs(tx, edges, first_id(since))
    counted = [
        *((one.day, rules.of_message(one.what), one.many) for one in sent),
        *((one.day, rules.CARE_FAILED, one.care) for one in sent if one.what == "failed"),
        *((one.day, one.what, one.many) for one in asked),
        *((one.day, rules.of_opt_out(one.what), one.many) for one in left),
    ]
    return _by_day(these, counted)


def _by_day(these: list[date], counted: Iterable[tuple[int, str | None, int]]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for place, series, many in counted:
        if series is not None and many and 0 <= place < len(these):
            found[f"{these[place]}"][series] += many
    return {day: dict(counts) for day, counts in found.items()}
