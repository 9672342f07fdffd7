"""Links that are derived, not stored: purpose, id, epoch and a truncated HMAC.

A token is 36 bytes in base64url: 16 of id, 4 of epoch (minutes since 1970 when it stops
working, 0 for never), 16 of HMAC-SHA256. The purpose is not in the token but in the key,
so a token of one purpose never opens another's page. Used or revoked is a state of the
thing that the id names. What else a link depends on, such as the address that it went to, is
signed with it and not in it.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

Purpose = Literal[
    "confirm",
    "not-me",
    "lesson",
    "unsubscribe",
    "check-inbox",
    "staff-invite",
    "preferences",
    "confirm-address",
    "not-my-address",
    "my-data",
    "texts",
    "number",
    "appointment",
    "check-in",
]
_LENGTH = 48
# Where a page's address differs from its purpose.
_FOLDERS = {
    "number": "numbers",
    "appointment": "appointments",
    "check-in": "check-ins",
    "lesson": "lessons",
    "staff-invite": "staff/invite",
}


class BadLink(Exception):
    """A token that can't be used. ``reason`` is "invalid" (altered, of another purpose) or "expired"."""

    def __init__(self, reason: Literal["invalid", "expired"]) -> None:
        super().__init__(f"the link is {reason}")
        self.reason = reason


class Links:
    """Signs with the first key and verifies with all, so that keys can be rotated."""

    def __init__(self, secret_keys: list[bytes], base_url: str) -> None:
        if not secret_keys or any(len(key) < 16 for key in secret_keys):
            raise ValueError("ENGAGE_SECRET_KEY: each key needs at least 16 characters")
        self._keys = secret_keys
        self._base_url = base_url
        self._macs: dict[str, list[hmac.HMAC]] = {}

    def token(self, purpose: Purpose, id: UUID, expires: datetime | None = None, about: bytes = b"") -> str:
        """A token for ``id`` that opens only ``purpose``; ``expires`` is aware UTC, None for never. ``about`` is signed
        but not in it: whoever reads it has to know it."""
        epoch = 0 if expires is None else -(-int(expires.timestamp()) // 60)
        body = id.bytes + epoch.to_bytes(4, "big")
        return urlsafe_b64encode(body + self._sign(purpose, 0, body + about)).decode("ascii")

    def url(self, purpose: Purpose, id: UUID, expires: datetime | None = None, about: bytes = b"") -> str:
        """The absolute address of the page for ``purpose``."""
        return self.place(purpose, self.token(purpose, id, expires, about))

    def place(self, purpose: Purpose, token: str) -> str:
        """The absolute address of the page that a token opens."""
        return f"{self._base_url}/{_FOLDERS.get(purpose, purpose)}/{token}"

    def read(self, purpose: Purpose, token: str, now: datetime, abouts: Sequence[bytes] = (b"",)) -> UUID:
        """The id in ``token``, which is about any of ``abouts``. Raises BadLink when altered, of another purpose, about
        something else or expired at ``now``."""
        raw = self._raw(token)
        body, given = raw[:20], raw[20:]
        # All are tried: how long it takes tells nobody which one fits.
        fits = [
            hmac.compare_digest(given, self._sign(purpose, key, body + about))
            for key in range(len(self._keys))
            for about in abouts
        ]
        if not any(fits):
            raise BadLink("invalid")
        epoch = int.from_bytes(body[16:], "big")
        if epoch and now >= datetime.fromtimestamp(epoch * 60, UTC):
            raise BadLink("expired")
        return UUID(bytes=body[:16])

    def unverified(self, token: str) -> UUID:
        """The id in a token that anybody may have made: good for finding out what ``read`` has to know, and for nothing
        else. Raises BadLink when it is no token at all."""
        return UUID(bytes=self._raw(token)[:16])

    def _raw(self, token: str) -> bytes:
        if len(token) != _LENGTH or not token.isascii():
            raise BadLink("invalid")
        try:
            raw = urlsafe_b64decode(token)
        except Base64Error:
            raise BadLink("invalid") from None
        # A decoder that skips stray characters would let many tokens name one id.
        if urlsafe_b64encode(raw).decode("ascii") != token:
            raise BadLink("invalid")
        return raw

    def expires(self, token: str) -> datetime | None:
        """When a token that ``read`` has let pass stops working, aware UTC; None for never."""
        epoch = int.from_bytes(urlsafe_b64decode(token)[16:20], "big")
        return datetime.fromtimestamp(epoch * 60, UTC) if epoch else None

    def stamp(self, now: datetime) -> str:
        """A mark for a form that tells when its page was made; ``now`` is aware real time. 24 characters."""
        body = int(now.timestamp() * 1000).to_bytes(6, "big")
        return urlsafe_b64encode(body + self._sign("stamp", 0, body)[:12]).decode("ascii")

    def stamped_at(self, stamp: str) -> datetime | None:
        """When the page with this mark was made, aware UTC; None when we did not make the mark."""
        if len(stamp) != 24 or not stamp.isascii():
            return None
        try:
            raw = urlsafe_b64decode(stamp)
        except Base64Error:
            return None
        body, given = raw[:6], raw[6:]
        keys = range(len(self._keys))
        if not any(hmac.compare_digest(given, self._sign("stamp", k, body)[:12]) for k in keys):
            return None
        return datetime.fromtimestamp(int.from_bytes(body, "big") / 1000, UTC)

    def signed(self, purpose: str, body: bytes, about: bytes = b"") -> str:
        """``body`` in clear with our signature, for somebody to bring back. ``about`` is signed but not in it."""
        signature = self._sign(purpose, 0, _with(about, body))
        return urlsafe_b64encode(body + signature).rstrip(b"=").decode("ascii")

    def signed_body(self, purpose: str, text: str, about: bytes = b"") -> bytes | None:
        """What ``signed`` was given; None when it is not ours, or of another purpose or ``about``."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (Base64Error, ValueError):
            return None
        body, given = raw[:-16], raw[-16:]
        keys = range(len(self._keys))
        fits = (self._sign(purpose, k, _with(about, body)) for k in keys)
        return body if any(hmac.compare_digest(given, sign) for sign in fits) else None

    def _sign(self, purpose: str, key: int, body: bytes) -> bytes:
        macs = self._macs.get(purpose)
        if macs is None:
            derived = [hmac.digest(k, b"engage link " + purpose.encode(), "sha256") for k in self._keys]
            macs = self._macs[purpose] = [hmac.new(k, digestmod=sha256) for k in derived]
        mac = macs[key].copy()
        mac.update(body)
        return mac.digest()[:16]


def _with(about: bytes, body: bytes) -> bytes:
    return len(about).to_bytes(4, "big") + about + body
