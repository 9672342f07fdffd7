"""Which mail server takes our mail, as SMTP_URL says it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

_HERE = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")


class ServerError(ValueError):
    """SMTP_URL can't be used. The message goes after its name and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over. ``tls`` is from the first byte, ``starttls`` after the greeting; without
    either a password goes to this machine only."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool = False

    @classmethod
    def of(cls, url: str) -> Server:
        """From ``smtp://user:password@host:587?starttls=1`` or ``smtps://...``. Raises ServerError that says
        what is wrong without repeating any of it."""
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname
            asked = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        except ValueError:
            raise ServerError("can't be read") from None
        if parts.scheme not in ("smtp", "smtps") or not host or parts.path not in ("", "/"):
            raise ServerError("must look like smtp://user:password@host:587?starttls=1 or smtps://...")
        if set(asked) - {"starttls"} or asked.get("starttls", "1") not in ("0", "1"):
            raise ServerError("knows only starttls=1 or starttls=0 after the question mark")
        tls, starttls = parts.scheme == "smtps", asked.get("starttls") == "1"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            raise ServerError("needs both a user and a password, or neither")
        if user and not (tls or starttls or _HERE.fullmatch(host)):
            raise ServerError("would send the password in the clear: use smtps:// or add ?starttls=1")
        return cls(host, port or (465 if tls else 587), user, password, tls, starttls and not tls)
