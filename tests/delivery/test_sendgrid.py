"""SendGrid: what is sent, and what its answers mean."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sendgrid.helpers.mail import (
    ClickTracking,
    Content,
    CustomArg,
    Email,
    Ganalytics,
    Header,
    Mail,
    OpenTracking,
    Personalization,
    ReplyTo,
    SubscriptionTracking,
    Substitution,
    To,
    TrackingSettings,
)

from engage.content.render import ContentPlan
from engage.delivery.provider import Batch, CannotSay, Doubt, Outcome, read_mark
from engage.delivery.sendgrid import SendGridSender, common, payload
from engage.delivery.sendgrid_codes import blocked, dropped
from engage.delivery.transport import LARGEST_BODY, Transport
from tests.delivery.batches import ATTEMPT, NAMES, lesson, lessons
from tests.delivery.servers import Manner, Visit, behaving
from tests.world import MONDAY


def _sent(batch: Batch) -> dict[str, Any]:
    mail: dict[str, Any] = orjson.loads(payload(batch, common(batch.shared, "1")))
    return mail


def _arrived(mail: dict[str, Any], n: int) -> tuple[str, str, str]:
    """Subject, HTML and text as the n-th person gets them: SendGrid replaces each mark once."""
    found = []
    substitutions: dict[str, str] = mail["personalizations"][n]["substitutions"]
    for text in (mail["subject"], mail["content"][1]["value"], mail["content"][0]["value"]):
        for mark, value in substitutions.items():
            text = text.replace(mark, value)
        found.append(text)
    return found[0], found[1], found[2]


def test_everybody_gets_the_bytes_of_our_own_merge() -> None:
    # The last name holds a mark as it would be if nobody made it random.
    batch, plan = lessons(len(NAMES) - 1), ContentPlan.of(lesson())
    mail = _sent(batch)
    for n, entry in enumerate(batch.entries):
        assert _arrived(mail, n) == plan.fill(entry.values)


def test_the_mark_is_another_one_in_each_request(transport: Transport) -> None:
    async def take(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.reply(202)

    with behaving(take) as server:
        SendGridSender(transport, "key", server.url).send([lessons(1), lessons(1)], time.monotonic() + 3)
    marks = [
        frozenset(orjson.loads(request.partition(b"\r\n\r\n")[2])["personalizations"][0]["substitutions"])
        for request in server.requests
    ]
    assert len(marks) == 2
    assert not marks[0] & marks[1]


def test_the_payload_is_what_the_vendors_own_models_make_of_it() -> None:
    batch = lessons(3, **{"List-Id": "<course.clinic.example>"})
    mail, ours = Mail(), _sent(batch)
    mail.from_email = Email("hello@clinic.example", "Oak Street Clinic")
    mail.reply_to = ReplyTo("desk@clinic.example")
    mail.subject = ours["subject"]
    mail.add_content(Content("text/plain", ours["content"][0]["value"]))
    mail.add_content(Content("text/html", ours["content"][1]["value"]))
    mail.add_header(Header("List-Id", "<course.clinic.example>"))
    # The model puts each new one in front.
    for n, entry in reversed(list(enumerate(batch.entries))):
        person = Personalization()
        person.add_to(To(entry.to))
        person.add_custom_arg(CustomArg("mid", f"{ATTEMPT.hex}-{n}"))
        for name, value in entry.headers.items():
            person.add_header(Header(name, value))
        for mark, value in ours["personalizations"][n]["substitutions"].items():
            person.add_substitution(Substitution(mark, value))
        mail.add_personalization(person)
    tracking = TrackingSettings()
    tracking.click_tracking = ClickTracking(enable=False)
    tracking.open_tracking = OpenTracking(enable=False)
    tracking.subscription_tracking = SubscriptionTracking(enable=False)
    tracking.ganalytics = Ganalytics(enable=False)
    mail.tracking_settings = tracking
    assert ours == mail.get()


def test_nothing_but_an_opaque_mark_goes_into_custom_args() -> None:
    batch = lessons(250)
    for n, person in enumerate(_sent(batch)["personalizations"]):
        assert list(person["custom_args"]) == ["mid"]
        assert read_mark(person["custom_args"]["mid"]) == (ATTEMPT, n)
        assert len(person["to"]) == 1
    assert not {"categories", "asm", "mail_settings", "cc", "bcc"} & set(_sent(batch))


def _answered(
    transport: Transport, batch: Batch, status: int, body: bytes, headers: str = ""
) -> list[Outcome]:
    async def answer(visit: Visit) -> None:
        await visit.request()
        await visit.reply(status, body, headers)

    with behaving(answer) as server:
        (outcomes,) = SendGridSender(transport, "key", server.url).send([batch], time.monotonic() + 3)
        assert len(server.requests) == 1
    assert [outcome.message_id for outcome in outcomes] == [entry.message_id for entry in batch.entries]
    return outcomes


def _errors(*fields: str | None) -> bytes:
    return orjson.dumps({"errors": [{"message": "no", "field": name, "help": None} for name in fields]})


HTML = b"<html><head><title>413 Request Entity Too Large</title></head></html>"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (202, b"", ["accepted"] * 3),
        (202, b"<html>garbage", ["accepted"] * 3),
        (200, b"", ["accepted"] * 3),
        (200, b"<html>Sign in to the network</html>", ["unknown"] * 3),
        (201, b"{}", ["unknown"] * 3),
        (307, b"", ["channel_down"] * 3),
        (400, _errors("personalizations.1.to.0.email"), ["resend", "bad_address", "resend"]),
        (400, _errors("personalizations[1].to[0].email"), ["resend", "bad_address", "resend"]),
        (400, _errors("personalizations.0.headers.X"), ["invalid", "resend", "resend"]),
        (
            400,
            _errors("personalizations.0.to", "personalizations[2].substitutions"),
            ["bad_address", "resend", "invalid"],
        ),
        (400, _errors("personalizations.7.to"), ["resend"] * 3),
        (400, _errors("personalizations"), ["resend"] * 3),
        (400, _errors(None), ["resend"] * 3),
        (400, _errors("from.email"), ["channel_down"] * 3),
        (400, _errors("content.0.value", "subject"), ["invalid"] * 3),
        (400, b"<html>Bad Request</html>", ["resend"] * 3),
        (400, b'{"errors": 7}', ["resend"] * 3),
        (400, b"[]", ["resend"] * 3),
        (400, b"", ["resend"] * 3),
        (413, HTML, ["resend"] * 3),
        (401, _errors(None), ["channel_down"] * 3),
        (403, _errors(None), ["channel_down"] * 3),
        (404, b"", ["channel_down"] * 3),
        (408, HTML, ["unknown"] * 3),
        (418, b"", ["unknown_code"] * 3),
        (429, _errors(None), ["not_processed"] * 3),
        (500, b"", ["unknown"] * 3),
        (503, HTML, ["unknown"] * 3),
    ],
)
def test_each_answer_has_its_meaning(transport: Transport, status: int, body: bytes, said: list[str]) -> None:
    outcomes = _answered(transport, lessons(3), status, body)
    assert [outcome.failure or outcome.state for outcome in outcomes] == said
    assert all((outcome.state == "failed") == (outcome.failure is not None) for outcome in outcomes)


@pytest.mark.parametrize(("status", "body"), [(400, b"<html>"), (413, HTML), (400, _errors(None))])
def test_one_alone_that_is_refused_without_a_reason_is_invalid(
    transport: Transport, status: int, body: bytes
) -> None:
    (outcome,) = _answered(transport, lessons(1), status, body)
    assert (outcome.state, outcome.failure) == ("failed", "invalid")


def test_accepted_carries_the_id_that_sendgrid_gave(transport: Transport) -> None:
    outcomes = _answered(transport, lessons(2), 202, b"", "X-Message-Id: Abc-123\r\n")
    assert [outcome.provider_id for outcome in outcomes] == ["Abc-123", "Abc-123"]


def test_too_many_requests_says_so(transport: Transport) -> None:
    (outcome,) = _answered(transport, lessons(1), 429, b"", "X-RateLimit-Reset: 9\r\n")
    assert (outcome.failure, outcome.code) == ("not_processed", "429")


def test_a_dropped_connection_leaves_all_unknown_and_a_missing_server_none(transport: Transport) -> None:
    async def drop(visit: Visit) -> None:
        await visit.request()
        visit.reset()

    with behaving(drop) as server:
        sender = SendGridSender(transport, "key", server.url)
        (outcomes,) = sender.send([lessons(2)], time.monotonic() + 3)
        assert len(server.requests) == 1
    assert {outcome.state for outcome in outcomes} == {"unknown"}
    (outcomes,) = sender.send([lessons(2)], time.monotonic() + 3)
    assert {outcome.failure for outcome in outcomes} == {"not_processed"}


async def _break_off(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")


async def _too_large(visit: Visit) -> None:
    await visit.request()
    await visit.reply(200, b"z" * (LARGEST_BODY + 1))


@pytest.mark.parametrize("manner", [_break_off, _too_large])
def test_a_200_whose_body_can_not_be_had_proves_nothing(transport: Transport, manner: Manner) -> None:
    with behaving(manner) as server:
        sender = SendGridSender(transport, "key", server.url)
        (outcomes,) = sender.send([lessons(2)], time.monotonic() + 3)
    assert {(outcome.state, outcome.code) for outcome in outcomes} == {("unknown", "200")}


def test_sendgrid_can_not_be_asked(transport: Transport) -> None:
    sender = SendGridSender(transport, "key", "https://localhost:1")
    assert sender.lookup(Doubt(lessons(1), MONDAY)) == CannotSay()


@pytest.mark.parametrize(
    ("say", "failure"),
    [
        (lambda: dropped("Bounced Address"), "bad_address"),
        (lambda: dropped("Unsubscribed Address"), "opted_out"),
        (lambda: dropped("Spam Reporting Address"), "opted_out"),
        (lambda: dropped("Invalid SMTPAPI header"), "invalid"),
        (lambda: dropped("Invalid"), "bad_address"),
        (lambda: dropped("<script>"), "unknown_code"),
        (lambda: blocked("Reputation"), "filtered"),
        (lambda: blocked("Mailbox Unavailable"), "temporary"),
        (lambda: blocked("something new"), "filtered"),
        (lambda: blocked(7), "filtered"),
    ],
)
def test_events_have_their_class(say: Callable[[], str], failure: str) -> None:
    assert say() == failure


def test_marks_of_a_thousand_people_are_all_different() -> None:
    people = _sent(lessons(1000))["personalizations"]
    assert len({person["custom_args"]["mid"] for person in people}) == 1000
