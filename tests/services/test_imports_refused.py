"""Files of visits: rows and files that can't be taken in, each said with its place and its cure."""

from __future__ import annotations

import csv
import io
import tracemalloc
from pathlib import Path

import pytest

from engage.domain.imports.columns import Unclear
from engage.domain.imports.encoding import NoTable
from engage.domain.imports.told import Mapping
from engage.services import import_files
from tests.patients import rows, versions
from tests.visit_imports import ADA, BAO, HEAD, pictured, row, take, text, visits
from tests.world import World

MOBILE = "+15185550123"


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
