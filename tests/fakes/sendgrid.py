"""SendGrid as we use it: mail/send and the signed event webhook."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from typing import Any

import orjson

from tests.fakes.callbacks import Callbacks, Poster
from tests.fakes.http import Request, response
from tests.fakes.log import Log
from tests.fakes.sendgrid_rules import error, refusals
from tests.fakes.signing import EventKey, events_request

SEND = "/v3/mail/send"
ERASE = "/v3/recipients/erasejob"
# How the ledger names an erasure; its body is the request's.
ERASED = "sendgrid.erase"
MOST_ERASED, LARGEST_ERASE = 5000, 256 * 1024
EVENTS_A_REQUEST = 100
NGINX_413 = (
    b"<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity "
    b"Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
REFUSALS = {
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    429: "too many requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

# What happens to a message, in events. Each: the event's name and the fields that are its own.
Story = tuple[tuple[str, dict[str, Any]], ...]
PROCESSED: tuple[str, dict[str, Any]] = ("processed", {"send_at": 0})
DELIVERED: tuple[str, dict[str, Any]] = (
    "delivered",
    {"response": "250 2.0.0 OK", "tls": 1, "ip": "192.0.2.7"},
)
NO_SUCH = {"status": "5.1.1", "reason": "550 5.1.1 The email account <b>does not exist</b>", "type": "bounce"}
FULL = {"status": "5.2.2", "reason": "552 5.2.2 mailbox full", "type": "blocked"}
PAGE = {"useragent": "Mozilla/5.0", "ip": "192.0.2.9"}
STORIES: dict[str, Story] = {
    "delivered": (PROCESSED, DELIVERED),
    "processed": (PROCESSED,),
    "deferred": (PROCESSED, ("deferred", {"response": "450 try again later", "attempt": "1"}), DELIVERED),
    "bounce": (PROCESSED, ("bounce", NO_SUCH)),
    "blocked": (PROCESSED, ("bounce", FULL)),
    "late_bounce": (PROCESSED, DELIVERED, ("bounce", NO_SUCH)),
    "dropped": (("dropped", {"reason": "Bounced Address", "status": "5.0.0"}),),
    "spamreport": (PROCESSED, DELIVERED, ("spamreport", {})),
    "unsubscribe": (PROCESSED, DELIVERED, ("unsubscribe", {})),
    "group_unsubscribe": (PROCESSED, DELIVERED, ("group_unsubscribe", {"asm_group_id": 7, **PAGE})),
    "open": (PROCESSED, DELIVERED, ("open", {"sg_machine_open": False, **PAGE})),
    "click": (
        PROCESSED,
        DELIVERED,
        ("click", {"url": "https://example.com/", "url_offset": {"index": 0}, **PAGE}),
    ),
    "future": (PROCESSED, ("beamed", {"to_where": ["up", {"deck": 3}]}), DELIVERED),
}


class SendGrid:
    """One account. ``fates`` names a story by address, ``shares`` by chance; else ``fate``."""

    name = "sendgrid"

    def __init__(self, log: Log, poster: Poster, key: EventKey, api_key: str) -> None:
        self.log, self.poster, self.key = log, poster, key
        self.authorization = f"Bearer {api_key}".encode()
        self.callbacks = Callbacks(self._tell)
        self.settings(
            strict=True, max_body=30_000_000, refused=[], fate="delivered", fates={}, shares={}, seed=0
        )

    def settings(self, **given: Any) -> None:
        for name, value in given.items():
            if name not in ("strict", "max_body", "refused", "fate", "fates", "shares", "seed"):
                raise ValueError(f"SendGrid has no setting {name}")
            setattr(self, name, value)
        for fate in (self.fate, *self.fates.values(), *self.shares):
            if fate not in STORIES:
                raise ValueError(f"there is no story {fate!r}")
        if "seed" in given or "shares" in given:
            self.dice = random.Random(self.seed)

    strict: bool
    max_body: int
    refused: list[str]
    fate: str
    fates: Mapping[str, str]
    shares: Mapping[str, float]
    seed: int

    def route(self, request: Request) -> str | None:
        """The name of the route that can be made to fail."""
        if request.method != "POST":
            return None
        return {SEND: "sendgrid", ERASE: ERASED}.get(request.path)

    def answer(self, request: Request) -> bytes:
        """What SendGrid answers. What it takes enters the ledger."""
        if request.headers.get(b"authorization") != self.authorization:
            return self._refuse(401, [error(REFUSALS[401])], request)
        if request.path == ERASE and request.method == "POST":
            return self._erase(request)
        if request.path != SEND:
            return self._refuse(404, [error("Not Found")], request)
        if request.method != "POST":
            return self._refuse(405, [error("method not allowed")], request)
        if len(request.body) > self.max_body:
            self.log.write(self.name, False, 413)
            return self.failure("html413", None)
        mail: Any = None
        told = self.callbacks.plan.on and bool(self.callbacks.plan.url)
        if self.strict or told:
            try:
                mail = orjson.loads(request.body)
            except ValueError:
                return self._refuse(400, [error("Bad Request")], request)
        if self.strict:
            if not request.header(b"content-type").startswith("application/json"):
                return self._refuse(415, [error("Content-Type should be application/json.")], request)
            if wrong := refusals(mail, frozenset(address.lower() for address in self.refused)):
                return self._refuse(400, wrong, request)
            if mail.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
                self.log.write(self.name, False, 200, mode="sandbox")
                return response(200)
        message_id = _token(16)
        self.log.write(self.name, True, 202, message_id, request.mode, request.body)
        if told:
            for story in self._stories(mail, message_id):
                self.callbacks.add(story, gap=0.01)
        return response(202, headers=f"X-Message-Id: {message_id}\r\n")

    def _erase(self, request: Request) -> bytes:
        """Takes on an erasure of at most 5,000 addresses and 256 KB."""
        try:
            addresses = orjson.loads(request.body)["email_addresses"]
            right = 0 < len(addresses) <= MOST_ERASED and all("@" in one for one in addresses)
        except (ValueError, TypeError, KeyError):
            right = False
        if not right or len(request.body) > LARGEST_ERASE:
            return self._refuse(400, [error("invalid email_addresses")], request)
        self.log.write(ERASED, True, 202, mode=request.mode, body=request.body)
        return response(202, orjson.dumps({"job_id": _token(16)}))

    def failure(self, word: str, figure: float | None) -> bytes:
        """An answer that says no, or nothing sensible; itself it takes nothing."""
        if word == "html413":
            return response(413, NGINX_413, "text/html")
        if word == "garbage":
            return response(int(figure or 200), b"<html>It works!</html>", "text/html")
        if word == "unreadable":
            return _no(400, [error("Bad Request")])
        if word == "entry":
            field = f"personalizations.{int(figure or 0)}.to.0.email"
            said = error("Does not contain a valid address.", field, "message.personalizations.to")
            return _no(400, [said])
        status = int(word[:3])
        headers = f"X-RateLimit-Reset: {int(time.time()) + int(figure or 1)}\r\n" if status == 429 else ""
        return _no(status, [error(REFUSALS.get(status, "error"))], headers)

    def _refuse(self, status: int, errors: list[Any], request: Request) -> bytes:
        self.log.write(self.name, False, status, mode=request.mode, about={"errors": errors[:3]})
        return _no(status, errors)

    def _stories(self, mail: dict[str, Any], message_id: str) -> Iterator[list[dict[str, Any]]]:
        now = int(time.time())
        for place, person in enumerate(mail["personalizations"]):
            custom = {**mail.get("custom_args", {}), **person.get("custom_args", {})}
            for number, recipient in enumerate(person["to"]):
                same = {
                    **custom,
                    "email": recipient["email"],
                    "smtp-id": f"<{message_id}@geopod-ismtpd-1>",
                    "sg_message_id": f"{message_id}.recvd-5f5c-1-{place:X}-{number}.0",
                }
                if categories := mail.get("categories"):
                    same["category"] = categories
                story = STORIES[self._fate(recipient["email"])]
                yield [
                    {**same, "event": name, "timestamp": now + n, "sg_event_id": _token(18), **own}
                    for n, (name, own) in enumerate(story)
                ]

    def _fate(self, address: str) -> str:
        if (known := self.fates.get(address)) is not None:
            return known
        thrown = self.dice.random() if self.shares else 1.0
        for fate, share in self.shares.items():
            if thrown < share:
                return fate
            thrown -= share
        return self.fate

    def tell(self, events: Sequence[dict[str, Any]]) -> None:
        """Events that a test made up, by the same road as all."""
        self.callbacks.add(events)

    def _tell(self, events: Sequence[dict[str, Any]]) -> list[Coroutine[Any, Any, None]]:
        most = 1 if self.callbacks.plan.split else EVENTS_A_REQUEST
        url = self.callbacks.plan.url
        return [self._post(url, events[n : n + most]) for n in range(0, len(events), most)]

    async def _post(self, url: str, events: Sequence[dict[str, Any]]) -> None:
        """Again until it is taken, as SendGrid does for 24 hours: at first after a second."""
        counts, pause, give_up = self.callbacks.counts, 1.0, time.monotonic() + 24 * 3600
        while True:
            body, headers = events_request(self.key, events)
            status, _ = await self.poster.post(url, body, headers)
            if isinstance(status, int) and 200 <= status < 300:
                counts["answered"] += 1
                return
            counts["refused"] += 1
            if time.monotonic() > give_up:
                counts["given_up"] += 1
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.callbacks.plan.pause)


def _no(status: int, errors: list[Any], headers: str = "") -> bytes:
    return response(status, orjson.dumps({"errors": errors}), headers=headers)


def _token(size: int) -> str:
    return base64.urlsafe_b64encode(os.urandom(size)).decode().rstrip("=")
