"""A person's copy: everything that is kept about them is in it, and nothing of anybody else."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import audit, erasure, export
from engage.services.audit import CLI, PERSON
from engage.services.courses import NoSuchPerson
from engage.storage import inbound, people
from engage.storage.database import run
from tests.scripted import somebody
from tests.whole_life import Life, live, opened
from tests.world import World

LISTS = {
    "contacts",
    "consents",
    "suppressions",
    "courses",
    "sign_ups",
    "consultation_requests",
    "visits",
    "messages",
    "number_requests",
    "received_mails",
    "received_texts",
    "check_ins",
    "tags",
    "authorizations",
    "follow_ups",
    "opened_by_staff",
    "booking_ids",
    "merged",
}


@pytest.fixture
def life(world: World) -> Life:
    return live(world)


def copy(world: World, life: Life) -> dict[str, Any]:
    return export.of_person(world.rt, life.person, PERSON)


def test_every_canary_is_in_the_copy_and_on_its_page(world: World, life: Life) -> None:
    other = live(world, "Wrexb", "5518")
    told = copy(world, life)
    written = json.dumps(told, ensure_ascii=False)
    page = export.page(world.rt, told)
    assert set(life.search.found_in(written)) == life.canaries.keys()
    assert set(life.search.found_in(page)) == life.canaries.keys()
    # Somebody else's request, sign-up and texts are nobody's business here.
    assert other.search.found_in(written) == []


def test_it_can_be_read_by_programs(world: World, life: Life) -> None:
    told = json.loads(json.dumps(copy(world, life)))
    assert told.keys() == LISTS | {"exported_at", "clinic", "person"}
    assert all(isinstance(told[name], list) for name in LISTS)
    assert told["person"]["given_name"] == life.canaries["the name"]
    assert told["person"]["main_pain"] == "tendon-joint"
    times = [value for one in _all(told) for key, value in one.items() if key.endswith("_at") or key == "at"]
    assert len(times) > 30
    assert all(datetime.fromisoformat(one).utcoffset() == timedelta(0) for one in times if one is not None)


def _all(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(one for part in value.values() for one in _all(part))]
    return [one for part in value for one in _all(part)] if isinstance(value, list) else []


def test_messages_are_there_word_for_word(world: World, life: Life) -> None:
    told = copy(world, life)
    arrived = {(mail.subject, mail.text, mail.html) for mail in world.mail(life.canaries["the address"])}
    assert arrived == {
        (one["subject"], one["text"], one["html"])
        for one in told["messages"]
        if one["channel"] == "email" and one["sent_at"]
    }
    (sms,) = [one for one in told["messages"] if one["channel"] == "sms"]
    assert (sms["to"], sms["text"]) == (life.canaries["the number"], world.mail(sms["to"])[-1].text)


def test_consent_comes_with_its_words_and_place(world: World, life: Life) -> None:
    (entry,) = copy(world, life)["consents"]
    assert entry[
        "wording"
    ] == "Yes, please email me the course “Acupuncture for chronic pain: what to know before " + (
        f"you decide” from {world.rt.clinic.name}. I can stop at any time with the link in every email."
    )
    assert entry["ip"] == life.canaries["the network address"]
    assert (entry["action"], entry["purpose"], entry["channel"]) == ("granted", "education", "email")


def test_it_tells_on_which_days_staff_looked_and_not_who(world: World, life: Life) -> None:
    seen = copy(world, life)["opened_by_staff"]
    assert {one["what"] for one in seen} >= {"looked at: person"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", one["on"]) and one.keys() == {"on", "what"} for one in seen)


def test_each_copy_leaves_a_row(world: World, life: Life) -> None:
    copy(world, life)
    export.of_person(world.rt, life.person, CLI)
    rows = audit.listing(world.rt, life.person)
    assert [(row.actor, row.action) for row in rows if row.action == "export"] == [
        ("cli", "export"),
        ("person", "export"),
    ]


def test_its_page_needs_no_other_file_and_escapes_what_was_typed(world: World, life: Life) -> None:
    told = copy(world, life)
    told["person"]["given_name"] = "<script>alert(1)</script>"
    page = export.page(world.rt, told)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"\b(?:src|href)=\"(?!mailto:|#)", page)
    assert "@media print" in page and "prefers-color-scheme: dark" in page
    assert page.startswith("<!doctype html>")


def test_an_erased_persons_copy_holds_no_word_of_theirs(world: World, life: Life) -> None:
    erasure.erase(world.rt, life.person, PERSON)
    world.pass_time(timedelta(days=31))
    world.enrol(email=life.canaries["the address"], given_name="Renewed")
    told = copy(world, life)
    assert life.search.found_in(json.dumps(told) + export.page(world.rt, told)) == []
    assert "Renewed" not in json.dumps(told)
    assert told["person"]["state"] == "erased"
    assert [entry["action"] for entry in told["consents"]] == ["granted", "withdrawn"]


@pytest.mark.parametrize("state", ["replaced", "quarantined"])
def test_nothing_comes_from_an_address_that_is_not_theirs_for_certain(world: World, state: str) -> None:
    mine, victim = live(world), live(world, "Wrexb", "5518")
    for channel, address in (("email", "the address"), ("sms", "the number")):
        add_contact(world.rt, mine.person, channel, victim.canaries[address], state)
    told = copy(world, mine)
    found = victim.search.found_in(json.dumps(told, ensure_ascii=False))
    # What they typed themselves, and no word of the other's.
    assert set(found) == {"the address", "the number"}
    before = [value for _, value in opened(world.rt) if victim.search.found_in(value)]
    erasure.erase(world.rt, mine.person, PERSON)
    after = [value for _, value in opened(world.rt) if victim.search.found_in(value)]
    assert len(after) == len(before) - 2


def add_contact(rt: Runtime, person: UUID, channel: str, address: str, state: str) -> None:
    id = new_id()
    with rt.transaction() as tx:
        sealed = rt.sealer.seal("contacts", id, {"address": address})
        people.add_contact(tx, id, person, channel, rt.sealer.index(channel, address), sealed, rt.now(tx))
        run(tx, "UPDATE contacts SET state = %(state)s WHERE id = %(id)s", {"state": state, "id": id})


def test_a_value_that_can_not_be_read_stops_nothing(world: World, life: Life) -> None:
    with world.rt.transaction() as tx:
        tx.exec_driver_sql("UPDATE messages SET sealed = set_byte(sealed, 19, get_byte(sealed, 19) # 255)")
        tx.exec_driver_sql("UPDATE people SET sealed = set_byte(sealed, 19, get_byte(sealed, 19) # 255)")
    told = copy(world, life)
    assert told["person"]["given_name"] == "(can’t be read)"
    assert {one["text"] for one in told["messages"]} == {None}


def test_somebody_who_is_not_there_has_no_copy(rt: Runtime) -> None:
    with pytest.raises(NoSuchPerson):
        export.of_person(rt, new_id(), CLI)


def test_texts_from_a_number_that_two_people_have_are_in_nobodys_copy(world: World) -> None:
    ada, bob = somebody(world.rt, 1, number="+15185550142"), somebody(world.rt, 2, number="+15185550142")
    _text_from(world, ada.number, "please call me, it got worse")
    for one in (ada, bob):
        assert export.of_person(world.rt, one.id, CLI)["received_texts"] == []


def test_texts_from_before_a_number_was_theirs_are_not_in_their_copy(world: World) -> None:
    number = "+15185550143"
    _text_from(world, number, "I am somebody else")
    ada = somebody(world.rt, 1, number=number)
    _text_from(world, number, "Thank you")
    told = export.of_person(world.rt, ada.id, CLI)["received_texts"]
    assert [one["body"] for one in told] == ["Thank you"]


def _text_from(world: World, number: str, words: str) -> None:
    time.sleep(0.002)  # an id's clock counts milliseconds
    id = new_id()
    with world.rt.transaction() as tx:
        told = {"from": number, "to": world.rt.clinic.sender.sms, "body": words, "media": 0}
        sealed = world.rt.sealer.seal("inbound", id, told)
        inbound.add(
            tx, id, f"SM{id.hex}", world.rt.sealer.index("sms", number), None, sealed, datetime.now(UTC)
        )
    time.sleep(0.002)
