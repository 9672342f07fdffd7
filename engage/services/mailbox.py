"""What the local senders took, as a person would have received it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.content.merge import compile_plan, escape_values
from engage.content.sms import Segments, segments
from engage.runtime import Runtime
from engage.storage import contents, mailbox

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Mail:
    """One message, its text merged. ``sent_at`` is aware UTC; ``segments`` only for SMS; ``calendar`` is the file that
    came with it, or empty."""

    id: UUID
    attempt_id: UUID
    message_id: UUID
    channel: str
    to: str
    from_: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    kind: str
    sent_at: datetime
    segments: Segments | None
    calendar: str = ""


def everything(rt: Runtime) -> list[Mail]:
    """All of it, newest last."""
    with rt.transaction() as tx:
        return list(_walk(rt, tx))[::-1]


def search(rt: Runtime, words: str, limit: int = 100) -> list[Mail]:
    """Newest first: what has every word in its address, subject or text."""
    wanted = words.casefold().split()
    found: list[Mail] = []
    with rt.transaction() as tx:
        for mail in _walk(rt, tx):
            hay = " ".join((mail.to, mail.subject, mail.text, mail.kind)).casefold()
            if all(word in hay for word in wanted):
                found.append(mail)
                if len(found) >= limit:
                    break
    return found


def one(rt: Runtime, id: UUID) -> Mail | None:
    """One message, None when there is no such id."""
    with rt.transaction() as tx:
        row = mailbox.one(tx, id)
        return _mail(rt, tx, row, {}) if row is not None else None


def _walk(rt: Runtime, tx: Connection) -> Iterator[Mail]:
    """Newest first, in pages. The texts are shared, so they are read once each."""
    texts: dict[UUID, Any] = {}
    before = None
    while rows := mailbox.newest(tx, _PAGE, before):
        for row in rows:
            yield _mail(rt, tx, row, texts)
        before = rows[-1].place


def _mail(rt: Runtime, tx: Connection, row: Any, texts: dict[UUID, Any]) -> Mail:
    if row.content_id not in texts:
        content = contents.one(tx, row.content_id)
        assert content is not None
        texts[row.content_id] = tuple(compile_plan(t) for t in (content.subject, content.html, content.body))
    subject, html, body = texts[row.content_id]
    told = rt.sealer.open("mailbox", row.id, row.sealed)
    values = told["values"]
    text = body.fill(values)
    email = row.channel == "email"
    headers = {"From": _named(told), "Reply-To": told["reply_to"], **told["headers"]} if email else {}
    return Mail(
        id=row.id,
        attempt_id=row.attempt_id,
        message_id=row.message_id,
        channel=row.channel,
        to=told["to"],
        from_=told["from"],
        subject=subject.fill(values) if email else "",
        text=text,
        html=html.fill(escape_values(values)) if email else "",
        headers=headers,
        kind=row.kind,
        sent_at=row.sent_at,
        segments=None if email else segments(text),
        calendar=told.get("calendar", ""),
    )


def _named(told: dict[str, Any]) -> str:
    return f"{told['from_name']} <{told['from']}>" if told["from_name"] else str(told["from"])
