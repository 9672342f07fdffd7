"""Callbacks: only what a vendor signed for our own address is kept."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from engage import log
from engage.delivery import twilio_callbacks
from engage.ids import new_id
from engage.keys import CallbackKeys, callback_keys
from engage.runtime import Runtime
from engage.settings import Settings
from engage.web import hooks
from tests.apps import app_of
from tests.fakes.signing import EventKey, events_request, form_request
from tests.vendors import Vendors
from tests.web.conftest import Offline
from tests.web.forger import EVENTS, FIELDS, INBOUND


@pytest.fixture
def vendors(rt: Runtime) -> Vendors:
    return Vendors(rt)


def receipts_of(vendors: Vendors) -> list[tuple[str, str]]:
    return [
        (row.vendor, row.what)
        for row in vendors.rows("SELECT vendor, what FROM receipts ORDER BY received_at")
    ]


def test_what_a_vendor_signed_is_kept_sealed_and_answered_at_once(vendors: Vendors) -> None:
    attempt = new_id()
    events = vendors.post_events({"email": "ada@example.org", "event": "delivered"})
    status = vendors.post_form(f"/hooks/twilio/status/{attempt}", FIELDS)
    inbound = vendors.post_form(INBOUND, FIELDS)
    assert [a.status_code for a in (events, status, inbound)] == [204, 204, 200]
    assert [a.data for a in (events, status)] == [b"", b""]
    assert inbound.mimetype == "text/xml" and b"<Response/>" in inbound.data
    assert not any("Set-Cookie" in answer.headers for answer in (events, status, inbound))
    assert receipts_of(vendors) == [("sendgrid", "events"), ("twilio", "status"), ("twilio", "inbound")]
    rows = vendors.rows("SELECT id, attempt_id, sealed FROM receipts WHERE what = 'status'")
    told = vendors.rt.sealer.open("receipts", rows[0].id, rows[0].sealed)
    assert rows[0].attempt_id == attempt
    assert dict(told["form"]) == FIELDS
    assert b"ada@example" not in b"".join(
        bytes(row.sealed) for row in vendors.rows("SELECT sealed FROM receipts")
    )


def test_the_same_callback_again_is_answered_alike_and_kept_once(vendors: Vendors) -> None:
    path = f"/hooks/twilio/status/{new_id()}"
    for _ in range(5):
        assert vendors.post_form(path, FIELDS).status_code == 204
        assert vendors.post_form(INBOUND, {**FIELDS, "Added": "later"}).status_code == 200
    vendors.post_form(path, {**FIELDS, "ErrorCode": "30003"})
    assert receipts_of(vendors) == [("twilio", "status"), ("twilio", "inbound"), ("twilio", "status")]


def test_vectors_of_the_vendors_own_tests() -> None:
    """From twilio-python's tests: fields that come twice count once for each value."""
    url, token = "https://mycompany.com/myapp.php?foo=1&bar=2", "12345"
    body = urlencode(
        {
            "CallSid": "CA1234567890ABCDE",
            "Caller": "+14158675309",
            "Digits": "1234",
            "From": "+14158675309",
            "To": "+18005551212",
        }
    ).encode()
    assert twilio_callbacks.genuine(url, body, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", [token])
    twice = b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234"
    assert twilio_callbacks.genuine(url, twice, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", [token])
    assert not twilio_callbacks.genuine(url, body, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", ["54321"])


@pytest.mark.parametrize(
    ("base", "signed_for"),
    [
        ("https://clinic.example.org", "https://clinic.example.org"),
        ("https://clinic.example.org", "https://clinic.example.org:443"),
        ("http://clinic.example.org", "http://clinic.example.org:80"),
        ("https://clinic.example.org:8443", "https://clinic.example.org:8443"),
        ("https://clinic.example.org/care", "https://clinic.example.org/care"),
    ],
)
def test_the_address_is_our_own_with_or_without_its_port(rt: Runtime, base: str, signed_for: str) -> None:
    there = replace(rt, settings=rt.settings.model_copy(update={"base_url": base}))
    client = app_of(there).test_client()
    token = there.callback_keys.twilio_auth_tokens[0]
    _, body, headers = form_request(token, signed_for + INBOUND, FIELDS)
    # What reaches us behind a proxy is another host, and what it claims does not count.
    wild = {"Host": "10.0.0.5:8000", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    assert client.post(INBOUND, data=body, headers={**headers, **wild}).status_code == 200
    _, body, headers = form_request(token, "https://evil.example" + INBOUND, FIELDS)
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert client.post(INBOUND, data=body, headers={**headers, **forged}).status_code == 403


def test_two_keys_of_each_are_good_while_one_takes_over_from_the_other(rt: Runtime) -> None:
    old, new, other = EventKey.new(), EventKey.new(), EventKey.new()
    given = {
        "twilio_auth_token": "old-token, new-token",
        "sendgrid_webhook_public_key": f"{old.public},{new.public},no key at all",
    }
    client = app_of(replace(rt, settings=rt.settings.model_copy(update=given))).test_client()

    def events(key: EventKey) -> int:
        body, headers = events_request(key, [])
        return client.post(EVENTS, data=body, headers=headers).status_code

    def inbound(token: str) -> int:
        _, body, headers = form_request(token, rt.settings.public_url + INBOUND, FIELDS)
        return client.post(INBOUND, data=body, headers=headers).status_code

    assert [events(key) for key in (old, new, other)] == [204, 204, 403]
    assert [inbound(token) for token in ("old-token", "new-token", "other-token")] == [200, 200, 403]


@pytest.mark.parametrize(
    ("age", "status"), [(0, 204), (24 * 3600, 204), (-200, 204), (26 * 3600, 403), (-400, 403)]
)
def test_events_of_another_day_are_not_taken(vendors: Vendors, age: int, status: int) -> None:
    headers = vendors.key.headers(b"[]", str(int(time.time()) - age))
    assert vendors.client.post(EVENTS, data=b"[]", headers=headers).status_code == status


def test_a_megabyte_of_events_is_taken_and_no_more(vendors: Vendors) -> None:
    def post(size: int) -> int:
        body = b"[" + b" " * (size - 2) + b"]"
        return vendors.client.post(EVENTS, data=body, headers=vendors.key.headers(body)).status_code

    assert [post(200_000), post(1024 * 1024), post(1024 * 1024 + 1)] == [204, 204, 413]
    assert vendors.post_form(INBOUND, {**FIELDS, "Body": "x" * 70_000}).status_code == 413


def test_in_production_development_s_keys_prove_nothing(settings: Settings, vendors: Vendors) -> None:
    production = settings.model_copy(update={"env": "production"})
    assert callback_keys(production) == CallbackKeys((), ())
    client = app_of(replace(vendors.rt, settings=production)).test_client()
    body, headers = events_request(vendors.key, [])
    assert client.post(EVENTS, data=body, headers=headers).status_code == 403
    for token in (vendors.token, ""):
        _, body, headers = form_request(token, settings.public_url + INBOUND, FIELDS)
        assert client.post(INBOUND, data=body, headers=headers).status_code == 403
    assert receipts_of(vendors) == []


def test_without_a_database_the_vendor_is_asked_to_come_again(offline: Offline, tmp_path: Any) -> None:
    client, world = offline(ENGAGE_DATA_DIR=str(tmp_path))
    made = world.callback_keys.made
    assert made is not None
    body, headers = events_request(EventKey(made.sendgrid), [])
    answer = client.post(EVENTS, data=body, headers=headers)
    assert answer.status_code == 503 and "Retry-After" in answer.headers
    _, body, headers = form_request(made.twilio, world.settings.public_url + INBOUND, FIELDS)
    assert client.post(INBOUND, data=body, headers=headers).status_code == 503
    assert client.post(INBOUND, data=body, headers={}).status_code == 403


def test_nothing_of_a_body_is_logged(
    vendors: Vendors, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A logger of its own: another test may have made the module's quiet.
    log.configure(development=True)
    monkeypatch.setattr(hooks, "logger", log.get("hooks"))
    vendors.post_events({"email": "canary@example.org"})
    vendors.post_form(INBOUND, {**FIELDS, "Body": "canary"})
    vendors.client.post(INBOUND, data={"Body": "canary"})
    vendors.client.post(EVENTS, data=b'["canary"]')
    said = "".join(capsys.readouterr())
    assert "canary" not in said
    assert "callback refused" in said


def test_the_vendors_libraries_are_imported_when_the_first_callback_comes() -> None:
    code = (
        "import sys, engage.web.hooks, engage.runtime;"
        "sys.exit(any(n == 'twilio' or n.startswith('sendgrid.') for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
