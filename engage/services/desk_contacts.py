"""An address or number that a person told the front desk: reminders of visits go there from now on, and nothing else.

Nobody has proven that it is theirs, so courses and offers, which need that, do not follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.forms import InvalidInput
from engage.domain.message_words import REASONS
from engage.domain.messages import Channel
from engage.domain.mobile import BadNumber, mobile
from engage.domain.people import clean_email, normal_email
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.services.find import index_again
from engage.services.visit_plans import replan
from engage.services.ways import way_of
from engage.services.wishes import SOURCES
from engage.storage import consents, desk_contacts, people, visit_plans
from engage.storage import preferences as contact_rows
from engage.storage.database import lock_value

_WAYS: dict[Channel, str] = {"email": "email", "sms": "text message"}


@dataclass(frozen=True, slots=True)
class Corrected:
    """``changed``: another address counts now. ``closed``: why reminders can't go there all the same, "" where they
    can."""

    changed: bool
    closed: str


def correct(
    rt: Runtime, actor: Actor, person: UUID, channel: Channel, typed: str, source: str, *, agreed: bool
) -> Corrected | None:
    """Makes ``typed`` the person's only address on a channel; what is planned about visits follows. None when there is
    no such (living) person.

    ``source`` is a key of wishes.SOURCES (KeyError else), ``agreed``: the person said yes to messages about visits
    there. An opt-out of that address stands. Raises InvalidInput (``address``).
    """
    said, address = SOURCES[source], _clean(rt, channel, typed)
    index = rt.sealer.index(channel, normal_email(address) if channel == "email" else address)
    with rt.transaction() as tx:
        if channel == "sms":
            # In the order of whoever reads a STOP from this number: the number, then people.
            lock_value(tx, index)
        found = people.lock(tx, person)
        if found is None or found.state != "active":
            return None
        now, own = rt.now(tx), contact_rows.lock_contacts(tx, person, [channel])
        known = next((row for row in own if bytes(row.address_index) == index), None)
        if known is not None and known.state == "quarantined":
            raise InvalidInput(
                {
                    "address": "Its holder says that it is not this person’s. It counts again once they say by email that it is."
                }
            )
        id = new_id()
        sealed = rt.sealer.seal("contacts", id, {"address": address})
        contact = desk_contacts.put(tx, id, person, channel, index, sealed, now)
        desk_contacts.replace_others(tx, person, channel, contact, now)
        if agreed:
            agree(rt, tx, person, channel, said, now)
        index_again(rt, tx, person)
        note(tx, rt, actor, "change", "contact", contact, person)
        replan(rt, tx, [person], now)
        changed = known is None or known.state != "confirmed"
        return Corrected(changed, _closed(rt, tx, person, channel, now))


def _clean(rt: Runtime, channel: Channel, typed: str) -> str:
    try:
        return (
            clean_email(typed) if channel == "email" else mobile(typed, rt.clinic.sms.countries, otherwise="")
        )
    except BadNumber as error:
        raise InvalidInput({"address": str(error)}) from None
    except ValueError:
        raise InvalidInput(
            {"address": "That is no email address. Please give one such as name@example.org."}
        ) from None


def agree(rt: Runtime, tx: Connection, person: UUID, channel: Channel, said: str, now: datetime) -> None:
    """Enters a spoken yes to messages about visits, where there was none. ``said``: how, a value of wishes.SOURCES. The
    caller holds the person's lock."""
    if consents.granted(tx, person, channel, "care"):
        return
    wording = f"Yes to messages about visits by {_WAYS[channel]}, {said} ({rt.clinic.name})."
    digest = sha256(wording.encode()).digest()
    consents.keep_wording(tx, digest, wording, now)
    consents.enter(
        tx,
        person,
        channel,
        "care",
        "granted",
        actor="staff",
        source=f"front desk, {said}",
        now=now,
        wording=digest,
    )


def _closed(rt: Runtime, tx: Connection, person: UUID, channel: Channel, now: datetime) -> str:
    row = next(one for one in visit_plans.ways(tx, [person], now) if one.channel == channel)
    refused = way_of(rt, row).refused
    return REASONS.get(refused, refused) if refused is not None else ""
