"""The doctor's look at the pipe: what is due, what waits for evidence or a person, what vendors told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from engage.domain.messages import PURPOSES
from engage.runtime import Runtime
from engage.services import deliverability, go_live, trial_mode
from engage.services.awaiting import waits_for
from engage.services.health import Check
from engage.storage import attempts, clock, messages, metrics

# A receipt is applied within seconds; a doubtful message is settled within a look or two of its date.
RECEIPTS_LATE = timedelta(minutes=1)
SETTLED_LATE = timedelta(minutes=5)
AWAY = "unknown: the database can't be reached or has no tables yet"


def examine(rt: Runtime) -> list[Check]:
    """The queue, what is unknown, what is held, paused courses, trial mode, and receipts."""
    looks: dict[str, Callable[[Runtime, Connection], Check]] = {
        "queue": queue,
        "unknown": unknown,
        "messages": held,
        "courses": courses,
        "trial": trial,
        "receipts": receipts,
    }
    return [_look(rt, name, look) for name, look in looks.items()]


def _look(rt: Runtime, name: str, look: Callable[[Runtime, Connection], Check]) -> Check:
    try:
        with rt.transaction() as tx:
            return look(rt, tx)
    except SQLAlchemyError:
        return Check(name, False, AWAY)


def queue(rt: Runtime, tx: Connection) -> Check:
    """How many are due in each lane, and for how long."""
    now = rt.now(tx)
    rows = metrics.due(tx, now)
    if not rows:
        return Check("queue", True, "nothing is due")
    told, stuck = [], False
    for lane, purpose in PURPOSES.items():
        mine = [row for row in rows if row.lane == lane]
        if mine:
            age = now - min(row.oldest for row in mine)
            stuck = stuck or age > timedelta(minutes=rt.clinic.alerts.queue_stuck_minutes)
            told.append(f"{purpose} {sum(row.count for row in mine)} due, the oldest for {spoken(age)}")
    cure = ": a worker may be missing (see beat), a sender may rest (see breakers), or it is a copy (see instance)"
    return Check("queue", not stuck, "; ".join(told) + (cure if stuck else ""))


def unknown(rt: Runtime, tx: Connection) -> Check:
    """What waits for evidence, and when the oldest is settled as things stand."""
    count = sum(row.count for row in metrics.under_way(tx) if row.status == "unknown")
    first = metrics.oldest_unknown(tx)
    row = messages.one(tx, first.id) if first is not None else None
    if first is None or row is None:
        return Check("unknown", True, "nothing waits for evidence")
    tried = attempts.of_message(tx, first.id)
    pending = waits_for(rt, tx, row, tried)
    since = next(attempt.unknown_since for attempt in tried if attempt.id == first.attempt_id)
    told = f"{count} wait for evidence, the oldest ({first.id}) since {since:%Y-%m-%d %H:%M:%S} UTC"
    if pending is None:
        return Check("unknown", True, told)
    if clock.database_now(tx) > pending.at + SETTLED_LATE:
        return Check(
            "unknown",
            False,
            f"{told}; it should have been settled at {pending.at:%H:%M:%S} UTC: is a worker running (see beat)?",
        )
    return Check("unknown", True, f"{told}, settled at {pending.at:%Y-%m-%d %H:%M:%S} UTC as things stand")


def held(rt: Runtime, tx: Connection) -> Check:
    """What waits for a person, and why."""
    rows = metrics.held(tx)
    if not rows:
        return Check("messages", True, "none is held")
    reasons: dict[str, int] = {}
    for row in rows:
        reasons[row.reason or "no reason"] = reasons.get(row.reason or "no reason", 0) + row.count
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    return Check(
        "messages",
        False,
        f"{sum(reasons.values())} held ({told}): `engage messages list --status held`, then `engage messages explain`"
        " and `release`, or `arrived` where a person has it already",
    )


def courses(rt: Runtime, tx: Connection) -> Check:
    """Courses that wait for a person since too many complained, or since somebody paused them."""
    paused = deliverability.paused_in(rt, tx)
    if not paused:
        return Check("courses", True, "none is paused")
    told = "; ".join(
        f"{one.course} is paused since {one.paused_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {one.words}"
        for one in paused
    )
    return Check("courses", False, f"{told}. Find out why, then `engage courses resume`")


def trial(rt: Runtime, tx: Connection) -> Check:
    """Whether messages go to everybody, and what care waits until they do."""
    if not trial_mode.in_force(rt, tx):
        return Check("trial", True, "not on trial: messages go to everybody")
    standing = go_live.see_in(rt, tx)
    left = (
        f"{len(standing.left)} of {len(standing.items)} items are left"
        if standing.left
        else "the list is done"
    )
    told = f"trial mode: only staff get messages; {left}: `engage golive show`, or /staff/go-live"
    care = next((one for one in standing.waiting if one.purpose == "care"), None)
    if care is None:
        return Check("trial", True, told, note=True)
    return Check(
        "trial",
        False,
        f"{care.messages} care message(s) wait, the first of use until {care.first:%Y-%m-%d %H:%M} UTC. {told}",
    )


def receipts(rt: Runtime, tx: Connection) -> Check:
    """What vendors told and nobody has applied yet."""
    found = metrics.receipts(tx)
    told = f"{found.waiting} wait" if found.waiting else "none waits"
    if found.problems:
        told += f"; {found.problems} were set aside: the log's `receipt set aside` names the error"
    age = clock.database_now(tx) - found.oldest if found.oldest is not None else timedelta(0)
    if age > RECEIPTS_LATE:
        return Check(
            "receipts", False, f"{told}; the oldest for {spoken(age)}: is a worker running (see beat)?"
        )
    return Check("receipts", True, told, note=bool(found.problems))


def spoken(age: timedelta) -> str:
    """A span of time in its largest unit."""
    seconds = int(age.total_seconds())
    for size, name in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
