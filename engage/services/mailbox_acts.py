"""What can be tried on a mail or text in ``/dev/mailbox``: the vendors' callbacks, signed as they sign them.

They go over HTTP to our own address, so that all of the way is the one that a vendor's take. In development only.
"""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from engage.delivery.provider import mark_of
from engage.runtime import Runtime
from engage.services.mailbox import Mail
from engage.storage import receipts

SECONDS = 5.0
LONGEST_REPLY = 1600

# channel -> act -> the button's words, and what the vendor would tell.
ACTS: dict[str, dict[str, tuple[str, dict[str, str]]]] = {
    "email": {
        "delivered": ("Delivered", {"event": "delivered", "response": "250 OK"}),
        "bounce": (
            "Bounce this",
            {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 unknown"},
        ),
        "spam": ("Mark as spam", {"event": "spamreport"}),
    },
    "sms": {
        "delivered": ("Delivered", {"MessageStatus": "delivered"}),
        "undelivered": ("Not delivered", {"MessageStatus": "undelivered", "ErrorCode": "30005"}),
    },
}


def tell(rt: Runtime, mail: Mail, act: str) -> str:
    """Lets the vendor tell that ``act`` of ACTS happened. Returns how our own address took it.

    "kept", "refused", "error", "silent" (no answer) or "keyless".
    """
    _, told = ACTS[mail.channel][act]
    if mail.channel == "sms":
        fields = {"MessageSid": f"local-{mail.message_id.hex}", "To": mail.to, "From": mail.from_, **told}
        return _twilio(rt, f"/hooks/twilio/status/{mail.attempt_id}", fields)
    with rt.transaction() as tx:
        place = receipts.place_of(tx, mail.attempt_id, mail.message_id) or 0
    event = {
        **told,
        "email": mail.to,
        "timestamp": int(time.time()),
        "sg_event_id": f"local-{secrets.token_hex(12)}",
        "sg_message_id": f"local-{mail.message_id.hex}.mailbox",
        "mid": mark_of(mail.attempt_id, place),
    }
    return _sendgrid(rt, [event])


def reply(rt: Runtime, mail: Mail, words: str) -> str:
    """Answers a text message as its receiver would. Returns as ``tell``."""
    fields = {
        "MessageSid": f"SM{secrets.token_hex(16)}",
        "From": mail.to,
        "To": mail.from_,
        "Body": words,
        "NumMedia": "0",
    }
    return _twilio(rt, "/hooks/twilio/inbound", fields)


def _sendgrid(rt: Runtime, events: list[Mapping[str, Any]]) -> str:
    made = rt.callback_keys.made
    if made is None:
        return "keyless"
    body, stamp = orjson.dumps(events), str(int(time.time()))
    signature = made.sendgrid.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {
        "Content-Type": "application/json",
        "X-Twilio-Email-Event-Webhook-Signature": b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
    }
    return _post(rt, f"{rt.settings.public_url}/hooks/sendgrid/events", body, headers)


def _twilio(rt: Runtime, path: str, fields: Mapping[str, str]) -> str:
    made = rt.callback_keys.made
    if made is None:
        return "keyless"
    url = rt.settings.public_url + path
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    signature = hmac.digest(made.twilio.encode(), signed.encode(), "sha1")
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": b64encode(signature).decode(),
    }
    return _post(rt, url, urlencode(fields).encode(), headers)


def _post(rt: Runtime, url: str, body: bytes, headers: Mapping[str, str]) -> str:
    ca = str(rt.settings.ca_file) if rt.settings.ca_file is not None else None
    try:
        with urllib3.PoolManager(ca_certs=ca) as pool:
            answer = pool.request(
                "POST", url, body=body, headers=dict(headers), timeout=SECONDS, retries=False, redirect=False
            )
    except (urllib3.exceptions.HTTPError, OSError):
        return "silent"
    return "kept" if answer.status < 300 else "refused" if answer.status < 500 else "error"
