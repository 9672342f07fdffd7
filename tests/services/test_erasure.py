"""Erasing a person: nothing of them can be read any more, and nobody else loses anything."""

from __future__ import annotations

import threading
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.delivery.provider import Batch, Outcome
from engage.dev.embedded import Servers
from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import audit, consent_proof, erasure, erasure_work, find, person_page, recover, signups
from engage.services.audit import CLI, PERSON
from engage.services.consent_proof import Finding
from engage.services.courses import NoSuchPerson
from engage.services.deliver import deliver
from engage.storage import erasure as rows
from engage.storage import people, pipe, suppressions
from engage.storage.database import run
from tests.privacy.dump import dump
from tests.scripted import (
    Scripted,
    carried,
    end_leases,
    in_force,
    lost,
    plan,
    somebody,
    standing,
    state,
    taken,
)
from tests.whole_life import Life, live, opened, sealed_tables
from tests.world import World

DAY = timedelta(days=1)


def scalars(rt: Runtime, sql: str, **values: Any) -> list[Any]:
    with rt.transaction() as tx:
        return list(run(tx, sql, values or None).scalars())


def look_now(rt: Runtime) -> None:
    """As if every wait of an erasure were over."""
    with rt.transaction() as tx:
        run(tx, "UPDATE erasures SET next_at = clock_timestamp() WHERE state = 'waiting'")


@pytest.fixture
def life(world: World) -> Life:
    return live(world)


def test_every_table_with_a_sealed_column_is_dealt_with(rt: Runtime) -> None:
    dealt_with = rows.EMPTIED.keys() | rows.SEARCHED.keys() | rows.ELSEWHERE.keys()
    assert set(sealed_tables(rt)) <= dealt_with, "engage/storage/erasure.py must say what becomes of these"
    assert not rows.EMPTIED.keys() & rows.ELSEWHERE.keys()


def test_before_it_everything_can_be_opened(world: World, life: Life) -> None:
    found = {place.split()[1] for place in life.search.found_in_any(_by_table(opened(world.rt)))}
    assert found >= {
        "people:", "contacts:", "signups:", "consents:", "consultations:", "consultation_events:", "follow_ups:",
        "messages:", "receipts:", "inbound:", "inbound_mails:", "numbers:", "mailbox:",
    }  # fmt: skip
    everything = "\n".join(value for _, value in opened(world.rt))
    assert set(life.search.found_in(everything)) == life.canaries.keys()


def _by_table(values: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(f"in {place.split()[0]}", value) for place, value in values]


def test_afterwards_no_sealed_value_of_theirs_opens_and_the_dump_holds_nothing(
    world: World, servers: Servers, life: Life, migrated_url: str
) -> None:
    other = live(world, "Wrexb", "5518")
    mine = life.search
    before = {place for place, value in opened(world.rt) if other.search.found_in(value)}
    assert erasure.erase(world.rt, life.person, PERSON)
    assert mine.found_in_any(opened(world.rt)) == []
    assert mine.found_in_any(dump(servers, migrated_url).items()) == []
    # Nobody else lost anything; what can't be opened is nobody's.
    assert {place for place, value in opened(world.rt) if other.search.found_in(value)} == before
    assert {table.split()[0] for table in before} >= {
        "people",
        "messages",
        "consultations",
        "mailbox",
        "receipts",
    }


def test_afterwards_nothing_is_sent_and_nothing_comes_back(world: World, life: Life) -> None:
    planned = "SELECT count(*) FROM messages WHERE person_id = %(id)s AND status = 'planned'"
    assert scalars(world.rt, planned, id=life.person) != [0]
    erasure.erase(world.rt, life.person, PERSON)
    arrived = len(world.mail())
    world.pass_time(60 * DAY)
    assert len(world.mail(life.canaries["the address"])) == 0
    assert len(world.mail()) <= arrived
    assert scalars(world.rt, planned, id=life.person) == [0]
    reasons = "SELECT DISTINCT reason FROM messages WHERE person_id = %(id)s AND status = 'cancelled'"
    assert "erased" in scalars(world.rt, reasons, id=life.person)
    with pytest.raises(BadLink):
        signups.confirm(world.rt, life.confirm)
    with world.rt.transaction() as tx:
        assert find.find(world.rt, tx, life.canaries["the name"]).people == []
        page = person_page.person_page(world.rt, tx, life.person)
    assert page is not None and page.erased and page.given_name == "" and page.addresses == []
    assert [(one.channel, one.purpose) for one in page.agreements if one.granted] == []


