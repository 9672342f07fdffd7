"""An address told to the front desk: reminders go there, courses do not, and an opt-out stands."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from engage.domain.forms import InvalidInput
from engage.domain.messages import Channel
from engage.runtime import Runtime
from engage.services import desk_contacts, wishes
from engage.services.desk_contacts import Corrected
from engage.storage.database import run
from tests.visits import DESK, book, pass_time, patient, texts
from tests.world import World

VISIT = date(2026, 11, 12)
NEW = "+15185550177"


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def correct(
    world: World, person: UUID, typed: str, channel: Channel = "sms", agreed: bool = False
) -> Corrected:
    found = desk_contacts.correct(world.rt, DESK, person, channel, typed, "telephone", agreed=agreed)
    assert found is not None
    return found


def to_the_visit(world: World) -> None:
    pass_time(world, timedelta(days=9, hours=5))


def rows(world: World, sql: str) -> list[tuple[object, ...]]:
    with world.rt.transaction() as tx:
        return [tuple(row) for row in run(tx, sql)]


def test_reminders_follow_to_the_new_number_and_none_goes_to_the_old_one(world: World) -> None:
    person = patient(world)
    book(world, person, VISIT)
    assert correct(world, person, "(518) 555-0177") == Corrected(changed=True, closed="")
    to_the_visit(world)
    assert [mail.kind for mail in texts(world, NEW)] == ["visit-reminder-text"]
    assert texts(world) == []


def test_the_same_again_changes_nothing(world: World) -> None:
    person = patient(world)
    correct(world, person, NEW)
    assert correct(world, person, NEW) == Corrected(changed=False, closed="")
    assert rows(world, "SELECT count(*) FROM contacts WHERE channel = 'sms' AND state = 'confirmed'") == [
        (1,)
    ]


def test_a_person_without_a_number_gets_texts_once_they_agreed(world: World) -> None:
    person = patient(world, mobile=None, agreed=("email",))
    book(world, person, VISIT)
    assert "has not agreed" in correct(world, person, NEW).closed
    assert correct(world, person, NEW, agreed=True).closed == ""
    to_the_visit(world)
    assert len(texts(world, NEW)) == 1
    assert rows(world, "SELECT action, actor, source FROM consents WHERE channel = 'sms'") == [
        ("granted", "staff", "front desk, told by telephone")
    ]


def test_an_opt_out_of_the_number_stands_whoever_types_it(world: World) -> None:
    holder = patient(world, "Ben", None, NEW)
    wishes.record(world.rt, DESK, holder, "sms", "stop", "telephone")
    person = patient(world)
    book(world, person, VISIT)
    assert "suppression list" in correct(world, person, NEW, agreed=True).closed
    to_the_visit(world)
    assert texts(world, NEW) == []


def test_a_new_email_address_ends_the_old_links_and_takes_no_course_along(world: World) -> None:
    world.enrol()
    person = UUID(str(rows(world, "SELECT id FROM people")[0][0]))
    assert correct(world, person, "ada.new@example.org", "email", agreed=True).closed == ""
    world.pass_time(timedelta(days=5))
    assert world.lessons("ada.new@example.org") == []
    assert rows(world, "SELECT count(*) FROM people WHERE links_since IS NOT NULL") == [(1,)]


@pytest.mark.parametrize(
    ("channel", "typed", "sentence"),
    [
        ("email", "ada@", "That is no email address."),
        ("sms", "12", "There is no such number."),
        ("sms", "+49 1512 3456789", "We can text only numbers of"),
        ("sms", "(800) 555-0123", "That is a toll-free number"),
    ],
)
def test_what_can_not_be_used_is_said_without_a_word_about_courses(
    world: World, channel: Channel, typed: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        correct(world, patient(world), typed, channel)
    said = error.value.errors["address"]
    assert sentence in said and "course" not in said


def test_a_number_whose_holder_denied_it_does_not_come_back_by_typing(world: World) -> None:
    person = patient(world)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'quarantined' WHERE channel = 'sms'")
    with pytest.raises(InvalidInput, match="address"):
        correct(world, person, "+15185550123")


def test_who_was_forgotten_gets_no_address(world: World) -> None:
    person = patient(world)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET state = 'erased'")
    assert desk_contacts.correct(world.rt, DESK, person, "sms", NEW, "telephone", agreed=True) is None
