"""Deletion at the fake Twilio and erasure at the fake SendGrid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.fakes.client import Fake


def test_a_deletion_is_in_the_ledger_and_outlives_a_restart(
    tmp_path: Path, fake: Fake, twilio: Client, text: Callable[..., Any]
) -> None:
    gone, kept = text().sid, text().sid
    assert twilio.messages(gone).delete()
    assert fake.deleted() == [gone]
    fake.stop()
    fake.start()
    assert [message.sid for message in twilio.messages.list()] == [kept]
    assert len(fake.ledger()) == 2


def test_what_is_under_way_is_not_deleted(fake: Fake, twilio: Client, text: Callable[..., Any]) -> None:
    fake.settings("twilio", queued=60.0)
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages(text().sid).delete()
    assert (refused.value.status, refused.value.code) == (409, 20009)
    assert fake.deleted() == []


def erase(sendgrid: SendGridAPIClient, addresses: Any) -> Any:
    return sendgrid.client.recipients.erasejob.post(request_body={"email_addresses": addresses})


def test_an_erasure_is_taken_on_and_kept(fake: Fake, sendgrid: SendGridAPIClient) -> None:
    answer = erase(sendgrid, ["a@example.org", "b@example.org"])
    assert answer.status_code == 202
    assert b"job_id" in answer.body
    assert fake.erased() == ["a@example.org", "b@example.org"]
    assert fake.ledger() == []


@pytest.mark.parametrize(
    "addresses",
    [[], ["nobody"], "a@example.org", [f"{n}@x.org" for n in range(5001)], ["a" * 300_000 + "@x.org"], None],
)
def test_what_sendgrid_would_refuse_is_refused(
    fake: Fake, sendgrid: SendGridAPIClient, addresses: Any
) -> None:
    with pytest.raises(HTTPError) as refused:
        erase(sendgrid, addresses)
    assert refused.value.status_code == 400
    assert fake.erased() == []


def test_each_route_fails_by_itself(fake: Fake, twilio: Client, text: Callable[..., Any]) -> None:
    fake.set_modes("twilio.delete", ["503"])
    sid = text().sid
    with pytest.raises(TwilioRestException):
        twilio.messages(sid).delete()
    assert twilio.messages(sid).delete()
