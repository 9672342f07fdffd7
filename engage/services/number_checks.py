"""Numbers whose holder says that they are not the person's: nothing goes there until the person says so by email."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import NOT_ME, NUMBER_CHECK
from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services.opening import opened
from engage.services.opt_outs import Holders
from engage.services.texts import preferences_url
from engage.storage import messages, number_checks, people, suppressions
from engage.storage.messages import Plan

LINK_DAYS = 30
# Not beside the email that may just have taken the text's place.
AFTER_FAILURE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NumberPage:
    """What the page shows: whether the number waits, is confirmed or was given up, and its last two digits."""

    state: Literal["open", "confirmed", "given_up"]
    ending: str


def quarantine(rt: Runtime, tx: Connection, holders: Holders, cause: UUID, now: datetime) -> int:
    """Nothing goes to the number any more; each of its people is asked by email. Returns how many contacts.

    ``cause`` is the text that said so; the caller holds the number's locks (``opt_outs.lock``).
    """
    doubtful = [row for row in holders.contacts if row.state == "confirmed"]
    number_checks.move(tx, [row.id for row in doubtful], ["confirmed"], "quarantined")
    plans = [_letter(rt, tx, row.person_id, row.id, cause, now) for row in doubtful]
    messages.plan(tx, [plan for plan in plans if plan is not None], now)
    return len(doubtful)


def mark_bad(rt: Runtime, tx: Connection, contact: UUID, message: UUID, now: datetime) -> None:
    """An address that ``message`` could not reach for good gets nothing more; a number's person is asked by email."""
    for row in people.mark_bad(tx, [contact]):
        if row.channel == "sms":
            plan = _letter(rt, tx, row.person_id, row.id, message, now + AFTER_FAILURE)
            messages.plan(tx, [plan] if plan is not None else [], now)


def _letter(
    rt: Runtime, tx: Connection, person: UUID, number: UUID, cause: UUID, due_at: datetime
) -> Plan | None:
    """The question by email; None where the person has no address that takes it: staff are asked anyhow."""
    contacts = (row for row in people.contacts_of(tx, person) if row.channel == "email")
    contact = next((row for row in contacts if row.state == "confirmed" and row.sealed is not None), None)
    if contact is None:
        return None
    index = bytes(contact.address_index)
    if suppressions.standing(tx, "email", [index], NUMBER_CHECK.purpose, due_at, but=[NOT_ME]):
        return None
    id, until = new_id(), due_at + timedelta(days=LINK_DAYS)
    address = opened(rt, "contacts", contact.id, contact.sealed)["address"]
    values = {
        "number_url": rt.links.url("number", id, until),
        "preferences_url": preferences_url(rt, person, due_at),
    }
    told = {"to": address, "values": values}
    return Plan(
        id=id,
        kind=NUMBER_CHECK,
        cause="inbound",
        cause_id=cause,
        step=str(number),
        person_id=person,
        contact_id=contact.id,
        dedup_key=f"{NUMBER_CHECK.name}/{number}/{cause}",
        due_at=due_at,
        not_after=due_at + timedelta(days=2),
        sealed=rt.sealer.seal("messages", id, told),
    )


def page(rt: Runtime, token: str) -> NumberPage:
    """What GET shows; it changes nothing. Raises BadLink, also when the number was doubted again, or the person
    confirmed one, since."""
    with rt.transaction() as tx:
        contact = _contact(rt, tx, token)
        address = str(opened(rt, "contacts", contact.id, contact.sealed).get("address", ""))
        states: dict[str, Literal["open", "confirmed", "given_up"]] = {
            "confirmed": "confirmed",
            "replaced": "given_up",
        }
        return NumberPage(states.get(contact.state, "open"), address[-2:])


def answer(rt: Runtime, token: str, mine: bool) -> None:
    """The person says whether the number is theirs. The first answer counts. Raises BadLink."""
    with rt.transaction() as tx:
        contact = _contact(rt, tx, token)
        people.lock(tx, contact.person_id)
        people.lock_contacts_at(tx, "sms", bytes(contact.address_index))
        contact = _contact(rt, tx, token)
        state = "confirmed" if mine else "replaced"
        if number_checks.move(tx, [contact.id], ["quarantined", "bad"], state):
            number_checks.settle(tx, bytes(contact.address_index), rt.now(tx))


def _contact(rt: Runtime, tx: Connection, token: str) -> Any:
    message = messages.one(tx, rt.links.read("number", token, rt.now(tx)))
    if message is None or message.kind != NUMBER_CHECK.name:
        raise BadLink("expired")
    contact = people.contact(tx, UUID(message.step))
    if contact is None or not number_checks.still_asked(tx, message.id):
        raise BadLink("expired")
    return contact
