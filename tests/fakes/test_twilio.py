"""The fake Twilio answers as Twilio does, to Twilio's own client."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.fakes import log
from tests.fakes.client import Fake
from tests.fakes.conftest import Here, Listener
from tests.fakes.server import TWILIO_ACCOUNT, TWILIO_SERVICE, TWILIO_TOKEN
from tests.fakes.signing import form_request

Text = Callable[..., Any]


def form(heard: Any) -> dict[str, str]:
    return dict(parse_qsl(heard.body.decode(), keep_blank_values=True))


def test_the_sdk_sends_and_the_person_reads_it(fake: Fake, text: Text) -> None:
    message = text(status_callback="https://clinic.example/hooks/twilio/status/attempt-7#rc=5&rp=all")
    assert message.sid.startswith("SM") and len(message.sid) == 34
    assert message.status == "accepted"
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=5)
    (received,) = fake.ledger()
    assert (received.channel, received.to, received.text) == ("sms", "+14155550101", "See you at nine.")
    assert (received.mark, received.provider_id) == ("attempt-7", message.sid)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": "14155550101"}, 21211),
        ({"to": "+0"}, 21211),
        ({"to": ""}, 21604),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"validity_period": 0}, 90007),
        ({"validity_period": 36001}, 90007),
        ({"validity_period": "soon"}, 90014),
        ({"status_callback": "/hooks"}, 21609),
        ({"status_callback": "https://my_clinic.example/"}, 21609),
        ({"status_callback": "https://clinic.example/" + "x" * 4000}, 21609),
        ({"to": "+14155550666"}, 21610),
    ],
)
def test_it_refuses_with_its_own_numbers(fake: Fake, text: Text, given: dict[str, Any], code: int) -> None:
    fake.settings("twilio", opted_out=["+14155550666"])
    with pytest.raises(TwilioRestException) as refused:
        text(**given)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert fake.ledger() == []


def test_what_just_fits_is_taken(fake: Fake, text: Text) -> None:
    text(body="x" * 1600, validity_period=36000)
    text(validity_period=1)
    assert len(fake.ledger()) == 2


def test_an_unknown_service_is_refused(fake: Fake, twilio: Client) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(to="+14155550101", messaging_service_sid="MG" + "0" * 32, body="x")
    assert refused.value.code == 21701


def test_a_wrong_token_is_20003(fake: Fake, twilio: Client) -> None:
    stranger = Client(TWILIO_ACCOUNT, "wrong", http_client=Here(fake))
    with pytest.raises(TwilioRestException) as refused:
        stranger.messages.create(to="+14155550101", messaging_service_sid=TWILIO_SERVICE, body="x")
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_the_list_goes_by_number_and_gmt_day_in_pages_newest_first(
    fake: Fake, text: Text, twilio: Client
) -> None:
    number = "+14155550111"
    sids = [text(to=number, body=f"n{n}").sid for n in range(5)]
    text(to="+14155550112")
    today = datetime.now(UTC).date()

    def found(**more: Any) -> list[str]:
        return [m.sid for m in twilio.messages.list(to=number, page_size=2, **more)]

    assert sorted(found()) == sorted(sids)
    assert sorted(found(date_sent_after=today - timedelta(days=1))) == sorted(sids)
    assert sorted(found(date_sent_after=today)) == sorted(sids)
    assert found(date_sent_after=today + timedelta(days=1)) == []
    assert sorted(found(date_sent_before=today)) == sorted(sids)
    assert found(date_sent_before=today - timedelta(days=1)) == []
    assert len(found(date_sent=today)) == 5
    made = [m.date_created for m in twilio.messages.list(to=number)]
    assert made == sorted(made, reverse=True)


def test_a_message_in_the_queue_has_no_day_of_sending(fake: Fake, text: Text, twilio: Client) -> None:
    fake.settings("twilio", queued=60)
    sid = text(to="+14155550120").sid
    today = datetime.now(UTC).date()
    assert twilio.messages.list(to="+14155550120", date_sent_after=today) == []
    assert [m.sid for m in twilio.messages.list(to="+14155550120")] == [sid]
    assert twilio.messages(sid).fetch().status == "accepted"
    fake.settings("twilio", list_lag=60)
    assert twilio.messages.list(to="+14155550120") == []


def test_a_message_is_read_redacted_and_deleted_but_was_received(
    fake: Fake, text: Text, twilio: Client
) -> None:
    sid = text(to="+14155550130").sid
    assert twilio.messages(sid).fetch().body == "See you at nine."
    assert twilio.messages(sid).update(body="").body == ""
    assert [m.body for m in twilio.messages.list(to="+14155550130")] == [""]
    assert twilio.messages(sid).delete()
    assert twilio.messages.list(to="+14155550130") == []
    with pytest.raises(TwilioRestException) as gone:
        twilio.messages(sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
    assert [r.text for r in fake.ledger()] == ["See you at nine."]


def test_what_was_taken_is_still_listed_after_a_restart(
    text: Text, twilio: Client, running: Fake, tmp_path: Path
) -> None:
    sid = text(to="+14155550170").sid
    shutil.copy(running.directory / log.FILE, tmp_path)
    with Fake(tmp_path) as again:
        auth = (TWILIO_ACCOUNT, TWILIO_TOKEN)
        path = f"/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Messages.json"
        (shown,) = requests.get(again.url + path, auth=auth, timeout=5).json()["messages"]
    assert (shown["sid"], shown["to"], shown["body"]) == (sid, "+14155550170", "See you at nine.")


def test_a_lenient_one_lists_what_it_took_unread(fake: Fake, text: Text, twilio: Client) -> None:
    fake.settings("twilio", strict=False)
    fake.set_callbacks("twilio", on=False)
    sid = text(to="+14155550140").sid
    assert [(m.sid, m.body) for m in twilio.messages.list(to="+14155550140")] == [(sid, "See you at nine.")]


@pytest.mark.parametrize(
    ("fate", "story", "code"),
    [
        ("delivered", ["queued", "sent", "delivered"], None),
        ("undelivered:30003", ["queued", "sent", "undelivered"], "30003"),
        ("failed:30007", ["queued", "failed"], "30007"),
    ],
)
def test_its_status_callbacks_are_signed_and_leave_the_fragment_at_home(
    fake: Fake, listener: Listener, text: Text, twilio: Client, fate: str, story: list[str], code: str | None
) -> None:
    fake.settings("twilio", fates={"+14155550150": fate}, step=0.1)
    url = f"{listener.url}/hooks/twilio/status/attempt-1"
    sid = text(to="+14155550150", status_callback=f"{url}#rc=5&rp=all").sid
    fake.wait_told()
    assert {heard.path for heard in listener.heard} == {"/hooks/twilio/status/attempt-1"}
    validator = RequestValidator(TWILIO_TOKEN)
    assert all(
        validator.validate(url, form(heard), heard.headers["X-Twilio-Signature"]) for heard in listener.heard
    )
    assert not validator.validate(
        url + "2", form(listener.heard[0]), listener.heard[0].headers["X-Twilio-Signature"]
    )
    assert [form(heard)["MessageStatus"] for heard in listener.heard] == story
    assert form(listener.heard[-1]).get("ErrorCode") == code
    assert form(listener.heard[-1])["MessageSid"] == sid
    shown = twilio.messages(sid).fetch()
    assert (shown.status, shown.error_code) == (story[-1], int(code) if code else None)


@pytest.mark.parametrize(
    ("fragment", "answers", "heard"),
    [
        ("", [500, 500], 1),  # by default only a connection that was not made is tried again
        ("#rc=5&rp=all", [500] * 9, 6),
        ("#rc=5&rp=all", [500, 403, 204], 3),
        ("#rc=2&rp=5xx", [500, 404], 2),
        ("#rc=0&rp=all", [500], 1),
    ],
)
def test_a_callback_is_tried_again_as_its_address_asks(
    fake: Fake, listener: Listener, text: Text, fragment: str, answers: list[int], heard: int
) -> None:
    fake.settings("twilio", fate="canceled")
    listener.answers.extend(answers)
    text(status_callback=f"{listener.url}/{fragment}")
    fake.wait_told()
    assert len(listener.heard) == heard
    tokens = {one.headers["I-Twilio-Idempotency-Token"] for one in listener.heard}
    assert len(tokens) == 1


def test_someone_writes_to_us(fake: Fake, listener: Listener, text: Text) -> None:
    url = f"{listener.url}/hooks/twilio/inbound"
    said = fake.inbound(url, "+14155550160", "STOP", opt_out_type="STOP")
    (heard,) = listener.heard
    got = form(heard)
    assert said["status"] == 204
    assert (got["From"], got["Body"], got["OptOutType"]) == ("+14155550160", "STOP", "STOP")
    assert (got["MessageSid"], got["NumMedia"]) == (said["sid"], "0")
    assert RequestValidator(TWILIO_TOKEN).validate(url, got, heard.headers["X-Twilio-Signature"])
    with pytest.raises(TwilioRestException) as refused:
        text(to="+14155550160")
    assert refused.value.code == 21610
    fake.inbound(url, "+14155550160", "Start")
    text(to="+14155550160")
    assert "OptOutType" not in form(listener.heard[1])


def test_the_signature_is_that_of_twilio_s_own_example() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    _, _, headers = form_request("12345", "https://mycompany.com/myapp.php?foo=1&bar=2#rc=1", fields)
    assert headers["X-Twilio-Signature"] == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
