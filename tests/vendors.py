"""Vendors' callbacks for a test: signed as the vendors sign, about messages that really left."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.delivery.provider import mark_of
from engage.runtime import Runtime
from engage.services import receipts
from engage.storage import attempts
from engage.storage.database import run
from tests.apps import app_of
from tests.fakes.signing import EventKey, events_request, form_request


@dataclass
class Vendors:
    """Posts to the product's own hooks and applies what it kept."""

    rt: Runtime
    client: FlaskClient = field(init=False)
    key: EventKey = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        made = self.rt.callback_keys.made
        assert made is not None
        self.client = app_of(self.rt).test_client()
        self.key, self.token = EventKey(made.sendgrid), made.twilio

    def event(self, message: UUID, event: str, attempt: UUID | None = None, **more: Any) -> dict[str, Any]:
        """One SendGrid event about a message, by its newest attempt unless another is given."""
        with self.rt.transaction() as tx:
            carried = [row for row in attempts.of_message(tx, message) if attempt in (None, row.id)]
        return {
            "email": "somebody@example.org",
            "timestamp": int(time.time()),
            "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
            "event": event,
            "sg_event_id": uuid4().hex,
            "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
            "mid": mark_of(carried[-1].id, carried[-1].message_ids.index(message)),
            **more,
        }

    def post_events(self, *events: Mapping[str, Any]) -> TestResponse:
        body, headers = events_request(self.key, events)
        return self.client.post("/hooks/sendgrid/events", data=body, headers=headers)

    def tell(self, *events: Mapping[str, Any]) -> None:
        """Events arrive and are applied."""
        assert self.post_events(*events).status_code == 204
        self.apply()

    def post_form(self, path: str, fields: Mapping[str, str]) -> TestResponse:
        _, body, headers = form_request(self.token, self.rt.settings.public_url + path, fields)
        return self.client.post(path, data=body, headers=headers)

    def text_status(self, attempt: UUID, sid: str, status: str, code: str = "") -> None:
        """A status callback arrives and is applied."""
        fields = {"MessageSid": sid, "MessageStatus": status, "AccountSid": "AC1", "Body": " kept as is "}
        more = {"ErrorCode": code} if code else {}
        assert self.post_form(f"/hooks/twilio/status/{attempt}", {**fields, **more}).status_code == 204
        self.apply()

    def apply(self) -> None:
        while receipts.apply(self.rt):
            pass

    def rows(self, sql: str, **values: Any) -> Sequence[Any]:
        with self.rt.transaction() as tx:
            return run(tx, sql, values or None).all()

    def message(self, id: UUID) -> Any:
        return self.rows("SELECT * FROM messages WHERE id = %(id)s", id=id)[0]
