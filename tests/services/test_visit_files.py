"""Calendar files from the planned message to the inbox, and what is left of them afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest

from engage.domain.timing import instant
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import appointments, erasure, export, retention, staff_messages
from engage.services.audit import CLI, PERSON
from engage.services.deliver import deliver
from engage.storage import messages
from tests.apps import app_of
from tests.scripted import (
    Scripted,
    Somebody,
    carried,
    follow_ups,
    in_force,
    plan,
    refused,
    resend,
    somebody,
    standing,
    state,
    taken,
)
from tests.visit_files import APPOINTMENT, LINK, visit
from tests.visits import DESK, book, move, pass_time, patient
from tests.world import World


def invited(rt: Runtime, n: int = 0, **changed: Any) -> tuple[Somebody, UUID]:
    """Somebody with a planned letter about a visit."""
    who = somebody(rt, n)
    return who, plan(rt, who, "email", "care", calendar=visit(**changed))


def visit_in(text: str | bytes) -> Any:
    (found,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return found


def text_of(rt: Runtime, id: UUID) -> staff_messages.Text:
    with rt.transaction() as tx:
        found = staff_messages.text_as_sent(rt, tx, messages.one(tx, id))
    assert found is not None
    return found


def test_a_letter_arrives_with_the_visit_as_it_was_planned(world: World) -> None:
    who, id = invited(world.rt, sequence=3)
    world.work()
    (mail,) = world.mail(who.email)
    found, sender = visit_in(mail.calendar), world.rt.clinic.sender
    assert found["dtstart"].dt == datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert found["dtend"].dt - found["dtstart"].dt == timedelta(minutes=45)
    assert (found["uid"], found["sequence"]) == (f"{APPOINTMENT}@clinic.example", 3)
    assert found["dtstamp"].dt == world.now
    assert found["organizer"] == f"mailto:{sender.email}"
    assert found["organizer"].params["CN"] == sender.email_name
    assert mail.headers["From"] == f"{sender.email_name} <{sender.email}>"
    assert found["attendee"] == f"mailto:{who.email}"
    assert (found["summary"], found["url"]) == ("Appointment, Harmonia Health", LINK)
    assert state(world.rt, id)[0] == "accepted"


def test_each_visit_leaves_alone_and_the_others_together(world: World) -> None:
    carrier = Scripted("smtp", "email")
    visits = {invited(world.rt, n)[1] for n in range(2)}
    others = {plan(world.rt, somebody(world.rt, n), "email", "care") for n in range(2, 5)}
    deliver(in_force(world.rt, carrier))
    parts = [{entry.message_id for entry in batch.entries} for batch in carrier.requests]
    assert sorted(map(len, parts)) == [1, 1, 3]
    assert others in parts
    for batch in carrier.requests:
        for entry in batch.entries:
            assert (entry.calendar is not None) is (entry.message_id in visits)


def test_nobody_has_the_address_of_somebody_else_in_their_file(world: World) -> None:
    carrier = Scripted("smtp", "email")
    for n in range(3):
        invited(world.rt, n)
    deliver(in_force(world.rt, carrier))
    for batch in carrier.requests:
        (entry,) = batch.entries
        assert entry.calendar is not None
        assert visit_in(entry.calendar.content)["attendee"] == f"mailto:{entry.to}"


@pytest.mark.parametrize(
    "changed",
    [
        {"zone": "America/Nowhere"},
        {"start": "soon"},
        {"start": "2026-11-24T14:00:00"},
        {"minutes": "45"},
        {"minutes": 0},
        {"method": "PUBLISH"},
        {"url": "https://x.example/\r\nATTENDEE:mailto:eve@example.org"},
        {"location": None},
    ],
)
def test_one_that_can_not_be_written_waits_for_a_person_and_the_others_go(
    world: World, changed: dict[str, Any]
) -> None:
    _, id = invited(world.rt, 0, **changed)
    who, well = invited(world.rt, 1)
    world.work()
    assert state(world.rt, id) == ("held", "unreadable")
    assert follow_ups(world.rt) == [("care_held", id)]
    assert state(world.rt, well)[0] == "accepted"
    assert [mail.to for mail in world.mail()] == [who.email]


def test_one_that_lacks_a_part_waits_as_well(world: World) -> None:
    told = visit()
    del told["uid"]
    id = plan(world.rt, somebody(world.rt), "email", "care", calendar=told)
    world.work()
    assert state(world.rt, id) == ("held", "unreadable")


def test_a_text_has_none_and_the_mail_in_its_place_has_it(world: World) -> None:
    who = somebody(world.rt)
    plan(world.rt, who, "sms", "care", calendar=visit())
    mail = Scripted("smtp", "email")
    sms = Scripted("twilio", "sms", refused("bad_address"), max_batch=1)
    deliver(in_force(world.rt, mail, sms))
    assert [entry.calendar for batch in sms.requests for entry in batch.entries] == [None]
    calendars = [
        entry.calendar
        for batch in mail.requests
        if batch.kind == "test-email-care"
        for entry in batch.entries
    ]
    assert len(calendars) == 1
    assert calendars[0] is not None
    assert visit_in(calendars[0].content)["attendee"] == f"mailto:{who.email}"


def test_what_is_sent_again_is_the_same_visit_made_anew(world: World) -> None:
    answers = iter([refused("not_processed"), taken])
    carrier = Scripted("smtp", "email", lambda batch: next(answers)(batch))
    _, id = invited(world.rt)
    deliver(in_force(world.rt, carrier))
    world.now += timedelta(hours=1)
    deliver(in_force(world.rt, carrier))
    first, second = (batch.entries[0].calendar for batch in carrier.requests)
    assert first is not None
    assert second is not None
    one, two = visit_in(first.content), visit_in(second.content)
    assert (one["uid"], one["sequence"], one["dtstart"].dt) == (
        two["uid"],
        two["sequence"],
        two["dtstart"].dt,
    )
    assert two["dtstamp"].dt - one["dtstamp"].dt == timedelta(hours=1)
    assert text_of(world.rt, id).calendar == second.content.decode()


def test_a_request_that_is_too_large_keeps_its_file_when_it_is_cut(world: World) -> None:
    carrier = Scripted("smtp", "email", resend)
    invited(world.rt)
    deliver(in_force(world.rt, carrier))
    assert all(batch.entries[0].calendar is not None for batch in carrier.requests)


def test_the_mailbox_shows_it_and_lets_it_be_saved(world: World) -> None:
    invited(world.rt)
    plan(world.rt, somebody(world.rt, 1), "email", "care")
    world.work()
    bare, mail = sorted(world.mail(), key=lambda one: len(one.calendar))
    client = app_of(world.rt).test_client()
    listed = {one["id"]: one["calendar"] for one in client.get("/dev/mailbox?format=json").json or ()}
    assert listed == {str(mail.id): mail.calendar, str(bare.id): ""}
    page = client.get(f"/dev/mailbox/{mail.id}").text
    assert f'href="/dev/mailbox/{mail.id}.ics"' in page
    assert "SUMMARY:Appointment" in page
    saved = client.get(f"/dev/mailbox/{mail.id}.ics")
    assert saved.data.decode() == mail.calendar
    assert saved.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert saved.headers["Content-Disposition"] == "attachment; filename=invite.ics"
    assert ".ics" not in client.get(f"/dev/mailbox/{bare.id}").text
    assert client.get(f"/dev/mailbox/{bare.id}.ics").status_code == 404
    assert client.get(f"/dev/mailbox/{new_id()}.ics").status_code == 404


def test_staff_and_the_person_can_see_the_very_file(world: World) -> None:
    who, id = invited(world.rt)
    world.work()
    world.now += timedelta(days=30)
    (mail,) = world.mail(who.email)
    assert text_of(world.rt, id).calendar == mail.calendar
    told = export.of_person(world.rt, who.id, PERSON)
    assert [one["calendar"] for one in told["messages"]] == [mail.calendar]
    assert "BEGIN:VEVENT" in export.page(world.rt, told)


def test_before_it_leaves_there_is_no_file_to_see(world: World) -> None:
    who = somebody(world.rt)
    plan(world.rt, who, "email", "care", due=world.now + timedelta(days=1), calendar=visit())
    told = export.of_person(world.rt, who.id, PERSON)
    assert [one["calendar"] for one in told["messages"]] == [None]


def kept(rt: Runtime, id: UUID) -> bool:
    return standing(rt, id).sealed is not None


def test_it_goes_with_the_other_values_after_ninety_days(world: World) -> None:
    _, id = invited(world.rt)
    world.work()
    (mail,) = world.mail()
    world.now += timedelta(days=89)
    retention.run(world.rt)
    assert kept(world.rt, id)
    assert world.mail() == [mail]
    world.now += timedelta(days=2)
    retention.run(world.rt)
    assert not kept(world.rt, id)
    assert world.mail() == []
    assert app_of(world.rt).test_client().get(f"/dev/mailbox/{mail.id}.ics").status_code == 404


def test_it_goes_with_the_person(world: World) -> None:
    who, id = invited(world.rt)
    world.work()
    erasure.erase(world.rt, who.id, CLI)
    assert not kept(world.rt, id)
    assert world.mail(who.email) == []


def test_a_clinic_whose_sender_is_not_local_keeps_no_copy(world: World) -> None:
    carrier = Scripted("smtp", "email")
    invited(world.rt)
    deliver(carried(world.rt, carrier, email="smtp", care_email="smtp"))
    assert world.mail() == []
    assert carrier.sizes == [1]


# From the visit itself.

DAY, OTHER_DAY = date(2026, 11, 12), date(2026, 11, 19)


def files(world: World) -> list[tuple[str, str, int, datetime]]:
    """(kind, method, version, start) of all files that arrived."""
    found = []
    for mail in world.mail("ada@example.org"):
        if mail.calendar:
            one = visit_in(mail.calendar)
            method = str(icalendar.Calendar.from_ical(mail.calendar)["method"])
            found.append((mail.kind, method, one["sequence"], one["dtstart"].dt.astimezone(UTC)))
    return found


def start(day: date) -> datetime:
    return instant(day, time(14), "America/New_York")


def test_a_visit_is_entered_moved_and_taken_out_under_one_id(world: World) -> None:
    id = book(world, patient(world, mobile=None), DAY)
    # The reminder is out three days before.
    pass_time(world, timedelta(days=8))
    move(world, id, OTHER_DAY)
    pass_time(world, timedelta(hours=1))
    appointments.cancel(world.rt, DESK, id)
    pass_time(world, timedelta(hours=1))
    assert files(world) == [
        ("visit-reminder", "REQUEST", 0, start(DAY)),
        ("visit-moved", "REQUEST", 1, start(OTHER_DAY)),
        ("visit-cancelled", "CANCEL", 2, start(OTHER_DAY)),
    ]
    found = [visit_in(mail.calendar) for mail in world.mail() if mail.calendar]
    assert {str(one["uid"]) for one in found} == {f"{id}@127.0.0.1"}
    for one in found:
        assert (one["summary"], str(one["class"])) == ("Appointment, Harmonia Health", "PRIVATE")
        assert one["location"] == "Larkspur Lane, 120 Larkspur Lane, Suite 4, Albany, NY 12207"
        assert "/appointments/" in one["url"]


def test_one_message_of_two_visits_has_no_file(world: World) -> None:
    """A file tells of one visit; who saw one of two in the calendar would miss the other."""
    who = patient(world, mobile=None)
    book(world, who, DAY, "10:00")
    book(world, who, DAY, "15:00")
    pass_time(world, timedelta(days=9))
    reminders = [mail for mail in world.mail() if mail.kind == "visit-reminder"]
    assert len(reminders) == 2
    for mail in reminders:
        assert mail.calendar == ""
        assert "10:00 AM" in mail.text and "3:00 PM" in mail.text


def test_texts_and_letters_that_are_about_no_time_bring_none(world: World) -> None:
    book(world, patient(world), DAY)
    pass_time(world, timedelta(days=11))
    brought = {mail.kind: bool(mail.calendar) for mail in world.mail()}
    assert brought == {"visit-reminder": True, "visit-first": False, "visit-reminder-text": False}