def test_the_ledger_and_the_trail_keep_ids(world: World, life: Life) -> None:
    erasure.erase(world.rt, life.person, PERSON)
    ledger = "SELECT action || ' ' || source FROM consents WHERE person_id = %(id)s ORDER BY at, id"
    assert scalars(world.rt, ledger, id=life.person) == [
        "granted course page, confirmed by email",
        "withdrawn erasure",
    ]
    trail = "SELECT actor || ' ' || action || ' ' || what FROM audit WHERE person_id = %(id)s"
    assert "person erase person" in scalars(world.rt, trail, id=life.person)
    audit.chain(world.rt)
    assert audit.verify(world.rt).sound


def test_the_proof_of_consent_holds_before_and_after(world: World, life: Life) -> None:
    found: list[Finding] = []
    before = consent_proof.verify(world.rt, found.append)
    erasure.erase(world.rt, life.person, PERSON)
    after = consent_proof.verify(world.rt, found.append)
    assert found == []
    assert after.sound and before.sound


def test_the_ledger_still_refuses_every_other_change(world: World, life: Life) -> None:
    for sql in (
        "UPDATE consents SET sealed = NULL",
        "UPDATE consents SET at = at - interval '1 day'",
        "DELETE FROM consents",
    ):
        with pytest.raises(Exception, match="append-only"), world.rt.transaction() as tx:
            run(tx, sql)
    erasure.erase(world.rt, life.person, PERSON)
    with pytest.raises(Exception, match="append-only"), world.rt.transaction() as tx:
        run(tx, "UPDATE consents SET sealed = NULL, purpose = 'care'")


def test_the_second_time_changes_nothing(world: World, life: Life) -> None:
    assert erasure.erase(world.rt, life.person, PERSON)
    counts = "SELECT (SELECT count(*) FROM consents) + (SELECT count(*) FROM audit) + (SELECT count(*) FROM erasures)"
    before = scalars(world.rt, counts)
    assert not erasure.erase(world.rt, life.person, CLI)
    assert scalars(world.rt, counts) == before


def test_somebody_who_is_not_there_can_not_be_erased(rt: Runtime) -> None:
    with pytest.raises(NoSuchPerson):
        erasure.erase(rt, new_id(), CLI)


def test_the_address_stays_suppressed_until_its_owner_signs_up_anew(world: World, life: Life) -> None:
    address = life.canaries["the address"]
    index = world.rt.sealer.index("email", address)
    erasure.erase(world.rt, life.person, PERSON)

    def standing_for(purpose: str) -> dict[bytes, str]:
        with world.rt.transaction() as tx:
            return suppressions.standing(tx, "email", [index], purpose, world.rt.now(tx))

    assert standing_for("education") == standing_for("marketing") == {index: "unsubscribed"}
    assert standing_for("service") == {}
    world.pass_time(31 * DAY)
    world.enrol(email=address, given_name="Renewed")
    assert standing_for("education") == {}
    assert standing_for("marketing") == {index: "unsubscribed"}
    world.pass_time(3 * DAY)
    assert [mail.text.count("Renewed") > 0 for mail in world.lessons(address)].count(True) >= 1
    # What is done later about the erasure does not touch the new person.
    look_now(world.rt)
    erasure_work.erase_at_vendors(world.rt)
    (new,) = scalars(world.rt, "SELECT id FROM people WHERE state = 'active' AND sealed IS NOT NULL")
    with world.rt.transaction() as tx:
        page = person_page.person_page(world.rt, tx, new)
    assert page is not None and page.given_name == "Renewed" and page.courses[0].state == "active"


def test_an_address_that_somebody_else_has_too_stays_theirs(rt: Runtime) -> None:
    one, two = somebody(rt, 1, number="+15185550100"), somebody(rt, 2, number="+15185550100")
    erasure.erase(rt, one.id, CLI)
    with rt.transaction() as tx:
        assert (
            suppressions.standing(tx, "sms", [rt.sealer.index("sms", one.number)], "marketing", rt.now(tx))
            == {}
        )
        assert suppressions.standing(
            tx, "email", [rt.sealer.index("email", one.email)], "marketing", rt.now(tx)
        )
        assert people.contacts_at(tx, "sms", rt.sealer.index("sms", two.number))[0].person_id == two.id


