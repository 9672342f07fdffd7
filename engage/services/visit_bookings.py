"""A booking from a form, which may be sent twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from engage.runtime import Runtime
from engage.services.appointments import Booking, book_many, named, when_of
from engage.services.audit import Actor
from engage.storage import appointments

# The same form again within this time is the same press.
PRESSED_TWICE = timedelta(minutes=2)


def book_once(rt: Runtime, actor: Actor, booking: Booking) -> UUID:
    """Books the visit; where the same member of staff has just booked the very same, that one is returned.

    Raises InvalidInput as ``appointments.book``.
    """
    with rt.transaction() as tx:
        now = rt.now(tx)
        appointments.lock_people(tx, [booking.person_id])
        for row in appointments.open_of(tx, [booking.person_id], now):
            if when_of(row) == booking.when and row.created_at > now - PRESSED_TWICE:
                first = appointments.history(tx, row.id)[0]
                if first.actor == named(actor):
                    return UUID(str(row.id))
        return book_many(rt, tx, actor, [booking], now)[0]
