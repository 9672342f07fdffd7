"""Complaints and hard bounces pause the course that caused them, until a person resumes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.ids import new_id, new_ids
from engage.runtime import Runtime
from engage.services import alerts, deliverability, doctor_pipe, unsubscribe
from engage.services import messages as explaining
from engage.settings import Settings
from engage.storage.database import run
from tests.scripted import somebody
from tests.world import COURSE, World

DAYS = timedelta(days=1)

ATTEMPT = """
INSERT INTO attempts (id, state, sender, channel, message_ids, lease_until, created_at, ended_at)
VALUES (%(id)s, 'done', 'sendgrid', 'email', %(ids)s::uuid[], %(at)s, %(at)s, %(at)s)
"""
MESSAGES = """
INSERT INTO messages (id, person_id, contact_id, cause, cause_id, kind, channel, purpose, lane, status, reason,
    not_before, due_at, not_after, dedup_key, created_at, sent_at, attempt_id)
SELECT v.id, %(person)s, %(contact)s, 'enrolment', %(enrolment)s, 'course-lesson', 'email', 'education', 2, v.status,
    CASE v.status WHEN 'failed' THEN 'bounced' END, %(at)s, %(at)s, %(at)s, 'planted/' || v.id, %(at)s, %(at)s, %(attempt)s
FROM unnest(%(ids)s::uuid[], %(statuses)s::text[]) AS v(id, status)
"""
EVENTS = """
INSERT INTO receipt_events (event_key, receipt_id, attempt_id, message_id, what, reason, at, received_at)
SELECT decode(replace(v.id::text, '-', '') || md5(v.what || v.copy), 'hex'), %(receipt)s, %(attempt)s, v.id, v.what,
    CASE v.what WHEN 'failed' THEN 'bounced' END, %(at)s, %(at)s
