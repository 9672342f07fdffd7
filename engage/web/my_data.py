"""A copy of everything, and being forgotten: behind a link that was sent to the person's own address and works for an
hour. The link to the preference page stands in every letter, and goes wherever a letter is forwarded."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from engage.services import own_data
from engage.services.erasure import NotErased
from engage.services.preferences import Forgotten
from engage.web import errors
from engage.web.context import runtime

pages = Blueprint("my_data", __name__, url_prefix="/my-data/<token>")


@pages.get("")
def show(token: str) -> str:
    own_data.check(runtime(), token)
    return render_template("public/my_data.html", token=token)


@pages.post("/everything")
def everything(token: str) -> Response:
    """A file: what is in it is nobody's but the person's, so no page of ours shows it."""
    form = request.form.get("as", "")
    if form not in ("json", "page"):
        abort(422)
    copy = own_data.copy(runtime(), token, "json" if form == "json" else "page")
    response = Response(copy.body, mimetype=copy.mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=copy.name)
    return response


@pages.get("/delete")
def about_to_delete(token: str) -> str:
    own_data.check(runtime(), token)
    return render_template("public/my_data_delete.html", token=token)


@pages.post("/delete")
def delete(token: str) -> str | Response:
    """Shows the end at once: the link leads nowhere after it."""
    try:
        own_data.erase(runtime(), token)
    except NotErased:
        return errors.page(503)
    return render_template("public/preferences_forgotten.html")


@pages.errorhandler(Forgotten)
def _forgotten(_: Forgotten) -> tuple[str, int]:
    return render_template("public/preferences_forgotten.html"), 410
