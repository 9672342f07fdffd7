"""The clinic's reminder rules, each with its switch."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.services import reminder_rules, reminder_switches
from engage.web.context import runtime
from engage.web.staff.session import actor

pages = Blueprint("reminders", __name__, url_prefix="/reminders")

_DONE = {
    "on": "Switched on. Visits to come are planned again within a minute or so.",
    "off": "Switched off. What it had planned is taken back within a minute or so.",
    "unchanged": "Nothing was changed: it was so already.",
}


@pages.get("")
def start() -> str:
    return render_template(
        "staff/reminders.html",
        rules=reminder_rules.see(runtime()),
        done=_DONE.get(request.args.get("done", ""), ""),
    )


@pages.post("/<rule>")
def switch(rule: str) -> Response:
    to = request.form.get("to", "")
    if to not in ("on", "off"):
        abort(422)
    try:
        changed = reminder_switches.switch(runtime(), actor(), rule, to == "on")
    except InvalidInput:
        abort(404)
    done = to if changed else "unchanged"
    return redirect(url_for("staff.reminders.start", done=done, _anchor="done"), 303)
