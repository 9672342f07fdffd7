"""Messages for staff: the list, and one message with its exact text and all that happened to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.content.merge import compile_plan, escape_values
from engage.content.sms import Segments, segments
from engage.domain.message_filter import Filter, Place
from engage.domain.message_words import REASONS, STATUS_WORDS
from engage.domain.timing import instant, local
from engage.runtime import Runtime
from engage.services import messages as explaining
from engage.services.audit import Actor, note
from engage.services.person_page import name_of
from engage.services.story_order import Line
from engage.services.texts import list_headers
from engage.services.timeline import what_words
from engage.services.visit_files import as_sent
from engage.storage import (
    consents,
    consultations,
    contents,
    enrolments,
    follow_ups,
    message_lists,
    messages,
    signups,
)

PAGE = 25
_HELD = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One message in a list. ``at`` is aware, in the clinic's zone: sent, ended or due, whichever came last."""

    id: UUID
    what: str
    channel: str
    status: str
    status_words: str
    why: str
    at: datetime
    at_word: str
    person_id: UUID | None
    given_name: str
    to_clinic: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page. ``held`` wait for a person and are given on the first page only; ``after`` opens the next."""

    held: list[Listed]
    messages: list[Listed]
    after: str


@dataclass(frozen=True, slots=True)
class Text:
    """The exact text as sent, merged. ``html`` is the mail's whole document; ``headers`` those kept with it;
    ``calendar`` the file that went with it, or empty."""

    to: str
    subject: str
    html: str
    plain: str
    headers: dict[str, str]
    segments: Segments | None
    calendar: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened, in words. ``there`` is the same moment in the person's zone."""

    at: datetime
    there: datetime | None
    real: bool
    words: str


@dataclass(frozen=True, slots=True)
class Consent:
    """The ledger entry that the message relied on. ``at`` is aware, in the clinic's zone."""

    at: datetime
    purpose: str
    channel: str
    source: str
    wording: str


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the message's page shows. ``text`` is None until the message has been written."""

    id: UUID
    what: str
    channel: str
    purpose: str
    status: str
    status_words: str
    why: str
    person_id: UUID | None
    given_name: str
    zone: str | None
    due_at: datetime
    lines: list[Happened]
    attempts: int
    consent: Consent | None
    text: Text | None


def listing(rt: Runtime, actor: Actor, wanted: Filter, after: str) -> Listing:
    """A page of messages, latest due first. Raises ValueError when ``after`` is no place."""
    place = _place(after)
    with rt.transaction() as tx:
        rows = message_lists.page(tx, wanted, place, PAGE + 1)
        first = place is None and wanted == Filter()
        held = message_lists.waiting(tx, _HELD) if first else []
        names = name_of(rt, tx, {row.person_id for row in (*rows, *held) if row.person_id is not None})
        note(tx, rt, actor, "view", "message list")
        for id in names:
            note(tx, rt, actor, "view", "person in a list", id, id)
        more = rows[PAGE - 1] if len(rows) > PAGE else None
        return Listing(
            held=[_listed(rt, row, names) for row in held],
            messages=[_listed(rt, row, names) for row in rows[:PAGE]],
            after=f"{more.due_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{more.id.hex}" if more else "",
        )


