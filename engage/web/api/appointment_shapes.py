"""What requests and answers about visits hold."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from engage.domain.appointments import Reply, Status
from engage.services.visit_records import Outcome
from engage.web.api.paging import Listed, Page
from engage.web.api.shapes import API, ExternalId, Instant, Source, Words
from engage.web.api.visit_times import Timed

New = Literal["booked", "pending", "proposed", "waitlist"]


class NotPlanned(BaseModel):
    """A message about the visit that does not go out, and why."""

    rule: str = Field(description="The reminder’s name in the clinic’s policy.")
    channel: str
    reason: str
    why: str


class Appointment(BaseModel):
    """One visit."""

    id: UUID
    person_id: UUID
    starts_at: datetime = Field(description="With the offset of its zone.")
    ends_at: datetime
    zone: str
    minutes: int
    location: str
    status: Status = Field(description="As HL7 FHIR names it.")
    status_words: str
    version: int = Field(description="One more whenever time, place or whether it takes place changes.")
    source: str
    external_id: str | None
    practitioner: str = Field(description="For staff: it stands in no message.")
    note: str = Field(description="For staff: it stands in no message.")
    reply: Reply | None = Field(description="What the person answered about this version.")
    replied_at: datetime | None
    not_planned: list[NotPlanned]


class PutAppointment(Appointment):
    """One visit, and what the request has changed."""

    outcome: Outcome = Field(description="unchanged: it was so already, and nothing was written.")


class Appointments(Listed[Appointment]):
    """Visits, the earliest first."""


class Told(Timed):
    """What both ways of entering a visit have in common."""

    person_id: UUID | None = Field(default=None, description="Whose visit it is.")
    person_external_id: ExternalId | None = Field(
        default=None, description="Instead of person_id: what the same booking system calls the person."
    )
    practitioner: Annotated[Words, Field(max_length=100)] = Field(
        default="", description="For staff: it stands in no message."
    )
    note: Annotated[Words, Field(max_length=1000)] = Field(
        default="", description="For staff: it stands in no message."
    )


class NewAppointment(Told):
    """A visit to be."""

    status: New = "booked"
    source: Source = API
    external_id: ExternalId | None = None
    example: ClassVar[dict[str, Any]] = {
        "person_id": "01939a4e-0000-7000-8000-000000000001",
        "starts_at": "2026-12-01T14:30",
        "minutes": 60,
        "location": "Larkspur Lane",
    }


class AppointmentAsItIs(Told):
    """A visit as its booking system has it. What is left out is not so: it is emptied."""

    status: Status = "booked"
    example: ClassVar[dict[str, Any]] = {**NewAppointment.example, "status": "booked"}


class Move(Timed):
    """Another time or place. What is left out stays."""

    example: ClassVar[dict[str, Any]] = {"starts_at": "2026-12-02T09:00"}


class AppointmentQuery(Page):
    """Which visits."""

    from_: Instant | None = Field(
        default=None, alias="from", description="Only those that start from then on (RFC 3339)."
    )
    to: Instant | None = Field(default=None, description="Only those that start before then.")
    status: Status | None = Field(default=None, description="Only those with this status.")
    person: UUID | None = Field(default=None, description="Only this person’s, by id.")
