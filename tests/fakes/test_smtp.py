"""The mail server keeps what it took, and fails as it is told."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage

import pytest

from tests.fakes.client import Fake
from tests.fakes.server import MAIL_PASSWORD, MAIL_USER


def written() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "care@clinic.example",
        "Ána <ana@example.com>",
        "Grüße",
    )
    message["Message-ID"] = "<mark-0@clinic.example>"
    message.set_content("Good day, Ána.\n")
    message.add_alternative("<p>Good day, Ána.</p>\n", subtype="html")
    return message


def connected(fake: Fake, login: bool = True) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", fake.about["mail"], timeout=5)
    client.starttls(context=ssl.create_default_context(cafile=fake.ca_file))
    if login:
        client.login(MAIL_USER, MAIL_PASSWORD)
    return client


def test_what_is_handed_over_is_what_is_received(fake: Fake) -> None:
    with connected(fake) as client:
        client.send_message(written())
    (received,) = fake.ledger()
    assert (received.to, received.subject, received.mark) == (
        "ana@example.com",
        "Grüße",
        "<mark-0@clinic.example>",
    )
    assert (received.text.strip(), received.html.strip()) == ("Good day, Ána.", "<p>Good day, Ána.</p>")


def test_it_asks_for_the_password(fake: Fake) -> None:
    with connected(fake, login=False) as client:
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.send_message(written())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(MAIL_USER, "wrong")
    assert fake.ledger() == []


@pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "451 4.7.1 greylisted"])
def test_an_address_is_refused_and_the_other_is_not(fake: Fake, reply: str) -> None:
    fake.settings("smtp", refused={"bo@example.com": reply})
    with connected(fake) as client:
        refused = client.send_message(written(), to_addrs=["ana@example.com", "bo@example.com"])
    assert {address: code for address, (code, _) in refused.items()} == {"bo@example.com": int(reply[:3])}
    assert [r.to for r in fake.ledger()] == ["ana@example.com"]


@pytest.mark.parametrize(("ending", "accepted"), [("drop_after", 1), ("drop_before", 0)])
def test_the_connection_ends_after_the_data(fake: Fake, ending: str, accepted: int) -> None:
    fake.settings("smtp", endings=[ending])
    client = connected(fake)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError, ssl.SSLError)):
        client.send_message(written())
    client.close()
    assert len(fake.ledger()) == accepted
    with connected(fake) as client:
        client.send_message(written())
    assert len(fake.ledger()) == accepted + 1


def test_the_data_is_refused(fake: Fake) -> None:
    fake.settings("smtp", endings=["554 5.7.1 no"])
    with connected(fake) as client, pytest.raises(smtplib.SMTPDataError) as refused:
        client.send_message(written())
    assert refused.value.smtp_code == 554
    assert fake.ledger() == []
