"""One person's messages, past and to come, in one line: when, what became of each, and why or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import schedule
from engage.domain.deciding import End, Facts, Send, Wait, decide
from engage.domain.message_words import REASONS, STATUS_WORDS
from engage.domain.messages import COURSE_LESSON, KINDS, VISITS, WAITING
from engage.domain.schedule import Due
from engage.domain.timing import local, spoken
from engage.domain.weeks import BadHours
from engage.runtime import Runtime
from engage.services import trial_mode
from engage.services.claim import facts_of
from engage.services.courses import progress_of
from engage.services.lesson_pairs import Lesson, by_text, by_text_alone
from engage.services.trial_mode import Trial
from engage.storage import claim_facts, merges, person_page
from engage.storage.claim_facts import FactsRow
from engage.storage.sealed import SealError

SHOWN = 200
_VISITS = frozenset(kind.name for kind in VISITS)
When = Literal["past", "waiting", "would"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message. ``at`` is aware, in the person's zone. ``message_id`` is None for what is not planned yet.

    ``when`` is "past", "waiting" (a row that has not left) or "would" (shown by the timetable alone).
    ``goes`` is False when, as things stand, it will not leave or did not.
    """

    at: datetime
    when: When
    what: str
    channel: str
    status: str
    status_words: str
    why: str
    goes: bool
    message_id: UUID | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What comes, soonest first; what was, latest first. ``more`` tells that older ones are not shown."""

    coming: list[Entry]
    past: list[Entry]
    more: bool


def timeline(
    rt: Runtime,
    tx: Connection,
    person: UUID,
    zone: str,
    indexes: Sequence[bytes],
    enrolments: Sequence[Any],
    now: datetime,
) -> Timeline:
    """A person's timeline, with what was sent to records that were merged into theirs. ``indexes`` are those of the person's addresses, ``enrolments`` all rows."""
    rows = person_page.messages(tx, merges.all_of(tx, person), indexes, SHOWN + 1)
    known = {row.id: row for row in enrolments}
    waiting = [row for row in rows if row.status in WAITING]
    trial = trial_mode.of_now(rt, tx)
    facts = {
        f.id: told
        for f in claim_facts.fetch(tx, [row.id for row in waiting], now)
        if (told := readable_facts(rt, f, trial))
    }
    coming = [_waiting(rt, row, facts.get(row.id), known, zone, now) for row in waiting]
    for enrolment in enrolments:
        if enrolment.state == "active":
            own = [row for row in waiting if row.cause_id == enrolment.id and row.channel == "email"]
            coming += _would(rt, enrolment, own, facts, zone)
    texted = by_text(rows)
    past = [_past(rt, row, known, zone, texted) for row in rows if row.status not in WAITING]
    coming.sort(key=lambda entry: entry.at)
    past.sort(key=lambda entry: entry.at, reverse=True)
    return Timeline(coming, past[:SHOWN], len(rows) > SHOWN)


def readable_facts(rt: Runtime, row: FactsRow, trial: Trial | None = None) -> Facts | None:
    """None for a row that can't be read: the claim will say so, and the page shows the others."""
    try:
        return facts_of(rt, row, trial=trial)
    except (SealError, BadHours, KeyError):
        return None


def what_words(rt: Runtime, kind: str, step: str, course: str | None) -> str:
    """What a message is, in words: a lesson by its title."""
    found = rt.library.courses.get(course or "")
    lesson = found.lesson(step) if found is not None and step else None
    if lesson is not None:
        return f"Lesson: {lesson.title}"
    words = KINDS[kind].words if kind in KINDS else kind
    # The rule of a reminder has a slug for a name, and the visit's page says it in words.
    return f"{words}: {step}" if step and kind not in _VISITS else words


def _past(rt: Runtime, row: Any, known: dict[UUID, Any], zone: str, texted: set[Lesson]) -> Entry:
    sent = row.status in ("accepted", "delivered")
    why = REASONS.get(row.reason, row.reason) if row.reason else _relied(row) if sent else ""
    return Entry(
        at=local((row.sent_at if sent else row.ended_at) or row.due_at, zone),
        when="past",
        what=_what(rt, row, known),
        channel=row.channel,
        status=row.status,
        status_words=STATUS_WORDS.get(row.status, row.status),
        why=f"{why} {by_text_alone(row, texted)}".rstrip(),
        goes=sent,
        message_id=row.id,
    )


