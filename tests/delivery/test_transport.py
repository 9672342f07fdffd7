"""The transport against servers that misbehave: it says what can be known, in time, and sends nothing twice."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from pathlib import Path

import pytest

from engage.delivery.transport import (
    NOT_BEGUN,
    Answer,
    NoAnswer,
    NotSent,
    Reply,
    Request,
    Transport,
)
from tests.delivery.servers import Manner, Visit, behaving
from tests.fakes import certificates


def _post(transport: Transport, url: str, seconds: float = 3.0, body: bytes = b"x" * 1000) -> Answer:
    request = Request("POST", f"{url}/send", {"Content-Type": "text/plain"}, body)
    (answer,) = transport.exchange([lambda: request], time.monotonic() + seconds, 1)
    return answer


async def _well(visit: Visit) -> None:
    while True:
        await visit.request()
        await visit.reply(202, b"taken", "X-Message-Id: m1\r\n")


def test_a_reply_comes_back_with_its_headers_in_small_letters_and_its_body(transport: Transport) -> None:
    with behaving(_well) as server:
        answer = _post(transport, server.url)
    assert isinstance(answer, Reply)
    assert (answer.status, answer.headers["x-message-id"], answer.body) == (202, "m1", b"taken")


def test_many_requests_are_under_way_at_once_and_answers_keep_their_order(transport: Transport) -> None:
    most = now = 0

    async def slowly(visit: Visit) -> None:
        nonlocal most, now
        while True:
            body = (await visit.request()).rpartition(b"\r\n\r\n")[2]
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.05)
            now -= 1
            await visit.reply(200, body)

    with behaving(slowly) as server:
        requests = [Request("POST", server.url, {}, str(n).encode()) for n in range(40)]
        answers = transport.exchange([lambda r=r: r for r in requests], time.monotonic() + 5, 8)  # type: ignore[misc]
    assert [a.body for a in answers if isinstance(a, Reply)] == [str(n).encode() for n in range(40)]
    assert most == 8
    assert server.visits == 8


def test_nothing_listens_there_so_nothing_was_sent(transport: Transport) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert _post(transport, f"http://127.0.0.1:{port}") == NotSent("connect")


def test_a_name_that_does_not_exist_is_not_sent_to(transport: Transport) -> None:
    assert _post(transport, "http://nowhere.invalid", seconds=8) in (NotSent("dns"), NotSent("timeout"))


def test_tls_is_spoken_with_a_server_that_the_ca_file_vouches_for(
    transport: Transport, authority: Path
) -> None:
    with behaving(_well, certificates.server_context(authority.parent)) as server:
        assert isinstance(_post(transport, server.url), Reply)


def test_an_unknown_authority_means_nothing_was_sent(transport: Transport, tmp_path: Path) -> None:
    with behaving(_well, certificates.server_context(tmp_path, "stranger")) as server:
        assert _post(transport, server.url) == NotSent("tls")
    assert server.requests == []


def test_a_server_that_speaks_no_tls_means_nothing_was_sent(transport: Transport) -> None:
    async def plainly(visit: Visit) -> None:
        await visit.say(b"220 mail.example.org ESMTP\r\n")
        await visit.reader.read()

    with behaving(plainly) as server:
        assert _post(transport, server.url.replace("http:", "https:")) == NotSent("tls")


async def _reset_at_once(visit: Visit) -> None:
    await visit.reader.read(1)
    visit.reset()


async def _reset_after_reading(visit: Visit) -> None:
    await visit.request()
    visit.reset()


async def _goodbye_after_reading(visit: Visit) -> None:
    await visit.request()


async def _garbage(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"\x00\x01 what is this?\r\n\r\n")


async def _never_read(visit: Visit) -> None:
    await asyncio.sleep(60)


async def _hang(visit: Visit) -> None:
    await visit.request()
    await asyncio.sleep(60)


async def _drip_the_head(visit: Visit) -> None:
    await visit.request()
    for byte in b"HTTP/1.1 202 Accepted\r\nX-Slow: " + b"z" * 1000:
        await visit.say(bytes([byte]))
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("manner", "why"),
    [
        (_reset_at_once, "reset"),
        (_reset_after_reading, "reset"),
        (_goodbye_after_reading, "reset"),
        (_garbage, "garbage"),
        (_never_read, "timeout"),
        (_hang, "timeout"),
        (_drip_the_head, "timeout"),
    ],
)
def test_bytes_without_an_answer_are_never_sent_again(transport: Transport, manner: Manner, why: str) -> None:
    with behaving(manner) as server:
        began = time.monotonic()
        # Large enough to fill every buffer where nobody reads.
        answer = _post(transport, server.url, seconds=1.0, body=b"x" * 900_000)
        assert time.monotonic() - began < 1.6
        time.sleep(0.2)
        assert server.visits == 1
    assert answer == NoAnswer(why)
    assert len(server.requests) <= 1


async def _drip_the_body(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: m1\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        await visit.say(b"z")
        await asyncio.sleep(0.05)


async def _break_off(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: m1\r\nContent-Length: 1000\r\n\r\nhalf")


async def _endless(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: m1\r\n\r\n")
    while True:
        await visit.say(b"z" * 65_536)


@pytest.mark.parametrize("manner", [_drip_the_body, _break_off, _endless])
def test_a_status_counts_although_its_body_can_not_be_had(transport: Transport, manner: Manner) -> None:
    with behaving(manner) as server:
        began = time.monotonic()
        answer = _post(transport, server.url, seconds=1.0)
        assert time.monotonic() - began < 1.6
    assert isinstance(answer, Reply)
    assert (answer.status, answer.headers["x-message-id"], answer.body) == (202, "m1", None)


def test_a_redirect_is_an_answer_and_is_not_followed(transport: Transport) -> None:
    async def elsewhere(visit: Visit) -> None:
        await visit.request()
        await visit.reply(307, b"", "Location: /other\r\nSet-Cookie: a=b\r\n")
        await visit.request()
        await visit.reply(200)

    with behaving(elsewhere) as server:
        answer = _post(transport, server.url)
        assert isinstance(answer, Reply)
        assert answer.status == 307
        assert len(server.requests) == 1
        _post(transport, server.url)
        assert b"cookie" not in server.requests[1].lower()


def test_a_compressed_answer_is_not_unpacked(transport: Transport) -> None:
    async def packed(visit: Visit) -> None:
        assert b"accept-encoding: identity" in (await visit.request()).lower()
        await visit.reply(200, b"\x1f\x8b\x08bomb", "Content-Encoding: gzip\r\n")

    with behaving(packed) as server:
        answer = _post(transport, server.url)
    assert isinstance(answer, Reply)
    assert answer.body == b"\x1f\x8b\x08bomb"


def test_a_connection_is_used_again_while_it_is_young(transport: Transport) -> None:
    with behaving(_well) as server:
        for _ in range(5):
            _post(transport, server.url)
    assert server.visits == 1


def test_a_connection_that_was_idle_for_five_seconds_is_replaced(transport: Transport) -> None:
    with behaving(_well) as server:
        _post(transport, server.url)
        time.sleep(5.2)
        assert isinstance(_post(transport, server.url), Reply)
    assert server.visits == 2
    assert len(server.requests) == 2


def test_a_connection_that_was_closed_meanwhile_is_not_used(transport: Transport) -> None:
    async def one_each(visit: Visit) -> None:
        await visit.request()
        await visit.reply(202)

    with behaving(one_each) as server:
        _post(transport, server.url)
        time.sleep(0.1)
        assert isinstance(_post(transport, server.url), Reply)
    assert len(server.requests) == 2


def test_a_request_on_a_kept_connection_that_drops_is_not_repeated(transport: Transport) -> None:
    async def second_time_drop(visit: Visit) -> None:
        await visit.request()
        await visit.reply(202)
        await visit.request()
        visit.reset()

    with behaving(second_time_drop) as server:
        assert isinstance(_post(transport, server.url), Reply)
        assert _post(transport, server.url) == NoAnswer("reset")
        time.sleep(0.2)
        assert (server.visits, len(server.requests)) == (1, 2)


def test_after_its_time_not_one_byte_is_written(transport: Transport) -> None:
    with behaving(_well) as server:
        assert _post(transport, server.url, seconds=-0.1) == NotSent("timeout")
        assert server.visits == 0


def test_a_process_that_stood_still_before_the_first_byte_writes_none(transport: Transport) -> None:
    with behaving(_well) as server:
        _post(transport, server.url)
        request = Request("POST", server.url, {}, b"x")

        def slowly() -> Request:
            time.sleep(0.3)
            return request

        assert transport.exchange([slowly], time.monotonic() + 0.2, 1) == [NotSent("timeout")]
        time.sleep(0.1)
        assert len(server.requests) == 1


def test_what_waits_behind_a_hanging_request_is_not_sent_when_time_is_over(transport: Transport) -> None:
    with behaving(_hang) as server:
        request = Request("POST", server.url, {}, b"x")
        answers = transport.exchange([lambda: request] * 3, time.monotonic() + 2, 1)
    assert answers == [NoAnswer("timeout"), NotSent(NOT_BEGUN), NotSent(NOT_BEGUN)]
    assert len(server.requests) == 1


def test_what_waits_behind_others_begins_only_while_half_of_the_time_is_left_for_its_answer(
    transport: Transport,
) -> None:
    async def slowly(visit: Visit) -> None:
        while True:
            await visit.request()
            await asyncio.sleep(0.9)
            await visit.reply(202)

    with behaving(slowly) as server:
        request = Request("POST", server.url, {}, b"x")
        answers = transport.exchange([lambda: request] * 4, time.monotonic() + 3.0, 1)
    # At 0.0 and 0.9 s; at 1.8 s there would be too little time left.
    assert [type(answer) for answer in answers] == [Reply, Reply, NotSent, NotSent]
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_after_some_that_went_wrong_in_a_row_no_more_begin(transport: Transport, status: int) -> None:
    async def badly(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.reply(status)

    with behaving(badly) as server:
        request = Request("POST", server.url, {}, b"x")
        answers = transport.exchange([lambda: request] * 40, time.monotonic() + 5, 2, patience=5)
    begun = [answer for answer in answers if isinstance(answer, Reply)]
    # One more may have been under way on the other connection.
    assert 5 <= len(begun) == len(server.requests) <= 6
    assert set(answers[len(begun) :]) == {NotSent(NOT_BEGUN)}


def test_one_that_went_well_between_them_lets_the_rest_begin(transport: Transport) -> None:
    async def now_and_then(visit: Visit) -> None:
        for n in range(40):
            await visit.request()
            await visit.reply(202 if n % 4 == 3 else 500)

    with behaving(now_and_then) as server:
        request = Request("POST", server.url, {}, b"x")
        answers = transport.exchange([lambda: request] * 20, time.monotonic() + 5, 1, patience=4)
    assert len(server.requests) == len([a for a in answers if isinstance(a, Reply)]) == 20


def test_a_request_that_can_not_be_built_stops_no_other(transport: Transport) -> None:
    def broken() -> Request:
        raise LookupError("no value")

    with behaving(_well) as server:
        good = Request("POST", server.url, {}, b"x")
        answers = transport.exchange([lambda: good, broken, lambda: good], time.monotonic() + 3, 4)
    assert [type(answer) for answer in answers] == [Reply, NotSent, Reply]


def test_a_request_never_shows_its_key() -> None:
    assert "secret" not in repr(Request("POST", "https://x", {"Authorization": "secret"}, b"secret"))


def test_a_forked_child_sends_on_connections_of_its_own(transport: Transport) -> None:
    with behaving(_well) as server:
        _post(transport, server.url)
        child = os.fork()
        if child == 0:
            os._exit(0 if isinstance(_post(transport, server.url), Reply) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert isinstance(_post(transport, server.url), Reply)
        assert server.visits == 2
