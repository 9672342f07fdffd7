"""Twilio: what is sent, what its answers mean, and what its list proves."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import orjson
import pytest

from engage.delivery.provider import Absent, Batch, CannotSay, Doubt, Found, Lookup, Outcome, Several
from engage.delivery.transport import Transport
from engage.delivery.twilio import TwilioSender
from engage.delivery.twilio_codes import meaning_of
from engage.domain.breaker import FAILURES
from tests.delivery.batches import ATTEMPT, sms
from tests.delivery.servers import Manner, Visit, behaving
from tests.world import MONDAY

ACCOUNT = "AC" + "0" * 32
SID = "SM" + "a" * 32


def _sender(
    transport: Transport, url: str, known: Callable[[Sequence[str]], set[str]] | None = None
) -> TwilioSender:
    return TwilioSender(
        transport,
        ACCOUNT,
        "token",
        "MG1",
        url,
        "https://engage.example.org",
        lambda: MONDAY,
        known or (lambda _: set()),
    )


def _form(transport: Transport, batch: Batch) -> dict[str, str]:
    with behaving(_saying(201, orjson.dumps({"sid": SID}))) as server:
        _sender(transport, server.url).send([batch], time.monotonic() + 3)
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1".encode())
    assert b"Authorization: Basic " + b64encode(f"{ACCOUNT}:token".encode()) in head
    assert b"application/x-www-form-urlencoded" in head
    return dict(parse_qsl(body.decode(), strict_parsing=True))


def _saying(status: int, body: bytes) -> Manner:
    async def answer(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.reply(status, body)

    return answer


def test_a_text_goes_by_the_messaging_service_with_everything_it_needs_and_no_more(
    transport: Transport,
) -> None:
    assert _form(transport, sms(not_after=MONDAY + timedelta(hours=2))) == {
        "To": "+15185550123",
        "MessagingServiceSid": "MG1",
        "Body": "Oak Street: hello Ada!",
        "StatusCallback": f"https://engage.example.org/hooks/twilio/status/{ATTEMPT}#rc=5&rp=all",
        "ValidityPeriod": "7200",
        "SmartEncoded": "false",
    }


def test_names_are_folded_into_the_cheap_alphabet(transport: Transport) -> None:
    form = _form(transport, sms(values={"given_name": "D’Arcy – “Zoë”…"}))
    assert form["Body"] == 'Oak Street: hello D\'Arcy - "Zoë"...!'


@pytest.mark.parametrize(
    ("not_after", "seconds"),
    [
        (None, "36000"),
        (MONDAY + timedelta(days=2), "36000"),
        (MONDAY + timedelta(seconds=90.7), "90"),
        (MONDAY + timedelta(seconds=0.5), "1"),
        (MONDAY - timedelta(hours=1), "1"),
    ],
)
def test_it_is_valid_as_long_as_it_is_of_use(
    transport: Transport, not_after: datetime | None, seconds: str
) -> None:
    assert _form(transport, sms(not_after=not_after))["ValidityPeriod"] == seconds


def test_fifty_texts_are_fifty_requests_at_once(transport: Transport) -> None:
    with behaving(_saying(201, orjson.dumps({"sid": SID}))) as server:
        outcomes = _sender(transport, server.url).send([sms() for _ in range(120)], time.monotonic() + 5)
    assert len(server.requests) == 120
    assert server.visits <= 50
    assert {one.state for (one,) in outcomes} == {"accepted"}


def test_a_text_that_is_too_long_is_refused_before_it_is_sent_and_hinders_no_other(
    transport: Transport,
) -> None:
    with behaving(_saying(201, orjson.dumps({"sid": SID}))) as server:
        batches = [sms(), sms("x" * 1601), sms("x" * 1600)]
        outcomes = _sender(transport, server.url).send(batches, time.monotonic() + 3)
    assert [one.failure or one.state for (one,) in outcomes] == ["accepted", "invalid", "accepted"]
    assert [one.message_id for (one,) in outcomes] == [batch.entries[0].message_id for batch in batches]
    assert len(server.requests) == 2


def _code(code: int, status: int = 400) -> bytes:
    return orjson.dumps({"code": code, "message": "<b>no</b>", "more_info": "x", "status": status})


@pytest.mark.parametrize(
    ("status", "body", "said", "code"),
    [
        (201, orjson.dumps({"sid": SID, "status": "accepted"}), "accepted", None),
        (201, b"<html>", "unknown", "201"),
        (201, b"", "unknown", "201"),
        (201, b"[]", "unknown", "201"),
        (200, orjson.dumps({"sid": "x'; drop"}), "unknown", "200"),
        (302, b"", "channel_down", "302"),
        (400, _code(21610), "opted_out", "21610"),
        (400, _code(21211), "bad_address", "21211"),
        (400, _code(21614), "bad_address", "21614"),
        (400, _code(21611), "temporary", "21611"),
        (400, _code(21408), "filtered", "21408"),
        (400, _code(21617), "invalid", "21617"),
        (400, _code(99999), "unknown_code", "99999"),
        (400, _code(30410), "unknown", "30410"),
        (403, _code(30410, 403), "unknown", "30410"),
        (408, b"", "unknown", "408"),
        (408, _code(99999, 408), "unknown", "99999"),
        (408, _code(21610, 408), "opted_out", "21610"),
        (400, b"<html>", "unknown_code", "400"),
        (400, b'{"code": "21610"}', "unknown_code", "400"),
        (401, _code(20003, 401), "channel_down", "20003"),
        (401, b"", "channel_down", "401"),
        (403, _code(20403, 403), "channel_down", "20403"),
        (403, _code(21610, 403), "opted_out", "21610"),
        (404, _code(20404, 404), "channel_down", "20404"),
        (429, _code(20429, 429), "not_processed", "20429"),
        (429, b"<html>", "not_processed", "429"),
        (500, b"", "unknown", "500"),
        (503, _code(20503, 503), "unknown", "503"),
    ],
)
def test_each_answer_has_its_meaning(
    transport: Transport, status: int, body: bytes, said: str, code: str | None
) -> None:
    with behaving(_saying(status, body)) as server:
        ((outcome,),) = _sender(transport, server.url).send([sms()], time.monotonic() + 3)
    assert (outcome.failure or outcome.state, outcome.code) == (said, code)
    assert outcome.provider_id == (SID if said == "accepted" else None)
    assert len(server.requests) == 1


def test_a_text_that_may_have_left_is_not_sent_again(transport: Transport) -> None:
    async def drop(visit: Visit) -> None:
        await visit.request()
        visit.reset()

    with behaving(drop) as server:
        sender = _sender(transport, server.url)
        ((outcome,),) = sender.send([sms()], time.monotonic() + 3)
        time.sleep(0.1)
        assert len(server.requests) == 1
    assert outcome.state == "unknown"
    ((outcome,),) = sender.send([sms()], time.monotonic() + 3)
    assert outcome == Outcome(outcome.message_id, "failed", code="connect", failure="not_processed")


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("30003", "temporary"),
        (30004, "opted_out"),
        ("30005", "bad_address"),
        ("30006", "bad_address"),
        ("30007", "filtered"),
        ("30036", "late"),
        ("30034", "channel_down"),
        ("30410", "ambiguous"),
        (None, "unknown_code"),
        ("", "unknown_code"),
        ("abc", "unknown_code"),
    ],
)
def test_codes_of_callbacks_have_their_class(code: str | int | None, failure: str) -> None:
    assert meaning_of(code) == failure


STARTED = datetime(2026, 11, 2, 0, 30, tzinfo=UTC)


def _listed(n: int = 1, **told: Any) -> dict[str, Any]:
    return {
        "sid": f"SM{n:032x}",
        "direction": "outbound-api",
        "body": "Oak Street: hello Ada!",
        "date_created": format_datetime(STARTED + timedelta(seconds=2)),
        "date_sent": None,
        "status": "queued",
        **told,
    }


def _looked_up(
    transport: Transport, pages: list[Any], known: set[str] | None = None
) -> tuple[Lookup, Batch, list[bytes]]:
    """What the list proves: ``pages`` follow each other, in each list that is asked for."""

    async def list_(visit: Visit) -> None:
        while True:
            request = await visit.request()
            query = parse_qs(urlsplit(request.split(b" ")[1].decode()).query)
            assert query["To"] == ["+15185550123"] and query["PageSize"] == ["1000"]
            at = int(query.get("Page", ["0"])[0])
            page = pages[at]
            if isinstance(page, bytes):
                await visit.reply(200, page)
                continue
            follows = (
                f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?To=%2B15185550123&PageSize=1000&Page={at + 1}"
            )
            told = {"messages": page, "next_page_uri": follows if at + 1 < len(pages) else None}
            await visit.reply(200, orjson.dumps(told))

    batch = sms()
    with behaving(list_) as server:
        sender = _sender(transport, server.url, lambda sids: set(sids) & (known or set()))
        return sender.lookup(Doubt(batch, STARTED)), batch, server.requests


def test_the_one_message_that_it_can_be_is_found_on_whichever_page(transport: Transport) -> None:
    others = [_listed(n, body="something else") for n in range(2, 5)]
    lookup, batch, requests = _looked_up(transport, [others, [], [_listed(9)]])
    assert lookup == Found({batch.entries[0].message_id: f"SM{9:032x}"})
    assert len(requests) == 3


def test_the_search_begins_the_day_before_since_a_day_there_is_a_gmt_day(transport: Transport) -> None:
    _, _, requests = _looked_up(transport, [[_listed()]])
    assert parse_qs(urlsplit(requests[0].split(b" ")[1].decode()).query)["DateSent>"] == ["2026-11-01"]


def test_two_that_it_could_be_are_for_a_person_to_look_at(transport: Transport) -> None:
    assert _looked_up(transport, [[_listed(1), _listed(2)]])[0] == Several()


def test_one_that_another_attempt_holds_is_not_it(transport: Transport) -> None:
    lookup, batch, _ = _looked_up(transport, [[_listed(1), _listed(2)]], known={f"SM{1:032x}"})
    assert lookup == Found({batch.entries[0].message_id: f"SM{2:032x}"})
    assert _looked_up(transport, [[_listed(1)]], known={f"SM{1:032x}"})[0] == Absent()


@pytest.mark.parametrize(
    "other",
    [
        {
            "body": "Oak Street: hello Grace!",
            "date_created": format_datetime(STARTED + timedelta(minutes=5)),
        },
        {"direction": "inbound"},
        {"direction": "outbound-reply"},
        {"date_created": format_datetime(STARTED - timedelta(seconds=61))},
    ],
)
def test_others_prove_nothing(transport: Transport, other: dict[str, Any]) -> None:
    lookup, _, requests = _looked_up(transport, [[_listed(**other)]])
    assert lookup == Absent()
    assert len(requests) == 2


def test_other_words_of_that_very_moment_may_be_ours_altered(transport: Transport) -> None:
    assert _looked_up(transport, [[_listed(body="Oak Street: hello Grace!")]])[0] == CannotSay()


def test_words_in_front_of_ours_are_a_trial_accounts(transport: Transport) -> None:
    body = f"Sent from a trial account - {_listed()['body']}"
    assert isinstance(_looked_up(transport, [[_listed(body=body)]])[0], Found)


def test_the_clocks_may_differ_by_a_minute(transport: Transport) -> None:
    slow = _listed(date_created=format_datetime(STARTED - timedelta(seconds=59)))
    assert isinstance(_looked_up(transport, [[slow]])[0], Found)


def test_what_waits_in_twilios_queue_without_a_day_of_sending_is_found_too(transport: Transport) -> None:
    async def list_(visit: Visit) -> None:
        while True:
            by_day = b"DateSent" in (await visit.request()).split(b" ")[1]
            await visit.reply(200, orjson.dumps({"messages": [] if by_day else [_listed()]}))

    with behaving(list_) as server:
        assert isinstance(_sender(transport, server.url).lookup(Doubt(sms(), STARTED)), Found)


@pytest.mark.parametrize(
    "pages",
    [
        [b"<html>"],
        [b"{}"],
        [[], b"garbage"],
        [[_listed(date_created=None)]],
        [[_listed(date_created="soon")]],
        [[{"sid": SID}]],
        [orjson.dumps({"messages": [], "next_page_uri": "https://elsewhere.example/steal"})],
        [[_listed(body="")]],
        [[_listed(body="*****")]],
    ],
)
def test_an_incomplete_or_redacted_list_proves_nothing(transport: Transport, pages: list[Any]) -> None:
    assert _looked_up(transport, pages)[0] == CannotSay()


def test_a_list_that_can_not_be_had_proves_nothing(transport: Transport) -> None:
    for status in (401, 404, 429, 500):
        with behaving(_saying(status, b"{}")) as server:
            assert _sender(transport, server.url).lookup(Doubt(sms(), STARTED)) == CannotSay()
    assert _sender(transport, server.url).lookup(Doubt(sms(), STARTED)) == CannotSay()


def test_the_poll_reads_one_message(transport: Transport) -> None:
    with behaving(_saying(200, orjson.dumps({"sid": SID, "status": "delivered"}))) as server:
        assert _sender(transport, server.url).fetch(SID) == {"sid": SID, "status": "delivered"}
        assert f"/Messages/{SID}.json".encode() in server.requests[0]
    assert _sender(transport, server.url).fetch(SID) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, b'{"code": 99999}'), (201, b"<html>welcome</html>"), (401, b'{"code": 20003}'), (302, b"")],
)
def test_a_sender_that_refuses_everybody_is_not_asked_for_the_whole_wave(
    transport: Transport, status: int, body: bytes
) -> None:
    with behaving(_saying(status, body)) as server:
        sender = _sender(transport, server.url)
        outcomes = sender.send([sms() for _ in range(200)], time.monotonic() + 10)
    assert len(server.requests) <= sender.parallel + FAILURES
    assert {said[0].failure for said in outcomes[-50:]} == {"not_begun"}


def test_one_bad_number_after_another_does_not_stop_the_wave(transport: Transport) -> None:
    with behaving(_saying(400, b'{"code": 21211}')) as server:
        outcomes = _sender(transport, server.url).send([sms() for _ in range(60)], time.monotonic() + 10)
    assert len(server.requests) == 60
    assert {said[0].failure for said in outcomes} == {"bad_address"}
