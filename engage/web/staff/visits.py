"""Visits: the day's list, the page about one, how it went, taking a change back, sending its reminder again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.appointments import STATUSES, Status
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.messages import CHANNELS
from engage.services import appointments, desk_visits, front_desk, visit_acts
from engage.services.appointments import NoSuchVisit
from engage.web.context import runtime
from engage.web.staff.colleagues import colleagues
from engage.web.staff.session import actor
from engage.web.staff.visit_forms import a_day, day_asked, place_asked, seen

pages = Blueprint("visits", __name__, url_prefix="/visits")

Answer = Response | tuple[str, int]
# What can be said of a visit in each state, with the words of the button.
MARKS: dict[Status, dict[Status, str]] = {
    "booked": {
        "arrived": "Has arrived",
        "checked-in": "Has checked in",
        "fulfilled": "Took place",
        "noshow": "Was missed",
    },
    "arrived": {"checked-in": "Has checked in", "fulfilled": "Took place", "booked": "Not here after all"},
    "checked-in": {"fulfilled": "Took place", "booked": "Not here after all"},
    "fulfilled": {"noshow": "Was missed", "booked": "Take that back"},
    "noshow": {"fulfilled": "Took place", "booked": "Take that back"},
    "proposed": {"booked": "Is agreed"},
    "waitlist": {"booked": "Is agreed"},
}
MARKS["pending"] = {"booked": "Is agreed", **MARKS["booked"]}
# Only of a visit whose time has come.
AFTERWARDS: frozenset[Status] = frozenset({"fulfilled", "noshow"})
# Only of one that is near.
ARRIVALS: frozenset[Status] = frozenset({"arrived", "checked-in"})
_DONE = {
    "booked": "The visit is booked.",
    "moved": "The visit is moved.",
    "same": "Nothing was changed: that is when it was already.",
    "cancelled": "The visit is cancelled.",
    "reinstated": "The visit is on again.",
    "marked": "Noted.",
    "undone": "Taken back. Nobody has heard of it.",
    "resent": "It is on its way: see below what becomes of it.",
    "unchanged": "Nothing was changed: it was so already.",
}


@pages.get("")
def start() -> str:
    """The day's list; the address names a day and a place, nobody's data."""
    rt = runtime()
    place = place_asked(rt)
    today = front_desk.today(rt, place)
    wanted = day_asked(today)
    return render_template(
        "staff/visits.html",
        day=front_desk.day(rt, actor(), wanted, place),
        today=today,
        before=wanted - timedelta(days=1),
        after=wanted + timedelta(days=1),
    )


@pages.get("/<uuid:id>")
def one(id: UUID) -> str:
    return page(id, done=_DONE.get(request.args.get("done", ""), ""))


@pages.post("/<uuid:id>/mark")
def mark(id: UUID) -> Answer:
    status = next((one for one in STATUSES if one == request.form.get("status")), None)
    if status is None:
        abort(422)

    def run(version: int) -> str:
        return "marked" if appointments.mark(runtime(), actor(), id, status, version) else "unchanged"

    place = _place_in_list(id)
    answer = act(id, run)
    return redirect(place, 303) if place and isinstance(answer, Response) else answer


def _place_in_list(id: UUID) -> str:
    """Where in the day's list it was pressed, "" where it was not."""
    if "day" not in request.form:
        return ""
    try:
        day = a_day(request.form["day"])
    except ValueError:
        abort(422)
    place = request.form.get("location", "")
    known = runtime().clinic.location(place) is not None
    return url_for("staff.visits.start", day=day, location=place if known else None, _anchor=f"visit-{id}")


@pages.post("/<uuid:id>/undo")
def undo(id: UUID) -> Answer:
    def run(version: int) -> str:
        visit_acts.undo(runtime(), actor(), id, version)
        return "undone"

    return act(id, run)


@pages.post("/<uuid:id>/resend")
def resend(id: UUID) -> Answer:
    channel = next((one for one in CHANNELS if one == request.form.get("channel")), None)
    if channel is None:
        abort(422)

    def run(_: int) -> str:
        visit_acts.resend(runtime(), actor(), id, channel)
        return "resent"

    return act(id, run)


def act(id: UUID, run: Callable[[int], str]) -> Answer:
    """Does it and goes to the visit's page, or shows that page with the reason why not."""
    version = seen()
    try:
        return back(id, run(version))
    except NoSuchVisit:
        abort(404)
    except InvalidInput as error:
        return page(id, errors=error.errors), 422
    except ChangedMeanwhile:
        return page(id, changed=True), 409


def back(id: UUID, done: str) -> Response:
    """To the visit's page, which says what was done."""
    return redirect(url_for("staff.visits.one", id=id, done=done, _anchor="done"), 303)


def page(id: UUID, errors: Mapping[str, str] | None = None, changed: bool = False, done: str = "") -> str:
    """The page about a visit. 404 where there is none."""
    found = desk_visits.see(runtime(), actor(), id)
    if found is None:
        abort(404)
    marks = {
        status: label
        for status, label in MARKS.get(found.visit.status, {}).items()
        if (found.begun or status not in AFTERWARDS) and (found.near or status not in ARRIVALS)
    }
    return render_template(
        "staff/visit.html",
        page=found,
        marks=marks,
        colleagues=colleagues(),
        errors=errors or {},
        changed=changed,
        done=done,
    )
