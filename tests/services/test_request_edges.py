"""Requests that meet bad rows, hasty staff, old pages and a person's other forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engage.services import check_inbox, consultation_work, consultations, follow_ups, lessons, signups
from engage.services.forms import TooMany
from engage.services.opening import UNREADABLE
from tests.world import FORM, World

IP = "203.0.113.9"


def member(world: World) -> object:
    from uuid import uuid4

    id = uuid4()
    with world.rt.transaction() as tx:
        tx.execute(
            text(
                """INSERT INTO staff (id, sealed, address_index, state, created_at)
                VALUES (:id, '\\x00', :index, 'active', now())"""
            ),
            {"id": id, "index": id.bytes},
        )
    return id


def test_a_request_that_cannot_be_read_holds_up_neither_other_people_nor_the_staffs_list(
    world: World,
) -> None:
    world.ask(email="bad@example.org", telephone="", reach="email")
    with world.rt.transaction() as tx:
        tx.execute(text("UPDATE consultations SET sealed = '\\x00'::bytea"))
    world.ask(email="good@example.org")
    world.work()
    assert [mail.to for mail in world.mail() if mail.kind == "consultation-received"] == ["good@example.org"]
    names = {summary.given_name for summary in consultations.listing(world.rt)}
    assert UNREADABLE in names
    assert len(names) == 2
    assert len(follow_ups.listing(world.rt, "open")) == 1


def test_a_request_that_staff_took_first_gets_its_deadline_all_the_same(world: World) -> None:
    world.ask()
    (summary,) = consultations.listing(world.rt)
    who = member(world)
    consultations.assign(world.rt, summary.id, who, who)  # type: ignore[arg-type]
    world.work()
    (summary,) = consultations.listing(world.rt)
    assert summary.due_at is not None
    assert summary.assignee == who
    assert [mail for mail in world.mail() if mail.kind == "consultation-received"]
    seen = consultations.one(world.rt, summary.id)
    assert seen is not None
    assert [event.what for event in seen.events] == ["received", "assigned", "acknowledged"]
    world.now += timedelta(hours=2)
    world.work()
    assert [mail for mail in world.mail() if mail.kind == "staff-new-request"] == []


def test_whoever_confirmed_a_sign_up_that_day_still_hears_that_their_request_arrived(world: World) -> None:
    world.enrol()
    world.now += timedelta(hours=2)
    world.ask(email="ada@example.org")
    world.work()
    assert [mail.kind for mail in world.mail("ada@example.org")] == [
        "signup-confirm",
        "consultation-received",
    ]


def test_an_address_that_had_its_mail_for_the_day_is_followed_up_by_a_person(world: World) -> None:
    world.sign_up()
    world.work()
    world.now += timedelta(hours=1)
    world.ask(email="ada@example.org", telephone="", reach="email")
    world.work()
    assert [mail.kind for mail in world.mail("ada@example.org")] == ["signup-confirm"]
    assert len(follow_ups.listing(world.rt, "open")) == 1


def test_the_back_button_and_send_is_one_request_and_other_words_are_another(world: World) -> None:
    for minutes in (3, 2, 1):
        world.ask(stamp=world.rt.links.stamp(datetime.now(UTC) - timedelta(minutes=minutes)))
    at_first = len(consultations.listing(world.rt))
    world.ask(message="And one thing more.", stamp=world.rt.links.stamp(datetime.now(UTC)))
    assert at_first in (1, 2)  # two when the hour changes in the middle
    assert len(consultations.listing(world.rt)) == at_first + 1


def test_a_request_opened_again_can_be_late_again(world: World) -> None:
    world.ask()
    world.work()
    (summary,) = consultations.listing(world.rt)
    who = member(world)
    for _ in range(2):
        world.now += timedelta(days=7)
        consultation_work.watch(world.rt)
        (follow_up,) = follow_ups.listing(world.rt, "open")
        follow_ups.done(world.rt, follow_up.id, who, "not_needed", "")  # type: ignore[arg-type]
        consultations.close(world.rt, summary.id, who, "not_reached", "")  # type: ignore[arg-type]
        consultations.reopen(world.rt, summary.id, who, "")  # type: ignore[arg-type]


def test_a_request_from_before_the_confirmation_belongs_to_the_person_afterwards(world: World) -> None:
    world.ask(email="ada@example.org")
    world.work()
    world.now += timedelta(days=2)
    world.enrol(email="ada@example.org")
    (summary,) = consultations.listing(world.rt)
    assert summary.person_id is not None
    world.pass_time(timedelta(days=3))
    consultations.close(world.rt, summary.id, member(world), "booked", "")  # type: ignore[arg-type]
    assert lessons.lesson_page(world.rt, world.token("lessons", world.lessons()[-1])).state == "stopped"


def test_the_button_counts_whatever_became_of_the_sign_up(world: World) -> None:
    open_token = signups.accept(world.rt, "chronic-pain", FORM, "127.0.0.1")
    world.work()
    signups.confirm(world.rt, world.token("confirm", world.mail()[0]))
    refused = []
    for token, ip in ((open_token, IP), ("rubbish", "203.0.113.10")):
        for n in range(60):
            try:
                check_inbox.send_again(world.rt, token, {}, ip)
            except TooMany:
                refused.append(n)
                break
    assert len(refused) == 2
    assert refused[0] == refused[1]


def test_staff_of_one_household_network_are_counted_together(world: World) -> None:
    from engage.services.staff_sessions import _machine

    assert _machine(world.rt, "2001:db8:1:2::5") == _machine(world.rt, "2001:db8:1:2:ffff::1")
    assert _machine(world.rt, "2001:db8:1:3::5") != _machine(world.rt, "2001:db8:1:2::5")
    assert _machine(world.rt, "127.0.0.1") != _machine(world.rt, "127.0.0.2")


@pytest.mark.parametrize("until", ["9999-12-31", "0001-01-01"])
def test_a_date_beyond_all_calendars_is_refused_in_words(world: World, until: str) -> None:
    from engage.services.staff_messages import days

    with pytest.raises(ValueError, match="date"):
        days(world.rt, "", until)
