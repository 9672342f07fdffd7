"""What a person said to staff: it holds at once, and the ledger tells how it was said."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from engage.services import unsubscribe, wishes
from engage.services.audit import CLI
from engage.services.deliver import deliver
from tests.scripted import plan, state
from tests.texting import NUMBER, PURPOSES, Texting
from tests.world import World


@pytest.fixture
def clinic(world: World) -> Texting:
    return Texting(world)


def test_a_spoken_stop_of_texts_holds_for_the_number(clinic: Texting) -> None:
    ada, bob = clinic.person(1, number=NUMBER), clinic.person(2, number=NUMBER)
    texts = [plan(clinic.rt, who, "sms", "care") for who in (ada, bob)]
    told = wishes.record(clinic.rt, CLI, ada.id, "sms", "stop", "telephone")
    assert told is not None and told.changed == 6
    assert [state(clinic.rt, id) for id in texts] == [("cancelled", "unsubscribed")] * 2
    assert clinic.agreed(ada) == clinic.agreed(bob) == set()
    assert ("marketing", "withdrawn", "stop, told by telephone") in clinic.ledger(ada)
    assert clinic.kinds() == []
    again = wishes.record(clinic.rt, CLI, ada.id, "sms", "stop", "telephone")
    assert again is not None and again.changed == 0
    audited = clinic.run("SELECT what, person_id FROM audit ORDER BY at")
    assert [(row.what, row.person_id) for row in audited] == [("consent", ada.id)] * 2


def test_a_spoken_start_brings_back_what_was_agreed_before(clinic: Texting) -> None:
    ada = clinic.person(agreed=("care",), number=NUMBER)
    clinic.says("STOP")
    told = wishes.record(clinic.rt, CLI, ada.id, "sms", "start", "in-person")
    assert told is not None and told.changed == 1
    assert clinic.agreed(ada) == {"care"}
    assert clinic.ledger(ada)[-1] == ("care", "granted", "start, told at the clinic")
    nothing = wishes.record(clinic.rt, CLI, ada.id, "sms", "start", "in-person")
    assert nothing is not None and nothing.changed == 0


def test_a_person_without_a_number_may_say_stop_too(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    clinic.run("DELETE FROM contacts WHERE channel = 'sms'")
    told = wishes.record(clinic.rt, CLI, ada.id, "sms", "stop", "letter")
    assert told is not None and told.changed == len(PURPOSES) and clinic.agreed(ada) == set()


def test_spoken_words_about_email_end_the_course_and_answers_still_go(world: World) -> None:
    world.enrol()
    clinic = Texting(world)
    (person,) = clinic.run("SELECT id FROM people")
    wishes.record(world.rt, CLI, person.id, "email", "stop", "telephone")
    world.pass_time(timedelta(days=10))
    assert [mail.kind for mail in world.mail("ada@example.org")] == ["signup-confirm"]
    assert [row.state for row in clinic.run("SELECT state FROM enrolments")] == ["unsubscribed"]
    told = wishes.record(world.rt, CLI, person.id, "email", "start", "telephone")
    assert told is not None and told.changed == 1


def test_a_spoken_start_ends_what_a_link_ended(world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=1))
    unsubscribe.unsubscribe(world.rt, world.token("unsubscribe", world.lessons()[0]), "page")
    clinic = Texting(world)
    (person,) = clinic.run("SELECT id FROM people")
    told = wishes.record(world.rt, CLI, person.id, "email", "start", "in-person")
    assert told is not None and told.changed == 1
    assert clinic.run("SELECT granted FROM consent_states")[0].granted
    assert clinic.run("SELECT 1 FROM suppressions WHERE lifted_at IS NULL") == []


def test_nobody_is_nobody(clinic: Texting) -> None:
    assert wishes.record(clinic.rt, CLI, uuid4(), "sms", "stop", "telephone") is None
    with pytest.raises(KeyError):
        wishes.record(clinic.rt, CLI, uuid4(), "sms", "stop", "gossip")


def test_texts_that_are_claimed_before_a_spoken_stop_have_left_and_none_after(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    before = plan(clinic.rt, ada, "sms", "care")
    deliver(clinic.rt, seconds=5)
    wishes.record(clinic.rt, CLI, ada.id, "sms", "stop", "telephone")
    after = plan(clinic.rt, ada, "sms", "care")
    deliver(clinic.rt, seconds=5)
    assert state(clinic.rt, before)[0] == "accepted" and state(clinic.rt, after)[0] == "skipped"
