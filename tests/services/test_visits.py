"""Visits: what a booked patient gets, and when; what staff can see where nothing went out."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from engage.domain.appointments import Status
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.runtime import Runtime
from engage.services import (
    appointments,
    fallback,
    follow_ups,
    inbound,
    opt_outs,
    reminder_switches,
    visit_list,
    visit_plans,
    visit_times,
)
from engage.services.appointments import Booking, NoSuchVisit
from engage.storage import pipe
from engage.storage.database import run
from tests.texting import put
from tests.visits import DESK, LARKSPUR, PRAIRIE, book, got, move, pass_time, patient, texts, when
from tests.world import MONDAY, World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# The world begins on Monday, November 2, at 10:00 in New York.
VISIT = date(2026, 11, 12)


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def stop(world: World, number: str = "+15185550123") -> None:
    with world.rt.transaction() as tx:
        holders = opt_outs.lock(tx, world.rt.sealer.index("sms", number), world.now)
        opt_outs.stop(tx, holders, "by text message", "person", world.now)


def asked_for(world: World) -> list[str]:
    return [one.kind for one in follow_ups.listing(world.rt)]


def why_not(world: World, visit: UUID) -> dict[str, str]:
    found = appointments.one(world.rt, visit)
    assert found is not None
    return {
        key: reason for key, reason in found.unplanned.items() if reason not in ("switched_off", "not_first")
    }


def test_a_visit_booked_in_good_time_is_reminded_of_twice_and_prepared_for(world: World) -> None:
    book(world, patient(world), VISIT)
    pass_time(world, 11 * DAY)
    assert got(world) == [
        ("visit-reminder", "Mon Nov 09 14:00"),
        ("visit-first", "Tue Nov 10 14:00"),
        ("visit-reminder-text", "Wed Nov 11 14:00"),
    ]
    email, _, text = world.mail()
    assert "Thursday, November 12, 2:00 PM" in email.text and "120 Larkspur Lane" in email.text
    assert "List-Unsubscribe" in email.headers
    assert text.text.startswith(
        "Harmonia Health: appointment Thu Nov 12, 2:00 PM, Larkspur Lane. Reply C to confirm"
    )


def test_the_time_is_that_of_the_place_and_names_its_clocks_where_the_reader_s_differ(world: World) -> None:
    book(world, patient(world), VISIT, location=PRAIRIE)
    pass_time(world, 11 * DAY)
    assert "Thu Nov 12, 2:00 PM CST, Prairie Street" in texts(world)[0].text


def test_a_move_before_anything_left_only_moves_the_reminders(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    assert move(world, visit, VISIT + DAY)
    assert not move(world, visit, VISIT + DAY)
    pass_time(world, 12 * DAY)
    assert [when for _, when in got(world)] == ["Tue Nov 10 14:00", "Wed Nov 11 14:00", "Thu Nov 12 14:00"]


def test_a_move_after_the_reminder_is_corrected_on_the_same_way_within_two_minutes(world: World) -> None:
    visit = book(world, patient(world, email=None), VISIT)
    pass_time(world, 9 * DAY + 6 * HOUR)
    move(world, visit, VISIT + DAY, "09:30")
    pass_time(world, timedelta(minutes=2))
    kind, at = got(world)[-1]
    assert (kind, at) == ("visit-moved-text", "Wed Nov 11 16:01")
    assert "now Fri Nov 13, 9:30 AM, Larkspur Lane, not Thu Nov 12, 2:00 PM" in texts(world)[-1].text


def test_a_move_that_is_undone_within_a_minute_tells_nobody_anything(world: World) -> None:
    visit = book(world, patient(world, email=None), VISIT)
    pass_time(world, 9 * DAY + 6 * HOUR)
    before = got(world)
    move(world, visit, VISIT + DAY)
    pass_time(world, timedelta(seconds=40))
    move(world, visit, VISIT)
    pass_time(world, DAY)
    assert got(world) == before
    assert why_not(world, visit)["text-1-day/sms"] == "told_already"


def test_a_cancelled_visit_brings_a_short_notice_and_no_more(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    assert appointments.cancel(world.rt, DESK, visit)
    assert not appointments.cancel(world.rt, DESK, visit)
    pass_time(world, 12 * DAY)
    assert got(world) == [("visit-cancelled-text", "Mon Nov 02 10:01")]


def test_visits_that_are_called_off_together_are_one_text(world: World) -> None:
    ada = patient(world)
    visits = [book(world, ada, VISIT + n * DAY) for n in (0, 4, 7, 11, 21)]
    for visit in visits:
        appointments.cancel(world.rt, DESK, visit)
    pass_time(world, DAY)
    assert got(world) == [("visit-cancelled-text", "Mon Nov 02 10:01")]
    assert "appointment cancelled: Nov 12, 16, 19, 23 and Dec 3. To find" in texts(world)[0].text


def test_few_that_are_called_off_together_are_named_with_their_hours(world: World) -> None:
    ana, leo = patient(world, "Ana", email=None), patient(world, "Leo", email=None)
    for visit in (book(world, ana, VISIT), book(world, leo, VISIT, "15:30"), book(world, leo, VISIT + DAY)):
        appointments.cancel(world.rt, DESK, visit)
    pass_time(world, DAY)
    (text,) = texts(world)
    assert "cancelled: Thu Nov 12: 2:00 PM (Ana) and 3:30 PM (Leo); Fri Nov 13, 2:00 PM (Leo)." in text.text


def test_what_a_letter_put_into_a_calendar_a_letter_of_its_own_takes_out(world: World) -> None:
    ada = patient(world, mobile=None)
    visits = [book(world, ada, VISIT + n * DAY) for n in range(4)]
    pass_time(world, 8 * DAY + 5 * HOUR)
    had = len(got(world))
    for visit in visits:
        appointments.cancel(world.rt, DESK, visit)
    pass_time(world, DAY)
    subjects = [mail.subject for mail in world.mail()[had:]]
    assert sorted(subjects) == [
        "Appointment cancelled: Fri Nov 13, 2:00 PM",
        "Appointment cancelled: Sat Nov 14, 2:00 PM; Sun Nov 15, 2:00 PM",
        "Appointment cancelled: Thu Nov 12, 2:00 PM",
    ]


def test_a_visit_called_off_a_moment_later_waits_for_its_own_minute(world: World) -> None:
    ada = patient(world)
    first, second = book(world, ada, VISIT), book(world, ada, VISIT + DAY)
    appointments.cancel(world.rt, DESK, first)
    world.now += timedelta(seconds=50)
    appointments.cancel(world.rt, DESK, second)
    pass_time(world, timedelta(seconds=30))
    appointments.reinstate(world.rt, DESK, second)
    pass_time(world, HOUR)
    assert [text.text.partition(". To")[0] for text in texts(world)] == [
        "Harmonia Health: appointment cancelled: Thu Nov 12, 2:00 PM"
    ]


@pytest.mark.parametrize("status", ["waitlist", "proposed"])
def test_a_place_on_the_waiting_list_that_goes_is_no_cancelled_visit(world: World, status: Status) -> None:
    booking = Booking(patient(world), when(world.rt, VISIT, "14:00"), status)
    waiting = appointments.book(world.rt, DESK, booking)
    move(world, waiting, VISIT + DAY)
    pass_time(world, HOUR)
    appointments.cancel(world.rt, DESK, waiting)
    pass_time(world, 9 * DAY)
    assert got(world) == [] and asked_for(world) == []


def test_who_was_booked_from_the_waiting_list_is_told_when_the_visit_is_off(world: World) -> None:
    booking = Booking(patient(world), when(world.rt, VISIT, "14:00"), "waitlist")
    visit = appointments.book(world.rt, DESK, booking)
    appointments.mark(world.rt, DESK, visit, "booked")
    pass_time(world, HOUR)
    appointments.cancel(world.rt, DESK, visit)
    pass_time(world, HOUR)
    assert [kind for kind, _ in got(world)] == ["visit-cancelled-text"]


def test_a_cancellation_that_is_undone_tells_nobody_anything(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    appointments.cancel(world.rt, DESK, visit)
    assert appointments.reinstate(world.rt, DESK, visit)
    pass_time(world, 11 * DAY)
    assert [kind for kind, _ in got(world)] == ["visit-reminder", "visit-first", "visit-reminder-text"]


def test_after_stop_the_email_takes_the_text_s_place(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    stop(world)
    pass_time(world, 11 * DAY)
    assert got(world) == [
        ("visit-reminder", "Mon Nov 09 14:00"),
        ("visit-first", "Tue Nov 10 14:00"),
        ("visit-reminder", "Wed Nov 11 14:00"),
    ]
    assert why_not(world, visit) == {"text-1-day/sms": "no_consent"}


def test_whom_no_message_reaches_is_somebody_s_call_a_day_before(world: World) -> None:
    book(world, patient(world, email=None, agreed=()), VISIT)
    pass_time(world, 8 * DAY)
    assert asked_for(world) == []
    pass_time(world, 2 * DAY)
    assert (asked_for(world), got(world)) == (["call_about_visit"], [])


def test_whoever_was_told_the_old_time_and_can_t_be_told_the_new_one_is_called(world: World) -> None:
    visit = book(world, patient(world, email=None), VISIT)
    pass_time(world, 9 * DAY + 6 * HOUR)
    stop(world)
    move(world, visit, VISIT + DAY)
    assert asked_for(world) == ["call_about_change"]


def test_two_at_one_telephone_get_one_text_that_names_them(world: World) -> None:
    book(world, patient(world, "Ana", email=None), VISIT, "14:00")
    book(world, patient(world, "Leo", email=None), VISIT, "15:30")
    pass_time(world, 11 * DAY)
    assert got(world) == [("visit-reminder-text", "Wed Nov 11 14:00")]
    assert "Thu Nov 12: 2:00 PM (Ana) and 3:30 PM (Leo), Larkspur Lane" in texts(world)[0].text
    with world.rt.transaction() as tx:
        rows = run(
            tx, "SELECT status, merged_into IS NOT NULL AS merged FROM messages WHERE channel = 'sms'"
        ).all()
    assert sorted((row.status, row.merged) for row in rows) == [
        ("accepted", True),
        ("delivered", False),
    ] or sorted((row.status, row.merged) for row in rows) == [("accepted", False), ("accepted", True)]


def test_what_its_carrier_did_not_bring_goes_by_itself(world: World) -> None:
    book(world, patient(world, "Ana", email=None), VISIT, "14:00")
    book(world, patient(world, "Leo", email=None), VISIT, "15:30")
    pass_time(world, 9 * DAY + 4 * HOUR + timedelta(minutes=30))
    with world.rt.transaction() as tx:
        run(
            tx,
            "UPDATE messages SET status = 'failed', reason = 'bounced' WHERE channel = 'sms' AND merged_into IS NULL",
        )
    pass_time(world, DAY)
    assert len(texts(world)) == 2
    assert "appointment Thu Nov 12, 3:30 PM, Larkspur Lane" in texts(world)[1].text


def test_two_visits_of_one_person_on_one_day_are_one_reminder(world: World) -> None:
    person = patient(world, email=None)
    book(world, person, VISIT, "09:00")
    book(world, person, VISIT, "15:00")
    pass_time(world, 11 * DAY)
    assert "Thu Nov 12: 9:00 AM and 3:00 PM, Larkspur Lane" in texts(world)[0].text
    assert len(texts(world)) == 1


def test_booking_ends_the_course(world: World) -> None:
    confirmed = world.enrol()
    with world.rt.transaction() as tx:
        person = run(tx, "SELECT person_id FROM enrolments").scalar_one()
    assert confirmed
    book(world, person, VISIT)
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT state FROM enrolments").scalar_one() == "booked"
        assert set(run(tx, "SELECT reason FROM messages WHERE kind = 'course-lesson'").scalars()) == {
            "booked"
        }


def test_no_lesson_leaves_within_a_day_of_a_visit(world: World) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        person = run(tx, "SELECT person_id FROM enrolments").scalar_one()
    book(world, person, date(2026, 11, 4), "08:00")
    with world.rt.transaction() as tx:
        # Somebody who is booked may be sent a course all the same, if they ask for one.
        run(tx, "UPDATE enrolments SET state = 'active', ended_at = NULL")
        run(tx, "UPDATE messages SET status = 'planned', reason = NULL WHERE kind = 'course-lesson'")
    pass_time(world, 4 * DAY)
    days = {world.local(mail).date() for mail in world.lessons()}
    assert days and not days & {date(2026, 11, 3), date(2026, 11, 4)}


def test_switching_a_rule_off_and_on_again_takes_its_messages_back_and_brings_them_again(
    world: World,
) -> None:
    visit = book(world, patient(world), VISIT)
    assert reminder_switches.switch(world.rt, DESK, "text-1-day", False)
    assert not reminder_switches.switch(world.rt, DESK, "text-1-day", False)
    visit_plans.sweep(world.rt)
    found = appointments.one(world.rt, visit)
    assert found is not None and found.unplanned["text-1-day/sms"] == "switched_off"
    reminder_switches.switch(world.rt, DESK, "text-1-day", True)
    assert visit_plans.sweep(world.rt) == 1
    assert visit_plans.sweep(world.rt) == 0
    pass_time(world, 11 * DAY)
    assert got(world)[-1] == ("visit-reminder-text", "Wed Nov 11 14:00")


def test_a_rule_that_is_switched_on_too_late_for_a_visit_says_so(world: World) -> None:
    reminder_switches.switch(world.rt, DESK, "email-3-days", False)
    visit = book(world, patient(world), VISIT)
    pass_time(world, 8 * DAY)
    reminder_switches.switch(world.rt, DESK, "email-3-days", True)
    visit_plans.sweep(world.rt)
    assert why_not(world, visit) == {"email-3-days/email": "passed"}


def test_a_missed_visit_brings_a_text_two_hours_later(world: World) -> None:
    visit = book(world, patient(world, email=None), VISIT)
    with pytest.raises(InvalidInput, match="status"):
        appointments.mark(world.rt, DESK, visit, "noshow")
    pass_time(world, 10 * DAY + 5 * HOUR)
    assert appointments.mark(world.rt, DESK, visit, "noshow")
    pass_time(world, 3 * HOUR)
    assert got(world)[-1] == ("visit-missed-text", "Thu Nov 12 17:00")


def test_staff_see_what_each_rule_did(world: World) -> None:
    visit = book(world, patient(world, mobile=None), VISIT)
    pass_time(world, 8 * DAY)
    told = visit_list.told(world.rt, visit)
    lines = {f"{one.rule}/{one.channel}": one.line for one in told.all}
    assert lines["email-3-days/email"] == "Email: handed over Mon Nov 9, 2:00 PM"
    assert lines["text-1-day/email"] == "Email: goes Wed Nov 11, 2:00 PM"
    assert lines["text-1-day/sms"] == "Not sent. No confirmed mobile number is known."


@pytest.mark.parametrize(
    ("day", "wall", "field", "words"),
    [
        (date(2027, 3, 14), "02:30", "starts_at", "there is no 02:30 then"),
        (date(2026, 11, 1), "01:30", "starts_at", "01:30 comes twice"),
        (date(2026, 10, 1), "09:00", "starts_at", "That time is over"),
        (date(2036, 10, 1), "09:00", "starts_at", "check the year"),
    ],
)
def test_a_time_that_can_t_be_says_why(world: World, day: date, wall: str, field: str, words: str) -> None:
    person = patient(world)
    with pytest.raises(InvalidInput) as refused:
        book(world, person, day, wall)
    assert words in refused.value.errors[field]
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM appointments").scalar_one() == 0


def test_two_visits_at_once_are_refused_and_a_stranger_can_t_be_booked(world: World) -> None:
    person = patient(world)
    book(world, person, VISIT, "14:00")
    with pytest.raises(InvalidInput) as refused:
        book(world, person, VISIT, "14:30")
    assert "another visit then, from 14:00 on 2026-11-12" in refused.value.errors["starts_at"]
    with pytest.raises(InvalidInput, match="person"):
        book(world, UUID(int=5), VISIT)
    with pytest.raises(InvalidInput) as refused:
        visit_times.place(world.rt, "Nowhere")
    assert "Larkspur Lane, Prairie Street" in refused.value.errors["location"]


def test_a_place_from_the_waiting_list_is_refused_where_the_person_has_another_visit(world: World) -> None:
    ada = patient(world)
    booking = Booking(ada, when(world.rt, VISIT, "14:30"), "waitlist")
    waiting = appointments.book(world.rt, DESK, booking)
    book(world, ada, VISIT)
    with pytest.raises(InvalidInput) as refused:
        appointments.mark(world.rt, DESK, waiting, "booked")
    assert "another visit then, from 14:00" in refused.value.errors["starts_at"]


def test_two_who_change_one_visit_don_t_undo_each_other(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    assert appointments.move(world.rt, DESK, visit, when(world.rt, VISIT + DAY, "10:00"), version=1)
    with pytest.raises(ChangedMeanwhile):
        appointments.cancel(world.rt, DESK, visit, version=1)
    with pytest.raises(NoSuchVisit):
        appointments.cancel(world.rt, DESK, UUID(int=9))


def test_a_thousand_visits_are_planned_with_as_many_statements_as_one(world: World) -> None:
    people = [patient(world, f"P{n}", f"p{n}@example.org", f"+1518555{n:04}") for n in range(30)]
    moment = when(world.rt, VISIT, "14:00", LARKSPUR)
    counts = []
    for size in (1, 29):
        asked: list[str] = []
        from sqlalchemy import event

        def hear(conn: object, cursor: object, statement: str, *_: object, into: list[str] = asked) -> None:
            into.append(statement)

        event.listen(world.rt.engine, "before_cursor_execute", hear)
        with world.rt.transaction() as tx:
            chosen = [people.pop() for _ in range(size)]
            appointments.book_many(world.rt, tx, DESK, [Booking(one, moment) for one in chosen], world.now)
        event.remove(world.rt.engine, "before_cursor_execute", hear)
        counts.append(len(asked))
    assert counts[1] <= counts[0]


def test_two_reminders_of_one_visit_stay_two(world: World) -> None:
    person = patient(world, email=None)
    visit = book(world, person, VISIT, "14:00")
    with world.rt.transaction() as tx:
        run(
            tx,
            """INSERT INTO messages (id, person_id, contact_id, cause, cause_id, step, kind, channel, purpose, lane,
                not_before, due_at, not_after, dedup_key, created_at)
            SELECT gen_random_uuid(), person_id, contact_id, cause, cause_id, 'text-half-a-day', kind, channel, purpose,
                lane, not_before, due_at + interval '12 hours', not_after,
                replace(dedup_key, 'text-1-day', 'text-half-a-day'), created_at
            FROM messages WHERE cause_id = %(visit)s AND kind = 'visit-reminder-text'""",
            {"visit": visit},
        )
    world.now += 9 * DAY + 4 * HOUR + timedelta(minutes=1)
    world.work()
    assert len(texts(world)) == 1
    assert "Thu Nov 12, 2:00 PM, Larkspur Lane" in texts(world)[0].text


def test_the_email_in_a_failed_text_s_place_survives_a_new_plan(world: World) -> None:
    person = patient(world)
    visit = book(world, person, VISIT, "14:00")
    pass_time(world, 9 * DAY + 4 * HOUR + timedelta(minutes=5))
    with world.rt.transaction() as tx:
        run(
            tx,
            "UPDATE messages SET status = 'failed', reason = 'filtered' WHERE kind = 'visit-reminder-text'",
        )
        row = pipe.sent(
            tx, [run(tx, "SELECT id FROM messages WHERE kind = 'visit-reminder-text'").scalar_one()]
        )
        fallback.go_on(world.rt, tx, row.values(), world.now)
    book(world, person, VISIT + 20 * DAY, "14:00")
    world.work()
    assert [kind for kind, at in got(world, "ada@example.org") if at.startswith("Wed Nov 11")] == [
        "visit-reminder"
    ]
    assert visit


def test_whom_nobody_could_tell_is_a_call_again_after_a_move(world: World) -> None:
    visit = book(world, patient(world, email=None, agreed=()), VISIT)
    pass_time(world, 10 * DAY)
    assert asked_for(world) == ["call_about_visit"]
    follow_ups.done(world.rt, follow_ups.listing(world.rt)[0].id, None, "done")
    move(world, visit, VISIT + 7 * DAY)
    pass_time(world, 7 * DAY)
    assert asked_for(world) == ["call_about_visit"]


def test_one_unreadable_person_holds_nobody_else_s_reminder_up(world: World) -> None:
    leo = patient(world, "Leo", email=None)
    book(world, patient(world, "Ana", email=None), VISIT, "14:00")
    book(world, leo, VISIT, "17:00")
    book(world, patient(world, "Mia", "mia@example.org", "+15185550999"), VISIT, "14:00")
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET sealed = 'x' WHERE id = %(id)s", {"id": leo})
    pass_time(world, 9 * DAY + 5 * HOUR)
    assert len(texts(world)) == len(texts(world, "+15185550999")) == 1


def test_what_somebody_writes_on_the_eve_of_a_visit_is_to_be_read_before_it(world: World) -> None:
    # Wednesday evening, when nobody is at the desk: its deadline by working hours is after the visit.
    world.now = MONDAY + 2 * DAY + 10 * HOUR
    person = patient(world)
    visit = book(world, person, date(2026, 11, 5), "10:00")
    put(world.rt, "+15185550123", "is there parking behind the house")
    inbound.understand(world.rt)
    found = appointments.one(world.rt, visit)
    (one,) = [one for one in follow_ups.listing(world.rt) if one.kind == "texted"]
    assert found is not None and one.due_at == found.when.starts_at - HOUR
