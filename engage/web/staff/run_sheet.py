"""The run sheet of a day: what each person was told, what they answered, whom to telephone. Made to be printed."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template

from engage.services import front_desk
from engage.web.context import runtime
from engage.web.staff.session import actor
from engage.web.staff.visit_forms import day_asked, place_asked

pages = Blueprint("run_sheet", __name__, url_prefix="/run-sheet")


@pages.get("")
def start() -> str:
    """Tomorrow's without a day in the address."""
    rt = runtime()
    place = place_asked(rt)
    tomorrow = front_desk.today(rt, place) + timedelta(days=1)
    wanted = day_asked(tomorrow)
    return render_template(
        "staff/run_sheet.html",
        day=front_desk.day(rt, actor(), wanted, place),
        tomorrow=tomorrow,
        before=wanted - timedelta(days=1),
        after=wanted + timedelta(days=1),
    )
