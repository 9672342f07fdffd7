"""What each person would have received, worked out from the raw requests that the vendors took. The only judge in chaos. Pure."""

from __future__ import annotations

import base64
import email
import email.policy
import gc
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urldefrag, urlsplit

import orjson

from tests.fakes import log
from tests.fakes.sendgrid_rules import refusals
from tests.fakes.twilio_rules import refusal

Channel = Literal["email", "sms"]


class Received(NamedTuple):
    """One message as it lay in a person's inbox or telephone.

    ``mark`` is our own opaque id as the vendor knows it: SendGrid's ``mid``, the last part of Twilio's status address,
    a mail's X-Engage-Id or Message-ID. Texts are put together when asked for: a ledger may hold a million.
    """

    channel: Channel
    vendor: str
    to: str
    mark: str
    accepted_at: float
    provider_id: str
    mode: str | None
    shared: Any
    own: Any

    @property
    def subject(self) -> str:
        match self.vendor:
            case "sendgrid":
                return self._merged(self.own.get("subject", self.shared.get("subject", "")))
            case "smtp":
                return str(self._mail()["Subject"] or "")
        return ""

    @property
    def text(self) -> str:
        match self.vendor:
            case "sendgrid":
                return self._merged(self._part("text/plain"))
            case "smtp":
                part = self._mail().get_body(("plain",))
                return str(part.get_content()) if part else ""
        return str(self.shared.get("Body", ""))

    @property
    def html(self) -> str:
        match self.vendor:
            case "sendgrid":
                return self._merged(self._part("text/html"))
            case "smtp":
                part = self._mail().get_body(("html",))
                return str(part.get_content()) if part else ""
        return ""

    @property
    def headers(self) -> Mapping[str, str]:
        """The message's own headers. SendGrid merges no values into them."""
        match self.vendor:
            case "sendgrid":
                sender = self.shared["from"]
                name = f"{sender['name']} <{sender['email']}>" if sender.get("name") else sender["email"]
                return {**self.shared.get("headers", {}), **self.own.get("headers", {}), "From": name}
            case "smtp":
                return {name: str(value) for name, value in self._mail().items()}
        return {}

    @property
    def invitation(self) -> tuple[str, str]:
        """What a mail program would show as an invitation: the method that it is told, and the calendar. Empty when
        there is none."""
        match self.vendor:
            case "sendgrid":
                for part in self.shared.get("content", ()):
                    kind, _, method = part["type"].partition("; method=")
                    if kind == "text/calendar":
                        return method, self._merged(part["value"])
            case "smtp":
                for found in self._mail().walk():
                    if found.get_content_type() == "text/calendar":
                        return str(found.get_param("method")), str(found.get_content())
        return "", ""

    @property
    def attached(self) -> dict[str, tuple[str, bytes]]:
        """Files that can be saved: name to type and bytes."""
        match self.vendor:
            case "sendgrid":
                files = self.shared.get("attachments", ())
                return {one["filename"]: (one["type"], base64.b64decode(one["content"])) for one in files}
            case "smtp":
                return {
                    str(one.get_filename()): (one.get_content_type(), one.get_content())
                    for one in self._mail().iter_attachments()
                }
        return {}

    def _part(self, kind: str) -> str:
        return next((part["value"] for part in self.shared.get("content", ()) if part["type"] == kind), "")

    def _merged(self, text: str) -> str:
        tags = self.own.get("substitutions")
        if not tags or not text:
            return text
        # One pass, longest first: a value that looks like another's tag stays as it is.
        pattern = "|".join(re.escape(tag) for tag in sorted(tags, key=len, reverse=True))
        return re.sub(pattern, lambda match: str(tags[match[0]]), text)

    def _mail(self) -> email.message.EmailMessage:
        return email.message_from_bytes(self.shared, policy=email.policy.default)


def read(path: Path) -> list[Received]:
    """All that the vendors took, in the order in which they took it; ``path`` is the log or its directory."""
    file = path / log.FILE if path.is_dir() else path
    # A million small objects, none of them garbage: looking for some costs three times the reading.
    was_on = gc.isenabled()
    gc.disable()
    try:
        return [received for record in log.records(file) if record.accepted for received in of(record)]
    finally:
        if was_on:
            gc.enable()


def of(record: log.Record) -> Iterator[Received]:
    """The messages of one request that was taken."""
    same = (record.at, record.provider_id, record.mode)
    match record.vendor:
        case "sendgrid":
            mail = orjson.loads(record.body)
            for person in mail["personalizations"]:
                custom = {**mail.get("custom_args", {}), **person.get("custom_args", {})}
                for kind in ("to", "cc", "bcc"):
                    for one in person.get(kind, ()):
                        address = one["email"].lower()
                        yield Received(
                            "email", "sendgrid", address, custom.get("mid", ""), *same, mail, person
                        )
        case "twilio":
            form = dict(parse_qsl(record.body.decode(), keep_blank_values=True))
            path = urlsplit(urldefrag(form.get("StatusCallback", "")).url).path
            yield Received("sms", "twilio", form.get("To", ""), path.rpartition("/")[2], *same, form, {})
        case "smtp":
            heads = email.message_from_bytes(record.body.partition(b"\r\n\r\n")[0])
            mark = heads.get("X-Engage-Id") or heads.get("Message-ID") or ""
            for address in record.about["to"]:
                yield Received("email", "smtp", address.lower(), mark.strip(), *same, record.body, {})


def wrong(path: Path, service: str) -> list[str]:
    """What a strict vendor would have refused of that which a lenient one took (benchmarks). Ids and reasons."""
    found = []
    for record in log.records(path / log.FILE if path.is_dir() else path):
        if not record.accepted:
            continue
        if record.vendor == "sendgrid":
            found += [
                f"{record.provider_id}: {e['field']}: {e['message']}" for e in refusals(_json(record.body))
            ]
        elif record.vendor == "twilio":
            form = dict(parse_qsl(record.body.decode(), keep_blank_values=True))
            if why := refusal(form, service):
                found.append(f"{record.provider_id}: {why.code}")
    return found


def by_person(ledger: Iterable[Received]) -> dict[str, list[Received]]:
    """Per address or number, in order."""
    people: defaultdict[str, list[Received]] = defaultdict(list)
    for one in ledger:
        people[one.to].append(one)
    return dict(people)


def by_mark(ledger: Iterable[Received]) -> Counter[str]:
    """How often each of our own ids was taken: more than once is one attempt sent twice."""
    return Counter(one.mark for one in ledger)


def by_content(ledger: Iterable[Received]) -> Counter[tuple[str, str, str]]:
    """How often each person got the same words on the same channel: channel, to, subject or text."""
    return Counter((one.channel, one.to, one.subject or one.text) for one in ledger)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None
