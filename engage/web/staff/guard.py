"""What stands before every staff page: a session, for every change a form of ours, a role that may, a fresh code."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage import log
from engage.domain.roles import PERMISSION_WORDS, ROLE_WORDS, Permission, may, who_may
from engage.web import errors
from engage.web.staff import csrf, kept, routes, session, sign_in, step_up
from engage.web.staff.addresses import is_ours

OPEN = frozenset(f"staff.{name}" for name in routes.OPEN)
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def before() -> Response | str | tuple[str, int] | None:
    """Runs before every view under /staff. None lets it go on."""
    changes = request.method not in _SAFE_METHODS
    if changes and csrf.from_elsewhere():
        return errors.page(403)
    if OPEN & set(request.blueprints):
        return _not_ours() if changes and not csrf.is_current() else None
    who = session.current()
    if who is None:
        return _ask_to_sign_in(changes)
    g.staff = who
    if changes and not csrf.is_current():
        return _offer_again()
    asks = routes.asks(request.endpoint or "", changes=changes)
    if asks is None:
        log.get(__name__).error("page without a permission", route=request.endpoint)
        return errors.page(403)
    if not may(who.role, asks.permission):
        return _not_for_you(asks.permission)
    if asks.step_up and not who.fresh:
        return step_up.ask(asks.step_up)
    return None


def _not_for_you(permission: Permission) -> Response | tuple[str, int]:
    """Says which role may."""
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return Response(status=403)  # A script asked: it can't use a page.
    return render_template(
        "staff/not_for_you.html",
        what=PERMISSION_WORDS[permission],
        who=who_may(permission),
        role=ROLE_WORDS[g.staff.role],
    ), 403


def _not_ours() -> Response | str | tuple[str, int]:
    """A form of the open pages from before the browser's token changed: shown again, as far as it may be."""
    if "staff.sign_in" in request.blueprints:
        return sign_in.again()
    return redirect(request.base_url.removesuffix("/code"), 303)


def _ask_to_sign_in(changes: bool) -> Response | tuple[str, int]:
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return Response(status=401)  # A script asked: it can't use a page.
    if changes and (text := kept.keep()):
        return sign_in.page(kept=text, notice="kept"), 403
    after = request.full_path.rstrip("?") if not changes else ""
    if after in ("", "/staff", "/staff/") or not is_ours(after):
        return redirect(url_for("staff.sign_in.show"), 303)
    return redirect(url_for("staff.sign_in.show", next=after), 303)


def _offer_again() -> Response | tuple[str, int]:
    """The session is another one than the form's: nothing is done before a click."""
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return Response(status=403)
    found = kept.take(kept.keep(), g.staff.id)
    return (kept.offer(found), 403) if found is not None else errors.page(403)
