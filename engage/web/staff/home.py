"""The way out."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from engage.services import staff_sessions
from engage.web.context import runtime
from engage.web.staff import session

pages = Blueprint("session", __name__)


@pages.post("/sign-out")
def sign_out() -> Response:
    staff_sessions.sign_out(runtime(), session.cookie())
    session.signed_out()
    return redirect(url_for("staff.sign_in.show", done="out"), 303)
