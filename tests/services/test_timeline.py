"""One person's messages, past and to come: when, and why or why not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from engage.domain.message_filter import Filter
from engage.ids import new_id
from engage.services import person_acts, person_page, staff_messages, unsubscribe
from engage.services.audit import Actor
from engage.services.person_page import PersonPage
from engage.storage.database import run
from tests.world import COURSE, World

STAFF = Actor(new_id(), "staff")


def person_of(world: World) -> UUID:
    with world.rt.transaction() as tx:
        return UUID(str(tx.execute(text("SELECT id FROM people")).scalar_one()))


def page(world: World) -> PersonPage:
    found = person_page.see(world.rt, STAFF, person_of(world))
    assert found is not None
    return found


def whole_course(world: World) -> int:
    return len(world.rt.library.courses[COURSE].lessons)


def test_a_new_person_sees_the_confirmation_behind_and_the_whole_course_ahead(world: World) -> None:
    world.enrol(zone="America/Los_Angeles")
    shown = page(world)
    assert [entry.what for entry in shown.timeline.past] == ["Please confirm your sign-up"]
    coming = shown.timeline.coming
    assert len(coming) == whole_course(world)
    assert [entry.when for entry in coming] == ["waiting"] + ["would"] * (len(coming) - 1)
    assert all(entry.goes for entry in coming)
    assert [e.at for e in coming] == sorted(e.at for e in coming)
    assert {str(entry.at.tzinfo) for entry in coming} == {"America/Los_Angeles"}


def test_what_the_timeline_foretells_is_what_happens(world: World) -> None:
    world.enrol()
    foretold = [(entry.what, entry.at) for entry in page(world).timeline.coming]
    world.pass_time(timedelta(days=90))
    happened = [(e.what, e.at) for e in reversed(page(world).timeline.past) if e.what.startswith("Lesson")]
    assert happened == foretold
    assert page(world).timeline.coming == []
    assert page(world).courses[0].state == "completed"


def test_a_pause_moves_what_comes_and_the_rest_still_comes_as_foretold(world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=4))
    course = page(world).courses[0]
    assert person_acts.act(world.rt, STAFF, person_of(world), course.id, "pause", 14) is True
    shown = page(world)
    assert shown.courses[0].state == "paused"
    assert shown.timeline.coming[0].at >= shown.courses[0].paused_until  # type: ignore[operator]
    foretold = [(entry.what, entry.at) for entry in shown.timeline.coming]
    world.pass_time(timedelta(days=90))
    happened = [(e.what, e.at) for e in reversed(page(world).timeline.past) if e.what.startswith("Lesson")]
    assert happened[-len(foretold) :] == foretold


def test_somebody_who_left_has_nothing_ahead_and_the_reason_behind(world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=2))
    unsubscribe.unsubscribe(world.rt, world.token("unsubscribe", world.lessons()[0]), "page")
    shown = page(world)
    assert shown.timeline.coming == []
    assert shown.timeline.past[0].why == "The person unsubscribed."
    assert not shown.timeline.past[0].goes
    assert shown.suppressions[0].standing
    assert shown.suppressions[0].reason == "unsubscribed"
    education = next(a for a in shown.agreements if (a.channel, a.purpose) == ("email", "education"))
    assert not education.granted
    assert [entry.action for entry in shown.ledger] == ["withdrawn", "granted"]
    assert "Yes, please email me the course" in shown.ledger[1].wording


def test_an_address_that_bounced_says_beforehand_that_nothing_will_go(world: World) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        sql = """INSERT INTO suppressions (id, channel, address_index, scope, reason, created_at)
        SELECT %(id)s, 'email', address_index, 'all', 'hard_bounce', %(now)s FROM contacts"""
        run(tx, sql, {"id": new_id(), "now": world.now})
    coming = page(world).timeline.coming
    assert not any(entry.goes for entry in coming)
    assert "bounced for good" in coming[0].why
    assert coming[-1].status_words == "Would not go"


@pytest.mark.parametrize(
    ("acts", "answers", "state"),
    [
        (["stop"], [True], "stopped"),
        (["stop", "stop"], [True, False], "stopped"),
        (["stop", "pause"], [True, False], "stopped"),
        (["pause"], [True], "paused"),
        (["pause", "pause"], [True, False], "paused"),
        (["resume"], [False], "active"),
        (["pause", "resume", "resume"], [True, True, False], "active"),
    ],
)
def test_acts_say_whether_they_changed_anything(
    world: World, acts: list[person_acts.Act], answers: list[bool], state: str
) -> None:
    world.enrol()
    course = page(world).courses[0].id
    assert [person_acts.act(world.rt, STAFF, person_of(world), course, act) for act in acts] == answers
    assert page(world).courses[0].state == state
    with world.rt.transaction() as tx:
        rows = list(
            tx.execute(text("SELECT staff_id, what_id, person_id FROM audit WHERE action = 'change'"))
        )
    assert [tuple(row) for row in rows] == [(STAFF.staff_id, course, person_of(world))] * sum(answers)


def test_another_persons_course_is_not_there(world: World) -> None:
    world.enrol()
    course = page(world).courses[0].id
    assert person_acts.act(world.rt, STAFF, new_id(), course, "stop") is None
    assert person_acts.act(world.rt, STAFF, person_of(world), new_id(), "stop") is None
    assert page(world).courses[0].state == "active"


def test_a_message_shows_its_exact_text_and_the_consent_it_relied_on(world: World) -> None:
    world.enrol(given_name="Ada <b>")
    world.pass_time(timedelta(days=2))
    mail = world.lessons()[0]
    seen = staff_messages.see(world.rt, STAFF, mail.message_id)
    assert seen is not None and seen.text is not None
    assert (seen.text.subject, seen.text.plain, seen.text.html) == (mail.subject, mail.text, mail.html)
    assert seen.text.to == mail.to
    assert seen.consent is not None and "Yes, please email me" in seen.consent.wording
    assert seen.attempts == 1
    assert staff_messages.html(world.rt, STAFF, mail.message_id) == mail.html


def test_messages_come_in_pages_that_hold_each_once(world: World) -> None:
    for n in range(30):
        world.sign_up(email=f"p{n}@example.org")
    world.work()
    first = staff_messages.listing(world.rt, STAFF, Filter(), "")
    second = staff_messages.listing(world.rt, STAFF, Filter(), first.after)
    ids = [m.id for m in (*first.messages, *second.messages)]
    assert (len(first.messages), len(second.messages), second.after) == (25, 5, "")
    assert len(set(ids)) == 30


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Filter(), 2),
        (Filter(status="planned"), 1),
        (Filter(kind="signup-confirm"), 1),
        (Filter(channel="sms"), 0),
        (Filter(status="held"), 0),
    ],
)
def test_filters_narrow_the_list(world: World, wanted: Filter, count: int) -> None:
    world.enrol()
    assert len(staff_messages.listing(world.rt, STAFF, wanted, "").messages) == count


def test_a_held_message_is_shown_first_and_released_once(world: World) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        tx.execute(
            text("UPDATE messages SET status = 'held', reason = 'missing_value' WHERE status = 'planned'")
        )
    held = staff_messages.listing(world.rt, STAFF, Filter(), "").held
    assert [message.status_words for message in held] == ["Waiting for a person"]
    assert [staff_messages.release(world.rt, STAFF, held[0].id) for _ in range(2)] == [True, False]
    assert staff_messages.release(world.rt, STAFF, new_id()) is None
