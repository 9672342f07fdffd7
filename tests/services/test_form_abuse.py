"""Forms as an attacker sends them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from engage.runtime import Runtime
from engage.services import alerts, check_inbox, consultation_work, consultations, forms, signups, unsubscribe
from engage.services.deliver import deliver
from engage.services.forms import TooMany
from engage.storage import suppressions
from tests.world import COURSE, FORM, REQUEST, World

IP = "192.0.2.7"
ANONYMOUS = ("signup-confirm", "consultation-received")


def count(world: World, sql: str) -> int:
    with world.rt.transaction() as tx:
        return int(tx.execute(text(sql)).scalar_one())


def confirmations(world: World, to: str = "ada@example.org") -> int:
    return len([mail for mail in world.mail(to) if mail.kind == "signup-confirm"])


def test_ten_thousand_forms_in_an_attack_cause_at_most_one_mail_for_a_victim_in_a_day(world: World) -> None:
    """Twenty victims, both forms, ten hours: a botnet of which no connection is over its limit, and pests that are."""
    victims = [f"victim{n}@example.org" for n in range(20)]
    refused = 0
    for _hour in range(10):
        flood(world, victims, 880)
        for n in range(120):
            to, ip = victims[n % len(victims)].upper(), f"203.0.113.{n % 3}"
            try:
                if n % 2:
                    signups.accept(world.rt, COURSE, {**FORM, "email": to}, ip)
                else:
                    consultations.accept(world.rt, {**REQUEST, "email": to}, ip)
            except TooMany:
                refused += 1
        for _ in range(2):
            signups.answer_new(world.rt, 2000)
            consultation_work.answer_new(world.rt, 2000)
        while deliver(world.rt, seconds=30).seen:
            pass
        world.now += timedelta(hours=1)
    mails = Counter(mail.to.lower() for mail in world.mail() if mail.kind in ANONYMOUS)
    assert mails == dict.fromkeys(victims, 1)
    assert count(world, "SELECT count(*) FROM signups WHERE state = 'new'") == 0
    # Real hours count for clients: three of them have ten unstamped forms each, once or twice.
    assert 1200 - refused in (30, 60)


def flood(world: World, victims: list[str], forms_sent: int) -> None:
    """Sign-ups from so many connections that none of them is noticed."""
    ids = [uuid4() for _ in range(forms_sent)]
    to = [victims[n % len(victims)] for n in range(forms_sent)]
    with world.rt.transaction() as tx:
        tx.exec_driver_sql(
            """INSERT INTO signups (id, course, address_index, sealed, created_at)
            SELECT v.id, %(course)s, v.i, v.s, %(now)s
            FROM unnest(%(ids)s::uuid[], %(indexes)s::bytea[], %(sealed)s::bytea[]) AS v(id, i, s)""",
            {
                "course": COURSE,
                "now": world.now,
                "ids": ids,
                "indexes": [world.rt.sealer.index("email", address) for address in to],
                "sealed": world.rt.sealer.seal_many(
                    "signups", [(id, {"email": address}) for id, address in zip(ids, to, strict=True)]
                ),
            },
        )


def test_one_client_may_send_thirty_forms_an_hour_from_our_pages(world: World) -> None:
    stamp = world.rt.links.stamp(datetime.now(UTC) - timedelta(minutes=2))
    for n in range(30):
        signups.accept(world.rt, COURSE, {**FORM, "email": f"p{n}@example.org", "stamp": stamp}, IP)
    with pytest.raises(TooMany) as caught:
        consultations.accept(world.rt, {**REQUEST, "stamp": stamp}, IP)
    assert 1 <= caught.value.retry_after <= 3600
    assert count(world, "SELECT count(*) FROM signups") == 30
    assert count(world, "SELECT count(*) FROM consultations") == 0
    consultations.accept(world.rt, {**REQUEST, "stamp": stamp}, "192.0.2.8")


@pytest.mark.parametrize("stamp", ["", "x" * 24, "ä" * 24, "A" * 500])
def test_forms_that_are_not_from_our_pages_count_as_three(world: World, stamp: str) -> None:
    for _ in range(10):
        signups.accept(world.rt, COURSE, {**FORM, "stamp": stamp}, IP)
    with pytest.raises(TooMany):
        signups.accept(world.rt, COURSE, {**FORM, "stamp": stamp}, IP)


def test_a_household_with_many_addresses_of_one_network_is_one_client(world: World) -> None:
    for n in range(10):
        signups.accept(world.rt, COURSE, FORM, f"2001:db8::{n + 1:x}")
    with pytest.raises(TooMany):
        signups.accept(world.rt, COURSE, FORM, "2001:db8::ffff:1")
    signups.accept(world.rt, COURSE, FORM, "2001:db8:0:1::1")


def test_this_machine_is_not_counted(world: World) -> None:
    for _ in range(50):
        signups.accept(world.rt, COURSE, FORM, "127.0.0.1")
    assert count(world, "SELECT count(*) FROM form_counts") == 0


def test_counts_of_past_hours_are_forgotten(world: World) -> None:
    signups.accept(world.rt, COURSE, FORM, IP)
    assert forms.sweep(world.rt) == 0
    with world.rt.transaction() as tx:
        tx.execute(text("UPDATE form_counts SET hour = hour - interval '1 hour'"))
    assert forms.sweep(world.rt) == 1
    assert count(world, "SELECT count(*) FROM form_counts") == 0


def test_a_program_that_answers_at_once_has_soon_used_up_its_hour(world: World) -> None:
    for n in range(3):
        quick = {**FORM, "email": f"p{n}@example.org", "stamp": forms.stamp(world.rt)}
        signups.accept(world.rt, COURSE, quick, IP)
    with pytest.raises(TooMany):
        consultations.accept(world.rt, {**REQUEST, "stamp": forms.stamp(world.rt)}, IP)
    assert count(world, "SELECT count(*) FROM signups") == 3


def test_the_button_sends_the_letter_once_more_after_ten_minutes(world: World) -> None:
    token = world.sign_up()
    world.work()
    check_inbox.send_again(world.rt, token, {}, world.client())
    world.work()
    assert confirmations(world) == 1
    world.now += timedelta(minutes=11)
    world.sign_up()
    world.work()
    assert confirmations(world) == 1
    for _ in range(5):
        check_inbox.send_again(world.rt, token, {}, world.client())
        world.work()
    assert confirmations(world) == 2
    again = world.mail("ada@example.org")[-1]
    assert signups.confirm(world.rt, world.token("confirm", again)).course == COURSE


def test_an_attacker_who_presses_the_button_all_month_causes_three_mails(world: World) -> None:
    token = world.sign_up()
    for _ in range(29 * 4):
        signups.answer_new(world.rt)
        check_inbox.send_again(world.rt, token, {}, world.client())
        world.now += timedelta(hours=6)
    assert count(world, "SELECT count(*) FROM signups WHERE answered_at IS NOT NULL") == 3


def test_a_button_without_a_sign_up_behind_it_does_nothing_and_says_nothing(world: World) -> None:
    trapped = world.sign_up(website="https://spam.example")
    world.enrol(email="done@example.org")
    confirmed = count(world, "SELECT count(*) FROM signups")
    with world.rt.transaction() as tx:
        done = tx.execute(text("SELECT id FROM signups")).scalar_one()
    for token in (trapped, world.rt.links.token("check-inbox", done), "nonsense", ""):
        check_inbox.send_again(world.rt, token, {}, world.client())
    assert count(world, "SELECT count(*) FROM signups") == confirmed


def test_the_button_counts_towards_the_clients_limit(world: World) -> None:
    token = world.sign_up()
    for _ in range(10):
        check_inbox.send_again(world.rt, token, {}, IP)
    with pytest.raises(TooMany):
        check_inbox.send_again(world.rt, token, {}, IP)


def test_the_days_mail_to_strangers_has_an_end_and_operators_are_told(world: World) -> None:
    world.base = with_cap(world, 3)
    world._at.clear()
    for n in range(5):
        world.sign_up(email=f"p{n}@example.org")
    world.work()
    assert len([mail for mail in world.mail() if mail.kind == "signup-confirm"]) == 3
    assert count(world, "SELECT count(*) FROM signups WHERE state = 'limited'") == 2
    assert [m.to for m in world.mail() if m.kind == "operator-mail-cap"] == ["operators@harmonia.example"]
    world.now += timedelta(days=1, minutes=1)
    forms.sweep(world.rt)
    assert count(world, "SELECT count(*) FROM alerts WHERE state = 'open'") == 0
    world.sign_up(email="p9@example.org")
    world.work()
    assert len(world.mail("p9@example.org")) == 1


def with_cap(world: World, cap: int) -> Runtime:
    """The same world in which the clinic sends so many mails a day to strangers."""
    abuse = world.base.clinic.abuse.model_copy(update={"anonymous_mail_per_day": cap})
    return replace(world.base, clinic=world.base.clinic.model_copy(update={"abuse": abuse}))


def test_who_left_and_signs_up_again_gets_the_confirmation_only_and_confirming_lifts_the_opt_out(
    world: World,
) -> None:
    world.enrol()
    world.pass_time(timedelta(days=1))
    unsubscribe.unsubscribe(world.rt, world.token("unsubscribe", world.lessons()[0]), "page")
    before = len(world.mail("ada@example.org"))
    world.now += timedelta(days=2)
    world.sign_up()
    world.pass_time(timedelta(days=3))
    again = world.mail("ada@example.org")[before:]
    assert [mail.kind for mail in again] == ["signup-confirm"]
    assert count(world, "SELECT count(*) FROM suppressions WHERE lifted_at IS NULL") == 1
    signups.confirm(world.rt, world.token("confirm", again[0]))
    assert count(world, "SELECT count(*) FROM suppressions WHERE lifted_at IS NULL") == 0
    world.pass_time(timedelta(days=3))
    assert "course-lesson" in [mail.kind for mail in world.mail("ada@example.org")[before + 1 :]]


@pytest.mark.parametrize("reason", ["complaint", "hard_bounce"])
def test_no_form_lifts_a_complaint_or_a_hard_bounce(world: World, reason: str) -> None:
    index = world.rt.sealer.index("email", "ada@example.org")
    with world.rt.transaction() as tx:
        suppressions.add(tx, "email", index, "all", reason, world.now)
    token = world.sign_up()
    world.ask(email="ada@example.org")
    world.work()
    world.now += timedelta(hours=1)
    check_inbox.send_again(world.rt, token, {}, world.client())
    world.work()
    assert world.mail("ada@example.org") == []
    assert count(world, "SELECT count(*) FROM signups WHERE state = 'suppressed'") == 2
    assert count(world, "SELECT count(*) FROM suppressions WHERE lifted_at IS NULL") == 1


def test_a_complaint_about_lessons_alone_survives_a_confirmation(world: World) -> None:
    index = world.rt.sealer.index("email", "ada@example.org")
    with world.rt.transaction() as tx:
        suppressions.add(tx, "email", index, "education", "complaint", world.now)
    world.enrol()
    world.pass_time(timedelta(days=4))
    assert world.lessons() == []
    assert count(world, "SELECT count(*) FROM suppressions WHERE lifted_at IS NULL") == 1


def test_a_flood_of_requests_does_not_fill_the_staffs_inbox(world: World) -> None:
    for n in range(200):
        world.ask(email="", telephone=f"(518) 555-{n:04}")
    consultation_work.answer_new(world.rt)
    now = datetime(2026, 11, 3, 15, tzinfo=UTC)
    told = [alerts.tell(world.rt, now + timedelta(seconds=n)) for n in range(30)]
    assert told == [1] + [0] * 29
    world.ask()
    consultation_work.answer_new(world.rt)
    assert alerts.tell(world.rt, now + timedelta(minutes=59)) == 0
    assert alerts.tell(world.rt, now + timedelta(minutes=60)) == 1
