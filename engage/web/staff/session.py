"""Who is signed in at this browser: the cookie, ``g.staff``, ``actor()``."""

from __future__ import annotations

import secrets
from hashlib import sha256

from flask import g, request
from werkzeug.wrappers import Response

from engage.services import staff_sessions
from engage.services.audit import Actor
from engage.services.staff_sessions import SignedIn
from engage.web.context import runtime

SECURE = "__Host-engage"
# Safari and most programs send no Secure cookie over plain http, not even to this machine.
PLAIN = "engage"
_LONGEST = 100
# A page asks these by itself, every few seconds.
POLLS = frozenset({"staff.campaigns.progress"})


def actor() -> Actor:
    """The member of staff who does this, for the audit trail."""
    return Actor(g.staff.id, "staff")


def current() -> SignedIn | None:
    """Who is signed in, looked up once a request."""
    if "signed_in" not in g:
        token = cookie()
        by_itself = request.endpoint in POLLS
        g.signed_in = staff_sessions.current(runtime(), token, by_itself=by_itself) if token else None
    found: SignedIn | None = g.signed_in
    return found


def cookie() -> str:
    """The browser's token, signed in or not; empty when it has none."""
    token = request.cookies.get(SECURE, "")
    if not token and not _https():
        token = request.cookies.get(PLAIN, "")
    return token if len(token) <= _LONGEST and token.isascii() else ""


def token() -> str:
    """The browser's token, a fresh one when it has none; that one is set by this answer."""
    if "new_token" in g:
        return str(g.new_token)
    found = cookie()
    if not found:
        found = g.new_token = secrets.token_urlsafe(32)
    return found


def browser() -> str:
    """Names this browser for as long as its token stays, without giving the token away."""
    return sha256(b"browser " + token().encode()).hexdigest()[:32]


def signed_in(token: str, who: SignedIn) -> None:
    """From now on the browser carries ``token``; whatever it carried before is worth nothing."""
    g.new_token = token
    g.signed_in = g.staff = who


def signed_out() -> None:
    """The browser's token goes."""
    g.new_token = ""


def set_cookie(response: Response) -> Response:
    """Puts what this request has changed into the answer."""
    if "new_token" not in g:
        return response
    names = [(SECURE, True)] if _https() else [(SECURE, True), (PLAIN, False)]
    for name, secure in names:
        if g.new_token:
            response.set_cookie(name, g.new_token, path="/", secure=secure, httponly=True, samesite="Lax")
        else:
            response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")
    return response


def _https() -> bool:
    return runtime().settings.public_url.startswith("https://")
