"""Leaving: by the page's button, or by a mail program's one click (RFC 8058)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.services import unsubscribe
from engage.web.context import runtime

pages = Blueprint("unsubscribe", __name__)


@pages.get("/unsubscribe/<token>")
def show(token: str) -> str:
    return render_template("public/unsubscribe.html", page=unsubscribe.page(runtime(), token))


@pages.post("/unsubscribe/<token>")
def act(token: str) -> Response:
    """RFC 8058, 3.1: the mail program posts without cookies and follows no redirect."""
    if request.form.get("List-Unsubscribe") == "One-Click":
        unsubscribe.unsubscribe(runtime(), token, "one-click")
        return Response("You are unsubscribed.\n", mimetype="text/plain")
    unsubscribe.unsubscribe(runtime(), token, "page", both=request.form.get("stop") == "both")
    return redirect(url_for("unsubscribe.show", token=token), 303)