def _waiting(
    rt: Runtime, row: Any, facts: Facts | None, known: dict[UUID, Any], zone: str, now: datetime
) -> Entry:
    goes, why, at = True, REASONS.get(row.reason or "", ""), row.due_at
    if row.status == "planned" and facts is not None:
        goes, why, at = _foreseen(facts, max(now, row.due_at), zone)
    return Entry(
        at=local(at, zone),
        when="waiting",
        what=_what(rt, row, known),
        channel=row.channel,
        status=row.status,
        status_words=STATUS_WORDS.get(row.status, row.status),
        why=why,
        goes=goes,
        message_id=row.id,
    )


def _would(
    rt: Runtime, enrolment: Any, own: Sequence[Any], facts: dict[UUID, Facts], zone: str
) -> list[Entry]:
    """The rest of a course after what is planned, by the rule that will plan it."""
    course = rt.library.courses.get(enrolment.course)
    if course is None:
        return []
    progress = progress_of(enrolment)
    for row in sorted(own, key=lambda m: m.due_at):
        lesson = course.lesson(row.step)
        if lesson is not None:
            progress = schedule.after(progress, lesson, local(row.due_at, zone).date())
    known = facts.get(own[0].id) if own else None
    return [_one_day(due, known, zone) for due in schedule.whole(course, progress, zone)]


def _one_day(due: Due, known: Facts | None, zone: str) -> Entry:
    goes, why, at = True, "By the course’s timetable.", due.due_at
    if known is not None:
        facts = known._replace(lesson=due.lesson.slug, not_after=due.not_after, anytime=False)
        goes, why, at = _foreseen(facts, due.due_at, zone)
    return Entry(
        at=local(at, zone),
        when="would",
        what=f"Lesson: {due.lesson.title}",
        channel=COURSE_LESSON.channel,
        status="would",
        status_words="Would go then" if goes else "Would not go",
        why=why,
        goes=goes,
        message_id=None,
    )


def _foreseen(facts: Facts, at: datetime, zone: str) -> tuple[bool, str, datetime]:
    """Whether it would go at ``at`` as things stand, why, and when: the claim's own rule."""
    match decide(facts, at):
        case Send(consent_id):
            agreed = (
                "The person agreed to it" if consent_id is not None else "It answers what somebody asked for"
            )
            return True, f"{agreed}; nothing speaks against it.", at
        case End(_, reason):
            return False, f"As things stand it will not go. {REASONS.get(reason, reason)}", at
        case Wait(_, "trial_mode"):
            return False, REASONS["trial_mode"], at
        case Wait(_, reason) as wait:
            end = _after_waits(facts, wait)
            if isinstance(end, End):
                return False, f"As things stand it will not go. {REASONS.get(end.reason, end.reason)}", at
            there = spoken(local(end.due_at, zone))
            return True, f"It will wait until {there}. {REASONS.get(reason, reason)}", end.due_at
    raise AssertionError("a decision is one of three")


def _after_waits(facts: Facts, wait: Wait) -> Wait | End:
    """The last of the waits that follow one another, such as a pause and then the night, or how it ends."""
    seen: set[str] = set()
    while wait.reason not in seen:
        seen.add(wait.reason)
        match decide(facts, wait.due_at):
            case Wait() as following:
                wait = following
            case End() as end:
                return end
    return wait


def _relied(row: Any) -> str:
    if row.consent_id is not None:
        return f"The person had agreed to {row.purpose} by {row.channel}."
    return "It answers what somebody asked for, and needs no consent."


def _what(rt: Runtime, row: Any, known: dict[UUID, Any]) -> str:
    enrolment = known.get(row.cause_id)
    return what_words(rt, row.kind, row.step, enrolment.course if enrolment is not None else None)
