"""The front desk's day: its visits in order, what each person knows, and whom somebody has to telephone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OFF, OPEN, REPLY_WORDS, STATUS_WORDS, Reply, Status
from engage.domain.mobile import spoken
from engage.domain.people import full_name
from engage.domain.reminders import Policy
from engage.domain.run_sheet import STANDING_WORDS, Group, Standing, group, to_call, totals
from engage.domain.timing import local
from engage.domain.visit_wishes import opened as wishes_of
from engage.runtime import Runtime
from engage.services import visit_told
from engage.services.audit import Actor, note, note_each
from engage.services.opening import opened
from engage.services.visit_plans import policy_of
from engage.services.visit_told import Told
from engage.storage import front_desk

# More visits than a day of any clinic has; what is beyond is said to be missing.
MOST = 2000
# From the earliest to the latest clocks of the earth (UTC+14 to UTC-12).
_AHEAD, _BEHIND = timedelta(hours=14), timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class DayVisit:
    """A visit in a day's list. ``starts`` and ``ends`` are aware, by the clocks at the visit. ``call``: somebody has to
    telephone, at ``numbers``; ``why`` it came to that. ``wishes``: when another time would suit whoever asks for one."""

    id: UUID
    person_id: UUID
    name: str
    starts: datetime
    ends: datetime
    location: str
    status: Status
    status_words: str
    version: int
    reply: Reply | None
    reply_words: str
    practitioner: str
    note: str
    wishes: str
    standing: Standing
    standing_words: str
    group: Group
    messages: list[Told]
    why: list[str]
    numbers: list[str]

    @property
    def open(self) -> bool:
        """Whether it stands and has not begun to be looked after."""
        return self.status in OPEN

    @property
    def off(self) -> bool:
        """Whether it does not take place."""
        return self.status in OFF

    @property
    def word(self) -> str:
        """What told the person last, or will; empty where nothing does."""
        true = [one for one in self.messages if one.true and one.tells]
        left = [one for one in true if one.status in ("claimed", "accepted", "delivered")]
        waits = [one for one in true if one.status == "planned"]
        return left[-1].words if left else waits[0].words if waits else ""

    @property
    def call(self) -> bool:
        """Whether somebody has to telephone."""
        return to_call(self.group)


@dataclass(frozen=True, slots=True)
class Day:
    """One day at one place or all. ``more``: there are so many that the last ones are missing."""

    day: date
    location: str
    visits: list[DayVisit]
    off: list[DayVisit]
    totals: str
    now: datetime
    more: bool

    @property
    def calls(self) -> int:
        """How many people somebody has to telephone."""
        return sum(one.call for one in self.visits)


def today(rt: Runtime, location: str = "") -> date:
    """The day by the clocks of a place, or of the clinic."""
    return local(rt.now(), _zone(rt, location)).date()


def day(rt: Runtime, actor: Actor, wanted: date, location: str = "") -> Day:
    """The visits of a day by the clocks at each, of one place or all ("").

    Each shown person leaves a row of the audit trail. Three statements, however many visits there are.
    """
    start = datetime.combine(wanted, time(), UTC)
    with rt.transaction() as tx:
        now = rt.now(tx)
        found = front_desk.day(
            tx, start - _AHEAD, start + timedelta(days=1) + _BEHIND, location or None, MOST + 1
        )
        rows = [row for row in found if local(row.starts_at, row.zone).date() == wanted]
        visits = _visits(rt, tx, rows, policy_of(rt, tx), now)
        note(tx, rt, actor, "view", "day list")
        note_each(tx, actor, "view", "person in a list", list(dict.fromkeys(row.person_id for row in rows)))
    on = [one for one in visits if not one.off]
    return Day(
        day=wanted,
        location=location,
        visits=on,
        off=[one for one in visits if one.off],
        totals=totals(one.group for one in on),
        now=local(now, _zone(rt, location)),
        more=len(found) > MOST,
    )


def _zone(rt: Runtime, location: str) -> str:
    place = rt.clinic.location(location) if location else None
    return place.zone if place is not None else rt.clinic.zone


def _visits(
    rt: Runtime, tx: Connection, rows: Sequence[Any], policy: Policy, now: datetime
) -> list[DayVisit]:
    told = visit_told.of_visits(tx, rows, policy)
    visits = [_visit(rt, row, told.get(row.id, []), now) for row in rows]
    ring = {one.person_id for one in visits if one.call}
    numbers = numbers_of(rt, tx, ring)
    for one in visits:
        if one.call:
            one.numbers.extend(numbers.get(one.person_id, []))
    return visits


def _visit(rt: Runtime, row: Any, messages: list[Told], now: datetime) -> DayVisit:
    status, reply = cast(Status, row.status), cast("Reply | None", row.reply)
    standing = visit_told.known(messages, reply)
    starts = local(row.starts_at, row.zone)
    told = opened(rt, "appointments", row.id, row.sealed)
    begun = status not in OPEN or row.starts_at <= now
    return DayVisit(
        id=row.id,
        person_id=row.person_id,
        name=full_name(opened(rt, "people", row.person_id, row.person_sealed)),
        starts=starts,
        ends=local(row.starts_at + timedelta(minutes=row.minutes), row.zone),
        location=row.location,
        status=status,
        status_words=STATUS_WORDS[status],
        version=row.version,
        reply=reply,
        reply_words=REPLY_WORDS[reply],
        practitioner=told.get("practitioner", ""),
        note=told.get("note", ""),
        wishes=wishes_of(told.get("wishes")).line if reply == "wants_move" else "",
        standing=standing,
        standing_words=STANDING_WORDS[standing],
        group=group(standing, reply, begun=begun),
        messages=[one for one in messages if one.counts],
        why=visit_told.no_ways(row.unplanned) if standing in ("untold", "wrong", "doubtful") else [],
        numbers=[],
    )


def numbers_of(rt: Runtime, tx: Connection, people: set[UUID]) -> Mapping[UUID, list[str]]:
    """Where these people can be telephoned, as people write it; the number to try first is the first."""
    found: dict[UUID, list[str]] = {}
    for row in front_desk.numbers(tx, list(people)):
        number = str(opened(rt, "contacts", row.id, row.sealed).get("address", ""))
        found.setdefault(row.person_id, []).append(spoken(number) if number.startswith("+") else number)
    return found
