"""mail/send bodies for the fakes' own tests."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from typing import Any

import orjson

from tests.fakes.client import Fake
from tests.fakes.sendgrid import SEND
from tests.fakes.server import SENDGRID_KEY


def person(address: str, mark: str = "a-0", **more: Any) -> dict[str, Any]:
    return {"to": [{"email": address}], "custom_args": {"mid": mark}, **more}


def mail(*people: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A body that SendGrid takes, unless ``more`` spoils it."""
    return {
        "from": {"email": "care@clinic.example", "name": "The Clinic"},
        "subject": "Lesson one",
        "content": [
            {"type": "text/plain", "value": "Good day."},
            {"type": "text/html", "value": "<p>Good day.</p>"},
        ],
        "personalizations": list(people),
        **more,
    }


def post(
    fake: Fake, body: Any, timeout: float = 5.0, key: str = SENDGRID_KEY, path: str = SEND
) -> tuple[int, Any, bytes]:
    """One request on a connection of its own: status, headers, body. Raises as http.client does."""
    context = ssl.create_default_context(cafile=fake.ca_file)
    connection = http.client.HTTPSConnection(
        "127.0.0.1", fake.about["door"], timeout=timeout, context=context
    )
    try:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request("POST", path, raw, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()
