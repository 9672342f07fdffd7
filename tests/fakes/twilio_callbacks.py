"""Twilio's own requests to us: their fields, signature, and when they are tried again."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urldefrag

from tests.fakes.callbacks import Poster
from tests.fakes.signing import form_request

if TYPE_CHECKING:
    from tests.fakes.twilio import Message, Twilio

FIRST_PAUSE = 0.1


def status(account: Twilio, message: Message, state: str) -> dict[str, str]:
    """The fields of one status callback, with one that we were never told of."""
    fields = {
        "AccountSid": account.account,
        "ApiVersion": "2010-04-01",
        "From": message.form.get("From") or account.sender,
        "MessageSid": message.sid,
        "MessageStatus": state,
        "SmsSid": message.sid,
        "SmsStatus": state,
        "To": message.form.get("To", ""),
        "NewFieldOfTomorrow": " kept as it is ",
    }
    if service := message.form.get("MessagingServiceSid"):
        fields["MessagingServiceSid"] = service
    if state in ("delivered", "undelivered"):
        fields["RawDlrDoneDate"] = time.strftime("%y%m%d%H%M", time.gmtime())
    if state in ("undelivered", "failed") and message.error_code:
        fields["ErrorCode"] = str(message.error_code)
        fields["ErrorMessage"] = f"Error {message.error_code}"
    return fields


def inbound(account: Twilio, number: str, body: str, opt_out_type: str) -> dict[str, str]:
    """The fields of one message that someone sent us. ``OptOutType`` is there only with Advanced Opt-Out."""
    sid = "SM" + os.urandom(16).hex()
    fields = {
        "AccountSid": account.account,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": number,
        "FromCountry": "US",
        "MessageSid": sid,
        "MessagingServiceSid": account.service,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": account.sender,
        "ToCountry": "US",
    }
    if opt_out_type:
        fields["OptOutType"] = opt_out_type
    return fields


async def post(poster: Poster, token: str, url: str, fields: dict[str, str], counts: dict[str, int]) -> None:
    """One callback, tried as its address says, and counted."""
    answered, _ = await deliver(poster, token, url, fields, counts)
    taken = isinstance(answered, int) and 200 <= answered < 300
    counts["answered" if taken else "given_up"] += 1


async def deliver(
    poster: Poster, token: str, url: str, fields: dict[str, str], counts: dict[str, int] | None = None
) -> tuple[int | str, bytes]:
    """By default one more try, when there was no connection, and none else; the #fragment asks for more.

    ``rc`` is how often it is tried again, ``rp`` after what (``4xx,5xx,ct,rt,all``), ``ct`` and ``rt`` the
    milliseconds that a connection and an answer may take.
    """
    asked = {name: values[-1] for name, values in parse_qs(urldefrag(url).fragment).items()}
    again, policy = int(asked.get("rc", 1)), set(asked.get("rp", "ct").split(","))
    connect, read = int(asked.get("ct", 5000)) / 1000, int(asked.get("rt", 15_000)) / 1000
    address, body, headers = form_request(token, url, fields)
    headers["I-Twilio-Idempotency-Token"] = os.urandom(16).hex()
    for tried in range(again + 1):
        answered, said = await poster.post(address, body, headers, connect, read)
        why = answered if isinstance(answered, str) else f"{answered // 100}xx"
        if why == "2xx":
            break
        if counts is not None:
            counts["refused"] += 1
        if tried == again or not policy & {why, "all"}:
            break
        await asyncio.sleep(FIRST_PAUSE * 2**tried)
    return answered, said
