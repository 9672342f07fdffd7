"""A person's new email address: a contact of its own that counts once its link was followed; the old one is told.

Whoever gets the letter and had not asked says so behind its other link. An address that somebody else has is nobody's to
take: a person looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from engage.domain import preferences
from engage.domain.forms import InvalidInput
from engage.domain.messages import ADDRESS_CONFIRM, NOT_ME
from engage.domain.people import clean_email, normal_email
from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import follow_ups
from engage.services.audit import PERSON, note
from engage.services.consultation_work import deadline
from engage.services.find import index_again
from engage.services.opening import UNREADABLE, opened
from engage.services.preference_acts import changing
from engage.services.preference_letters import ask_to_confirm, tell_old_address
from engage.storage import changed_addresses, messages, people, person_page, suppressions
from engage.storage import follow_ups as follow_up_rows
from engage.storage import preferences as rows
from engage.storage.database import lock_value

# Whoever holds a link could otherwise have letters sent to strangers.
MOST_A_DAY = 3
NOT_ME_LASTS = timedelta(days=30)
TAKEN = "address_taken"


@dataclass(frozen=True, slots=True)
class NewAddress:
    """What the page behind the link shows: "open", "confirmed", "replaced" by one that came later, or "taken": somebody
    else has the address, and the clinic looks at it."""

    state: Literal["open", "confirmed", "replaced", "taken"]
    address: str


# What the page for "this was not me" shows: "open", "refused", or "confirmed" by somebody with access to the inbox.
Refusal = Literal["open", "refused", "confirmed"]


def ask(rt: Runtime, token: str, typed: str) -> None:
    """Keeps a new address and asks it, with one letter a day at most. Nothing else changes.

    Raises BadLink, Forgotten, InvalidInput.
    """
    try:
        address = clean_email(typed)
    except ValueError:
        raise InvalidInput({"email": "Please give an email address such as name@example.org."}) from None
    index = rt.sealer.index("email", normal_email(address))
    with changing(rt, token) as change:
        tx, now = change.tx, change.now
        known = [row for row in people.contacts_of(tx, change.id) if bytes(row.address_index) == index]
        if any(row.state == "confirmed" for row in known):
            raise InvalidInput({"email": "We write to this address already."})
        waiting = any(row.state == "pending" for row in known)
        if (
            not waiting
            and changed_addresses.asked_since(tx, change.id, now - timedelta(days=1)) >= MOST_A_DAY
        ):
            raise InvalidInput(
                {
                    "email": f"That was changed often today. Please try again tomorrow, or call {rt.clinic.telephone}."
                }
            )
        id = known[0].id if known else new_id()
        sealed = rt.sealer.seal("contacts", id, {"address": address})
        contact = changed_addresses.add_pending(tx, id, change.id, index, sealed, now)
        assert contact is not None
        ask_to_confirm(rt, tx, change.id, contact, address, index, now)
        change.made = not waiting


def page(rt: Runtime, token: str) -> NewAddress:
    """What GET shows; it changes nothing. Raises BadLink."""
    with rt.transaction() as tx:
        contact = _of_token(rt, tx, token)
        told = opened(rt, "contacts", contact.id, contact.sealed)
        address = preferences.masked("email", told.get("address", UNREADABLE))
        if contact.state == "pending":
            looked_at = _taken(tx, contact) and follow_up_rows.asked(tx, _key(contact))
            return NewAddress("taken" if looked_at else "open", address)
        return NewAddress("confirmed" if contact.state == "confirmed" else "replaced", address)


def confirm(rt: Runtime, token: str) -> NewAddress:
    """Makes the address the person's only one, in one transaction under the claim's locks. Twice does no harm.

    An address that another living person has confirmed stays theirs: nothing changes, and staff are asked. Raises BadLink.
    """
    with rt.transaction() as tx:
        found = _of_token(rt, tx, token)
        # In the order of whoever signs up there: the address, then people.
        lock_value(tx, bytes(found.address_index))
        person = people.lock(tx, found.person_id)
        own = rows.lock_contacts(tx, found.person_id, ["email"])
        contact = next((row for row in own if row.id == found.id), None)
        if person is None or person.state != "active" or contact is None:
            raise BadLink("expired")
        now = rt.now(tx)
        if contact.state == "pending" and _taken(tx, found):
            follow_ups.add(tx, rt, TAKEN, "contact", found.id, person.id, deadline(rt, now), _key(found))
        elif contact.state == "pending":
            index = bytes(contact.address_index)
            for old in changed_addresses.replace(tx, person.id, contact.id, now):
                tell_old_address(rt, tx, person.id, old, contact.id, now)
            for state in person_page.consent_states(tx, person.id):
                if state.channel == "email" and state.granted:
                    by = "the address's owner"
                    suppressions.lift(tx, "email", index, state.purpose, ["unsubscribed"], by, now)
            index_again(rt, tx, person.id)
            note(tx, rt, PERSON, "change", "contact", contact.id, person.id)
    return page(rt, token)


def refusal(rt: Runtime, token: str) -> Refusal:
    """What GET of the page for "this was not me" shows. Raises BadLink."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        contact = _of_refusal(rt, tx, token, now)
        if contact.state == "confirmed":
            return "confirmed"
        index = bytes(contact.address_index)
        standing = suppressions.standing(tx, "email", [index], ADDRESS_CONFIRM.purpose, now)
        return "refused" if contact.state != "pending" and index in standing else "open"


def refuse(rt: Runtime, token: str) -> None:
    """ "This was not me": the request ends, and nobody can have such letters sent to the address for 30 days.

    One that was confirmed stays: the person's letters have their own way out. Twice does no harm. Raises BadLink.
    """
    with rt.transaction() as tx:
        now = rt.now(tx)
        found = _of_refusal(rt, tx, token, now)
        index = bytes(found.address_index)
        lock_value(tx, index)
        people.lock(tx, found.person_id)
        people.lock_contacts_at(tx, "email", index)
        contact = _of_refusal(rt, tx, token, now)
        if contact.state == "confirmed":
            return
        if changed_addresses.give_up(tx, contact.id):
            messages.end_planned(tx, contact.person_id, [contact.id], "cancelled", NOT_ME, now)
            note(tx, rt, PERSON, "change", "contact", contact.id, contact.person_id)
        until = now + NOT_ME_LASTS
        suppressions.add(tx, "email", index, ADDRESS_CONFIRM.purpose, NOT_ME, now, expires=until)


def _of_refusal(rt: Runtime, tx: Connection, token: str, now: datetime) -> Any:
    contact = people.contact(tx, rt.links.read("not-my-address", token, now))
    if contact is None:
        raise BadLink("expired")
    return contact


def _taken(tx: Connection, contact: Any) -> bool:
    """Whether another living person has confirmed the address."""
    others = people.contacts_at(tx, "email", bytes(contact.address_index))
    return any(row.state == "confirmed" and row.person_id != contact.person_id for row in others)


def _key(contact: Any) -> str:
    """Staff are asked once for each time that the address was asked for."""
    return f"{TAKEN}/{contact.id}/{contact.created_at:%Y%m%dT%H%M%S}"


def _of_token(rt: Runtime, tx: Connection, token: str) -> Any:
    contact = people.contact(tx, rt.links.read("confirm-address", token, rt.now(tx)))
    person = people.one(tx, contact.person_id) if contact is not None else None
    if contact is None or person is None or person.state != "active":
        raise BadLink("expired")
    return contact
