"""Is this number still yours? GET shows, POST answers."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.services import number_checks
from engage.web.context import runtime

pages = Blueprint("numbers", __name__)

_MINE = {"mine": True, "not-mine": False}


@pages.get("/numbers/<token>")
def show(token: str) -> str:
    return render_template("public/number.html", page=number_checks.page(runtime(), token))


@pages.post("/numbers/<token>")
def act(token: str) -> Response:
    mine = _MINE.get(request.form.get("answer", ""))
    if mine is None:
        abort(422)
    number_checks.answer(runtime(), token, mine)
    return redirect(url_for("numbers.show", token=token), 303)
