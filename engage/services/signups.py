"""Signing up for a course: the form, the confirmation mail, the confirmation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.abuse import Asked
from engage.domain.courses import MAIN_PAINS
from engage.domain.forms import InvalidInput
from engage.domain.messages import SIGNUP_CONFIRM
from engage.domain.people import BadName, clean_email, clean_name, normal_email
from engage.domain.timing import local, zone_names
from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import forms
from engage.services.courses import dedup_key, enrol
from engage.services.numbers import page_token
from engage.services.signup_people import person_at
from engage.storage import (
    consents,
    consultations,
    enrolments,
    form_counts,
    messages,
    patients,
    people,
    signups,
    suppressions,
)
from engage.storage.database import lock_value
from engage.storage.messages import Plan

NOT_ME_DAYS = 30


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the confirmation page shows."""

    state: Literal["open", "confirmed", "refused"]
    course: str
    course_title: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What happens next. ``first_lesson_at`` is aware, in the person's zone; None when it has left."""

    course: str
    course_title: str
    zone: str
    first_lesson_at: datetime | None
    lesson_token: str | None
    texts_token: str
    texted: bool


def consent_wording(rt: Runtime, course: str) -> str:
    """The sentence beside the unticked box, kept word for word with the consent."""
    return (
        f"Yes, please email me the course “{rt.library.courses[course].title}” from {rt.clinic.name}. "
        "I can stop at any time with the link in every email."
    )


def accept(rt: Runtime, course: str, form: Mapping[str, str], ip: str) -> str:
    """Keeps a sign-up as ONE sealed row and looks nothing up. Returns the token for the page after it.

    Raises InvalidInput naming each field, TooMany.
    """
    typed = _check(form)
    counted = forms.counted(rt, form, ip)
    id = new_id()
    token = rt.links.token("check-inbox", id)
    if form.get("website"):
        return token  # Only a program fills in the field that people can't see.
    wording = consent_wording(rt, course)
    sealed = rt.sealer.seal("signups", id, {**typed, "wording": wording, "ip": ip})
    index = rt.sealer.index("email", normal_email(typed["email"]))
    kept = rt.once(lambda tx: signups.add(tx, id, course, index, sealed, rt.now(tx), counted))
    if not kept:
        raise forms.too_many()
    return token


