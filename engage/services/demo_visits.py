"""Booked patients for the demo: some readers of the course agree to messages of care and come, week by week."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from uuid import UUID

from engage.domain.appointments import When
from engage.domain.forms import InvalidInput
from engage.domain.timing import instant, local
from engage.domain.treatment_plans import fits
from engage.runtime import Runtime
from engage.services import (
    appointments,
    check_in_plans,
    check_ins,
    demo_check_ins,
    visit_merges,
    visit_plans,
)
from engage.services.appointments import Booking
from engage.services.audit import SYSTEM
from engage.services.working_hours import hours_of
from engage.storage import appointments as rows
from engage.storage import consents
from engage.storage import people as stored_people

VISITS = 6
MINUTES = 60
# So many of those who book agree to be asked how they are.
ASKED = 0.7
HOURS = (9, 10, 11, 13, 14, 15)
BEGUN = timedelta(hours=2)
SOURCE = "agreed at the front desk"


def book(rt: Runtime, person: UUID, dice: random.Random) -> None:
    """A first visit in some days, and one a week after it, on open days. Booking ends the course. Most agree to be asked
    how they are."""
    with rt.transaction() as tx:
        stored_people.lock(tx, person)
        for channel in ("email", "sms"):
            consents.enter(
                tx, person, channel, "care", "granted", actor="staff", source=SOURCE, now=rt.now(tx)
            )
        if dice.random() < ASKED:
            check_ins.set_wish(rt, tx, person, "email", SOURCE, SYSTEM, rt.now(tx))
    place = dice.choice(rt.clinic.locations)
    first = local(rt.now(), place.zone).date() + timedelta(days=dice.randint(3, 8))
    hour = time(dice.choice(HOURS), dice.choice((0, 30)))
    for week in range(VISITS):
        day = _open_day(rt, first + timedelta(days=7 * week), hour)
        if day is None:
            continue
        when = When(instant(day, hour, place.zone), place.zone, MINUTES, place.name)
        try:
            appointments.book(rt, SYSTEM, Booking(person, when))
        except InvalidInput:
            continue


def _open_day(rt: Runtime, first: date, hour: time) -> date | None:
    """The first day of a week on which the clinic is open for a visit at that hour, None where it is closed all week."""
    hours = hours_of(rt)
    days = (first + timedelta(days=n) for n in range(7))
    return next(
        (day for day in days if day not in hours.holidays and fits(hours, day.weekday(), hour, MINUTES)), None
    )


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
    check_in_plans.sweep(rt)
    demo_check_ins.answer(rt, now, dice)


def _answer(rt: Runtime, visit: UUID, now: datetime, dice: random.Random) -> None:
    fate = dice.random()
    with rt.transaction() as tx:
        row = rows.lock(tx, visit)
        if row is None or fate > 0.3:
            return
        appointments.answer(rt, tx, row, "wants_move" if fate < 0.02 else "confirmed", now)
