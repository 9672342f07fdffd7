"""Erasing a person: all that they told us goes, at once; what vendors keep follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from engage import log
from engage.domain.messages import BULK
from engage.domain.people import normal_email
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import alerts, authorizations, inbound
from engage.services.audit import Actor, note
from engage.services.consultations import ALERTS_OF_UNANSWERED
from engage.services.courses import NoSuchPerson
from engage.storage import about, consents, erasure, merges, people, suppressions
from engage.storage.about import About
from engage.storage.database import is_deadlock, lock_value
from engage.storage.sealed import SealError

logger = log.get(__name__)

# How often it is begun anew when something comes in from the person meanwhile.
ROUNDS = 20
# States of contacts that the person had at some time for certain, not only named.
ONCE_THEIRS = ("confirmed", "bad", "replaced")


class NotErased(Exception):
    """Something new came in from the person each time. Nothing was changed: try again."""


def erase(rt: Runtime, person_id: UUID, actor: Actor) -> bool:
    """Empties every sealed value of a person, ends what was planned and withdraws what they agreed to.

    Whoever was merged into them is erased first, in the same way. One transaction each under the locks of the claim, so nothing is claimed for them after this has committed. Their
    addresses stay suppressed for courses and campaigns, as keyed hashes, unless somebody else has them too or their
    owner signs up anew. The ledger and the audit trail keep ids. Vendors are told afterwards
    (``erasure_work``). False when the person was erased already. Raises NoSuchPerson, NotErased.
    Source: GDPR article 17.
    """
    # What came in and was not read yet may be a STOP: it is heeded first.
    inbound.understand(rt)
    with rt.transaction() as tx:
        kept, *merged = merges.all_of(tx, merges.kept(tx, person_id))
    for one in reversed(merged):
        _erase(rt, one, actor)
    return _erase(rt, kept, actor)


def _erase(rt: Runtime, person_id: UUID, actor: Actor) -> bool:
    for _ in range(ROUNDS):
        try:
            with rt.transaction() as tx:
                erased = _try(rt, tx, person_id, actor)
        except OperationalError as error:
            # Whoever records an answer holds the attempt and wants its messages, we hold these.
            if not is_deadlock(error):
                raise
            continue
        if erased is not None:
            return erased
    raise NotErased


def empty_again(rt: Runtime, person_id: UUID) -> None:
    """Lets go of what a worker had in its hands when the person was erased."""
    with rt.transaction() as tx:
        person = people.lock(tx, person_id)
        if person is not None and person.state == "erased":
            told = about.about(tx, person_id)
            erasure.empty(tx, told, person.zone, rt.now(tx), erasure.LATE)


def _try(rt: Runtime, tx: Connection, person_id: UUID, actor: Actor) -> bool | None:
    held = _lock(tx, person_id)
    if held is None:
        return None
    state, told = held
    if state == "erased":
        return False
    now = rt.now(tx)
    emails, numbers = _addresses(rt, tx, told)
    theirs = [one for one in emails if rt.sealer.index("email", one) in told.emails]
    _empty_found(rt, tx, [*theirs, *(one for one in numbers if rt.sealer.index("sms", one) in told.numbers)])
    _withdraw(tx, told, actor, now)
    for id in erasure.open_consultations(tx, told.consultations):
        for kind in ALERTS_OF_UNANSWERED:
            alerts.over(rt, tx, kind, str(id))
    erasure.empty(tx, told, rt.clinic.zone, now)
    id = new_id()
    keep = bool(emails) and "email:sendgrid" in rt.senders
    sealed = rt.sealer.seal("erasures", id, {"emails": sorted(emails)}) if keep else None
    erasure.ask(tx, id, person_id, sealed, rt.settings.email_hold_seconds)
    note(tx, rt, actor, "erase", "person", person_id, person_id)
    return True


def _lock(tx: Connection, person_id: UUID) -> tuple[str, About] | None:
    """The person's state and all about them, locked in everybody's order; None when something came in meanwhile."""
    seen = about.about(tx, person_id)
    erasure.lock_signups(tx, seen)
    for index in sorted([*seen.emails, *seen.numbers]):
        lock_value(tx, index)
    erasure.lock_requests(tx, seen)
    person = people.lock(tx, person_id)
    if person is None:
        raise NoSuchPerson(str(person_id))
    erasure.lock_contacts(tx, [*seen.emails, *seen.numbers])
    told = about.about(tx, person_id)
    same = told._replace(messages=[]) == seen._replace(messages=[])
    return (str(person.state), told) if same else None


def _addresses(rt: Runtime, tx: Connection, told: About) -> tuple[set[str], set[str]]:
    """The plain email addresses and numbers of a person."""
    emails: set[str] = set()
    numbers: set[str] = set()
    for row in people.contacts_of(tx, told.person):
        if row.state not in ONCE_THEIRS:
            continue
        address = _open(rt, "contacts", row).get("address", "")
        (emails if row.channel == "email" else numbers).add(address)
    for table, rows in (
        ("signups", about.signups(tx, told.signups)),
        ("consultations", about.consultations(tx, told.consultations)),
    ):
        for row in rows:
            typed = _open(rt, table, row)
            emails.add(typed.get("email", ""))
            numbers.add(typed.get("telephone", ""))
    return {normal_email(email) for email in emails if email}, {number for number in numbers if number}


def _open(rt: Runtime, table: str, row: Any) -> dict[str, Any]:
    """What can't be opened tells nobody anything, and must not keep the rest."""
    try:
        return rt.sealer.open(table, row.id, row.sealed) if row.sealed is not None else {}
    except SealError:
        logger.error("unreadable", name=table, where=str(row.id))
        return {}


def _empty_found(rt: Runtime, tx: Connection, addresses: Iterable[str]) -> None:
    """What a vendor posted and nobody could apply, and mail that nobody has read, is kept whole and may name them."""
    wanted = [address.encode() for address in addresses]
    for table in erasure.SEARCHED:
        found = [
            row.id
            for row in erasure.searched(tx, table)
            if any(address in orjson.dumps(_open(rt, table, row)).lower() for address in wanted)
        ]
        erasure.empty_found(tx, table, found)


def _withdraw(tx: Connection, told: About, actor: Actor, now: datetime) -> None:
    for row in erasure.granted(tx, told.person):
        consents.enter(
            tx,
            told.person,
            row.channel,
            row.purpose,
            "withdrawn",
            actor="person" if actor.name == "person" else "staff",
            source="erasure",
            now=now,
        )
    authorizations.withdraw(tx, told.person, actor, "erasure", now)
    shared = erasure.shared(tx, told.person, [*told.emails, *told.numbers])
    for channel, indexes in (("email", told.emails), ("sms", told.numbers)):
        for index in set(indexes) - shared:
            for purpose in BULK:
                suppressions.add(tx, channel, index, purpose, "unsubscribed", now)