def _check(form: Mapping[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    typed = {
        "given_name": "",
        "email": "",
        "main_pain": form.get("main_pain", ""),
        "zone": form.get("zone", ""),
    }
    try:
        typed["given_name"] = clean_name(form.get("given_name", ""))
        if not typed["given_name"]:
            errors["given_name"] = "Please tell us your first name."
    except BadName as error:
        errors["given_name"] = str(error)
    try:
        typed["email"] = clean_email(form.get("email", ""))
    except ValueError:
        errors["email"] = "Please give an email address such as name@example.org."
    if typed["main_pain"] not in MAIN_PAINS and typed["main_pain"]:
        errors["main_pain"] = "Please choose one from the list, or leave it open."
    if typed["zone"] not in zone_names():
        errors["zone"] = "Please choose your time zone from the list."
    if form.get("consent") != "yes":
        errors["consent"] = "Please tick the box if you want the course by email."
    if errors:
        raise InvalidInput(errors)
    return typed


def answer_new(rt: Runtime, limit: int = 500) -> int:
    """Looks at new sign-ups: plans the confirmation, or leaves it when the address has had enough.

    Returns how many; 0 too when somebody else is at it.
    """
    with rt.transaction() as tx:
        if not form_counts.weigh_alone(tx):
            return 0
        rows = signups.lock_new(tx, limit)
        if not rows:
            return 0
        now = rt.now(tx)
        verdicts = forms.weigh(rt, tx, [Asked(bytes(row.address_index), row.resend) for row in rows], now)
        states = [(row.id, verdict) for row, verdict in zip(rows, verdicts, strict=True)]
        signups.decide_many(tx, states, now)
        messages.plan(tx, [_confirmation(id, now, rt) for id, state in states if state == "sent"], now)
        return len(rows)


def _confirmation(signup: UUID, now: datetime, rt: Runtime) -> Plan:
    return Plan(
        id=new_id(),
        kind=SIGNUP_CONFIRM,
        cause="signup",
        cause_id=signup,
        dedup_key=f"signup/{signup}/confirm",
        due_at=now,
        not_after=now + timedelta(days=rt.clinic.signup.confirm_link_days),
    )


def confirmation(rt: Runtime, token: str) -> Confirmation:
    """What GET shows. Raises BadLink."""
    with rt.transaction() as tx:
        row = _of_token(rt, tx, token)
        return Confirmation(_state(row), row.course, _title(rt, row.course))


def confirm(rt: Runtime, token: str) -> Confirmed:
    """Creates person, consent and enrolment; the second time it finds them. Raises BadLink.

    A sign-up that was refused stays refused: BadLink("expired").
    """
    with rt.transaction() as tx:
        row = signups.lock(tx, _of_token(rt, tx, token).id)
        if row is None or row.state == "refused" or row.course not in rt.library.courses:
            raise BadLink("expired")
        now = rt.now(tx)
        if row.state != "confirmed":
            _create(rt, tx, row, now)
            row = signups.one(tx, row.id)
        return _confirmed(rt, tx, row)


def _create(rt: Runtime, tx: Connection, row: Any, now: datetime) -> None:
    typed = rt.sealer.open("signups", row.id, row.sealed)
    index = bytes(row.address_index)
    patients.lock_beside(tx)
    lock_value(tx, index)
    person, contact = person_at(rt, tx, index, typed, now)
    message = messages.by_key(tx, f"signup/{row.id}/confirm")
    _grant(rt, tx, person, typed, message.id if message is not None else None, now)
    suppressions.lift(tx, "email", index, "education", ["unsubscribed"], "the address's owner", now)
    enrolment = enrol(rt, tx, person, contact, rt.library.courses[row.course], typed["zone"], now)
    consultations.link_unlinked(tx, index, person)
    signups.end(tx, row.id, "confirmed", now, person, enrolment)


def _grant(
    rt: Runtime, tx: Connection, person: UUID, typed: Mapping[str, str], message: UUID | None, now: datetime
) -> None:
    wording = typed["wording"]
    digest = sha256(wording.encode()).digest()
    consents.keep_wording(tx, digest, wording, now)
    id = new_id()
    consents.enter(
        tx,
        person,
        "email",
        "education",
        "granted",
        actor="person",
        source="course page, confirmed by email",
        now=now,
        wording=digest,
        message=message,
        id=id,
        sealed=rt.sealer.seal("consents", id, {"ip": typed["ip"]}),
    )


def _confirmed(rt: Runtime, tx: Connection, row: Any) -> Confirmed:
    enrolment = enrolments.one(tx, row.enrolment_id)
    person = people.one(tx, row.person_id)
    assert enrolment is not None and person is not None
    planned = messages.planned_for(tx, row.person_id, row.enrolment_id)
    course = rt.library.courses[row.course]
    first = messages.by_key(tx, dedup_key(row.enrolment_id, course.lessons[0].slug))
    return Confirmed(
        course=course.slug,
        course_title=course.title,
        zone=person.zone,
        first_lesson_at=local(planned[0].due_at, person.zone) if planned and not enrolment.done else None,
        lesson_token=rt.links.token("lesson", first.id) if first is not None else None,
        texts_token=page_token(rt, row.person_id, rt.now(tx)),
        texted=consents.granted(tx, row.person_id, "sms", "education"),
    )


def refuse(rt: Runtime, token: str) -> None:
    """ "That was not me": what was typed goes, and the address gets no confirmation for 30 days.

    Confirmed sign-ups stay: their mails have their own way out. Raises BadLink.
    """
    with rt.transaction() as tx:
        now = rt.now(tx)
        row = signups.lock(tx, rt.links.read("not-me", token, now))
        if row is None:
            raise BadLink("expired")
        if row.state not in ("confirmed", "refused"):
            signups.end(tx, row.id, "refused", now)
            until = now + timedelta(days=NOT_ME_DAYS)
            index = bytes(row.address_index)
            suppressions.add(tx, "email", index, SIGNUP_CONFIRM.purpose, "not_me", now, expires=until)


def refusal(rt: Runtime, token: str) -> Confirmation:
    """What GET of the not-me page shows. Raises BadLink."""
    with rt.transaction() as tx:
        row = signups.one(tx, rt.links.read("not-me", token, rt.now(tx)))
        if row is None:
            raise BadLink("expired")
        return Confirmation(_state(row), row.course, _title(rt, row.course))


def forget_unconfirmed(rt: Runtime) -> int:
    """Lets go of sign-ups that nobody confirmed in the time that the clinic set."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        before = now - timedelta(days=rt.clinic.signup.unconfirmed_kept_days)
        return signups.forget_unconfirmed(tx, before, now)


def _of_token(rt: Runtime, tx: Connection, token: str) -> Any:
    row = signups.one(tx, rt.links.read("confirm", token, rt.now(tx)))
    if row is None:
        raise BadLink("expired")
    return row


def _state(row: Any) -> Literal["open", "confirmed", "refused"]:
    return row.state if row.state in ("confirmed", "refused") else "open"


def _title(rt: Runtime, course: str) -> str:
    found = rt.library.courses.get(course)
    return found.title if found is not None else ""
