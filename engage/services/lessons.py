"""A lesson on the web, behind its signed link, and what the reader can do there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.content.merge import compile_plan, escape_values
from engage.domain.schedule import USEFUL_DAYS
from engage.domain.timing import local
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import courses
from engage.services.courses import dedup_key
from engage.services.numbers import page_token
from engage.services.texts import NAMELESS, preferences_url_beside
from engage.storage import consents, enrolments, merges, messages, people

PAUSES = (7, 14, 28)
State = Literal["active", "paused", "stopped", "completed"]


@dataclass(frozen=True, slots=True)
class LessonPage:
    """All that the page shows. Times are aware, in the person's zone. ``html`` is safe to print."""

    course: str
    course_title: str
    slug: str
    title: str
    html: str
    number: int
    total: int
    state: State
    paused_until: datetime | None
    next_slug: str | None
    next_title: str | None
    next_at: datetime | None
    earlier: list[tuple[int, str, str]]
    unsubscribe_token: str
    texts_token: str
    texted: bool
    preferences_url: str


@dataclass(frozen=True, slots=True)
class _Opened:
    message: Any
    enrolment: Any
    person: Any
    now: datetime


def lesson_page(rt: Runtime, token: str) -> LessonPage:
    """What GET shows. Raises BadLink; "expired" also when the lesson or the person is gone."""
    with rt.transaction() as tx:
        opened = _open(rt, tx, token)
        course = rt.library.courses[opened.enrolment.course]
        lesson = course.lesson(opened.message.step)
        if lesson is None or opened.person.sealed is None:
            raise BadLink("expired")
        zone = opened.person.zone
        told = rt.sealer.open("people", opened.person.id, opened.person.sealed)
        page = rt.library.lesson_page(course.slug, lesson.slug, told.get("main_pain") or "not-sure")
        values = _values(rt, opened, told, token)
        done = opened.enrolment.done
        planned = [
            m for m in messages.planned_for(tx, opened.person.id, opened.enrolment.id) if m.step not in done
        ]
        following = course.lesson(planned[0].step) if planned else None
        paused = opened.enrolment.paused_until
        return LessonPage(
            course=course.slug,
            course_title=course.title,
            slug=lesson.slug,
            title=page.title,
            html=compile_plan(page.html).fill(escape_values(values)),
            number=course.lessons.index(lesson) + 1,
            total=len(course.lessons),
            state=_state(opened.enrolment, opened.now),
            paused_until=local(paused, zone) if paused is not None and paused > opened.now else None,
            next_slug=following.slug if following else None,
            next_title=following.title if following else None,
            next_at=local(planned[0].due_at, zone) if following else None,
            earlier=_earlier(rt, tx, opened),
            unsubscribe_token=rt.links.token("unsubscribe", opened.message.id),
            texts_token=page_token(rt, opened.person.id, opened.now),
            texted=consents.granted(tx, opened.person.id, "sms", "education"),
            preferences_url=values["preferences_url"],
        )


def _values(rt: Runtime, opened: _Opened, told: dict[str, Any], token: str) -> dict[str, str]:
    return {
        "given_name": told.get("given_name") or NAMELESS,
        "lesson_url": f"{rt.settings.public_url}/lessons/{token}",
        "unsubscribe_url": rt.links.url("unsubscribe", opened.message.id),
        "preferences_url": preferences_url_beside(rt, opened.message, opened.person.links_since, opened.now),
    }


def _earlier(rt: Runtime, tx: Connection, opened: _Opened) -> list[tuple[int, str, str]]:
    course = rt.library.courses[opened.enrolment.course]
    found = []
    # A lesson's email and its text open the same page.
    seen = {opened.message.step}
    for row in messages.sent_steps(tx, merges.all_of(tx, opened.person.id), opened.enrolment.id):
        lesson = course.lesson(row.step)
        if lesson is not None and row.step not in seen:
            seen.add(row.step)
            number = course.lessons.index(lesson) + 1
            found.append((number, lesson.title, rt.links.token("lesson", row.id)))
    return found


def _state(enrolment: Any, now: datetime) -> State:
    if enrolment.state == "active":
        return "paused" if enrolment.paused_until is not None and enrolment.paused_until > now else "active"
    return "completed" if enrolment.state == "completed" else "stopped"


def pause(rt: Runtime, token: str, days: int) -> None:
    """Pauses the course for 7, 14 or 28 days. Raises BadLink; ValueError for other figures."""
    if days not in PAUSES:
        raise ValueError("a pause is 7, 14 or 28 days")
    with rt.transaction() as tx:
        opened = _open(rt, tx, token, lock=True)
        if opened.enrolment.state == "active" and _state(opened.enrolment, opened.now) != "paused":
            until = opened.now + timedelta(days=days)
            courses.pause(rt, tx, opened.enrolment, opened.person.zone, until, opened.now)


def resume(rt: Runtime, token: str) -> None:
    """Ends a pause. Raises BadLink."""
    with rt.transaction() as tx:
        opened = _open(rt, tx, token, lock=True)
        if opened.enrolment.state == "active":
            courses.resume(rt, tx, opened.enrolment, opened.person.zone, opened.now)


def next_now(rt: Runtime, token: str, expected: str) -> bool:
    """Sends the next lesson now if it still is ``expected`` (a slug), so that two clicks send one.

    A pause ends with it. Raises BadLink.
    """
    with rt.transaction() as tx:
        opened = _open(rt, tx, token, lock=True)
        if opened.enrolment.state != "active":
            return False
        courses.resume(rt, tx, opened.enrolment, opened.person.zone, opened.now)
        key = dedup_key(opened.enrolment.id, expected)
        later = opened.now + timedelta(days=USEFUL_DAYS)
        return messages.move_planned(tx, key, opened.now, later, anytime=True)


def _open(rt: Runtime, tx: Connection, token: str, lock: bool = False) -> _Opened:
    now = rt.now(tx)
    message = messages.one(tx, rt.links.read("lesson", token, now))
    if message is None or message.cause != "enrolment" or message.person_id is None:
        raise BadLink("expired")
    enrolment = enrolments.one(tx, UUID(str(message.cause_id)))
    # Whose course it is now: the message's person may have been merged into another.
    whose = enrolment.person_id if enrolment is not None else None
    if lock and whose is not None:
        whose = merges.lock_kept(tx, whose)
        enrolment = enrolments.one(tx, UUID(str(message.cause_id)))
    person = people.one(tx, whose) if whose is not None else None
    if person is None or enrolment is None or enrolment.course not in rt.library.courses:
        raise BadLink("expired")
    return _Opened(message, enrolment, person, now)
