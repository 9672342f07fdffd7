"""A mail server of the clinic's own: what it gets, and what its answers mean."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest

from engage.content.render import ContentPlan
from engage.delivery.provider import Batch, CannotSay, Doubt, Outcome
from engage.delivery.smtp import Server, ServerError, SmtpSender
from engage.delivery.transport import trusted
from tests.delivery.batches import ATTEMPT, NAMES, lesson, lessons
from tests.delivery.servers import Visit, behaving
from tests.fakes import certificates
from tests.world import MONDAY

Say = Callable[[Visit], Awaitable[None]]


@dataclass
class Mail:
    """A mail server by hand: ``answers`` replaces what it says to a command ("" greets, "." ends a letter)."""

    answers: dict[str, str | Say] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    tls: Path | None = None

    async def __call__(self, visit: Visit) -> None:
        await self._answer(visit, "", "220 mail.example.org ESMTP")
        while line := await visit.reader.readline():
            command = line.decode().strip()
            self.commands.append(command)
            verb = command.split(" ")[0].upper()
            usual = {"EHLO": "250-mail.example.org\r\n250-AUTH PLAIN\r\n250 STARTTLS", "DATA": "354 go on"}
            await self._answer(visit, verb, usual.get(verb, "235 ok" if verb == "AUTH" else "250 ok"))
            if verb == "STARTTLS" and self.tls is not None:
                await visit.writer.start_tls(certificates.server_context(self.tls))
            if verb == "DATA" and "DATA" not in self.answers:
                letter = b""
                while not letter.endswith(b"\r\n.\r\n"):
                    letter += await visit.reader.readline()
                self.letters.append(letter.removesuffix(b".\r\n"))
                await self._answer(visit, ".", "250 2.0.0 queued")

    async def _answer(self, visit: Visit, verb: str, usual: str) -> None:
        answer = self.answers.get(verb, usual)
        if isinstance(answer, str):
            if verb == "STARTTLS" and answer == usual:
                answer = "220 go on"
            await visit.say(answer.encode() + b"\r\n")
        else:
            await answer(visit)


def _one(**values: str) -> Batch:
    batch = lessons(1)
    entry = batch.entries[0]
    return replace(batch, entries=[entry._replace(values={**entry.values, **values})])


def _sender(port: int, authority: Path | None = None, **how: object) -> SmtpSender:
    server = Server("localhost", port)
    return SmtpSender(replace(server, **how), trusted(authority), "engage.example.org")  # type: ignore[arg-type]


def _tried(mail: Mail, batch: Batch | None = None, seconds: float = 3.0) -> Outcome:
    with behaving(mail) as server:
        ((outcome,),) = _sender(server.port).send([batch or _one()], time.monotonic() + seconds)
    return outcome


def _parsed(mail: Mail) -> EmailMessage:
    (letter,) = mail.letters
    # As a mailbox keeps it: no doubled dots, lines that end in one character.
    kept = letter.replace(b"\r\n..", b"\r\n.").replace(b"\r\n", b"\n")
    message = message_from_bytes(kept, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("name", NAMES)
def test_a_person_gets_the_words_of_our_own_merge(name: str) -> None:
    mail, batch = Mail(), _one(given_name=name)
    outcome = _tried(mail, batch)
    assert (outcome.state, outcome.provider_id) == ("accepted", f"<{ATTEMPT.hex}-0@clinic.example>")
    message = _parsed(mail)
    subject, html, text = ContentPlan.of(lesson()).fill(batch.entries[0].values)
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and rich is not None
    assert message.get_content_type() == "multipart/alternative"
    assert message["Subject"] == subject
    assert plain.get_content().rstrip("\n") == text.rstrip("\n")
    assert rich.get_content().rstrip("\n") == html.rstrip("\n")


def test_the_headers_are_those_that_mail_programs_ask_for() -> None:
    mail, batch = Mail(), _one()
    long = "<https://clinic.example/unsubscribe/" + "x" * 200 + ">"
    entry = batch.entries[0]._replace(headers={**batch.entries[0].headers, "List-Unsubscribe": long})
    batch = replace(
        batch, entries=[entry], shared=replace(batch.shared, headers={"List-Id": "<a.clinic.example>"})
    )
    _tried(mail, batch)
    message = _parsed(mail)
    assert message["From"] == "Oak Street Clinic <hello@clinic.example>"
    assert message["To"] == "person0@example.org"
    assert message["Reply-To"] == "desk@clinic.example"
    assert message["Message-ID"] == f"<{ATTEMPT.hex}-0@clinic.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<a.clinic.example>"
    assert message["Date"].datetime.tzinfo is not None
    assert f"\r\nList-Unsubscribe: {long}\r\n".encode() in mail.letters[0]
    assert all(len(line) < 998 and line.isascii() for line in mail.letters[0].split(b"\r\n"))
    assert mail.commands[:4] == [
        "ehlo engage.example.org",
        "MAIL FROM:<hello@clinic.example>",
        "RCPT TO:<person0@example.org>",
        "DATA",
    ]


@pytest.mark.parametrize(
    "to",
    [
        "a@b.example\r\nRCPT TO:<x@y.example>",
        "a@b.example>\r\nDATA",
        "a@b.example, x@y.example",
        "no address",
        "ü@b.example",
    ],
)
def test_an_address_can_not_smuggle_in_another(to: str) -> None:
    mail, batch = Mail(), _one()
    outcome = _tried(mail, replace(batch, entries=[batch.entries[0]._replace(to=to)]))
    assert (outcome.failure, mail.commands) == ("invalid", [])


@pytest.mark.parametrize(
    "headers",
    [{"X-A": "b\r\nBcc: x@y.example"}, {"X-A\r\nBcc": "x@y.example"}, {"List-Id": "a\nBcc: x@y.example"}],
)
def test_a_header_can_not_smuggle_in_another(headers: dict[str, str]) -> None:
    mail, batch = Mail(), _one()
    outcome = _tried(mail, replace(batch, entries=[batch.entries[0]._replace(headers=headers)]))
    assert outcome.failure == "invalid" or b"Bcc" not in b"".join(mail.letters)
    assert not any(line.startswith(b"Bcc") for letter in mail.letters for line in letter.split(b"\n"))


def test_a_domain_of_other_letters_is_written_as_mail_servers_know_it() -> None:
    mail, batch = Mail(), _one()
    assert (
        _tried(mail, replace(batch, entries=[batch.entries[0]._replace(to="ada@bücher.example")])).state
        == "accepted"
    )
    assert "RCPT TO:<ada@xn--bcher-kva.example>" in mail.commands


def test_a_line_that_is_only_a_dot_does_not_end_the_letter() -> None:
    mail, batch = Mail(), _one()
    shared = replace(batch.shared, text="one\n.\n..two\nthree", html="")
    assert _tried(mail, replace(batch, shared=shared)).state == "accepted"
    assert _parsed(mail).get_content() == "one\n.\n..two\nthree\n"


async def _reset(visit: Visit) -> None:
    visit.reset()
    raise ConnectionError


async def _hang(visit: Visit) -> None:
    await asyncio.sleep(60)


async def _drip(visit: Visit) -> None:
    while True:
        await visit.say(b"250-slowly\r\n")
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"": "554 not here"}, "not_processed"),
        ({"": "421 too busy"}, "not_processed"),
        ({"": _reset}, "not_processed"),
        ({"": _hang}, "not_processed"),
        ({"MAIL": "421 closing"}, "not_processed"),
        ({"MAIL": "451 later"}, "temporary"),
        ({"MAIL": "530 5.7.0 authenticate first"}, "channel_down"),
        ({"MAIL": "550 5.7.1 not your address"}, "channel_down"),
        ({"MAIL": _reset}, "not_processed"),
        ({"RCPT": "450 4.2.1 try later"}, "temporary"),
        ({"RCPT": "452 too many"}, "temporary"),
        ({"RCPT": "550 5.1.1 no such user"}, "bad_address"),
        ({"RCPT": "551 moved"}, "bad_address"),
        ({"RCPT": "553 no such name"}, "bad_address"),
        ({"RCPT": "550 5.7.1 relaying denied"}, "channel_down"),
        ({"RCPT": "550 5.7.1 blocked by policy"}, "invalid"),
        ({"RCPT": "554 no"}, "invalid"),
        ({"RCPT": _reset}, "not_processed"),
        ({"RCPT": _hang}, "not_processed"),
        ({"RCPT": _drip}, "not_processed"),
        ({"DATA": "451 later"}, "temporary"),
        ({"DATA": "554 no"}, "invalid"),
        ({"DATA": _reset}, "not_processed"),
        ({".": "451 4.3.0 later"}, "temporary"),
        ({".": "552 too large"}, "invalid"),
        ({".": "554 5.7.1 looks like spam"}, "filtered"),
        ({".": "251 taken, somehow"}, "accepted"),
        ({".": _reset}, "unknown"),
        ({".": _hang}, "unknown"),
        ({".": _drip}, "unknown"),
        ({".": "what?"}, "unknown"),
    ],
)
def test_each_answer_has_its_meaning(answers: dict[str, str | Say], said: str) -> None:
    mail, began = Mail(answers), time.monotonic()
    outcome = _tried(mail, seconds=1.0)
    assert time.monotonic() - began < 2.0
    assert (outcome.failure or outcome.state) == said
    assert len(mail.letters) <= 1


def test_nothing_listens_there_so_nothing_was_processed() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ((outcome,),) = _sender(port).send([_one()], time.monotonic() + 3)
    assert (outcome.failure, outcome.code) == ("not_processed", "connect")


def test_what_has_no_time_left_does_not_begin() -> None:
    mail = Mail()
    assert _tried(mail, seconds=-1).failure == "not_processed"
    assert mail.commands == []


def test_the_password_goes_by_tls_only_and_a_wrong_one_stops_the_channel(authority: Path) -> None:
    mail = Mail(tls=authority.parent)
    with behaving(mail) as server:
        sender = _sender(server.port, authority, user="u", password="p", starttls=True)
        ((outcome,),) = sender.send([_one()], time.monotonic() + 3)
        assert outcome.state == "accepted"
        assert [command.split(" ")[0].upper() for command in mail.commands[:4]] == [
            "EHLO",
            "STARTTLS",
            "EHLO",
            "AUTH",
        ]
        mail.answers["AUTH"] = "535 5.7.8 no"
        sender = _sender(server.port, authority, user="u", password="p", starttls=True)
        ((outcome,),) = sender.send([_one()], time.monotonic() + 3)
        assert (outcome.failure, outcome.code) == ("channel_down", "535")
        mail.answers["AUTH"] = "454 4.7.0 not now"
        ((outcome,),) = sender.send([_one()], time.monotonic() + 3)
        assert outcome.failure == "not_processed"


def test_an_unknown_authority_gets_neither_password_nor_letter(tmp_path: Path, authority: Path) -> None:
    certificates.make(tmp_path)
    mail = Mail(tls=tmp_path)
    with behaving(mail) as server:
        sender = _sender(server.port, authority, user="u", password="p", starttls=True)
        ((outcome,),) = sender.send([_one()], time.monotonic() + 3)
    assert (outcome.failure, outcome.code) == ("not_processed", "tls")
    assert not any(command.startswith("AUTH") for command in mail.commands)


def test_tls_from_the_first_byte(authority: Path) -> None:
    mail = Mail()
    with behaving(mail, certificates.server_context(authority.parent)) as server:
        ((outcome,),) = _sender(server.port, authority, tls=True).send([_one()], time.monotonic() + 3)
    assert outcome.state == "accepted"


def test_a_connection_is_kept_while_it_is_young_and_replaced_when_it_died() -> None:
    mail = Mail()
    with behaving(mail) as server:
        sender = _sender(server.port)
        for _ in range(3):
            ((outcome,),) = sender.send([_one()], time.monotonic() + 3)
            assert outcome.state == "accepted"
        assert server.visits == 1
        mail.answers["MAIL"] = _once(mail, _reset)
        ((outcome,),) = sender.send([_one()], time.monotonic() + 3)
        assert (outcome.state, server.visits, len(mail.letters)) == ("accepted", 2, 4)
        time.sleep(5.2)
        ((outcome,),) = sender.send([_one()], time.monotonic() + 3)
        assert (outcome.state, server.visits) == ("accepted", 3)


def _once(mail: Mail, say: Say) -> Say:
    async def then_well(visit: Visit) -> None:
        del mail.answers["MAIL"]
        await say(visit)

    return then_well


def test_many_letters_go_by_eight_connections_and_each_arrives_once() -> None:
    mail = Mail()
    with behaving(mail) as server:
        batches = [replace(_one(), attempt_id=uuid4()) for _ in range(40)]
        outcomes = _sender(server.port).send(batches, time.monotonic() + 10)
    assert {one.state for (one,) in outcomes} == {"accepted"}
    assert [one.message_id for (one,) in outcomes] == [batch.entries[0].message_id for batch in batches]
    assert len({message_from_bytes(letter)["Message-ID"] for letter in mail.letters}) == 40
    assert server.visits <= 8


def test_a_mail_server_can_never_be_asked() -> None:
    assert _sender(1).lookup(Doubt(_one(), MONDAY)) == CannotSay(ever=False)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", Server("mail.example.org", 587)),
        ("smtp://127.0.0.1:2525", Server("127.0.0.1", 2525)),
        ("smtp://u%40x:p%2Fw@m:25?starttls=1", Server("m", 25, "u@x", "p/w", starttls=True)),
        ("smtp://u:p@127.0.0.1:2525", Server("127.0.0.1", 2525, "u", "p")),
        ("smtps://u:p@m", Server("m", 465, "u", "p", tls=True)),
    ],
)
def test_the_address_of_the_server_is_read(url: str, server: Server) -> None:
    assert Server.of(url) == server
    assert "p/w" not in repr(Server.of(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://secret@m",
        "secret",
        "smtp://",
        "smtp://u:secret@m",
        "smtp://u:secret@m?starttls=0",
        "smtp://u:secret@127.0.0.1.example.org",
        "smtp://secret@m?starttls=1",
        "smtp://m:secret",
        "smtp://m?starttls=secret",
        "smtp://m?secret=1",
        "smtp://u:secret@m/path?starttls=1",
        "smtp://[secret",
    ],
)
def test_a_wrong_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ServerError) as refused:
        Server.of(url)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
