"""A person's new email address: a contact of its own that counts once its link was followed; the old one is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from engage.domain import preferences
from engage.domain.forms import InvalidInput
from engage.domain.people import clean_email, normal_email
from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services.audit import PERSON, note
from engage.services.find import index_again
from engage.services.opening import UNREADABLE, opened
from engage.services.preference_acts import changing
from engage.services.preference_letters import ask_to_confirm, tell_old_address
from engage.storage import changed_addresses, people, person_page, suppressions
from engage.storage import preferences as rows

# Whoever holds a link could otherwise have letters sent to strangers.
MOST_A_DAY = 3


@dataclass(frozen=True, slots=True)
class NewAddress:
    """What the page behind the link shows: "open", "confirmed", or "replaced" by one that came later."""

    state: Literal["open", "confirmed", "replaced"]
    address: str


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
        tx, now, id = change.tx, change.now, new_id()
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
            return NewAddress("open", address)
        return NewAddress("confirmed" if contact.state == "confirmed" else "replaced", address)


def confirm(rt: Runtime, token: str) -> NewAddress:
    """Makes the address the person's only one, in one transaction under the claim's locks. Twice does no harm.

    Raises BadLink.
    """
    with rt.transaction() as tx:
        found = _of_token(rt, tx, token)
        person = people.lock(tx, found.person_id)
        own = rows.lock_contacts(tx, found.person_id, ["email"])
        contact = next((row for row in own if row.id == found.id), None)
        if person is None or person.state != "active" or contact is None:
            raise BadLink("expired")
        if contact.state == "pending":
            now = rt.now(tx)
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


def _of_token(rt: Runtime, tx: Connection, token: str) -> Any:
    contact = people.contact(tx, rt.links.read("confirm-address", token, rt.now(tx)))
    person = people.one(tx, contact.person_id) if contact is not None else None
    if contact is None or person is None or person.state != "active":
        raise BadLink("expired")
    return contact
