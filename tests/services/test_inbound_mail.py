"""Mail to the address for leaving, as a mail server pipes it in."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from engage.services import inbound_mail, texts_in
from engage.services.audit import CLI
from engage.storage.database import run
from tests.world import World


@pytest.fixture
def token(world: World) -> str:
    """The token of a lesson that arrived."""
    world.enrol()
    world.pass_time(timedelta(days=1))
    return world.token("unsubscribe", world.lessons()[-1])


def written(
    subject: str = "", to: str = "leave@harmonia.example", body: str = "", id: str = "<1@x>"
) -> bytes:
    return f"From: Ada <ada@example.org>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: {id}\r\n\r\n{body}\r\n".encode()


def agreed(world: World) -> list[bool]:
    with world.rt.transaction() as tx:
        return [row.granted for row in run(tx, "SELECT granted FROM consent_states")]


def follow_ups(world: World) -> list[str]:
    with world.rt.transaction() as tx:
        return [row.kind for row in run(tx, "SELECT kind FROM follow_ups")]


@pytest.mark.parametrize("where", ["subject", "address", "folded"])
def test_a_token_in_subject_or_address_unsubscribes(world: World, token: str, where: str) -> None:
    raw = {
        "subject": written(f"unsubscribe {token}"),
        "address": written("Re: hello", to=f"leave+{token}@harmonia.example"),
        "folded": written(f"unsubscribe\r\n {token}"),
    }[where]
    assert inbound_mail.take(world.rt, raw) == "unsubscribed"
    assert agreed(world) == [False] and follow_ups(world) == []
    assert inbound_mail.take(world.rt, raw) == "known"
    world.pass_time(timedelta(days=10))
    assert len(world.lessons()) == 1
    with world.rt.transaction() as tx:
        source = run(tx, "SELECT source FROM consents WHERE action = 'withdrawn'").scalar()
        assert source == "unsubscribe, mail"
        assert run(tx, "SELECT sealed FROM inbound_mails").scalar() is None


def test_anything_else_is_for_a_person_to_read(world: World, token: str) -> None:
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    raw = written(f"unsubscribe {altered}", body="please take me off your list")
    assert inbound_mail.take(world.rt, raw) == "asked"
    assert inbound_mail.take(world.rt, raw) == "known"
    assert agreed(world) == [True] and follow_ups(world) == ["mailed"]
    with world.rt.transaction() as tx:
        (id,) = run(tx, "SELECT id FROM inbound_mails").scalars().all()
    told = texts_in.mail(world.rt, CLI, id)
    assert told is not None and "ada@example.org" in told.sender and "take me off" in told.words


def test_whatever_a_mail_is_it_is_taken(world: World) -> None:
    dice = random.Random(5)
    mails = [
        b"",
        b"\r\n\r\n",
        b"no header at all",
        b"Subject: =?utf-8?b?////?=\r\n\r\n\xff\xfe\x00",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\nhello",
        b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n!!!",
        b"To: " + b"a@b," * 5000 + b"\r\n\r\n",
        b"Subject: " + b"x" * inbound_mail.LONGEST + b"\r\n\r\n",
        *(dice.randbytes(400) for _ in range(20)),
    ]
    for raw in mails:
        assert inbound_mail.take(world.rt, raw) == "asked"
    assert len(follow_ups(world)) == len(mails)
