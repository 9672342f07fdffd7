"""Moving a visit, calling it off and on: first what would happen is shown, then it is done."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.services import appointments, desk_visits, visit_effects
from engage.services.appointments import NoSuchVisit
from engage.services.desk_visits import VisitAtDesk
from engage.services.visit_effects import Effects
from engage.web.context import runtime
from engage.web.staff import visits
from engage.web.staff.session import actor
from engage.web.staff.visit_forms import LENGTHS, Typed, fields, seen, when

pages = Blueprint("visit_changes", __name__, url_prefix="/visits/<uuid:id>")

Answer = Response | str | tuple[str, int]


@pages.get("/move")
def move_form(id: UUID) -> str:
    found = _see(id)
    typed = Typed.of_visit(found.starts, found.visit.when.minutes, found.visit.when.location)
    return _form(found, Typed.of_form({**_as_form(typed), **request.args}))


@pages.post("/move")
def move(id: UUID) -> Answer:
    rt, version, typed = runtime(), seen(), Typed.of_form(request.form)
    try:
        wanted = when(rt, typed)
        if "sure" in request.form:
            moved = appointments.move(rt, actor(), id, wanted, version)
            return visits.back(id, "moved" if moved else "same")
        effects = visit_effects.of_move(rt, actor(), id, wanted, version)
    except NoSuchVisit:
        abort(404)
    except InvalidInput as error:
        return _form(_see(id), typed, fields(error)), 422
    except ChangedMeanwhile:
        return visits.page(id, changed=True), 409
    if effects.was == wanted:
        return visits.back(id, "same")
    return _preview(id, "move", effects, typed)


@pages.post("/cancel")
def cancel(id: UUID) -> Answer:
    rt, version = runtime(), seen()
    try:
        if "sure" in request.form:
            cancelled = appointments.cancel(rt, actor(), id, version)
            return visits.back(id, "cancelled" if cancelled else "unchanged")
        return _preview(id, "cancel", visit_effects.of_cancel(rt, actor(), id, version))
    except NoSuchVisit:
        abort(404)
    except InvalidInput as error:
        return visits.page(id, error.errors), 422
    except ChangedMeanwhile:
        return visits.page(id, changed=True), 409


@pages.post("/reinstate")
def reinstate(id: UUID) -> Answer:
    rt, version = runtime(), seen()
    try:
        if "sure" in request.form:
            on = appointments.reinstate(rt, actor(), id, version)
            return visits.back(id, "reinstated" if on else "unchanged")
        return _preview(id, "reinstate", visit_effects.of_mark(rt, actor(), id, "booked", version))
    except NoSuchVisit:
        abort(404)
    except InvalidInput as error:
        return visits.page(id, error.errors), 422
    except ChangedMeanwhile:
        return visits.page(id, changed=True), 409


def _see(id: UUID) -> VisitAtDesk:
    found = desk_visits.see(runtime(), actor(), id)
    return found if found is not None else abort(404)


def _as_form(typed: Typed) -> dict[str, str]:
    return {"day": typed.day, "time": typed.time, "minutes": typed.minutes, "location": typed.location}


def _form(found: VisitAtDesk, typed: Typed, errors: Mapping[str, str] | None = None) -> str:
    return render_template(
        "staff/visit_move.html", page=found, typed=typed, lengths=LENGTHS, errors=errors or {}
    )


def _preview(id: UUID, act: str, effects: Effects, typed: Typed | None = None) -> str:
    return render_template("staff/visit_preview.html", page=_see(id), act=act, effects=effects, typed=typed)