# A person who is being sent to at that very moment.


def test_it_waits_for_a_claim_that_has_the_person_in_its_hands(rt: Runtime) -> None:
    who = somebody(rt)
    message = plan(rt, who, "email", "care")
    done = threading.Event()

    def erase() -> None:
        erasure.erase(rt, who.id, CLI)
        done.set()

    with rt.transaction() as tx:
        assert list(pipe.lock_due(tx, 1, "email", rt.now(tx), 10)) == [message]
        thread = threading.Thread(target=erase)
        thread.start()
        assert not done.wait(0.7), "it did not wait"
        assert pipe.sent(tx, [message])[message].status == "planned"
    assert done.wait(5)
    thread.join()
    assert state(rt, message) == ("cancelled", "erased")
    assert deliver(rt, seconds=5).seen == 0


def test_what_left_a_moment_before_goes_once_and_leaves_nothing_behind(rt: Runtime) -> None:
    who = somebody(rt, email="quillanthe.7391@example.org")
    message = plan(rt, who, "email", "care")

    def erased_meanwhile(batch: Batch) -> list[Outcome]:
        assert erasure.erase(rt, who.id, CLI)
        return taken(batch)

    sender = Scripted("smtp", "email", erased_meanwhile)
    deliver(in_force(rt, sender), seconds=5)
    assert sender.to() == ["quillanthe.7391@example.org"]
    assert standing(rt, message).status == "accepted"
    assert standing(rt, message).sealed is None
    assert deliver(in_force(rt, sender), seconds=5).seen == 0


def test_what_nobody_knows_of_is_not_sent_again(rt: Runtime) -> None:
    who = somebody(rt)
    message = plan(rt, who, "email", "care")

    def erased_meanwhile(batch: Batch) -> list[Outcome]:
        erasure.erase(rt, who.id, CLI)
        return lost(batch)

    sender = Scripted("smtp", "email", erased_meanwhile)
    changed = in_force(rt, sender, email_hold_seconds=0)
    deliver(changed, seconds=5)
    for _ in range(3):
        end_leases(rt)
        recover.recover(changed)
        deliver(changed, seconds=5)
    assert len(sender.requests) == 1
    assert standing(rt, message).status in ("unknown", "cancelled")
    assert standing(rt, message).sealed is None


def test_what_the_local_sender_kept_meanwhile_goes_too(world: World) -> None:
    rt = world.rt
    who = somebody(rt, email="quillanthe.7391@example.org")
    plan(rt, who, "email", "care")
    local = rt.senders["email:local"]

    def erased_meanwhile(batch: Batch) -> list[Outcome]:
        erasure.erase(rt, who.id, CLI)
        return local.send([batch], float("inf"))[0]

    deliver(carried(rt, Scripted("local", "email", erased_meanwhile)), seconds=5)
    assert world.mail() != []
    look_now(rt)
    assert erasure_work.erase_at_vendors(rt) == 1
    assert world.mail() == []


def test_a_wish_of_the_same_moment_does_no_harm(world: World, life: Life) -> None:
    """A confirmation, an erasure and workers at once: no deadlock, and one of two clean ends."""
    errors: list[BaseException] = []

    def attempt(act: Any) -> None:
        try:
            act()
        except BadLink:
            pass
        except BaseException as error:
            errors.append(error)

    acts = [
        lambda: signups.confirm(world.rt, life.confirm),
        lambda: erasure.erase(world.rt, life.person, PERSON),
        lambda: erasure.erase(world.rt, life.person, PERSON),
        lambda: deliver(world.rt, seconds=2),
    ]
    threads = [threading.Thread(target=attempt, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert errors == []
    with world.rt.transaction() as tx:
        row = people.one(tx, life.person)
    assert row is not None and row.state == "erased" and row.sealed is None


def test_mails_name_nobody_erased(world: World, life: Life) -> None:
    erasure.erase(world.rt, life.person, PERSON)
    world.pass_time(3 * DAY)
    assert life.search.found_in_any((str(n), str(asdict(mail))) for n, mail in enumerate(world.mail())) == []


def test_ids_alone_are_in_what_waits_for_the_vendor(world: World, life: Life) -> None:
    erasure.erase(world.rt, life.person, PERSON)
    (person,) = scalars(world.rt, "SELECT person_id FROM erasures WHERE sealed IS NULL AND state = 'waiting'")
    assert person == UUID(str(life.person))
