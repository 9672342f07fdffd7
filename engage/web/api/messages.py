"""``/messages``: what went out, what waits, and why. Ids and words only: no text, no name, no address."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from engage.domain.message_filter import Filter
from engage.domain.message_filter import Place as End
from engage.domain.messages import Channel, Purpose, Status
from engage.services import message_records as service
from engage.web.api import paging
from engage.web.api.paging import Listed, Page
from engage.web.api.problems import Refusal
from engage.web.api.routes import Answer, Call, Routes
from engage.web.api.shapes import Instant

routes = Routes()


class Message(BaseModel):
    """One message, planned or past."""

    id: UUID
    kind: str = Field(description="Which message it is, by its name here: course-lesson, number-confirm, ...")
    step: str = Field(description="Which lesson, or which rule of a visit; empty where there is but one.")
    what: str = Field(description="The same in words.")
    channel: Channel
    purpose: Purpose
    status: Status
    status_words: str
    reason: str | None = Field(description="Why it is so, as a name that stays the same; null for none.")
    why: str = Field(description="The reason in words, or nothing.")
    due_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    person_id: UUID | None = Field(description="Whom it is for; null for messages to the clinic.")


class Happened(BaseModel):
    """One thing that happened to a message, or will."""

    at: datetime
    clock: Literal["clinic", "real"] = Field(
        description="Which clock showed it: they differ in development only."
    )
    words: str


class Relied(BaseModel):
    """The entry of the consent ledger that a message relied on."""

    id: UUID
    channel: Channel
    purpose: Purpose
    action: str
    source: str
    at: datetime


class ExplainedMessage(Message):
    """One message with all that is known about it."""

    verdict: str = Field(description="What became of it, in one sentence.")
    consent_needed: Purpose | None = Field(
        description="What its person must have agreed to; null for answers to what somebody asked for."
    )
    consent: Relied | None
    attempts: int = Field(description="How often it was handed to a sender.")
    story: list[Happened]


class Messages(Listed[Message]):
    """Messages, latest due first."""


class MessageQuery(Page):
    """Which messages."""

    status: Status | None = Field(default=None, description="Only those with this status.")
    person: UUID | None = Field(default=None, description="Only this person’s, by id.")
    since: Instant | None = Field(default=None, description="Only those that were or are due from then on.")
    until: Instant | None = Field(default=None, description="Only those due before then.")


@routes.declare(
    "GET",
    "/messages",
    "messages:read",
    "List messages",
    {200: Messages},
    query=MessageQuery,
)
def list_messages(call: Call, query: MessageQuery) -> Answer:
    """What went out and what waits, latest due first. Filters narrow it down; next_cursor opens the next page."""
    wanted = Filter(query.status or "", since=query.since, until=query.until, person=query.person)
    rows = service.page(call.rt, call.tx, call.actor, wanted, paging.after(call.rt, query), query.limit + 1)
    shown = rows[: query.limit]
    more = len(rows) > query.limit
    end = paging.cursor(call.rt, query, End(shown[-1].due_at, shown[-1].id)) if more else None
    page = Messages(data=[Message(**_fields(row)) for row in shown], next_cursor=end)
    return Answer(page, headers=paging.link(query, end))


@routes.declare(
    "GET",
    "/messages/<uuid:id>",
    "messages:read",
    "Explain one message",
    {200: ExplainedMessage},
)
def get_message(call: Call, id: UUID) -> Answer:
    """What became of it and why, line by line: its plan, every attempt, every receipt, and the consent it relied on."""
    found = service.explained(call.rt, call.tx, call.actor, id)
    if found is None:
        raise Refusal("not-found", "There is no message with this id.")
    record, told = found
    story = [Happened.model_validate(line, from_attributes=True) for line in told.lines]
    return Answer(
        ExplainedMessage.model_validate(
            {
                **_fields(record),
                "verdict": told.words,
                "consent_needed": told.consent_needed,
                "consent": told.consent,
                "attempts": len(told.attempts),
                "story": story,
            }
        )
    )


def _fields(record: service.Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in Message.model_fields}
