"""Twilio's Messages as we use them: create, list, read, redact, delete; signed status callbacks and inbound messages."""

from __future__ import annotations

import base64
import os
import re
import time
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from tests.fakes import twilio_callbacks
from tests.fakes.callbacks import Callbacks, Poster
from tests.fakes.http import Request, response
from tests.fakes.log import Log, Record
from tests.fakes.twilio_rules import Refusal, refusal

ROOT = "/2010-04-01/Accounts/"
FATES = {
    "delivered": ("queued", "sent", "delivered"),
    "sent": ("queued", "sent"),
    "undelivered": ("queued", "sent", "undelivered"),
    "failed": ("queued", "failed"),
    "canceled": ("canceled",),
}
STOP = {"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"}
START = {"start", "yes", "unstop"}
# How the ledger names that a message was deleted here.
DELETED = "twilio.delete"
CODES = {401: 20003, 404: 20404, 429: 20429, 500: 20500, 503: 20503}


@dataclass
class Message:
    """One message as the API shows it. ``end`` is its last status, which its callbacks may tell much later."""

    sid: str
    form: Mapping[str, str]
    created: datetime
    end: str
    error_code: int | None
    body: str = field(init=False)

    def __post_init__(self) -> None:
        self.body = self.form.get("Body", "")


class Twilio:
    """One account with one messaging service. ``fates`` names an end by number (``undelivered:30003``), else ``fate``.

    ``list_lag`` seconds pass before a message is in the list at all; for ``queued`` seconds it has no day of sending,
    so that no filter by DateSent finds it.
    """

    name = "twilio"

    def __init__(self, log: Log, poster: Poster, account: str, token: str, service: str) -> None:
        self.log, self.poster, self.account, self.token, self.service = log, poster, account, token, service
        self.authorization = b"Basic " + base64.b64encode(f"{account}:{token}".encode())
        self.path = f"{ROOT}{account}/Messages"
        self.sender = "+15005550006"
        self.messages: dict[str, Message] = {}
        self.by_number: dict[str, list[Message]] = {}
        self.unread: list[tuple[str, float, bytes]] = []
        self.callbacks = Callbacks(self._tell)
        self.settings(
            strict=True, opted_out=[], fate="delivered", fates={}, list_lag=0.0, queued=0.0, step=0.02
        )

    strict: bool
    opted_out: list[str]
    fate: str
    fates: Mapping[str, str]
    list_lag: float
    queued: float
    step: float

    def settings(self, **given: Any) -> None:
        for name, value in given.items():
            if name not in ("strict", "opted_out", "fate", "fates", "list_lag", "queued", "step"):
                raise ValueError(f"Twilio has no setting {name}")
            setattr(self, name, value)
        for fate in (self.fate, *self.fates.values()):
            if fate.partition(":")[0] not in FATES:
                raise ValueError(f"there is no fate {fate!r}")

    def recall(self, records: Iterable[Record]) -> None:
        """Lists again what was taken before a restart."""
        self.forget()
        known = list(records)
        deleted = {r.provider_id for r in known if r.vendor == DELETED}
        self.unread = [
            (r.provider_id, r.at, r.body)
            for r in known
            if r.vendor == self.name and r.accepted and r.provider_id not in deleted
        ]

    def _drop(self, message: Message) -> None:
        del self.messages[message.sid]
        self.by_number[message.form["To"]].remove(message)

    def forget(self) -> None:
        self.messages.clear()
        self.by_number.clear()
        self.unread.clear()

    def route(self, request: Request) -> str | None:
        if request.method == "POST" and request.path == f"{self.path}.json":
            return "twilio"
        if request.method == "DELETE":
            return "twilio.delete"
        return "twilio.list" if request.method == "GET" and request.path.startswith(self.path) else None

    def answer(self, request: Request) -> bytes:
        if request.headers.get(b"authorization") != self.authorization:
            return self._refuse(Refusal(401, 20003), request)
        if request.path == f"{self.path}.json":
            if request.method == "POST":
                return self._create(request)
            return self._list(request)
        match = re.fullmatch(re.escape(self.path) + r"/(SM[0-9a-f]{32})\.json", request.path)
        message = self._all().get(match[1]) if match else None
        if message is None:
            return self._refuse(Refusal(404, 20404), request)
        if request.method == "DELETE":
            if self._day_sent(message) is None:
                return _no(Refusal(409, 20009))
            self._drop(message)
            self.log.write(DELETED, True, 204, message.sid, request.mode)
            return response(204)
        if request.method == "POST":
            form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
            if form.get("Body") == "":
                message.body = ""
        return response(200, orjson.dumps(self._shown(message)))

    def _create(self, request: Request) -> bytes:
        sid = "SM" + os.urandom(16).hex()
        now = time.time()
        if not self.strict and not self.callbacks.plan.on:
            self.unread.append((sid, now, request.body))
            self.log.write(self.name, True, 201, sid, request.mode, request.body)
            return response(201, b'{"sid":"%s","status":"accepted","error_code":null}' % sid.encode())
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        if self.strict and (wrong := refusal(form, self.service, frozenset(self.opted_out))):
            return self._refuse(wrong, request)
        message = self._remember(sid, now, form)
        self.log.write(self.name, True, 201, sid, request.mode, request.body)
        self._foretell(message)
        return response(201, orjson.dumps(self._shown(message, new=True)))

    def failure(self, word: str, figure: float | None) -> bytes:
        """An answer that says no, or nothing sensible; itself it takes nothing."""
        if word == "html413":
            return response(413, b"<html>413 Request Entity Too Large</html>", "text/html")
        if word == "garbage":
            return response(int(figure or 201), b'{"sid": nul')
        if word == "unreadable":
            return response(400, b"<html>Bad Request</html>", "text/html")
        if word in ("code", "entry"):
            return _no(Refusal(400, int(figure or 21211)))
        status = int(word[:3])
        return _no(Refusal(status, CODES.get(status, 20500)))

    def _refuse(self, why: Refusal, request: Request) -> bytes:
        if request.method == "POST":
            self.log.write(self.name, False, why.status, mode=request.mode, about={"code": why.code})
        return _no(why)

    def _remember(self, sid: str, at: float, form: Mapping[str, str]) -> Message:
        fate, _, code = self.fates.get(form.get("To", ""), self.fate).partition(":")
        created = datetime.fromtimestamp(at, UTC)
        message = Message(sid, form, created, FATES[fate][-1], int(code) if code else None)
        self.messages[sid] = message
        self.by_number.setdefault(form.get("To", ""), []).append(message)
        return message

    def _all(self) -> dict[str, Message]:
        """All messages; those taken without a look are read now."""
        for sid, at, body in self.unread:
            self._remember(sid, at, dict(parse_qsl(body.decode(), keep_blank_values=True)))
        self.unread.clear()
        return self.messages

    def _list(self, request: Request) -> bytes:
        asked = dict(parse_qsl(request.query, keep_blank_values=True))
        everything = self._all()
        number = asked.get("To")
        found = self.by_number.get(number, []) if number else list(everything.values())
        seen = datetime.fromtimestamp(time.time() - self.list_lag, UTC)
        try:
            found = [m for m in found if m.created <= seen and _in_days(self._day_sent(m), asked)]
            size, page = min(int(asked.get("PageSize") or 50), 1000), int(asked.get("Page") or 0)
        except ValueError:
            return self._refuse(Refusal(400, 20001), request)
        if asked.get("From"):
            found = [m for m in found if asked["From"] == self.sender]
        found = sorted(found, key=lambda m: m.created, reverse=True)
        here = found[page * size : (page + 1) * size]
        more = len(found) > (page + 1) * size
        uri = f"{self.path}.json?{urlencode({**asked, 'PageSize': size, 'Page': page})}"
        after = (
            {**asked, "PageSize": size, "Page": page + 1, "PageToken": f"PA{here[-1].sid}"} if more else {}
        )
        body = {
            "messages": [self._shown(m) for m in here],
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(len(here) - 1, 0),
            "uri": uri,
            "first_page_uri": f"{self.path}.json?{urlencode({**asked, 'PageSize': size, 'Page': 0})}",
            "previous_page_uri": None,
            "next_page_uri": f"{self.path}.json?{urlencode(after)}" if more else None,
        }
        return response(200, orjson.dumps(body))

    def _day_sent(self, message: Message) -> date | None:
        waits = time.time() - message.created.timestamp() < self.queued
        return None if waits else message.created.date()

    def _shown(self, message: Message, new: bool = False) -> dict[str, Any]:
        form = message.form
        stamp = _stamp(int(message.created.timestamp()))
        sent = not new and self._day_sent(message) is not None
        uri = f"{self.path}/{message.sid}"
        return {
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": message.body,
            "date_created": stamp,
            "date_sent": stamp if sent else None,
            "date_updated": stamp,
            "direction": "outbound-api",
            "error_code": message.error_code if sent else None,
            "error_message": None,
            "from": (form.get("From") or self.sender) if sent else form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1" if sent else "0",
            "price": None,
            "price_unit": None,
            "sid": message.sid,
            "status": message.end if sent else "accepted",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "tags": None,
            "to": form.get("To"),
            "uri": f"{uri}.json",
        }

    def _foretell(self, message: Message) -> None:
        url = message.form.get("StatusCallback")
        if self.callbacks.plan.on and url:
            story = next(story for story in FATES.values() if story[-1] == message.end)
            fields = [twilio_callbacks.status(self, message, status) for status in story]
            self.callbacks.add([(url, each) for each in fields], gap=self.step)

    def _tell(self, due: Sequence[tuple[str, dict[str, str]]]) -> list[Coroutine[Any, Any, None]]:
        return [
            twilio_callbacks.post(self.poster, self.token, url, fields, self.callbacks.counts)
            for url, fields in due
        ]

    async def inbound(
        self, url: str, number: str, body: str, opt_out_type: str = "", copies: int = 1
    ) -> dict[str, Any]:
        """Someone writes to us. Returns our MessageSid and what the product answered (to the last copy)."""
        word = body.strip().lower()
        if word in STOP:
            self.opted_out = [*self.opted_out, number]
        elif word in START:
            self.opted_out = [one for one in self.opted_out if one != number]
        fields = twilio_callbacks.inbound(self, number, body, opt_out_type)
        for _ in range(copies):
            status, answered = await twilio_callbacks.deliver(self.poster, self.token, url, fields)
        return {"sid": fields["MessageSid"], "status": status, "answer": answered.decode(errors="replace")}


@lru_cache(maxsize=64)
def _stamp(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC))


def _no(why: Refusal) -> bytes:
    return response(why.status, orjson.dumps(why.body()))


def _in_days(sent: date | None, asked: Mapping[str, str]) -> bool:
    """Twilio's filters go by the GMT day; ``DateSent>=D`` arrives as the name ``DateSent>``, and includes D."""
    on, after, before = (_day(asked.get(f"DateSent{sign}")) for sign in ("", ">", "<"))
    if not (on or after or before):
        return True
    if sent is None:
        return False
    return (not on or sent == on) and (not after or sent >= after) and (not before or sent <= before)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None
