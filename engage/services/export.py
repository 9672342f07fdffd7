"""A copy of everything that is kept about one person, for the person: as JSON, and as a page to read and print."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection

from engage.domain import outcomes
from engage.domain.consultations import EVENTS, OUTCOMES, REACH, STATES, TIMES
from engage.domain.courses import MAIN_PAINS
from engage.domain.follow_ups import KINDS as FOLLOW_UPS
from engage.domain.message_words import REASONS, STATUS_WORDS
from engage.domain.messages import KINDS
from engage.domain.people import normal_email
from engage.runtime import Runtime
from engage.services import tags
from engage.services.audit import Actor, note
from engage.services.courses import NoSuchPerson
from engage.services.opening import opened
from engage.services.staff_messages import text_as_sent
from engage.storage import about, appointments, authorizations, check_ins, merges, people, person_page
from engage.storage.about import About
from engage.storage.sealed import SealError

SEEN = {"view": "looked at", "change": "changed", "export": "copied", "erase": "erased"}


def of_person(rt: Runtime, person_id: UUID, actor: Actor) -> dict[str, Any]:
    """All that is kept about a person, ready for JSON: times in ISO 8601 (UTC), None where there is nothing.

    Keys: ``exported_at``, ``clinic``, ``person``, ``contacts``, ``consents``, ``suppressions``, ``courses``,
    ``sign_ups``, ``consultation_requests``, ``visits``, ``messages``, ``number_requests``, ``received_mails``, ``received_texts``,
    ``check_ins``, ``tags``, ``authorizations``, ``follow_ups``, ``opened_by_staff``, ``booking_ids``, ``merged``; each but the first three a list, oldest first.
    ``merged`` holds the same of each record that was found to be this person's. Writes a row of the audit trail.
    Raises NoSuchPerson.
    Source: GDPR article 15; 45 CFR 164.524.
    """
    with rt.transaction() as tx:
        kept, *merged = merges.all_of(tx, merges.kept(tx, person_id))
        told = _record(rt, tx, kept)
        others = [_record(rt, tx, one) for one in merged]
        for one in (kept, *merged):
            note(tx, rt, actor, "export", "person", one, one)
        return {"exported_at": _iso(rt.now(tx)), "clinic": _clinic(rt), **told, "merged": others}


def _record(rt: Runtime, tx: Connection, person_id: UUID) -> dict[str, Any]:
    row = about.person(tx, person_id)
    if row is None:
        raise NoSuchPerson(str(person_id))
    told = about.about(tx, person_id)
    contacts = _contacts(rt, tx, person_id)
    return {
        "person": _person(rt, row, check_ins.wish(tx, person_id)),
        "contacts": [{key: value for key, value in one.items() if key != "index"} for one in contacts],
        "consents": [_consent(rt, entry) for entry in about.ledger(tx, person_id)],
        "suppressions": _suppressions(tx, contacts),
        "courses": [_course(rt, one) for one in reversed(person_page.courses(tx, person_id))],
        "sign_ups": [_signup(rt, one) for one in about.signups(tx, told.signups)],
        "consultation_requests": _requests(rt, tx, told),
        "visits": [_visit(rt, one) for one in reversed(appointments.of_person(tx, person_id))],
        "messages": [_message(rt, tx, one) for one in about.messages(tx, told.messages)],
        "number_requests": [_number(rt, one) for one in about.numbers(tx, person_id)],
        "received_mails": _mails(rt, tx, told),
        "received_texts": [_text(rt, one) for one in about.inbound(tx, told.inbound)],
        "check_ins": _check_ins(rt, tx, person_id),
        "tags": [tag.name for tag in tags.of_people(rt, tx, [person_id])],
        "authorizations": [
            _authorization(rt, one) for one in reversed(authorizations.ledger(tx, [person_id]))
        ],
        "follow_ups": [_follow_up(rt, one) for one in about.follow_ups(tx, told)],
        "booking_ids": [_key(rt, one) for one in about.keys(tx, person_id)],
        # What was opened until now: not this copy itself.
        "opened_by_staff": [
            {"on": one.day.isoformat(), "what": f"{SEEN.get(one.action, one.action)}: {one.what}"}
            for one in about.opened(tx, person_id)
        ],
    }


def page(rt: Runtime, told: Mapping[str, Any]) -> str:
    """What ``of_person`` gave, as one HTML document that needs no other file and prints well."""
    environment = _environment(rt.settings.templates_dir)
    return environment.get_template("export.html").render(told=told)


@lru_cache(maxsize=4)
def _environment(templates: Path) -> Environment:
    loader = FileSystemLoader(templates / "web" / "public")
    found = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    found.trim_blocks = found.lstrip_blocks = True
    found.filters["when"] = _when
    return found


def _when(text: str | None) -> str:
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%B %Y}, {moment:%H:%M} UTC"


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment is not None else None


def _clinic(rt: Runtime) -> dict[str, str]:
    clinic = rt.clinic
    return {
        "name": clinic.name,
        "email": clinic.email,
        "telephone": clinic.telephone,
        "postal_address": clinic.postal_address,
    }


def _person(rt: Runtime, row: Any, asked: Any | None) -> dict[str, Any]:
    told = opened(rt, "people", row.id, row.sealed)
    pain = told.get("main_pain", "")
    return {
        "id": str(row.id),
        **told,
        "main_pain": pain,
        "main_pain_words": MAIN_PAINS.get(pain, ""),
        "given_name": told.get("given_name", ""),
        "time_zone": row.zone,
        "state": row.state,
        "since": _iso(row.created_at),
        "changed_at": _iso(row.updated_at),
        "paused_until": _iso(row.paused_until),
        "fewer_messages": row.fewer,
        "check_ins": {
            "agreed": asked.agreed,
            "by": asked.channel,
            "since": _iso(asked.at),
            "source": asked.source,
        }
        if asked is not None
        else None,
        "contact_hours": list(row.contact_hours),
    }


def _contacts(rt: Runtime, tx: Connection, person: UUID) -> list[dict[str, Any]]:
    return [
        {
            "channel": row.channel,
            "address": opened(rt, "contacts", row.id, row.sealed).get("address", ""),
            "state": row.state,
            "since": _iso(row.created_at),
            "index": bytes(row.address_index),
        }
        for row in people.contacts_of(tx, person)
    ]


def _consent(rt: Runtime, row: Any) -> dict[str, Any]:
    return {
        "at": _iso(row.at),
        "channel": row.channel,
        "purpose": row.purpose,
        "action": row.action,
        "by": row.actor,
        "source": row.source,
        "wording": row.wording or "",
        **opened(rt, "consents", row.id, row.sealed),
    }


def _suppressions(tx: Connection, contacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Whoever asked for a stranger's address must not read here what the stranger refused.
    addresses = {one["index"]: one["address"] for one in contacts if one["state"] in ("confirmed", "bad")}
    return [
        {
            "address": addresses[bytes(row.address_index)],
            "channel": row.channel,
            "scope": row.scope,
            "reason": row.reason,
            "since": _iso(row.created_at),
            "until": _iso(row.expires_at),
            "lifted_at": _iso(row.lifted_at),
        }
        for row in reversed(person_page.suppressions(tx, list(addresses)))
    ]


def _course(rt: Runtime, row: Any) -> dict[str, Any]:
    course = rt.library.courses.get(row.course)
    return {
        "course": row.course,
        "title": course.title if course is not None else row.course,
        "state": row.state,
        "lessons": list(row.done),
        "started_at": _iso(row.started_at),
        "paused_until": _iso(row.paused_until),
        "ended_at": _iso(row.ended_at),
    }


def _signup(rt: Runtime, row: Any) -> dict[str, Any]:
    return {
        "at": _iso(row.created_at),
        "course": row.course,
        "state": row.state,
        "answered_at": _iso(row.answered_at),
        "ended_at": _iso(row.ended_at),
        **opened(rt, "signups", row.id, row.sealed),
    }


def _requests(rt: Runtime, tx: Connection, told: About) -> list[dict[str, Any]]:
    events: dict[UUID, list[dict[str, Any]]] = {}
    for row in about.consultation_events(tx, told.consultations):
        one = {"at": _iso(row.at), "what": EVENTS.get(row.what, row.what)}
        one |= {"note": str(opened(rt, "consultation_events", row.id, row.sealed).get("note", ""))}
        events.setdefault(row.consultation_id, []).append(one)
    return [
        _request(rt, row) | {"events": events.get(row.id, [])}
        for row in about.consultations(tx, told.consultations)
    ]


def _request(rt: Runtime, row: Any) -> dict[str, Any]:
    typed = opened(rt, "consultations", row.id, row.sealed)
    return {
        "at": _iso(row.created_at),
        "state": STATES.get(row.state, row.state),
        "outcome": OUTCOMES.get(row.outcome, row.outcome) if row.outcome else None,
        "answer_due_at": _iso(row.due_at),
        "acknowledged_at": _iso(row.answered_at),
        "closed_at": _iso(row.closed_at),
        **typed,
        "reach_words": REACH.get(typed.get("reach", ""), ""),
        "times_words": [TIMES.get(key, key) for key in typed.get("times", [])],
    }


def _message(rt: Runtime, tx: Connection, row: Any) -> dict[str, Any]:
    kind = KINDS.get(row.kind)
    try:
        text = text_as_sent(rt, tx, row)
    except SealError:
        text = None
    return {
        "id": str(row.id),
        "kind": row.kind,
        "what": kind.words if kind is not None else row.kind,
        "lesson": row.step or None,
        "channel": row.channel,
        "purpose": row.purpose,
        "status": row.status,
        "status_words": STATUS_WORDS.get(row.status, row.status),
        "reason": REASONS.get(row.reason, row.reason) if row.reason else None,
        "due_at": _iso(row.due_at),
        "sent_at": _iso(row.sent_at),
        "ended_at": _iso(row.ended_at),
        "to": text.to if text else None,
        "subject": text.subject if text else None,
        "text": text.plain if text else None,
        "html": text.html if text else None,
        "headers": text.headers if text else None,
        "calendar": (text.calendar or None) if text else None,
    }


def _number(rt: Runtime, row: Any) -> dict[str, Any]:
    return {
        "at": _iso(row.created_at),
        "state": row.state,
        "ended_at": _iso(row.ended_at),
        **opened(rt, "numbers", row.id, row.sealed),
    }


def _visit(rt: Runtime, row: Any) -> dict[str, Any]:
    return {
        "starts_at": _iso(row.starts_at),
        "zone": row.zone,
        "minutes": row.minutes,
        "location": row.location,
        "status": row.status,
        "answer": row.reply,
        "answered_at": _iso(row.replied_at),
        "entered_by": row.source,
        **opened(rt, "appointments", row.id, row.sealed),
    }


def _key(rt: Runtime, row: Any) -> dict[str, Any]:
    return {
        "since": _iso(row.created_at),
        "system": row.source,
        **opened(rt, "person_keys", row.id, row.sealed),
    }


def _mails(rt: Runtime, tx: Connection, told: About) -> list[dict[str, Any]]:
    """Mails that came from an address of theirs, by what they say of themselves."""
    found = []
    for row in about.mails(tx):
        mail = opened(rt, "inbound_mails", row.id, row.sealed)
        sender = parseaddr(str(mail.get("from", "")))[1]
        if sender and rt.sealer.index("email", normal_email(sender)) in told.emails:
            found.append({"at": _iso(row.received_at), **mail})
    return found


def _text(rt: Runtime, row: Any) -> dict[str, Any]:
    return {"at": _iso(row.received_at), **opened(rt, "inbound", row.id, row.sealed)}


def _check_ins(rt: Runtime, tx: Connection, person: UUID) -> list[dict[str, Any]]:
    first = check_ins.first_visit(tx, merges.all_of(tx, person))
    return [_check_in(rt, row, first) for row in about.check_ins(tx, person)]


def _check_in(rt: Runtime, row: Any, first_visit: datetime | None) -> dict[str, Any]:
    told = opened(rt, "check_ins", row.id, row.sealed)
    given = outcomes.kept(told)
    return {
        "question": outcomes.ASKS_WORDS[row.kind],
        "occasion": outcomes.occasion(row.slug, row.answered_at, first_visit),
        "by": row.channel,
        "due_at": _iso(row.due_at),
        "asked_at": _iso(row.sent_at),
        "answered_at": _iso(row.answered_at),
        "score": given.score if given is not None else None,
        "feeling": outcomes.FEELINGS[given.feeling] if given is not None and given.feeling else None,
        "words": given.words if given is not None else "",
    }


def _authorization(rt: Runtime, row: Any) -> dict[str, Any]:
    return {
        "at": _iso(row.at),
        "action": row.action,
        "source": row.source,
        "by": row.actor,
        "until": _iso(row.expires_at),
        **opened(rt, "authorizations", row.id, row.sealed),
    }


def _follow_up(rt: Runtime, row: Any) -> dict[str, Any]:
    return {
        "at": _iso(row.created_at),
        "what": FOLLOW_UPS.get(row.kind, row.kind),
        "state": row.state,
        "outcome": row.outcome,
        "due_at": _iso(row.due_at),
        "done_at": _iso(row.done_at),
        "note": str(opened(rt, "follow_ups", row.id, row.sealed).get("note", "")),
    }
