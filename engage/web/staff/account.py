"""One's own account: password, recovery codes, other sessions."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.services import staff_account
from engage.web.context import runtime
from engage.web.staff import session

pages = Blueprint("account", __name__, url_prefix="/account")

_DONE = {
    "password": "Your password is changed, and every other session has ended.",
    "others": "Every other session has ended.",
}


@pages.get("")
def show() -> str:
    return _page()


@pages.post("/password")
def password() -> Response | tuple[str, int]:
    try:
        staff_account.change_password(
            runtime(),
            g.staff.id,
            session.cookie(),
            request.remote_addr or "",
            request.form.get("current", ""),
            request.form.get("password", ""),
        )
    except InvalidInput as error:
        return _page(error.errors), 422
    return redirect(url_for("staff.account.show", done="password"), 303)


@pages.post("/codes")
def codes() -> str | tuple[str, int]:
    """Shows the new recovery codes at once: no redirect could carry them."""
    try:
        fresh = staff_account.new_codes(
            runtime(), g.staff.id, request.remote_addr or "", request.form.get("code", "")
        )
    except InvalidInput as error:
        return _page(error.errors), 422
    return render_template("staff/recovery_codes.html", codes=fresh, first=False)


@pages.post("/others")
def others() -> Response:
    staff_account.end_others(runtime(), g.staff.id, session.cookie())
    return redirect(url_for("staff.account.show", done="others"), 303)


def _page(errors: dict[str, str] | None = None) -> str:
    return render_template(
        "staff/account.html",
        account=staff_account.account(runtime(), g.staff.id),
        errors=errors or {},
        done=_DONE.get(request.args.get("done", "")),
    )
