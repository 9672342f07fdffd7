"""A person's profile follows whatever changes about them, wherever it changes, and what time alone changes."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from engage.domain.reach import UNREACHED
from engage.domain.stages import STAGES
from engage.ids import new_id
from engage.services import erasure, merges, profiles
from engage.storage import consents, suppressions
from engage.storage import profiles as rows
from engage.storage.database import run
from tests.audience import STAFF, do, person, profile, visit
from tests.world import World


def stage(world: World, id: UUID) -> str | None:
    found = profile(world, id)
    assert found is not None
    return STAGES[found.stage - 1] if found.stage else None


def why(world: World, id: UUID, channel: str = "email") -> str | None:
    found = profile(world, id)
    assert found is not None
    number = getattr(found, f"{channel}_reach")
    return UNREACHED[number - 1] if number else None


def enrolled(world: World) -> UUID:
    """Somebody who takes the course."""
    world.enrol()
    with world.rt.transaction() as tx:
        return UUID(str(run(tx, "SELECT person_id FROM enrolments").scalar_one()))


def written(world: World) -> set[tuple[str, str]]:
    """Where each profile's row stands, and which transaction wrote it."""
    with world.rt.transaction() as tx:
        return {(r[0], r[1]) for r in run(tx, "SELECT ctid::text, xmin::text FROM profiles")}


def test_a_subscriber_becomes_a_patient_and_a_past_one(world: World) -> None:
    id = enrolled(world)
    assert stage(world, id) == "subscriber"
    world.ask(email="ada@example.org")
    world.work()
    assert stage(world, id) == "consulting"
    visit(world, id, 7)
    assert stage(world, id) == "booked"
    for days, expected in ((7, "in_treatment"), (27, "in_treatment"), (1, "maintenance"), (154, "past")):
        world.now += timedelta(days=days)
        if expected == "past":
            do(world, "UPDATE consultations SET state = 'closed'")
        assert stage(world, id) == expected


def test_a_visit_that_was_missed_or_called_off_is_none(world: World) -> None:
    id = person(world)
    first = visit(world, id, -1)
    assert stage(world, id) == "in_treatment"
    do(world, "UPDATE appointments SET status = 'noshow' WHERE id = %(id)s", id=first)
    found = profile(world, id)
    assert found is not None
    assert (found.stage, found.last_visit, found.location) == (1, None, None)
    assert found.patient  # The clinic has booked them all the same.
    do(world, "UPDATE appointments SET status = 'entered-in-error' WHERE id = %(id)s", id=first)
    found = profile(world, id)
    assert found is not None
    assert not found.patient


def test_the_place_is_that_of_the_next_visit_and_the_day_that_of_the_place(world: World) -> None:
    id = person(world)
    # 8 in the morning in Kyiv is the evening before in Chicago.
    world.now = world.now.replace(hour=2)
    visit(world, id, 0, location="Prairie Street", zone="America/Chicago")
    found = profile(world, id)
    assert found is not None
    assert (found.last_visit, found.location) == (world.now.date() - timedelta(days=1), "Prairie Street")
    visit(world, id, 5)
    found = profile(world, id)
    assert found is not None
    assert found.location == "Larkspur Lane"


def test_a_course_is_followed_lesson_by_lesson(world: World) -> None:
    id = enrolled(world)
    found = profile(world, id)
    assert found is not None
    assert (found.course, found.course_state, found.courses) == ("chronic-pain", "active", 1)
    before = found.lessons_done
    world.pass_time(timedelta(days=6))
    found = profile(world, id)
    assert found is not None
    assert found.lessons_done > before
    do(world, "UPDATE enrolments SET state = 'stopped'")
    found = profile(world, id)
    assert found is not None
    assert (found.course_state, found.stage) == ("stopped", 1)


def test_what_is_in_the_way_of_marketing_is_known_at_once(world: World) -> None:
    id = person(world)
    assert why(world, id) is None
    assert why(world, id, "sms") == "no_address"
    found = profile(world, id)
    assert found is not None
    index = bytes(found.email_index)
    for change, back, reason in (
        ("UPDATE contacts SET state = 'replaced'", "UPDATE contacts SET state = 'confirmed'", "no_address"),
        ("UPDATE contacts SET care_only = true", "UPDATE contacts SET care_only = false", "not_confirmed"),
        ("UPDATE contacts SET state = 'bad'", "UPDATE contacts SET state = 'confirmed'", "suppressed"),
        (
            "UPDATE consent_states SET granted = false",
            "UPDATE consent_states SET granted = true",
            "no_consent",
        ),
    ):
        do(world, change)
        assert why(world, id) == reason
        do(world, back)
        assert why(world, id) is None
    with world.rt.transaction() as tx:
        suppressions.add(tx, "email", index, "education", "unsubscribed", world.now)
    assert why(world, id) is None
    with world.rt.transaction() as tx:
        suppressions.add(tx, "email", index, "marketing", "unsubscribed", world.now)
    assert why(world, id) == "suppressed"
    with world.rt.transaction() as tx:
        suppressions.lift(tx, "email", index, "marketing", ["unsubscribed"], "staff", world.now)
    assert why(world, id) is None


