"""A number proves that it is its person's: by a code typed in the page, or by a text answered YES. Only then is
there a contact, and an entry in the ledger."""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.forms import InvalidInput
from engage.domain.messages import NUMBER_CONFIRM, NUMBER_CONFIRMED
from engage.domain.texting import TRIES, YES_LASTS, clean_code
from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import courses
from engage.services.find import index_again
from engage.services.numbers import code_hash, known, number_of, waits
from engage.storage import consents, merges, messages, numbers, people, suppressions
from engage.storage.database import lock_value
from engage.storage.messages import Plan

How = Literal["code", "YES"]
# "wrong": try again; "spent": that was the last try; "over": it took too long, or STOP came; ask for a new one.
Outcome = Literal["on", "wrong", "spent", "over"]
# What is barred for all purposes was said by the number's holder, who takes it back by START.
_NOTHING = NUMBER_CONFIRM.purpose


def type_code(rt: Runtime, token: str, typed: str) -> Outcome:
    """What a code does. Raises BadLink; InvalidInput when it is no code at all, which uses up no try."""
    code = clean_code(typed)
    with rt.transaction() as tx:
        now = rt.now(tx)
        person = merges.kept(tx, rt.links.read("texts", token, now))
        if (row := numbers.newest(tx, person)) is not None:
            # In the order of whoever reads a STOP from this number: the number, then people.
            lock_value(tx, bytes(row.number_index))
        if people.lock(tx, person) is None or not known(tx, person):
            raise BadLink("expired")
        row = numbers.newest(tx, person, lock=True)
        if row is not None and row.state == "confirmed":
            return "on"
        if row is None or not waits(row, now):
            return "over"
        if code is None:
            raise InvalidInput({"code": "Please type the six digits of the code in the text."})
        numbers.count_try(tx, row.id)
        # Where no text went, any code is as wrong as elsewhere.
        expected = bytes(row.code_hash) if row.code_hash is not None else bytes(32)
        if not hmac.compare_digest(expected, code_hash(rt, row.id, code)):
            if row.tries + 1 < TRIES:
                return "wrong"
            numbers.end(tx, row.id, "spent", now)
            return "spent"
        if _barred(tx, bytes(row.number_index), now):
            numbers.end(tx, row.id, "stopped", now)
            return "over"
        _settle(rt, tx, row, "code", now)
        return "on"


def yes(rt: Runtime, tx: Connection, number_index: bytes, now: datetime) -> bool:
    """A YES came from this number: confirms the request whose text went there last. False when none waits.

    For whoever reads inbound texts, before it takes a YES for anything else, with the number's locks held
    (``opt_outs.lock``). The answer to the YES is planned here.
    """
    for asked in numbers.asked_at(tx, number_index, now - YES_LASTS):
        if people.lock(tx, asked.person_id) is None or not known(tx, asked.person_id):
            continue
        row = numbers.lock(tx, asked.id)
        if row is None or row.state != "sent" or _barred(tx, number_index, now):
            continue
        contact, number = _settle(rt, tx, row, "YES", now)
        messages.plan(tx, [_thanks(rt, row, contact, number, now)], now)
        return True
    return False


def stop(tx: Connection, number_index: bytes, now: datetime) -> int:
    """STOP or WRONG came from this number: nothing that waits for it can be confirmed any more, and a text that has
    not left stays. Called as ``yes`` is. Returns how many requests ended."""
    waiting = sorted(
        numbers.asked_at(tx, number_index, now - YES_LASTS), key=lambda row: (row.person_id, row.id)
    )
    for row in waiting:
        people.lock(tx, row.person_id)
        numbers.end(tx, row.id, "stopped", now)
    return len(waiting)


def no_more_texts(rt: Runtime, token: str) -> None:
    """The page's button: withdraws the consent to texts; the emails go on. Twice does no harm. Raises BadLink."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        person = merges.lock_kept(tx, rt.links.read("texts", token, now))
        if people.one(tx, person) is None:
            raise BadLink("expired")
        if consents.granted(tx, person, "sms", "education"):
            source = "texts page, stopped there"
            consents.enter(
                tx, person, "sms", "education", "withdrawn", actor="person", source=source, now=now
            )
            courses.leave(tx, person, "sms", now)


def _barred(tx: Connection, index: bytes, now: datetime) -> bool:
    return bool(suppressions.standing(tx, "sms", [index], _NOTHING, now))


def _settle(rt: Runtime, tx: Connection, row: Any, how: How, now: datetime) -> tuple[UUID, str]:
    """Contact, consent and what follows. The caller holds the locks of person and request. Returns contact and number."""
    told = rt.sealer.open("numbers", row.id, row.sealed)
    contact = _contact(rt, tx, row, told["number"], now)
    digest = sha256(told["wording"].encode()).digest()
    consents.keep_wording(tx, digest, told["wording"], now)
    asked = messages.by_key(tx, f"number/{row.id}/confirm")
    id = new_id()
    consents.enter(
        tx,
        row.person_id,
        "sms",
        "education",
        "granted",
        actor="person",
        source=f"texts page, confirmed by {how}",
        now=now,
        wording=digest,
        message=asked.id if asked is not None else None,
        id=id,
        sealed=rt.sealer.seal("consents", id, {"ip": told["ip"]}),
    )
    index = bytes(row.number_index)
    suppressions.lift(tx, "sms", index, "education", ["unsubscribed"], "the number's holder", now)
    numbers.end(tx, row.id, "confirmed", now)
    index_again(rt, tx, row.person_id)
    return contact, told["number"]


def _contact(rt: Runtime, tx: Connection, row: Any, number: str, now: datetime) -> UUID:
    """The person's contact at this number, confirmed; one at another number is replaced, with the texts that wait."""
    index, person = bytes(row.number_index), row.person_id
    before = number_of(tx, person)
    mine = [c for c in people.lock_contacts_at(tx, "sms", index) if c.person_id == person]
    if mine:
        contact = UUID(str(mine[0].id))
        people.confirm_contact(tx, contact)
    else:
        contact = new_id()
        sealed = rt.sealer.seal("contacts", contact, {"address": number})
        people.add_contact(tx, contact, person, "sms", index, sealed, now)
    if before is not None and before.id != contact:
        people.replace_contact(tx, before.id)
        messages.repoint_texts(tx, person, before.id, contact)
    return contact


def _thanks(rt: Runtime, row: Any, contact: UUID, number: str, now: datetime) -> Plan:
    id = new_id()
    return Plan(
        id=id,
        kind=NUMBER_CONFIRMED,
        cause="number",
        cause_id=row.id,
        person_id=row.person_id,
        contact_id=contact,
        dedup_key=f"number/{row.id}/confirmed",
        due_at=now,
        not_after=now + YES_LASTS,
        sealed=rt.sealer.seal("messages", id, {"to": number, "values": {}}),
    )
