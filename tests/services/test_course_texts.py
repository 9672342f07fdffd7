"""The text beside each lesson, as people would have received it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from engage.content.sms import segments
from engage.services import courses, lessons, number_proof, people, unsubscribe
from engage.services.claim import claim
from engage.storage import messages, suppressions
from engage.storage.course_texts import DROP
from tests.services.test_course_rules import edited
from tests.texted import NUMBER, ask, code, lesson_texts, rows, texted, texts
from tests.world import COURSE, World

DAY = timedelta(days=1)
OTHER = "+14165550199"


def count(world: World) -> int:
    return len(world.rt.library.courses[COURSE].lessons)


def link(text: str) -> str:
    return text.split("/lessons/")[1].split(" ")[0]


def leave(world: World, which: str, *, both: bool = False) -> None:
    mail = world.lessons()[-1] if which == "email" else lesson_texts(world)[-1]
    token = world.token("unsubscribe", mail) if which == "email" else _token(world, link(mail.text))
    unsubscribe.unsubscribe(world.rt, token, "page", both=both)


def _token(world: World, lesson: str) -> str:
    return lessons.lesson_page(world.rt, lesson).unsubscribe_token


def test_each_lesson_comes_with_one_short_text_that_follows_it_and_opens_its_page(world: World) -> None:
    texted(world)
    world.pass_time(70 * DAY)
    mails, told = world.lessons(), lesson_texts(world)
    assert len(mails) == len(told) == count(world)
    for mail, text in zip(mails, told, strict=True):
        assert text.to == NUMBER
        assert text.sent_at == mail.sent_at + world.rt.clinic.caps.caps.apart
        assert text.text.startswith(f"{world.rt.clinic.short_name}: new lesson at ")
        assert text.text.endswith(" STOP to stop")
        found = segments(text.text)
        assert (found.encoding, found.count) == ("GSM-7", 1)
        page = lessons.lesson_page(world.rt, link(text.text))
        assert page.slug == lessons.lesson_page(world.rt, world.token("lessons", mail)).slug
    relied = rows(
        world,
        """SELECT DISTINCT c.channel FROM messages m JOIN consents c ON c.id = m.consent_id
        WHERE m.kind = 'course-lesson-text'""",
    )
    assert relied == [("sms",)]


def test_a_lessons_page_is_listed_once_though_it_came_twice(world: World) -> None:
    texted(world)
    world.pass_time(10 * DAY)
    page = lessons.lesson_page(world.rt, link(lesson_texts(world)[-1].text))
    numbers = [number for number, _, _ in page.earlier]
    assert numbers == list(range(1, page.number))


def test_who_added_no_number_gets_no_text(world: World) -> None:
    world.enrol(email="none@example.org")
    texted(world)
    world.pass_time(10 * DAY)
    assert len(world.lessons("none@example.org")) == len(lesson_texts(world)) > 1
    assert {mail.to for mail in texts(world)} == {NUMBER}


def test_who_adds_a_number_later_gets_texts_from_the_next_lesson_on(world: World) -> None:
    world.enrol()
    world.pass_time(10 * DAY)
    before = len(world.lessons())
    token = lessons.lesson_page(world.rt, world.token("lessons", world.lessons()[-1])).texts_token
    ask(world, token)
    assert number_proof.type_code(world.rt, token, code(world)) == "on"
    world.pass_time(60 * DAY)
    assert len(lesson_texts(world)) == len(world.lessons()) - before == count(world) - before


@pytest.mark.parametrize(("hour", "zone"), [(3, "America/New_York"), (23, "Pacific/Honolulu")])
def test_a_lesson_asked_for_at_night_comes_at_once_and_its_text_at_a_decent_hour(
    world: World, hour: int, zone: str
) -> None:
    texted(world, zone=zone)
    world.pass_time(3 * DAY)
    page = lessons.lesson_page(world.rt, world.token("lessons", world.lessons()[-1]))
    while world.now.astimezone(ZoneInfo(zone)).hour != hour:
        world.now += timedelta(hours=1)
    before = len(world.lessons()), len(lesson_texts(world))
    assert lessons.next_now(world.rt, world.token("lessons", world.lessons()[-1]), page.next_slug or "")
    world.work()
    assert (len(world.lessons()), len(lesson_texts(world))) == (before[0] + 1, before[1])
    world.pass_time(2 * DAY)
    assert len(lesson_texts(world)) > before[1]
    for text in lesson_texts(world):
        for there in (zone, "America/New_York"):
            assert 9 <= world.local(text, there).hour < 20


# What stops what


@pytest.mark.parametrize("which", ["email", "sms"])
def test_leaving_one_channel_leaves_the_other_to_the_end_of_the_course(world: World, which: str) -> None:
    texted(world)
    world.pass_time(9 * DAY)
    before = len(world.lessons()), len(lesson_texts(world))
    leave(world, which)
    world.pass_time(70 * DAY)
    after = len(world.lessons()), len(lesson_texts(world))
    assert after == ((before[0], count(world)) if which == "email" else (count(world), before[1]))
    assert rows(world, "SELECT state FROM enrolments") == [("completed",)]


def test_lessons_whose_email_is_not_wanted_are_shown_as_not_sent(world: World) -> None:
    texted(world)
    world.pass_time(9 * DAY)
    leave(world, "email")
    world.pass_time(70 * DAY)
    skipped = rows(world, "SELECT DISTINCT status, reason FROM messages WHERE status = 'skipped'")
    assert skipped == [("skipped", "suppressed_unsubscribed")]


@pytest.mark.parametrize("which", ["email", "sms"])
def test_stopping_the_whole_course_stops_both(world: World, which: str) -> None:
    texted(world)
    world.pass_time(9 * DAY)
    before = len(world.lessons()), len(lesson_texts(world))
    leave(world, which, both=True)
    world.pass_time(70 * DAY)
    assert (len(world.lessons()), len(lesson_texts(world))) == before
    assert rows(world, "SELECT granted FROM consent_states") == [(False,), (False,)]


def test_leaving_one_after_the_other_ends_the_course(world: World) -> None:
    texted(world)
    world.pass_time(9 * DAY)
    token = _token(world, link(lesson_texts(world)[-1].text))
    leave(world, "email")
    assert unsubscribe.page(world.rt, token).state == "subscribed"
    unsubscribe.unsubscribe(world.rt, token, "page")
    before = len(world.lessons()), len(lesson_texts(world))
    world.pass_time(70 * DAY)
    assert (len(world.lessons()), len(lesson_texts(world))) == before
    assert rows(world, "SELECT state FROM enrolments") == [("unsubscribed",)]


def test_staff_who_stop_the_course_stop_the_text_that_waits(world: World) -> None:
    texted(world)
    _until_a_text_waits(world)
    courses.stop(world.rt, people.find(world.rt, "ada@example.org")[0], "stopped")
    world.pass_time(30 * DAY)
    assert lesson_texts(world) == []
    assert rows(world, "SELECT status, reason FROM messages WHERE kind = 'course-lesson-text'") == [
        ("cancelled", "stopped")
    ]


def _until_a_text_waits(world: World) -> None:
    """The first lesson has just left; its text has not."""
    while not world.lessons():
        with world.rt.transaction() as tx:
            world.now = messages.next_due(tx, world.now, world.now + DAY) or world.now
        world.work()
    assert rows(world, "SELECT status FROM messages WHERE kind = 'course-lesson-text'") == [("planned",)]


def test_stopping_on_the_page_takes_the_text_that_waits_along(world: World) -> None:
    texted(world)
    _until_a_text_waits(world)
    page = lessons.lesson_page(world.rt, world.token("lessons", world.lessons()[-1]))
    assert page.texted
    number_proof.no_more_texts(world.rt, page.texts_token)
    world.pass_time(70 * DAY)
    assert lesson_texts(world) == []
    assert len(world.lessons()) == count(world)


def test_a_number_that_opted_out_gets_no_more_and_the_emails_go_on(world: World) -> None:
    texted(world)
    _until_a_text_waits(world)
    with world.rt.transaction() as tx:
        index = world.rt.sealer.index("sms", NUMBER)
        suppressions.add(tx, "sms", index, "all", "unsubscribed", world.now)
    world.pass_time(70 * DAY)
    assert lesson_texts(world) == []
    assert len(world.lessons()) == count(world)


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_where_an_address_is_dead_the_other_channel_goes_on(world: World, channel: str) -> None:
    texted(world)
    _until_a_text_waits(world)
    with world.rt.transaction() as tx:
        tx.exec_driver_sql("UPDATE contacts SET state = 'bad' WHERE channel = %(c)s", {"c": channel})
    world.pass_time(70 * DAY)
    assert (len(world.lessons()), len(lesson_texts(world))) == (
        (1, count(world)) if channel == "email" else (count(world), 0)
    )


def test_a_pause_holds_texts_too_and_what_is_old_by_then_is_dropped(world: World) -> None:
    texted(world)
    _until_a_text_waits(world)
    lessons.pause(world.rt, world.token("lessons", world.lessons()[-1]), 14)
    world.pass_time(13 * DAY)
    assert lesson_texts(world) == []
    world.pass_time(70 * DAY)
    assert len(world.lessons()) == count(world)
    assert len(lesson_texts(world)) == count(world) - 1


def test_who_reads_by_text_alone_misses_nothing_in_a_pause_until_a_date(world: World) -> None:
    texted(world)
    world.pass_time(9 * DAY)
    leave(world, "email")
    world.pass_time(timedelta(hours=1))
    before = len(lesson_texts(world))
    with world.rt.transaction() as tx:
        tx.exec_driver_sql("UPDATE people SET paused_until = %(until)s", {"until": world.now + 20 * DAY})
    world.pass_time(19 * DAY)
    assert len(lesson_texts(world)) == before
    world.pass_time(90 * DAY)
    assert len(lesson_texts(world)) == count(world)


def test_when_the_next_lesson_is_first_only_its_text_comes(world: World) -> None:
    texted(world)
    _until_a_text_waits(world)
    page = lessons.lesson_page(world.rt, world.token("lessons", world.lessons()[-1]))
    assert lessons.next_now(world.rt, world.token("lessons", world.lessons()[-1]), page.next_slug or "")
    world.pass_time(timedelta(hours=1))
    (text,) = lesson_texts(world)
    assert lessons.lesson_page(world.rt, link(text.text)).slug == page.next_slug
    assert rows(world, "SELECT reason FROM messages WHERE status = 'cancelled'") == [("replaced",)]


def test_a_lesson_that_is_taken_out_is_not_told_of(world: World) -> None:
    texted(world)
    _until_a_text_waits(world)
    course = world.rt.library.courses[COURSE]
    world = edited(world, replace(course, lessons=course.lessons[1:]))
    world.pass_time(timedelta(hours=1))
    assert lesson_texts(world) == []
    assert rows(world, "SELECT status, reason FROM messages WHERE kind = 'course-lesson-text'") == [
        ("cancelled", "lesson_removed")
    ]
    world.pass_time(70 * DAY)
    assert len(lesson_texts(world)) == count(world)


def test_planning_again_neither_adds_nor_moves_texts(world: World) -> None:
    texted(world)
    _until_a_text_waits(world)
    sql = "SELECT id, status, due_at, step FROM messages ORDER BY id"
    before = rows(world, sql)
    for _ in range(2):
        courses.replan_outdated(world.rt)
    with world.rt.transaction() as tx:
        tx.exec_driver_sql("UPDATE enrolments SET timetable = 'old'")
    courses.replan_outdated(world.rt)
    assert rows(world, sql) == before


def test_a_text_that_waits_does_not_hide_that_no_lesson_is_planned(world: World) -> None:
    texted(world)
    _until_a_text_waits(world)
    with world.rt.transaction() as tx:
        tx.exec_driver_sql("DELETE FROM messages WHERE kind = 'course-lesson' AND status = 'planned'")
    assert courses.replan_outdated(world.rt) == 1


def test_a_number_that_changes_takes_the_waiting_text_along(world: World) -> None:
    token = texted(world)
    _until_a_text_waits(world)
    token = lessons.lesson_page(world.rt, world.token("lessons", world.lessons()[-1])).texts_token
    ask(world, token, OTHER)
    assert number_proof.type_code(world.rt, token, code(world, OTHER)) == "on"
    world.pass_time(timedelta(hours=1))
    assert [mail.to for mail in lesson_texts(world)] == [OTHER]


# What it costs those who have no number


def test_a_claim_of_emails_asks_no_more_of_the_database_however_many_they_are(world: World) -> None:
    """But for the one look at who has texts (``course_texts.contacts``), which goes past SQLAlchemy's events."""
    for n in range(14):
        world.enrol(email=f"p{n}@example.org")
    world.now += DAY
    # The first one keeps the lesson's text as well.
    _, one, twelve = (_statements(world, size) for size in (1, 1, 12))
    assert len(one) == len(twelve)
    assert DROP not in twelve


def _statements(world: World, size: int) -> list[str]:
    """What a claim of so many emails runs."""
    found: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(world.rt.engine, "before_cursor_execute", note)
    try:
        assert claim(world.rt, 2, "email", size).seen == size
    finally:
        event.remove(world.rt.engine, "before_cursor_execute", note)
    return found
