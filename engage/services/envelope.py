"""What a whole batch has in common, for sending it and for asking a sender about it later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from engage.delivery.provider import Batch, Doubt, Entry, Shared
from engage.domain.messages import KINDS, LISTED, Channel, Kind
from engage.runtime import Runtime
from engage.services.texts import list_headers
from engage.storage import contents
from engage.storage.pipe import Sent


class Texts(Protocol):
    """The three texts with their merge marks in."""

    @property
    def subject(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def text(self) -> str: ...


def shared_of(rt: Runtime, channel: Channel, kind: Kind, content_id: UUID, texts: Texts) -> Shared:
    """Texts, sender and the headers that all of a batch carry."""
    sender = rt.clinic.sender
    email = channel == "email"
    listed = kind.name in LISTED
    return Shared(
        content_id=content_id,
        subject=texts.subject,
        html=texts.html,
        text=texts.text,
        sender_address=sender.email if email else sender.sms,
        sender_name=sender.email_name if email else "",
        reply_to=rt.clinic.email if email else "",
        headers={"List-Id": f"<letters.{sender.email.partition('@')[2]}>"} if listed else {},
    )


def doubt_of(rt: Runtime, tx: Connection, attempt: Any, rows: Sequence[Sent]) -> Doubt | None:
    """The request of an attempt, put together again from what is kept. None when nothing is left to ask about.

    Raises SealError.
    """
    waiting = [row for row in rows if row.content_id is not None and row.sealed is not None]
    kind = KINDS.get(waiting[0].kind) if waiting else None
    if kind is None or waiting[0].content_id is None:
        return None
    kept = contents.one(tx, waiting[0].content_id)
    if kept is None:
        return None
    shared = shared_of(rt, attempt.channel, kind, kept.id, _Kept(kept.subject, kept.html, kept.body))
    entries = []
    for row in waiting:
        assert row.sealed is not None
        told = rt.sealer.open("messages", row.id, row.sealed)
        values = told.get("values", {})
        headers = list_headers(values, rt.clinic.sender.unsubscribe_mailto)
        entries.append(Entry(row.id, told["to"], values, headers, row.not_after))
    return Doubt(Batch(attempt.id, kind.name, shared, entries), attempt.started_at)


class _Kept:
    def __init__(self, subject: str, html: str, text: str) -> None:
        self.subject, self.html, self.text = subject, html, text
