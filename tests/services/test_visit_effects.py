"""What staff are shown before a change is what the change does, and being shown it does nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.runtime import Runtime
from engage.services import appointments, visit_effects
from engage.services.appointments import Booking, NoSuchVisit
from engage.services.visit_effects import Effects
from engage.storage.database import run
from tests.visits import DESK, PRAIRIE, book, move, pass_time, patient, texts, when
from tests.world import World

DAY = timedelta(days=1)
# Until the letter three days before the visit has gone.
TOLD = timedelta(days=7, hours=5)
VISIT = date(2026, 11, 12)
LATER = date(2026, 11, 19)


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def everything(world: World) -> list[tuple[Any, ...]]:
    """All that an act could have changed."""
    told = []
    with world.rt.transaction() as tx:
        for table in ("appointments", "appointment_versions", "messages", "follow_ups", "enrolments"):
            told += [tuple(row) for row in run(tx, f"SELECT '{table}', t::text FROM {table} t ORDER BY 2")]
    return told


def lines(effects: Effects) -> dict[str, list[tuple[str, str]]]:
    """Each group with (channel, when by the clocks at the visit)."""
    groups = ("notices", "new", "moved", "ended")
    return {
        name: [(one.channel, f"{one.at:%a %b %d %H:%M}") for one in getattr(effects, name)]
        for name in groups
        if getattr(effects, name)
    }


def planned(world: World, visit: UUID) -> list[tuple[str, str]]:
    with world.rt.transaction() as tx:
        sql = """SELECT channel, to_char(due_at AT TIME ZONE 'America/New_York', 'Dy Mon DD HH24:MI') FROM messages
        WHERE cause_id = %(id)s AND status = 'planned' ORDER BY due_at"""
        return [(row[0], row[1]) for row in run(tx, sql, {"id": visit})]


def test_moving_a_visit_nobody_was_told_of_moves_its_reminders_and_tells_nobody(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    before = everything(world)
    found = visit_effects.of_move(world.rt, DESK, visit, when(world.rt, LATER, "14:00"))
    assert everything(world) == before
    assert lines(found) == {
        "moved": [("email", "Mon Nov 16 14:00"), ("email", "Tue Nov 17 14:00"), ("sms", "Wed Nov 18 14:00")]
    }
    assert [f"{one.was_at:%b %d}" for one in found.moved if one.was_at] == ["Nov 09", "Nov 10", "Nov 11"]
    move(world, visit, LATER)
    assert planned(world, visit) == lines(found)["moved"]


def test_moving_a_visit_of_which_a_letter_told_shows_the_correction_in_its_own_words(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    pass_time(world, TOLD)
    assert [mail.kind for mail in world.mail()] == ["visit-reminder"]
    found = visit_effects.of_move(world.rt, DESK, visit, when(world.rt, LATER, "09:30"))
    [notice] = found.notices
    assert notice.channel == "email"
    assert "Thursday, November 19, 9:30 AM" in notice.text
    assert "Thursday, November 12, 2:00 PM" in notice.text
    assert notice.at == world.now + timedelta(minutes=1)
    move(world, visit, LATER, "09:30")
    pass_time(world, timedelta(minutes=5))
    said = world.mail()[-1].text
    assert said.split("http")[0] == notice.text.split("http")[0]


def test_calling_a_visit_off_shows_what_goes_and_what_goes_no_more(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    pass_time(world, TOLD)
    found = visit_effects.of_cancel(world.rt, DESK, visit)
    assert lines(found) == {
        "notices": [("email", "Mon Nov 09 15:01")],
        "ended": [("email", "Tue Nov 10 14:00"), ("sms", "Wed Nov 11 14:00")],
    }
    before = everything(world)
    visit_effects.of_cancel(world.rt, DESK, visit)
    assert everything(world) == before


def test_a_change_that_no_message_can_tell_says_that_somebody_is_asked_to_telephone(world: World) -> None:
    person = patient(world, mobile=None)
    visit = book(world, person, VISIT)
    pass_time(world, TOLD)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'bad' WHERE person_id = %(id)s", {"id": person})
    found = visit_effects.of_move(world.rt, DESK, visit, when(world.rt, LATER, "14:00"))
    assert found.notices == []
    assert found.calls == ["There is no confirmed address to send it to."]


def test_booking_shows_the_reminders_the_closed_ways_and_the_course_that_ends(world: World) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        person = UUID(str(run(tx, "SELECT id FROM people").scalar_one()))
    before = everything(world)
    found = visit_effects.of_booking(
        world.rt, DESK, Booking(person, when(world.rt, VISIT, "14:00", location=PRAIRIE))
    )
    assert everything(world) == before
    assert found.courses == ["Acupuncture for chronic pain: what to know before you decide"]
    assert found.new == []
    assert any("has not agreed" in line for line in found.no_ways)


def test_a_reminder_that_passes_to_another_visit_is_named_with_that_visit(world: World) -> None:
    person = patient(world)
    first = book(world, person, VISIT)
    second = book(world, person, LATER)
    found = visit_effects.of_cancel(world.rt, DESK, first)
    others = [one for one in found.new if one.other is not None]
    assert [(one.kind_words, f"{one.other:%b %d}") for one in others] == [
        ("How to prepare for the first visit", "Nov 19")
    ]
    assert second != first


def test_whoever_is_refused_is_refused_before_the_change_is_shown(world: World) -> None:
    person = patient(world)
    visit = book(world, person, VISIT)
    book(world, person, LATER)
    with pytest.raises(InvalidInput, match="starts_at"):
        visit_effects.of_move(world.rt, DESK, visit, when(world.rt, LATER, "14:30"))
    with pytest.raises(ChangedMeanwhile):
        visit_effects.of_cancel(world.rt, DESK, visit, version=7)
    with pytest.raises(NoSuchVisit):
        visit_effects.of_cancel(world.rt, DESK, person)


def test_a_missed_visit_shows_the_message_that_follows(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    pass_time(world, 10 * DAY + timedelta(hours=5))
    assert len(texts(world)) == 1
    found = visit_effects.of_mark(world.rt, DESK, visit, "noshow")
    assert [one.kind_words for one in found.new] == ["A visit was missed, by text"]
    shown = appointments.one(world.rt, visit)
    assert shown is not None and shown.status == "booked"
