"""A whole plan called off at the front desk: shown first, then done at once, and taken back as long as nobody knows."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from engage.domain.appointments import Status
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import appointments, follow_ups, visit_wishes
from engage.services.appointments import Booking
from engage.storage import appointments as storage
from engage.storage import treatment_plans
from engage.storage.database import run
from tests.visits import DESK, got, move, pass_time, patient, texts, when
from tests.web.front_desk import at_desk, fields, send, trail, words
from tests.web.staff_world import Desk
from tests.world import World

# The world begins on Monday, November 2, at 10:00 in New York.
FIRST = date(2026, 11, 5)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Days after the first of the sessions.
DAYS = (0, 4, 7, 11, 14, 28)


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def planned(
    world: World, person: UUID, days: tuple[int, ...] = DAYS, last: Status = "booked"
) -> tuple[UUID, list[UUID]]:
    """A plan with its sessions at two o'clock, the last one with a status of its own."""
    plan = new_id()
    with world.rt.transaction() as tx:
        treatment_plans.add(tx, plan, person, None, world.now)
        bookings = [
            Booking(
                person,
                when(world.rt, FIRST + n * DAY, "14:00"),
                last if n == days[-1] else "booked",
                plan_id=plan,
            )
            for n in days
        ]
        return plan, appointments.book_many(world.rt, tx, DESK, bookings, world.now)


def shown(desk: Desk, plan: UUID) -> TestResponse:
    """The page with the effect."""
    return send(desk, desk.get(f"/staff/plans/{plan}"), f"/staff/plans/{plan}/cancel")


def statuses(world: World) -> list[str]:
    with world.rt.transaction() as tx:
        return [row[0] for row in run(tx, "SELECT status FROM appointments ORDER BY starts_at")]


def test_a_plan_is_shown_then_called_off_with_one_text_in_the_very_words_that_were_shown(
    world: World,
) -> None:
    person = patient(world)
    plan, _ = planned(world, person)
    world.now += HOUR
    desk = at_desk(world)
    preview = shown(desk, plan)
    said = words(preview)
    assert "Cancel all 6 visits to come?" in said
    assert "13 planned messages are not sent any more" in said
    assert "of 6 visits" in said
    assert statuses(world) == ["booked"] * 6
    done = send(desk, preview, f"/staff/plans/{plan}/cancel")
    assert done.status_code == 303
    assert "All that was to come is cancelled." in words(desk.get(done.location))
    assert statuses(world) == ["cancelled"] * 6
    assert ("change", "treatment plan", str(person)) in trail(world)
    pass_time(world, 30 * DAY)
    assert got(world) == [("visit-cancelled-text", "Mon Nov 02 11:01")]
    (text,) = texts(world)
    assert "appointment cancelled: Nov 5, 9, 12, 16, 19 and Dec 3." in text.text
    assert text.text in said


def test_the_form_sent_twice_calls_off_once(world: World) -> None:
    plan, _ = planned(world, patient(world))
    desk = at_desk(world)
    preview = shown(desk, plan)
    send(desk, preview, f"/staff/plans/{plan}/cancel")
    again = send(desk, preview, f"/staff/plans/{plan}/cancel")
    assert again.status_code == 409 and "The plan has changed" in words(again)
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT max(version) FROM appointments").scalar_one() == 2


def test_a_session_that_was_moved_since_the_plan_was_shown_stops_it(world: World) -> None:
    plan, visits = planned(world, patient(world))
    desk = at_desk(world)
    preview = shown(desk, plan)
    move(world, visits[2], FIRST + 8 * DAY)
    assert send(desk, preview, f"/staff/plans/{plan}/cancel").status_code == 409
    assert statuses(world) == ["booked"] * 6


def test_a_plan_that_is_put_back_on_within_a_minute_tells_nobody_anything(world: World) -> None:
    plan, _ = planned(world, patient(world), last="waitlist")
    world.now += HOUR
    desk = at_desk(world)
    page = desk.get(send(desk, shown(desk, plan), f"/staff/plans/{plan}/cancel").location)
    assert "Put all 6 back on" in words(page)
    undone = send(desk, page, f"/staff/plans/{plan}/undo")
    after = desk.get(undone.location)
    assert "Nobody has heard of it." in words(after) and "back on" not in words(after)
    assert statuses(world) == ["booked"] * 5 + ["waitlist"]
    pass_time(world, 2 * DAY)
    assert {kind for kind, _ in got(world)}.isdisjoint({"visit-cancelled", "visit-cancelled-text"})