def days(rt: Runtime, since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """Two dates (``2026-11-24``, the last one included) as instants of the clinic's zone. Raises ValueError."""
    first = date.fromisoformat(since) if since else None
    last = date.fromisoformat(until) if until else None
    if any(day is not None and not 1970 <= day.year <= 9000 for day in (first, last)):
        raise ValueError("a date outside of what can be")
    last = last + timedelta(days=1) if last is not None else None
    start, end = (instant(day, time(), rt.clinic.zone) if day else None for day in (first, last))
    return start, end


def see(rt: Runtime, actor: Actor, id: UUID) -> Seen | None:
    """One message and all that is known about it, None when there is no such id."""
    explained = explaining.explain(rt, id)
    if explained is None:
        return None
    with rt.transaction() as tx:
        row = messages.one(tx, id)
        assert row is not None
        person = _person_of(tx, row)
        note(tx, rt, actor, "view", "message", id, person)
        entry = consents.one(tx, row.consent_id) if row.consent_id is not None else None
        return Seen(
            id=id,
            what=what_words(rt, row.kind, row.step, _course(tx, row)),
            channel=row.channel,
            purpose=row.purpose,
            status=row.status,
            status_words=explained.status_words,
            why=REASONS.get(row.reason, row.reason) if row.reason else "",
            person_id=person,
            given_name=name_of(rt, tx, {person}).get(person, "") if person else "",
            zone=explained.zone,
            due_at=local(row.due_at, rt.clinic.zone),
            lines=[_happened(rt, line, explained.zone) for line in explained.lines],
            attempts=len(explained.attempts),
            consent=_consent(rt, entry),
            text=text_as_sent(rt, tx, row),
        )


def html(rt: Runtime, actor: Actor, id: UUID) -> str | None:
    """The HTML as sent, None when there is none."""
    with rt.transaction() as tx:
        row = messages.one(tx, id)
        text = text_as_sent(rt, tx, row) if row is not None else None
        if row is None or text is None or not text.html:
            return None
        note(tx, rt, actor, "view", "message text", id, _person_of(tx, row))
        return text.html


def release(rt: Runtime, actor: Actor, id: UUID) -> bool | None:
    """Lets a held message go on at once. False when it was not held, None when there is none."""
    return _change(rt, actor, id, messages.release)


def arrived(rt: Runtime, actor: Actor, id: UUID) -> bool | None:
    """A person has seen that a held message arrived: it does not leave again, and nobody is asked about it any more. False
    when it was not held or never tried, None when there is none."""

    def settle(tx: Connection, id: UUID, now: datetime) -> bool:
        changed = messages.arrived(tx, id, now)
        if changed:
            follow_ups.settle(tx, id, "done", now)
        return changed

    return _change(rt, actor, id, settle)


def _change(
    rt: Runtime, actor: Actor, id: UUID, act: Callable[[Connection, UUID, datetime], bool]
) -> bool | None:
    with rt.transaction() as tx:
        row = messages.one(tx, id)
        if row is None:
            return None
        changed = act(tx, id, rt.now(tx))
        if changed:
            note(tx, rt, actor, "change", "message", id, _person_of(tx, row))
        return changed


def _person_of(tx: Connection, row: Any) -> UUID | None:
    """Whom it is about: an answer to a form has no person of its own, but its form may have one by now."""
    found: UUID | None = row.person_id
    if found is None and row.cause in ("signup", "consultation"):
        form = (signups if row.cause == "signup" else consultations).one(tx, row.cause_id)
        found = form.person_id if form is not None else None
    return found


def _listed(rt: Runtime, row: Any, names: dict[UUID, str]) -> Listed:
    at, word = row.due_at, "due"
    if row.sent_at is not None:
        at, word = row.sent_at, "sent"
    elif row.ended_at is not None:
        at, word = row.ended_at, "ended"
    return Listed(
        id=row.id,
        what=what_words(rt, row.kind, row.step, row.course),
        channel=row.channel,
        status=row.status,
        status_words=STATUS_WORDS.get(row.status, row.status),
        why=REASONS.get(row.reason, row.reason) if row.reason else "",
        at=local(at, rt.clinic.zone),
        at_word=word,
        person_id=row.person_id,
        given_name=names.get(row.person_id, ""),
        to_clinic=row.cause in ("alert", "staff"),
    )


def _course(tx: Connection, row: Any) -> str | None:
    enrolment = enrolments.one(tx, row.cause_id) if row.cause == "enrolment" else None
    return enrolment.course if enrolment is not None else None


def _consent(rt: Runtime, entry: Any | None) -> Consent | None:
    if entry is None:
        return None
    return Consent(
        local(entry.at, rt.clinic.zone), entry.purpose, entry.channel, entry.source, entry.wording or ""
    )


def _happened(rt: Runtime, line: Line, zone: str | None) -> Happened:
    there = local(line.at, zone) if zone and zone != rt.clinic.zone and line.clock != "real" else None
    return Happened(local(line.at, rt.clinic.zone), there, line.clock == "real", line.words)


def text_as_sent(rt: Runtime, tx: Connection, row: Any) -> Text | None:
    """What was written for this message when it was claimed; None before, and when it was let go."""
    content = contents.one(tx, row.content_id) if row.content_id is not None else None
    if content is None or row.sealed is None:
        return None
    told = rt.sealer.open("messages", row.id, row.sealed)
    values = told.get("values", {})
    subject, document, plain = (compile_plan(t) for t in (content.subject, content.html, content.body))
    email, merged = row.channel == "email", plain.fill(values)
    return Text(
        to=told["to"],
        subject=subject.fill(values) if email else "",
        html=document.fill(escape_values(values)) if email else "",
        plain=merged,
        headers=list_headers(told.get("values", {}), rt.clinic.sender.unsubscribe_mailto),
        segments=None if email else segments(merged),
        calendar=as_sent(rt, told) if email else "",
    )


def _place(after: str) -> Place | None:
    if not after:
        return None
    moment, _, id = after.partition("-")
    return Place(datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), UUID(hex=id))
