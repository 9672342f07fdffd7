"""Two records of one person made one, and parted again."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.domain.messages import Channel
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import (
    appointments,
    audit,
    consent_proof,
    consultation_work,
    courses,
    erasure,
    export,
    find,
    person_page,
    preferences,
    signups,
    unsubscribe,
    visit_plans,
)
from engage.services.appointments import Booking
from engage.services.audit import CLI, PERSON
from engage.services.claim import claim
from engage.services.merges import NotMerged, merge, unmerge
from engage.services.patients import PersonIn
from engage.storage import consents, people
from engage.storage.database import run
from tests.patients import ADA, addresses, agreed, asked, rows, tell, told, who
from tests.scripted import Somebody, plan, standing, state
from tests.visits import DESK, when
from tests.world import COURSE, World

VISIT = date(2026, 11, 12)
TWIN = replace(
    ADA, external_id="99", source="jane", email="ada@work.example", mobile=None, consent=("email",)
)


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def pair(world: World) -> tuple[UUID, UUID]:
    """Two records of Ada, by two booking systems."""
    return who(world.rt, ADA), who(world.rt, TWIN)


def book(world: World, person: UUID, day: date = VISIT, wall: str = "14:00") -> UUID:
    return appointments.book(world.rt, DESK, Booking(person, when(world.rt, day, wall)))


def test_all_that_is_theirs_moves(world: World) -> None:
    keep, other = pair(world)
    visit = book(world, other)
    merge(world.rt, CLI, keep, other)
    (row,) = rows(world.rt, "SELECT id, person_id FROM appointments")
    assert (row.id, row.person_id) == (visit, keep)
    assert addresses(world.rt, keep).keys() == {"ada@example.org", "+15185550101", "ada@work.example"}
    assert {tell(world.rt, one)[0].person_id for one in (ADA, TWIN)} == {keep}
    waiting = rows(world.rt, "SELECT DISTINCT person_id FROM messages WHERE status IN ('planned', 'held')")
    assert [one.person_id for one in waiting] == [keep]
    with world.rt.transaction() as tx:
        assert [one.id for one in find.find(world.rt, tx, "ada@work").people] == [keep]
    whom = {(row.what, row.person_id) for row in audit.listing(world.rt) if row.what == "merge"}
    assert whom == {("merge", keep), ("merge", other)}


def test_reminders_go_once_and_to_the_kept_person(world: World) -> None:
    keep, other = pair(world)
    visit = book(world, other)
    world.work()
    merge(world.rt, CLI, keep, other)
    visit_plans.sweep(world.rt)
    for _ in range(22):
        world.now += timedelta(hours=12)
        visit_plans.sweep(world.rt)
        visit_plans.ask_to_call(world.rt)
        world.work()
    kinds = [mail.kind for mail in world.mail()]
    assert len(kinds) == len(set(kinds)) and "visit-reminder" in kinds
    sent = rows(world.rt, "SELECT DISTINCT cause_id, person_id FROM messages WHERE status = 'accepted'")
    assert [tuple(row) for row in sent] == [(visit, keep)]
    assert asked(world.rt) == []
    assert consent_proof.verify(world.rt, lambda finding: pytest.fail(str(finding))).sound


def test_what_was_sent_stays_and_is_shown(world: World) -> None:
    first = world.enrol()
    world.pass_time(timedelta(days=3))
    other = rows(world.rt, "SELECT id FROM people")[0].id
    keep = who(world.rt, replace(ADA, given_name="Augusta", email="augusta@example.org", mobile=None))
    before = rows(
        world.rt, "SELECT id FROM messages WHERE person_id = %(id)s AND sent_at IS NOT NULL", id=other
    )
    merge(world.rt, CLI, keep, other)
    assert before == rows(
        world.rt, "SELECT id FROM messages WHERE person_id = %(id)s AND sent_at IS NOT NULL", id=other
    )
    page = person_page.see(world.rt, CLI, keep)
    assert page is not None and first.course == COURSE
    shown = {entry.message_id for entry in page.timeline.past}
    assert {row.id for row in before} <= shown
    assert [part.id for part in page.parts] == [other]
    assert [course.slug for course in page.courses] == [COURSE]
    old = person_page.see(world.rt, CLI, other)
    assert old is not None and old.merged_into == keep
    # The course goes on where it was, as the kept person's.
    count = len(world.lessons())
    world.pass_time(timedelta(days=60))
    assert len(world.lessons()) == 12 > count
    assert {mail.to for mail in world.lessons()} == {"ada@example.org"}
    assert rows(world.rt, "SELECT person_id, state FROM enrolments") == [(keep, "completed")]
    assert consent_proof.verify(world.rt, lambda finding: pytest.fail(str(finding))).sound


def test_a_course_that_both_take_goes_on_once(world: World) -> None:
    for address in ("ada@example.org", "ada@work.example"):
        world.enrol(email=address)
        world.pass_time(timedelta(days=2))
    keep, other = (row.id for row in rows(world.rt, "SELECT id FROM people ORDER BY id"))
    done = merge(world.rt, CLI, keep, other)
    world.pass_time(timedelta(days=8))
    assert {mail.to for mail in world.lessons()[-2:]} == {"ada@example.org"}
    unmerge(world.rt, CLI, done.id)
    world.pass_time(timedelta(days=60))
    for address in ("ada@example.org", "ada@work.example"):
        assert len(world.lessons(address)) == 12


@pytest.mark.parametrize(
    ("kept", "other", "merged", "parted"),
    [
        (None, None, None, (None, None)),
        (True, None, True, (True, None)),
        (None, True, True, (False, True)),
        (True, True, True, (True, True)),
        (True, False, False, (True, False)),
        (False, True, False, (False, True)),
        (False, None, False, (False, None)),
        (None, False, False, (False, False)),
        (False, False, False, (False, False)),
    ],
)
def test_what_one_took_back_both_took_back(
    world: World, kept: bool | None, other: bool | None, merged: bool | None, parted: tuple[bool | None, ...]
) -> None:
    ids = [who(world.rt, replace(one, consent=())) for one in (ADA, TWIN)]
    for person, said in zip(ids, (kept, other), strict=True):
        say(world, person, "email", "marketing", said)
    done = merge(world.rt, CLI, ids[0], ids[1])
    assert said_now(world, ids[0]) == merged
    unmerge(world.rt, CLI, done.id)
    assert tuple(said_now(world, person) for person in ids) == parted
    assert consent_proof.verify(world.rt, lambda finding: pytest.fail(str(finding))).sound


def say(world: World, person: UUID, channel: Channel, purpose: str, said: bool | None) -> None:
    if said is None:
        return
    with world.rt.transaction() as tx:
        people.lock(tx, person)
        consents.keep_wording(tx, b"w" * 32, "Yes, please.", world.now)
        action = "granted" if said else "withdrawn"
        consents.enter(tx, person, channel, purpose, action, actor="person", source="page", now=world.now,
                       wording=b"w" * 32 if said else None)  # fmt: skip


def said_now(world: World, person: UUID, purpose: str = "marketing") -> bool | None:
    found = rows(
        world.rt,
        "SELECT granted FROM consent_states WHERE person_id = %(id)s AND purpose = %(purpose)s",
        id=person,
        purpose=purpose,
    )
    return found[0].granted if found else None


def test_what_is_taken_back_meanwhile_is_taken_back_for_both(world: World) -> None:
    keep, other = pair(world)
    done = merge(world.rt, CLI, keep, other)
    say(world, keep, "email", "care", False)
    unmerge(world.rt, CLI, done.id)
    assert ("email", "care") not in agreed(world.rt, keep) | agreed(world.rt, other)


def test_links_in_old_letters_lead_to_the_kept_person(world: World) -> None:
    world.enrol(email="ada@work.example")
    world.pass_time(timedelta(days=1))
    letter = world.lessons()[-1]
    other = rows(world.rt, "SELECT id FROM people")[0].id
    keep = who(world.rt, ADA)
    merge(world.rt, CLI, keep, other)
    page = preferences.page(world.rt, world.token("preferences", letter))
    assert set(page.to) == {"email", "sms"}
    unsubscribe.unsubscribe(world.rt, world.token("unsubscribe", letter), "page")
    assert said_now(world, keep, "education") is False
    count = len(world.lessons())
    world.pass_time(timedelta(days=30))
    assert len(world.lessons()) == count
    assert rows(world.rt, "SELECT state FROM enrolments") == [("unsubscribed",)]


@pytest.mark.parametrize("turns", range(8))
def test_merging_and_parting_puts_everything_back(world: World, turns: int) -> None:
    dice = random.Random(turns)
    ids = [_somebody(world, dice, n) for n in range(2)]
    keep, other = ids
    before = picture(world, ids)
    done = merge(world.rt, CLI, keep, other)
    merged = picture(world, ids)
    assert merged["people"][other] == "merged" and merged["planned"][other] == set()
    unmerge(world.rt, CLI, done.id)
    assert picture(world, ids) == before
    again = merge(world.rt, CLI, keep, other)
    assert picture(world, ids) == merged
    unmerge(world.rt, CLI, again.id)
    assert picture(world, ids) == before
    assert consent_proof.verify(world.rt, lambda finding: pytest.fail(str(finding))).sound


def _somebody(world: World, dice: random.Random, n: int) -> UUID:
    """One record, with whatever a life brings; the two may share addresses."""
    email = dice.choice(["ada@example.org", f"ada{n}@example.org"])
    if dice.random() < 0.6:
        world.enrol(email=email, given_name=f"Ada{n}")
        world.pass_time(timedelta(days=dice.randint(0, 5)))
    if dice.random() < 0.4:
        world.ask(email=email)
        consultation_work.answer_new(world.rt)
    person = who(
        world.rt,
        PersonIn(
            "cliniko",
            f"Ada{n}",
            external_id=str(n),
            email=email,
            mobile=dice.choice([None, "(518) 555-0101", f"(518) 555-020{n}"]),
            consent=("email",),
            consent_source="intake form",
        ),
    )
    for hour in range(dice.randint(0, 2)):
        book(world, person, VISIT + timedelta(days=10 + n), f"{10 + 2 * hour}:00")
    for contact in rows(world.rt, "SELECT id FROM contacts WHERE person_id = %(id)s", id=person):
        with world.rt.transaction() as tx:
            to = dice.choice(["confirmed", "confirmed", "confirmed", "bad", "quarantined", "replaced"])
            run(tx, "UPDATE contacts SET state = %(to)s WHERE id = %(id)s", {"to": to, "id": contact.id})
    for channel in ("email", "sms"):
        for purpose in ("care", "education", "marketing"):
            say(world, person, channel, purpose, dice.choice([None, True, False]))
    if dice.random() < 0.5:
        courses.replan_outdated(world.rt)
    return person


def picture(world: World, ids: list[UUID]) -> dict[str, Any]:
    """All that a merge may change, but for what only grows."""
    names = {"a": ids[0], "b": ids[1]}
    kept: dict[str, Any] = {
        table: [
            tuple(row)
            for row in rows(world.rt, f"SELECT {columns} FROM {table} WHERE person_id = ANY(%(ids)b::uuid[]) ORDER BY 1", ids=ids)
        ]
        for table, columns in {
            "contacts": "id, person_id, channel, state, care_only, created_at",
            "person_keys": "id, person_id, source",
            "enrolments": "id, person_id, contact_id, course, state, done, ended_at, paused_until",
            "consultations": "id, person_id, state",
            "appointments": "id, person_id, starts_at, status, version",
            "messages": "id, person_id, contact_id, status, reason, due_at, ended_at, dedup_key",
            "person_tokens": "token, person_id",
        }.items()
    }  # fmt: skip
    kept["people"] = {row.id: row.state for row in rows(world.rt, "SELECT id, state FROM people")}
    kept["told"] = {name: told(world.rt, id) for name, id in names.items()}
    kept["agreed"] = {name: agreed(world.rt, id) for name, id in names.items()}
    kept["planned"] = {
        id: {row[0] for row in kept["messages"] if row[1] == id and row[3] in ("planned", "held")}
        for id in ids
    }
    return kept


def test_who_can_not_be_merged_is_told_why(world: World) -> None:
    keep, other = pair(world)
    third = who(
        world.rt, replace(ADA, given_name="Bob", external_id="3", email="bob@example.org", mobile=None)
    )

    def refused(one: UUID, two: UUID) -> str:
        with pytest.raises(NotMerged) as refusal:
            merge(world.rt, CLI, one, two)
        return str(refusal.value)

    assert "same person twice" in refused(keep, keep)
    assert "There is no person" in refused(keep, new_id())
    assert "There is no person" in refused(new_id(), keep)
    done = merge(world.rt, CLI, keep, other)
    assert f"was merged into {keep}" in refused(third, other)
    assert f"was merged into {keep}" in refused(other, third)
    above = merge(world.rt, CLI, third, keep)
    with pytest.raises(NotMerged, match=f"was merged into {third}"):
        unmerge(world.rt, CLI, done.id)
    unmerge(world.rt, CLI, above.id)
    unmerge(world.rt, CLI, done.id)
    with pytest.raises(NotMerged, match="undone before"):
        unmerge(world.rt, CLI, done.id)
    with pytest.raises(NotMerged, match="no merge with that id"):
        unmerge(world.rt, CLI, new_id())
    erasure.erase(world.rt, third, CLI)
    assert "forgotten at their own wish" in refused(keep, third)
    assert "forgotten at their own wish" in refused(third, keep)


def test_nobody_is_merged_while_a_message_of_theirs_is_under_way(world: World) -> None:
    keep, other = pair(world)
    contact = rows(world.rt, "SELECT id FROM contacts WHERE person_id = %(id)s", id=other)[0].id
    mine = Somebody(other, "ada@work.example", "", contact, contact)
    id = plan(world.rt, mine, "email", "care")
    claim(world.rt, 1, "email")
    assert state(world.rt, id)[0] == "claimed"
    for one, two in ((keep, other), (other, keep)):
        with pytest.raises(NotMerged, match="being sent"):
            merge(world.rt, CLI, one, two)


def test_what_comes_to_wait_again_is_handed_to_the_kept_person(world: World) -> None:
    keep, other = pair(world)
    contact = rows(world.rt, "SELECT id FROM contacts WHERE person_id = %(id)s", id=other)[0].id
    mine = Somebody(other, "ada@work.example", "", contact, contact)
    id = plan(world.rt, mine, "email", "care")
    with world.rt.transaction() as tx:
        run(tx, "UPDATE messages SET status = 'accepted' WHERE id = %(id)s", {"id": id})
    merge(world.rt, CLI, keep, other)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE messages SET status = 'planned' WHERE id = %(id)s", {"id": id})
    world.work()
    row = standing(world.rt, id)
    assert (row.person_id, row.status) == (keep, "accepted")
    assert consent_proof.verify(world.rt, lambda finding: pytest.fail(str(finding))).sound


def test_claims_and_merges_at_once_lose_and_double_nothing(world: World) -> None:
    keep, other = pair(world)
    contact = rows(world.rt, "SELECT id FROM contacts WHERE person_id = %(id)s", id=other)[0].id
    mine = Somebody(other, "ada@work.example", "", contact, contact)
    barrier = threading.Barrier(2)
    counts = {"merged": 0, "refused": 0}
    with ThreadPoolExecutor(2) as pool:
        for _ in range(12):
            id = plan(world.rt, mine, "email", "care")

            def merges_now() -> UUID | None:
                barrier.wait()
                try:
                    return merge(world.rt, CLI, keep, other).id
                except NotMerged:
                    return None

            def claims() -> None:
                barrier.wait()
                claim(world.rt, 1, "email")

            merged = pool.submit(merges_now)
            pool.submit(claims).result()
            done = merged.result()
            row = standing(world.rt, id)
            if done is None:
                counts["refused"] += 1
                assert (row.status, row.person_id) == ("claimed", other)
            else:
                counts["merged"] += 1
                assert row.person_id == keep
            with world.rt.transaction() as tx:
                run(tx, "UPDATE messages SET status = 'delivered' WHERE id = %(id)s", {"id": id})
            if done is not None:
                unmerge(world.rt, CLI, done)
    assert sum(counts.values()) == 12


def test_the_copy_and_the_erasure_hold_for_all_records(world: World) -> None:
    keep, other = pair(world)
    merge(world.rt, CLI, keep, other)
    copy = export.of_person(world.rt, other, PERSON)
    assert copy["person"]["id"] == str(keep)
    assert [one["person"]["id"] for one in copy["merged"]] == [str(other)]
    assert {(one["system"], one["external_id"]) for one in copy["booking_ids"]} == {
        ("cliniko", "17"),
        ("jane", "99"),
    }
    page = export.page(world.rt, copy)
    assert "Another record that is you" in page and "ada@work.example" in page
    assert erasure.erase(world.rt, other, CLI)
    assert {row.state for row in rows(world.rt, "SELECT state FROM people")} == {"erased"}
    for table in ("people", "contacts", "person_keys"):
        assert rows(world.rt, f"SELECT 1 FROM {table} WHERE sealed IS NOT NULL") == []
    assert {tell(world.rt, one)[0].how for one in (ADA, TWIN)} == {"refused"}


def test_the_question_who_is_who_is_answered_by_merging(world: World) -> None:
    ada = who(world.rt, ADA)
    (bob,) = tell(world.rt, replace(ADA, given_name="Adah", external_id="18"))
    assert bob.person_id is not None and bob.doubt
    page = person_page.see(world.rt, CLI, ada)
    assert page is not None and [one.id for one in page.maybe] == [bob.person_id]
    merge(world.rt, CLI, ada, bob.person_id)
    assert rows(world.rt, "SELECT state FROM follow_ups") == [("done",)]
    page = person_page.see(world.rt, CLI, ada)
    assert page is not None and page.maybe == []


def test_a_sign_up_from_a_shared_address_is_of_whom_it_names(world: World) -> None:
    ada = who(world.rt, replace(ADA, mobile=None))
    bob = who(world.rt, replace(ADA, given_name="Bob", external_id="18", mobile=None))
    world.enrol(given_name="bob")
    (row,) = rows(world.rt, "SELECT person_id FROM enrolments")
    assert row.person_id == bob
    assert told(world.rt, bob)["family_name"] == "Lovelace" and told(world.rt, bob)["main_pain"] == "neck"
    assert told(world.rt, ada) == {"given_name": "Ada", "family_name": "Lovelace"}
    # Somebody else who reads that mail is somebody else.
    world.pass_time(timedelta(days=2))
    count = len(asked(world.rt))
    token = world.sign_up(given_name="Cleo")
    world.work()
    signups.confirm(world.rt, world.token("confirm", world.mail("ada@example.org")[-1]))
    assert token and len(rows(world.rt, "SELECT 1 FROM people")) == 3
    assert len(asked(world.rt)) == count + 1
