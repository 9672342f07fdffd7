"""Random lives of visits, many at once in one clinic: booked, moved, cancelled, undone, stopped, over nights of changed
clocks. A history is told by its seed; the judge reads what people received and what the visits were at each moment."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OPEN, When
from engage.domain.forms import InvalidInput
from engage.domain.hours import is_decent, windows_for
from engage.domain.reminders import AFTER
from engage.domain.whereabouts import whereabouts
from engage.runtime import Runtime
from engage.services import appointments, opt_outs, reminder_switches, visit_times
from engage.services.appointments import Booking
from engage.storage import messages
from engage.storage.database import run
from tests.visits import DESK, LARKSPUR, LOOKS, PRAIRIE, look, patient
from tests.world import World

LATE = timedelta(hours=1)
LASTS = timedelta(days=13)
# In the middle of each span the clocks change in the United States.
STARTS = (
    datetime(2026, 10, 26, 14, tzinfo=UTC),
    datetime(2027, 3, 8, 14, tzinfo=UTC),
    datetime(2026, 12, 7, 14, tzinfo=UTC),
)
ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Pacific/Honolulu")
NUMBERS = {
    "America/New_York": 518,
    "America/Chicago": 608,
    "America/Los_Angeles": 213,
    "Pacific/Honolulu": 808,
}
UNDO = timedelta(seconds=30)
LEFT = ("claimed", "accepted", "delivered", "unknown")


@dataclass
class Life:
    """One person and their visit. ``stops`` are spans without texts."""

    person: UUID
    zone: str
    number: str | None
    email: str | None
    visit: UUID | None = None
    did: list[tuple[datetime, str]] = field(default_factory=list)
    stops: list[tuple[datetime, datetime | None]] = field(default_factory=list)


@dataclass
class Histories:
    """Some lives of one seed."""

    base: Runtime
    seed: int
    count: int
    world: World = field(init=False)
    lives: list[Life] = field(default_factory=list)
    switched: list[tuple[datetime, str, bool]] = field(default_factory=list)

    def run(self) -> list[str]:
        """Lives them all. Returns what was wrong, each with what was done."""
        chance = random.Random(self.seed)
        start = STARTS[self.seed % len(STARTS)]
        self.world = World(self.base, start)
        for n in range(self.count):
            self.lives.append(self._born(chance, n))
        events = sorted(self._events(chance, start), key=lambda one: one[0])
        end = start + LASTS
        while self.world.now < end:
            until = min(end, self.world.now + LOOKS, *(moment for moment, *_ in events[:1]))
            with self.base.transaction() as tx:
                self.world.now = messages.next_due(tx, self.world.now, until) or until
            while events and events[0][0] <= self.world.now:
                _, life, act = events.pop(0)
                self._do(chance, life, act)
            look(self.world)
        return self._judge()

    def _born(self, chance: random.Random, n: int) -> Life:
        zone = chance.choice(ZONES)
        before = self.lives[-1] if self.lives else None
        # Some share the telephone of the one before them, as a parent and a child do.
        number = before.number if before and chance.random() < 0.2 else f"+1{NUMBERS[zone]}5550{n:03}"
        email = f"p{n}@example.org"
        if chance.random() < 0.1:
            number = None
        if chance.random() < 0.1:
            email = ""
        agreed = tuple(channel for channel in ("email", "sms") if chance.random() < 0.9)
        person = patient(self.world, f"P{n}", email or None, number, zone, agreed)
        return Life(person, zone, number, email or None)

    def _events(self, chance: random.Random, start: datetime) -> list[tuple[datetime, Life | None, str]]:
        found: list[tuple[datetime, Life | None, str]] = []

        def moment(last: float = 10.0) -> datetime:
            return start + timedelta(minutes=chance.randrange(int(last * 24 * 60)))

        for life in self.lives:
            booked = moment(6)
            found.append((booked, life, "book"))
            for _ in range(chance.randrange(4)):
                act = chance.choice(
                    ["move", "move", "cancel", "move and back", "cancel and undo", "stop", "start", "zone"]
                )
                found.append((max(booked + timedelta(minutes=1), moment()), life, act))
        for _ in range(3):
            found.append((moment(), None, "policy"))
        return found

    def _do(self, chance: random.Random, life: Life | None, act: str) -> None:
        rt, now = self.world.rt, self.world.now
        if life is None:
            rule = chance.choice(["text-2-hours", "text-1-day", "email-3-days"])
            enabled = chance.random() < 0.6
            reminder_switches.switch(rt, DESK, rule, enabled)
            self.switched.append((now, rule, enabled))
            return
        life.did.append((now, act))
        try:
            match act:
                case "book":
                    life.visit = appointments.book(rt, DESK, Booking(life.person, self._when(chance)))
                case "move" | "move and back" if life.visit:
                    was = appointments.one(rt, life.visit)
                    assert was is not None
                    appointments.move(rt, DESK, life.visit, self._when(chance))
                    if act == "move and back":
                        self.world.now = now + UNDO
                        appointments.move(self.world.rt, DESK, life.visit, was.when)
                case "cancel" | "cancel and undo" if life.visit:
                    cancelled = appointments.cancel(rt, DESK, life.visit)
                    if act == "cancel and undo" and cancelled:
                        self.world.now = now + UNDO
                        appointments.reinstate(self.world.rt, DESK, life.visit)
                case "stop" | "start" if life.number:
                    self._opt_out(life.number, act, now)
                case "zone":
                    with rt.transaction() as tx:
                        life.zone = chance.choice(ZONES)
                        run(
                            tx,
                            "UPDATE people SET zone = %(zone)s WHERE id = %(id)s",
                            {"zone": life.zone, "id": life.person},
                        )
        except InvalidInput as error:
            life.did[-1] = (now, f"{act}: refused, {error.errors}")

    def _when(self, chance: random.Random) -> When:
        """A time of the coming days, more often soon than late."""
        location = chance.choice([LARKSPUR, PRAIRIE])
        zone = visit_times.place(self.base, location).zone
        ahead = timedelta(minutes=15 * chance.choice([chance.randrange(1, 60), chance.randrange(1, 700)]))
        minute = timedelta(minutes=15)
        moment = self.world.now + ahead
        return When(moment - (moment - datetime.min.replace(tzinfo=UTC)) % minute, zone, 45, location)

    def _opt_out(self, number: str, act: str, now: datetime) -> None:
        with self.world.rt.transaction() as tx:
            holders = opt_outs.lock(tx, self.base.sealer.index("sms", number), now)
            how = "by text message"
            if act == "stop":
                opt_outs.stop(tx, holders, how, "person", now)
            else:
                opt_outs.start(self.world.rt, tx, holders, how, "person", now)
        for life in self.lives:
            if life.number == number:
                stopped = bool(life.stops) and life.stops[-1][1] is None
                if act == "stop" and not stopped:
                    life.stops.append((now, None))
                elif act == "start" and stopped:
                    life.stops[-1] = (life.stops[-1][0], now)

    def _judge(self) -> list[str]:
        with self.base.transaction() as tx:
            judge = Judge(tx, self)
            wrong = [
                f"seed {self.seed}: {what}\n  {life.did}" for life in self.lives for what in judge.life(life)
            ]
            judge.work_is_over()
        return wrong


class Judge:
    """Compares what was received with what the visits were."""

    def __init__(self, tx: Connection, histories: Histories) -> None:
        self.histories = histories
        self.end = histories.world.now
        self.versions = defaultdict(list)
        for row in run(tx, "SELECT * FROM appointment_versions ORDER BY appointment_id, version"):
            self.versions[row.appointment_id].append(row)
        self.visits = {row.id: row for row in run(tx, "SELECT * FROM appointments")}
        self.messages = defaultdict(list)
        sql = """SELECT m.*, split_part(m.dedup_key, '/', 3)::integer AS version FROM messages m
        WHERE cause = 'appointment' ORDER BY coalesce(sent_at, due_at)"""
        for row in run(tx, sql):
            self.messages[row.cause_id].append(row)
        self.follow_ups = defaultdict(set)
        for row in run(tx, "SELECT kind, cause_id FROM follow_ups"):
            self.follow_ups[row.cause_id].add(row.kind)
        self.received = {
            row[0]: row[1] for row in run(tx, "SELECT message_id, count(*) FROM mailbox GROUP BY 1")
        }
        rules = histories.base.clinic.reminders.policy.rules
        self.rules = [rule for rule in rules if rule.about not in AFTER]

    def work_is_over(self) -> None:
        """Nothing that is due may still wait."""
        late = [
            m.id
            for rows in self.messages.values()
            for m in rows
            if m.status == "planned" and m.due_at < self.end - LATE
        ]
        assert not late, f"still planned after their time: {late}"

    def life(self, life: Life) -> list[str]:
        """What was wrong in it."""
        if life.visit is None:
            return []
        visit, versions, messages = (
            self.visits[life.visit],
            self.versions[life.visit],
            self.messages[life.visit],
        )
        wrong = [one for message in messages for one in self._message(life, message, versions)]
        wrong += self._once(messages)
        wrong += self._each_rule(visit, messages)
        wrong += self._corrected(visit, versions, messages)
        return wrong

    def _message(self, life: Life, m: Any, versions: Sequence[Any]) -> list[str]:
        """What left was true when it left, decent, and agreed to."""
        wrong = []
        copies = self.received.get(m.id, 0)
        if copies > 1:
            wrong.append(f"{m.kind} arrived {copies} times")
        if m.status not in LEFT:
            return [*wrong, *(["left though it ended otherwise"] if copies else [])]
        at = m.sent_at
        current = max((v for v in versions if v.at <= at), key=lambda v: v.version)
        if current.version != m.version:
            wrong.append(f"{m.kind} about version {m.version} left at {at} when it was {current.version}")
        on = current.status in OPEN
        if on == m.kind.startswith("visit-cancelled"):
            wrong.append(f"{m.kind} left when the visit was {current.status}")
        if at >= current.starts_at:
            wrong.append(f"{m.kind} left at {at}, after the start")
        if m.channel == "sms" and any(a < at and (b is None or at < b) for a, b in life.stops):
            wrong.append(f"{m.kind} left at {at}, after STOP")
        if not any(act == "zone" for _, act in life.did) and m.merged_into is None:
            where = whereabouts(life.zone, life.number if m.channel == "sms" else None)
            policy = self.histories.base.clinic.decent_hours.policy
            if not is_decent(windows_for(policy, "care", m.channel, where), at):
                wrong.append(f"{m.kind} left at {at}, which is no decent hour in {life.zone}")
        return wrong

    def _once(self, messages: Sequence[Any]) -> list[str]:
        """No rule told twice of one version on one channel; a reminder on one channel only."""
        told: dict[tuple[int, str], list[str]] = defaultdict(list)
        for m in messages:
            if m.status in LEFT:
                told[m.version, m.step].append(m.channel)
        return [
            f"{step} of version {version} was told on {channels}"
            for (version, step), channels in told.items()
            if len(channels) != len(set(channels))
            or (step not in ("moved", "cancelled") and len(channels) > 1)
        ]

    def _each_rule(self, visit: Any, messages: Sequence[Any]) -> list[str]:
        """The version that stands has for each rule one message, or a reason."""
        if visit.status not in OPEN:
            return []
        found = {m.step for m in messages if m.version == visit.version and (m.status in LEFT or m.reason)}
        waiting = {m.step for m in messages if m.version == visit.version and m.status == "planned"}
        stated = {key.partition("/")[0] for key in visit.unplanned}
        return [
            f"{rule.slug} has neither a message nor a reason"
            for rule in self.rules
            if rule.slug not in found | waiting | stated
        ]

    def _corrected(self, visit: Any, versions: Sequence[Any], messages: Sequence[Any]) -> list[str]:
        """Wherever something has left that is not so any more, the truth followed, or a person was asked to call."""
        told = [m for m in messages if m.status in LEFT]
        by_version = {v.version: v for v in versions}
        last = {m.channel: m for m in sorted(told, key=lambda m: (m.sent_at, m.version))}
        now_on = visit.status in OPEN
        wrong = []
        for channel, m in last.items():
            was = by_version[m.version]
            said_on = not m.kind.startswith("visit-cancelled")
            same = (was.starts_at, was.zone, was.location, was.minutes) == (
                visit.starts_at,
                visit.zone,
                visit.location,
                visit.minutes,
            )
            if (said_on == now_on) and (same or not now_on):
                continue
            if visit.since >= visit.starts_at - timedelta(minutes=2) or visit.status == "entered-in-error":
                continue
            follow_ups = self.follow_ups[visit.id] | {k for x in messages for k in self.follow_ups[x.id]}
            other = [x for x in told if x.version == visit.version and x.step in ("moved", "cancelled")]
            if not other and not follow_ups & {"call_about_change", "care_not_delivered"}:
                waiting = [x for x in messages if x.version == visit.version and x.status == "planned"]
                if not waiting:
                    wrong.append(f"{channel} told version {m.version} last, and nothing told {visit.version}")
        return wrong
