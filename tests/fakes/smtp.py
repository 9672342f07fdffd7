"""A mail server that keeps what it takes, asks for a password, offers STARTTLS, and fails as it is told."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections import deque
from collections.abc import Sequence
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.fakes.log import Log

# After DATA: a reply such as "451 4.3.0 try later" (nothing taken), or one of these.
ENDINGS = {"ok", "drop_after", "drop_before", "hang_after", "slow"}


class MailServer:
    """Settings: ``refused`` (address -> reply to RCPT), ``endings`` (one for each DATA, used up in order), ``seconds``."""

    name = "smtp"

    def __init__(self, log: Log, user: str, password: str, tls: ssl.SSLContext | None = None) -> None:
        self.log, self.tls = log, tls
        self.login, self.password = user.encode(), password.encode()
        self.server: asyncio.Server | None = None
        self.refused: dict[str, str] = {}
        self.endings: deque[str] = deque()
        self.seconds = 5.0

    def settings(
        self,
        refused: dict[str, str] | None = None,
        endings: Sequence[str] | None = None,
        seconds: float | None = None,
    ) -> None:
        for ending in endings or ():
            if ending not in ENDINGS and ending[:1] not in "45":
                raise ValueError(f"mail cannot end with {ending!r}")
        self.refused = self.refused if refused is None else refused
        self.endings = self.endings if endings is None else deque(endings)
        self.seconds = self.seconds if seconds is None else seconds

    async def start(self, port: int) -> int:
        """Listens; the port."""
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(
            lambda: SMTP(
                self,
                hostname="fakes.test",
                ident="ESMTP",
                loop=loop,
                tls_context=self.tls,
                enable_SMTPUTF8=True,
                auth_require_tls=False,
                authenticator=self._check,
            ),
            "127.0.0.1",
            port,
        )
        return int(self.server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()

    def _check(self, server: SMTP, session: Session, envelope: Envelope, how: str, given: Any) -> AuthResult:
        right = (
            isinstance(given, LoginPassword) and given.login == self.login and given.password == self.password
        )
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        # aiosmtpd would ask for the password itself, but warns each time that it may come without TLS.
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self.refused.get(address.lower()):
            self.log.write(self.name, False, int(reply[:3]), about={"to": [address]})
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        ending = self.endings.popleft() if self.endings else "ok"
        content = envelope.original_content or b""
        about = {"to": list(envelope.rcpt_tos), "sender": envelope.mail_from, "tls": session.ssl is not None}
        if ending == "drop_before" or ending not in ENDINGS:
            status = int(ending[:3]) if ending not in ENDINGS else 0
            self.log.write(self.name, False, status, mode=ending, about=about)
        else:
            number = os.urandom(8).hex()
            self.log.write(self.name, True, 250, number, None if ending == "ok" else ending, content, about)
        if ending in ("drop_after", "drop_before"):
            server.transport.abort()  # type: ignore[union-attr]
            return "421 gone"
        if ending in ("hang_after", "slow"):
            await asyncio.sleep(60 if ending == "hang_after" else self.seconds)
        return ending if ending not in ENDINGS else f"250 2.0.0 OK queued as {number}"
