"""A lesson on the web, and what a person may do with the course from there."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.services import lessons
from engage.web.context import runtime

pages = Blueprint("lessons", __name__, url_prefix="/lessons/<token>")

PAUSES = {7: "1 week", 14: "2 weeks", 28: "4 weeks"}
# What the page says after an act. The address carries the key only; what has become untrue is not said.
_DONE = {
    "next": "Done. The next lesson is on its way to your inbox.",
    "unchanged": "That lesson is on its way already, or the course has ended.",
    "pause": "Your course is paused. Nothing comes until then, and you can go on whenever you like.",
    "resume": "Welcome back. Your course goes on.",
}


@pages.get("")
def lesson(token: str) -> str:
    rt = runtime()
    shown = lessons.lesson_page(rt, token)
    done = request.args.get("done", "")
    true = (done == "pause") == (shown.state == "paused")
    return render_template(
        "public/lesson.html",
        lesson=shown,
        token=token,
        pauses=PAUSES,
        done=_DONE.get(done) if true else None,
        leaving=shown.next_at is not None and shown.next_at <= rt.now(),
    )


@pages.post("/pause")
def pause(token: str) -> Response:
    days = request.form.get("days", "")
    if days not in {str(choice) for choice in PAUSES}:
        abort(422)
    lessons.pause(runtime(), token, int(days))
    return _back(token, "pause")


@pages.post("/resume")
def resume(token: str) -> Response:
    lessons.resume(runtime(), token)
    return _back(token, "resume")


@pages.post("/next")
def next_now(token: str) -> Response:
    """The form names the lesson that the page showed as next, so that pressing twice sends one."""
    moved = lessons.next_now(runtime(), token, request.form.get("lesson", ""))
    return _back(token, "next" if moved else "unchanged")


def _back(token: str, done: str) -> Response:
    return redirect(url_for("lessons.lesson", token=token, done=done, _anchor="done"), 303)
