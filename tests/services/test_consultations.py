"""Asking for a consultation, and what staff do about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from engage.domain.forms import InvalidInput
from engage.services import consultation_work, consultations, follow_ups
from engage.services.audit import SYSTEM
from engage.services.consultations import Detail
from engage.services.deliver import deliver
from engage.storage import suppressions
from tests.world import World


def rows(world: World, sql: str) -> list[Any]:
    with world.rt.transaction() as tx:
        return list(tx.execute(text(sql)))


def only(world: World, state: str = "waiting") -> Detail:
    (summary,) = consultations.listing(world.rt, state)
    found = consultations.one(world.rt, summary.id)
    assert found is not None
    return found


def asked(world: World, **typed: str) -> UUID:
    world.ask(**typed)
    world.work()
    return only(world).summary.id


def test_a_request_writes_one_row_and_nothing_else(world: World) -> None:
    world.ask()
    tables = ("consultations", "messages", "people", "consultation_events", "alerts", "follow_ups")
    counts = [rows(world, f"SELECT count(*) FROM {table}")[0][0] for table in tables]
    assert counts == [1, 0, 0, 0, 0, 0]


def test_staff_see_all_that_was_typed_and_the_words_beside_the_box(world: World) -> None:
    world.ask(message="Two lines\r\nof 👩‍⚕️ text", telephone="416-555-0123 ext. 5")
    world.work()
    seen = only(world)
    assert seen.summary.given_name == "Grace"
    assert seen.email == "grace@example.org"
    assert (seen.telephone, seen.telephone_spoken) == ("+14165550123", "+1 416-555-0123 ext. 5")
    assert (seen.reach, seen.times, seen.main_pain) == (
        "By telephone call",
        ["Weekday mornings"],
        "Neck pain",
    )
    assert seen.message == "Two lines\nof 👩‍⚕️ text"
    assert seen.wording == consultations.consent_wording(world.rt)
    assert [event.what for event in seen.events] == ["received", "acknowledged"]


def test_the_acknowledgement_repeats_nothing_that_was_typed(world: World) -> None:
    world.ask(given_name="Grabthar", message="by the hammer", main_pain="sciatica")
    world.work()
    (mail,) = world.mail("grace@example.org")
    assert mail.kind == "consultation-received"
    everything = (mail.subject + mail.text + mail.html + str(mail.headers)).casefold()
    for word in ("grabthar", "hammer", "sciatica", "555-0123", "morning", "acupuncture", "pain"):
        assert word not in everything


def test_staff_get_a_notice_with_a_link_and_no_private_word(world: World) -> None:
    id = asked(world, given_name="Grabthar", message="by the hammer", main_pain="sciatica")
    (mail,) = world.mail("front-desk@harmonia.example")
    assert mail.kind == "staff-new-request"
    assert f"/staff/requests/{id}" in mail.text
    everything = (mail.subject + mail.text + mail.html).casefold()
    for word in ("grabthar", "hammer", "sciatica", "grace@example.org", "555-0123", "acupuncture"):
        assert word not in everything


def test_who_gives_only_a_number_gets_no_mail(world: World) -> None:
    world.ask(email="")
    world.work()
    assert [mail.kind for mail in world.mail()] == ["staff-new-request"]
    assert not only(world).acknowledged


def test_the_deadline_counts_working_hours_only(world: World) -> None:
    world.now = datetime(2026, 11, 6, 19, 0, tzinfo=UTC)  # Friday, 2 pm in Albany; the clinic closes at three
    asked(world)
    assert only(world).summary.due_at == datetime(2026, 11, 9, 21, 0, tzinfo=UTC)


def test_the_same_form_pressed_twice_is_one_request(world: World) -> None:
    stamp = world.rt.links.stamp(datetime.now(UTC) - timedelta(minutes=1))
    for _ in range(3):
        world.ask(stamp=stamp)
    assert len(consultations.listing(world.rt)) == 1
    world.ask(stamp=stamp, message="And I forgot to say this.")
    world.ask()
    assert len(consultations.listing(world.rt)) == 3


def test_a_request_pauses_the_course_of_a_confirmed_contact(world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=1))
    before = len(world.lessons())
    world.ask(email="ADA@example.org")
    world.pass_time(timedelta(days=13))
    assert len(world.lessons()) == before
    (person,) = rows(world, "SELECT person_id FROM consultations")[0]
    assert person == rows(world, "SELECT id FROM people")[0][0]
    world.pass_time(timedelta(days=10))
    assert len(world.lessons()) > before


def test_a_pest_who_asks_every_day_for_somebody_pauses_the_course_only_once(world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=1))
    before = len(world.lessons())
    for _ in range(5):
        world.ask(email="ada@example.org")
        world.pass_time(timedelta(days=4))
    assert len(world.lessons()) > before


def test_a_request_of_a_stranger_pauses_nobody(world: World) -> None:
    world.enrol()
    world.ask(email="eve@example.org")
    world.work()
    assert rows(world, "SELECT count(*) FROM enrolments WHERE paused_until IS NOT NULL")[0][0] == 0


@pytest.mark.parametrize("reason", ["complaint", "hard_bounce"])
def test_an_address_that_bounced_or_complained_gets_no_acknowledgement_but_staff_a_follow_up(
    world: World, reason: str
) -> None:
    index = world.rt.sealer.index("email", "grace@example.org")
    with world.rt.transaction() as tx:
        suppressions.add(tx, "email", index, "all", reason, world.now)
    world.ask(telephone="", reach="email")
    world.work()
    assert world.mail("grace@example.org") == []
    (todo,) = follow_ups.listing(world.rt)
    assert (todo.kind, todo.cause_id) == ("not_acknowledged", only(world).summary.id)


def test_an_address_that_is_suppressed_before_the_claim_gets_no_acknowledgement(world: World) -> None:
    world.ask(telephone="", reach="email")
    consultation_work.answer_new(world.rt)
    index = world.rt.sealer.index("email", "grace@example.org")
    with world.rt.transaction() as tx:
        suppressions.add(tx, "email", index, "all", "complaint", world.now)
    deliver(world.rt)
    world.work()
    assert world.mail("grace@example.org") == []
    assert [todo.kind for todo in follow_ups.listing(world.rt)] == ["not_acknowledged"]


def test_confirmations_and_acknowledgements_share_an_addresss_limits(world: World) -> None:
    world.sign_up(email="grace@example.org")
    world.work()
    world.ask()
    world.work()
    assert [mail.kind for mail in world.mail("grace@example.org")] == ["signup-confirm"]
    world.now += timedelta(days=1)
    world.ask()
    world.work()
    assert [mail.kind for mail in world.mail("grace@example.org")][1:] == ["consultation-received"]


def test_staff_are_told_before_the_deadline_and_after_it_until_somebody_calls(world: World) -> None:
    id = asked(world)  # Monday, 10 am in Albany
    desk = "front-desk@harmonia.example"
    for _ in range(60):
        world.now += timedelta(minutes=30)
        world.work()
    kinds = [mail.kind for mail in world.mail(desk)]
    assert kinds.index("staff-deadline-near") < kinds.index("staff-deadline-passed")
    assert kinds.count("staff-deadline-near") >= 1
    passed = next(mail for mail in world.mail(desk) if mail.kind == "staff-deadline-passed")
    assert world.local(passed).strftime("%A %H:%M") == "Tuesday 10:00"
    hours = {world.local(mail).hour for mail in world.mail(desk)}
    assert hours <= set(range(9, 18))
    assert [todo.kind for todo in follow_ups.listing(world.rt)] == ["deadline_passed"]

    assert consultations.log_call(world.rt, id, None, "Spoke at length.", reached=True)
    world.work()
    before = len(world.mail(desk))
    for _ in range(8):
        world.now += timedelta(hours=6)
        world.work()
    assert len(world.mail(desk)) == before
    assert follow_ups.listing(world.rt) == []


def test_taking_a_request_stops_its_notices_but_not_its_deadline(world: World) -> None:
    id = asked(world)
    (staff,) = staff_ids(world, 1)
    assert consultations.assign(world.rt, id, staff, staff)
    world.now += timedelta(hours=5)
    world.work()
    assert [mail.kind for mail in world.mail("front-desk@harmonia.example")] == ["staff-new-request"]
    assert (only(world).summary.state, only(world).summary.assignee) == ("open", staff)
    world.now += timedelta(days=1)
    world.work()
    assert "staff-deadline-passed" in [mail.kind for mail in world.mail("front-desk@harmonia.example")]
    assert only(world).summary.overdue


def test_a_closed_request_says_what_became_of_it_and_can_be_taken_up_again(world: World) -> None:
    id = asked(world)
    assert consultations.log_call(world.rt, id, None, "", reached=False)
    for _ in range(2):
        assert consultations.close(world.rt, id, None, "not_reached", "Tried twice.")
    seen = only(world, "closed")
    assert (seen.summary.state, seen.summary.outcome) == ("closed", "Could not be reached")
    assert [(event.what, event.note) for event in seen.events][2:] == [
        ("called", "Not reached."),
        ("closed", "Tried twice."),
    ]
    world.now += timedelta(days=3)
    assert consultations.reopen(world.rt, id, None)
    again = only(world).summary
    assert (again.state, again.outcome, again.answered, again.overdue) == ("open", None, False, False)
    assert again.due_at is not None and again.due_at > world.now


def test_a_booked_visit_ends_the_persons_course(world: World) -> None:
    world.enrol()
    id = asked(world, email="ada@example.org")
    assert consultations.close(world.rt, id, None, "booked")
    assert rows(world, "SELECT state FROM enrolments")[0][0] == "booked"


def test_nothing_is_done_to_a_request_that_is_not_there_or_closed(world: World) -> None:
    nowhere = UUID(int=7)
    assert consultations.one(world.rt, nowhere) is None
    assert not consultations.assign(world.rt, nowhere, None, None)
    assert not consultations.log_call(world.rt, nowhere, None, "", reached=True)
    assert not consultations.close(world.rt, nowhere, None, "other")
    assert not consultations.reopen(world.rt, nowhere, None)
    assert not follow_ups.done(world.rt, nowhere, None, "done")
    id = asked(world)
    assert consultations.close(world.rt, id, None, "spam")
    assert not consultations.assign(world.rt, id, None, None)
    assert not consultations.log_call(world.rt, id, None, "", reached=True)


def test_every_view_and_change_is_in_the_audit_trail(world: World) -> None:
    id = asked(world)
    consultations.listing(world.rt, actor=SYSTEM)
    consultations.one(world.rt, id, actor=SYSTEM)
    consultations.log_call(world.rt, id, None, "", reached=True)
    consultations.add_note(world.rt, id, None, "A note.")
    consultations.close(world.rt, id, None, "other")
    found = rows(world, "SELECT actor, action, what FROM audit WHERE what_id IS NOT NULL ORDER BY id")
    assert [tuple(row) for row in found] == [
        ("system", "view", "consultation"),
        ("system", "view", "consultation"),
        *[("cli", "change", "consultation")] * 3,
    ]


def test_a_follow_up_is_assigned_and_done_once(world: World) -> None:
    (staff,) = staff_ids(world, 1)
    for _ in range(2):
        with world.rt.transaction() as tx:
            follow_ups.add(tx, world.rt, "deadline_passed", "consultation", UUID(int=5), None, world.now, "x")
    (todo,) = follow_ups.listing(world.rt)
    assert follow_ups.assign(world.rt, todo.id, staff, staff)
    assert follow_ups.listing(world.rt)[0].assignee == staff
    assert follow_ups.done(world.rt, todo.id, staff, "done", "All well.")
    assert follow_ups.done(world.rt, todo.id, staff, "not_needed", "Again.")
    assert follow_ups.listing(world.rt) == []
    (ended,) = follow_ups.listing(world.rt, "done")
    assert (ended.outcome, ended.note) == ("done", "All well.")
    with pytest.raises(InvalidInput):
        follow_ups.done(world.rt, todo.id, staff, "nonsense")


def staff_ids(world: World, count: int) -> list[UUID]:
    """Accounts that exist; who they are does not matter here."""
    ids = [UUID(int=100 + n) for n in range(count)]
    with world.rt.transaction() as tx:
        for id in ids:
            tx.execute(
                text("""INSERT INTO staff (id, sealed, address_index, created_at)
                VALUES (:id, '\\x00', :index, now())"""),
                {"id": id, "index": id.bytes},
            )
    return ids
