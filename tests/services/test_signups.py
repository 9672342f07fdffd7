"""Signing up, as a person and as a pest would."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from engage.domain.forms import InvalidInput
from engage.links import BadLink
from engage.services import signups
from tests.world import COURSE, FORM, World


def count(world: World, table: str) -> int:
    with world.rt.transaction() as tx:
        return int(tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_sign_up_writes_one_row_and_nothing_else(world: World) -> None:
    world.sign_up()
    assert {t: count(world, t) for t in ("signups", "messages", "people", "consents", "contents")} == {
        "signups": 1, "messages": 0, "people": 0, "consents": 0, "contents": 0,
    }  # fmt: skip


def test_the_confirmation_repeats_nothing_that_was_typed(world: World) -> None:
    world.sign_up(given_name="Grabthar", main_pain="sciatica")
    world.work()
    (mail,) = world.mail()
    assert mail.to == "ada@example.org"
    everything = (mail.subject + mail.text + mail.html + str(mail.headers)).casefold()
    assert "grabthar" not in everything
    assert "sciatica" not in everything


def test_nothing_is_created_before_the_confirmation_is_posted(world: World) -> None:
    world.sign_up()
    world.work()
    assert signups.confirmation(world.rt, world.token("confirm", world.mail()[0])).state == "open"
    assert count(world, "people") == count(world, "consents") == count(world, "enrolments") == 0


def test_confirming_twice_is_confirming_once(world: World) -> None:
    world.sign_up()
    world.work()
    token = world.token("confirm", world.mail()[0])
    assert signups.confirm(world.rt, token) == signups.confirm(world.rt, token)
    assert [count(world, t) for t in ("people", "contacts", "consents", "enrolments")] == [1, 1, 1, 1]
    assert signups.confirmation(world.rt, token).state == "confirmed"


def test_the_ledger_holds_the_very_words_that_were_agreed_to(world: World) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        entry = tx.execute(
            text("SELECT c.*, w.wording FROM consents c JOIN wordings w ON w.hash = c.wording_hash")
        ).one()
    assert (entry.channel, entry.purpose, entry.action, entry.actor) == (
        "email",
        "education",
        "granted",
        "person",
    )
    assert entry.wording == signups.consent_wording(world.rt, COURSE)


def test_every_lesson_names_the_ledger_entry_it_relied_on(world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=10))
    with world.rt.transaction() as tx:
        sql = """SELECT count(*), count(c.id) FROM messages m LEFT JOIN consents c ON c.id = m.consent_id
        AND c.at <= m.sent_at AND c.action = 'granted' WHERE m.kind = 'course-lesson' AND m.status = 'accepted'"""
        sent, proven = tx.execute(text(sql)).one()
    assert sent == proven == len(world.lessons())
    assert sent >= 4


@pytest.mark.parametrize(
    "sql", ["UPDATE consents SET action = 'withdrawn'", "DELETE FROM consents", "TRUNCATE consents CASCADE"]
)
def test_the_ledger_only_grows(world: World, sql: str) -> None:
    world.enrol()
    with pytest.raises(Exception, match="append-only"), world.rt.transaction() as tx:
        tx.execute(text(sql))


def test_a_link_works_for_seven_days(world: World) -> None:
    world.sign_up()
    world.work()
    token = world.token("confirm", world.mail()[0])
    world.now += timedelta(days=6, hours=23)
    assert signups.confirmation(world.rt, token).state == "open"
    world.now += timedelta(hours=2)
    with pytest.raises(BadLink) as caught:
        signups.confirm(world.rt, token)
    assert caught.value.reason == "expired"


def test_not_me_lets_go_of_what_was_typed_and_stops_further_mail(world: World) -> None:
    world.sign_up()
    world.work()
    (mail,) = world.mail()
    for _ in range(2):
        signups.refuse(world.rt, world.token("not-me", mail))
    with pytest.raises(BadLink):
        signups.confirm(world.rt, world.token("confirm", mail))
    world.now += timedelta(days=2)
    world.sign_up()
    world.work()
    assert len(world.mail()) == 1
    with world.rt.transaction() as tx:
        assert tx.execute(text("SELECT sealed FROM signups WHERE state = 'refused'")).scalar() is None
    world.now += timedelta(days=30)
    world.sign_up()
    world.work()
    assert len(world.mail()) == 2


def test_not_me_after_confirming_changes_nothing(world: World) -> None:
    world.enrol()
    signups.refuse(world.rt, world.token("not-me", world.mail()[0]))
    world.pass_time(timedelta(days=5))
    assert len(world.lessons()) > 1


def test_a_pest_who_sends_the_form_for_a_month_causes_three_mails(world: World) -> None:
    for _ in range(31 * 4):
        world.sign_up(email="Victim@Example.org")
        world.work()
        world.now += timedelta(hours=6)
    # Three in thirty days; the first of them has left the thirty days by then.
    assert len([m for m in world.mail("Victim@example.org") if m.kind == "signup-confirm"]) in (3, 4)


def test_two_hundred_forms_for_one_address_at_once_cause_one_mail(world: World) -> None:
    for _ in range(200):
        world.sign_up()
    world.work()
    assert len(world.mail()) == 1


def test_the_field_that_people_cannot_see_makes_no_row(world: World) -> None:
    world.sign_up(website="https://spam.example")
    assert count(world, "signups") == 0


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"given_name": ""}, "given_name"),
        ({"given_name": "Ada\nBcc: all@example.org"}, "given_name"),
        ({"given_name": "A" * 61}, "given_name"),
        ({"given_name": "\x07"}, "given_name"),
        ({"email": ""}, "email"),
        ({"email": "ada"}, "email"),
        ({"email": "ada@"}, "email"),
        ({"email": "a@b@example.org"}, "email"),
        ({"email": "ada@example.org\nBcc: x@example.org"}, "email"),
        ({"email": "ada@example.org, eve@example.org"}, "email"),
        ({"email": "Ada <ada@example.org>"}, "email"),
        ({"email": "a" * 65 + "@example.org"}, "email"),
        ({"email": "ada@" + "e" * 300 + ".org"}, "email"),
        ({"main_pain": "<script>"}, "main_pain"),
        ({"zone": ""}, "zone"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"consent": ""}, "consent"),
        ({"consent": "no"}, "consent"),
    ],
)
def test_bad_input_names_its_field_and_leaves_nothing_behind(
    world: World, typed: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.sign_up(**typed)
    assert list(caught.value.errors) == [field]
    assert count(world, "signups") == 0


def test_all_that_is_wrong_is_said_at_once(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        signups.accept(world.rt, COURSE, {}, "")
    assert set(caught.value.errors) == {"given_name", "email", "zone", "consent"}


@pytest.mark.parametrize("name", ["👩‍⚕️ Ada", "מרים", "Zoë", "<b>Bo</b>", "-mt-unsubscribe_url-", "{{ 7*7 }}"])
def test_a_name_arrives_as_it_was_typed_and_does_no_harm(world: World, name: str) -> None:
    world.enrol(given_name=name)
    world.pass_time(timedelta(days=2))
    mail = world.lessons()[0]
    assert f"Hello {name}," in mail.text
    assert "<b>Bo" not in mail.html
    assert "-mt-" not in mail.html.replace("-mt-unsubscribe_url-", "", mail.html.count(name))


def test_signing_up_again_while_subscribed_changes_nothing_but_the_name(world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=4))
    before = len(world.lessons())
    world.enrol(given_name="Adalind")
    world.pass_time(timedelta(days=60))
    course = world.rt.library.courses[COURSE]
    assert len(world.lessons()) == len(course.lessons)
    assert "Hello Adalind," in world.lessons()[before].text
    assert count(world, "people") == count(world, "enrolments") == 1


def test_what_nobody_confirmed_goes_after_thirty_days(world: World) -> None:
    world.sign_up()
    world.work()
    world.now += timedelta(days=29)
    world.work()
    assert count(world, "signups") == 1
    world.now += timedelta(days=2)
    world.work()
    assert count(world, "signups") == 0
    with world.rt.transaction() as tx:
        assert tx.execute(text("SELECT count(*) FROM messages WHERE sealed IS NOT NULL")).scalar() == 0


def test_the_form_of_the_world_is_good(world: World) -> None:
    signups.accept(world.rt, COURSE, FORM, "")