FROM unnest(%(ids)s::uuid[], %(whats)s::text[], %(copies)s::text[]) AS v(id, what, copy)
"""


def letters(
    rt: Runtime,
    delivered: int,
    complaints: int = 0,
    bounces: int = 0,
    *,
    course: str = COURSE,
    ago: timedelta = timedelta(hours=1),
    n: int = 0,
) -> None:
    """So many lessons of a course, with what was told about them; each complaint was told twice."""
    who, enrolment, attempt = somebody(rt, n), new_id(), new_id()
    at = datetime.now(UTC) - ago
    ids = new_ids(delivered + bounces)
    values = {
        "person": who.id,
        "contact": who.email_contact,
        "enrolment": enrolment,
        "attempt": attempt,
        "at": at,
    }
    told = [(id, "complaint", copy) for id in ids[:complaints] for copy in "ab"]
    told += [(id, "failed", "") for id in ids[delivered:]]
    with rt.transaction() as tx:
        run(
            tx,
            """INSERT INTO enrolments (id, person_id, contact_id, course, state, timetable, started_at)
            VALUES (%(enrolment)s, %(person)s, %(contact)s, %(course)s, 'completed', '', %(at)s)""",
            {**values, "course": course},
        )
        run(tx, ATTEMPT, {"id": attempt, "ids": ids, "at": at})
        statuses = ["delivered"] * delivered + ["failed"] * bounces
        run(tx, MESSAGES, {**values, "ids": ids, "statuses": statuses})
        run(
            tx,
            EVENTS,
            {
                **values,
                "receipt": new_id(),
                "ids": [one[0] for one in told],
                "whats": [one[1] for one in told],
                "copies": [one[2] for one in told],
            },
        )  # fmt: skip


@pytest.mark.parametrize(
    ("delivered", "complaints", "bounces", "words"),
    [
        (500, 0, 0, None),
        (500, 1, 0, "1 of 500 delivered were reported as spam"),
        (499, 1, 0, None),
        (1001, 1, 0, None),
        (500, 0, 9, None),
        (500, 0, 10, "10 came back for good, 500 were delivered"),
    ],
)
def test_a_course_pauses_at_the_limits_and_not_before(
    rt: Runtime, delivered: int, complaints: int, bounces: int, words: str | None
) -> None:
    letters(rt, delivered, complaints, bounces)
    assert deliverability.watch(rt) == (words is not None)
    assert [one.words for one in deliverability.standing(rt)] == ([words] if words else [])
    assert deliverability.watch(rt) == 0


def test_only_what_came_within_the_window_counts(rt: Runtime) -> None:
    letters(rt, 500, 5, ago=timedelta(days=8))
    assert deliverability.watch(rt) == 0
    letters(rt, 500, 1, n=1)
    assert deliverability.watch(rt) == 1


def test_each_course_answers_for_itself(rt: Runtime) -> None:
    letters(rt, 500, 5, course="another")
    letters(rt, 500, n=1)
    deliverability.watch(rt)
    assert [one.course for one in deliverability.standing(rt)] == ["another"]


def test_the_limits_are_the_clinics(rt: Runtime) -> None:
    letters(rt, 20, 1)
    policy = rt.clinic.deliverability.model_copy(update={"least_delivered": 20, "complaint_percent": 5.0})
    strict = replace(rt, clinic=rt.clinic.model_copy(update={"deliverability": policy}))
    assert deliverability.watch(rt) == 0
    assert deliverability.watch(strict) == 1


def test_what_a_person_saw_does_not_pause_it_again(rt: Runtime) -> None:
    letters(rt, 500, 5)
    assert deliverability.watch(rt) == 1
    assert deliverability.resume(rt, COURSE) == 0
    assert deliverability.watch(rt) == 0
    letters(rt, 500, 1, ago=timedelta(seconds=-1), n=1)
    assert deliverability.watch(rt, datetime.now(UTC) + timedelta(seconds=5)) == 1


@pytest.fixture
def command(settings: Settings, rt: Runtime) -> Callable[..., Result]:
    environ = {
        "DATABASE_URL": settings.database_url,
        "ENGAGE_DATA_DIR": str(settings.data_dir),
        "ENGAGE_CLINIC": str(settings.clinic_file),
        "ENGAGE_TEMPLATES": str(settings.templates_dir),
    }
    return lambda *words: CliRunner(env=environ).invoke(main, ["courses", *words])


def test_a_person_pauses_and_resumes_by_command(rt: Runtime, command: Callable[..., Result]) -> None:
    assert command("pause", COURSE).stdout == "paused\n"
    assert "already" in command("pause", COURSE).stdout
    assert [one.words for one in deliverability.standing(rt)] == ["a person paused it"]
    assert command("resume", COURSE).stdout == "resumed; 0 message(s) waited for it\n"
    assert "is not paused" in command("resume", COURSE).stderr


def test_nothing_of_a_paused_course_leaves_and_nothing_is_lost(world: World) -> None:
    world.enrol()
    world.pass_time(2 * DAYS)
    before = [mail.subject for mail in world.lessons()]
    deliverability.pause(world.rt, COURSE)

    world.pass_time(20 * DAYS)

    assert [mail.subject for mail in world.lessons()] == before
    (row,) = explaining.listing(world.rt, 10, "planned", None)
    explained = explaining.explain(world.rt, row.id)
    assert explained is not None and "engage courses resume" in explained.words
    with world.rt.transaction() as tx:
        check = doctor_pipe.courses(world.rt, tx)
    assert not check.ok and "a person paused it" in check.detail and COURSE in check.detail

    assert deliverability.resume(world.rt, COURSE) == 1
    world.pass_time(80 * DAYS)
    lessons = [mail.subject for mail in world.lessons()]
    assert len(lessons) == len(set(lessons)) == len(world.rt.library.courses[COURSE].lessons)
    days = [world.local(mail).date() for mail in world.lessons()]
    assert len(set(days)) == len(days)
    assert {world.local(mail).hour for mail in world.lessons()[len(before) + 1 :]} == {9}


def test_people_still_leave_while_their_course_is_paused(world: World) -> None:
    world.enrol()
    world.pass_time(2 * DAYS)
    deliverability.pause(world.rt, COURSE)
    unsubscribe.unsubscribe(world.rt, world.token("unsubscribe", world.lessons()[-1]), "one-click")
    assert deliverability.resume(world.rt, COURSE) == 0
    count = len(world.lessons())
    world.pass_time(40 * DAYS)
    assert len(world.lessons()) == count


def test_operators_are_told_until_it_is_resumed(world: World) -> None:
    letters(world.rt, 500, 5)
    deliverability.watch(world.rt)
    alerts.tell(world.rt)
    world.work()
    (mail,) = world.mail()
    assert mail.kind == "operator-course-halted" and "paused" in mail.subject
    deliverability.resume(world.rt, COURSE)
    assert alerts.tell(world.rt, datetime.now(UTC) + timedelta(hours=5)) == 0


def test_a_course_that_is_not_there_is_told_with_those_that_are(command: Callable[..., Result]) -> None:
    result = command("pause", "chronic-pian")
    assert result.exit_code == 1 and "chronic-pain" in result.stderr
