"""A number that is said to be somebody else's gets nothing until its person says by email that it is theirs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from engage.links import BadLink
from engage.services import number_checks, number_proof, numbers
from engage.services.deliver import deliver
from tests.apps import app_of
from tests.scripted import Scripted, in_force, plan, refused, state
from tests.texted import ask, code, texted
from tests.texting import NUMBER, PURPOSES, Texting
from tests.world import World


@pytest.fixture
def clinic(world: World) -> Texting:
    return Texting(world)


def contact_state(clinic: Texting) -> list[str]:
    return [
        row.state
        for row in clinic.run("SELECT state FROM contacts WHERE channel = 'sms' ORDER BY created_at, id")
    ]


def token(clinic: Texting, place: int = -1) -> str:
    mails = [mail for mail in clinic.world.mail() if mail.kind == "number-check"]
    found = re.search(r"/numbers/([\w-]+)", mails[place].text)
    assert found is not None
    return found[1]


def test_wrong_number_is_answered_politely_and_nothing_more_goes_there(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    text = plan(clinic.rt, ada, "sms", "care", due=clinic.world.now + timedelta(hours=1))
    assert clinic.says("you have the wrong number") == "wrong_person"
    assert contact_state(clinic) == ["quarantined"]
    assert clinic.kinds() == ["answer-wrong-person"]
    assert clinic.follow_ups() == ["wrong_number"]
    clinic.world.pass_time(timedelta(hours=2))
    assert state(clinic.rt, text) == ("skipped", "no_address")
    assert clinic.agreed(ada) == set(PURPOSES)
    (mail,) = clinic.world.mail(ada.email)
    assert mail.kind == "number-check" and NUMBER[-4:] not in mail.text


def test_looking_changes_nothing_and_the_button_lets_texts_go_again(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    clinic.says("wrong number")
    client, address = app_of(clinic.rt).test_client(), f"/numbers/{token(clinic)}"
    for _ in range(20):
        page = client.get(address)
        assert client.head(address).status_code == 200
    assert page.status_code == 200 and "ending in 23" in page.text and NUMBER not in page.text
    assert contact_state(clinic) == ["quarantined"]
    assert client.post(address, data={"answer": "perhaps"}).status_code == 422
    assert client.post(address, data={"answer": "mine"}).status_code == 303
    assert contact_state(clinic) == ["confirmed"]
    assert "The number is yours" in client.get(address).text
    text = plan(clinic.rt, ada, "sms", "care")
    deliver(clinic.rt, seconds=5)
    assert state(clinic.rt, text)[0] == "accepted"
    assert [row.state for row in clinic.run("SELECT state FROM follow_ups")] == ["done"]
    # The first answer counts.
    client.post(address, data={"answer": "not-mine"})
    assert contact_state(clinic) == ["confirmed"]


def test_a_number_that_is_given_up_stays_given_up(clinic: Texting) -> None:
    clinic.person(number=NUMBER)
    clinic.says("wrong number")
    number_checks.answer(clinic.rt, token(clinic), mine=False)
    assert contact_state(clinic) == ["replaced"]
    number_checks.answer(clinic.rt, token(clinic), mine=True)
    assert contact_state(clinic) == ["replaced"]
    assert number_checks.page(clinic.rt, token(clinic)).state == "given_up"


def test_an_older_link_says_nothing_about_a_number_that_is_doubted_again(clinic: Texting) -> None:
    clinic.person(number=NUMBER)
    clinic.says("wrong number")
    number_checks.answer(clinic.rt, token(clinic), mine=True)
    clinic.says("i said this is the wrong number")
    with pytest.raises(BadLink):
        number_checks.answer(clinic.rt, token(clinic, 0), mine=True)
    assert contact_state(clinic) == ["quarantined"]
    with pytest.raises(BadLink):
        number_checks.page(clinic.rt, clinic.rt.links.token("unsubscribe", clinic.texts_in()[0].id))


@pytest.mark.parametrize("mine", [True, False])
def test_an_older_link_says_nothing_once_its_person_has_confirmed_a_number(
    clinic: Texting, mine: bool
) -> None:
    texted(clinic.world, NUMBER)
    other = "+15185550199"
    clinic.says("wrong number")
    clinic.world.pass_time(timedelta(days=2))
    ask(clinic.world, page_of(clinic), other)
    assert number_proof.type_code(clinic.rt, page_of(clinic), code(clinic.world, other)) == "on"
    before = contact_state(clinic)
    assert before == ["quarantined", "confirmed"]
    with pytest.raises(BadLink):
        number_checks.answer(clinic.rt, token(clinic), mine=mine)
    assert contact_state(clinic) == before


def test_an_older_link_says_nothing_about_a_number_that_was_confirmed_anew(clinic: Texting) -> None:
    texted(clinic.world, NUMBER)
    clinic.says("wrong number")
    clinic.world.pass_time(timedelta(days=2))
    ask(clinic.world, page_of(clinic), NUMBER)
    assert number_proof.type_code(clinic.rt, page_of(clinic), code(clinic.world, NUMBER)) == "on"
    assert contact_state(clinic) == ["confirmed"]
    # It takes no texts just then, and its person's address takes no letters: nobody is asked.
    clinic.run("UPDATE contacts SET state = 'bad' WHERE channel = 'sms'")
    with pytest.raises(BadLink):
        number_checks.answer(clinic.rt, token(clinic), mine=False)
    assert contact_state(clinic) == ["bad"]


def page_of(clinic: Texting) -> str:
    """The page for a number, as a new letter would link to it."""
    (person,) = clinic.run("SELECT id FROM people")
    return numbers.page_token(clinic.rt, person.id, clinic.world.now)


def test_a_stranger_who_says_start_brings_nothing_back(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    clinic.says("wrong number, stop texting me")
    assert contact_state(clinic) == ["quarantined"] and clinic.kinds() == ["answer-stopped"]
    assert clinic.says("START") == "nothing_to_start"
    assert clinic.agreed(ada) == set()


def test_a_number_that_takes_no_texts_is_asked_about_too(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    plan(clinic.rt, ada, "sms", "service")
    sender = Scripted("twilio", "sms", refused("bad_address"), max_batch=1)
    deliver(in_force(clinic.rt, sender), seconds=5)
    assert contact_state(clinic) == ["bad"] and clinic.world.mail(ada.email) == []
    clinic.world.pass_time(timedelta(hours=2))
    number_checks.answer(clinic.rt, token(clinic), mine=True)
    assert contact_state(clinic) == ["confirmed"]


def test_each_person_of_a_shared_number_is_asked(clinic: Texting) -> None:
    people = [clinic.person(n, number=NUMBER) for n in (1, 2)]
    clinic.says("wrong number")
    assert contact_state(clinic) == ["quarantined", "quarantined"]
    assert [mail.kind for who in people for mail in clinic.world.mail(who.email)] == ["number-check"] * 2