def test_after_a_minute_it_can_not_be_put_back_on_without_a_word(world: World) -> None:
    plan, _ = planned(world, patient(world))
    desk = at_desk(world)
    page = desk.get(send(desk, shown(desk, plan), f"/staff/plans/{plan}/cancel").location)
    seen = fields(page, f"/staff/plans/{plan}/undo")["seen"]
    world.now += timedelta(seconds=61)
    later = at_desk(world, "lee@example.org")
    page = later.get(f"/staff/plans/{plan}")
    assert "back on" not in words(page)
    csrf = fields(later.get("/staff/visits/new/person"), "/staff/visits/new/person")["csrf"]
    answer = later.client.post(f"/staff/plans/{plan}/undo", data={"csrf": csrf, "seen": seen})
    assert answer.status_code == 422 and "too late to undo" in words(answer)


def test_what_is_over_stays_and_what_a_letter_told_is_taken_back_by_letter(world: World) -> None:
    plan, visits = planned(world, patient(world))
    pass_time(world, 4 * DAY + 5 * HOUR)
    appointments.mark(world.rt, DESK, visits[0], "fulfilled")
    had = len(world.mail())
    desk = at_desk(world)
    preview = shown(desk, plan)
    said = words(preview)
    assert "Cancel all 5 visits to come?" in said and "1 of the plan stays as it is" in said
    send(desk, preview, f"/staff/plans/{plan}/cancel")
    pass_time(world, 20 * DAY)
    arrived = [(mail.channel, mail.subject) for mail in world.mail()[had:] if "cancelled" in mail.kind]
    assert arrived == [("email", "Appointment cancelled: Mon Nov 9, 2:00 PM"), ("sms", "")]
    assert "cancelled: Nov 12, 16, 19 and Dec 3." in texts(world)[-1].text
    assert statuses(world) == ["fulfilled"] + ["cancelled"] * 5


def test_whom_no_message_can_tell_is_called_and_the_page_says_so_before(world: World) -> None:
    person = patient(world, mobile=None)
    plan, _ = planned(world, person, (0, 4))
    pass_time(world, 5 * HOUR)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'bad' WHERE person_id = %(id)s", {"id": person})
    desk = at_desk(world)
    preview = shown(desk, plan)
    assert "No message can tell them of" in words(preview)
    send(desk, preview, f"/staff/plans/{plan}/cancel")
    assert "call_about_change" in [one.kind for one in follow_ups.listing(world.rt)]


def test_a_plan_of_which_nothing_is_to_come_offers_nothing(world: World) -> None:
    plan, _ = planned(world, patient(world), (0,))
    pass_time(world, 4 * DAY)
    desk = at_desk(world)
    page = desk.get(f"/staff/plans/{plan}")
    assert f"/staff/plans/{plan}/cancel" not in page.text
    csrf = fields(desk.get("/staff/visits/new/person"), "/staff/visits/new/person")["csrf"]
    answer = desk.client.post(f"/staff/plans/{plan}/cancel", data={"csrf": csrf})
    assert answer.status_code == 422 and "Nothing of this plan is to come" in words(answer)
    assert desk.client.post(f"/staff/plans/{new_id()}/cancel", data={"csrf": csrf}).status_code == 404


def test_who_may_only_read_is_offered_nothing_and_can_do_nothing(world: World) -> None:
    plan, _ = planned(world, patient(world))
    reader = at_desk(world, "ruth@example.org", "reader")
    page = reader.get(f"/staff/plans/{plan}")
    assert f"/staff/plans/{plan}/cancel" not in page.text
    for act in ("cancel", "undo"):
        assert reader.client.post(f"/staff/plans/{plan}/{act}", data={"sure": "yes"}).status_code == 403
    assert statuses(world) == ["booked"] * 6


def test_what_somebody_wished_of_a_visit_waits_again_once_the_plan_is_back_on(world: World) -> None:
    plan, visits = planned(world, patient(world))
    with world.rt.transaction() as tx:
        visit_wishes.ask_to_move(world.rt, tx, storage.lock(tx, visits[0]), world.now)
    world.now += timedelta(seconds=10)
    desk = at_desk(world)
    send(desk, shown(desk, plan), f"/staff/plans/{plan}/cancel")
    assert [one.kind for one in follow_ups.listing(world.rt)] == []
    world.now += timedelta(seconds=10)
    later = at_desk(world, "later@example.org")
    page = later.get(f"/staff/plans/{plan}")
    send(later, page, f"/staff/plans/{plan}/undo")
    assert statuses(world) == ["booked"] * 6
    assert [one.kind for one in follow_ups.listing(world.rt)] == ["visit_move"]
