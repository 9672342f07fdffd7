"""Each way to fail: what the client sees, and whether the message was taken all the same."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

import orjson
import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from tests.fakes import failing
from tests.fakes.client import Fake
from tests.fakes.mails import mail, person, post
from tests.fakes.server import SENDGRID_KEY

BODY = mail(person("ana@example.com"), person("bo@example.com"))


def taken(fake: Fake) -> int:
    return len(fake.ledger())


@pytest.mark.parametrize(
    ("mode", "status", "accepted"),
    [
        ("500", 500, 0),
        ("503", 503, 0),
        ("429", 429, 0),
        ("403", 403, 0),
        ("503_after", 503, 2),
        ("garbage", 200, 2),
        ("garbage:202", 202, 2),
        ("garbage_lost", 200, 0),
        ("html413", 413, 0),
        ("unreadable", 400, 0),
        ("entry:1", 400, 0),
        ("accept_slow:0.2", 202, 2),
        ("ok", 202, 2),
    ],
)
def test_it_answers_that_and_took_so_many(fake: Fake, mode: str, status: int, accepted: int) -> None:
    fake.set_modes("sendgrid", [mode])
    assert post(fake, BODY)[0] == status
    assert taken(fake) == accepted
    assert post(fake, BODY)[0] == 202
    assert taken(fake) == accepted + 2


def ask(fake: Fake, seconds: float) -> tuple[bytes, bool]:
    """All that is answered within that time, and whether the connection then ended."""
    body = orjson.dumps(BODY)
    head = "POST /v3/mail/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {SENDGRID_KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    context = ssl.create_default_context(cafile=fake.ca_file)
    end = time.monotonic() + seconds
    got = b""
    with (
        socket.create_connection(("127.0.0.1", fake.about["door"]), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as door,
    ):
        try:
            door.sendall(head.encode() + body)
            while (left := end - time.monotonic()) > 0:
                door.settimeout(left)
                if not (more := door.recv(1000)):
                    return got, True
                got += more
        except TimeoutError:
            return got, False
        except OSError:
            return got, True
    return got, False


@pytest.mark.parametrize(
    ("mode", "accepted"),
    [("reset_before", 0), ("reset_early", 0), ("reset_after", 2), ("half", 2)],
)
def test_the_connection_ends_without_an_answer(fake: Fake, mode: str, accepted: int) -> None:
    fake.set_modes("sendgrid", [mode])
    got, ended = ask(fake, 5)
    assert ended
    assert got.startswith(b"HTTP/1.1 202") == (mode == "half") and not got.endswith(b"\r\n\r\n")
    assert taken(fake) == accepted


@pytest.mark.parametrize(
    ("mode", "accepted"), [("hang", 0), ("hang_after", 2), ("drip", 2), ("accept_slow", 2)]
)
def test_the_answer_does_not_come_in_time(fake: Fake, mode: str, accepted: int) -> None:
    fake.set_modes("sendgrid", [mode])
    got, ended = ask(fake, 1.3)
    assert not ended
    assert got in ((b"HT", b"H") if mode == "drip" else (b"",))
    assert taken(fake) == accepted


def test_half_of_a_request_is_none(fake: Fake) -> None:
    context = ssl.create_default_context(cafile=fake.ca_file)
    with (
        socket.create_connection(("127.0.0.1", fake.about["door"]), timeout=2) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as door,
    ):
        door.sendall(b"POST /v3/mail/send HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        time.sleep(0.1)
    end = time.monotonic() + 5
    while not fake.counts()["requests"]["cut"] and time.monotonic() < end:
        time.sleep(0.02)
    assert fake.counts()["requests"]["cut"] == 1
    assert taken(fake) == 0


def test_429_says_when_to_come_back(fake: Fake) -> None:
    fake.set_modes("sendgrid", ["429:30"])
    _, headers, answer = post(fake, BODY)
    assert 28 <= int(headers["X-RateLimit-Reset"]) - time.time() <= 31
    assert orjson.loads(answer)["errors"][0]["message"] == "too many requests"


def test_the_place_that_a_400_names_can_be_chosen(fake: Fake) -> None:
    fake.set_modes("sendgrid", ["entry:1"])
    assert b'"personalizations.1.to.0.email"' in post(fake, BODY)[2]


def test_what_is_refused_anyway_is_not_taken_by_a_reset_after(fake: Fake) -> None:
    fake.set_modes("sendgrid", ["reset_after"])
    assert post(fake, mail())[0] == 400
    assert taken(fake) == 0


@pytest.mark.parametrize(
    ("mode", "status", "code", "accepted"),
    [
        ("429", 429, 20429, 0),
        ("503", 503, 20503, 0),
        ("code:30034", 400, 30034, 0),
        ("500_after", 500, 20500, 1),
    ],
)
def test_twilio_fails_in_its_own_words(
    fake: Fake, text: Any, mode: str, status: int, code: int, accepted: int
) -> None:
    fake.set_modes("twilio", [mode])
    with pytest.raises(TwilioRestException) as refused:
        text()
    assert (refused.value.status, refused.value.code) == (status, code)
    assert taken(fake) == accepted


def test_twilio_s_list_fails_by_itself(fake: Fake, text: Any, twilio: Any) -> None:
    fake.set_modes("twilio.list", ["503"])
    text()
    with pytest.raises(TwilioException, match="HTTP 503"):
        twilio.messages.list(to="+14155550101", limit=1)
    assert len(twilio.messages.list(to="+14155550101", limit=1)) == 1


def test_the_door_is_shut_or_shows_a_certificate_that_nobody_trusts(fake: Fake) -> None:
    fake.door("shut")
    with pytest.raises(ConnectionRefusedError):
        post(fake, BODY)
    fake.door("wrong_tls")
    with pytest.raises(ssl.SSLCertVerificationError):
        post(fake, BODY)
    fake.door("open")
    assert post(fake, BODY)[0] == 202
    assert taken(fake) == 2


def test_idle_connections_are_closed_when_told(fake: Fake) -> None:
    fake.order(keepalive=0.2)
    try:
        context = ssl.create_default_context(cafile=fake.ca_file)
        with (
            socket.create_connection(("127.0.0.1", fake.about["door"]), timeout=3) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as door,
        ):
            assert door.recv(1) == b""
    finally:
        fake.order(keepalive=60)


def test_chances_are_the_same_for_a_seed_and_come_to_about_their_share() -> None:
    chances = {"503": 0.3, "reset_after": 0.2}
    first, again = (failing.Failing(chances=chances, seed=5) for _ in range(2))
    thrown = [first.next() for _ in range(2000)]
    assert thrown == [again.next() for _ in range(2000)]
    assert 500 < thrown.count("503") < 700 and 320 < thrown.count("reset_after") < 480


@pytest.mark.parametrize("mode", ["5030", "hung", "302", ""])
def test_a_mode_that_there_is_not_is_refused(fake: Fake, mode: str) -> None:
    with pytest.raises(ValueError, match="no mode"):
        fake.set_modes("sendgrid", [mode])
