"""Email through SendGrid's v3 API: one request carries one text to many people.

SendGrid merges by itself, so the shared text travels once. Each person is a personalization of their own,
since the addresses of one are visible to each other.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import orjson

from engage.content.merge import Marked, mark_up
from engage.delivery.provider import (
    CALENDAR_NAME,
    Batch,
    Calendar,
    CannotSay,
    Doubt,
    Entry,
    Lookup,
    Outcome,
    OutcomeState,
    Shared,
    health_of,
    mark_of,
)
from engage.delivery.sendgrid_codes import OF_THE_ACCOUNT, SHARED_FIELDS, STATUSES
from engage.delivery.transport import (
    NOT_BEGUN,
    Answer,
    Builder,
    NoAnswer,
    NotSent,
    Reply,
    Request,
    Transport,
)
from engage.domain.breaker import FAILURES
from engage.domain.failures import Failure
from engage.domain.messages import Channel

# Nothing is counted, rewritten or added; List-Unsubscribe headers are our own.
_UNTRACKED: Final = {
    name: {"enable": False}
    for name in ("click_tracking", "open_tracking", "subscription_tracking", "ganalytics")
}
# What one erasure may hold; the second leaves room for what is around the addresses.
MOST_ERASED: Final = 5000
LARGEST_ERASE: Final = 255_000
_PLACE: Final = re.compile(r"personalizations(?:\.(\d+)|\[(\d+)\])(.*)")
_OF_THE_ADDRESS: Final = re.compile(r"\.(?:to|email)\b")


class SendGridSender:
    """Sends as ``Sender`` says. ``api_url`` is its origin, without a trailing slash."""

    name = "sendgrid"
    channel: Channel = "email"
    max_batch = 1000
    parallel = 4
    wave = 250

    def __init__(self, transport: Transport, api_key: str, api_url: str) -> None:
        self._transport = transport
        self._url = f"{api_url}/v3/mail/send"
        self._erase_url = f"{api_url}/v3/recipients/erasejob"
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        """One request for each batch."""
        texts: dict[int, Common] = {}
        builders: list[Builder] = [partial(self._request, batch, texts) for batch in batches]

        def well(number: int, answer: Answer) -> bool:
            return health_of(_outcomes(batches[number], answer)) == "worked"

        answers = self._transport.exchange(builders, until, self.parallel, FAILURES, well)
        return [_outcomes(batch, answer) for batch, answer in zip(batches, answers, strict=True)]

    def lookup(self, doubt: Doubt) -> Lookup:
        """SendGrid can't be asked; its events tell, by our mark."""
        return CannotSay()

    def erase(self, addresses: Sequence[str], until: float) -> set[str]:
        """Asks SendGrid to erase what it keeps about these addresses; returns those that it took on. One that it
        refuses does not keep the others. ``until`` is ``time.monotonic()`` seconds."""
        taken: set[str] = set()
        waiting = [list(part) for part in erase_parts(addresses)]
        while waiting and time.monotonic() < until:
            part = waiting.pop()
            body = orjson.dumps({"email_addresses": part})
            build: Builder = partial(Request, "POST", self._erase_url, self._headers, body)
            (answer,) = self._transport.exchange([build], until, 1)
            if (
                isinstance(answer, Reply)
                and 200 <= answer.status < 300
                and b'"job_id"' in (answer.body or b"")
            ):
                taken |= set(part)
            elif isinstance(answer, Reply) and answer.status in (400, 413) and len(part) > 1:
                waiting += [part[: len(part) // 2], part[len(part) // 2 :]]
        return taken

    def _request(self, batch: Batch, texts: dict[int, Common]) -> Request:
        # By identity: ``batches`` holds them while this lasts, and to compare two texts would cost more.
        shared = texts.get(id(batch.shared))
        if shared is None:
            shared = texts[id(batch.shared)] = common(batch.shared, secrets.token_hex(8))
        return Request("POST", self._url, self._headers, payload(batch, shared))


def erase_parts(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    """Parts that one request may carry: at most 5,000 addresses and 256 KB."""
    start = size = 0
    for place, address in enumerate(addresses):
        more = len(orjson.dumps(address)) + 1
        if place - start == MOST_ERASED or size + more > LARGEST_ERASE:
            yield addresses[start:place]
            start, size = place, 0
        size += more
    if start < len(addresses):
        yield addresses[start:]


@dataclass(frozen=True, slots=True)
class Common:
    """What all requests of one text share: the text with its marks, already in JSON, and whence it comes."""

    marked: Marked
    content: list[dict[str, str]]
    fields: Mapping[str, Any]


def common(shared: Shared, random_mark: str) -> Common:
    """``random_mark`` as ``mark_up`` takes it, drawn after all values of the requests were made."""
    marked = mark_up(shared.subject, shared.html, shared.text, random_mark)
    parts = [("text/plain", marked.text), ("text/html", marked.html)]
    content = [{"type": kind, "value": value} for kind, value in parts if value]
    sender = {"email": shared.sender_address}
    if shared.sender_name:
        sender["name"] = shared.sender_name
    fields: dict[str, Any] = {
        "from": sender,
        "subject": marked.subject,
        "content": orjson.Fragment(orjson.dumps(content)),
        "tracking_settings": _UNTRACKED,
    }
    if shared.reply_to:
        fields["reply_to"] = {"email": shared.reply_to}
    if shared.headers:
        fields["headers"] = dict(shared.headers)
    return Common(marked, content, fields)


def payload(batch: Batch, shared: Common) -> bytes:
    """The request's body. Raises MissingValue when an entry lacks a value of the text, and ValueError when one with
    a calendar is not alone."""
    mail = dict(shared.fields)
    mail["personalizations"] = [
        _personalization(entry, mark_of(batch.attempt_id, place), shared.marked.substitutions(entry.values))
        for place, entry in enumerate(batch.entries)
    ]
    for calendar in (entry.calendar for entry in batch.entries if entry.calendar is not None):
        if len(batch.entries) > 1:
            raise ValueError("what is attached would reach all of a request")
        mail["content"] = list(shared.content)
        _with_calendar(mail, calendar)
    return orjson.dumps(mail)


def _with_calendar(mail: dict[str, Any], calendar: Calendar) -> None:
    """Twice: as a third form of the letter, which mail programs show as an invitation, and as a file to open.

    Of a type's parameters SendGrid takes ``method`` alone (sendgrid-ruby #298, django-anymail #150). The charset is its
    own affair: UTF-8 for content, but not for attached text, so that the file is of no text type.
    """
    method = calendar.method
    mail["content"].append({"type": f"text/calendar; method={method}", "value": calendar.content.decode()})
    mail["attachments"] = [
        {
            "content": base64.b64encode(calendar.content).decode("ascii"),
            "type": "application/ics",
            "filename": CALENDAR_NAME,
            "disposition": "attachment",
        }
    ]


def _personalization(entry: Entry, mark: str, substitutions: dict[str, str]) -> dict[str, Any]:
    person: dict[str, Any] = {"to": [{"email": entry.to}], "custom_args": {"mid": mark}}
    if substitutions:
        person["substitutions"] = substitutions
    if entry.headers:
        person["headers"] = dict(entry.headers)
    return person


def _outcomes(batch: Batch, answer: Answer) -> list[Outcome]:
    match answer:
        case NotSent(why):
            return _failed(batch, "not_begun" if why == NOT_BEGUN else "not_processed", why)
        case NoAnswer(why):
            return _all(batch, "unknown", code=why)
        case Reply(202 | 200, headers, body) if answer.status == 202 or body == b"":
            # 200 is what sandbox mode answers, with no body; any other 200, or one that broke off, is not from SendGrid.
            return _all(batch, "accepted", provider_id=headers.get("x-message-id"))
        case Reply(400, _, body):
            return _refused(batch, body)
        case Reply(413):
            return _smaller(batch, "413")
        case Reply(status) if status in STATUSES:
            meaning = STATUSES[status]
            if meaning == "ambiguous":
                return _all(batch, "unknown", code=str(status))
            return _failed(batch, meaning, str(status))
        case Reply(status) if 300 <= status < 400:
            return _failed(batch, "channel_down", str(status))
        case Reply(status) if 400 <= status < 500:
            return _failed(batch, "unknown_code", str(status))
    return _all(batch, "unknown", code=str(answer.status))


def _refused(batch: Batch, body: bytes | None) -> list[Outcome]:
    """Fails those that a 400 names; the others were not processed either."""
    fields = _fields(body)
    refused: dict[int, Failure] = {}
    for name in fields:
        found = _PLACE.match(name)
        place = int(found[1] or found[2]) if found else len(batch.entries)
        if found and place < len(batch.entries):
            refused[place] = "bad_address" if _OF_THE_ADDRESS.match(found[3]) else "invalid"
    if not refused:
        named = {re.split(r"[.\[]", name)[0] for name in fields}
        if named & OF_THE_ACCOUNT:
            return _failed(batch, "channel_down", "400")
        if named and named <= SHARED_FIELDS:
            return _failed(batch, "invalid", "400")
        return _smaller(batch, "400")
    return [
        Outcome(entry.message_id, "failed", code="400", failure=refused[place])
        if place in refused
        else Outcome(entry.message_id, "resend", code="400")
        for place, entry in enumerate(batch.entries)
    ]


def _fields(body: bytes | None) -> list[str]:
    """The fields that an error names; none when it can't be read, or names none for any of its errors."""
    try:
        told = orjson.loads(body or b"")
        errors = told["errors"]
        fields = [error["field"] for error in errors]
    except (ValueError, TypeError, KeyError):
        return []
    return fields if all(isinstance(name, str) for name in fields) else []


def _smaller(batch: Batch, code: str) -> list[Outcome]:
    if len(batch.entries) == 1:
        return _failed(batch, "invalid", code)
    return _all(batch, "resend", code=code)


def _failed(batch: Batch, failure: Failure, code: str) -> list[Outcome]:
    return [Outcome(entry.message_id, "failed", code=code, failure=failure) for entry in batch.entries]


def _all(
    batch: Batch, state: OutcomeState, provider_id: str | None = None, code: str | None = None
) -> list[Outcome]:
    return [Outcome(entry.message_id, state, provider_id, code) for entry in batch.entries]
