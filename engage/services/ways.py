"""On which ways people can be reached with messages of care, and when it is decent there; many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.domain.hours import windows_for
from engage.domain.messages import Channel
from engage.domain.reminders import Way
from engage.domain.timing import usable
from engage.domain.weeks import week
from engage.domain.whereabouts import whereabouts
from engage.runtime import Runtime
from engage.storage import visit_plans
from engage.storage.visit_plans import WayRow

logger = log.get(__name__)


class Ways(NamedTuple):
    """By person and channel: the way, and the contact that it leads to."""

    open: dict[UUID, dict[Channel, Way]]
    contacts: dict[tuple[UUID, str], UUID | None]


def ways(rt: Runtime, tx: Connection, people: Sequence[UUID], now: datetime) -> Ways:
    """Both channels of each of these people."""
    found = Ways(defaultdict(dict), {})
    for row in visit_plans.ways(tx, people, now):
        channel = cast(Channel, row.channel)
        try:
            found.open[row.person_id][channel] = way_of(rt, row)
        except Exception as error:
            # Whatever is wrong with one row, the others' visits must be planned.
            logger.error("unreadable", contact_id=str(row.contact_id), error=type(error).__name__)
            found.open[row.person_id][channel] = Way("unreadable")
        found.contacts[row.person_id, channel] = row.contact_id
    return found


def way_of(rt: Runtime, row: WayRow) -> Way:
    """One channel to a person. Raises SealError."""
    if row.state != "active":
        return Way("erased")
    if row.contact_id is None:
        return Way("no_address" if row.channel == "email" else "no_number")
    if not row.agreed:
        return Way("no_consent")
    if row.suppressed:
        return Way(f"suppressed_{row.suppressed}")
    number = None
    if row.channel == "sms" and row.contact_sealed is not None:
        number = rt.sealer.open("contacts", row.contact_id, row.contact_sealed)["address"]
    wish = week(row.contact_hours) if row.contact_hours else None
    where = whereabouts(usable(row.zone, rt.clinic.zone), number, wish=wish)
    decent = windows_for(rt.clinic.decent_hours.policy, "care", cast(Channel, row.channel), where)
    return Way(None, None if decent.always else decent)
