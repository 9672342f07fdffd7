"""A fresh one-time code before what must not happen at a desk that somebody has left (docs/staff.md)."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.services import staff_sessions
from engage.web.context import runtime
from engage.web.staff import kept as kept_forms
from engage.web.staff import routes, session
from engage.web.staff.addresses import is_ours

pages = Blueprint("step_up", __name__, url_prefix="/step-up")

WRONG = (
    "That code can’t be used. Each works once: please type the next one. After several wrong tries there is a break "
    "of up to 15 minutes."
)
# A session is there, but it does not prove enough (as in RFC 9470).
ASKED = 401


def ask(act: str) -> Response | tuple[str, int]:
    """The page that asks for the code to do ``act``, and has what was typed with it, sealed."""
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return Response(status=ASKED)  # A script asked: it can't use a page.
    if request.method == "POST":
        return _page(act, kept=kept_forms.keep()), ASKED
    return _page(act, next=request.full_path.rstrip("?")), ASKED


@pages.get("")
def show() -> Response:
    """The page belongs to what was asked for; alone it has nothing to say."""
    return redirect(url_for("staff.today.start"), 303)


@pages.post("")
def confirm() -> Response | str | tuple[str, int]:
    kept, wish = request.form.get(kept_forms.FIELD, ""), request.form.get("next", "")
    typed, machine = request.form.get("code", ""), request.remote_addr or ""
    if not staff_sessions.step_up(runtime(), g.staff.id, session.cookie(), typed, machine):
        act = request.form.get("act", "")
        return _page(act if routes.is_act(act) else "", kept=kept, next=wish, wrong=WRONG), 422
    found = kept_forms.take(kept, g.staff.id)
    if found is not None:
        return kept_forms.offer(found, confirmed=True)
    return redirect(wish if is_ours(wish) else url_for("staff.today.start"), 303)


def _page(act: str, *, kept: str = "", next: str = "", wrong: str = "") -> str:
    return render_template(
        "staff/step_up.html",
        act=act,
        minutes=int(staff_sessions.FRESH.total_seconds() // 60),
        kept=kept,
        next=next,
        wrong=wrong,
    )
