"""Lessons by text: the form for a mobile number, the code that confirms it, and the button that stops the texts."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.services import number_proof, numbers
from engage.services.forms import TooMany, stamp
from engage.web.context import runtime
from engage.web.refusals import refused, too_many

pages = Blueprint("texts", __name__, url_prefix="/texts/<token>")

# The order in which the form shows its fields, and so the order of the error summary.
FIELDS = ("number", "consent")
_CODES = {
    "wrong": "That is not the code in our last text. Please look again.",
    "spent": "That was not the code either, so it no longer works. Please ask for a new text.",
    "over": "That code no longer works. Please ask for a new text.",
}


@pages.get("")
def show(token: str) -> str:
    return _page(token, another="another" in request.args)


@pages.post("")
def ask(token: str) -> Response | tuple[str, int]:
    """The same answer whether or not a text leaves: only the number's holder may know."""
    try:
        numbers.ask(runtime(), token, request.form, request.remote_addr or "")
    except InvalidInput as error:
        return _page(token, error.errors, form=request.form, another=True), 422
    except TooMany as error:
        return refused(_page(token, too_many(error), form=request.form, another=True), error)
    return redirect(url_for("texts.show", token=token), 303)


@pages.post("/again")
def again(token: str) -> Response | tuple[str, int]:
    try:
        numbers.ask_again(runtime(), token, request.form, request.remote_addr or "")
    except InvalidInput as error:
        return _page(token, error.errors), 422
    except TooMany as error:
        return refused(_page(token, too_many(error)), error)
    return redirect(url_for("texts.show", token=token), 303)


@pages.post("/code")
def code(token: str) -> Response | tuple[str, int]:
    try:
        found = number_proof.type_code(runtime(), token, request.form.get("code", ""))
    except InvalidInput as error:
        return _page(token, error.errors), 422
    if found == "on":
        return redirect(url_for("texts.show", token=token), 303)
    field = "code" if found == "wrong" else "number"
    return _page(token, {field: _CODES[found]}), 422


@pages.post("/stop")
def stop(token: str) -> Response:
    number_proof.no_more_texts(runtime(), token)
    return redirect(url_for("texts.show", token=token), 303)


def _page(
    token: str,
    errors: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    another: bool = False,
) -> str:
    rt = runtime()
    errors = errors or {}
    return render_template(
        "public/texts.html",
        page=numbers.page(rt, token, another),
        token=token,
        form=form or {},
        errors={field: errors[field] for field in (*FIELDS, *errors) if field in errors},
        consent_wording=numbers.consent_wording(rt),
        stamp=stamp(rt),
    )
