"""Keys of other systems for the API. A key is shown once, by the answer to the form that made it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.api_keys import LONGEST_NAME, SCOPE_WORDS, SCOPES
from engage.services import api_keys
from engage.services.api_keys import MadeKey, NoSuchKey
from engage.web.context import runtime
from engage.web.staff import words
from engage.web.staff.session import actor

pages = Blueprint("keys", __name__, url_prefix="/keys")
pages.record(words.prepare)

_DONE = {
    "revoked": "The key has ended, from its next request on.",
    "unchanged": "Nothing was changed: it had ended before.",
}


@pages.get("")
def show() -> str:
    return _page(done=_DONE.get(request.args.get("done", ""), ""))


@pages.post("")
def create() -> str | tuple[str, int]:
    wanted = [scope for scope in SCOPES if scope in request.form.getlist("scope")]
    try:
        made = api_keys.create(runtime(), actor(), request.form.get("name", ""), wanted)
    except ValueError as error:
        return _page(refused=f"No key was made: {error}."), 422
    return _page(made=made)


@pages.post("/<prefix>/revoke")
def revoke(prefix: str) -> Response:
    try:
        api_keys.revoke(runtime(), actor(), prefix)
        done = "revoked"
    except NoSuchKey:
        done = "unchanged"
    return redirect(url_for("staff.keys.show", done=done, _anchor="done"), 303)


def _page(*, done: str = "", refused: str = "", made: MadeKey | None = None) -> str:
    return render_template(
        "staff/keys.html",
        keys=api_keys.listing(runtime()),
        scopes=SCOPE_WORDS,
        longest=LONGEST_NAME,
        done=done,
        refused=refused,
        made=made,
        typed=request.form if refused else {},
        chosen=request.form.getlist("scope") if refused else [],
    )
