"""What requests and answers about people hold."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from engage.domain.messages import Channel, Purpose
from engage.web.api.paging import Listed
from engage.web.api.shapes import API, Body, ExternalId, Instant, Query, Source, Words

_FROM = ConfigDict(from_attributes=True)
Name = Annotated[Words, Field(max_length=100)]


class Contact(BaseModel):
    """An address or a number of a person."""

    model_config = _FROM

    channel: Channel
    address: str = Field(description="The email address, or the number in E.164 form.")
    state: Literal["confirmed", "bad", "quarantined"] = Field(
        description="bad: nothing arrives there. quarantined: it may be somebody else’s."
    )
    care_only: bool = Field(
        description="A booking system told of it: only messages about visits go there until its owner confirms it."
    )


class KnownAs(BaseModel):
    """How a booking system calls a person."""

    model_config = _FROM

    source: str
    external_id: str


class Agreement(BaseModel):
    """What a person said about messages of one purpose on one channel."""

    model_config = _FROM

    channel: Channel
    purpose: Purpose
    granted: bool
    since: datetime


class Person(BaseModel):
    """One person."""

    model_config = _FROM

    id: UUID
    given_name: str = Field(description="May be empty: a subscriber need not give one.")
    family_name: str
    zone: str = Field(description="The time zone by whose clocks messages come: an IANA name.")
    check_ins: bool | None = Field(
        description="Whether they agreed to be asked how they are; null when nobody asked."
    )
    external_ids: list[KnownAs]
    contacts: list[Contact]
    agreements: list[Agreement] = Field(
        description="What the person agreed to or took back; about the rest nothing was said."
    )
    created_at: datetime
    updated_at: datetime


class LeftOut(BaseModel):
    """A field that could not be used, so that it was left out."""

    field: str
    detail: str


class NotAgreed(BaseModel):
    """A consent that was told and is not entered, and why."""

    channel: Channel
    reason: str
    why: str


class PutPerson(Person):
    """One person, and what the request has changed."""

    outcome: Literal["created", "changed", "unchanged"] = Field(
        description="unchanged: all of it was known already, and nothing was written."
    )
    found_by: Literal["external_id", "email", "mobile"] | None = Field(
        description="How they were found; null for somebody new."
    )
    staff_asked: bool = Field(description="Staff are asked who is who, or which address is right.")
    left_out: list[LeftOut]
    not_agreed: list[NotAgreed]


class People(Listed[Person]):
    """People, oldest first."""


class PersonQuery(Query):
    """Whom to look for: exactly one of email, mobile and external_id."""

    email: str | None = Field(default=None, max_length=254, description="The whole address.")
    mobile: str | None = Field(
        default=None, max_length=40, description="The whole number, with + and the country code or without."
    )
    external_id: ExternalId | None = None
    source: Source = API


class PersonAsTold(Body):
    """A person as a booking system tells of them."""

    given_name: Name = Field(description="The first name, by which letters greet.")
    family_name: Name | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    mobile: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="A number that can’t get texts is left out, and said so."
    )
    zone: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="An IANA name; the clinic’s, if left out."
    )
    consent: list[Channel] = Field(
        default=[],
        max_length=2,
        description="By which ways they agreed to messages about their visits.",
    )
    consent_source: Annotated[Words, Field(max_length=80)] = Field(
        default="", description="Where that is on file, such as “intake form”."
    )
    consent_at: Instant | None = Field(
        default=None, description="Since when they agree; counts after they once took it back."
    )
    check_ins: bool = Field(default=False, description="They agreed to be asked how they are.")
    example: ClassVar[dict[str, Any]] = {
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email": "ada@example.org",
        "mobile": "+15185550123",
        "consent": ["email", "sms"],
        "consent_source": "intake form",
    }


class ToldPerson(PersonAsTold):
    """A person as told, with or without a booking system’s id."""

    source: Source = API
    external_id: ExternalId | None = None


class TimelineEntry(BaseModel):
    """One message of a person, past or to come."""

    model_config = _FROM

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
