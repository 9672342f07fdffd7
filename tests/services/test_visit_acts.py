"""Sending a reminder once more, and what stands in its way."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from engage.domain.forms import InvalidInput
from engage.domain.messages import Channel
from engage.runtime import Runtime
from engage.services import appointments, visit_acts, visit_plans, wishes
from engage.services.appointments import NoSuchVisit
from tests.visits import DESK, book, pass_time, patient, texts
from tests.world import World

VISIT = date(2026, 11, 12)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def again(world: World, visit: UUID, channel: Channel = "sms") -> None:
    visit_acts.resend(world.rt, DESK, visit, channel)
    visit_plans.sweep(world.rt)
    world.work()


def refused(world: World, visit: UUID, channel: Channel = "sms") -> str:
    with pytest.raises(InvalidInput) as error:
        visit_acts.resend(world.rt, DESK, visit, channel)
    return error.value.errors["resend"]


def test_the_reminder_goes_at_once_on_the_way_that_was_asked_for(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    again(world, visit)
    again(world, visit, "email")
    assert [mail.kind for mail in world.mail()] == ["visit-reminder-text", "visit-reminder"]
    assert "Thu Nov 12, 2:00 PM" in texts(world)[0].text


def test_the_texts_of_a_day_do_not_hold_up_what_somebody_asked_for(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    pass_time(world, timedelta(days=9, hours=4, minutes=30))
    assert len(texts(world)) == 1
    again(world, visit)
    world.now += 11 * MINUTE
    again(world, visit)
    assert [mail.kind for mail in texts(world)] == ["visit-reminder-text"] * 3


def test_a_second_press_within_ten_minutes_says_when_it_may_be_pressed_again(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    again(world, visit)
    assert refused(world, visit) == "It was sent again at 10:00 AM. Please wait until 10:10 AM."
    world.now += 10 * MINUTE
    again(world, visit)
    assert len(texts(world)) == 2


def test_the_plan_is_as_before_when_a_reminder_was_sent_again(world: World) -> None:
    person = patient(world)
    visit = book(world, person, VISIT)
    again(world, visit)
    with world.rt.transaction() as tx:
        assert visit_plans.replan(world.rt, tx, [person], world.now) == 0


def test_a_plan_made_anew_does_not_take_back_what_staff_sent(world: World) -> None:
    person = patient(world)
    visit = book(world, person, VISIT)
    visit_acts.resend(world.rt, DESK, visit, "sms")
    with world.rt.transaction() as tx:
        assert visit_plans.replan(world.rt, tx, [person], world.now) == 0
    world.work()
    assert len(texts(world)) == 1


def test_a_visit_that_moves_before_the_text_leaves_takes_the_text_back(world: World) -> None:
    visit = book(world, patient(world), VISIT)
    visit_acts.resend(world.rt, DESK, visit, "sms")
    appointments.cancel(world.rt, DESK, visit)
    world.work()
    assert texts(world) == []


@pytest.mark.parametrize(
    ("agreed", "mobile", "expected"),
    [
        (("email",), "+15185550123", "has not agreed"),
        (("email", "sms"), None, "No confirmed mobile number is known."),
    ],
)
def test_a_closed_way_says_why(
    world: World, agreed: tuple[str, ...], mobile: str | None, expected: str
) -> None:
    visit = book(world, patient(world, agreed=agreed, mobile=mobile), VISIT)
    assert expected in refused(world, visit)
    again(world, visit, "email")
    assert [mail.kind for mail in world.mail()] == ["visit-reminder"]


def test_a_stop_closes_the_way(world: World) -> None:
    person = patient(world)
    visit = book(world, person, VISIT)
    wishes.record(world.rt, DESK, person, "sms", "stop", "telephone")
    assert refused(world, visit)
    assert texts(world) == []


def test_nobody_is_woken_by_it(world: World) -> None:
    visit = book(world, patient(world, zone="Pacific/Honolulu", mobile=None), VISIT)
    assert "from Monday, 1:00 PM on" in refused(world, visit, "email")


def test_only_a_visit_to_come_is_reminded_of(world: World) -> None:
    person = patient(world)
    visit = book(world, person, VISIT)
    appointments.cancel(world.rt, DESK, visit)
    assert "Only a visit to come" in refused(world, visit)
    world.now += timedelta(days=11)
    other = book(world, person, VISIT + timedelta(days=2))
    appointments.mark(world.rt, DESK, other, "arrived")
    assert "Only a visit to come" in refused(world, other)
    with pytest.raises(NoSuchVisit):
        visit_acts.resend(world.rt, DESK, person, "sms")
