"""Answers about visits by text: through the signed webhook, to what arrives on the telephone and waits for staff."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.runtime import Runtime
from engage.services import appointments, visit_page
from tests.texted import ask
from tests.texting import NUMBER, Texting, with_policy
from tests.visits import DESK, PRAIRIE, book, move, pass_time, patient
from tests.world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# The world begins on Monday, November 2, 10 AM in Albany.
TOMORROW, THURSDAY, NEXT_WEEK = date(2026, 11, 3), date(2026, 11, 5), date(2026, 11, 10)
THANKS = "Harmonia Health: thanks. You are confirmed for"


@pytest.fixture
def clinic(rt: Runtime) -> Texting:
    return Texting(World(rt))


def reply(clinic: Texting, visit: UUID) -> str | None:
    (row,) = clinic.run("SELECT reply FROM appointments WHERE id = %(id)s", id=visit)
    return str(row.reply) if row.reply is not None else None


def waiting(clinic: Texting) -> list[str]:
    sql = "SELECT kind FROM follow_ups WHERE state = 'open' ORDER BY created_at, id"
    return [row.kind for row in clinic.run(sql)]


def last(clinic: Texting) -> str:
    """What the telephone shows last."""
    return clinic.mails()[-1].text.strip()


def reminded(clinic: Texting, day: date = TOMORROW, wall: str = "14:00", **whose: Any) -> UUID:
    """A visit of tomorrow, of which a text has told."""
    visit = book(clinic.world, patient(clinic.world, **whose), day, wall)
    pass_time(clinic.world, 5 * HOUR)
    assert clinic.mails()[-1].kind in ("visit-reminder-text", "visit-booked-text")
    return visit


@pytest.mark.parametrize("words", ["C", "c", "C.", "Confirm", "YES", "yes!", "Si", "I'll be there"])
def test_whoever_confirms_is_thanked_with_the_visits_name(clinic: Texting, words: str) -> None:
    visit = reminded(clinic)
    assert clinic.says(words) == "visit_confirmed"
    assert reply(clinic, visit) == "confirmed"
    assert (
        last(clinic)
        == f"{THANKS} Tue Nov 3, 2:00 PM at Larkspur Lane. Call +1 555 010 0140 if anything changes."
    )
    assert waiting(clinic) == []


@pytest.mark.parametrize("words", ["R", "r.", "can we move it to another day?", "reschedule"])
def test_whoever_asks_to_move_gets_the_page_and_staff_are_asked(clinic: Texting, words: str) -> None:
    visit = reminded(clinic)
    assert clinic.says(words) == "visit_move"
    assert reply(clinic, visit) == "wants_move"
    assert last(clinic).startswith("Harmonia Health: you ask to move Tue Nov 3, 2:00 PM. When? http")
    token = clinic.world.token("appointments", clinic.mails()[-1])
    assert visit_page.page(clinic.rt, token).reply == "wants_move"
    assert clinic.rt.links.unverified(token) == visit
    assert waiting(clinic) == ["visit_move"]


@pytest.mark.parametrize("words", ["X", "x", "can't make it", "I have to cancel my appointment"])
def test_whoever_asks_to_cancel_is_told_who_will_do_it_and_the_visit_stands(
    clinic: Texting, words: str
) -> None:
    visit = reminded(clinic)
    assert clinic.says(words) == "visit_cancel"
    assert reply(clinic, visit) == "wants_cancel"
    assert (
        last(clinic)
        == "Harmonia Health: the desk will cancel Tue Nov 3, 2:00 PM and tell you. Changed your mind? "
        "Reply C or call +1 555 010 0140."
    )
    assert waiting(clinic) == ["visit_cancel"]
    found = appointments.one(clinic.rt, visit)
    assert found is not None and found.status == "booked"


def test_a_change_of_mind_takes_the_wish_back(clinic: Texting) -> None:
    visit = reminded(clinic)
    clinic.says("X")
    clinic.says("R")
    assert waiting(clinic) == ["visit_move"]
    assert clinic.says("C") == "visit_confirmed"
    assert waiting(clinic) == [] and reply(clinic, visit) == "confirmed"
    clinic.says("X")
    assert waiting(clinic) == ["visit_cancel"]


def test_what_staff_did_about_a_wish_ends_it(clinic: Texting) -> None:
    visit = reminded(clinic)
    clinic.says("R")
    move(clinic.world, visit, THURSDAY)
    assert waiting(clinic) == [] and reply(clinic, visit) is None


@pytest.mark.parametrize(("mode", "type"), [("twilio-default", ""), ("twilio-advanced", "START")])
def test_yes_confirms_also_where_twilio_takes_it_for_a_start(rt: Runtime, mode: str, type: str) -> None:
    clinic = Texting(World(with_policy(rt, opt_out=mode)))
    form = {"OptOutType": type} if type else {}
    visit = reminded(clinic)
    assert clinic.says("YES", form=form) == "visit_confirmed"
    assert reply(clinic, visit) == "confirmed"
    clinic.says("STOP", form={"OptOutType": "STOP"} if type else {})
    assert clinic.says("YES", form=form) == "started_there"


def test_a_bare_cancel_is_an_opt_out_and_may_have_meant_the_visit(clinic: Texting) -> None:
    visit = reminded(clinic)
    assert clinic.says("CANCEL") == "stopped"
    assert reply(clinic, visit) is None and "maybe_cancel" in waiting(clinic)


def test_who_is_late_is_told_of_at_the_desk_at_once(clinic: Texting) -> None:
    reminded(clinic)
    pass_time(clinic.world, 22 * HOUR)
    assert clinic.says("running late, sorry") == "visit_late"
    assert last(clinic).startswith(
        "Harmonia Health: thanks for telling us. The desk knows about Tue Nov 3, 2:00 PM."
    )
    (row,) = clinic.run(
        "SELECT person_id, due_at - created_at AS wait FROM follow_ups WHERE kind = 'running_late'"
    )
    assert row.person_id is not None and row.wait == timedelta(0)
    clinic.world.work()
    (mail,) = [mail for mail in clinic.world.mail() if mail.kind == "staff-running-late"]
    assert (
        mail.to == "front-desk@harmonia.example" and f"/staff/texts/{clinic.texts_in()[-1].id}" in mail.text
    )
    assert "Ada" not in mail.text and NUMBER not in mail.text


def test_who_will_be_late_tomorrow_gets_a_clear_answer_and_the_desk_knows(clinic: Texting) -> None:
    book(clinic.world, patient(clinic.world), TOMORROW, "11:00")
    pass_time(clinic.world, 11 * HOUR)
    assert clinic.says("I'll be running late tomorrow") == "visit_late"
    assert "The desk knows about Tue Nov 3, 11:00 AM" in last(clinic)
    assert waiting(clinic) == ["running_late"]
    pass_time(clinic.world, 11 * HOUR)
    assert clinic.says("running 20 min late") == "visit_late"
    assert waiting(clinic) == ["running_late", "running_late"]
    assert clinic.says("still running late") == "visit_late"
    assert waiting(clinic) == ["running_late", "running_late"]


def test_late_and_another_time_in_one_text_reach_the_desk_both(clinic: Texting) -> None:
    reminded(clinic)
    pass_time(clinic.world, 22 * HOUR)
    assert clinic.says("running late, can we reschedule?") == "visit_move"
    assert sorted(waiting(clinic)) == ["running_late", "visit_move"]


def test_late_for_a_visit_in_a_week_is_for_a_person_to_read(clinic: Texting) -> None:
    book(clinic.world, patient(clinic.world), NEXT_WEEK)
    assert clinic.says("running late") == "asked"
    assert waiting(clinic) == ["texted"] and clinic.kinds() == []


def test_two_people_at_one_number_are_never_guessed_between(clinic: Texting) -> None:
    ana = book(clinic.world, patient(clinic.world, "Ana", "ana@example.org"), TOMORROW)
    leo = book(clinic.world, patient(clinic.world, "Leo", "leo@example.org"), THURSDAY, "15:30")
    assert clinic.says("C") == "visit_which"
    assert (
        last(clinic) == "Harmonia Health: which one? Reply with its number: 1 Tue Nov 3 2:00 PM Ana, "
        "2 Thu Nov 5 3:30 PM Leo. Or call +1 555 010 0140"
    )
    assert reply(clinic, ana) is None and reply(clinic, leo) is None
    assert clinic.says("2") == "visit_confirmed"
    assert reply(clinic, ana) is None and reply(clinic, leo) == "confirmed"
    assert f"{THANKS} Thu Nov 5, 3:30 PM (Leo) at Larkspur Lane" in last(clinic)
    assert clinic.says("1") == "visit_confirmed"
    assert reply(clinic, ana) == "confirmed"


@pytest.mark.parametrize("words", ["both", "1 and 2", "1, 2", "All of them", "ambas"])
def test_all_that_were_named_can_be_chosen_at_once(clinic: Texting, words: str) -> None:
    person = patient(clinic.world)
    visits = [book(clinic.world, person, day) for day in (TOMORROW, THURSDAY)]
    clinic.says("x")
    assert clinic.says(words) == "visit_cancel"
    assert [reply(clinic, visit) for visit in visits] == ["wants_cancel"] * 2
    assert "cancel Tue Nov 3, 2:00 PM and Thu Nov 5, 2:00 PM and tell you" in last(clinic)


def test_two_visits_of_one_person_are_asked_about_without_a_name(clinic: Texting) -> None:
    person = patient(clinic.world)
    first, second = (book(clinic.world, person, day) for day in (THURSDAY, NEXT_WEEK))
    assert clinic.says("R") == "visit_which"
    assert "1 Thu Nov 5 2:00 PM, 2 Tue Nov 10 2:00 PM. Or call" in last(clinic)
    assert clinic.says("the second one") == "visit_move"
    assert reply(clinic, first) is None and reply(clinic, second) == "wants_move"


def test_what_is_asked_may_change_with_the_digit(clinic: Texting) -> None:
    person = patient(clinic.world)
    first, second = (book(clinic.world, person, day) for day in (THURSDAY, NEXT_WEEK))
    clinic.says("C")
    assert clinic.says("X 2") == "visit_cancel"
    assert reply(clinic, first) is None and reply(clinic, second) == "wants_cancel"


def test_the_last_reminder_says_which_of_several_is_meant(clinic: Texting) -> None:
    person = patient(clinic.world)
    later = book(clinic.world, person, NEXT_WEEK)
    visit = book(clinic.world, person, TOMORROW)
    pass_time(clinic.world, 5 * HOUR)
    assert clinic.says("C") == "visit_confirmed"
    assert reply(clinic, visit) == "confirmed" and reply(clinic, later) is None


def test_a_reminder_of_two_days_ago_says_nothing_any_more(clinic: Texting) -> None:
    person = patient(clinic.world)
    book(clinic.world, person, TOMORROW)
    for day in (NEXT_WEEK, date(2026, 11, 12)):
        book(clinic.world, person, day)
    pass_time(clinic.world, 4 * DAY)
    assert clinic.says("C") == "visit_which"


def test_a_reminder_of_two_children_is_asked_about(clinic: Texting) -> None:
    ana = book(clinic.world, patient(clinic.world, "Ana", "ana@example.org"), THURSDAY)
    leo = book(clinic.world, patient(clinic.world, "Leo", "leo@example.org"), THURSDAY, "15:30")
    pass_time(clinic.world, 2 * DAY + 6 * HOUR)
    (mail,) = clinic.mails()
    assert "Ana" in mail.text and "Leo" in mail.text
    assert clinic.says("YES") == "visit_which"
    assert clinic.says("both") == "visit_confirmed"
    assert [reply(clinic, one) for one in (ana, leo)] == ["confirmed"] * 2
    assert "2:00 PM (Ana) and Thu Nov 5, 3:30 PM (Leo)" in last(clinic)


def test_a_time_that_was_not_told_yet_is_told_and_not_confirmed(clinic: Texting) -> None:
    visit = reminded(clinic)
    move(clinic.world, visit, THURSDAY, "09:00", PRAIRIE)
    assert clinic.says("C") == "visit_changed"
    assert reply(clinic, visit) is None
    assert (
        last(clinic) == "Harmonia Health: your appointment is now Thu Nov 5, 9:00 AM CST, Prairie Street. "
        "Reply C to confirm, R to change, X to cancel."
    )
    assert clinic.says("C") == "visit_confirmed"
    assert reply(clinic, visit) == "confirmed"


def test_a_visit_that_was_called_off_is_said_to_be_off(clinic: Texting) -> None:
    visit = reminded(clinic)
    appointments.cancel(clinic.rt, DESK, visit)
    assert clinic.says("C") == "visit_off"
    assert last(clinic).startswith("Harmonia Health: your appointment Tue Nov 3, 2:00 PM is cancelled.")


@pytest.mark.parametrize("words", ["C", "R", "X", "YES", "running late"])
def test_a_visit_that_is_over_has_one_clear_answer(clinic: Texting, words: str) -> None:
    reminded(clinic)
    pass_time(clinic.world, 27 * HOUR)
    assert clinic.says(words) == "visit_over"
    assert last(clinic).startswith("Harmonia Health: your appointment Tue Nov 3, 2:00 PM is over.")
    assert waiting(clinic) == []


def test_a_week_later_it_is_a_conversation(clinic: Texting) -> None:
    reminded(clinic)
    pass_time(clinic.world, 9 * DAY)
    assert clinic.says("C") == "asked"
    assert waiting(clinic) == ["texted"]


@pytest.mark.parametrize("words", ["C", "R", "X", "1", "2", "both", "late", "YES"])
def test_without_any_visit_a_person_reads_it(clinic: Texting, words: str) -> None:
    patient(clinic.world)
    assert clinic.says(words) == "asked"
    assert waiting(clinic) == ["texted"] and clinic.kinds() == []


@pytest.mark.parametrize("words", ["C", "R", "X", "YES"])
def test_a_strangers_number_brings_nothing_about(clinic: Texting, words: str) -> None:
    visit = reminded(clinic)
    assert clinic.says(words, number="+15185550177") == "asked"
    assert reply(clinic, visit) is None


def test_somebody_whose_number_it_is_not_surely_is_not_acted_for(clinic: Texting) -> None:
    visit = reminded(clinic)
    clinic.run("UPDATE contacts SET state = 'quarantined' WHERE channel = 'sms'")
    assert clinic.says("C") == "asked"
    assert reply(clinic, visit) is None


@pytest.mark.parametrize("words", ["3", "0", "10", "1 and 3"])
def test_a_digit_that_stands_for_nothing_is_asked_about_again(clinic: Texting, words: str) -> None:
    person = patient(clinic.world)
    visits = [book(clinic.world, person, day) for day in (THURSDAY, NEXT_WEEK)]
    clinic.says("C")
    assert clinic.says(words) == "visit_which"
    assert [reply(clinic, visit) for visit in visits] == [None, None]
    assert clinic.says("1") == "visit_confirmed"


def test_a_question_of_yesterday_is_not_answered_by_a_digit(clinic: Texting) -> None:
    person = patient(clinic.world)
    for day in (THURSDAY, NEXT_WEEK):
        book(clinic.world, person, day)
    clinic.says("C")
    pass_time(clinic.world, 25 * HOUR)
    assert clinic.says("1") == "asked"


@pytest.mark.parametrize("words", ["my pain is 2 today", "room 2 was cold", "at 2 o'clock?"])
def test_a_figure_in_other_words_chooses_nothing(clinic: Texting, words: str) -> None:
    person = patient(clinic.world)
    visits = [book(clinic.world, person, day) for day in (THURSDAY, NEXT_WEEK)]
    clinic.says("C")
    assert clinic.says(words) == "asked"
    assert [reply(clinic, visit) for visit in visits] == [None, None]


def test_a_chosen_visit_that_was_moved_meanwhile_is_told_anew(clinic: Texting) -> None:
    person = patient(clinic.world)
    first, _ = (book(clinic.world, person, day) for day in (THURSDAY, NEXT_WEEK))
    clinic.says("C")
    move(clinic.world, first, date(2026, 11, 6), "10:00")
    assert clinic.says("1") == "visit_changed"
    assert "now Fri Nov 6, 10:00 AM" in last(clinic)


def test_a_number_that_stopped_texts_is_heeded_and_gets_no_answer(clinic: Texting) -> None:
    visit = reminded(clinic)
    clinic.says("STOP")
    had = clinic.kinds()
    assert clinic.says("X") == "visit_cancel"
    assert reply(clinic, visit) == "wants_cancel" and "visit_cancel" in waiting(clinic)
    assert clinic.kinds() == had


def test_a_number_that_stopped_texts_is_asked_nothing(clinic: Texting) -> None:
    person = patient(clinic.world)
    for day in (THURSDAY, NEXT_WEEK):
        book(clinic.world, person, day)
    clinic.says("STOP")
    assert clinic.says("X") == "asked"
    assert clinic.kinds() == ["answer-stopped"]
    assert clinic.says("1") == "asked"


def test_many_visits_are_listed_as_far_as_two_segments_go(clinic: Texting) -> None:
    person = patient(clinic.world)
    for day in range(4, 30, 2):
        book(clinic.world, person, date(2026, 11, day))
    assert clinic.says("R") == "visit_which"
    assert "9 Fri Nov 20 2:00 PM" in last(clinic) and len(last(clinic)) <= 306
    assert clinic.says("9") == "visit_move"


def test_two_machines_that_answer_each_other_come_to_an_end(clinic: Texting) -> None:
    reminded(clinic)
    had = len(clinic.mails())
    for _ in range(12):
        assert clinic.says("C") == "visit_confirmed"
    assert len(clinic.mails()) == had + 8


def test_yes_is_for_a_pending_number_first_then_for_a_reminder_then_start(clinic: Texting) -> None:
    visit = reminded(clinic)
    ask(clinic.world, clinic.world.enrol(email="bob@example.org").texts_token, NUMBER)
    assert clinic.says("YES") == "number_confirmed"
    assert reply(clinic, visit) is None
    assert clinic.says("YES") == "visit_confirmed"
    assert reply(clinic, visit) == "confirmed"
    pass_time(clinic.world, 9 * DAY)
    clinic.says("STOP")
    assert clinic.says("YES") == "started"
