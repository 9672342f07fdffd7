"""The staff's first page: what needs somebody, what goes out next, how the last week went. Everybody may look."""

from __future__ import annotations

from flask import Blueprint, render_template

from engage.domain.today_week import KEPT
from engage.services import today
from engage.web.context import runtime

# What each chart of the week counts, in the order of its bars.
SERIES = {kept.key: [one.key for one in kept.series] for kept in KEPT}
pages = Blueprint("today", __name__)


@pages.get("")
def start() -> str:
    return render_template("staff/today.html", today=today.see(runtime()), series=SERIES)
