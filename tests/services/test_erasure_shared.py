"""Erasing one of two people who share a number: what the other has, and what staff have to do for them, stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engage.services import erasure, number_checks
from engage.services.audit import CLI
from engage.storage import suppressions
from tests.scripted import plan, state
from tests.texting import NUMBER, Texting
from tests.world import World


@pytest.fixture
def clinic(world: World) -> Texting:
    return Texting(world)


def follow_ups(clinic: Texting) -> list[tuple[str, str]]:
    found = clinic.run("SELECT kind, state FROM follow_ups ORDER BY created_at, id")
    return [(row.kind, row.state) for row in found]


def kept_words(clinic: Texting) -> list[bool]:
    """Whether what each text said can still be read, oldest first."""
    return [row.sealed is not None for row in clinic.texts_in()]


@pytest.mark.parametrize("words", ["can I bring my dog?", "CANCEL", "ugh, enough already", "wrong number"])
def test_what_staff_are_asked_about_a_shared_number_waits_on(clinic: Texting, words: str) -> None:
    ada, bob = clinic.person(1, number=NUMBER), clinic.person(2, number=NUMBER)
    clinic.says(words)
    before = follow_ups(clinic)
    assert before and {state for _, state in before} == {"open"}
    erasure.erase(clinic.rt, ada.id, CLI)
    assert follow_ups(clinic) == before
    assert kept_words(clinic) == [True]
    erasure.erase(clinic.rt, bob.id, CLI)
    # Nobody is left who could have it.
    if words != "wrong number":
        assert {state for _, state in follow_ups(clinic)} == {"done"} and kept_words(clinic) == [False]


def test_a_number_that_is_doubted_for_the_other_is_still_the_others(clinic: Texting) -> None:
    ada, _ = clinic.person(1, number=NUMBER), clinic.person(2, number=NUMBER)
    clinic.says("wrong number")
    (asked,) = clinic.world.mail(ada.email)
    number_checks.answer(clinic.rt, clinic.world.token("numbers", asked), mine=True)
    erasure.erase(clinic.rt, ada.id, CLI)
    assert follow_ups(clinic) == [("wrong_number", "open")]
    assert kept_words(clinic) == [True]
    index = clinic.rt.sealer.index("sms", NUMBER)
    with clinic.rt.transaction() as tx:
        assert suppressions.standing(tx, "sms", [index], "education", clinic.rt.now(tx)) == {}


def test_what_is_about_the_other_person_ends_with_nobody_else(clinic: Texting) -> None:
    """Bob's text, from a number that was his alone then and is Ada's alone now."""
    bob = clinic.person(2, number=NUMBER)
    clinic.says("can I bring my dog?")
    clinic.run("UPDATE contacts SET state = 'replaced' WHERE channel = 'sms'")
    ada = clinic.person(1, number=NUMBER)
    clinic.says("me too, please")
    erasure.erase(clinic.rt, ada.id, CLI)
    (first,) = clinic.run("SELECT state FROM follow_ups WHERE person_id = %(bob)s", bob=bob.id)
    assert first.state == "open"
    assert kept_words(clinic) == [True, False]


def test_what_is_planned_for_the_other_goes_on(clinic: Texting) -> None:
    ada, bob = clinic.person(1, number=NUMBER), clinic.person(2, number=NUMBER)
    text = plan(clinic.rt, bob, "sms", "care", due=clinic.world.now + timedelta(hours=1))
    erasure.erase(clinic.rt, ada.id, CLI)
    clinic.world.pass_time(timedelta(hours=2))
    assert state(clinic.rt, text)[0] == "accepted"
