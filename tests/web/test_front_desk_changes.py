"""The front desk's pages: moving, calling off and on with the effect shown first, how it went, who may."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest

from engage.storage.database import run
from tests.visits import book, move, patient
from tests.web.front_desk import a_time, at_desk, desk, fields, only_visit, planned, send, visit, words, world
from tests.web.staff_world import Desk
from tests.world import World

__all__ = ["desk", "world"]
VISIT = date(2026, 11, 12)
HOUR = timedelta(hours=1)


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
