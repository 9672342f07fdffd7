"""Email through a mail server of the clinic's own choosing, one transaction for each.

A server that took a message tells nothing more and can't be asked, so accepted is final.
"""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

from engage.delivery.provider import Batch, CannotSay, Doubt, Lookup, Outcome, mark_of
from engage.delivery.smtp_letter import letter_of, message_id_of, on_the_wire
from engage.delivery.smtp_server import Server, ServerError
from engage.domain.failures import Failure
from engage.domain.messages import Channel

# A kept connection that was idle for longer is replaced; asking it with NOOP would prove nothing.
IDLE_SECONDS = 5.0
# What a server says of an address that is none, of a mailbox that is gone, of a name that is not allowed.
BAD_ADDRESS = (550, 551, 553)
POLICY = re.compile(r"5\.7\.\d")


__all__ = ["Server", "ServerError", "SmtpSender"]


class SmtpSender:
    """Sends as ``Sender`` says. ``context`` checks the server's certificate, ``helo`` is how we greet it."""

    name = "smtp"
    channel: Channel = "email"
    max_batch = 1
    parallel = 8
    wave = 0

    def __init__(self, server: Server, context: ssl.SSLContext, helo: str) -> None:
        self._server = server
        self._context = context
        self._helo = helo
        self._kept: list[tuple[smtplib.SMTP, float, int]] = []

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        """One transaction for each batch, which holds one entry; several connections at once."""
        jobs = [_Job(batch, until) for batch in batches]
        waiting = iter(jobs)
        threads = [
            threading.Thread(target=self._work, args=[waiting], name="engage-smtp", daemon=True)
            for _ in range(min(self.parallel, len(jobs)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        return [[job.close()] for job in jobs]

    def lookup(self, doubt: Doubt) -> Lookup:
        """No mail server can be asked."""
        return CannotSay(ever=False)

    def _work(self, waiting: Iterator[_Job]) -> None:
        for job in waiting:
            try:
                self._deliver(job)
            except _RefusedError as refused:
                job.refuse(refused.failure, refused.code)
            except _TooLateError:
                job.fail("timeout")
            except (OSError, ValueError, smtplib.SMTPException) as error:
                job.fail(_word(error))

    def _deliver(self, job: _Job) -> None:
        entry, shared = job.batch.entries[0], job.batch.shared
        try:
            message_id = message_id_of(mark_of(job.batch.attempt_id, 0), shared.sender_address)
            letter = letter_of(shared, entry, message_id)
            sender, to = on_the_wire(shared.sender_address), on_the_wire(entry.to)
        except (ValueError, LookupError):
            raise _RefusedError("invalid", "not_built") from None
        server = self._open(job, sender)
        try:
            _expect(server, job, "RCPT", (250, 251), f"TO:<{to}>")
            _expect(server, job, "DATA", (354,))
            job.begin_letter()
            server.send(_dotted(letter))
            code, said = server.getreply()
            if not 200 <= code < 300:
                raise _RefusedError(_failure("letter", code, said), str(code)) if code >= 400 else OSError
        except BaseException:
            server.close()
            raise
        job.accept(message_id)
        self._kept.append((server, time.monotonic(), os.getpid()))

    def _open(self, job: _Job, sender: str) -> smtplib.SMTP:
        """A connection that took our MAIL command. A kept one may have died; then nothing was processed."""
        kept = self._take()
        if kept is not None:
            with suppress(_RefusedError, OSError, smtplib.SMTPException):
                return _mail(kept, job, sender)
        return _mail(self._connect(job), job, sender)

    def _take(self) -> smtplib.SMTP | None:
        while True:
            try:
                server, used, pid = self._kept.pop()
            except IndexError:
                return None
            if pid == os.getpid() and time.monotonic() - used <= IDLE_SECONDS:
                return server
            server.close()

    def _connect(self, job: _Job) -> smtplib.SMTP:
        at = self._server
        left = job.left()
        if at.tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                at.host, at.port, self._helo, timeout=left, context=self._context
            )
        else:
            server = smtplib.SMTP(at.host, at.port, self._helo, timeout=left)
        try:
            if at.starttls:
                job.step(server)
                server.starttls(context=self._context)
            job.step(server)
            server.ehlo_or_helo_if_needed()
            if at.user:
                job.step(server)
                server.login(at.user, at.password)
        except smtplib.SMTPAuthenticationError as error:
            server.close()
            code = error.smtp_code
            raise _RefusedError("channel_down" if code >= 500 else "not_processed", str(code)) from None
        except smtplib.SMTPNotSupportedError:
            server.close()
            raise _RefusedError("channel_down", "no_tls_or_login") from None
        except BaseException:
            server.close()
            raise
        return server


def _mail(server: smtplib.SMTP, job: _Job, sender: str) -> smtplib.SMTP:
    try:
        _expect(server, job, "MAIL", (250,), f"FROM:<{sender}>")
    except BaseException:
        server.close()
        raise
    return server


def _expect(
    server: smtplib.SMTP, job: _Job, command: str, wanted: tuple[int, ...], argument: str = ""
) -> None:
    job.step(server)
    code, said = server.docmd(command, argument)
    if code not in wanted:
        raise _RefusedError(_failure(command, code, said), str(code))


def _failure(command: str, code: int, said: bytes) -> Failure:
    """What a refusal of a command means; "letter" is the answer after the final dot."""
    policy = POLICY.search(said.decode("ascii", "replace")) is not None
    if code == 421 or code < 400:
        return "temporary" if command == "letter" else "not_processed"
    if code < 500:
        return "temporary"
    if command == "MAIL" or code in (530, 535):
        return "channel_down"
    if command == "RCPT" and b"relay" in said.lower():
        return "channel_down"
    if command == "RCPT":
        return "bad_address" if code in BAD_ADDRESS and not policy else "invalid"
    return "filtered" if policy else "invalid"


def _dotted(letter: bytes) -> bytes:
    """The letter as DATA wants it: no line is a dot alone but the last."""
    end = b"" if letter.endswith(b"\r\n") else b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", letter) + end + b".\r\n"


def _word(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "timeout"
        case ssl.SSLError():
            return "tls"
        case socket.gaierror():
            return "dns"
        case ConnectionRefusedError():
            return "connect"
        case smtplib.SMTPResponseException():
            return str(error.smtp_code)
    return "reset"


class _RefusedError(Exception):
    """The server answered, and not with yes."""

    def __init__(self, failure: Failure, code: str) -> None:
        self.failure: Failure = failure
        self.code = code


class _TooLateError(Exception):
    """The time was over before the letter began."""


class _Job:
    """One letter on its way. Whoever waits for it may close it at any moment; from then on its thread can
    begin nothing."""

    def __init__(self, batch: Batch, until: float) -> None:
        self.batch = batch
        self._id = batch.entries[0].message_id
        self._until = until
        self._lock = threading.Lock()
        self._outcome: Outcome | None = None
        self._letter_begun = False
        self._server: smtplib.SMTP | None = None

    def left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise _TooLateError
        return left

    def step(self, server: smtplib.SMTP) -> None:
        """Before each command: it ends when the time is over."""
        with self._lock:
            left = self._go_on()
            self._server = server
            if server.sock is not None:
                server.sock.settimeout(left)

    def begin_letter(self) -> None:
        """From here on the server may have taken it."""
        with self._lock:
            self._go_on()
            self._letter_begun = True

    def _go_on(self) -> float:
        if self._outcome is not None:
            raise _TooLateError
        return self.left()

    def accept(self, message_id: str) -> None:
        self._end(Outcome(self._id, "accepted", message_id))

    def refuse(self, failure: Failure, code: str) -> None:
        self._end(Outcome(self._id, "failed", code=code, failure=failure))

    def fail(self, code: str) -> Outcome:
        """No answer: unknown once the letter had begun, else nothing was processed."""
        with self._lock:
            if self._outcome is None:
                self._outcome = (
                    Outcome(self._id, "unknown", code=code)
                    if self._letter_begun
                    else Outcome(self._id, "failed", code=code, failure="not_processed")
                )
            return self._outcome

    def close(self) -> Outcome:
        """What became of it. One that hangs is cut off."""
        server = self._server if self._outcome is None else None
        outcome = self.fail("timeout")
        if server is not None and server.sock is not None:
            with suppress(OSError):
                server.sock.shutdown(socket.SHUT_RDWR)
        return outcome

    def _end(self, outcome: Outcome) -> None:
        with self._lock:
            if self._outcome is None:
                self._outcome = outcome
