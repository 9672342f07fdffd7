"""Setting up an account from its link: password, authenticator app, recovery codes."""

from __future__ import annotations

import segno
from flask import Blueprint, render_template, request
from markupsafe import Markup

from engage.domain.forms import InvalidInput
from engage.services import staff_invites
from engage.services.staff_invites import Setup
from engage.web.context import runtime

pages = Blueprint("invite", __name__, url_prefix="/invite/<token>")


@pages.get("")
def show(token: str) -> str:
    return render_template("staff/invite.html", invited=staff_invites.invited(runtime(), token), wrong="")


@pages.post("")
def password(token: str) -> str | tuple[str, int]:
    """The second step comes as the answer: until its code is confirmed, nothing is kept."""
    rt = runtime()
    typed = request.form.get("password", "")
    try:
        if typed != request.form.get("again", ""):
            raise InvalidInput(
                {"password": "The two passwords are not the same. Please type them once more."}
            )
        return _authenticator(token, staff_invites.set_password(rt, token, typed))
    except InvalidInput as error:
        invited = staff_invites.invited(rt, token)
        return render_template("staff/invite.html", invited=invited, wrong=error.errors["password"]), 422


@pages.get("/code")
def no_code(token: str) -> str:
    return show(token)


@pages.post("/code")
def code(token: str) -> str | tuple[str, int]:
    rt, so_far = runtime(), request.form.get("so_far", "")
    try:
        codes = staff_invites.finish(rt, token, so_far, request.form.get("code", ""))
    except InvalidInput as error:
        setup = staff_invites.setup_again(rt, token, so_far)
        return _authenticator(token, setup, error.errors["code"]), 422
    return render_template("staff/recovery_codes.html", codes=codes, first=True)


def _authenticator(token: str, setup: Setup, wrong: str = "") -> str:
    return render_template(
        "staff/authenticator.html", token=token, setup=setup, wrong=wrong, qr=_qr(setup.otpauth)
    )


def _qr(text: str) -> Markup:
    """The picture as a ``data:`` address: dark on white in both themes, with its quiet margin."""
    return Markup(segno.make(text, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff"))  # noqa: S704
