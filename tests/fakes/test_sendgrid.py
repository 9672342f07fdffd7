"""The fake SendGrid answers as SendGrid does, to SendGrid's own client."""

from __future__ import annotations

import http.client
import ssl
from typing import Any

import orjson
import pytest
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import CustomArg, Mail, Personalization, Substitution, To

from tests.fakes import ledger
from tests.fakes.client import Fake
from tests.fakes.mails import mail, person, post
from tests.fakes.server import SENDGRID_KEY, TWILIO_SERVICE


def test_the_sdk_sends_and_each_person_gets_their_own_words(fake: Fake, sendgrid: SendGridAPIClient) -> None:
    written = Mail(
        from_email=("care@clinic.example", "The Clinic"),
        subject="For -name-",
        plain_text_content="Dear -name-",
        html_content="<b>-name-</b>",
    )
    for number, name in enumerate(("Ana", "Bo")):
        one = Personalization()
        one.add_to(To(f"{name.lower()}@example.com"))
        one.add_substitution(Substitution("-name-", name))
        one.add_custom_arg(CustomArg("mid", f"batch-{number}"))
        written.add_personalization(one)
    answer = sendgrid.send(written)
    assert answer.status_code == 202
    received = sorted(fake.ledger(), key=lambda r: r.mark)  # the SDK turns their order round
    assert [(r.to, r.subject, r.text, r.html, r.mark) for r in received] == [
        ("ana@example.com", "For Ana", "Dear Ana", "<b>Ana</b>", "batch-0"),
        ("bo@example.com", "For Bo", "Dear Bo", "<b>Bo</b>", "batch-1"),
    ]
    assert {r.provider_id for r in received} == {answer.headers["X-Message-Id"]}


def test_a_wrong_key_is_401_in_the_sdks_words(fake: Fake, sendgrid: SendGridAPIClient) -> None:
    stranger = SendGridAPIClient("SG.other", host=fake.url)
    with pytest.raises(HTTPError) as refused:
        stranger.client.mail.send.post(request_body=mail(person("ana@example.com")))
    assert refused.value.status_code == 401
    assert "grant is invalid" in refused.value.to_dict["errors"][0]["message"]
    assert fake.ledger() == []


MANY = [person(f"p{n}@example.com") for n in range(1001)]
FILE = {
    "content": "QkVHSU46",
    "filename": "invite.ics",
    "type": "application/ics",
    "disposition": "attachment",
}
WRONG: list[tuple[str, dict[str, Any], str | None]] = [
    ("no people", mail(), "personalizations"),
    ("1,001 people", mail(*MANY), "personalizations"),
    (
        "1,001 addresses in one request",
        mail({"to": [{"email": f"q{n}@example.com"} for n in range(501)]}, *MANY[:500]),
        "personalizations",
    ),
    ("nobody to send to", mail(person("a@example.com"), {"to": []}), "personalizations.1.to"),
    ("no address", mail(person("a@example.com"), {"to": [{"name": "A"}]}), "personalizations.1.to.0.email"),
    ("half an address", mail(person("a@example.com"), person("b@")), "personalizations.1.to.0.email"),
    ("one with a space", mail(person("a b@example.com")), "personalizations.0.to.0.email"),
    (
        "the same twice in one",
        mail({"to": [{"email": "a@example.com"}, {"email": "A@example.com"}]}),
        "personalizations.0",
    ),
    ("no sender", mail(person("a@example.com"), **{"from": {}}), "from.email"),
    ("no subject", mail(person("a@example.com"), subject=""), "subject"),
    ("no content", mail(person("a@example.com"), content=[]), "content"),
    (
        "an empty part",
        mail(person("a@example.com"), content=[{"type": "text/plain", "value": ""}]),
        "content.0.value",
    ),
    (
        "HTML before text",
        mail(
            person("a@example.com"),
            content=[{"type": "text/html", "value": "<p>"}, {"type": "text/plain", "value": "x"}],
        ),
        "content",
    ),
    (
        "10,001 bytes of our own values",
        mail(person("a@example.com", custom_args={"mid": "x" * 9_998})),
        "personalizations.0.custom_args",
    ),
    (
        "10,001 bytes of substitutions",
        mail(person("a@example.com", substitutions={"-a-": "x" * 9_998})),
        "personalizations.0.substitutions",
    ),
    (
        "a substitution that is no string",
        mail(person("a@example.com", substitutions={"-a-": 1})),
        "personalizations.0.substitutions.-a-",
    ),
    (
        "a header that is SendGrid's",
        mail(person("a@example.com", headers={"Reply-To": "x@example.com"})),
        "personalizations.0.headers.Reply-To",
    ),
    (
        "eleven categories",
        mail(person("a@example.com"), categories=[str(n) for n in range(11)]),
        "categories",
    ),
    (
        "a parameter in a type",
        mail(person("a@example.com"), content=[{"type": "text/plain; charset=utf-8", "value": "x"}]),
        "content.0.type",
    ),
    (
        "a charset beside a calendar's method",
        mail(
            person("a@example.com"),
            attachments=[{**FILE, "type": "text/calendar; method=REQUEST; charset=utf-8"}],
        ),
        "attachments.0.type",
    ),
    (
        "a file as it is",
        mail(person("a@example.com"), attachments=[{**FILE, "content": "BEGIN:VCALENDAR"}]),
        "attachments.0.content",
    ),
    (
        "a file without a name",
        mail(person("a@example.com"), attachments=[{**FILE, "filename": ""}]),
        "attachments.0.filename",
    ),
    ("in four days", mail(person("a@example.com"), send_at=2_000_000_000_000), "send_at"),
]


