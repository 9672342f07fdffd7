"""Whether a form is ours and was made for this session.

The form's token names a session (by hash) and a member of staff, under a keyed hash. So a form that
outlived its session is told from one that somebody else made up: its input may be kept.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from uuid import UUID

from flask import request
from markupsafe import Markup

from engage.web.context import runtime
from engage.web.staff import session

FIELD = "csrf"
HEADER = "X-CSRF-Token"
NOBODY = UUID(int=0)


def csrf_field() -> Markup:
    """The hidden field that every form needs."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token())


def csrf_token() -> str:
    """The token alone, for the header ``X-CSRF-Token`` of a script's request."""
    who = session.current()
    body = bytes.fromhex(session.browser()) + (who.id if who is not None else NOBODY).bytes
    return urlsafe_b64encode(body + _sign(body)).decode("ascii")


def is_current() -> bool:
    """Whether the request's form was made for this very session and member (or for nobody signed in)."""
    found = _read()
    if found is None or not session.cookie():
        return False
    who = session.current()
    return found == (session.browser(), who.id if who is not None else NOBODY)


def made_for() -> UUID | None:
    """The member for whom the request's form was made, in this or an earlier session; None when not ours."""
    found = _read()
    return found[1] if found is not None and found[1] != NOBODY else None


def from_elsewhere() -> bool:
    """Whether the browser says that another site sent this. Its Origin is "null" under our referrer policy."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    ours = {runtime().settings.public_url, request.host_url.rstrip("/")}
    return origin is not None and origin != "null" and origin not in ours


def _read() -> tuple[str, UUID] | None:
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    try:
        raw = urlsafe_b64decode(given.encode("ascii"))
    except (Base64Error, ValueError):
        return None
    body, mac = raw[:32], raw[32:]
    if len(raw) != 64 or not hmac.compare_digest(mac, _sign(body)):
        return None
    return body[:16].hex(), UUID(bytes=body[16:])


def _sign(body: bytes) -> bytes:
    return runtime().sealer.index("staff-form", body.hex())
