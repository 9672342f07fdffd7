"""What senders are told to forget: texts at Twilio, addresses at SendGrid."""

from __future__ import annotations

import time
from collections.abc import Sequence

import orjson
import pytest

from engage.delivery.sendgrid import LARGEST_ERASE, SendGridSender, erase_parts
from engage.delivery.transport import Transport
from engage.delivery.twilio import TwilioSender
from tests.delivery.servers import Badly, Manner, Visit, behaving
from tests.world import MONDAY

ACCOUNT = "AC" + "0" * 32


def twilio(transport: Transport, url: str) -> TwilioSender:
    return TwilioSender(
        transport, ACCOUNT, "token", "MG1", url, "https://x.example", lambda: MONDAY, lambda _: set()
    )


def by_path(statuses: dict[str, int]) -> Manner:
    """Answers by the last part of the path."""

    async def answer(visit: Visit) -> None:
        while True:
            head = (await visit.request()).split(b" ", 2)
            await visit.reply(statuses[head[1].decode().rpartition("/")[2]])

    return answer


def test_texts_are_deleted_and_those_that_are_gone_already_count(transport: Transport) -> None:
    statuses = {"SM1.json": 204, "SM2.json": 404, "SM3.json": 409, "SM4.json": 500}
    with behaving(by_path(statuses)) as server:
        gone = twilio(transport, server.url).forget(["SM1", "SM2", "SM3", "SM4"], time.monotonic() + 3)
    assert gone == {"SM1", "SM2"}
    begun = {request.split(b"\r\n")[0].decode() for request in server.requests}
    assert begun == {f"DELETE /2010-04-01/Accounts/{ACCOUNT}/Messages/{name} HTTP/1.1" for name in statuses}


def test_nothing_raises_when_nobody_answers(transport: Transport) -> None:
    async def silent(visit: Visit) -> None:
        await visit.request()
        visit.reset()

    with behaving(silent) as server:
        assert twilio(transport, server.url).forget(["SM1"], time.monotonic() + 3) == set()
        sender = SendGridSender(transport, "SG.key", server.url)
        assert sender.erase(["a@example.org"], time.monotonic() + 3) == set()


def picky(refused: str, seen: list[list[str]]) -> Manner:
    """Takes erasures on, but for those with one address in them."""

    async def answer(visit: Visit) -> None:
        while True:
            addresses = orjson.loads((await visit.request()).partition(b"\r\n\r\n")[2])["email_addresses"]
            seen.append(addresses)
            await visit.reply(400 if refused in addresses else 202, b'{"job_id":"1"}')

    return answer


def erase(transport: Transport, server: Badly, addresses: Sequence[str]) -> set[str]:
    return SendGridSender(transport, "SG.key", server.url).erase(addresses, time.monotonic() + 5)


def test_addresses_are_erased_in_requests_of_at_most_five_thousand(transport: Transport) -> None:
    addresses = [f"p{n}@example.org" for n in range(12_001)]
    seen: list[list[str]] = []
    with behaving(picky("", seen)) as server:
        assert erase(transport, server, addresses) == set(addresses)
    assert sorted(len(part) for part in seen) == [2001, 5000, 5000]
    (head,) = {request.split(b"\r\n")[0] for request in server.requests}
    assert head == b"POST /v3/recipients/erasejob HTTP/1.1"
    assert all(b"Authorization: Bearer SG.key" in request for request in server.requests)


def test_one_address_that_is_refused_does_not_keep_the_others(transport: Transport) -> None:
    addresses = [f"p{n}@example.org" for n in range(9)]
    with behaving(picky("p4@example.org", [])) as server:
        assert erase(transport, server, addresses) == set(addresses) - {"p4@example.org"}


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_key_that_may_not_erase_takes_on_none(transport: Transport, status: int) -> None:
    with behaving(by_path({"erasejob": status})) as server:
        assert erase(transport, server, ["a@example.org", "b@example.org"]) == set()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("count", "length", "sizes"),
    [(0, 20, []), (1, 20, [1]), (5000, 20, [5000]), (5001, 20, [5000, 1]), (2000, 250, [1007, 993])],
)
def test_parts_keep_to_both_limits(count: int, length: int, sizes: list[int]) -> None:
    addresses = [f"{n:06}".ljust(length - 12, "x") + "@example.org" for n in range(count)]
    parts = list(erase_parts(addresses))
    assert [len(part) for part in parts] == sizes
    assert [address for part in parts for address in part] == addresses
    assert all(len(orjson.dumps(list(part))) <= LARGEST_ERASE + 2 for part in parts)