@pytest.mark.parametrize(("body", "field"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_it_refuses_and_names_the_field(fake: Fake, body: dict[str, Any], field: str) -> None:
    status, _, answer = post(fake, body)
    errors = orjson.loads(answer)["errors"]
    assert (status, errors[0]["field"]) == (400, field)
    assert set(errors[0]) == {"message", "field", "help"}
    assert fake.ledger() == []


LIMITS = [
    mail(person("a@example.com"), attachments=[FILE, {**FILE, "type": "text/calendar; method=REQUEST"}]),
    mail(*MANY[:1000]),
    mail(person("a@example.com", custom_args={"mid": "x" * 9_997})),
    mail(person("a@example.com", substitutions={"-a-": "x" * 9_997})),
    mail(person("a@example.com", subject="Mine"), subject=""),
    mail(person("o'brien+x@sub.example.co.uk"), content=[{"type": "text/html", "value": "<p>"}]),
]


@pytest.mark.parametrize("body", LIMITS)
def test_it_takes_what_just_fits(fake: Fake, body: dict[str, Any]) -> None:
    assert post(fake, body)[0] == 202
    assert len(fake.ledger()) == len(body["personalizations"])


def test_what_is_not_json_is_a_400_that_names_nothing(fake: Fake) -> None:
    status, _, answer = post(fake, b'{"personalizations": [')
    assert (status, orjson.loads(answer)["errors"][0]["field"]) == (400, None)


def test_too_large_a_body_gets_nginx_s_page(fake: Fake) -> None:
    fake.settings("sendgrid", max_body=2000)
    body = mail(person("ana@example.com"), content=[{"type": "text/plain", "value": "x" * 2000}])
    status, headers, answer = post(fake, body)
    assert (status, headers["Content-Type"]) == (413, "text/html")
    assert answer.startswith(b"<html>")
    assert fake.ledger() == []


def test_an_address_that_it_dislikes_refuses_the_request_and_is_named(fake: Fake) -> None:
    fake.settings("sendgrid", refused=["Bo@example.com"])
    status, _, answer = post(fake, mail(person("ana@example.com"), person("bo@example.com")))
    assert status == 400
    assert [e["field"] for e in orjson.loads(answer)["errors"]] == ["personalizations.1.to.0.email"]
    assert fake.ledger() == []


def test_the_sandbox_answers_200_and_sends_nothing(fake: Fake) -> None:
    body = mail(person("ana@example.com"), mail_settings={"sandbox_mode": {"enable": True}})
    assert post(fake, body)[0] == 200
    assert fake.ledger() == []


def test_a_lenient_one_takes_what_the_judge_finds_wrong_later(fake: Fake) -> None:
    fake.settings("sendgrid", strict=False)
    post(fake, mail(person("ana@example.com")))
    assert ledger.wrong(fake.directory, TWILIO_SERVICE) == []
    assert post(fake, mail(person("ana@example.com"), subject=""))[0] == 202
    (found,) = ledger.wrong(fake.directory, TWILIO_SERVICE)
    assert "subject" in found


def test_a_connection_is_kept_and_a_body_may_come_in_chunks(fake: Fake) -> None:
    context = ssl.create_default_context(cafile=fake.ca_file)
    connection = http.client.HTTPSConnection("127.0.0.1", fake.about["door"], timeout=5, context=context)
    headers = {"Authorization": f"Bearer {SENDGRID_KEY}", "Content-Type": "application/json"}
    local = set()
    for number in range(3):
        raw = orjson.dumps(mail(person(f"p{number}@example.com")))
        pieces = iter([raw[:10], raw[10:11], raw[11:]])
        connection.request("POST", "/v3/mail/send", pieces, headers, encode_chunked=True)
        answer = connection.getresponse()
        assert answer.read() == b"" and answer.status == 202
        local.add(connection.sock.getsockname())
    connection.close()
    assert len(local) == 1
    assert [r.to for r in fake.ledger()] == ["p0@example.com", "p1@example.com", "p2@example.com"]
