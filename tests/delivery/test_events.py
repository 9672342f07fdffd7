"""What the vendors' callbacks say, in our words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest

from engage.delivery import sendgrid_events, twilio_callbacks
from engage.delivery.provider import mark_of
from engage.domain.message_words import REASONS
from engage.domain.receipts import Event

ATTEMPT = UUID("01a20a69-ebdf-762c-a23d-5884c38fa763")


def sendgrid(**item: Any) -> Event:
    told = {"mid": mark_of(ATTEMPT, 3), "sg_event_id": "e1", "timestamp": 1_800_000_000, **item}
    (event,) = sendgrid_events.parse(orjson.dumps([told]))
    return event


@pytest.mark.parametrize(
    ("item", "what", "reason", "code", "failure"),
    [
        ({"event": "processed"}, "accepted", None, "processed", None),
        ({"event": "deferred", "response": "451 later"}, "deferred", None, "deferred", None),
        ({"event": "delivered"}, "delivered", None, "delivered", None),
        (
            {"event": "bounce", "type": "bounce", "status": "5.1.1"},
            "failed",
            "bounced",
            "5.1.1",
            "bad_address",
        ),
        ({"event": "bounce", "status": "5.0.0"}, "failed", "bounced", "5.0.0", "bad_address"),
        ({"event": "bounce", "type": "blocked", "status": "5.7.1"}, "failed", "blocked", "5.7.1", "filtered"),
        (
            {"event": "bounce", "type": "bounce", "bounce_classification": "Technical Failure"},
            "failed",
            "bounced",
            None,
            "bad_address",
        ),
        (
            {"event": "bounce", "type": "blocked", "bounce_classification": "Mailbox Unavailable"},
            "failed",
            "blocked",
            None,
            "temporary",
        ),
        (
            {"event": "blocked", "bounce_classification": "Frequency or Volume Too High"},
            "failed",
            "blocked",
            None,
            "temporary",
        ),
        (
            {"event": "blocked", "bounce_classification": "Invalid Address"},
            "failed",
            "blocked",
            None,
            "bad_address",
        ),
        ({"event": "blocked", "bounce_classification": ["odd"]}, "failed", "blocked", None, "filtered"),
        ({"event": "blocked", "status": "<b>evil</b>"}, "failed", "blocked", None, "filtered"),
        (
            {"event": "dropped", "reason": "Bounced Address"},
            "failed",
            "dropped",
            "bounced_address",
            "bad_address",
        ),
        ({"event": "dropped", "reason": "Invalid"}, "failed", "dropped", "invalid", "bad_address"),
        (
            {"event": "dropped", "reason": "Spam Reporting Address"},
            "failed",
            "dropped",
            "spam_reporting_address",
            "filtered",
        ),
        (
            {"event": "dropped", "reason": "Unsubscribed Address"},
            "failed",
            "dropped",
            "unsubscribed_address",
            "filtered",
        ),
        ({"event": "dropped", "reason": 7}, "failed", "dropped", "dropped", "unknown_code"),
        ({"event": "spamreport"}, "complaint", None, "spamreport", None),
        ({"event": "group_unsubscribe"}, "unsubscribed", None, "group_unsubscribe", None),
        ({"event": "unsubscribe"}, "unsubscribed", None, "unsubscribe", None),
        ({"event": "group_resubscribe"}, "resubscribed", None, "group_resubscribe", None),
        ({"event": "open"}, "other", None, "open", None),
        ({"event": "not yet invented"}, "other", None, None, None),
        ({}, "other", None, None, None),
    ],
)
def test_sendgrid_s_events(
    item: dict[str, Any], what: str, reason: str | None, code: str | None, failure: str | None
) -> None:
    event = sendgrid(**item)
    assert (event.what, event.reason, event.code, event.failure) == (what, reason, code, failure)
    assert (event.attempt_id, event.place) == (ATTEMPT, 3)
    assert event.reason is None or event.reason in REASONS


def test_copies_of_an_event_have_one_key_and_others_another() -> None:
    assert sendgrid(event="open").key == sendgrid(event="open", attempt=2).key
    assert sendgrid(event="open").key != sendgrid(event="open", sg_event_id="e2").key
    without = [sendgrid(event="open", sg_event_id=None, n=n).key for n in (1, 1, 2)]
    assert without[0] == without[1] != without[2]


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[1,", b"[" * 200_000, b"\xff", b'"x"'])
def test_what_is_no_list_of_events_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        sendgrid_events.parse(body)


@pytest.mark.parametrize("moment", [None, "1800000000", True, -1, 0, 10**12, 1e300, [], {}])
def test_a_time_that_can_not_be_is_none(moment: Any) -> None:
    assert sendgrid(event="open", timestamp=moment).at is None


@pytest.mark.parametrize(
    ("status", "code", "what", "reason", "kept", "failure"),
    [
        ("queued", "", "accepted", None, "queued", None),
        ("sent", "", "accepted", None, "sent", None),
        ("delivered", "", "delivered", None, "delivered", None),
        ("read", "", "delivered", None, "read", None),
        ("undelivered", "30003", "failed", None, "30003", "temporary"),
        ("failed", "21610", "failed", None, "21610", "opted_out"),
        ("failed", "99999", "failed", None, "99999", "unknown_code"),
        ("undelivered", "30410", "unclear", None, "30410", None),
        ("failed", "30410", "unclear", None, "30410", None),
        ("undelivered", "", "failed", "not_delivered", None, "unknown_code"),
        ("canceled", "", "failed", "cancelled_there", None, "invalid"),
        ("partially_delivered", "", "other", None, "partially_delivered", None),
        ("", "", "other", None, None, None),
        ("<script>", "x" * 9000, "other", None, None, None),
    ],
)
def test_twilio_s_statuses(
    status: str, code: str, what: str, reason: str | None, kept: str | None, failure: str | None
) -> None:
    form = [["MessageSid", "SM1"], ["MessageStatus", status], ["ErrorCode", code], ["NewField", ""]]
    (event,) = twilio_callbacks.read({"form": form}, ATTEMPT)
    assert (event.what, event.reason, event.code, event.failure) == (what, reason, kept, failure)
    assert (event.attempt_id, event.place, event.provider_id) == (ATTEMPT, 0, "SM1")
    (fetched,) = twilio_callbacks.read_fetched(
        {"message": {"sid": "SM1", "status": status, "error_code": code or None}}, ATTEMPT
    )
    assert fetched == event


def test_a_form_is_read_as_it_was_sent() -> None:
    body = b"Body=+a%20b++&Empty=&Twice=1&Twice=2&Body=second"
    assert twilio_callbacks.fields(body) == [
        ("Body", " a b  "),
        ("Empty", ""),
        ("Twice", "1"),
        ("Twice", "2"),
        ("Body", "second"),
    ]
    with pytest.raises(ValueError, match=r"\w"):
        twilio_callbacks.fields(b"a=%ff")


@pytest.mark.parametrize(
    "form", [[], [["MessageSid", "SM1"]], [["From", "+1"]], [["MessageSid", "a b"], ["From", "+1"]]]
)
def test_an_incoming_text_without_id_or_sender_is_an_error(form: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="no message"):
        twilio_callbacks.read_inbound({"form": form}, None)
