"""Vendors' callbacks through the real web server, by its real sockets."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from engage.ids import new_id
from tests.fakes.signing import EventKey, events_request, form_request
from tests.processes.stack import Stack

EVENTS = "/hooks/sendgrid/events"
INBOUND = "/hooks/twilio/inbound"


@pytest.fixture(scope="module")
def key(stack: Stack) -> EventKey:
    made = stack.rt.callback_keys.made
    assert made is not None
    return EventKey(made.sendgrid)


def post(
    stack: Stack, path: str, body: bytes, headers: dict[str, str], *, chunked: bool = False
) -> int | None:
    """The status, None when the server closed the connection while the body was still coming."""

    def chunks() -> Iterator[bytes]:
        for at in range(0, len(body), 64 * 1024):
            yield body[at : at + 64 * 1024]

    connection = http.client.HTTPConnection(urlsplit(stack.base_url).netloc, timeout=20)
    try:
        connection.request("POST", path, chunks() if chunked else body, headers, encode_chunked=chunked)
        return connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        return None
    finally:
        connection.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_signed_callbacks_are_kept_whole_or_in_chunks(stack: Stack, key: EventKey, chunked: bool) -> None:
    more = {"Transfer-Encoding": "chunked"} if chunked else {}
    body, headers = events_request(
        key, [{"event": "delivered", "n": n, "chunked": chunked} for n in range(3000)]
    )
    assert len(body) > 64 * 1024
    before = stack.count("receipts")
    assert post(stack, EVENTS, body, {**headers, **more}, chunked=chunked) == 204
    made = stack.rt.callback_keys.made
    assert made is not None
    fields = {"MessageSid": f"SM{new_id().hex}", "From": "+15185550123", "Body": ""}
    _, form, signed = form_request(made.twilio, stack.base_url + INBOUND, fields)
    assert post(stack, INBOUND, form, {**signed, **more}, chunked=chunked) == 200
    assert stack.count("receipts") == before + 2


def test_forged_and_endless_callbacks_write_nothing(stack: Stack, key: EventKey) -> None:
    body, headers = events_request(key, [{"event": "delivered", "n": n} for n in range(50)])
    status = f"/hooks/twilio/status/{new_id()}"
    made = stack.rt.callback_keys.made
    assert made is not None
    _, form, signed = form_request(
        made.twilio, stack.base_url + status, {"MessageSid": "SM1", "MessageStatus": "sent"}
    )
    chunked = {"Transfer-Encoding": "chunked"}
    huge = b"[" + b" " * (10 * 1024 * 1024) + b"]"
    before = stack.count("receipts")
    for _ in range(20):
        assert post(stack, EVENTS, body + b" ", headers) == 403
        assert post(stack, EVENTS, b"[" * 100_000, headers) == 403
        assert post(stack, EVENTS, body, {**headers, **EventKey.new().headers(body)}) == 403
        assert post(stack, INBOUND, form, {**signed, "Host": "evil.example"}) == 403
        assert post(stack, status, form + b"&a=1", signed) == 403
        assert (
            post(stack, EVENTS, body, headers | chunked | EventKey.new().headers(body), chunked=True) == 403
        )
    for _ in range(3):
        assert post(stack, EVENTS, huge, key.headers(huge)) in (413, None)
        assert post(stack, EVENTS, huge, {**key.headers(huge), **chunked}, chunked=True) in (413, None)
        assert post(stack, status, huge, {**signed, **chunked}, chunked=True) in (413, None)
    assert {
        stack.visitor().ask(how, path).status for how in ("GET", "PUT", "DELETE") for path in (EVENTS, status)
    } == {405}
    assert stack.count("receipts") == before
