"""Check-ins from booking to answer: what a person who agreed is asked, and what becomes of it."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest

from engage.runtime import Runtime
from engage.services import appointments, check_ins, erasure, export, follow_ups, outcomes, visit_plans
from engage.services.audit import CLI, PERSON
from engage.services.check_in_plans import replan
from engage.storage.database import run
from tests.asked import (
    DAY,
    FIRST,
    after_a_visit,
    agrees,
    answered,
    asked,
    go,
    known,
    link,
    takes_place,
    weeks,
)
from tests.visits import DESK, book, move, patient, texts
from tests.world import World


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def work_to_do(world: World) -> list[str]:
    return sorted(one.kind for one in follow_ups.listing(world.rt))


def test_who_never_agreed_is_never_asked(world: World) -> None:
    takes_place_at = book(world, patient(world), FIRST)
    go(world, 4 * DAY)
    takes_place(world, takes_place_at)
    go(world, 10 * DAY)
    assert asked(world) == []


def test_a_course_of_visits_asks_before_it_after_each_and_weekly_until_the_last(world: World) -> None:
    list(weeks(world))
    assert asked(world) == [
        ("pain-score", "Wed Nov 04 10:00"),
        ("check-in", "Fri Nov 06 10:00"),
        ("pain-score", "Wed Nov 11 10:00"),
        ("check-in", "Fri Nov 13 10:00"),
        ("pain-score", "Wed Nov 18 10:00"),
        ("check-in", "Fri Nov 20 10:00"),
    ]


def test_by_text_reminders_come_first_and_no_cap_is_reached(world: World) -> None:
    list(weeks(world, "sms"))
    came = asked(world)
    days = [f"{world.local(mail):%j}" for mail in texts(world)]
    assert len(days) == len(set(days)), "never two texts on one day"
    reminders = [mail for mail in texts(world) if mail.kind == "visit-reminder-text"]
    assert len(reminders) == 3, "every reminder came by text"
    assert ("check-in-text", "Fri Nov 06 10:00") in came
    assert all(kind.endswith("-text") for kind, _ in came)


def test_a_letter_that_asks_names_nothing_private_and_has_a_tap_for_each_number(world: World) -> None:
    person = patient(world)
    agrees(world, person)
    book(world, person, FIRST)
    go(world, 2 * DAY + timedelta(hours=1))
    (mail,) = [mail for mail in world.mail() if mail.kind == "pain-score"]
    assert mail.subject == "A short question from Harmonia Health"
    for word in ("pain", "acupuncture", "needle", "treatment"):
        assert word not in mail.text.lower()
        assert word not in mail.html.lower()
    token = world.token("check-ins", mail)
    assert [f"/check-ins/{token}?score={n}" in mail.html for n in range(11)] == [True] * 11


def test_an_answer_is_kept_and_can_be_changed(world: World) -> None:
    person = patient(world)
    agrees(world, person)
    book(world, person, FIRST)
    go(world, 2 * DAY + timedelta(hours=1))
    token = link(world).rpartition("/")[2]
    check_ins.answer(world.rt, token, {"score": "7"})
    check_ins.answer(world.rt, token, {"score": "6"})
    check_ins.answer(world.rt, token, {"score": "6"})
    assert answered(world, person) == [6]
    assert work_to_do(world) == []


def test_whoever_is_not_well_is_somebodys_work_at_once(world: World) -> None:
    person = after_a_visit(world)
    token = link(world).rpartition("/")[2]
    check_ins.answer(world.rt, token, {"feeling": "not_well", "words": " Dizzy  since noon "})
    assert work_to_do(world) == ["check_in_words", "not_well"]
    assert answered(world, person) == ["Not well"]
    assert known(world, person).outcomes[0].answer.words == "Dizzy since noon"  # type: ignore[union-attr]


@pytest.mark.parametrize("change", ["moved", "cancelled", "marked as missed after all"])
def test_a_changed_visit_takes_its_question_back_in_the_same_transaction(world: World, change: str) -> None:
    person = patient(world)
    agrees(world, person)
    visit = book(world, person, FIRST)
    if change == "moved":
        move(world, visit, FIRST + 20 * DAY)
        go(world, 10 * DAY)
        assert asked(world) == []
        go(world, 15 * DAY)
        assert asked(world)[0] == ("pain-score", "Tue Nov 24 10:00")
    elif change == "cancelled":
        appointments.cancel(world.rt, DESK, visit)
        go(world, 10 * DAY)
        assert asked(world) == []
    else:
        go(world, 3 * DAY + timedelta(hours=6))
        takes_place(world, visit)
        appointments.mark(world.rt, DESK, visit, "noshow")
        go(world, 3 * DAY)
        assert [kind for kind, _ in asked(world)] == ["pain-score"]


def test_planned_twice_nothing_changes(world: World) -> None:
    person = patient(world)
    agrees(world, person)
    book(world, person, FIRST)
    with world.rt.transaction() as tx:
        assert replan(world.rt, tx, [person], world.now) == 0


def test_who_takes_it_back_is_asked_no_more_even_by_what_was_claimed_just_then(world: World) -> None:
    person = patient(world)
    agrees(world, person)
    book(world, person, FIRST)
    with world.rt.transaction() as tx:
        # As if the sweep had not been there yet.
        run(tx, "UPDATE check_in_wishes SET agreed = false")
    world.now += 2 * DAY + timedelta(hours=1)
    world.work()
    assert asked(world) == []
    with world.rt.transaction() as tx:
        ended = run(tx, "SELECT status, reason FROM messages WHERE cause = 'check_in'").all()
    assert [tuple(row) for row in ended] == [("cancelled", "no_check_ins")]
    assert work_to_do(world) == [], "nobody has to telephone because a question was not asked"


def test_another_way_takes_the_place_of_the_first(world: World) -> None:
    person = patient(world)
    agrees(world, person)
    book(world, person, FIRST + 7 * DAY)
    assert agrees(world, person, "sms")
    assert not agrees(world, person, "sms")
    go(world, 10 * DAY)
    # The reminder by text needs the day before: the score is asked by no text then.
    assert {kind for kind, _ in asked(world)} <= {"pain-score-text"}


def test_a_number_given_later_is_asked_at_without_any_visit_to_come(world: World) -> None:
    person = after_a_visit(world)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'bad' WHERE channel = 'email'")
    visit_plans.sweep(world.rt)
    assert known(world, person).hindrance != ""


def test_an_erased_person_is_asked_nothing_and_their_answers_are_gone(world: World) -> None:
    person = after_a_visit(world)
    token = link(world).rpartition("/")[2]
    check_ins.answer(world.rt, token, {"feeling": "so_so", "words": "a bruise"})
    book(world, person, FIRST + 7 * DAY)
    copied = export.of_person(world.rt, person, PERSON)["check_ins"]
    assert "a bruise" in [one["words"] for one in copied]
    erasure.erase(world.rt, person, CLI)
    before = asked(world)
    go(world, 12 * DAY)
    assert asked(world) == before
    assert answered(world, person) == []
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM check_ins WHERE sealed IS NOT NULL").scalar_one() == 0


def test_the_sheet_holds_every_answer_and_no_formula(world: World) -> None:
    person = after_a_visit(world)
    token = link(world).rpartition("/")[2]
    check_ins.answer(world.rt, token, {"feeling": "so_so", "words": "=cmd|'/c calc'!A1"})
    lines = outcomes.sheet(world.rt, CLI, person).splitlines()
    assert lines[0].startswith("asked_at,answered_at,question")
    assert "A little sore, bruised or tired" in lines[-1]
    assert ",'=cmd" in lines[-1]
    with world.rt.transaction() as tx:
        sql = "SELECT count(*) FROM audit WHERE action = 'export' AND what = 'check-ins'"
        assert run(tx, sql).scalar_one() == 1


def test_a_score_that_came_after_the_first_visit_is_not_called_one_from_before_it(world: World) -> None:
    person = patient(world)
    agrees(world, person)
    visit = book(world, person, FIRST)
    go(world, 2 * DAY + timedelta(hours=1))
    token = link(world, "pain-score").rpartition("/")[2]

    def occasions() -> set[str]:
        (shown,) = [one.occasion for one in known(world, person).outcomes if one.answer]
        (line,) = csv.DictReader(outcomes.sheet(world.rt, CLI, person).splitlines())
        copies = export.of_person(world.rt, person, CLI)["check_ins"]
        (copy,) = [one for one in copies if one["answered_at"]]
        return {shown, line["occasion"], copy["occasion"]}

    check_ins.answer(world.rt, token, {"score": "7"})
    assert occasions() == {"before the first visit"}
    go(world, DAY + timedelta(hours=8))
    takes_place(world, visit)
    check_ins.answer(world.rt, token, {"score": "3"})
    assert occasions() == {"asked before the first visit, answered after it"}


def test_what_was_held_up_is_not_asked_twice_on_one_day(world: World) -> None:
    person = patient(world)
    agrees(world, person)
    visit = book(world, person, FIRST)
    book(world, person, FIRST + 14 * DAY)
    go(world, 3 * DAY + timedelta(hours=5))
    takes_place(world, visit)
    with world.rt.transaction() as tx:
        # As if nothing had left for days, and now all of it could.
        count = run(
            tx,
            "UPDATE messages SET due_at = %(now)s, not_after = %(end)s WHERE cause = 'check_in' AND status = 'planned'",
            {"now": world.now, "end": world.now + 9 * DAY},
        ).rowcount
    assert count == 2
    had = len(asked(world))
    world.work()
    assert len(asked(world)) == had + 1
    with world.rt.transaction() as tx:
        waiting = run(
            tx, "SELECT reason FROM messages WHERE cause = 'check_in' AND status = 'planned'"
        ).scalars()
        assert list(waiting) == ["asked_today"]
    world.now += DAY
    world.work()
    assert len(asked(world)) == had + 2
