"""The course by text answered by text: signed webhooks in, telephones and inboxes out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engage.services import number_proof, numbers
from tests.texted import NUMBER, ask, code, lesson_texts, rows, texted
from tests.texting import Texting
from tests.world import COURSE, World

DAY = timedelta(days=1)


@pytest.fixture
def phone(world: World) -> Texting:
    return Texting(world)


@pytest.mark.parametrize("words", ["YES", "yes please", "Yes.", "sí"])
def test_a_yes_confirms_the_number_and_is_answered_once(world: World, phone: Texting, words: str) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    assert phone.says(words) == "number_confirmed"
    assert numbers.page(world.rt, token).state == "on"
    assert phone.kinds() == ["number-confirm", "number-confirmed"]
    world.pass_time(DAY)
    assert len(lesson_texts(world)) == 1


def test_a_yes_that_nobody_waits_for_confirms_nothing(world: World, phone: Texting) -> None:
    token = world.enrol().texts_token
    assert phone.says("YES") != "number_confirmed"
    assert numbers.page(world.rt, token).state == "form"
    assert rows(world, "SELECT id FROM consents WHERE channel = 'sms'") == []


def test_stop_in_answer_to_the_question_ends_code_and_yes_until_start(world: World, phone: Texting) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    assert phone.says("STOP") == "stopped"
    assert number_proof.type_code(world.rt, token, code(world)) == "over"
    world.now += timedelta(minutes=20)
    ask(world, token)
    assert phone.kinds().count("number-confirm") == 1
    phone.says("START")
    assert rows(world, "SELECT id FROM consents WHERE channel = 'sms'") == []
    world.now += timedelta(minutes=20)
    ask(world, token)
    assert number_proof.type_code(world.rt, token, code(world)) == "on"


def test_stop_ends_the_texts_start_brings_them_back_and_the_emails_never_stop(
    world: World, phone: Texting
) -> None:
    texted(world)
    world.pass_time(5 * DAY)
    before = len(lesson_texts(world))
    assert before > 0
    assert phone.says("STOP") == "stopped"
    emails = len(world.lessons())
    world.pass_time(14 * DAY)
    assert len(lesson_texts(world)) == before
    assert len(world.lessons()) > emails
    phone.says("START")
    missed = len(world.lessons()) - before
    world.pass_time(60 * DAY)
    whole = len(world.rt.library.courses[COURSE].lessons)
    assert len(world.lessons()) == whole
    assert len(lesson_texts(world)) == whole - missed


def test_a_wrong_number_gets_no_more_lessons_and_the_emails_go_on(world: World, phone: Texting) -> None:
    texted(world)
    world.pass_time(5 * DAY)
    before = len(lesson_texts(world))
    assert phone.says("WRONG NUMBER") == "wrong_person"
    world.pass_time(60 * DAY)
    assert len(lesson_texts(world, NUMBER)) == before
    assert len(world.lessons()) == len(world.rt.library.courses[COURSE].lessons)
