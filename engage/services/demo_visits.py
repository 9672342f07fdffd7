"""Booked patients for the demo: some readers of the course agree to messages of care and come, week by week."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from uuid import UUID

from engage.domain.appointments import When
from engage.domain.forms import InvalidInput
from engage.domain.timing import first_open_day, instant, local
from engage.runtime import Runtime
from engage.services import appointments, visit_merges, visit_plans
from engage.services.appointments import Booking
from engage.services.audit import SYSTEM
from engage.storage import appointments as rows
from engage.storage import consents
from engage.storage import people as stored_people

VISITS = 6
WEEKDAYS = frozenset({0, 1, 2, 3, 4})
HOURS = (9, 10, 11, 13, 14, 15)
BEGUN = timedelta(hours=2)
SOURCE = "agreed at the front desk"


def book(rt: Runtime, person: UUID, dice: random.Random) -> None:
    """A first visit in some days, and one a week after it. Booking ends the course."""
    with rt.transaction() as tx:
        stored_people.lock(tx, person)
        for channel in ("email", "sms"):
            consents.enter(
                tx, person, channel, "care", "granted", actor="staff", source=SOURCE, now=rt.now(tx)
            )
    place = dice.choice(rt.clinic.locations)
    first = local(rt.now(), place.zone).date() + timedelta(days=dice.randint(3, 8))
    hour = time(dice.choice(HOURS), dice.choice((0, 30)))
    for week in range(VISITS):
        day = first_open_day(first + timedelta(days=7 * week), WEEKDAYS)
        when = When(instant(day, hour, place.zone), place.zone, 60, place.name)
        try:
            appointments.book(rt, SYSTEM, Booking(person, when))
        except InvalidInput:
            continue


def go_on(rt: Runtime, dice: random.Random) -> None:
    """What happened until the runtime's moment: most came, some moved, few were missed; many confirm."""
    visit_plans.sweep(rt)
    visit_merges.revive(rt)
    with rt.transaction() as tx:
        now = rt.now(tx)
        begun = rows.between(tx, now - timedelta(days=30), now - BEGUN, 1000)
        coming = rows.between(tx, now, now + timedelta(days=2), 1000)
    for row in begun:
        if row.status == "booked":
            appointments.mark(rt, SYSTEM, row.id, "noshow" if dice.random() < 0.06 else "fulfilled")
    for row in coming:
        if row.status == "booked" and row.reply is None:
            _answer(rt, row.id, now, dice)


def _answer(rt: Runtime, visit: UUID, now: datetime, dice: random.Random) -> None:
    fate = dice.random()
    with rt.transaction() as tx:
        row = rows.lock(tx, visit)
        if row is None or fate > 0.3:
            return
        appointments.answer(rt, tx, row, "wants_move" if fate < 0.02 else "confirmed", now)
