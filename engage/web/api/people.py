"""``/people``: finding people, one person, and a person's timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from engage.domain.messages import Channel, Purpose
from engage.domain.mobile import BadNumber, mobile
from engage.domain.people import normal_email
from engage.services import person_records as service
from engage.services.forms import clean_email
from engage.services.person_records import Erased, PersonRecord
from engage.services.timeline import Entry
from engage.web.api.paging import Listed
from engage.web.api.problems import Place, Refusal
from engage.web.api.routes import Answer, Call, Routes
from engage.web.api.shapes import Query

routes = Routes()
T = TypeVar("T")


class Contact(BaseModel):
    """An address or a number of a person."""

    channel: Channel
    address: str = Field(description="The email address, or the number in E.164 form.")
    state: Literal["confirmed", "bad", "quarantined"] = Field(
        description="bad: nothing arrives there. quarantined: it may be somebody else’s."
    )


class Agreement(BaseModel):
    """What a person said about messages of one purpose on one channel."""

    channel: Channel
    purpose: Purpose
    granted: bool
    since: datetime


class Person(BaseModel):
    """One person."""

    id: UUID
    given_name: str = Field(description="May be empty: nobody has to give one.")
    zone: str = Field(description="The time zone by whose clocks messages come: an IANA name.")
    contacts: list[Contact]
    agreements: list[Agreement] = Field(
        description="What the person agreed to or withdrew; nothing else was said."
    )
    created_at: datetime
    updated_at: datetime


class People(Listed[Person]):
    """People, oldest first."""


class PersonQuery(Query):
    """Whom to look for: exactly one of these."""

    email: str | None = Field(default=None, max_length=254, description="The whole address.")
    mobile: str | None = Field(
        default=None, max_length=40, description="The whole number, with + and the country code or without."
    )


class TimelineEntry(BaseModel):
    """One message of a person, past or to come."""

    at: datetime = Field(description="By the person’s clocks: when it went, ended, or is to go.")
    when: Literal["past", "waiting", "would"] = Field(
        description="would: not planned yet, shown by the timetable alone."
    )
    what: str
    channel: Channel
    status: str
    status_words: str
    why: str
    goes: bool = Field(description="False when it did not go or, as things stand, will not.")
    message_id: UUID | None = Field(description="null for what is not planned yet.")


class PersonTimeline(BaseModel):
    """A person’s messages."""

    person_id: UUID
    coming: list[TimelineEntry] = Field(description="Soonest first.")
    past: list[TimelineEntry] = Field(description="Latest first, 200 at most.")
    more: bool = Field(description="Older ones are not shown: list messages with ?person= for them.")


@routes.declare(
    "GET",
    "/people",
    "people:read",
    "Find people by an address or number",
    {200: People},
    query=PersonQuery,
)
def find_people(call: Call, query: PersonQuery) -> Answer:
    """Everybody whose address or number it is: a family may share one. Erased people are not found."""
    given = {name: value for name, value in query.model_dump().items() if value is not None}
    if len(given) != 1:
        raise Refusal("invalid", places=[Place("email", "Give exactly one of: email, mobile.")])
    channel: Channel = "email" if query.email is not None else "sms"
    normal = _email(query.email or "") if channel == "email" else _mobile(call, query.mobile or "")
    found = service.find(call.rt, call.tx, call.actor, channel, normal)
    return Answer(People(data=[_person(one) for one in found], next_cursor=None))


@routes.declare(
    "GET",
    "/people/<uuid:id>",
    "people:read",
    "Get one person",
    {200: Person},
    problems=["not-found", "gone"],
)
def get_person(call: Call, id: UUID) -> Answer:
    """Who somebody is, where they can be reached, and what they agreed to."""
    return Answer(_person(_known(lambda: service.one(call.rt, call.tx, call.actor, id))))


@routes.declare(
    "GET",
    "/people/<uuid:id>/timeline",
    "messages:read",
    "A person’s messages, past and to come",
    {200: PersonTimeline},
    problems=["not-found", "gone"],
)
def get_timeline(call: Call, id: UUID) -> Answer:
    """What went, what waits and what would go, each with why or why not: the same line that staff see."""
    found = _known(lambda: service.timeline_of(call.rt, call.tx, call.actor, id))
    return Answer(
        PersonTimeline(
            person_id=id,
            coming=[_entry(one) for one in found.coming],
            past=[_entry(one) for one in found.past],
            more=found.more,
        )
    )


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
        return mobile(typed, call.rt.clinic.sms.countries)
    except BadNumber as error:
        raise Refusal(
            "invalid", places=[Place("mobile", str(error).split(". ")[0].rstrip(".") + ".")]
        ) from None


def _person(found: PersonRecord) -> Person:
    return Person(
        id=found.id,
        given_name=found.given_name,
        zone=found.zone,
        contacts=[Contact.model_validate(one, from_attributes=True) for one in found.contacts],
        agreements=[Agreement.model_validate(one, from_attributes=True) for one in found.agreements],
        created_at=found.created_at,
        updated_at=found.updated_at,
    )


def _entry(entry: Entry) -> TimelineEntry:
    fields: dict[str, Any] = {name: getattr(entry, name) for name in TimelineEntry.model_fields}
    return TimelineEntry(**fields)
