"""Files of visits: what people get because of them, and what staff are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engage.domain.forms import InvalidInput
from engage.domain.imports.told import Mapping
from engage.services import appointments, follow_ups, wishes
from engage.services.audit import CLI
from tests.patients import agreed, rows
from tests.visit_imports import ADA, BAO, HEAD, pictured, row, take, text, visits
from tests.visits import DESK, got, look, pass_time
from tests.world import World

MOBILE = "+15185550123"


def test_visits_of_a_file_are_booked_and_their_people_reminded(world: World) -> None:
    taken = take(world, [ADA, BAO])
    assert taken.problems == []
    assert taken.counts == {"added": 2, "people": 2, "messages": 6}
    assert visits(world) == [
        ("A1", "booked 2026-11-24 14:00 60", 1),
        ("A2", "booked 2026-11-25 09:30 45", 1),
    ]
    pass_time(world, timedelta(days=24))
    assert got(world, "ada@example.org") == [
        ("visit-reminder", "Sat Nov 21 14:00"),
        ("visit-first", "Sun Nov 22 14:00"),
    ]
    assert got(world, MOBILE) == [("visit-reminder-text", "Mon Nov 23 14:00")]


def test_the_same_file_again_writes_nothing(world: World) -> None:
    take(world, [ADA, BAO, row(ADA, appointment_id="A3", start="soon")])
    look(world)
    before = pictured(world)
    again = take(world, [ADA, BAO, row(ADA, appointment_id="A3", start="soon")])
    assert again.counts == {"unchanged": 2, "refused": 1}
    assert again.done.import_id is None
    assert pictured(world) == before


def test_the_order_of_rows_and_columns_is_no_news(world: World) -> None:
    take(world, [ADA, BAO])
    before = pictured(world)
    turned = text([tuple(reversed(BAO)), tuple(reversed(ADA))], tuple(reversed(HEAD)))
    assert take(world, turned).counts == {"unchanged": 2}
    assert pictured(world) - before == before - pictured(world)


def test_who_was_told_the_old_time_is_told_the_new_one(world: World) -> None:
    take(world, [ADA, BAO])
    pass_time(world, timedelta(days=20))
    taken = take(world, [row(ADA, start="2026-11-26 10:00"), BAO])
    assert (taken.counts["moved"], taken.counts["unchanged"]) == (1, 1)
    assert visits(world)[1] == ("A1", "booked 2026-11-26 10:00 60", 2)
    pass_time(world, timedelta(hours=1))
    assert [kind for kind, _ in got(world, "ada@example.org")] == ["visit-reminder", "visit-moved"]


def test_who_was_told_of_a_visit_is_told_that_it_is_off(world: World) -> None:
    take(world, [ADA])
    pass_time(world, timedelta(days=20))
    assert take(world, [row(ADA, status="Cancelled")]).counts["cancelled"] == 1
    pass_time(world, timedelta(hours=1))
    assert got(world, "ada@example.org")[-1][0] == "visit-cancelled"
    assert take(world, [row(ADA, status="Late cancel")]).counts == {"unchanged": 1}
    assert take(world, [row(ADA, status="Booked")]).counts["reinstated"] == 1


def test_how_a_visit_went_is_noted_and_who_missed_it_hears_of_it(world: World) -> None:
    take(world, [row(ADA, start="2026-11-03 10:00"), row(BAO, start="2026-11-03 10:00")])
    world.now += timedelta(days=1)
    done = [row(ADA, start="2026-11-03 10:00", status="No Show")]
    done += [row(BAO, start="2026-11-03 10:00", status="Checked out")]
    assert take(world, done).counts["marked"] == 2
    pass_time(world, timedelta(days=1))
    assert got(world, MOBILE)[-1][0] == "visit-missed-text"
    assert "visit-missed-text" not in [kind for kind, _ in got(world, "+15185550124")]


@pytest.mark.parametrize("before", ["Waitlist", "Proposed"])
def test_who_gets_a_place_from_the_waiting_list_is_told_as_of_a_booking(world: World, before: str) -> None:
    soon = row(ADA, start="2026-11-05 10:00", status=before)
    take(world, [soon, row(BAO, status=before)])
    pass_time(world, timedelta(hours=2))
    assert got(world) == []
    booked = take(world, [row(soon, status="Booked"), row(BAO, status="Booked")])
    assert booked.counts["marked"] == 2
    assert visits(world) == [
        ("A1", "booked 2026-11-05 10:00 60", 2),
        ("A2", "booked 2026-11-25 09:30 45", 2),
    ]
    pass_time(world, timedelta(days=24))
    assert [kind for kind, _ in got(world, "ada@example.org")] == ["visit-booked", "visit-first"]
    assert [kind for kind, _ in got(world, MOBILE)] == ["visit-reminder-text"]
    assert got(world, "bao@example.org") == [
        ("visit-reminder", "Sun Nov 22 09:30"),
        ("visit-first", "Mon Nov 23 09:30"),
    ]


def test_a_visit_that_waited_for_an_answer_is_told_of_once(world: World) -> None:
    soon = row(ADA, start="2026-11-05 09:00", status="Pending")
    take(world, [soon])
    pass_time(world, timedelta(hours=2))
    assert take(world, [row(soon, status="Booked")]).counts["marked"] == 1
    pass_time(world, timedelta(days=4))
    assert [kind for kind, _ in got(world)] == ["visit-booked", "visit-first", "visit-reminder-text"]


def test_a_visit_goes_back_to_the_waiting_list_and_who_was_told_of_it_is_called(world: World) -> None:
    take(world, [ADA])
    pass_time(world, timedelta(days=20))
    assert take(world, [row(ADA, status="Waitlist")]).counts["marked"] == 1
    assert [one.kind for one in follow_ups.listing(world.rt)] == ["call_about_change"]


def test_a_place_from_the_waiting_list_is_refused_where_the_person_has_another_visit(world: World) -> None:
    there = row(ADA, appointment_id="A2")
    take(world, [row(ADA, status="Waitlist"), there])
    taken = take(world, [ADA, there])
    assert [(at, what) for at, _, what in taken.refused] == [
        (2, "The person has another visit then, from 14:00 on 2026-11-24 (row 3).")
    ]
    assert "visit-booked" not in [kind for kind, _ in got(world)]


def test_history_is_kept_and_tells_nobody_anything(world: World) -> None:
    past = [
        row(ADA, appointment_id=f"P{n}", start=f"2026-10-{n:02d} 10:00", status=status)
        for n, status in enumerate(("No show", "Completed", "Booked", "Cancelled"), 25)
    ]
    assert take(world, past).counts == {"added": 4, "people": 1}
    pass_time(world, timedelta(days=5))
    assert got(world) == []
    assert take(world, [ADA]).counts["added"] == 1
    pass_time(world, timedelta(days=20))
    assert "visit-first" not in [kind for kind, _ in got(world)]


def test_what_staff_changed_here_stays_until_the_booking_system_changes_it(world: World) -> None:
    take(world, [ADA])
    (id,) = (one.id for one in rows(world.rt, "SELECT id FROM appointments"))
    appointments.cancel(world.rt, DESK, id)
    assert take(world, [ADA]).counts == {"unchanged": 1}
    assert take(world, [row(ADA, provider="Dr. Reed")]).counts == {"unchanged": 1}
    assert take(world, [row(ADA, provider="Dr. Reed", mobile="(518) 555-0177")]).counts == {
        "unchanged": 1,
        "people_changed": 1,
    }
    assert visits(world) == [("A1", "cancelled 2026-11-24 14:00 60", 2)]
    take(
        world,
        [row(ADA, status="Booked again", provider="Dr. Reed")],
        mapping=Mapping(statuses={"booked again": "booked"}),
    )
    assert visits(world) == [("A1", "booked 2026-11-24 14:00 60", 3)]


def test_a_visit_that_became_somebody_else_s_is_off_for_one_and_new_for_the_other(world: World) -> None:
    take(world, [ADA])
    pass_time(world, timedelta(days=20))
    bao = row(BAO, appointment_id="A1", start=ADA[6])
    taken = take(world, [bao])
    assert taken.counts["given_away"] == taken.counts["added"] == 1
    pass_time(world, timedelta(days=2))
    assert got(world, "ada@example.org")[-1][0] == "visit-cancelled"
    assert got(world, "bao@example.org")[0][0] == "visit-booked"
    assert take(world, [bao]).counts == {"unchanged": 1}


# Opt-outs


def test_who_opted_out_stays_so_whatever_a_file_says(world: World) -> None:
    take(world, [ADA])
    (person,) = {one.person_id for one in rows(world.rt, "SELECT person_id FROM appointments")}
    wishes.record(world.rt, CLI, person, "sms", "stop", "telephone")
    taken = take(world, [row(ADA, last_name="King", start="2026-11-26 10:00")], consent_source="another form")
    assert taken.counts["opted_out"] == 1
    assert "opted out" in taken.problems[0][1].what
    assert agreed(world.rt, person) == {("email", "care")}
    pass_time(world, timedelta(days=25))
    assert got(world, MOBILE) == []


def test_a_no_in_the_file_ends_a_yes(world: World) -> None:
    head = (*HEAD, "SMS consent", "Email consent")
    take(world, text([(*ADA, "yes", "yes")], head))
    (person,) = {one.person_id for one in rows(world.rt, "SELECT person_id FROM appointments")}
    assert agreed(world.rt, person) == {("email", "care"), ("sms", "care")}
    assert take(world, text([(*ADA, "no", "yes")], head)).counts["withdrawn"] == 1
    assert agreed(world.rt, person) == {("email", "care")}
    look(world)
    pass_time(world, timedelta(days=24))
    assert got(world, MOBILE) == []


def test_a_cell_that_is_neither_yes_nor_no_is_no_consent(world: World) -> None:
    taken = take(world, text([(*ADA, "perhaps")], (*HEAD, "SMS consent")))
    assert taken.counts["left_out"] == 1
    (person,) = {one.person_id for one in rows(world.rt, "SELECT person_id FROM appointments")}
    assert agreed(world.rt, person) == {("email", "care")}


@pytest.mark.parametrize("source", ["", "   ", "ask ada@example.org", "x" * 200])
def test_without_a_source_of_consent_nothing_is_taken(world: World, source: str) -> None:
    with pytest.raises(InvalidInput) as told:
        take(world, [ADA], consent_source=source)
    assert "consent_source" in told.value.errors
    assert visits(world) == []
