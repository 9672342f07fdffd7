"""A visit's page, behind the link in its messages: GET shows, POST answers. The link is the whole authority, so the
forms need no mark against forgery; scanners follow links and send no forms."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.consultations import TIMES
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.visit_wishes import MAX_WORDS, typed
from engage.links import BadLink
from engage.services import visit_page
from engage.web import errors
from engage.web.context import runtime

pages = Blueprint("appointments", __name__, url_prefix="/appointments/<token>")
files = Blueprint("appointment_files", __name__)

FILE_NAME = "appointment.ics"
# After which answer the page says that it was heard; what has become untrue is not said.
_DONE = {"confirm": "confirmed", "move": "wants_move", "cancel": "wants_cancel"}


@pages.get("")
def show(token: str) -> str:
    return _page(token, done=request.args.get("done", ""))


@pages.post("/confirm")
def confirm(token: str) -> Response:
    visit_page.confirm(runtime(), token, request.form.get("seen", ""))
    return _done(token, "confirm")


@pages.post("/move")
def move(token: str) -> Response:
    """Asks for another time: which would suit, and words."""
    wishes = typed(request.form.getlist("times"), request.form.get("words", ""))
    visit_page.ask_to_move(runtime(), token, request.form.get("seen", ""), wishes)
    return _done(token, "move")


@pages.post("/cancel")
def cancel(token: str) -> Response:
    visit_page.ask_to_cancel(runtime(), token, request.form.get("seen", ""))
    return _done(token, "cancel")


@files.get("/appointments/<token>.ics")
def calendar(token: str) -> Response:
    """The visit for a calendar; of one that is off the page, which says so."""
    file = visit_page.calendar(runtime(), token)
    if file is None:
        return redirect(url_for("appointments.show", token=token), 303)
    response = Response(file, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response.headers.set("Content-Disposition", "attachment", filename=FILE_NAME)
    return response


@pages.errorhandler(InvalidInput)
def _refused(error: InvalidInput) -> tuple[str, int]:
    return _page(_token(), error.errors), 422


@pages.errorhandler(ChangedMeanwhile)
def _changed(_: ChangedMeanwhile) -> tuple[str, int]:
    return _page(_token(), changed=True), 409


@pages.errorhandler(BadLink)
@files.errorhandler(BadLink)
def _bad_link(error: BadLink) -> Response | tuple[str, int]:
    """One that has run out says whom to call; one that we never made says nothing."""
    if error.reason == "invalid":
        return errors.page(404)
    return render_template("public/appointment_closed.html"), 410


def _token() -> str:
    return str((request.view_args or {})["token"])


def _done(token: str, done: str) -> Response:
    return redirect(url_for("appointments.show", token=token, done=done, _anchor="done"), 303)


def _page(token: str, wrong: Mapping[str, str] | None = None, done: str = "", changed: bool = False) -> str:
    page = visit_page.page(runtime(), token)
    wished = page.wishes
    return render_template(
        "public/appointment.html",
        page=page,
        token=token,
        heard=page.state == "open" and page.reply is not None and _DONE.get(done) == page.reply,
        changed=changed,
        errors=wrong or {},
        times=TIMES,
        chosen=request.form.getlist("times") if wrong else wished.times,
        words=request.form.get("words", "") if wrong else wished.words,
        longest=MAX_WORDS,
    )
