"""Signing in: email and password, then a code. Every "no" looks the same."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.services import staff_sessions
from engage.web.context import runtime
from engage.web.staff import kept as kept_forms
from engage.web.staff import session
from engage.web.staff.addresses import is_ours

pages = Blueprint("sign_in", __name__, url_prefix="/sign-in")

NOTICES = {
    "kept": "You were signed out after a while without a click. What you typed is kept: sign in, then send it.",
    "again": "This page was open for a long time. Please try once more.",
    "out": "You are signed out.",
}
WRONG = (
    "That email address and password don’t go together. After several wrong tries, signing in takes a "
    "break of up to 15 minutes."
)
WRONG_CODE = (
    "That code can’t be used. Each code works once: please type the next one. After several wrong tries, "
    "signing in takes a break of up to 15 minutes."
)


@pages.get("")
def show() -> Response | str:
    if session.current() is not None:
        return _onward()
    return page(notice="out" if request.args.get("done") == "out" else "")


@pages.post("")
def password() -> Response | str | tuple[str, int]:
    if session.current() is not None:
        return _onward()
    half = staff_sessions.check_password(
        runtime(),
        request.form.get("email", ""),
        request.form.get("password", ""),
        request.remote_addr or "",
        session.browser(),
    )
    if half is None:
        return page(email=request.form.get("email", ""), wrong=WRONG), 422
    return _second_factor(half)


@pages.get("/code")
def no_code() -> Response:
    return redirect(url_for("staff.sign_in.show"), 303)


@pages.post("/code")
def code() -> Response | str | tuple[str, int]:
    if session.current() is not None:
        return _onward()
    rt, half = runtime(), request.form.get("half", "")
    started = staff_sessions.check_code(
        rt, half, request.form.get("code", ""), request.remote_addr or "", session.browser()
    )
    if started is None:
        if not staff_sessions.half_way(rt, half, session.browser()):
            return page(notice="again"), 422
        return _second_factor(half, wrong=WRONG_CODE), 422
    session.signed_in(started.token, started.who)
    return _onward()


def page(*, email: str = "", wrong: str = "", notice: str = "", kept: str = "") -> str:
    """The first step's page."""
    return render_template(
        "staff/sign_in.html",
        email=email[: staff_sessions.MAX_EMAIL],
        wrong=wrong,
        notice=NOTICES.get(notice, ""),
        next=_next(),
        kept=kept or request.form.get(kept_forms.FIELD, ""),
    )


def again() -> Response | tuple[str, int]:
    """The form was made for a token that the browser does not carry any more."""
    if session.current() is not None:
        return _onward()
    return page(email=request.form.get("email", ""), notice="again"), 403


def _second_factor(half: str, wrong: str = "") -> str:
    return render_template(
        "staff/second_factor.html",
        half=half,
        wrong=wrong,
        next=_next(),
        kept=request.form.get(kept_forms.FIELD, ""),
    )


def _onward() -> Response:
    """To what was on the way: the form that was kept, the page that was asked for, or the first one."""
    who = session.current()
    found = kept_forms.take(request.form.get(kept_forms.FIELD, ""), who.id) if who is not None else None
    if found is not None:
        return Response(kept_forms.offer(found), mimetype="text/html")
    return redirect(_next() or url_for("staff.today.start"), 303)


def _next() -> str:
    wish = request.values.get("next", "")
    return wish if is_ours(wish) else ""
