"""What the rules of hours and caps weigh, from what was fetched of a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.caps import LOOK_BACK, Person, Sent, Wishes
from engage.domain.hours import Decent, Policy, windows_for
from engage.domain.messages import BULK, KINDS, About, Channel, Kind, Purpose
from engage.domain.timing import usable
from engage.domain.weeks import Week, week
from engage.domain.whereabouts import Where, whereabouts
from engage.runtime import Runtime
from engage.storage import claim_facts
from engage.storage.claim_facts import FactsRow

_NO_WISHES = Wishes()
# Visits that follow one another closely make one long quiet time: so far ahead they are looked for.
VISITS_AHEAD = timedelta(days=14)


@dataclass(slots=True)
class History:
    """What people were sent lately, and when they visit (aware UTC), by person."""

    sent: dict[UUID, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    visits: Mapping[UUID, Sequence[datetime]] = field(default_factory=dict)


def about(anytime: bool, kind: Kind | None) -> About:
    """What somebody waits for now is an answer; the rest is a plan."""
    if anytime or (kind is not None and kind.anytime):
        return "reply"
    return kind.about if kind is not None else "plan"


def history(
    rt: Runtime, tx: Connection, rows: Sequence[FactsRow], purpose: Purpose, now: datetime
) -> History:
    """What matters to the caps about the people of these messages; nothing is looked up where none could matter."""
    found = History()
    if purpose == "service":
        return found
    people = list({row.person_id for row in rows if row.person_id is not None})
    for one in claim_facts.recent(tx, people, now - LOOK_BACK, now):
        why = about(one.anytime, KINDS.get(one.kind))
        sent = Sent(one.at, cast(Purpose, one.purpose), cast(Channel, one.channel), why)
        found.sent[one.person_id].append(sent)
    if purpose in BULK:
        near = timedelta(hours=rt.clinic.caps.visit_hours)
        found.visits = claim_facts.visits(tx, people, now - near, now + near + VISITS_AHEAD)
    return found


def note(history: History, row: FactsRow, kind: Kind, now: datetime) -> None:
    """A message of this very claim is going to leave: the next one to the same person counts it."""
    if row.person_id is not None:
        history.sent[row.person_id].append(Sent(now, kind.purpose, kind.channel, about(row.anytime, kind)))


def decent_for(rt: Runtime, row: FactsRow, kind: Kind) -> Decent | None:
    """The hours that are decent for this message, None where all are. Raises SealError, BadHours."""
    if kind.channel == "email" and not row.wish_hours:
        zone = usable(row.zone, rt.clinic.zone)
        return _by_zone(rt.clinic.decent_hours.policy, kind.purpose, kind.channel, zone)
    decent = windows_for(rt.clinic.decent_hours.policy, kind.purpose, kind.channel, where(rt, row, kind))
    return None if decent.always else decent


# Most messages are emails to people without hours of their own, in a few zones.
@lru_cache(maxsize=4096)
def _by_zone(policy: Policy, purpose: Purpose, channel: Channel, zone: str) -> Decent | None:
    decent = windows_for(policy, purpose, channel, whereabouts(zone))
    return None if decent.always else decent


def where(rt: Runtime, row: FactsRow, kind: Kind) -> Where:
    """Where the person may be: by the zone that they stated, and for a text by the number's area code too."""
    number = None
    if kind.channel == "sms" and row.contact_sealed is not None and row.contact_id is not None:
        number = rt.sealer.open("contacts", row.contact_id, row.contact_sealed)["address"]
    wish = _week(tuple(row.wish_hours)) if row.wish_hours else None
    return whereabouts(usable(row.zone, rt.clinic.zone), number, wish=wish)


@lru_cache(maxsize=4096)
def _week(lines: tuple[str, ...]) -> Week:
    return week(lines)


def person_of(row: FactsRow, zones: frozenset[str], history: History | None) -> Person | None:
    """The person as the caps need it; None when nothing lately, no visit and no wish could matter."""
    sent: Sequence[Sent] = ()
    visits: Sequence[datetime] = ()
    if history is not None and row.person_id is not None:
        sent, visits = history.sent.get(row.person_id, ()), history.visits.get(row.person_id, ())
    if not sent and not visits and row.wish_pause is None and not row.wish_fewer:
        return None
    wishes = Wishes(row.wish_pause, bool(row.wish_fewer)) if row.wish_pause or row.wish_fewer else _NO_WISHES
    return Person(zones, sent, visits, wishes)
