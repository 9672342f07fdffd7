"""The page after a sign-up, and its button that asks for the letter once more."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from engage.services import check_inbox
from engage.services.forms import TooMany
from engage.web.context import runtime
from engage.web.refusals import refused, too_many

pages = Blueprint("check_inbox", __name__)

# The length of a token: what is longer is no token, and is not put into an address again.
_LENGTH = 48


@pages.get("/check-inbox")
def page() -> str:
    return _page(_token(request.args.get("sent", "")), again="again" in request.args)


@pages.post("/check-inbox")
def send_again() -> Response:
    """The same answer whatever the token is worth, and whether or not a letter goes out."""
    token = _token(request.form.get("sent", ""))
    if not token:
        abort(400)
    try:
        check_inbox.send_again(runtime(), token, request.form, request.remote_addr or "")
    except TooMany as error:
        return refused(_page(token, errors=too_many(error)), error)
    return Response(status=303, headers={"Location": f"/check-inbox?sent={token}&again"})


def _token(text: str) -> str:
    fits = len(text) == _LENGTH and text.isascii() and text.replace("-", "").replace("_", "").isalnum()
    return text if fits else ""


def _page(token: str, again: bool = False, errors: dict[str, str] | None = None) -> str:
    courses = list(runtime().library.courses.values())
    return render_template(
        "public/check_inbox.html", courses=courses, sent=token, again=again, errors=errors or {}
    )
