"""A break from lessons and news, and a course's own: what waits, what is lost (nothing), and who ends it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from engage.runtime import Runtime
from tests.web.reader import Reader
from tests.world import COURSE, World

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@pytest.fixture
def world(rt: Runtime) -> World:
    """With a real database, other than for the pages that need none."""
    return World(rt)


@pytest.fixture
def ada(world: World) -> Reader:
    return Reader.enrolled(world)


def test_a_pause_holds_lessons_back_loses_none_and_lets_care_through(ada: Reader) -> None:
    had = len(ada.world.lessons())
    until = (ada.world.now + 3 * WEEK).date()
    assert "wait until then" in ada.notice(ada.post("/pause", until=until.isoformat()))
    assert "wait until <strong>" in ada.get().text
    ada.plan("email", "care")
    ada.world.pass_time(2 * DAY)
    assert len(ada.letters("test-email-care")) == 1
    ada.world.pass_time(3 * WEEK - 3 * DAY)
    assert len(ada.world.lessons()) == had
    ada.world.pass_time(90 * DAY)
    slugs = ada.rows("SELECT done FROM enrolments")[0][0]
    assert len(ada.world.lessons()) == len(slugs) == 12


def test_who_goes_on_early_loses_nothing_either(ada: Reader) -> None:
    def comes() -> list[tuple[Any, ...]]:
        return ada.rows("SELECT due_at FROM messages WHERE status = 'planned' AND cause = 'enrolment'")

    before = comes()
    ada.post("/pause", until=(ada.world.now + 3 * WEEK).date().isoformat())
    assert comes() > before
    assert "Welcome back" in ada.notice(ada.post("/go-on"))
    assert comes() == before
    assert ada.rows("SELECT paused_until FROM people") == [(None,)]


def test_a_longer_and_a_shorter_pause_take_the_place_of_the_first(ada: Reader) -> None:
    for weeks in (2, 4, 1):
        ada.post("/pause", until=(ada.world.now + weeks * WEEK).date().isoformat())
        (until, shifted) = ada.rows(
            "SELECT p.paused_until, e.shift_days FROM people p JOIN enrolments e ON e.person_id = p.id"
        )[0]
        assert (until - ada.world.now).days in (7 * weeks - 1, 7 * weeks)
        assert shifted == 7 * weeks


def paused_by_its_page(ada: Reader, days: int = 14) -> None:
    lesson = ada.world.token("lessons", ada.world.lessons(ada.email)[-1])
    assert ada.asks(f"/lessons/{lesson}/pause", "POST", days=str(days)).status_code == 303


def test_a_pause_that_a_lessons_page_made_is_shown_and_ended_here(ada: Reader) -> None:
    assert "waits until" not in ada.get().text
    before = ada.rows("SELECT due_at FROM messages WHERE status = 'planned' AND cause = 'enrolment'")
    paused_by_its_page(ada)
    shown = ada.get().text
    title = ada.world.rt.library.courses[COURSE].title
    assert f"The course “{title}” waits until <strong>Tuesday, November 17" in shown
    assert "The course goes on" in ada.notice(ada.post("/go-on-course", course=COURSE))
    assert "waits until" not in ada.get().text
    assert ada.rows("SELECT due_at FROM messages WHERE status = 'planned' AND cause = 'enrolment'") == before
    assert len(ada.letters("preferences-changed")) == 1


def test_a_pause_of_everything_outlives_the_end_of_a_courses_own(ada: Reader) -> None:
    paused_by_its_page(ada, 28)
    ada.post("/pause", until=(ada.world.now + WEEK).date().isoformat())
    assert "Lessons and news wait until" in ada.get().text and "The course “" in ada.get().text
    ada.post("/go-on-course", course=COURSE)
    shown = ada.get().text
    assert "Lessons and news wait until" in shown and "The course “" not in shown
    had = len(ada.world.lessons())
    ada.world.pass_time(WEEK - timedelta(hours=16))
    assert len(ada.world.lessons()) == had
    ada.world.pass_time(4 * DAY)
    assert len(ada.world.lessons()) > had


def test_to_go_on_with_what_does_not_wait_does_nothing(ada: Reader) -> None:
    for course in (COURSE, "", "another"):
        assert ada.post("/go-on-course", course=course).status_code == 303
    assert ada.letters("preferences-changed") == []


def test_what_comes_next_is_told_for_the_hour_at_which_it_comes_after_the_pause(ada: Reader) -> None:
    until = (ada.world.now + 2 * WEEK).date()
    ada.post("/pause", until=until.isoformat())
    hours: dict[str, Any] = {"days": ["sat"], "from": "10:00", "to": "14:00"}
    ada.post("/hours", **hours)
    shown = re.search(r'<dd class="at">([^<]*)', ada.get().text)
    assert shown is not None
    had = len(ada.world.lessons())
    ada.world.pass_time(4 * WEEK)
    following = ada.world.local(ada.world.lessons()[had])
    assert following.strftime("%A, %B") in shown[1] and following.strftime("%-I:%M %p") in shown[1]
    assert following.strftime("%H:%M") == "10:00"
