"""A number in a text: the answer to a question that was sent there lately, or nobody's business."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engage.domain.messages import Channel
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import check_ins, follow_ups, opt_outs
from engage.services.sms_answers import Text
from tests.asked import FIRST, after_a_visit, agrees, answered, go
from tests.visits import book, patient
from tests.world import World

NUMBER = "+15185550123"
DAY = timedelta(days=1)


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def asked_for_a_score(world: World, way: Channel = "sms") -> UUID:
    """Somebody who has just been asked before a first visit."""
    # Without reminders by text the caps have room on the day before.
    person = patient(world, agreed=("email", "sms"))
    agrees(world, person, way)
    book(world, person, FIRST + 4 * DAY)
    with world.rt.transaction() as tx:
        tx.exec_driver_sql("UPDATE messages SET status = 'cancelled' WHERE kind = 'visit-reminder-text'")
    agrees(world, person, None)
    agrees(world, person, way)
    go(world, 6 * DAY + timedelta(hours=1))
    return person


def says(world: World, number: int, sender: str = NUMBER) -> str | None:
    """A text with that number comes in now."""
    rt = world.rt
    with rt.transaction() as tx:
        index = rt.sealer.index("sms", sender)
        text = Text(new_id(), index, sender, str(number), 0, None, world.now)
        holders = opt_outs.lock(tx, index, world.now)
        return check_ins.score_by_text(rt, tx, text, holders, number, world.now)


def test_a_number_answers_the_score_that_was_asked_by_text(world: World) -> None:
    person = asked_for_a_score(world)
    assert [mail.kind for mail in world.mail(NUMBER)] == ["pain-score-text"]
    assert says(world, 7) == "check_in"
    assert says(world, 6) == "check_in"
    assert answered(world, person) == [6]


@pytest.mark.parametrize("number", [11, -1, 100])
def test_a_number_off_the_scale_is_a_persons_business(world: World, number: int) -> None:
    asked_for_a_score(world)
    assert says(world, number) is None


def test_what_was_asked_by_email_is_not_answered_by_text(world: World) -> None:
    asked_for_a_score(world, "email")
    assert says(world, 7) is None


def test_after_three_days_a_number_means_something_else(world: World) -> None:
    asked_for_a_score(world)
    world.now += 3 * DAY + timedelta(minutes=1)
    assert says(world, 7) is None


def test_another_number_answers_nothing(world: World) -> None:
    asked_for_a_score(world)
    assert says(world, 7, "+15185550199") is None


def test_where_two_were_asked_at_one_number_nobody_knows_whose_it_is(world: World) -> None:
    asked_for_a_score(world)
    other = patient(world, "Bob", "bob@example.org", NUMBER)
    agrees(world, other, "sms")
    with world.rt.transaction() as tx:
        # Both were asked that morning.
        tx.exec_driver_sql(
            "UPDATE messages SET status = 'accepted', sent_at = due_at, due_at = due_at WHERE cause = 'check_in'"
        )
    assert says(world, 7) == "check_in", "the other one was not asked yet"
    visit = book(world, other, FIRST + 20 * DAY)
    with world.rt.transaction() as tx:
        now = world.now
        tx.exec_driver_sql(
            "UPDATE messages SET status = 'accepted', sent_at = %s WHERE cause = 'check_in' AND person_id = %s",
            (now, other),
        )
    assert visit and says(world, 7) is None


@pytest.mark.parametrize(
    ("number", "outcome", "feeling"),
    [
        (1, "check_in", "Fine"),
        (2, "check_in", "A little sore, bruised or tired"),
        (3, "not_well", "Not well"),
    ],
)
def test_after_a_visit_three_numbers_say_how_it_went_down(
    world: World, number: int, outcome: str, feeling: str
) -> None:
    person = after_a_visit(world, "sms")
    assert world.mail(NUMBER)[-1].kind == "check-in-text"
    assert says(world, 7) is None
    assert says(world, number) == outcome
    assert answered(world, person) == [feeling]
    world.work()
    not_well = number == 3
    assert [one.kind for one in follow_ups.listing(world.rt)] == (["not_well"] if not_well else [])
    if not_well:
        last = world.mail(NUMBER)[-1]
        assert last.kind == "answer-not-well"
        assert "911" in last.text
