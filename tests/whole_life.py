"""A person who has done everything that leaves a trace, every word of it a canary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from engage.domain.people import normal_email
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import (
    authorizations,
    consultations,
    find,
    follow_ups,
    inbound_mail,
    person_page,
    receipts,
    signups,
    tags,
)
from engage.services.audit import Actor
from engage.services.mailbox import Mail
from engage.storage import inbound, numbers, people
from engage.storage import receipts as receipt_rows
from engage.storage.database import run
from tests.privacy.canaries import Canaries
from tests.scripted import Somebody, plan
from tests.world import COURSE, FORM, REQUEST, World

STAFF = Actor(new_id(), "staff")


@dataclass(frozen=True)
class Life:
    """``canaries`` by what they are: everything that the person, or staff about them, ever wrote. ``confirm`` is the
    link's token of a sign-up that waits."""

    person: UUID
    number_contact: UUID
    canaries: dict[str, str]
    confirm: str

    @property
    def search(self) -> Canaries:
        return Canaries(self.canaries)


def canaries_of(word: str, digits: str) -> dict[str, str]:
    return {
        "the name": f"{word}anthe",
        "the address": f"{word.lower()}.{digits}@example.org",
        "the number": f"+151855{digits}5",
        "the network address": f"198.51.100.{int(digits) % 150 + 100}",
        "the name in the request": f"{word}orra",
        "the request's words": f"My {word} aches since spring.",
        "the note of a call": f"Asked after {word} on the telephone",
        "the note of a follow-up": f"Left word with the brother of {word}",
        "the text that came in": f"Thank you from {word}!",
        "a number that was asked for": f"+151856{digits}7",
        "the mail that came in": f"What is {word} to do to leave?",
        "a tag": f"Knows {word} well",
        "the note of an authorization": f"Signed by {word} herself",
        "the name in an open sign-up": f"{word}eline",
    }


def live(world: World, word: str = "Quill", digits: str = "7391") -> Life:
    """Signs up, confirms, reads, adds a number, gets and sends texts, asks for a consultation, is written about."""
    told = canaries_of(word, digits)
    typed = {
        **FORM,
        "given_name": told["the name"],
        "email": told["the address"],
        "main_pain": "tendon-joint",
    }
    signups.accept(world.rt, COURSE, typed, told["the network address"])
    world.work()
    signups.confirm(world.rt, world.token("confirm", world.mail(told["the address"])[-1]))
    world.pass_time(timedelta(days=4))
    rt = world.rt
    person = _person(rt, told["the address"])
    contact = _add_number(rt, person, told["the number"])
    somebody = Somebody(person, told["the address"], told["the number"], UUID(int=0), contact)
    plan(rt, somebody, "sms", "care")
    world.work()
    _ask_for_texts(rt, person, told["a number that was asked for"])
    _text_in(rt, told["the number"], told["the text that came in"])
    _mail_in(rt, told["the address"], told["the mail that came in"])
    world.sign_up(email=told["the address"], given_name=told["the name in an open sign-up"])
    world.pass_time(timedelta(days=1))
    confirm = world.token("confirm", _confirmations(world, told["the address"])[-1])
    _ask(world, told)
    _write_about(rt, person, told)
    _set_aside(rt, told["the address"])
    person_page.see(rt, STAFF, person)
    return Life(person, contact, told, confirm)


def _confirmations(world: World, address: str) -> list[Mail]:
    return [mail for mail in world.mail(address) if mail.kind == "signup-confirm"]


def _person(rt: Runtime, address: str) -> UUID:
    with rt.transaction() as tx:
        found: UUID = people.contacts_at(tx, "email", rt.sealer.index("email", normal_email(address)))[
            0
        ].person_id
        return found


def _add_number(rt: Runtime, person: UUID, number: str) -> UUID:
    id = new_id()
    with rt.transaction() as tx:
        sealed = rt.sealer.seal("contacts", id, {"address": number})
        people.add_contact(tx, id, person, "sms", rt.sealer.index("sms", number), sealed, rt.now(tx))
        find.index_again(rt, tx, person)
    return id


