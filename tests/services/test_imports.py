"""Files of visits: what people get because of them, and what staff are told."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest

from engage.domain.forms import InvalidInput
from engage.domain.imports.columns import Unclear
from engage.domain.imports.encoding import NoTable
from engage.domain.imports.told import Mapping
from engage.services import appointments, follow_ups, import_files, wishes
from engage.services.audit import CLI
from tests.patients import agreed, rows, versions
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


# Rows that can't be


@pytest.mark.parametrize(
    ("cells", "column", "what"),
    [
        ({"start": "2026-03-08 02:30"}, "Start", "go forward that night"),
        ({"start": "2027-11-07 01:30"}, "Start", "comes twice"),
        ({"start": "24/11/2026 10:00"}, "Start", "no month 24"),
        ({"start": ""}, "Start", "date of the visit is missing"),
        ({"start": "2026-11-24"}, "Start", "time of day of the visit is missing"),
        ({"start": "2036-11-24 10:00"}, "Start", "more than two years ahead"),
        ({"start": "1926-11-24 10:00"}, "Start", "more than twenty years ago"),
        ({"duration": "0"}, "Duration", "between 1 and 720"),
        ({"duration": "99999"}, "Duration", "no length of time"),
        ({"location": "Elsewhere"}, "Location", "no such place; there is: Larkspur Lane, Prairie Street"),
        ({"status": "Rescheduled"}, "Status", "not known"),
        ({"status": "Completed"}, "Status", "A visit to come"),
        ({"appointment_id": ""}, "Appointment ID", "needs an id"),
        ({"appointment_id": "x" * 201}, "Appointment ID", "needs an id"),
        ({"first_name": ""}, "First Name", "first name"),
        ({"first_name": "Buy at shop.example.com"}, "First Name", "without an address or link"),
        ({"patient_id": "", "email": "", "mobile": ""}, "Patient ID", "could not be found again"),
        ({"last_name": "Love\x00lace"}, "Last Name", "control character"),
        ({"provider": "x" * 10_001}, "Provider", "10,001 characters"),
    ],
)
def test_a_row_that_can_t_be_is_told_with_its_cell_and_the_others_are_taken(
    world: World, cells: dict[str, str], column: str, what: str
) -> None:
    taken = take(world, [row(ADA, **cells), BAO])
    ((at, named, sentence),) = taken.refused
    assert (at, named) == (2, column)
    assert what in sentence
    assert taken.counts["refused"] == taken.counts["added"] == taken.counts["people"] == 1
    assert [one[0] for one in visits(world)] == ["A2"]
    assert len(rows(world.rt, "SELECT FROM people")) == len(rows(world.rt, "SELECT FROM person_keys")) == 1


def test_who_was_refused_with_one_visit_comes_with_the_next(world: World) -> None:
    take(world, [row(ADA, status="Completed")])
    assert rows(world.rt, "SELECT FROM people") == []
    taken = take(world, [ADA, row(ADA, appointment_id="A3", start="2036-11-24 14:00")])
    assert (taken.counts["added"], taken.counts["people"], taken.counts["refused"]) == (1, 1, 1)
    assert len(rows(world.rt, "SELECT FROM people")) == 1


def test_a_visit_given_to_somebody_new_at_a_time_that_can_t_be_stays_whose_it_was(world: World) -> None:
    take(world, [ADA])
    taken = take(world, [row(BAO, appointment_id="A1", start="1926-11-24 10:00")])
    assert [what for _, _, what in taken.refused] == ["That is more than twenty years ago."]
    assert len(rows(world.rt, "SELECT FROM people")) == 1
    assert visits(world) == [("A1", "booked 2026-11-24 14:00 60", 1)]


def test_an_address_that_is_none_is_left_out_and_the_visit_taken(world: World) -> None:
    taken = take(world, [row(ADA, email="ada at example", mobile="12345")])
    assert taken.counts == {"added": 1, "people": 1, "left_out": 2}
    assert {one.column for _, one in taken.problems} == {"Email", "Mobile"}


def test_the_end_of_a_visit_is_after_its_beginning(world: World) -> None:
    head = ("Appointment ID", "Patient ID", "First Name", "Email", "Start", "End", "Time zone")
    made = [
        ("1", "1", "Ada", "ada@example.org", "2026-11-24 14:00", "15:15", "America/New_York"),
        ("2", "2", "Bao", "bao@example.org", "2026-11-24 14:00", "13:00", "America/New_York"),
        ("3", "3", "Chi", "chi@example.org", "2026-11-24 14:00", "2026-11-24 14:00", "America/New_York"),
        ("4", "4", "Dee", "dee@example.org", "2026-11-24 14:00", "2026-11-25 14:00", "America/New_York"),
        ("5", "5", "Eve", "eve@example.org", "2026-11-24 14:00", "15:00", "Mars/Olympus"),
        ("6", "6", "Fay", "fay@example.org", "2026-11-24 13:00", "14:00", "America/Chicago"),
    ]
    taken = take(world, text(made, head))
    assert taken.refused == [
        (3, "End", "The visit ends before it begins."),
        (4, "End", "The visit ends before it begins."),
        (5, "End", "A visit takes between 1 and 720 minutes, not 1,440."),
        (6, "Time zone", "There is no such time zone."),
    ]
    assert {id: what for id, what, _ in visits(world)} == {
        "1": "booked 2026-11-24 14:00 75",
        "6": "booked 2026-11-24 14:00 60",
    }


def test_two_visits_of_one_person_at_the_same_time_are_told(world: World) -> None:
    second = row(ADA, appointment_id="A9", start="2026-11-24 14:30")
    for dry in (True, False):
        taken = take(world, [ADA, second, BAO], dry=dry)
        assert [(at, column) for at, column, _ in taken.refused] == [(3, "Start")]
        assert "row 2" in taken.refused[0][2]
        assert taken.counts["added"] == 2
    assert take(world, [ADA, second, BAO]).counts == {"unchanged": 2, "refused": 1}


def test_visits_may_change_places_with_each_other(world: World) -> None:
    take(world, [ADA, row(ADA, appointment_id="A9", start="2026-11-26 10:00")])
    turned = [row(ADA, start="2026-11-26 10:00"), row(ADA, appointment_id="A9", start="2026-11-24 14:00")]
    assert take(world, turned).counts["moved"] == 2


def test_rows_that_say_different_things_about_one_visit_are_all_refused(world: World) -> None:
    taken = take(world, [ADA, BAO, row(ADA, start="2026-11-27 14:00"), BAO])
    assert taken.counts == {"added": 1, "people": 1, "messages": 3, "refused": 2, "repeated": 1}
    assert [(at, column) for at, column, _ in taken.refused] == [(2, "Appointment ID"), (4, "Appointment ID")]
    assert "Rows 2, 4 say different things" in taken.refused[0][2]


def test_all_or_nothing_takes_nothing_if_one_row_is_refused(world: World) -> None:
    before = versions(world.rt)
    taken = take(world, [ADA, row(BAO, start="soon")], all_or_nothing=True)
    assert taken.done.stopped
    assert taken.refused == [(3, "Start", "That is no date and time that we can read.")]
    assert visits(world) == []
    assert versions(world.rt) == before
    taken = take(world, [ADA, BAO], all_or_nothing=True)
    assert not taken.done.stopped
    assert taken.counts["added"] == 2


def test_a_dry_run_says_what_would_be_and_changes_nothing(world: World) -> None:
    before = pictured(world)
    taken = take(world, [ADA, BAO], dry=True)
    assert taken.counts == {"added": 2, "people": 2, "messages": 6}
    assert taken.done.import_id is None
    assert pictured(world) == before
    assert take(world, [ADA, BAO]).counts == taken.counts


# Files that can't be


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The first row is empty"),
        (b"PK\x03\x04workbook", "an Excel workbook"),
        (b'"Appointment ID,First Name\n', "never closed"),
    ],
)
def test_a_file_that_is_no_table_is_told(world: World, content: bytes, words: str) -> None:
    with pytest.raises(NoTable, match=words):
        take(world, content)


def test_a_file_without_an_end_of_line_fills_no_memory(world: World, tmp_path: Path) -> None:
    path = tmp_path / "endless.csv"
    path.write_bytes(b"Ada," * (10 << 20))
    with path.open("rb") as file:
        tracemalloc.start()
        try:
            with pytest.raises(NoTable, match="longer than any that can be read"):
                import_files.look(world.rt, file)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert most < 16 << 20


def test_an_endless_line_costs_its_row_and_no_other(world: World) -> None:
    taken = take(world, text([ADA]) + "x," * 300_000 + "\n" + ",".join(BAO) + "\n")
    assert [at for at, *_ in taken.refused] == [3] and taken.counts["added"] == 2


def test_a_file_without_columns_that_are_needed_is_told(world: World) -> None:
    with pytest.raises(Unclear, match="when a visit starts"):
        take(world, "Appointment ID,First Name,Email\n1,Ada,ada@example.org\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_names_arrive_as_they_were_written(world: World, encoding: str, delimiter: str) -> None:
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(
        [HEAD, row(ADA, first_name="Renée", last_name="Müller\u00a0Núñez")]
    )
    assert take(world, made.getvalue().encode(encoding)).counts["added"] == 1
    (person,) = rows(world.rt, "SELECT id, sealed FROM people")
    assert world.rt.sealer.open("people", person.id, person.sealed)["given_name"] == "Renée"


def test_a_broken_letter_costs_its_row(world: World) -> None:
    good = [
        row(
            BAO,
            appointment_id=f"B{n}",
            patient_id=f"B{n}",
            first_name="Zoë",
            email=f"b{n}@example.org",
            mobile="",
        )
        for n in range(9)
    ]
    content = text([ADA, *good]).encode().replace(b"Lovelace", b"L\xfcvelace")
    taken = take(world, content)
    assert [(at, column) for at, column, _ in taken.refused] == [(2, "Last Name")]
    assert taken.counts["added"] == 9


def test_columns_that_were_told_are_remembered(world: World) -> None:
    head = tuple("Handy" if name == "Mobile" else name for name in HEAD)
    assert (
        take(world, text([ADA], head), mapping=Mapping({"Handy": "mobile"}, location="Larkspur Lane")).counts[
            "added"
        ]
        == 1
    )
    again = take(world, text([row(ADA, mobile="")], head), mapping=Mapping())
    assert again.done.columns.fields()["Handy"] == "mobile"
    with pytest.raises(Unclear, match="Handy"):
        take(world, [ADA], mapping=Mapping())
    assert (
        take(world, [ADA], mapping=Mapping({"Mobile": "mobile"})).done.columns.fields()["Mobile"] == "mobile"
    )
    assert take(world, [ADA], mapping=Mapping(), forget_mapping=True).counts == {"unchanged": 1}
