"""Booking a visit: who it is for, when and where, what will happen, then it is booked."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.services import find, person_brief, visit_bookings, visit_effects
from engage.services.appointments import Booking
from engage.services.person_brief import Brief
from engage.web.context import runtime
from engage.web.staff import visits
from engage.web.staff.people import LONGEST
from engage.web.staff.session import actor
from engage.web.staff.visit_forms import LENGTHS, Typed, fields, place_asked, when

pages = Blueprint("booking", __name__, url_prefix="/visits/new")

Answer = Response | str | tuple[str, int]
LONGEST_NOTE = 500
LONGEST_NAME = 80


@pages.get("")
def form() -> str:
    """The form for a person; without one, the search for them."""
    whose = request.args.get("person", "")
    if not whose:
        return render_template("staff/visit_for_whom.html", typed="", results=None, to="booking")
    typed = Typed(day=request.args.get("day", "")[:10], location=place_asked(runtime()))
    return _form(_person(whose), typed, {}, known=request.args.get("known") == "yes")


@pages.post("/find")
def search() -> str:
    """A search comes by POST, so that the words are in no address and no log."""
    typed = request.form.get("words", "")[:LONGEST]
    results = find.search(runtime(), actor(), typed) if typed.strip() else None
    to = "plans" if request.form.get("to") == "plans" else "booking"
    return render_template("staff/visit_for_whom.html", typed=typed, results=results, to=to)


@pages.post("")
def book() -> Answer:
    rt, typed = runtime(), Typed.of_form(request.form)
    person = _person(request.form.get("person", ""))
    words = {
        "practitioner": request.form.get("practitioner", "").strip()[:LONGEST_NAME],
        "note": request.form.get("note", "").replace("\r\n", "\n").strip()[:LONGEST_NOTE],
    }
    try:
        booking = Booking(person, when(rt, typed), practitioner=words["practitioner"], note=words["note"])
        if "sure" in request.form:
            return visits.back(visit_bookings.book_once(rt, actor(), booking), "booked")
        effects = visit_effects.of_booking(rt, actor(), booking)
    except InvalidInput as error:
        return _form(person, typed, words, fields(error)), 422
    return render_template(
        "staff/visit_book_preview.html", person=_brief(person), typed=typed, said=words, effects=effects
    )


def _person(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def _brief(person: UUID) -> Brief:
    found = person_brief.see(runtime(), actor(), person)
    return found if found is not None and found.active else abort(404)


def _form(
    person: UUID,
    typed: Typed,
    words: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    known: bool = False,
) -> str:
    return render_template(
        "staff/visit_new.html",
        person=_brief(person),
        typed=typed,
        said=words,
        lengths=LENGTHS,
        longest_note=LONGEST_NOTE,
        longest_name=LONGEST_NAME,
        errors=errors or {},
        known=known,
    )
