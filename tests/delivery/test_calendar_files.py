"""A calendar file on its way: the same invitation and the same file, whoever carries the mail."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sendgrid.helpers.mail import (
    Attachment,
    Content,
    Disposition,
    FileContent,
    FileName,
    FileType,
    Mail,
    MimeType,
)

from engage.delivery.provider import Batch, Calendar, Outcome
from engage.delivery.sendgrid import SendGridSender, common, payload
from engage.delivery.smtp import Server, SmtpSender
from engage.delivery.transport import Transport, trusted
from tests.delivery.batches import lessons
from tests.fakes.client import Fake
from tests.fakes.ledger import Received
from tests.fakes.server import SENDGRID_KEY

FILE = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@clinic.example\r\nSUMMARY:Visit\r\n"
    b"LOCATION:12 S\xc3\xb6hne-Stra\xc3\x9fe\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def with_file(calendar: Calendar) -> Batch:
    batch = lessons(1)
    return replace(batch, entries=[batch.entries[0]._replace(calendar=calendar)])


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fake]:
    with Fake(tmp_path_factory.mktemp("fake"), tls=True) as running:
        yield running


@pytest.fixture(scope="module")
def vendor(fake: Fake) -> Iterator[Transport]:
    one = Transport(fake.ca_file)
    yield one
    one.close()


def carried(by: str, fake: Fake, transport: Transport, batch: Batch) -> tuple[Outcome, list[Received]]:
    """What the sender said of the batch, and what lay in the person's inbox."""
    fake.forget()
    if by == "sendgrid":
        sender: Any = SendGridSender(transport, SENDGRID_KEY, fake.url)
    else:
        server = replace(Server.of(fake.environment()["SMTP_URL"]), starttls=True)
        sender = SmtpSender(server, trusted(fake.ca_file), "engage.example.org")
    ((outcome,),) = sender.send([batch], time.monotonic() + 5)
    return outcome, fake.ledger()


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
@pytest.mark.parametrize("by", ["sendgrid", "smtp"])
def test_a_mail_program_gets_an_invitation_and_a_file(
    fake: Fake, vendor: Transport, by: str, method: Any
) -> None:
    file = FILE.replace(b"REQUEST", method.encode())
    outcome, (received,) = carried(by, fake, vendor, with_file(Calendar(method, file)))
    assert outcome.state == "accepted"
    told, text = received.invitation
    assert (told, text.splitlines()) == (method, file.decode().splitlines())
    assert received.attached == {"invite.ics": ("application/ics", file)}


@pytest.mark.parametrize("by", ["sendgrid", "smtp"])
def test_the_words_are_the_same_with_and_without(fake: Fake, vendor: Transport, by: str) -> None:
    batch = lessons(1)
    _, (bare,) = carried(by, fake, vendor, batch)
    file = Calendar("REQUEST", FILE)
    _, (received,) = carried(
        by, fake, vendor, replace(batch, entries=[batch.entries[0]._replace(calendar=file)])
    )
    assert (bare.invitation, bare.attached) == (("", ""), {})
    assert (received.subject, received.text, received.html) == (bare.subject, bare.text, bare.html)


def test_a_letter_is_built_as_mail_programs_expect_it(fake: Fake, vendor: Transport) -> None:
    _, (received,) = carried("smtp", fake, vendor, with_file(Calendar("REQUEST", FILE)))
    mail = received._mail()
    whole, file = mail.iter_parts()
    assert mail.get_content_type() == "multipart/mixed"
    assert whole.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in whole.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    invitation = list(whole.iter_parts())[-1]
    assert dict(invitation["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert invitation["Content-Disposition"] is None
    assert dict(file["Content-Type"].params) == {"name": "invite.ics"}
    assert file["Content-Disposition"] == 'attachment; filename="invite.ics"'
    assert all(len(line) < 998 and line.isascii() for line in received.shared.split(b"\r\n"))


def test_sendgrid_gets_what_its_own_models_make_of_it() -> None:
    batch = with_file(Calendar("CANCEL", FILE))
    ours = orjson.loads(payload(batch, common(batch.shared, "1")))
    mail = Mail()
    mail.add_content(Content("text/calendar; method=CANCEL", FILE.decode()), MimeType.text)
    mail.add_attachment(
        Attachment(
            FileContent(base64.b64encode(FILE).decode()),
            FileName("invite.ics"),
            FileType("application/ics"),
            Disposition("attachment"),
        )
    )
    assert ours["content"][2:] == mail.get()["content"]
    assert ours["attachments"] == mail.get()["attachments"]
    assert [part["type"] for part in ours["content"][:2]] == ["text/plain", "text/html"]


def test_nobody_gets_the_file_of_somebody_else() -> None:
    batch = lessons(2)
    entries = [
        batch.entries[0],
        batch.entries[1]._replace(calendar=Calendar("REQUEST", FILE), message_id=uuid4()),
    ]
    with pytest.raises(ValueError, match="would reach all"):
        payload(replace(batch, entries=entries), common(batch.shared, "1"))
    assert "attachments" not in orjson.loads(payload(batch, common(batch.shared, "1")))
