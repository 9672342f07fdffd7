"""Care that can't reach a number goes by email exactly once; where that is not possible, a person is asked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engage.domain.failures import RULES, Failure
from engage.domain.messages import Channel, Purpose
from engage.runtime import Runtime
from engage.services.deliver import deliver
from engage.storage import people, suppressions
from engage.storage.database import run
from tests.scripted import (
    Scripted,
    Somebody,
    follow_ups,
    in_force,
    plan,
    refused,
    somebody,
    standing,
    state,
    taken,
)
from tests.world import World

FINAL: list[Failure] = [f for f, rule in RULES.items() if not rule.retries and not rule.free]


def refuse(world: World, failure: Failure = "bad_address", mail: Scripted | None = None) -> Scripted:
    """Texts are refused so; email goes its way. Returns what carried the email."""
    mail = mail or Scripted("smtp", "email")
    sms = Scripted("twilio", "sms", refused(failure), max_batch=1)
    deliver(in_force(world.rt, mail, sms))
    return mail


def others(rt: Runtime, id: UUID) -> list[UUID]:
    """All messages but this one, and the question by email whether the number is still right."""
    with rt.transaction() as tx:
        sql = "SELECT id FROM messages WHERE id <> %(id)s AND kind <> 'number-check'"
        return [row[0] for row in run(tx, sql, {"id": id})]


@pytest.mark.parametrize("failure", FINAL)
def test_care_that_a_number_does_not_take_goes_by_email_once(world: World, failure: Failure) -> None:
    who = somebody(world.rt)
    id = plan(world.rt, who, "sms", "care")
    mail = refuse(world, failure)
    assert state(world.rt, id) == ("failed", RULES[failure].reason)
    assert mail.to() == [who.email]
    (instead,) = others(world.rt, id)
    row = standing(world.rt, instead)
    assert (row.kind, row.status, row.contact_id) == ("test-email-care", "accepted", who.email_contact)
    assert row.not_after == standing(world.rt, id).not_after
    assert follow_ups(world.rt) == []
    refuse(world, failure, mail)
    assert mail.to() == [who.email]


def test_the_number_is_marked_and_the_next_care_goes_nowhere_but_by_email(world: World) -> None:
    who = somebody(world.rt)
    plan(world.rt, who, "sms", "care")
    mail = refuse(world)
    with world.rt.transaction() as tx:
        states = {c.channel: c.state for c in people.contacts_of(tx, who.id)}
    assert states == {"sms": "bad", "email": "confirmed"}
    assert mail.to() == [who.email]


@pytest.mark.parametrize("purpose", ["service", "education", "marketing"])
def test_only_care_takes_another_way(world: World, purpose: Purpose) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", purpose)
    mail = refuse(world)
    assert (mail.to(), others(world.rt, id), follow_ups(world.rt)) == ([], [], [])


def no_email(rt: Runtime, who: Somebody) -> None:
    with rt.transaction() as tx:
        run(tx, "DELETE FROM contacts WHERE id = %(id)s", {"id": who.email_contact})


def bad_email(rt: Runtime, who: Somebody) -> None:
    with rt.transaction() as tx:
        people.mark_bad(tx, [who.email_contact])


def suppressed_email(rt: Runtime, who: Somebody) -> None:
    with rt.transaction() as tx:
        index = bytes(people.contact(tx, who.email_contact).address_index)  # type: ignore[union-attr]
        suppressions.add(tx, "email", index, "all", "hard_bounce", rt.now(tx))


@pytest.mark.parametrize("trouble", [no_email, bad_email, suppressed_email])
def test_where_there_is_no_other_way_a_person_is_asked_once(world: World, trouble: object) -> None:
    who = somebody(world.rt)
    trouble(world.rt, who)  # type: ignore[operator]
    id = plan(world.rt, who, "sms", "care")
    mail = refuse(world)
    refuse(world, mail=mail)
    assert mail.arrived == []
    assert others(world.rt, id) == []
    assert follow_ups(world.rt) == [("care_not_delivered", id)]


def test_care_by_email_that_is_refused_asks_a_person(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "care")
    deliver(in_force(world.rt, Scripted("smtp", "email", refused("bad_address"))))
    assert state(world.rt, id) == ("failed", "bad_address")
    assert follow_ups(world.rt) == [("care_not_delivered", id)]


def test_the_email_in_its_place_may_fail_too_and_then_a_person_is_asked(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "care")
    refuse(world, mail=Scripted("smtp", "email", refused("bad_address")))
    (instead,) = others(world.rt, id)
    assert follow_ups(world.rt) == [("care_not_delivered", instead)]


@pytest.mark.parametrize(("channel", "expected"), [("sms", "email"), ("email", "person")])
def test_what_stayed_temporary_to_the_end_goes_the_other_way_too(
    world: World, channel: Channel, expected: str
) -> None:
    who = somebody(world.rt)
    id = plan(world.rt, who, channel, "care")
    mails: list[str] = []
    for _ in range(4):
        mail = Scripted("smtp", "email", refused("temporary") if channel == "email" else taken)
        mails += refuse(world, "temporary", mail).to()
        world.now = max(world.now, standing(world.rt, id).due_at)
    assert state(world.rt, id) == ("failed", "temporary")
    if expected == "email":
        assert mails == [who.email]
    else:
        assert follow_ups(world.rt) == [("care_not_delivered", id)]


def test_care_that_became_too_late_is_followed_up_and_staff_get_one_list_a_day(world: World) -> None:
    urgent = [
        plan(world.rt, somebody(world.rt, n), "sms", "care", useful=timedelta(hours=1)) for n in range(2)
    ]
    plan(world.rt, somebody(world.rt, 7), "email", "service", useful=timedelta(hours=1))
    world.now += timedelta(hours=2)
    mail = refuse(world)
    assert mail.arrived == []
    asked = follow_ups(world.rt)
    assert sorted(id for kind, id in asked if kind == "care_not_delivered") == sorted(urgent)
    assert [kind for kind, _ in asked].count("messages_expired") == 1
