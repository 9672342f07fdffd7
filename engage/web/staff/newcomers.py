"""Entering somebody who is not known yet, on the way to their first visit."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.domain.messages import CHANNELS
from engage.services import desk_people, wishes
from engage.services.desk_people import Newcomer
from engage.web.context import runtime
from engage.web.staff.session import actor

pages = Blueprint("newcomers", __name__, url_prefix="/visits/new/person")


@pages.get("")
def form() -> str:
    return _form({}, {})


@pages.post("")
def enter() -> Response | tuple[str, int]:
    typed = request.form
    if typed.get("source", "") not in wishes.SOURCES:
        abort(422)
    told = Newcomer(
        given_name=typed.get("given_name", ""),
        family_name=typed.get("family_name", ""),
        email=typed.get("email", ""),
        mobile=typed.get("mobile", ""),
        agreed=tuple(channel for channel in CHANNELS if typed.get(f"agreed-{channel}") == "yes"),
        source=typed["source"],
    )
    try:
        entered = desk_people.enter(runtime(), actor(), told)
    except InvalidInput as error:
        return _form(typed, error.errors), 422
    known = "yes" if entered.known else None
    return redirect(url_for("staff.booking.form", person=entered.person_id, known=known), 303)


def _form(typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template("staff/newcomer.html", typed=typed, errors=errors, sources=wishes.SOURCES)