def _text_in(rt: Runtime, number: str, words: str) -> None:
    id = new_id()
    told = {"from": number, "to": rt.clinic.sender.sms, "body": words, "media": 0}
    with rt.transaction() as tx:
        sealed = rt.sealer.seal("inbound", id, told)
        index = rt.sealer.index("sms", number)
        inbound.add(tx, id, f"SM{id.hex}", index, None, sealed, datetime.now(UTC))


def _ask_for_texts(rt: Runtime, person: UUID, number: str) -> None:
    """A number that waits for its code."""
    id = new_id()
    with rt.transaction() as tx:
        index, prefix = rt.sealer.index("sms", number), rt.sealer.index("sms-prefix", number[:8])
        sealed = rt.sealer.seal("numbers", id, {"number": number, "wording": "Yes", "ip": "192.0.2.1"})
        numbers.add(tx, id, person, index, prefix, sealed, "sent", b"0" * 32, 1, rt.now(tx))


def _mail_in(rt: Runtime, address: str, words: str) -> None:
    raw = f"From: Somebody <{address.upper()}>\r\nSubject: Please\r\n\r\n{words}\r\n"
    assert inbound_mail.take(rt, raw.encode()) == "asked"


def _ask(world: World, told: dict[str, str]) -> None:
    typed = {
        **REQUEST,
        "given_name": told["the name in the request"],
        "email": told["the address"],
        "message": told["the request's words"],
    }
    consultations.accept(world.rt, typed, told["the network address"])
    world.work()
    request = next(
        one for one in consultations.listing(world.rt) if one.given_name == told["the name in the request"]
    )
    consultations.log_call(world.rt, request.id, None, told["the note of a call"], reached=False)


def _write_about(rt: Runtime, person: UUID, told: dict[str, str]) -> None:
    with rt.transaction() as tx:
        key = f"test/{person}"
        follow_ups.add(tx, rt, "care_not_delivered", "message", new_id(), person, rt.now(tx), key)
        (id,) = run(tx, "SELECT id FROM follow_ups WHERE dedup_key = %(key)s", {"key": key}).scalars()
    follow_ups.done(rt, id, None, "done", told["the note of a follow-up"])
    tags.put(rt, STAFF, person, told["a tag"])
    authorizations.record(rt, STAFF, person, "granted", "paper", words=told["the note of an authorization"])


def _set_aside(rt: Runtime, address: str) -> None:
    """SendGrid posted something about the address, among others, that nobody could read."""
    said = {"body": f'[{{"email":"{address.upper()}","event":"beamed"}},{{"email":"other@example.org"}}]'}
    receipts.keep(rt, "sendgrid", "events", receipts.digest(address), said)
    with rt.transaction() as tx:
        (id,) = run(tx, "SELECT id FROM receipts WHERE applied_at IS NULL").scalars()
        for _ in range(receipts.MOST_TRIES):
            receipt_rows.failed(tx, id, "ValueError", receipts.MOST_TRIES)


def sealed_tables(rt: Runtime) -> list[str]:
    """The tables that have a sealed column."""
    sql = """SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'sealed' ORDER BY 1"""
    with rt.transaction() as tx:
        return [row[0] for row in run(tx, sql)]


def opened(rt: Runtime) -> list[tuple[str, str]]:
    """Every sealed value of the database that the keys open, by table and id."""
    found: list[tuple[str, str]] = []
    for table in sealed_tables(rt):
        with rt.transaction() as tx:
            rows: list[Any] = list(run(tx, f"SELECT id, sealed FROM {table} WHERE sealed IS NOT NULL"))
        found += [(f"{table} {id}", str(rt.sealer.open(table, id, bytes(sealed)))) for id, sealed in rows]
    return found
