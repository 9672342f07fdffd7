"""The front desk's pages: the day, one visit, booking, moving and calling off with the effect shown first."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from engage.services import appointments, find
from engage.services.appointments import Appointment
from engage.storage.database import run
from tests.visits import PRAIRIE, book, move, patient
from tests.web.staff_world import Desk, new_member
from tests.world import World

VISIT = date(2026, 11, 12)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


@pytest.fixture
def desk(world: World) -> Desk:
    """A member of staff who is signed in, at the world's own moment."""
    return at_desk(world)


def at_desk(world: World, email: str = "sam@example.org", role: str = "front_desk") -> Desk:
    desk = new_member(world.rt, email, email.partition("@")[0].title(), role=role)  # type: ignore[arg-type]
    desk.sign_in()
    return desk


def words(page: TestResponse) -> str:
    """What the page's main part says, in words only."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def fields(page: TestResponse, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to ``action``."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert found is not None, f"no form for {action} in {words(page)}"
    typed = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', found[1]))
    typed |= dict(re.findall(r'<textarea name="(\w+)" hidden[^>]*>\n(.*?)</textarea>', found[1], re.DOTALL))
    return {name: unescape(value) for name, value in typed.items()}


def send(desk: Desk, page: TestResponse, action: str, **typed: str) -> TestResponse:
    return desk.client.post(action, data=fields(page, action) | typed)


def visit(world: World, id: UUID) -> Appointment:
    found = appointments.one(world.rt, id)
    assert found is not None
    return found


def only_visit(world: World) -> Appointment:
    with world.rt.transaction() as tx:
        return visit(world, UUID(str(run(tx, "SELECT id FROM appointments").scalar_one())))


def planned(world: World, id: UUID) -> set[tuple[str, str, str]]:
    """(rule, channel, due day) of what is planned for a visit."""
    sql = """SELECT step, channel, to_char(due_at AT TIME ZONE 'America/New_York', 'MM-DD HH24:MI') FROM messages
    WHERE cause_id = %(id)s AND status = 'planned'"""
    with world.rt.transaction() as tx:
        return {(row[0], row[1], row[2]) for row in run(tx, sql, {"id": id})}


def trail(world: World) -> list[tuple[str, str, str | None]]:
    with world.rt.transaction() as tx:
        found = tx.execute(
            text("SELECT action, what, person_id FROM audit WHERE actor = 'staff' ORDER BY id")
        )
        return [(row[0], row[1], str(row[2]) if row[2] else None) for row in found]


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


# moving, calling off and on


def test_a_move_is_shown_then_done_then_taken_back(world: World, desk: Desk) -> None:
    id = book(world, patient(world), VISIT)
    address = f"/staff/visits/{id}"
    before = planned(world, id)
    preview = send(desk, desk.get(f"{address}/move"), f"{address}/move", **a_time("2026-11-19", "09:30"))
    assert preview.status_code == 200
    said = words(preview)
    assert "Thursday, November 12, 2:00 PM" in said and "Thursday, November 19, 9:30 AM" in said
    assert "Nobody is told of the move" in said
    assert planned(world, id) == before
    done = send(desk, preview, f"{address}/move")
    assert done.status_code == 303
    page = desk.get(done.location)
    assert "The visit is moved." in words(page)
    assert visit(world, id).version == 2
    assert {one[2][:5] for one in planned(world, id)} == {"11-16", "11-17", "11-18"}
    undone = send(desk, page, f"{address}/undo")
    after = words(desk.get(undone.location))
    assert "Nobody has heard of it" in after and "Move it back" not in after
    assert planned(world, id) == before
    another = send(desk, desk.get(f"{address}/move"), f"{address}/move", **a_time("2026-11-20", "09:30"))
    page = desk.get(send(desk, another, f"{address}/move").location)
    assert "Move it back" in words(page)


def a_time(day: str, wall: str) -> dict[str, str]:
    return {"day": day, "time": wall, "minutes": "60", "location": "Larkspur Lane"}


def test_a_visit_is_called_off_and_put_back_on(world: World, desk: Desk) -> None:
    id = book(world, patient(world), VISIT)
    address = f"/staff/visits/{id}"
    preview = send(desk, desk.get(address), f"{address}/cancel")
    said = words(preview)
    assert "Cancel the visit?" in said and "appointment cancelled" in said
    assert visit(world, id).status == "booked"
    assert send(desk, preview, f"{address}/cancel").status_code == 303
    assert visit(world, id).status == "cancelled"
    assert {one[0] for one in planned(world, id)} == {"cancelled"}
    page = desk.get(address)
    assert "Put it back on" in words(page)
    again = send(desk, page, f"{address}/reinstate")
    assert "Put the visit back on?" in words(again)
    assert send(desk, again, f"{address}/reinstate").status_code == 303
    assert visit(world, id).status == "booked"


def test_after_a_minute_a_change_can_not_be_taken_back_without_a_word(world: World, desk: Desk) -> None:
    id = book(world, patient(world), VISIT)
    address = f"/staff/visits/{id}"
    page = desk.get(address)
    assert "Take the booking back" in words(page)
    world.now += timedelta(seconds=61)
    later = at_desk(world, "lee@example.org")
    assert "Take the booking back" not in words(later.get(address))
    csrf = fields(later.get(f"{address}/move"), f"{address}/move")["csrf"]
    answer = later.client.post(f"{address}/undo", data={"csrf": csrf, "seen": "1"})
    assert answer.status_code == 422
    assert "too late to undo" in words(answer)


def test_a_booking_that_is_taken_back_tells_nobody_anything(world: World, desk: Desk) -> None:
    id = book(world, patient(world), VISIT)
    address = f"/staff/visits/{id}"
    send(desk, desk.get(address), f"{address}/undo")
    assert visit(world, id).status == "entered-in-error"
    assert planned(world, id) == set()
    page = desk.get(address)
    assert f"{address}/undo" not in page.text
    csrf = fields(page, f"{address}/reinstate")["csrf"]
    assert desk.client.post(f"{address}/undo", data={"csrf": csrf, "seen": "2"}).status_code == 422


def test_a_cancellation_that_is_taken_back_is_not_offered_again(world: World, desk: Desk) -> None:
    id = book(world, patient(world), VISIT)
    address = f"/staff/visits/{id}"
    world.now += timedelta(hours=1)
    later = at_desk(world, "lee@example.org")
    preview = send(later, later.get(address), f"{address}/cancel")
    page = later.get(send(later, preview, f"{address}/cancel").location)
    assert f"{address}/undo" in page.text
    undone = send(later, page, f"{address}/undo")
    assert visit(world, id).status == "booked"
    assert f"{address}/undo" not in later.get(undone.location).text


@pytest.mark.parametrize("act", ["move", "cancel"])
def test_whoever_comes_second_is_told_at_every_step(world: World, desk: Desk, act: str) -> None:
    id = book(world, patient(world), VISIT)
    address = f"/staff/visits/{id}"
    page = desk.get(f"{address}/move" if act == "move" else address)
    typed = a_time("2026-11-19", "09:30") if act == "move" else {}
    preview = send(desk, page, f"{address}/{act}", **typed)
    move(world, id, VISIT, "16:00")
    for answer in (send(desk, page, f"{address}/{act}", **typed), send(desk, preview, f"{address}/{act}")):
        assert answer.status_code == 409
        assert "Somebody was faster" in words(answer) and "4:00 PM" in words(answer)
    assert visit(world, id).version == 2


def test_moving_to_the_very_same_time_changes_nothing(world: World, desk: Desk) -> None:
    id = book(world, patient(world), VISIT)
    address = f"/staff/visits/{id}"
    answer = send(desk, desk.get(f"{address}/move"), f"{address}/move", **a_time("2026-11-12", "14:00"))
    assert answer.status_code == 303
    assert "that is when it was already" in words(desk.get(answer.location))


# how it went


def test_a_visit_is_marked_and_only_what_fits_is_offered(world: World, desk: Desk) -> None:
    id = book(world, patient(world), VISIT)
    address = f"/staff/visits/{id}"
    page = desk.get(address)
    assert "Has arrived" not in words(page) and "Was missed" not in words(page)
    hidden = fields(page, f"{address}/cancel")
    for status in ("noshow", "x"):
        answer = desk.client.post(f"{address}/mark", data=hidden | {"status": status})
        assert answer.status_code == 422
    world.now += 10 * timedelta(days=1) + 6 * HOUR
    late = at_desk(world, "lee@example.org")
    page = late.get(address)
    assert "A message about it goes 2 hours after it is marked as missed." in words(page)
    assert send(late, page, f"{address}/mark", status="noshow").status_code == 303
    assert visit(world, id).status == "noshow"
    assert {one[0] for one in planned(world, id)} == {"missed-visit"}
    assert send(late, late.get(address), f"{address}/mark", status="booked").status_code == 303
    assert "missed-visit" not in {one[0] for one in planned(world, id)}


def test_todays_list_marks_who_arrives_and_stays_where_it_is(world: World) -> None:
    id = book(world, patient(world), VISIT)
    world.now += 10 * timedelta(days=1) + 3 * HOUR
    desk = at_desk(world)
    page = desk.get("/staff/visits")
    assert words(page).count("Has arrived") == 1
    done = send(desk, page, f"/staff/visits/{id}/mark", status="arrived")
    assert done.status_code == 303
    assert done.location == f"/staff/visits?day=2026-11-12#visit-{id}"
    assert visit(world, id).status == "arrived"
    assert "1 visit: 1 begun" in words(desk.get("/staff/visits"))
    assert "Took place" not in words(desk.get("/staff/visits"))
    bad = fields(page, f"/staff/visits/{id}/mark") | {"status": "booked", "day": "x"}
    assert desk.client.post(f"/staff/visits/{id}/mark", data=bad).status_code == 422


# who may


def test_a_reader_sees_everything_and_can_change_nothing(world: World) -> None:
    id = book(world, patient(world), VISIT)
    reader = at_desk(world, "reader@example.org", "reader")
    page = reader.get(f"/staff/visits/{id}")
    assert page.status_code == 200
    assert "/mark" not in page.text and "Move it" not in page.text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    for act in ("move", "cancel", "reinstate", "mark", "undo", "resend"):
        data = {"csrf": csrf[1], "seen": "1"}
        assert reader.client.post(f"/staff/visits/{id}/{act}", data=data).status_code == 403
    assert reader.client.post("/staff/reminders/text-1-day", data={"csrf": csrf[1]}).status_code == 403


def test_acts_on_what_does_not_exist_are_not_found(world: World, desk: Desk) -> None:
    id = book(world, patient(world), VISIT)
    hidden = fields(desk.get(f"/staff/visits/{id}/move"), f"/staff/visits/{id}/move")
    other = uuid4()
    typed = hidden | a_time("2026-11-19", "09:30") | {"status": "arrived", "channel": "sms"}
    for act in ("move", "cancel", "reinstate", "mark", "undo", "resend"):
        assert desk.client.post(f"/staff/visits/{other}/{act}", data=typed).status_code == 404, act
        bad = desk.client.post(f"/staff/visits/{id}/{act}", data=typed | {"seen": "x"})
        assert bad.status_code == 422, act
    assert desk.client.post("/staff/reminders/none", data=hidden | {"to": "on"}).status_code == 404


def test_what_can_not_be_read_is_shown_as_such_among_the_others(world: World, desk: Desk) -> None:
    form = desk.get(f"/staff/visits/new?person={patient(world)}")
    typed = a_time("2026-11-12", "14:00") | {"note": "A note"}
    send(desk, send(desk, form, "/staff/visits/new", **typed), "/staff/visits/new")
    id = only_visit(world).id
    with world.rt.transaction() as tx:
        run(tx, "UPDATE appointments SET sealed = sealed || '\\x00'::bytea")
        run(tx, "UPDATE people SET sealed = sealed || '\\x00'::bytea")
    assert "(can’t be read)" in words(desk.get("/staff/visits?day=2026-11-12"))
    assert "(can’t be read)" in words(desk.get(f"/staff/visits/{id}"))
