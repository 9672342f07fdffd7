"""The front desk's pages: the day, one visit, booking with the effect shown first."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest

from engage.services import find
from engage.storage.database import run
from tests.visits import PRAIRIE, book, patient
from tests.web.front_desk import a_time, desk, fields, only_visit, send, trail, words, world
from tests.web.staff_world import Desk
from tests.world import World

__all__ = ["desk", "world"]
VISIT = date(2026, 11, 12)
HOUR = timedelta(hours=1)


# the day


def test_the_day_lists_its_visits_by_the_clocks_of_each_place(world: World, desk: Desk) -> None:
    ada = patient(world)
    book(world, ada, VISIT, "09:30")
    ben = patient(world, "Ben", "ben@example.org", "+16085550123")
    book(world, ben, VISIT, "17:30", PRAIRIE)
    book(world, ben, VISIT + timedelta(days=1), "09:00", PRAIRIE)
    page = desk.get("/staff/visits?day=2026-11-12")
    said = words(page)
    assert "Thursday, November 12" in said
    assert "2 visits: 2 will be told" in said
    assert said.index("9:30 AM") < said.index("5:30 PM")
    assert "6:30 PM" in said and "7:30 PM" not in said
    assert said.count("No answer yet") == 2
    here = words(desk.get("/staff/visits?day=2026-11-12&location=Prairie+Street"))
    assert "Ben" in here and "Ada" not in here
    assert ("view", "person in a list", str(ada)) in trail(world)


def test_a_day_of_many_visits_asks_the_database_as_often_as_a_day_of_one(world: World, desk: Desk) -> None:
    from sqlalchemy import event

    def count() -> int:
        asked: list[str] = []

        def listen(*args: object) -> None:
            asked.append(str(args[2]))

        event.listen(world.rt.engine, "before_cursor_execute", listen)
        assert desk.get("/staff/run-sheet?day=2026-11-12").status_code == 200
        event.remove(world.rt.engine, "before_cursor_execute", listen)
        return sum("INSERT INTO audit" not in sql for sql in asked)

    book(world, patient(world, "P0", "p0@example.org", None), VISIT, "09:00")
    few = count()
    for n in range(1, 9):
        book(world, patient(world, f"P{n}", f"p{n}@example.org", None), VISIT, f"{9 + n:02}:00")
    assert count() == few


NOBODY = UUID(int=9)


@pytest.mark.parametrize(
    "address",
    [
        "/staff/visits?day=tomorrow",
        "/staff/visits?day=9999-12-31",
        "/staff/visits?location=Nowhere",
        "/staff/run-sheet?day=0001-01-01",
        f"/staff/visits/{NOBODY}",
        f"/staff/visits/{NOBODY}/move",
        f"/staff/plans/{NOBODY}",
        f"/staff/visits/new?person={NOBODY}",
        "/staff/visits/new?person=x",
        "/staff/plans/new?person=x",
    ],
)
def test_what_does_not_exist_is_not_found(desk: Desk, address: str) -> None:
    assert desk.get(address).status_code == 404


def test_an_empty_day_says_so_and_offers_one_thing(desk: Desk) -> None:
    page = desk.get("/staff/visits")
    notice = re.search(r'<p class="notice">(.*?)</p>', page.text, re.DOTALL)
    assert notice is not None and "No visit is booked for this day" in notice[1]
    assert notice[1].count("<a ") == 1


# booking


def test_a_visit_is_booked_after_its_effect_was_seen_and_pressed_twice_it_is_one(
    world: World, desk: Desk
) -> None:
    person = patient(world)
    with world.rt.transaction() as tx:
        find.index_again(world.rt, tx, person)
    found = desk.client.post(
        "/staff/visits/new/find",
        data=fields(desk.get("/staff/visits/new"), "/staff/visits/new/find") | {"words": "5550123"},
    )
    assert f"/staff/visits/new?person={person}" in found.text
    form = desk.get(f"/staff/visits/new?person={person}&day=2026-11-12")
    preview = send(
        desk,
        form,
        "/staff/visits/new",
        day="2026-11-12",
        time="14:00",
        minutes="45",
        location="Larkspur Lane",
        practitioner="Dr. Wu",
        note="Left shoulder",
    )
    assert preview.status_code == 200
    said = words(preview)
    assert "Thursday, November 12, 2:00 PM" in said and "45 minutes" in said
    assert "Monday, November 9, 2:00 PM" in said and "Wednesday, November 11, 2:00 PM" in said
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM appointments").scalar_one() == 0
    answers = [send(desk, preview, "/staff/visits/new") for _ in range(2)]
    assert {a.status_code for a in answers} == {303}
    assert answers[0].location == answers[1].location
    booked = only_visit(world)
    assert (booked.practitioner, booked.note, booked.when.minutes) == ("Dr. Wu", "Left shoulder", 45)
    shown = words(desk.get(answers[0].location))
    assert "The visit is booked." in shown and "Take the booking back" in shown
    assert ("change", "appointment", str(person)) in trail(world)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"day": ""}, "Please choose a day"),
        ({"time": "9"}, "Please give the hour"),
        ({"time": "14:00+02:00"}, "Please give the hour"),
        ({"minutes": "0"}, "Please give the length in minutes"),
        ({"minutes": "²"}, "Please give the length in minutes"),
        ({"location": "Nowhere"}, "Please choose one of the places."),
        ({"day": "2026-10-01"}, "That time is over"),
        ({"day": "2036-10-01"}, "more than two years ahead"),
        ({"day": "2027-03-14", "time": "02:30"}, "there is no 02:30 then"),
        ({"day": "2027-11-07", "time": "01:30"}, "01:30 comes twice"),
    ],
)
def test_what_can_not_be_booked_is_said_in_one_sentence_and_what_was_typed_stays(
    world: World, desk: Desk, typed: dict[str, str], sentence: str
) -> None:
    form = desk.get(f"/staff/visits/new?person={patient(world)}")
    right = {
        "day": "2026-11-12",
        "time": "14:00",
        "minutes": "60",
        "location": "Larkspur Lane",
        "note": "Kept",
    }
    answer = send(desk, form, "/staff/visits/new", **(right | typed))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "<title>Error: " in answer.text and "Kept" in answer.text


def test_a_person_with_another_visit_then_is_not_booked_over_it(world: World, desk: Desk) -> None:
    person = patient(world)
    book(world, person, VISIT, "14:00")
    form = desk.get(f"/staff/visits/new?person={person}")
    answer = send(
        desk,
        form,
        "/staff/visits/new",
        day="2026-11-12",
        time="14:30",
        minutes="60",
        location="Larkspur Lane",
    )
    assert answer.status_code == 422
    assert "The person has another visit then" in words(answer)


def test_somebody_new_is_entered_on_the_way_and_found_again_the_second_time(world: World, desk: Desk) -> None:
    form = desk.get("/staff/visits/new/person")
    typed = {
        "given_name": "Noor",
        "email": "noor@example.org",
        "mobile": "(518) 555-0188",
        "agreed-sms": "yes",
    }
    first = send(desk, form, "/staff/visits/new/person", source="in-person", **typed)
    page = desk.get(first.location)
    assert "Noor" in words(page) and "noor@example.org , +15185550188" in words(page)
    preview = send(desk, page, "/staff/visits/new", **a_time("2026-11-12", "14:00"))
    assert "text message" in words(preview) and "Email: The person has not agreed" in words(preview)
    again = send(desk, form, "/staff/visits/new/person", source="in-person", **typed)
    assert again.location == first.location + "&known=yes"
    assert "was known already" in words(desk.get(again.location))
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM people").scalar_one() == 1
        assert [tuple(row) for row in run(tx, "SELECT channel, purpose, source FROM consents")] == [
            ("sms", "care", "front desk, told at the clinic")
        ]
    page = desk.get("/staff/visits/new")
    found = send(desk, page, "/staff/visits/new/find", words="noor")
    assert "Enter somebody new" in words(found) and "1 person found" in words(found)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"given_name": "Noor"}, "Please give an email address or a mobile number"),
        ({"given_name": "", "email": "noor@example.org"}, "first name"),
        ({"given_name": "Noor", "email": "noor@"}, "That is no email address."),
        ({"given_name": "Noor", "mobile": "12"}, "There is no such number."),
    ],
)
def test_somebody_new_needs_a_name_and_an_address_that_works(
    desk: Desk, typed: dict[str, str], sentence: str
) -> None:
    form = desk.get("/staff/visits/new/person")
    answer = send(desk, form, "/staff/visits/new/person", source="telephone", **typed)
    assert answer.status_code == 422 and sentence in words(answer)
