"""The front desk's other pages: the run sheet, plans of visits, reminder switches, sending again, addresses."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from engage.services import visit_plans
from engage.storage.database import run
from tests.visits import book, move, pass_time, patient, texts
from tests.web.front_desk import at_desk, desk, fields, planned, send, trail, words, world
from tests.web.staff_world import Desk
from tests.world import World

__all__ = ["desk", "world"]

VISIT = date(2026, 11, 12)
EVE = timedelta(days=9, hours=5)
PLAN = {
    "first": "2026-11-23",
    "minutes": "60",
    "location": "Larkspur Lane",
    "per_week": "2",
    "weeks": "2",
    "fewer": "1-2",
    "fewer_times": "1",
    "hour-0": "09:00",
    "hour-3": "14:30",
    "practitioner": "Dr. Wu",
}


def on_the_eve(world: World) -> Desk:
    """The day before the visit, after the text of that day; with a desk of then."""
    pass_time(world, EVE)
    return at_desk(world, "eve@example.org")


# the run sheet


def test_the_run_sheet_tells_who_was_told_who_is_to_be_called_and_why(world: World) -> None:
    ada = book(world, patient(world), VISIT, "09:00")
    nobody = patient(world, "Ben", "ben@example.org", "+15185550124", agreed=())
    book(world, nobody, VISIT, "10:00")
    grace = book(world, patient(world, "Grace", "grace@example.org", "+15185550125"), VISIT, "11:00")
    with world.rt.transaction() as tx:
        sql = "UPDATE appointments SET reply = 'wants_move', replied_at = now() WHERE id = %(id)s"
        run(tx, sql, {"id": grace})
    page = on_the_eve(world).get("/staff/run-sheet")
    said = words(page)
    assert "Run sheet for tomorrow" in said
    assert "3 visits: 1 told, 1 to call, 1 asks to move" in said
    ben = said[said.index("Ben") : said.index("Grace")]
    assert "Nothing was sent" in ben and "has not agreed" in ben
    assert "Telephone : +1 518-555-0124" in ben
    first = said[said.index("Ada") : said.index("Ben")]
    assert "Email: handed over" in first and "Text: handed over" in first and "Telephone" not in first
    assert "555-0125" in said[said.index("Grace") :]
    assert "555-0123" not in said
    assert ("view", "person in a list", str(nobody)) in trail(world)
    assert str(ada) in page.text


def test_whoever_was_told_another_time_and_can_not_be_told_the_new_one_is_to_be_called(world: World) -> None:
    person = patient(world)
    visit = book(world, person, VISIT, "09:00")
    desk = on_the_eve(world)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'bad' WHERE person_id = %(id)s", {"id": person})
    move(world, visit, VISIT, "15:00")
    said = words(desk.get("/staff/run-sheet"))
    assert "1 visit: 1 to call" in said
    assert "(another time)" in said and "Was told another time." in said
    assert "Telephone : +1 518-555-0123" in said


def test_the_sheet_of_another_day_and_place_is_an_address(world: World, desk: Desk) -> None:
    book(world, patient(world), VISIT, "09:00")
    assert "Ada" in words(desk.get("/staff/run-sheet?day=2026-11-12&location=Larkspur+Lane"))
    assert "No visit is booked" in words(desk.get("/staff/run-sheet?day=2026-11-12&location=Prairie+Street"))


# plans


def sent(desk: Desk, world: World, person: UUID, **typed: str) -> TestResponse:
    return send(desk, desk.get(f"/staff/plans/new?person={person}"), "/staff/plans/new", **(PLAN | typed))


def test_a_plan_is_shown_without_its_holidays_then_booked_once(world: World, desk: Desk) -> None:
    person = patient(world)
    preview = sent(desk, world, person)
    said = words(preview)
    assert "Book 5 sessions?" in said
    assert said.count("9:00 AM") == 4 and said.count("2:30 PM") == 1
    assert "Thursday, November 26: The clinic is closed that day." in said
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM appointments").scalar_one() == 0
    done = send(desk, preview, "/staff/plans/new")
    assert done.status_code == 303
    page = desk.get(done.location)
    assert "All are booked." in words(page) and "5 of 5 are still to come" in words(page)
    again = send(desk, preview, "/staff/plans/new")
    assert again.status_code == 409 and "The list has changed" in words(again)
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*), count(DISTINCT plan_id) FROM appointments").one() == (5, 1)
    assert ("change", "treatment plan", str(person)) in trail(world)


def test_each_session_of_a_plan_moves_by_itself(world: World, desk: Desk) -> None:
    done = send(desk, sent(desk, world, patient(world)), "/staff/plans/new")
    page = desk.get(done.location)
    links = re.findall(r"/staff/visits/([0-9a-f-]{36})", page.text)
    assert len(links) == 5
    address = f"/staff/visits/{links[1]}"
    typed = {"day": "2026-12-01", "time": "10:00", "minutes": "60", "location": "Larkspur Lane"}
    send(desk, send(desk, desk.get(f"{address}/move"), f"{address}/move", **typed), f"{address}/move")
    said = words(desk.get(done.location))
    assert "Tuesday, December 1, 10:00 AM" in said and "5 of 5" in said


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"first": ""}, "Please choose a day"),
        ({"first": "2026-10-01"}, "That day is over"),
        ({"first": "2028-10-01"}, "more than a year ahead"),
        ({"hour-0": "", "hour-3": ""}, "Please give an hour for at least one weekday."),
        ({"hour-0": "9"}, "Please give the hour for Mondays"),
        ({"hour-5": "10:00"}, "The clinic is closed on Saturdays."),
        ({"hour-4": "14:30"}, "On Fridays the clinic is open from 9:00 AM to 3:00 PM"),
        ({"per_week": "9"}, "Please choose 1 to 5 sessions a week."),
        ({"weeks": "x"}, "Please give 1 to 26 weeks."),
        ({"fewer_times": "99"}, "Please give 0 to 26 sessions"),
        ({"per_week": "5", "weeks": "26"}, "A plan has between 1 and 60 sessions"),
        ({"minutes": "0"}, "Please give the length"),
        ({"location": "Nowhere"}, "Please choose one of the places."),
    ],
)
def test_a_plan_that_can_not_be_is_refused_in_one_sentence(
    world: World, desk: Desk, typed: dict[str, str], sentence: str
) -> None:
    answer = sent(desk, world, patient(world), **typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'value="Dr. Wu"' in answer.text


# reminders


def test_a_rule_is_switched_by_a_row_and_the_visits_follow(world: World, desk: Desk) -> None:
    visit = book(world, patient(world), VISIT)
    page = desk.get("/staff/reminders")
    assert "1 visit is still to come" in words(page)
    assert "1 message waits; switching it off takes it back" in words(page)
    done = send(desk, page, "/staff/reminders/text-1-day", to="off")
    said = words(desk.get(done.location))
    assert "Switched off." in said and "still wait to be planned again" in said
    visit_plans.sweep(world.rt)
    assert "text-1-day" not in {one[0] for one in planned(world, visit)}
    assert "still wait" not in words(desk.get("/staff/reminders"))
    again = send(desk, page, "/staff/reminders/text-1-day", to="off")
    assert "it was so already" in words(desk.get(again.location))
    with world.rt.transaction() as tx:
        row = run(tx, "SELECT rule, enabled, actor FROM reminder_switches").one()
    assert (row.rule, row.enabled) == ("text-1-day", False) and row.actor.startswith("staff/")
    send(desk, page, "/staff/reminders/text-1-day", to="on")
    visit_plans.sweep(world.rt)
    assert "text-1-day" in {one[0] for one in planned(world, visit)}
    assert send(desk, page, "/staff/reminders/text-1-day", to="x").status_code == 422


# sending again, correcting an address


def test_a_reminder_is_sent_again_and_a_second_press_says_when(world: World, desk: Desk) -> None:
    visit = book(world, patient(world), VISIT)
    address = f"/staff/visits/{visit}"
    page = desk.get(address)
    assert send(desk, page, f"{address}/resend", channel="sms").status_code == 303
    world.work()
    assert len(texts(world)) == 1
    again = send(desk, page, f"{address}/resend", channel="sms")
    assert again.status_code == 422 and "It was sent again at 10:00 AM" in words(again)
    assert "Sent again by staff" in words(desk.get(address))
    assert send(desk, page, f"{address}/resend", channel="post").status_code == 422


def test_an_address_is_corrected_on_the_persons_page(world: World, desk: Desk) -> None:
    person = patient(world)
    visit = book(world, person, VISIT)
    address = f"/staff/people/{person}"
    page = desk.get(address)
    assert f"/staff/visits/{visit}" in page.text and "Book a visit" in words(page)
    typed = {"channel": "sms", "address": "(518) 555-0177", "source": "telephone"}
    done = send(desk, page, f"{address}/address", **typed)
    said = words(desk.get(done.location))
    assert "Reminders of visits go there from now on" in said
    assert "+15185550177" in said and "Replaced by another" in said
    assert ("change", "contact", str(person)) in trail(world)
    wrong = send(desk, page, f"{address}/address", **(typed | {"address": "12"}))
    assert wrong.status_code == 422 and "There is no such number." in words(wrong)
    assert 'value="12"' in wrong.text
    assert send(desk, page, f"{address}/address", **(typed | {"source": "x"})).status_code == 422


def test_a_follow_up_about_a_visit_leads_to_it(world: World, desk: Desk) -> None:
    person = patient(world, agreed=())
    visit = book(world, person, date(2026, 11, 3), "09:00")
    visit_plans.ask_to_call(world.rt)
    assert f'href="/staff/visits/{visit}"' in desk.get("/staff/follow-ups").text


def test_the_form_for_a_plan_keeps_what_was_typed(world: World, desk: Desk) -> None:
    person = patient(world)
    answer = sent(desk, world, person, weeks="0")
    typed = fields(answer, "/staff/plans/new")
    assert typed["person"] == str(person)
    assert 'value="14:30"' in answer.text
