"""Keeps everybody's profile as the facts have it: what changed about people, and whom time alone has moved on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.reach import Reach, Way, reach
from engage.domain.stages import Facts, stage
from engage.domain.timing import local, usable
from engage.runtime import Runtime
from engage.storage import profiles as rows
from engage.storage.profiles import FactsRow, Profile

BATCH = 2000
# The next round is a second away, and care waits for the end of this one.
SWEEP_SECONDS = 1.0


def sweep(rt: Runtime, limit: int = BATCH, seconds: float = SWEEP_SECONDS) -> int:
    """Makes waiting profiles anew for about so long, in short transactions of ``limit`` people, beside nobody else who
    does. Returns how many people were looked at."""
    return _drain(rt, seconds, limit, wait=False)


def fresh(rt: Runtime, seconds: float) -> bool:
    """Makes what waits anew for at most about so long, after whoever is at it. True when nothing waits any more."""
    _drain(rt, seconds, BATCH, wait=True)
    return waiting(rt, 1) == 0


def waiting(rt: Runtime, most: int = 1_000_000) -> int:
    """About how many profiles wait to be made anew, counted up to ``most``."""
    with rt.transaction() as tx:
        return rows.waiting(tx, rt.now(tx), most)


def _drain(rt: Runtime, seconds: float, limit: int, *, wait: bool) -> int:
    total, until = 0, time.monotonic() + seconds
    while True:
        with rt.transaction() as tx:
            now = rt.now(tx)
            if wait and not total and rows.waiting(tx, now, 1) == 0:
                return total
            if wait:
                rows.wait_alone(tx)
            elif not rows.try_alone(tx):
                return total
            people = rows.take(tx, now, limit)
            remake(rt, tx, people, now)
        total += len(people)
        if not people or time.monotonic() >= until:
            return total


def remake(rt: Runtime, tx: Connection, people: Sequence[UUID], now: datetime) -> int:
    """Makes these people's profiles anew; the caller makes them alone. Returns how many rows were written; twice in a
    row the second writes none."""
    if not people:
        return 0
    found = rows.facts(tx, people, now)
    active = [row for row in found if row.state == "active"]
    rows.drop(tx, [row.id for row in found if row.state != "active"])
    made = [_profile(rt, row, now) for row in active]
    written = rows.write(tx, made)
    gone = [row for row in found if row.state != "active"]
    for channel in ("email", "sms"):
        rows.share(tx, channel, sorted(_moved(channel, active, made) | _left(channel, gone)))
    return written


def _moved(channel: str, before: Sequence[FactsRow], after: Sequence[Profile]) -> set[bytes]:
    """Addresses that somebody has now or had until now, where that is not the same."""
    pairs = [
        (row.was_email, one.email_index) if channel == "email" else (row.was_sms, one.sms_index)
        for row, one in zip(before, after, strict=True)
    ]
    return {index for was, now in pairs if was != now for index in (was, now) if index is not None}


def _left(channel: str, gone: Sequence[FactsRow]) -> set[bytes]:
    was = [row.was_email if channel == "email" else row.was_sms for row in gone]
    return {index for index in was if index is not None}


def _profile(rt: Runtime, row: FactsRow, now: datetime) -> Profile:
    standing = stage(Facts(row.last, row.before, row.next, row.asked, row.agreed), now)
    email = _reach(
        row.email_state, row.email_care_only, row.email_agreed, row.email_suppressed, row.email_ends, row, now
    )
    sms = _reach(row.sms_state, row.sms_care_only, row.sms_agreed, row.sms_suppressed, row.sms_ends, row, now)
    until = row.authorized_until if row.authorized else None
    zone = usable(row.last_zone, rt.clinic.zone)
    return Profile(
        person_id=row.id,
        stage=standing.number,
        lessons_done=row.lessons_done,
        courses=row.courses,
        email_reach=email.number,
        sms_reach=sms.number,
        patient=row.patient,
        authorized=row.authorized,
        last_visit=local(row.last, zone).date() if row.last is not None else None,
        location=row.next_location or row.last_location,
        course=row.course,
        course_state=row.course_state,
        email_contact=row.email_contact,
        email_index=row.email_index,
        sms_contact=row.sms_contact,
        sms_index=row.sms_index,
        look_again=min(
            filter(None, (standing.look_again, row.next, email.look_again, sms.look_again, until)),
            default=None,
        ),
    )


def _reach(
    state: str | None,
    care_only: bool | None,
    agreed: bool,
    suppressed: bool,
    ends: datetime | None,
    row: FactsRow,
    now: datetime,
) -> Reach:
    return reach(Way(state, bool(care_only), agreed, suppressed, ends), row.paused_until, now)
