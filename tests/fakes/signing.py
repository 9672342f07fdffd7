"""The vendors' signatures, made as they make them: for the fakes' own callbacks and for tests that post or forge some."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urldefrag, urlencode

import orjson
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twilio.request_validator import RequestValidator

EVENT_SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
EVENT_TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


class EventKey:
    """The key pair of one SendGrid account's event webhook. ``public`` is as SendGrid shows it: base64, no PEM lines."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self.key = key
        der = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public = base64.b64encode(der).decode()

    @classmethod
    def new(cls) -> EventKey:
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def kept(cls, path: Path) -> EventKey:
        """The one in the file; made there the first time."""
        if path.exists():
            key = serialization.load_pem_private_key(path.read_bytes(), None)
            return cls(cast(ec.EllipticCurvePrivateKey, key))
        made = cls.new()
        path.write_bytes(
            made.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return made

    def headers(self, body: bytes, timestamp: str | None = None) -> dict[str, str]:
        """The headers of a webhook request with that body."""
        timestamp = str(int(time.time())) if timestamp is None else timestamp
        signature = self.key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            EVENT_SIGNATURE: base64.b64encode(signature).decode(),
            EVENT_TIMESTAMP: timestamp,
            "Content-Type": "application/json",
        }


def events_request(key: EventKey, events: Sequence[Mapping[str, Any]]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one event webhook request."""
    body = orjson.dumps(list(events))
    return body, key.headers(body)


def form_request(token: str, url: str, fields: Mapping[str, str]) -> tuple[str, bytes, dict[str, str]]:
    """Address (its #fragment stays at home), body and headers of one of Twilio's webhook requests."""
    address = urldefrag(url).url
    signature = RequestValidator(token).compute_signature(address, dict(fields))
    headers = {
        "X-Twilio-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "User-Agent": "TwilioProxy/1.1",
    }
    return address, urlencode(fields).encode(), headers
