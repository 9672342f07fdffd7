"""``/people``: finding people, telling of them, one person, and a person's timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from engage.domain.matching import FORGOTTEN
from engage.domain.mobile import BadNumber, mobile
from engage.domain.patients import SKIPPED
from engage.domain.people import clean_email, normal_email
from engage.services import person_records as service
from engage.services.patients import Matched, PersonIn, match_or_create
from engage.services.person_records import Erased, PersonRecord
from engage.web.api.people_shapes import (
    LeftOut,
    NotAgreed,
    People,
    Person,
    PersonAsTold,
    PersonQuery,
    PersonTimeline,
    PutPerson,
    TimelineEntry,
    ToldPerson,
)
from engage.web.api.problems import Place, Refusal
from engage.web.api.routes import Answer, Call, Routes
from engage.web.api.shapes import ExternalId, Source, in_address

routes = Routes()
T = TypeVar("T")


@routes.declare(
    "GET",
    "/people",
    "people:read",
    "Find people by an address, a number or a booking system’s id",
    {200: People},
    query=PersonQuery,
)
def find_people(call: Call, query: PersonQuery) -> Answer:
    """Everybody whose address or number it is: a family may share one. Erased people are not found."""
    given = [name for name in ("email", "mobile", "external_id") if getattr(query, name) is not None]
    if len(given) != 1:
        raise Refusal("invalid", places=[Place("email", "Give exactly one of: email, mobile, external_id.")])
    if query.external_id is not None:
        found = service.find_external(call.rt, call.tx, call.actor, query.source, query.external_id)
    elif query.email is not None:
        found = service.find(call.rt, call.tx, call.actor, "email", _email(query.email))
    else:
        found = service.find(call.rt, call.tx, call.actor, "sms", _mobile(call, query.mobile or ""))
    return Answer(People(data=[person_of(one) for one in found], next_cursor=None))


@routes.declare(
    "POST",
    "/people",
    "people:write",
    "Tell of a person",
    {200: PutPerson, 201: PutPerson},
    body=ToldPerson,
    problems=["gone"],
)
def create_person(call: Call, body: ToldPerson) -> Answer:
    """Finds the person again, by the booking system’s id or by a confirmed address or number together with the first
    name, or makes them. Addresses are added where there is none that works and never replaced: staff are asked about
    others. A consent counts only with the place where it is on file, and never against an opt-out."""
    return _tell(call, body, body.source, body.external_id)


@routes.declare(
    "PUT",
    "/people/by-external-id/<source>/<path:external_id>",
    "people:write",
    "Tell of a person by a booking system’s id",
    {200: PutPerson, 201: PutPerson},
    body=PersonAsTold,
    problems=["gone", "changed"],
)
def put_person(call: Call, source: str, external_id: str, body: PersonAsTold) -> Answer:
    """As telling of a person without it, under the id that the booking system has for them. Sending the same again
    changes nothing and says so: outcome is unchanged."""
    source = in_address("source", Source, source)
    external_id = in_address("external_id", ExternalId, external_id)
    if call.if_match is not None:
        known = service.who(call.rt, call.tx, source, external_id)
        seen = service.one(call.rt, call.tx, call.actor, known) if known is not None else None
        if seen is None or not call.if_match(person_of(seen)):
            raise Refusal("changed")
    return _tell(call, body, source, external_id)


@routes.declare(
    "GET",
    "/people/<uuid:id>",
    "people:read",
    "Get one person",
    {200: Person},
    problems=["gone"],
)
def get_person(call: Call, id: UUID) -> Answer:
    """Who somebody is, where they can be reached, and what they agreed to. Where staff made two records one, the id of
    either brings the one that is left."""
    return Answer(person_of(_known(lambda: service.one(call.rt, call.tx, call.actor, id))))


@routes.declare(
    "GET",
    "/people/<uuid:id>/timeline",
    "messages:read",
    "A person’s messages, past and to come",
    {200: PersonTimeline},
    problems=["gone"],
)
def get_timeline(call: Call, id: UUID) -> Answer:
    """What went, what waits and what would go, each with why or why not: the same line that staff see."""
    who, found = _known(lambda: service.timeline_of(call.rt, call.tx, call.actor, id))
    coming, past = (
        [TimelineEntry.model_validate(one, from_attributes=True) for one in part]
        for part in (found.coming, found.past)
    )
    return Answer(PersonTimeline(person_id=who, coming=coming, past=past, more=found.more))


def _tell(call: Call, body: PersonAsTold, source: str, external_id: str | None) -> Answer:
    told = PersonIn(
        source=source,
        given_name=body.given_name,
        external_id=external_id,
        family_name=body.family_name,
        email=body.email,
        mobile=body.mobile,
        zone=body.zone,
        consent=tuple(body.consent),
        consent_source=body.consent_source,
        consent_at=body.consent_at,
        check_ins=body.check_ins,
    )
    (matched,) = match_or_create(call.rt, call.tx, call.actor, [told], call.rt.now(call.tx))
    if matched.person_id is None:
        raise _refused(matched)
    seen = person_of(service.now_is(call.rt, call.tx, matched.person_id))
    new = matched.how == "new"
    outcome = "created" if new else "changed" if matched.changed else "unchanged"
    extra: dict[str, Any] = {
        "outcome": outcome,
        "found_by": None if new else matched.how,
        "staff_asked": matched.doubt,
        "left_out": [LeftOut(field=one.field, detail=one.sentence) for one in matched.problems],
        "not_agreed": [
            NotAgreed(channel=channel, reason=reason, why=SKIPPED[reason])
            for channel, reason in sorted(matched.skipped.items())
        ],
    }
    where = {"Location": f"/api/v1/people/{seen.id}"} if new else {}
    return Answer(PutPerson(**seen.model_dump(), **extra), 201 if new else 200, where, seen, seen.id)


def _refused(matched: Matched) -> Refusal:
    if FORGOTTEN in matched.problems:
        return Refusal("gone", FORGOTTEN.sentence)
    wrong = [one for one in matched.problems if one.refuses]
    return Refusal("invalid", places=[Place(f"#/{one.field}", one.sentence) for one in wrong])


def _known(look: Callable[[], T | None]) -> T:
    try:
        found = look()
    except Erased:
        raise Refusal("gone") from None
    if found is None:
        raise Refusal("not-found", "There is no person with this id.")
    return found


def _email(typed: str) -> str:
    try:
        return normal_email(clean_email(typed))
    except ValueError:
        raise Refusal("invalid", places=[Place("email", "That is no email address.")]) from None


def _mobile(call: Call, typed: str) -> str:
    try:
        return mobile(typed, call.rt.clinic.sms.countries, otherwise="")
    except BadNumber as error:
        raise Refusal("invalid", places=[Place("mobile", str(error))]) from None


def person_of(found: PersonRecord) -> Person:
    """A person's record as it is answered."""
    return Person.model_validate(found, from_attributes=True)