def test_a_pause_and_a_suppression_end_by_themselves(world: World) -> None:
    id = person(world)
    found = profile(world, id)
    assert found is not None
    do(world, "UPDATE people SET paused_until = %(until)s", until=world.now + timedelta(days=3))
    with world.rt.transaction() as tx:
        ends = world.now + timedelta(days=1)
        suppressions.add(tx, "email", bytes(found.email_index), "all", "hard_bounce", world.now, expires=ends)
    for days, reason in ((0, "suppressed"), (1, "paused"), (1.9, "paused"), (0.1, None)):
        world.now += timedelta(days=days)
        assert why(world, id) == reason


def test_an_address_that_several_have_is_noted_while_they_have_it(world: World) -> None:
    ada, ben, cleo = (person(world, name, email="home@example.org") for name in ("Ada", "Ben", "Cleo"))
    only = person(world, "Dora", email="dora@example.org")

    def shared() -> list[bool]:
        found = [profile(world, id) for id in (ada, ben, cleo, only)]
        return [row is not None and row.email_shared for row in found]

    assert shared() == [True, True, True, False]
    do(world, "UPDATE contacts SET state = 'replaced' WHERE person_id = %(id)s", id=cleo)
    assert shared() == [True, True, False, False]
    erasure.erase(world.rt, ben, STAFF)
    assert shared()[1:] == [False, False, False]


def test_whoever_is_forgotten_has_no_profile_from_then_on(world: World) -> None:
    id = person(world)
    assert profile(world, id) is not None
    erasure.erase(world.rt, id, STAFF)
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM profiles").scalar_one() == 0
    assert profile(world, id) is None


def test_two_that_are_one_have_one_profile_and_two_again_when_parted(world: World) -> None:
    ada, twin = person(world), person(world, email="a.lovelace@example.org", agreed=())
    visit(world, twin, -2)
    assert stage(world, ada) == "subscriber"
    merged = merges.merge(world.rt, STAFF, ada, twin)
    assert profile(world, twin) is None
    assert stage(world, ada) == "in_treatment"
    merges.unmerge(world.rt, STAFF, merged.id)
    assert (stage(world, ada), stage(world, twin)) == ("subscriber", "in_treatment")


def test_making_profiles_again_writes_nothing(world: World) -> None:
    ids = [person(world, email=f"{n}@example.org") for n in range(5)]
    visit(world, ids[0], -3)
    profile(world, ids[0])
    before = written(world)
    do(world, "UPDATE appointments SET planned_with = 'x', unplanned = '{}'")
    assert profiles.waiting(world.rt) == 0
    with world.rt.transaction() as tx:
        assert profiles.remake(world.rt, tx, ids, world.now) == 0
    assert written(world) == before
    assert profiles.sweep(world.rt) == 0


def test_small_batches_come_to_the_same(world: World) -> None:
    ids = [person(world, email=f"{n}@example.org") for n in range(7)]
    assert profiles.sweep(world.rt, limit=2) == 7 or profiles.waiting(world.rt) == 0
    with world.rt.transaction() as tx:
        made = {row[0] for row in run(tx, "SELECT person_id FROM profiles")}
    assert made == set(ids)


def test_one_makes_profiles_at_a_time_and_a_counter_waits_for_its_turn(world: World) -> None:
    person(world)
    with world.rt.transaction() as tx:
        assert rows.try_alone(tx)
        assert profiles.sweep(world.rt) == 0
        assert profiles.waiting(world.rt) > 0
    assert profiles.fresh(world.rt, 5)


@pytest.mark.parametrize("days", [0, 400])
def test_a_profile_says_the_same_however_it_came_about(world: World, days: int) -> None:
    """Made step by step, or all at once at the end."""
    id = person(world, mobile="+15185550123")
    profile(world, id)
    visit(world, id, -300)
    profile(world, id)
    visit(world, id, 10)
    with world.rt.transaction() as tx:
        consents.enter(
            tx, id, "sms", "marketing", "granted", actor="person", source="form", now=world.now, id=new_id()
        )
    world.now += timedelta(days=days)
    by_steps = profile(world, id)
    do(world, "DELETE FROM profiles")
    do(world, "INSERT INTO profiles_to_make (person_id) SELECT id FROM people")
    assert profile(world, id) == by_steps
    assert by_steps is not None
    assert by_steps.last_visit == (date(2026, 11, 12) if days else date(2026, 1, 6))
